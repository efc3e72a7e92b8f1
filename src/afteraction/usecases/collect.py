"""Live collectors bring raw material of an incident home: it is frozen as it came, and noted in the record.

An incident of the record, collectors and perhaps a window come in; out come what was kept, what of it is new, and a problem for
whatever was not to be had. Nothing of this is parsed: the ordinary sources read it when a draft is made. Safe to run again and by
two workers at once: the same bytes are kept once, and a file that did not change is not noted again.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from afteraction.errors import Conflict, NotInRecord, NotReached
from afteraction.model.collecting import FOLDER, Fetched, Planned, Sought
from afteraction.model.event import Alert
from afteraction.model.finding import Window
from afteraction.model.origin import Origin
from afteraction.model.reading import SAMPLE_BYTES, Problem, RawInput, Source
from afteraction.model.record import COMPUTED, Author, RawMaterial
from afteraction.ports import Progress
from afteraction.ports.fetcher import MISSHAPEN, Fetcher
from afteraction.ports.store import Blobs, Store, Transaction
from afteraction.sources import SOURCES
from afteraction.usecases.freeze import freeze, note_material

BEFORE = timedelta(hours=1)
"""How long before an incident was opened the window begins: what was normal, and what led to it."""
_TRIES = 5
_TIME = re.compile(r"-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What was collected: all files, those of them that the record did not know, and what was not to be had."""

    material: tuple[RawMaterial, ...]
    new: tuple[RawMaterial, ...]
    problems: tuple[Problem, ...]


def _quiet(_message: str, /) -> None:
    """Show nothing."""


def sought_for(record: Transaction, incident: str, window: Window | None, at: datetime) -> Sought:
    """Return what to look for; without a window from an hour before the incident was opened to its end, or to now.

    Raises:
        NotInRecord: when the record holds no such incident.
    """
    known = record.incident(incident)
    if known is None:
        raise NotInRecord(f"the record holds no incident {incident}; `afteraction incident list` shows what there is")
    alerts: dict[str, Alert] = {}
    services = dict.fromkeys(known.services)
    for one in record.events(incident):
        if isinstance(one.event.detail, Alert):
            alerts[one.event.detail.key] = one.event.detail
            if one.event.service:
                services[one.event.service] = None
    since = window.start if window else known.opened_at - BEFORE
    until = min(window.end if window else known.closed_at or at, at)
    return Sought(
        incident=known, since=since, until=max(until, since), at=at, services=tuple(services), alerts=tuple(alerts.values())
    )  # fmt: skip


def plan(fetchers: Sequence[Fetcher], sought: Sought) -> tuple[tuple[str, Planned], ...]:
    """Return what each collector would ask for, by its name; nobody is asked."""
    return tuple((fetcher.name, planned) for fetcher in fetchers for planned in fetcher.plan(sought))


def collect(
    store: Store,
    blobs: Blobs,
    fetchers: Sequence[Fetcher],
    incident: str,
    window: Window | None,
    *,
    at: datetime,
    sources: tuple[Source, ...] = SOURCES,
    author: Author = COMPUTED,
    progress: Progress = _quiet,
) -> Collected:
    """Collect what `fetchers` find of an incident. A collector that fails costs only what it did not bring home before.

    No transaction is open while others are asked; what each collector brought is noted as soon as it is done.

    Raises:
        NotInRecord: when the record holds no such incident.
        StoreUnavailable: when the record or the bytes cannot be written.
        Conflict: when others kept noting the same.
    """
    with store.begin() as record:
        sought = sought_for(record, incident, window, at)
    material: list[RawMaterial] = []
    new: list[RawMaterial] = []
    problems: list[Problem] = []
    for fetcher in fetchers:
        progress(f"{fetcher.name}: asking")
        found = fetcher.fetch(sought, progress)
        kept, failed = _frozen(
            found, blobs, fetcher.name, folder=_folder(window), at=at, sources=sources, progress=progress
        )
        new += _noted(store, incident, kept, author=author, at=at)
        material += kept
        problems += failed
    return Collected(material=tuple(material), new=tuple(new), problems=tuple(problems))


def _frozen(
    found: Iterator[Fetched | Problem], blobs: Blobs, name: str, *, folder: str, at: datetime,
    sources: tuple[Source, ...], progress: Progress,
) -> tuple[list[RawMaterial], list[Problem]]:  # fmt: skip
    """Freeze what one collector brings, until it is done or cannot go on."""
    kept: list[RawMaterial] = []
    problems: list[Problem] = []
    try:
        for one in found:
            if isinstance(one, Problem):
                problems.append(one)
                continue
            raw = _raw(one, f"{folder}/{name}/{one.name}", at)
            kept += freeze(blobs, [raw], sources=sources, at=at, command=one.command).material
            progress(f"{name}: {one.name}")
    except NotReached as error:
        remedy = f"the rest is kept; run it again with --only {name}"
        problems.append(Problem(origin=Origin(file=name), reason=str(error), remedy=remedy))
    except MISSHAPEN as error:
        reason = f"it answers in a shape that nobody documents: {error!r}"
        problems.append(
            Problem(origin=Origin(file=name), reason=reason, remedy="is it what the settings say that it is?")
        )
    return kept, problems


def _noted(
    store: Store, incident: str, kept: Sequence[RawMaterial], *, author: Author, at: datetime
) -> tuple[RawMaterial, ...]:
    """Note what is new; when another worker notes the same at the same time, look again at what is known."""
    for left in reversed(range(_TRIES)):
        try:
            with store.begin() as record:
                return note_material(record, incident, _changed(record, incident, kept), author=author, at=at)
        except Conflict:
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


def _raw(fetched: Fetched, name: str, at: datetime) -> RawInput:
    return RawInput(
        name=name, head=fetched.content[:SAMPLE_BYTES], open=partial(io.BytesIO, fetched.content), size=len(fetched.content),
        captured=at,
    )  # fmt: skip


def _folder(window: Window | None) -> str:
    """Return where files lie. A window that somebody chose has a folder of its own, so that it hides nothing of a longer one."""
    if window is None:
        return FOLDER
    first, last = (at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for at in (window.start, window.end))
    return f"{FOLDER}/{first}-{last}"


def _changed(record: Transaction, incident: str, kept: Sequence[RawMaterial]) -> list[RawMaterial]:
    """Leave out what is known already, be it under a name with an earlier time."""
    known = {(one.sha256, _TIME.sub("", one.name)) for one in record.material(incident)}
    return [one for one in kept if (one.sha256, _TIME.sub("", one.name)) not in known]
