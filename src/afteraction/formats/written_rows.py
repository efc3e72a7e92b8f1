"""Rows of a timeline as people wrote them down: what gives a time or a date, before its day and zone are known.

In come the lines of a page; out go rows with the clock and the date that stand in them, from tables, bullets, paragraphs
and headings that begin or end with a time. Code blocks, quotations and the heads of tables are no rows. Nothing is
completed here; `timelines.py` places the rows in time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from afteraction.formats.markdown_lines import Line, plain
from afteraction.formats.prose_times import ZONE, WrittenClock, WrittenDate, clock_at, clocks_in, dates_in

_TIME_HEADER = re.compile(r"\b(?:time|when|timestamp|hh:mm|clock|utc|gmt|at)\b", re.IGNORECASE)
_DATE_HEADER = re.compile(r"\b(?:date|day)\b", re.IGNORECASE)
_WHO_HEADER = re.compile(r"^\W*(?:who|actor|by|owner|person|author|responsible|name|source)\W*$", re.IGNORECASE)
_ABOUT_TIMES = re.compile(r"\W*(?:all )?times? (?:are |is )?(?:in )?[\w /+:-]{2,40}\W*", re.IGNORECASE)
"""What stands beside a date that heads rows and says how to read them: `(all times UTC)`."""
_DOTTED = re.compile(
    r"^(?P<lead>\W*)(?P<h>[01]?\d|2[0-3])\.(?P<m>[0-5]\d)(?=\s*(?:[-–—:|)\]*_]|$|Uhr\b|h\b|UTC\b|[ap]\.?m\b|[A-Za-z@]))"
)
"""A clock written with a dot (`10.31`): a number of anything else as well, so two rows must begin so, or it fills a cell."""
_BOLD_STAMP = re.compile(
    r"(?<=\s)(?=(?:\*\*|__)\W{0,2}\d{1,2}:\d\d(?::\d\d)?\s?(?:[ap]\.?m\.?)?[^*_\n]{0,24}(?:\*\*|__))", re.IGNORECASE
)
"""Where a further stamp in bold begins inside a paragraph: `**6:12pm** Alert. **6:15pm** Acknowledged.`"""
_LEAD = re.compile(
    r"^(?:[\s\[(*_`|\"“'\u2600-\u27bf\ufe0f\U0001f300-\U0001faff]|:[a-z][a-z0-9_+-]{1,30}:\s)*(?::\s+)?"
    r"(?:(?:from|between|by|since|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?)\s+(?=~?\s?\d{1,2}[:h]\d\d))?",
    re.IGNORECASE,
)
"""What may stand before a stamp: marks, signs, a preposition or a weekday."""
_TAIL = re.compile(r"^(?:[\s\])`\"”:;,.|–—-]|[*_]+(?=[\s:;,.\])|–—-]|$))+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRow:
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


def written_rows(lines: Sequence[Line]) -> Iterator[WrittenRow]:
    """Yield everything that gives a time or a date at its beginning (or, in a list of key events, at its end)."""
    columns: dict[str, int] = {}
    lines = _with_colons(lines)
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
        if raw := _posted(line, lines, index):
            yield raw
            continue
        first, *further = (
            [line] if line.heading else [replace(line, body=body) for body in _BOLD_STAMP.split(line.body)]
        )
        if raw := _leading(first, lines, index) or _trailing(first):
            yield raw
            yield from (raw for part in further if (raw := _leading(part, lines, index)))


def _with_colons(lines: Sequence[Line]) -> Sequence[Line]:
    """Return the lines with `10.31` as `10:31` where rows of a timeline begin so."""
    dotted = [line.timeline and not line.heading and bool(_DOTTED.match(line.body)) for line in lines]
    if sum(dotted) < 2:
        return lines
    return [
        replace(line, body=_DOTTED.sub(r"\g<lead>\g<h>:\g<m>", line.body)) if dot else line
        for line, dot in zip(lines, dotted, strict=True)
    ]


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
        elif number == 0 and re.fullmatch(r"#|n[or]\.?|step|№", bare, re.IGNORECASE):
            found["number"] = number
    if found.get("date") is not None and re.fullmatch(r"\W*day\W*", cells[found["date"]], re.IGNORECASE):
        later = next((n for n, c in enumerate(cells) if re.search(r"\bdate\b", c, re.IGNORECASE)), None)
        found["date"] = found["date"] if later is None else later
    return found if "time" in found or ("date" in found and len(cells) > 1) else {}


def _table_row(cells: list[str], columns: dict[str, int], line: Line) -> WrittenRow | None:
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
    if found := _DOTTED.match(when):
        when = f"{found['h']}:{found['m']}{when[found.end() :]}"
    written = next(iter([*dates_in(dated), *dates_in(when)]), None)
    clock = _clock_beside(when, written) if written and date_at == time_at else next(iter(clocks_in(when)), None)
    if clock is None and written is None:
        return None
    used = {time_at, date_at, columns.get("who", -1), columns.get("number", -1)}
    if "date" in columns:
        used |= {
            n
            for n, cell in enumerate(cells)
            if re.fullmatch(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?", cell, re.IGNORECASE)
        }
    text = " — ".join(plain(cell) for n, cell in enumerate(cells) if n not in used and plain(cell))
    who = plain(cells[columns["who"]]) if 0 <= columns.get("who", -1) < limit else ""
    return (
        WrittenRow(line=line.number, line_end=line.number, text=text, clock=clock, date=written, who=who, told=True)
        if text
        else None
    )


def _clock_beside(text: str, written: WrittenDate) -> WrittenClock | None:
    """Return a clock before or behind a date, never one made of the date's own digits."""
    blank = " " * (written.end - written.start)
    if text[written.end : written.end + 1] == "T":
        blank = blank[:-1] + "0"  # the clock of `2026-03-04T10:00` is known by the digit before its T
    for clock in clocks_in(text[: written.start] + blank + text[written.end :]):
        return clock
    return None


def _leading(line: Line, lines: Sequence[Line], index: int) -> WrittenRow | None:
    """Read a heading, bullet or paragraph that begins with a time, a date, or both in either order."""
    lead = _LEAD.match(line.body)
    body = line.body[lead.end() if lead else 0 :]
    written, clock, end = _opening(body)
    if clock is None and written is None:
        return _timeless(line, body)
    end += _range_end(body[end:])
    rest = _TAIL.sub("", body[end:])
    if rest.count("**") % 2 and "**" in line.body[: len(line.body) - len(body)]:
        rest = rest.replace("**", "", 1)  # the end of what began before the stamp
    rest = plain(rest)
    rest = "" if re.fullmatch(rf"\W*(?:{ZONE.pattern})?\W*", rest) else rest
    if (
        clock is not None
        and not line.heading
        and not line.bullet
        and not re.match(r"\s*(?:[-–—:|)\]*_]|$|[A-Za-z@\[])", body[end:])
    ):
        return None
    text, last = _with_following(rest, line, lines, index)
    return WrittenRow(
        line=line.number, line_end=last, text=text, clock=clock, date=written, heading=bool(line.heading), level=line.heading,
        zone=clock.zone if clock else "",
        told=bool(rest) and not line.heading,
    )  # fmt: skip


def _opening(body: str) -> tuple[WrittenDate | None, WrittenClock | None, int]:
    """Return the date and the clock at the beginning of a text, in either order, and where they end."""
    written = next((d for d in dates_in(body[:60]) if _begins(body, d.start)), None)
    if written is not None:
        end = written.end
        gap = re.match(r"[\s,:)\]*_T@–—-]*(?:at\s+|ca\.?\s+|~)?", body[end:])
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


def _posted(line: Line, lines: Sequence[Line], index: int) -> WrittenRow | None:
    """Read an update of a status page, whose time stands below it: `Posted 2 days ago. Mar 04, 2026 - 10:02 UTC`."""
    written = next(iter(dates_in(line.body)), None) if line.body.startswith("Posted") else None
    clock = _clock_beside(line.body, written) if written else None
    if written is None or clock is None or line.body[max(written.end, clock.end) :].strip(" .)*_`"):
        return None
    above: list[Line] = []
    for before in reversed(lines[max(0, index - 12) : index]):
        if not before.text.strip() or before.code:
            break
        above.insert(0, before)
    text = " — ".join(plain(before.body) for before in above)
    return WrittenRow(
        line=above[0].number if above else line.number, line_end=line.number, text=text, clock=clock, date=written, zone=clock.zone,
        told=True,
    )  # fmt: skip


def _timeless(line: Line, body: str) -> WrittenRow | None:
    """Recognise a row whose time is not known (`2X:XX`, `[???]`): it is a row of the day, not of a minute."""
    found = re.match(r"^(?:[0-2]?[\dX?]:[X?]{2}|\?{2,}|unknown time)\b[\])\s]*", body, re.IGNORECASE)
    found = found or re.match(r"^\?{2,}[\])\s]+", body)
    if not found or not (line.heading or line.bullet):
        return None
    return WrittenRow(
        line=line.number, line_end=line.number, text=plain(_TAIL.sub("", body[found.end() :])) or "(time not known)", clock=None,
        date=None, heading=bool(line.heading), level=line.heading, timeless=True,
    )  # fmt: skip


def _begins(body: str, start: int) -> bool:
    """Whether only a weekday, a preposition or punctuation stands before `start`."""
    return (
        re.fullmatch(
            r"[\W_]*(?:day\s?\d{1,2}[\W_]*)?(?:(?:on|at|the|mon|tue|wed|thu|fri|sat|sun)[a-z]*[\W_]*){0,3}",
            body[:start],
            re.IGNORECASE,
        )
        is not None
    )


def _range_end(rest: str) -> int:
    """Return how much of `rest` belongs to the time: the end of a range, a zone, a remark in brackets."""
    end = 0
    while found := re.match(
        r"\s*(?:\]\([^()\s]{1,400}\)|(?:-|–|—|/|→|to|until|and)\s*(?:~\s?)?(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?m\b\.?)?Z?|\((?:~?\d{1,2}:\d\d[^)]{0,12}|[A-Z][a-z]{2} \d{1,2}|[A-Z]{2,4})\)|"
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


def _trailing(line: Line) -> WrittenRow | None:
    """Read a short bullet that ends with a full stamp (`Resolved 2020-02-12 12:07`)."""
    if not line.bullet or len(line.body) > 120:
        return None
    written = next(iter(dates_in(line.body)), None)
    if written is None or written.year is None:
        return None
    clock = _clock_beside(line.body, written)
    if clock is None or clock.start < written.start or line.body[clock.end :].strip(" .)*_`"):
        return None
    text = plain(line.body[: written.start]).strip(" :-–—@([")
    several = len(dates_in(line.body)) > 1 or not text
    return None if several else WrittenRow(
        line=line.number, line_end=line.number, text=text, clock=clock, date=written, zone=clock.zone
    )  # fmt: skip


def settled(raws: list[WrittenRow]) -> list[WrittenRow]:
    """Drop what only looks like a row: times inside the text below rows that are headings."""
    if sum(raw.heading and raw.clock is not None for raw in raws) >= 2:
        raws = [raw for raw in raws if raw.heading]
    return [replace(raw, text="") if raw.clock is None and _ABOUT_TIMES.fullmatch(raw.text) else raw for raw in raws]
