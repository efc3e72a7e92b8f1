"""A document's timeline becomes rows: what people wrote down as having happened, and when.

In comes the text of a Markdown (or plain) page; out go the rows of its timeline, whatever form it has: tables, bullets,
paragraphs and headings that begin or end with a time, under headings and lines that give the date. Date, year and zone
are completed from the page: a row's own words, the date above it, the row before it (with a turn past midnight), the
title, the file's name. A row for which the page gives no date is refused. Code blocks and quotations are no rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from afteraction.formats.markdown_lines import Line, lines_of, plain
from afteraction.formats.page_dates import near_date, page_day, page_year, page_zone, whole_date
from afteraction.formats.prose_times import (
    ZONE,
    WrittenClock,
    WrittenDate,
    clock_at,
    clocks_in,
    dates_in,
    placed,
)
from afteraction.model.origin import Precision

_TIMELINE = re.compile(
    r"\b(?:time ?line|chronology|chronological|sequence of events|key events|event log|log of events|incident log|"
    r"what happened,? when|play[- ]by[- ]play)\b",
    re.IGNORECASE,
)
_TIME_HEADER = re.compile(r"\b(?:time|when|timestamp|hh:mm|clock|utc|gmt|at)\b", re.IGNORECASE)
_DATE_HEADER = re.compile(r"\b(?:date|day)\b", re.IGNORECASE)
_WHO_HEADER = re.compile(r"^\W*(?:who|actor|by|owner|person|author|responsible|name|source)\W*$", re.IGNORECASE)
_ABOUT_TIMES = re.compile(r"\W*(?:all )?times? (?:are |is )?(?:in )?[\w /+:-]{2,40}\W*", re.IGNORECASE)
"""What stands beside a date that heads rows and says how to read them: `(all times UTC)`."""
_LEAD = re.compile(r"^[\s\[(*_`|]*")
_TAIL = re.compile(r"^(?:[\s\])`:;,.|–—-]|[*_]+(?=[\s:;,.\])|–—-]|$))+")
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
    """All rows of a page. `undated` are the lines of rows that have a time and no date anywhere, `clocks` their times."""

    rows: tuple[TimelineRow, ...] = ()
    undated: tuple[int, ...] = ()
    clocks: tuple[time, ...] = ()
    zone: str = ""
    zone_stated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raw:
    """A row before its date and zone are known."""

    line: int
    line_end: int
    text: str
    clock: WrittenClock | None
    date: WrittenDate | None
    heading: bool = False
    level: int = 0
    zone: str = ""
    who: str = ""
    timeless: bool = False
    told: bool = False
    """Whether the row's own line has words of its own, beside the date."""


@dataclass(slots=True)
class _Page:
    """What a page says for all its rows."""

    day: date | None
    year: int | None
    zone: str
    fallback_zone: str
    undated: list[int] = field(default_factory=list)
    clocks: list[time] = field(default_factory=list)


def read_timeline(text: str, name: str, *, zone: str = "UTC", day: date | None = None) -> Timeline:
    """Return the timeline of a page called `name`; `zone` and `day` hold where the page states none."""
    lines = lines_of(text)
    chosen = [line for line in lines if line.timeline]
    if not chosen:
        chosen = [line for line in lines if not line.code and not line.quote]
    stated = page_zone(lines)
    own = page_day(lines, name)
    year = page_year(lines, own)
    page = _Page(day=own or day, year=year, zone=stated, fallback_zone=zone)
    raws = _settled(list(_raws(chosen)))
    if not any(line.timeline for line in lines):
        raws = [raw for raw in raws if raw.clock is not None]  # elsewhere a date alone is a link, a version, a deadline
    rows = list(_placed_rows(raws, page))
    return Timeline(
        rows=tuple(rows),
        undated=tuple(page.undated),
        clocks=tuple(page.clocks),
        zone=stated or zone,
        zone_stated=bool(stated),
    )


# --- the rows as written ------------------------------------------------------------------------------------------


def _raws(lines: Sequence[Line]) -> Iterator[_Raw]:
    """Yield everything that gives a time or a date at its beginning (or, in a list of key events, at its end)."""
    columns: dict[str, int] = {}
    for index, line in enumerate(lines):
        if line.code or line.quote or line.front or not line.text.strip() or line.body.startswith("!["):
            continue
        if line.text.lstrip().startswith("|") or (columns and "|" in line.text):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.text.strip().strip("|"))]
            if all(re.fullmatch(r":?-{2,}:?", cell) for cell in cells if cell):
                continue
            if header := _columns(cells):
                columns = header
            elif raw := _table_row(cells, columns, line):
                yield raw
            continue
        columns = {}
        if line.timeline_head and line.heading:
            continue
        if raw := _leading(line, lines, index) or _trailing(line):
            yield raw


def _columns(cells: list[str]) -> dict[str, int]:
    """Return the meaning of a table's columns when `cells` are its header."""
    found: dict[str, int] = {}
    for number, cell in enumerate(cells):
        bare = plain(cell)
        if clocks_in(bare):
            return {}
        if "time" not in found and _TIME_HEADER.search(bare):
            found["time"] = number
        elif "date" not in found and _DATE_HEADER.search(bare) and "time" not in bare.lower():
            found["date"] = number
        elif "who" not in found and _WHO_HEADER.match(bare):
            found["who"] = number
    if found.get("date") is not None and re.fullmatch(r"\W*day\W*", cells[found["date"]], re.IGNORECASE):
        later = next((n for n, c in enumerate(cells) if re.search(r"\bdate\b", c, re.IGNORECASE)), None)
        found["date"] = found["date"] if later is None else later
    return found if "time" in found or ("date" in found and len(cells) > 1) else {}


def _table_row(cells: list[str], columns: dict[str, int], line: Line) -> _Raw | None:
    """Read a table's row; without a header that was understood, its time stands in one of the first three cells."""
    limit = len(cells)
    time_at = columns.get("time", -1)
    if not columns:
        time_at = next((n for n, cell in enumerate(cells[:3]) if clock_at(_LEAD.sub("", plain(cell)))), -1)
    date_at = columns.get("date", time_at)
    if not 0 <= max(time_at, date_at) < limit:
        return None
    when = plain(cells[time_at]) if 0 <= time_at < limit else ""
    dated = plain(cells[date_at]) if 0 <= date_at < limit else ""
    written = next(iter([*dates_in(dated), *dates_in(when)]), None)
    clock = _clock_beside(when, written) if written and date_at == time_at else next(iter(clocks_in(when)), None)
    if clock is None and written is None:
        return None
    used = {time_at, date_at, columns.get("who", -1)}
    if "date" in columns:
        used |= {
            n
            for n, cell in enumerate(cells)
            if re.fullmatch(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?", cell, re.IGNORECASE)
        }
    text = " — ".join(plain(cell) for n, cell in enumerate(cells) if n not in used and plain(cell))
    who = plain(cells[columns["who"]]) if 0 <= columns.get("who", -1) < limit else ""
    return (
        _Raw(line=line.number, line_end=line.number, text=text, clock=clock, date=written, who=who, told=True)
        if text
        else None
    )


def _clock_beside(text: str, written: WrittenDate) -> WrittenClock | None:
    """Return a clock before or behind a date, never one made of the date's own digits."""
    for clock in clocks_in(text[: written.start] + " " * (written.end - written.start) + text[written.end :]):
        return clock
    return None


def _leading(line: Line, lines: Sequence[Line], index: int) -> _Raw | None:
    """Read a heading, bullet or paragraph that begins with a time, a date, or both in either order."""
    lead = _LEAD.match(line.body)
    body = line.body[lead.end() if lead else 0 :]
    written, clock, end = _opening(body)
    if clock is None and written is None:
        return _timeless(line, body)
    end += _range_end(body[end:])
    rest = plain(_TAIL.sub("", body[end:]))
    rest = "" if re.fullmatch(rf"\W*(?:{ZONE.pattern})?\W*", rest) else rest
    if (
        clock is not None
        and not line.heading
        and not line.bullet
        and not re.match(r"\s*(?:[-–—:|)\]*_]|$|[A-Za-z@\[])", body[end:])
    ):
        return None
    text, last = _with_following(rest, line, lines, index)
    return _Raw(
        line=line.number, line_end=last, text=text, clock=clock, date=written, heading=bool(line.heading), level=line.heading,
        zone=clock.zone if clock else "",
        told=bool(rest) and not line.heading,
    )  # fmt: skip


def _opening(body: str) -> tuple[WrittenDate | None, WrittenClock | None, int]:
    """Return the date and the clock at the beginning of a text, in either order, and where they end."""
    written = next((d for d in dates_in(body[:60]) if _begins(body, d.start)), None)
    if written is not None:
        end = written.end
        gap = re.match(r"[\s,:)\]*_T-]*(?:at\s+|ca\.?\s+|~)?", body[end:])
        clock = clock_at(body, end + (gap.end() if gap else 0))
        if clock is None and re.match(r"\s*-{2}:-{2}", body[end:]):
            end += 6
        return written, clock, max(end, clock.end if clock else 0)
    clock = clock_at(body)
    if clock is None:
        return None, None, 0
    behind = re.match(r"[\s,)*_(]*", body[clock.end :])
    start = clock.end + (behind.end() if behind else 0)
    near = (d for d in dates_in(body[: start + 50]) if d.start <= start + 12)
    written = next((d for d in near if _begins(body[start:], d.start - start)), None)
    return written, clock, max(clock.end, written.end if written else 0)


def _timeless(line: Line, body: str) -> _Raw | None:
    """Recognise a row whose time is not known (`2X:XX`, `[???]`): it is a row of the day, not of a minute."""
    found = re.match(r"^(?:[0-2]?[\dX?]:[X?]{2}|\?{2,}|unknown time)\b[\])\s]*", body, re.IGNORECASE)
    found = found or re.match(r"^\?{2,}[\])\s]+", body)
    if not found or not (line.heading or line.bullet):
        return None
    return _Raw(
        line=line.number, line_end=line.number, text=plain(_TAIL.sub("", body[found.end() :])) or "(time not known)", clock=None,
        date=None, heading=bool(line.heading), level=line.heading, timeless=True,
    )  # fmt: skip


def _begins(body: str, start: int) -> bool:
    """Whether only a weekday, a preposition or punctuation stands before `start`."""
    return (
        re.fullmatch(
            r"[\W_]*(?:(?:on|at|the|mon|tue|wed|thu|fri|sat|sun)[a-z]*[\W_]*){0,3}", body[:start], re.IGNORECASE
        )
        is not None
    )


def _range_end(rest: str) -> int:
    """Return how much of `rest` belongs to the time: the end of a range, a zone, a remark in brackets."""
    end = 0
    while found := re.match(
        r"\s*(?:(?:-|–|—|to|until)\s*(?:~\s?)?\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]m)?|\((?:~?\d{1,2}:\d\d[^)]{0,12}|[A-Z][a-z]{2} \d{1,2}|[A-Z]{2,4})\)|"
        r"(?:UTC|GMT|[PMCE][SD]?T|CES?T)\b|(?:mon|tues|wednes|thurs|fri|satur|sun)day\b)",
        rest[end:],
        re.IGNORECASE,
    ):
        end += found.end()
    return end


def _with_following(rest: str, line: Line, lines: Sequence[Line], index: int) -> tuple[str, int]:
    """Add what belongs to the row: the paragraph below a heading or a bare time, the continuation of a bullet."""
    parts, last = ([rest] if rest else []), line.number
    blank = 0
    for following in lines[index + 1 : index + 40]:
        if following.code:
            break
        if not following.text.strip():
            blank += 1
            if not line.heading or len(parts) > (1 if rest else 0):
                break
            continue
        if following.heading or following.bullet or following.quote or following.text.lstrip().startswith("|"):
            break
        if not line.heading and not blank and (clock_at(_LEAD.sub("", following.body)) or _opens_with_date(following)):
            break
        if line.bullet and following.indent <= line.indent:
            break
        parts.append(plain(following.body))
        last = following.number
    return " ".join(part for part in parts if part), last


def _opens_with_date(line: Line) -> bool:
    body = _LEAD.sub("", line.body)
    return any(_begins(body, written.start) for written in dates_in(body[:40]))


def _trailing(line: Line) -> _Raw | None:
    """Read a short bullet that ends with a full stamp (`Resolved 2020-02-12 12:07`)."""
    if not line.bullet or len(line.body) > 120:
        return None
    written = next(iter(dates_in(line.body)), None)
    if written is None or written.year is None:
        return None
    clock = _clock_beside(line.body, written)
    if clock is None or clock.start < written.start or line.body[clock.end :].strip(" .)*_`"):
        return None
    text = plain(line.body[: written.start]).strip(" :-–—@")
    several = len(dates_in(line.body)) > 1 or not text
    return None if several else _Raw(
        line=line.number, line_end=line.number, text=text, clock=clock, date=written, zone=clock.zone
    )  # fmt: skip


def _settled(raws: list[_Raw]) -> list[_Raw]:
    """Drop what only looks like a row: times inside the text below rows that are headings."""
    if sum(raw.heading and raw.clock is not None for raw in raws) >= 2:
        raws = [raw for raw in raws if raw.heading]
    return [replace(raw, text="") if raw.clock is None and _ABOUT_TIMES.fullmatch(raw.text) else raw for raw in raws]


# --- dates and zones ----------------------------------------------------------------------------------------------


def _placed_rows(raws: list[_Raw], page: _Page) -> Iterator[TimelineRow]:
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


def _row(raw: _Raw, at: datetime, precision: Precision, zone: str) -> TimelineRow:
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
        return whole_date(written, anchor)
    if page.day is not None:
        return near_date(
            written, page.day if page.year in {None, page.day.year} else date(page.year or page.day.year, 6, 30)
        )
    if page.year is not None:
        return whole_date(replace(written, year=page.year), None)
    return None


def _heads_rows(raws: list[_Raw], index: int) -> bool:
    """Whether rows with times follow before the next date that stands at least as high."""
    raw = raws[index]
    for following in raws[index + 1 :]:
        if following.clock is None and not following.timeless:
            return False
        if raw.heading and following.heading and following.level <= raw.level:
            return False
        return raw.heading or following.date is None
    return False


def _is_descending(raws: list[_Raw]) -> bool:
    """Whether bare times mostly fall from row to row (newest first)."""
    times = [(raw.clock.hour * 60 + raw.clock.minute) for raw in raws if raw.clock and not raw.date]
    falls = sum(b < a for a, b in pairwise(times))
    return len(times) > 3 and falls > 0.7 * (len(times) - 1)
