"""What the running sentences of a page state of the whole incident: who was hurt, what was lost, who held which role.

The lines of a page come in; out go fields with values and lines. Only fields that hold for the whole incident are read, and
only outside of timelines, plans and looks back: a moment needs a time of its own, and what is planned did not happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from afteraction.formats.markdown_lines import Line, plain
from afteraction.formats.phrases import phrases_in

_WHOLE = (
    "impact.technical.data_loss",
    "impact.technical.security_impact",
    "impact.business.revenue_loss",
    "impact.team.external_dependencies",
    "impact.team.escalation_required",
    "metrics.quality.customer_complaints",
    "executive_summary.impact.users_affected",
    "appendix.team.",
)
_PLANS = re.compile(
    r"\b(?:action|follow[- ]?up|to[- ]?do|next step|remediation|prevent\w*|improve\w*|plan(?:ned|s)?|background|faq|appendix|glossary|how to|previous|"
    r"lucky|luck|lessons?|learn\w*|went|measures?)\b",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"^\W*(?:from|author|kept by|written by|notes by|reported by|compiled by)\s*:?\s+(?P<name>[A-Z][\w'’-]+(?: [A-Z][\w'’.-]+){1,2})(?=\s*(?:$|[<.,;(]))",
    re.IGNORECASE,
)
_HEAD = 12
"""Lines in which a page names who writes."""


def author_of(lines: Sequence[Line]) -> str:
    """Return who wrote the page as its head says (`From: Ada Obi <...>`), empty where it does not."""
    found = (_AUTHOR.match(plain(line.body)) for line in lines[:_HEAD])
    return next((match["name"] for match in found if match and match["name"][0].isupper()), "")


def stated_in_prose(lines: Sequence[Line], told: frozenset[int]) -> Iterator[tuple[str, str, Line, Line]]:
    """Yield field, value, first and last line of what paragraphs and bullets state; `told` are lines read as rows."""
    section = ""
    author = author_of(lines)
    run: list[Line] = []
    for line in [*lines, Line(number=0, text="", body="")]:
        ends = line.heading or line.bullet or not line.body.strip()
        if run and ends:
            yield from _of(run, author)
            run = []
        if line.heading or (line.body.rstrip().endswith(":") and not line.bullet):
            section = plain(line.body)
        aside = line.heading or line.code or line.quote or line.front or line.timeline or "|" in line.text
        if not aside and line.body.strip() and line.number not in told and not _PLANS.search(section):
            run.append(line)


def _of(run: Sequence[Line], author: str) -> Iterator[tuple[str, str, Line, Line]]:
    for phrase in phrases_in(" ".join(plain(line.body) for line in run), speaker=author):
        if phrase.field.startswith(_WHOLE):
            yield phrase.field, phrase.value, run[0], run[-1]
