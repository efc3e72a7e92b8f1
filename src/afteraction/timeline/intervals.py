"""When which service was unavailable, and when it was only degraded.

Alerts and availability metrics come in, intervals per service go out, overlap united. What the material does not call
unavailable (by name, label, severity word or a probe that reads zero) is degraded: a grave alert alone does not say
that nothing worked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from afteraction.model.chronology import Interval
from afteraction.model.event import Alert
from afteraction.model.series import Series
from afteraction.timeline.scope import AlertRun, Scope

_SPLIT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\-./:]+")
_DOWN = re.compile(
    r"\b(?:down|unavailable|outage|unreachable|offline|not (?:running|serving|responding|available|reachable)|dead|absent|"
    r"no (?:healthy )?(?:endpoints?|replicas|backends?|instances|upstreams?|hosts?)|zero (?:replicas|endpoints|availability)|100 ?% (?:errors?|failures?|of requests))\b",
    re.IGNORECASE,
)
_NOT_DOWN = re.compile(
    r"\b(?:slow ?down|break ?down|count ?down|scal\w+ down|down(?:stream|load|grade)\w*|partial\w*|degraded)\b",
    re.IGNORECASE,
)
_PROBE = re.compile(r"(?:^|_)(?:up|probe_success|healthy|health|available|alive|reachable|is_up)$", re.IGNORECASE)
"""Metrics that by their name say whether something answers: one for yes, zero for no."""


def find_intervals(scope: Scope | None, series: Iterable[Series] = ()) -> tuple[Interval, ...]:
    """Return the intervals of the incident, by service and time; overlapping ones of one sort are one."""
    raw: list[Interval] = [_of_alert(run) for run in (scope.runs if scope else ())]
    raw += [found for found in _of_probes(series) if scope is None or _meets(found, scope)]
    return united(raw)


def _meets(interval: Interval, scope: Scope) -> bool:
    return interval.start <= scope.end and (interval.end is None or interval.end >= scope.start)


def _of_alert(run: AlertRun) -> Interval:
    first = run.events[0]
    assert isinstance(first.detail, Alert)
    active = first.detail.active_at
    return Interval(
        service=run.service,
        start=min(active, run.start) if active else run.start,
        end=run.end,
        down=says_down(first.detail, first.text),
        events=tuple(event.id for event in (run.events[0], run.events[-1])[: len(run.events)]),
    )


def says_down(alert: Alert, text: str) -> bool:
    """Say whether an alert tells that something does not answer at all, in the words of its name, labels and text."""
    labels = (
        value
        for name, value in alert.labels
        if name in {"alertname", "summary", "description", "reason", "state", "status"}
    )
    words = " ; ".join(_SPLIT.sub(" ", part) for part in (alert.name, alert.severity, *labels))
    if _DOWN.search(_NOT_DOWN.sub(" ", words)):
        return True
    return bool(_DOWN.search(_NOT_DOWN.sub(" ", text[:300]))) and not _NOT_DOWN.search(text[:300])


def _of_probes(series: Iterable[Series]) -> list[Interval]:
    """Return when every instance of a service read zero: one instance of several that is down is no outage."""
    probes: dict[str, list[Series]] = defaultdict(list)
    for one in series:
        if (
            one.service
            and _PROBE.search(one.metric)
            and one.times.size
            and np.all((one.values == 0) | (one.values == 1))
        ):
            probes[one.service].append(one)
    found: list[Interval] = []
    for service, instances in sorted(probes.items()):
        stretches = [_zeros(one) for one in instances]
        common = stretches[0]
        for other in stretches[1:]:
            common = _both(common, other)
        found += [
            Interval(service=service, start=_utc(start), end=_utc(end) if end is not None else None, down=True)
            for start, end in common
        ]
    return found


Stretch = tuple[float, float | None]


def _zeros(one: Series) -> list[Stretch]:
    zero: NDArray[np.bool_] = one.values == 0
    edges = np.flatnonzero(np.diff(zero.astype(np.int8)))
    starts = [int(i) + 1 for i in edges if zero[int(i) + 1]]
    if zero[0]:
        starts.insert(0, 0)
    found: list[Stretch] = []
    for start in starts:
        after = edges[edges >= start]
        end = float(one.times[int(after[0]) + 1]) if after.size else None
        found.append((float(one.times[start]), end))
    return found


def _both(first: list[Stretch], second: list[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    i = j = 0
    infinite = float("inf")
    while i < len(first) and j < len(second):
        a_end = first[i][1] if first[i][1] is not None else infinite
        b_end = second[j][1] if second[j][1] is not None else infinite
        assert a_end is not None
        assert b_end is not None
        start, end = max(first[i][0], second[j][0]), min(a_end, b_end)
        if start < end:
            found.append((start, None if end == infinite else end))
        if a_end <= b_end:
            i += 1
        else:
            j += 1
    return found


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def united(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """Unite the overlapping or touching intervals of each service and sort; an open one swallows what follows."""
    grouped: dict[tuple[str, bool], list[Interval]] = defaultdict(list)
    for interval in intervals:
        grouped[interval.service, interval.down].append(interval)
    found: list[Interval] = []
    for (service, down), members in sorted(grouped.items()):
        ordered = sorted(members, key=lambda i: (i.start, i.end is None, i.end or i.start, i.events))
        start, end, events = ordered[0].start, ordered[0].end, dict.fromkeys(ordered[0].events)
        for interval in ordered[1:]:
            if end is None or interval.start <= end:
                end = None if end is None or interval.end is None else max(end, interval.end)
                events |= dict.fromkeys(interval.events)
                continue
            found.append(Interval(service=service, start=start, end=end, down=down, events=tuple(events)))
            start, end, events = interval.start, interval.end, dict.fromkeys(interval.events)
        found.append(Interval(service=service, start=start, end=end, down=down, events=tuple(events)))
    return tuple(sorted(found, key=lambda i: (i.start, i.service, i.down)))
