"""Times: dates that can be read, rows in order, durations and KPIs that agree with the rows and with one another."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from afteraction.checks.clock import TimedRow, incident_day, milestone_rows, read_date, read_time, text_of, timed_rows
from afteraction.checks.remark import Rule, Said, Severity, Subject
from afteraction.checks.rules.ranges import unequal_ranges
from afteraction.formats.durations import Duration, parse_duration
from afteraction.formats.timelines import TimelineRow
from afteraction.model.chronology import MilestoneName
from afteraction.model.origin import Precision
from afteraction.model.postmortem.value import Value

M = MilestoneName


def _unreadable(subject: Subject) -> Iterator[Said]:
    found, page = subject.post_mortem, subject.page
    for line in subject.written.undated:
        yield line, "This row has a time, and the page says nowhere on which day."
    dates = [("Date", found.summary.date), ("Date", found.footer.date), ("Next Review Date", found.footer.next_review)]
    for label, value in dates:
        if value and read_date(value.text) is None:
            yield page.line_of(value.text), f'{label} "{value.text}" is no date that can be read.'
    for slot in found.followup.reviews:
        if slot.date and read_date(slot.date) is None:
            yield page.line_of(slot.date), f'The {slot.name} has the date "{slot.date}", which cannot be read.'
    for phase in (found.timeline.discovery, found.timeline.response, found.timeline.recovery):
        for row in phase if subject.in_form else ():
            if row.time and read_date(row.time.text) is None and read_time(row.time.text, None) is None:
                yield (
                    page.line_of(row.time.text, below="incident timeline"),
                    f'The time "{row.time.text}" cannot be read.',
                )


def _order(subject: Subject) -> Iterator[Said]:
    if not subject.in_form:
        yield from _written_order(subject)
        return
    for phase in timed_rows(subject.post_mortem.timeline, incident_day(subject.post_mortem)):
        for before, after in itertools.pairwise(phase):
            if (before.at - after.at).total_seconds() > max(before.tick, after.tick):
                text = text_of(after.row.event) or text_of(after.row.time)
                line = subject.page.line_of(text, below="incident timeline")
                yield (
                    line,
                    f"This row ({text_of(after.row.time)}) stands below a later one ({text_of(before.row.time)}).",
                )


def _written_order(subject: Subject) -> Iterator[Said]:
    """Rows of one list in another outline; a page may tell several stories under several headings, each from its beginning."""
    for before, after in itertools.pairwise(sorted(subject.written.rows, key=lambda row: row.line)):
        if subject.page.heading_at(before.line) != subject.page.heading_at(after.line):
            continue
        tick = max(before.precision.seconds, after.precision.seconds)
        if (before.at - after.at).total_seconds() > tick:
            yield after.line, f"This row ({_at(after)}) stands below a later one ({_at(before)})."


def _at(row: TimelineRow) -> str:
    zone = ZoneInfo(row.zone) if row.zone in available_zones() else UTC
    shown = row.at.astimezone(zone)
    return f"{shown:%Y-%m-%d}" if row.precision is Precision.DAY else f"{shown:%Y-%m-%d %H:%M}"


@cache
def available_zones() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


def _said_otherwise(subject: Subject, rule: str) -> Iterator[Said]:
    for found in subject.contradictions:
        if found.rule == rule:
            yield next((origin.line for origin in found.origins if origin.line), 1), found.text


def _durations(subject: Subject) -> Iterator[Said]:
    yield from _duration_against_rows(subject)
    yield from unequal_ranges(subject)


def _duration_against_rows(subject: Subject) -> Iterator[Said]:
    if not subject.in_form:
        yield from _said_otherwise(subject, "stated-duration")
        return
    value = subject.post_mortem.summary.duration
    stated = parse_duration(value.text) if value else None
    if value is None or stated is None:
        return
    rows = [
        row for phase in timed_rows(subject.post_mortem.timeline, incident_day(subject.post_mortem)) for row in phase
    ]
    if len(rows) < 2:
        return
    if any(_agrees(stated, a, b) for a, b in itertools.combinations(rows[:200], 2)):
        return
    first, last = min(rows, key=lambda r: r.at), max(rows, key=lambda r: r.at)
    span = _words((last.at - first.at).total_seconds())
    line = subject.page.line_of(value.text)
    yield (
        line,
        f'The duration is "{stated.text}", but no two rows of the timeline lie that far apart; all of it spans {span}.',
    )


def _agrees(stated: Duration, one: TimedRow, other: TimedRow) -> bool:
    apart = abs((other.at - one.at).total_seconds())
    slack = stated.slack + one.tick + other.tick
    bare = not (one.dated and other.dated)
    # Bare clock times say nothing of the day: a row of 00:27 may follow one of 23:58.
    return any(abs(abs(apart + days * 86400) - stated.seconds) <= slack for days in ((-1, 0, 1, 2) if bare else (0,)))


def _words(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


_KPI_ROWS: tuple[tuple[str, str, tuple[MilestoneName, ...], tuple[MilestoneName, ...]], ...] = (
    ("time_to_detection", "Time to Detection", (M.IMPACT_STARTED,), (M.DETECTED,)),
    ("time_to_acknowledge", "Time to Acknowledge", (M.DETECTED,), (M.ACKNOWLEDGED,)),
    ("time_to_investigation", "Time to Investigation", (M.DETECTED,), (M.INVESTIGATING,)),
    ("time_to_identify", "Time to Identify", (M.DETECTED,), (M.CAUSE_IDENTIFIED,)),
    ("time_to_mitigate", "Time to Mitigate", (M.IMPACT_STARTED,), (M.RESTORED,)),
    ("time_to_resolution", "Time to Resolution", (M.IMPACT_STARTED, M.DETECTED), (M.CONFIRMED, M.RESTORED)),
)
"""The metrics with the rows that they run between (DESIGN.md, milestones and KPIs); several where the words allow it."""


def _kpi_against_rows(subject: Subject) -> Iterator[Said]:
    if not subject.in_form:
        return  # which row is which milestone would be a guess; AR303 compares every stated length with all rows
    rows = milestone_rows(subject.post_mortem)
    metrics = subject.post_mortem.metrics.response
    for name, label, starts, ends in _KPI_ROWS:
        value: Value | None = getattr(metrics, name)
        stated = parse_duration(value.text) if value else None
        pairs = [(rows[s], rows[e]) for s in starts for e in ends if s in rows and e in rows]
        if value is None or stated is None or not pairs:
            continue
        if any(_agrees(stated, *pair) for pair in pairs):
            continue
        start, end = pairs[0]
        bare = not (start.dated and end.dated)
        seconds = (end.at - start.at).total_seconds()
        span = _words(seconds % 86400 if bare else abs(seconds))
        line = subject.page.line_of(value.text, below="metrics and kpis")
        yield (
            line,
            (
                f'{label} is "{stated.text}", but the rows {text_of(start.row.time)} and {text_of(end.row.time)} give {span}.'
            ),
        )


def _one_number_twice(subject: Subject) -> Iterator[Said]:
    found = subject.post_mortem
    places = [
        ("Downtime in the executive summary", found.executive_summary.impact.downtime),
        ("Service Downtime", found.impact.technical.service_downtime),
        ("Total Downtime", found.metrics.response.total_downtime),
    ]
    read = [(label, value, d) for label, value in places if value and (d := parse_duration(value.text))]
    for (label, _, one), (other_label, other_value, other) in itertools.combinations(read, 2):
        if abs(one.seconds - other.seconds) > one.slack + other.slack:
            line = subject.page.line_of(
                other_value.text, below="impact analysis" if other_label.startswith("Service") else "metrics and kpis"
            )
            yield line, f'{other_label} is "{other.text}", but {label} is "{one.text}".'


def _longer_than_the_incident(subject: Subject) -> Iterator[Said]:
    found = subject.post_mortem
    whole = parse_duration(text_of(found.summary.duration))
    down = parse_duration(text_of(found.metrics.response.total_downtime)) or parse_duration(
        text_of(found.executive_summary.impact.downtime)
    )
    if whole and down and down.seconds - whole.seconds > whole.slack + down.slack:
        line = subject.page.line_of(
            text_of(found.executive_summary.impact.downtime or found.metrics.response.total_downtime)
        )
        yield line, f'The downtime ("{down.text}") is longer than the incident ("{whole.text}").'


_ID_DAY = re.compile(r"\b(?P<y>20\d\d)-?(?P<m>[01]\d)-?(?P<d>[0-3]\d)\b")


def _days_differ(subject: Subject) -> Iterator[Said]:
    yield from _said_otherwise(subject, "title-date")
    found = subject.post_mortem
    day = incident_day(found)
    if day is None:
        return
    if found.summary.incident_id and (match := _ID_DAY.search(found.summary.incident_id.text)):
        named = read_date(f"{match['y']}-{match['m']}-{match['d']}")
        if named and abs((named - day).days) > 1:
            yield subject.page.line_of(found.summary.incident_id.text), f"The id names {named}, the date is {day}."
    rows = [r for phase in timed_rows(found.timeline, day) for r in phase if r.dated]
    far = [r for r in rows if abs((r.at.date() - day).days) > 180]
    if far:
        line = subject.page.line_of(text_of(far[0].row.time), below="incident timeline")
        yield (
            line,
            f"This row is dated {far[0].at.date()}, half a year or more from the incident ({day}). Is the year right?",
        )
    plans = [(slot.name, slot.date) for slot in found.followup.reviews if slot.date]
    plans += [("Next Review Date", text_of(found.footer.next_review)), ("Date", text_of(found.footer.date))]
    for label, text in plans:
        planned = read_date(text) if text else None
        if planned and planned < day - timedelta(days=1):
            yield subject.page.line_of(text), f"{label} ({planned}) lies before the incident ({day})."


RULES = (
    Rule(
        id="AR301",
        title="A date or time cannot be read",
        severity=Severity.WARNING,
        why="Durations, reviews and reports are computed from dates. One that only people can read is left out of all of them, "
        "and so is a row that has a time and no day.",
        suggestion="Write dates as 2025-10-15 and times as 14:02 UTC, with the date where the incident passes midnight.",
        find=_unreadable,
    ),
    Rule(
        id="AR302",
        title="Rows of the timeline are out of order",
        severity=Severity.WARNING,
        why="A timeline is read forwards. A row that stands below a later one is either in the wrong place or has a wrong time.",
        suggestion="Move the row or correct its time; add the date where the incident passes midnight.",
        find=_order,
    ),
    Rule(
        id="AR303",
        title="The duration differs from the timeline",
        severity=Severity.ERROR,
        why="The duration is the number that is quoted. When no two rows of the timeline give it, one of them is wrong. In "
        "other outlines every length of time that the page states of the incident is compared with its rows. A sentence that "
        "gives a stretch by two clock times and by its length is held against itself.",
        suggestion="Correct the duration, or add the row from which or to which it counts.",
        find=_durations,
    ),
    Rule(
        id="AR304",
        title="A metric differs from the rows that it runs between",
        severity=Severity.ERROR,
        why="Each response metric is the time between two milestones of the timeline. When the rows give another time, readers "
        "cannot tell which to believe. In other outlines AR303 compares the stated metrics with all rows.",
        suggestion="Correct the metric or the row, or say between which points the metric runs.",
        find=_kpi_against_rows,
    ),
    Rule(
        id="AR305",
        title="Two numbers for one thing",
        severity=Severity.ERROR,
        why="The downtime stands in three places. When they differ, each reader quotes another one.",
        suggestion="Decide which is right, and say in the others what they count if they count something else.",
        find=_one_number_twice,
    ),
    Rule(
        id="AR306",
        title="The downtime is longer than the incident",
        severity=Severity.ERROR,
        why="Downtime is the time in which a service was unavailable during the incident, overlap counted once. It cannot exceed it.",
        suggestion="Correct one of both; hours of several services are not added up.",
        find=_longer_than_the_incident,
    ),
    Rule(
        id="AR307",
        title="Dates that cannot all be right",
        severity=Severity.WARNING,
        why="A review before the incident, a row of another year, a title or an id of another day is a slip that spreads into reports.",
        suggestion="Correct the date that is wrong.",
        find=_days_differ,
    ),
)
