"""What a page says once for all its rows: the day, the year and the zone.

In come the lines of a page and the name of its file; out go the day of the incident, the year of year-less dates and the
declared time zone, each None or empty when the page does not say it. Dates without a year, or in an order that two
readings fit, are completed from a day that is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from afteraction.formats.markdown_lines import Line
from afteraction.formats.prose_times import WrittenDate, clocks_in, dates_in, zone_told
from afteraction.formats.session_clock import day_in_name


def page_zone(lines: Sequence[Line]) -> str:
    """Return the zone that the page declares: its timeline's words first, then any other line's."""
    told = [zone for line in lines if not line.code and line.timeline and (zone := zone_told(line.text))]
    told += [zone for line in lines if not line.code and not line.timeline and (zone := zone_told(line.text))]
    if told:
        return told[0]
    for line in lines:
        # `Resolved at 2020-04-15 15:09 UTC`: a zone behind a dated time in prose speaks for bare times of the page
        if (
            not line.code
            and dates_in(line.text)
            and (zone := next((c.zone for c in clocks_in(line.text) if c.zone), ""))
        ):
            return zone
    return ""


def page_day(lines: Sequence[Line], name: str, day_first: bool | None = None) -> date | None:
    """Return the day of the incident: from the timeline's heading, the title, the file's name, the front matter.

    A page is written days after the incident: where its prose says `On 17 November 2025 ...` of a day shortly before the
    day that its head gives, that day is the incident's.
    """
    headed = [line for line in lines if line.timeline_head]
    day = _head_day(lines, name, day_first)
    if day is None or any(dates_in(line.text) for line in headed):
        return day
    told = {told for line in lines if not line.code and not line.timeline and (told := _told_day(line, day))}
    return told.pop() if len(told) == 1 else day


_TOLD = re.compile(
    r"(?:^|[.:]\s+)(?:in the (?:early )?(?:morning|afternoon|evening|night) of|on|late on|early on)\s", re.IGNORECASE
)
_WRITTEN_WITHIN = timedelta(days=14)


def _told_day(line: Line, day: date) -> date | None:
    """Return the day before `day` on which a sentence of prose begins to tell what happened."""
    if line.heading or line.bullet or line.text.lstrip().startswith("|"):
        return None
    for found in _TOLD.finditer(line.text[:400]):
        written = next(iter(dates_in(line.text[found.end() : found.end() + 40])), None)
        if written is None or written.start > 12:
            continue
        told = whole_date(written, day) if written.year else near_date(written, day)
        if told and timedelta(0) < day - told <= _WRITTEN_WITHIN:
            return told
    return None


def _head_day(lines: Sequence[Line], name: str, day_first: bool | None) -> date | None:
    known = day_in_name(name)
    headed = [line for line in lines if line.timeline_head]
    titles = [line for line in lines if (line.heading == 1 or line.front) and not line.code]
    labelled = [line for line in lines if re.match(r"^\W*(?:incident )?date\W", line.text, re.IGNORECASE)]
    for group in (headed, titles, labelled):
        for line in group:
            for written in dates_in(line.text):
                if written.year is not None and (found := whole_date(written, known, day_first)):
                    return found
                if written.year is None and known and (found := near_date(written, known, day_first)):
                    return found
    if known:
        return known
    early = [line for line in lines if not line.code][:60]
    return next(
        (d for line in early for w in dates_in(line.text) if w.year and (d := whole_date(w, None, day_first))), None
    )


def page_year(lines: Sequence[Line], day: date | None) -> int | None:
    """Return the year of year-less dates: a table's header may say it (`Date (2022)`)."""
    for line in lines:
        if line.timeline and line.text.lstrip().startswith("|") and (found := re.search(r"\((20\d\d)\)", line.text)):
            return int(found[1])
    return day.year if day else None


def whole_date(written: WrittenDate, near: date | None, day_first: bool | None = None) -> date | None:
    """Return a date with a year; of the two orders of a numeric one, the page's own, else the one nearer to a known day."""
    assert written.year is not None
    orders = [(written.month, written.day), *([written.other] if written.other else [])]
    if day_first is not None and written.other:
        orders = orders[:1] if written.day_first == day_first else orders[1:]
    found = [day for month, number in orders if (day := _checked(written.year, month, number))]
    if near is not None and len(found) > 1 and abs(found[1] - near) < abs(found[0] - near) - timedelta(days=20):
        return found[1]
    return found[0] if found else None


def near_date(written: WrittenDate, near: date, day_first: bool | None = None) -> date | None:
    """Complete a date without a year: the year of `near`, or the one before when it would lie half a year ahead."""
    whole = whole_date(replace(written, year=near.year), near, day_first)
    if whole is not None and whole - near > timedelta(days=183):
        return whole_date(replace(written, year=near.year - 1), near, day_first)
    if whole is not None and near - whole > timedelta(days=300):
        return whole_date(replace(written, year=near.year + 1), near, day_first)
    return whole


def _checked(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
