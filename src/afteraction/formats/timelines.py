"""A document's timeline becomes rows: what people wrote down as having happened, and when.

In comes the text of a Markdown (or plain) page; out go the rows of its timeline, whatever form it has: tables, bullets,
paragraphs and headings that begin or end with a time, under headings and lines that give the date. Date, year and zone
are completed from the page: a row's own words, the date above it, the row before it (with a turn past midnight), the
title, the file's name. A row for which the page gives no date is refused. Code blocks and quotations are no rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from afteraction.formats.markdown_lines import lines_of
from afteraction.formats.narratives import narrated
from afteraction.formats.page_dates import near_date, page_day, page_year, page_zone, whole_date
from afteraction.formats.prose_times import WrittenDate, day_first_told, placed
from afteraction.formats.relative_rows import relative_rows
from afteraction.formats.written_rows import WrittenRow, settled, written_rows
from afteraction.model.origin import Precision

_MOST_TURN = timedelta(hours=6)
"""A time of day that lies further back than this belongs to the next day; a smaller step back is a row out of order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """A row of a document's timeline: when (UTC), how exactly, in which zone it was written, what, and by whom."""

    at: datetime
    precision: Precision
    zone: str
    text: str
    line: int
    line_end: int
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All rows of a page. `undated` are the lines of rows that have a time and no date anywhere, `clocks` their times.

    `unanchored` are the lines of rows that count from a moment T, of which the page does not say when it was.
    `zone_stated` says that every row's zone is known: the page names one, or each row does.
    """

    rows: tuple[TimelineRow, ...] = ()
    undated: tuple[int, ...] = ()
    clocks: tuple[time, ...] = ()
    unanchored: tuple[int, ...] = ()
    zone: str = ""
    zone_stated: bool = False


@dataclass(slots=True)
class _Page:
    """What a page says for all its rows."""

    day: date | None
    year: int | None
    zone: str
    fallback_zone: str
    day_first: bool | None = None
    undated: list[int] = field(default_factory=list)
    clocks: list[time] = field(default_factory=list)


def read_timeline(text: str, name: str, *, zone: str = "UTC", day: date | None = None) -> Timeline:
    """Return the timeline of a page called `name`; `zone` and `day` hold where the page states none."""
    lines = lines_of(text)
    chosen = [line for line in lines if line.timeline]
    if not chosen:
        chosen = [line for line in lines if not line.code and not line.quote]
    day_first = day_first_told(text)
    tabled = any(line.timeline for line in lines)
    told, taken = ([], frozenset[int]()) if tabled else narrated(chosen)
    raws = settled([*written_rows([line for line in chosen if line.number not in taken]), *told])
    raws = sorted(raws, key=lambda raw: raw.line) if told else raws
    if not tabled:
        raws = [raw for raw in raws if raw.clock is not None]  # elsewhere a date alone is a link, a version, a deadline
    stated = page_zone(lines) or _zone_of_rows(raws)
    own = page_day(lines, name, day_first)
    page = _Page(day=own or day, year=page_year(lines, own), zone=stated, fallback_zone=zone, day_first=day_first)
    rows = list(_placed_rows(raws, page))
    unanchored: list[int] = []
    for relative in relative_rows(lines, own or day, stated or zone):
        if relative.at is None:
            unanchored.append(relative.line)
        elif all(row.line != relative.line for row in rows):
            rows.append(TimelineRow(
                at=relative.at, precision=Precision.MINUTE, zone=relative.zone, text=relative.text, line=relative.line,
                line_end=relative.line,
            ))  # fmt: skip
    return Timeline(
        rows=tuple(sorted(rows, key=lambda row: row.line)), undated=tuple(page.undated), clocks=tuple(page.clocks), unanchored=tuple(unanchored),
        zone=stated or zone, zone_stated=bool(stated) or all(raw.clock.zone or raw.zone for raw in raws if raw.clock),
    )  # fmt: skip


def _zone_of_rows(raws: list[WrittenRow]) -> str:
    """Return the zone that rows name themselves, when it is one only and the first row or most of them name it."""
    zones = [raw.clock.zone or raw.zone for raw in raws if raw.clock]
    named = set(zones) - {""}
    return named.pop() if len(named) == 1 and (zones[0] or 2 * zones.count("") <= len(zones)) else ""


def _placed_rows(raws: list[WrittenRow], page: _Page) -> Iterator[TimelineRow]:
    """Complete each row; a date without a time is the date of the rows below it when there are any, else a row."""
    current: date | None = page.day
    last: datetime | None = None  # the local time of the row before, without a zone
    descending = _is_descending(raws)
    for index, raw in enumerate(raws):
        anchor = current or page.day
        written = _resolved(raw.date, page, anchor) if raw.date else None
        if raw.clock is None:
            day = written or current
            if raw.date is not None:
                current, last = written or current, None
            if day and raw.text and (raw.timeless or raw.told or not _heads_rows(raws, index)):
                yield _row(
                    raw,
                    datetime(day.year, day.month, day.day, tzinfo=UTC),
                    Precision.DAY,
                    page.zone or page.fallback_zone,
                )
            continue
        day = written or current
        if day is None:
            page.undated.append(raw.line)
            page.clocks.append(time(raw.clock.hour % 24, raw.clock.minute))
            continue
        local = datetime(day.year, day.month, day.day, raw.clock.hour, raw.clock.minute)  # noqa: DTZ001  a wall clock's reading
        if written is None and last is not None:
            if not descending and last - local > _MOST_TURN:
                local += timedelta(days=1)
            elif descending and local - last > _MOST_TURN:
                local -= timedelta(days=1)
        zone = raw.clock.zone or raw.zone or page.zone or page.fallback_zone
        at = placed(local.date(), raw.clock, zone)
        if at is None:
            page.undated.append(raw.line)
            continue
        current, last = local.date(), local
        yield _row(raw, at, raw.clock.precision, zone)


def _row(raw: WrittenRow, at: datetime, precision: Precision, zone: str) -> TimelineRow:
    return TimelineRow(
        at=at,
        precision=precision,
        zone=zone,
        text=raw.text or "(no text)",
        line=raw.line,
        line_end=raw.line_end,
        who=raw.who,
    )


def _resolved(written: WrittenDate, page: _Page, anchor: date | None) -> date | None:
    if written.year is not None:
        return whole_date(written, anchor, page.day_first)
    if page.day is not None:
        return near_date(
            written,
            page.day if page.year in {None, page.day.year} else date(page.year or page.day.year, 6, 30),
            page.day_first,
        )
    if page.year is not None:
        return whole_date(replace(written, year=page.year), None, page.day_first)
    return None


def _heads_rows(raws: list[WrittenRow], index: int) -> bool:
    """Whether rows with times follow before the next date that stands at least as high."""
    raw = raws[index]
    for following in raws[index + 1 :]:
        if following.clock is None and not following.timeless:
            return False
        if raw.heading and following.heading and following.level <= raw.level:
            return False
        return raw.heading or following.date is None
    return False


def _is_descending(raws: list[WrittenRow]) -> bool:
    """Whether bare times mostly fall from row to row (newest first)."""
    times = [(raw.clock.hour * 60 + raw.clock.minute) for raw in raws if raw.clock and not raw.date]
    falls = sum(b < a for a, b in pairwise(times))
    return len(times) > 3 and falls > 0.7 * (len(times) - 1)
