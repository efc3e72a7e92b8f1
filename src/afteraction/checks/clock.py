"""Times, dates and durations as the fields of a post-mortem hold them, read for comparison.

Texts come in, values or None go out; nothing is guessed beyond the day of a bare clock time, which is the incident's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from afteraction.formats.stamps import parse_stamp
from afteraction.model.chronology import MilestoneName
from afteraction.model.origin import Precision
from afteraction.model.postmortem.chronicle import Chronicle, TimelineRow
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.value import Value

_DATE = re.compile(
    r"\b\d{4}[-/]\d{1,2}[-/]\d{1,2}\b|\b\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8},? \d{4}\b|\b[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b|"
    r"\b\d{1,2}[./]\d{1,2}[./]\d{4}\b"
)
_RANGE = re.compile(
    r"(?<=[A-Za-z.] )(\d{1,2})\s?[-–—]\s?\d{1,2}(?=,? \d{4}\b)|(?<!\S)(\d{1,2})\.?\s?[-–—]\s?\d{1,2}\.?(?= [A-Z][a-z]{2})"
)
"""The days of a stretch (`January 14-19, 2026`); the first one counts."""
_SOFT = re.compile(r"^(?:about|around|circa|ca\.?|approx\.?|approximately|~|≈|from|since|at|by)\s*", re.IGNORECASE)
_BEFORE_NOTE = re.compile(r"\s*(?:\(.*\)|[-–—].*)$")


def read_date(text: str) -> date | None:
    """Return the first calendar date of a text."""
    text = _RANGE.sub(lambda found: found[1] or found[2], text)
    for candidate in (text, *(match[0] for match in _DATE.finditer(text))):
        stamp = parse_stamp(re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", candidate))
        if stamp is not None:
            return stamp.at.date()
    return None


def incident_day(post_mortem: PostMortem) -> date | None:
    """Return the day of the incident, as the summary gives it."""
    return read_date(post_mortem.summary.date.text) if post_mortem.summary.date else None


@dataclass(frozen=True, slots=True)
class TimedRow:
    """A row of the timeline with its time. `tick` is how exact the text is, in seconds; `dated` whether it names a day."""

    row: TimelineRow
    at: datetime
    tick: float
    dated: bool


def read_time(text: str, day: date | None) -> tuple[datetime, float, bool] | None:
    """Read the first column of a row: a clock time, with or without a date and a zone."""
    plain = text.strip().strip("`[]")
    for candidate in (plain, _BEFORE_NOTE.sub("", plain), re.split(r"\s*(?:–|—|\bto\b|\s-\s)\s*", plain)[0]):
        cleaned = _SOFT.sub("", candidate).strip()
        stamp = parse_stamp(cleaned, day_hint=day or date(2000, 1, 1))
        if stamp is not None and stamp.precision is not Precision.DAY:
            return stamp.at, max(1.0, min(stamp.precision.seconds, 86400.0)), _DATE.search(cleaned) is not None
    return None


def timed_rows(chronicle: Chronicle, day: date | None) -> tuple[tuple[TimedRow, ...], ...]:
    """Return the timed rows of each phase; bare clock times that fall back by half a day have passed midnight."""
    return tuple(tuple(_timed(rows, day)) for rows in (chronicle.discovery, chronicle.response, chronicle.recovery))


def _timed(rows: tuple[TimelineRow, ...], day: date | None) -> Iterator[TimedRow]:
    passed = timedelta(0)
    before: datetime | None = None
    for row in rows:
        read = read_time(row.time.text, day) if row.time else None
        if read is None:
            continue
        at, tick, dated = read
        if not dated:
            at += passed
            if before is not None and before - at > timedelta(hours=12):
                passed += timedelta(days=1)
                at += timedelta(days=1)
        before = at
        yield TimedRow(row, at, tick, dated)


def milestone_rows(post_mortem: PostMortem) -> dict[MilestoneName, TimedRow]:
    """Return the timed rows that show a milestone."""
    phases = timed_rows(post_mortem.timeline, incident_day(post_mortem))
    return {timed.row.milestone: timed for phase in phases for timed in phase if timed.row.milestone is not None}


def text_of(value: Value | None) -> str:
    """Return a value's text, empty when there is none."""
    return value.text if value else ""
