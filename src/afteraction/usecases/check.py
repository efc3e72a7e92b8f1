"""Checks post-mortems: Markdown comes in, remarks go out.

A page in the template's form is parsed. A page in another outline (Google's, PagerDuty's, a team's own) is mapped as an
import would map it, and what it says is held against the rows of its own timeline.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

from afteraction.checks import Remark, Severity, follows_template
from afteraction.checks import check as remarks_on
from afteraction.markdown import parse
from afteraction.model.chronology import Contradiction
from afteraction.model.reading import Context, Material, RawInput, Source
from afteraction.model.settings import Settings
from afteraction.rescue import rescue_page
from afteraction.timeline import build


def check_documents(
    documents: Iterable[tuple[str, str]], *, settings: Settings, sources: tuple[Source, ...] = ()
) -> tuple[Remark, ...]:
    """Return the remarks on documents given as (file name, Markdown), in that order and by line.

    `sources` read what a page in another outline states; without them its durations are not compared with its rows.
    """
    return tuple(remark for name, text in documents for remark in _remarks(name, text, settings, sources))


def _remarks(name: str, text: str, settings: Settings, sources: tuple[Source, ...]) -> tuple[Remark, ...]:
    if follows_template(text):
        return remarks_on(parse(text).post_mortem, text, name, settings=settings)
    mapped = rescue_page(text, name, zone=settings.timezone).post_mortem
    found = _contradictions(name, text, settings, sources)
    return remarks_on(mapped, text, name, settings=settings, contradictions=found)


def _contradictions(name: str, text: str, settings: Settings, sources: tuple[Source, ...]) -> tuple[Contradiction, ...]:
    data = text.encode("utf-8", "replace")
    raw = RawInput(name=name, head=data[:65_536], open=lambda: io.BytesIO(data), size=len(data))
    source = next((one for one in sources if one.claims(raw)), None)
    if source is None:
        return ()
    reading = source.read(raw, Context(zone=settings.timezone))
    return build(Material(events=reading.events, statements=reading.statements), settings=settings).contradictions


def passes(remarks: Iterable[Remark], *, strict: bool) -> bool:
    """Say whether a gate lets the documents through: no error or warning, and when it is strict no note either."""
    return not any(strict or remark.severity is not Severity.NOTE for remark in remarks)
