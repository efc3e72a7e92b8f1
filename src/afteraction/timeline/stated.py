"""Stated durations against the rows of their own page.

A page's statements (`duration.labelled`, `duration.told`, `duration.total`) and its rows come in; out go the statements
that cannot be true together with the rows, each with what is wrong. A stretch that counts working hours only ("during
support hours 10:00-17:00") is measured in these. Where the rows may simply not reach far enough, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations

from afteraction.formats.durations import Duration, parse_duration
from afteraction.formats.stamps import zone_of
from afteraction.model.event import Event
from afteraction.model.reading import Statement

FIELD = "duration."
"""How the fields of these statements begin; what follows is how the duration is stated."""
TITLE_DATE = "date.title"
"""The field of a statement that holds the day which a page's title names, ISO."""
_PAIRED_ROWS = 300
"""Rows of one page that a stated duration is compared with; every pair is looked at."""
_HOURS = re.compile(
    r"\b(?:support|working|work|business|office|service|core|opening|staffed)[ -]?(?:hours|time)\b\W{0,3}"
    r"(?P<from>\d{1,2}(?::\d\d)?)\s*(?:[-–—]|to|until)\s*(?P<to>\d{1,2}(?::\d\d)?)(?P<days>\W{0,3}(?:m(?:on?(?:day)?s?)?\s*(?:[-–—]|to)\s*fr?|weekdays|working days))?",
    re.IGNORECASE,
)
_LONGEST = timedelta(days=120)
"""Working hours are not counted over longer stretches."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The working hours that a duration counts; `weekdays` where it says so."""

    start: time
    end: time
    weekdays: bool

    def between(self, first: datetime, last: datetime) -> float:
        """Return the seconds of working time from `first` to `last`, both in the zone of the page."""
        if last - first > _LONGEST:
            return (last - first).total_seconds()
        seconds, day = 0.0, first.date()
        while day <= last.date():
            if not self.weekdays or day.weekday() < 5:
                begins = max(first, datetime.combine(day, self.start, first.tzinfo))
                ends = min(last, datetime.combine(day, self.end, first.tzinfo))
                seconds += max(0.0, (ends - begins).total_seconds())
            day += timedelta(days=1)
        return seconds


def doubtful(statements: Sequence[Statement], rows: Sequence[Event]) -> Iterator[tuple[Statement, str]]:
    """Yield the statements of one page that its rows contradict, with the words that say so."""
    own = sorted(rows, key=lambda event: event.at)[:_PAIRED_ROWS]
    if len(own) < 2:
        return
    tick = max(event.precision.seconds for event in (own[0], own[-1]))
    ticks = 2 * tick if tick <= 86400 else 0.0
    for statement in statements:
        stated = parse_duration(statement.value)
        if stated is None or stated.seconds <= 0:
            continue
        if statement.field == FIELD + "total":
            parts = _parts(statements, statement)
            if len(parts) > 1:
                said = _against_parts(stated, parts)
                if said:
                    yield statement, said
                continue
        said = _against_rows(statement, stated, own, ticks)
        if said:
            yield statement, said


def misdated(statements: Sequence[Statement], rows: Sequence[Event]) -> Iterator[tuple[Statement, str]]:
    """Yield the days that a page's title names and none of its rows is near, with the words that say so."""
    days = sorted({event.at.astimezone(zone_of(event.zone) or UTC).date() for event in rows})
    for statement in statements:
        try:
            named = date.fromisoformat(statement.value)
        except ValueError:
            continue
        if days and min(abs((day - named).days) for day in days) > 1:
            spanned = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
            yield (
                statement,
                f"The title names {named}, but the rows of the timeline are of {spanned}. Which day is right?",
            )


def _parts(statements: Sequence[Statement], whole: Statement) -> list[Duration]:
    """Return the page's labelled durations, each stretch once; they are what a sum adds up."""
    found: dict[float, Duration] = {}
    for statement in statements:
        if statement.field == FIELD + "labelled" and statement.origin != whole.origin:
            read = parse_duration(statement.value)
            if read:
                found.setdefault(read.seconds, read)
    return list(found.values())


def _against_parts(stated: Duration, parts: list[Duration]) -> str:
    together = sum(part.seconds for part in parts)
    if stated.meets(together, sum(part.slack for part in parts)):
        return ""
    told = ", ".join(f'"{part.text}"' for part in parts[:6])
    return f'The stated sum is "{_words(stated)}", but the durations that the page gives ({told}) come to {span(together)}.'


def _against_rows(statement: Statement, stated: Duration, rows: list[Event], ticks: float) -> str:
    hours = _hours(statement.value)
    zone = zone_of(rows[0].zone) or UTC
    times = [event.at.astimezone(zone) for event in rows]
    gaps = {hours.between(a, b) if hours else (b - a).total_seconds() for a, b in combinations(times, 2)}
    if any(stated.meets(gap, ticks) for gap in gaps):
        return ""
    longest = max(gaps)
    if statement.field == FIELD + "told" and stated.seconds > longest + stated.slack and not _whole(rows):
        return ""  # the rows may begin too late or end too early for it
    counted = " in these hours" if hours else ""
    return (
        f'The stated duration is "{_words(stated)}", but no two rows of its own timeline lie that far apart{counted}; '
        f"from the first row to the last it is {span(longest)}."
    )


_BEGINS = re.compile(
    r"\b(?:deploy\w*|releas\w*|roll(?:ed|ing|s)? ?out|rollout|merg(?:ed?|ing)|push(?:ed|es)?|migration|upgrad\w*|(?:config\w*|code) change|"
    r"begins?|began|start(?:s|ed)?|outage|went (?:down|offline))\b",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\b(?:recover(?:ed|s|y)|restored|resolved|back to normal|normal(?:ised|ized)? again|all (?:clear|green)|mitigated|"
    r"(?:incident|outage) (?:over|ends?|ended|closed))\b",
    re.IGNORECASE,
)


def _whole(rows: list[Event]) -> bool:
    """Whether the rows tell the incident from what set it off to its end, so that nothing of it lies outside them."""
    return _BEGINS.search(rows[0].text) is not None and any(_ENDS.search(row.text) for row in rows[-3:])


def _hours(text: str) -> Hours | None:
    found = _HOURS.search(text)
    if found is None:
        return None
    start, end = _clock(found["from"]), _clock(found["to"])
    return Hours(start, end, bool(found["days"])) if start and end and start < end else None


def _clock(text: str) -> time | None:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute or 0)) if int(hour) < 24 and int(minute or 0) < 60 else None


def _words(stated: Duration) -> str:
    return f"{stated.bound.value} {stated.text}".strip()


def span(seconds: float) -> str:
    """Word a stretch in hours and minutes."""
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} min" if hours else f"{rest} min"
