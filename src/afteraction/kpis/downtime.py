"""Total downtime: the union of the intervals in which a service was unavailable; degraded time is told apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from afteraction.kpis.durations import format_duration
from afteraction.model.chronology import Interval, MilestoneName, Timeline
from afteraction.model.kpi import Kpi, KpiName
from afteraction.model.origin import Basis, Precision

Stretch = tuple[datetime, datetime]


def union(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the union of closed stretches as disjoint ones in order of time."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def length(stretches: Iterable[Stretch]) -> float:
    """Return the seconds that disjoint stretches last together."""
    return sum((end - start).total_seconds() for start, end in stretches)


def total_downtime(timeline: Timeline) -> Kpi:
    """Return for how long any service was unavailable, with the time per service and the degraded time in `detail`.

    An interval that has no end in the material ends with the impact where that is known; otherwise the total is unknown.
    """
    name = KpiName.TOTAL_DOWNTIME
    down = [i for i in timeline.intervals if i.down]
    degraded = [i for i in timeline.intervals if not i.down]
    restored = timeline.milestone(MilestoneName.RESTORED)
    end = restored.at if restored else None
    slow = _degraded(degraded, down, end)
    if not down:
        reason = "the material shows no interval in which a service was unavailable" + (f"; {slow}" if slow else "")
        return Kpi(name=name, reason=reason)
    open_ones = [i for i in down if i.end is None and (end is None or end < i.start)]
    if open_ones:
        service = open_ones[0].service or "a service"
        return Kpi(name=name, reason=f"the material does not show when {service} was available again")
    per_service: dict[str, list[Stretch]] = defaultdict(list)
    for interval in down:
        per_service[interval.service].append(_closed(interval, end))
    everything = union(stretch for stretches in per_service.values() for stretch in stretches)
    precision = _precision(everything)
    told = [
        f"{s or 'service not named'} {format_duration(length(union(p)), precision)}"
        for s, p in sorted(per_service.items())
    ]
    inferred = any(i.end is None or i.basis is Basis.INFERRED for i in down) or restored is None
    return Kpi(
        name=name,
        seconds=length(everything),
        basis=Basis.INFERRED if inferred else Basis.OBSERVED,
        precision=precision,
        detail="; ".join([", ".join(told), *([slow] if slow else [])]),
        events=tuple(dict.fromkeys(event for i in down for event in i.events))[:12],
    )


def _closed(interval: Interval, end: datetime | None) -> Stretch:
    last = interval.end or end
    assert last is not None
    return interval.start, max(last, interval.start)


def _precision(stretches: tuple[Stretch, ...]) -> Precision:
    times = [t for stretch in stretches for t in stretch]
    return Precision.SECOND if any(t.second or t.microsecond for t in times) else Precision.MINUTE


def _degraded(degraded: list[Interval], down: list[Interval], end: datetime | None) -> str:
    """Word the degraded time, without what already counts as downtime of the same service."""
    told: list[str] = []
    for service in sorted({i.service for i in degraded}):
        mine = [i for i in degraded if i.service == service]
        if any(i.end is None and (end is None or end < i.start) for i in mine):
            told.append(f"{service or 'service not named'} since {mine[0].start:%H:%M} UTC, end not on record")
            continue
        slow = union(_closed(i, end) for i in mine)
        lost = union(_closed(i, end) for i in down if i.service == service and (i.end or (end and end >= i.start)))
        seconds = length(union((*slow, *lost))) - length(lost)
        if seconds > 0:
            told.append(f"{service or 'service not named'} {format_duration(seconds, _precision(slow))}")
    return f"degraded, not counted: {', '.join(told)}" if told else ""
