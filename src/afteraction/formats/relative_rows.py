"""Rows of a timeline that count from a moment T (`T+5m`, `T-00:10`): each gets its time from where the page says T was.

In come the lines of a page, its day and its zone; out go the rows with UTC times, or without when the page nowhere says
when T was. T is what a line calls so (`Start (T): 2026-03-04 10:00`, `T0 = 10:00`), else the start that a label gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from afteraction.formats.markdown_lines import Line, plain
from afteraction.formats.page_dates import whole_date
from afteraction.formats.prose_times import clocks_in, dates_in, placed

_UNIT = r"(?:d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)"
_OFFSET = re.compile(
    rf"^[\s|*_`(\[]*T\s?(?P<sign>[+\-−–±])\s?(?P<told>\d{{1,3}}:\d\d(?::\d\d)?|\d{{1,4}}\s?{_UNIT}(?![a-z])(?:\s?\d{{1,2}}\s?{_UNIT}(?![a-z]))*|0+)"
    r"[\s\])*_`:|,–—-]+(?P<text>\S.*)$",
    re.IGNORECASE,
)
_ZERO_ROW = re.compile(r"^[\s|*_`(\[]*T0?[\s\])*_`:|,–—-]+(?=\S)")
_PART = re.compile(r"(\d+)\s?([dhms])", re.IGNORECASE)
_CALLED_T = re.compile(r"\(T\s?[+=]?\s?0?\)|\bT\s?\+?\s?0?\s?(?:=|:|\bis\b|\bwas\b)")
_START = re.compile(
    r"^\W*(?:(?:incident|impact|outage|issue)\s)?(?:start(?:ed)?|beg[aiu]n(?:ning)?)(?:\s(?:time|at|date))?\W",
    re.IGNORECASE,
)
_SECONDS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeRow:
    """A row that counts from T: `at` is None when the page does not say when T was; `zone` is the one T was given in."""

    line: int
    text: str
    at: datetime | None
    zone: str


def relative_rows(lines: Sequence[Line], day: date | None, zone: str) -> list[RelativeRow]:
    """Return the rows that count from T, when there are at least two; `zone` holds for a T that names none."""
    found = list(_offsets(lines))
    if len(found) < 2:
        return []
    zero, told = _zero(lines, day, zone)
    return [
        RelativeRow(line=number, text=text, at=zero + offset if zero else None, zone=told)
        for number, offset, text in found
    ]


def _offsets(lines: Sequence[Line]) -> Iterator[tuple[int, timedelta, str]]:
    for line in lines:
        if line.code or line.quote:
            continue
        if found := _OFFSET.match(line.body):
            seconds = _seconds(found["told"])
            text = plain(found["text"].strip().strip("|").replace("|", " — "))
            yield line.number, timedelta(seconds=-seconds if found["sign"] in "-−–" else seconds), text


def _seconds(told: str) -> int:
    if ":" in told:
        parts = [int(part) for part in told.split(":")]
        hours, minutes, seconds = [*parts, 0][:3]
        return hours * 3600 + minutes * 60 + seconds
    return sum(int(number) * _SECONDS[unit.lower()] for number, unit in _PART.findall(told))


def _zero(lines: Sequence[Line], day: date | None, zone: str) -> tuple[datetime | None, str]:
    """Return when T was, and the zone in which the page says so."""
    prose = [line for line in lines if not line.code and not line.quote]
    named = [line for line in prose if _CALLED_T.search(line.text) or _ZERO_ROW.match(line.body)]
    nought = [line for line in prose if (found := _OFFSET.match(line.body)) and not _seconds(found["told"])]
    for line in [*named, *nought, *(line for line in prose if _START.match(line.body))]:
        bare = plain(line.body)
        written = next(iter(dates_in(bare)), None)
        on = whole_date(written, day) if written and written.year else day
        begun = _OFFSET.match(bare)
        clock = next(iter(clocks_in(begun["text"] if begun else bare)), None)
        if clock and on and (at := placed(on, clock, clock.zone or zone)):
            return at, clock.zone or zone
    return None, zone
