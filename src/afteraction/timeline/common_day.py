"""The day of an incident, for a file that gives times of day and no date: where the other files' happenings lie.

Moments of the other files come in, with how much each tells of the incident, and the times of day of the file without a
date; out goes the day on which these times lie nearest to what happened, or None when there is nothing to go by.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from afteraction.model.event import Event, EventKind
from afteraction.model.origin import Precision

_LOUD = {EventKind.ALERT_FIRING, EventKind.ALERT_ACKNOWLEDGED, EventKind.ALERT_ESCALATED, EventKind.ALERT_RESOLVED}
_NEAR = timedelta(hours=1)
"""How long before the first word or after the last something may happen that the words are about."""
_VAGUE = {Precision.DAY, Precision.UNKNOWN}


def moments_of(events: Iterable[Event]) -> list[tuple[datetime, float]]:
    """Return when the events happened, with their weight; an alert tells more than a commit of last week."""
    return [(e.at, 3.0 if e.kind in _LOUD else 1.0) for e in events if e.precision not in _VAGUE]


def common_day(moments: Sequence[tuple[datetime, float]], clocks: Sequence[time], zone: tzinfo) -> date | None:
    """Return the day for `clocks`, which were read in `zone`; of days that fit alike the last one."""
    days = {at.astimezone(zone).date() for at, _ in moments}
    days |= {day - timedelta(days=1) for day in days}
    if not clocks or not moments:
        return None
    first, last = clocks[0], clocks[-1]

    def fit(day: date) -> tuple[float, float, date]:
        start = datetime.combine(day, first, zone)
        end = datetime.combine(day, last, zone) + (timedelta(days=1) if last < first else timedelta(0))
        within = sum(weight for at, weight in moments if start - _NEAR <= at <= end + _NEAR)
        same = sum(weight for at, weight in moments if at.astimezone(zone).date() == day)
        return within, same, day

    return max(map(fit, days))[2]
