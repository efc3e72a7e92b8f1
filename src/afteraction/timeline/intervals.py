"""When which service was unavailable, and when it was only degraded.

Alerts and the outages that the evidence shows come in, intervals per service go out, overlap united. What the material
does not call unavailable (by name, label or severity word) is degraded: a grave alert alone does not say that nothing
worked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from afteraction.model.chronology import Interval
from afteraction.model.event import Alert
from afteraction.model.finding import Outage
from afteraction.model.origin import Basis
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


def find_intervals(scope: Scope | None, outages: Iterable[Outage] = ()) -> tuple[Interval, ...]:
    """Return the intervals of the incident, by service and time; overlapping ones of one sort are one."""
    raw: list[Interval] = [_of_alert(run) for run in (scope.runs if scope else ())]
    raw += [found for found in map(_of_outage, outages) if scope is None or _meets(found, scope)]
    return united(raw)


def _meets(interval: Interval, scope: Scope) -> bool:
    return interval.start <= scope.end and (interval.end is None or interval.end >= scope.start)


def _of_outage(outage: Outage) -> Interval:
    return Interval(
        service=outage.service,
        start=outage.start,
        end=outage.end,
        down=True,
        events=(outage.finding,),
        basis=outage.basis,
    )


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


def united(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """Unite the overlapping or touching intervals of each service and sort; an open one swallows what follows."""
    grouped: dict[tuple[str, bool], list[Interval]] = defaultdict(list)
    for interval in intervals:
        grouped[interval.service, interval.down].append(interval)
    found: list[Interval] = []
    for members in grouped.values():
        ordered = sorted(members, key=lambda i: (i.start, i.end is None, i.end or i.start, i.events))
        current = ordered[0]
        for interval in ordered[1:]:
            if current.end is None or interval.start <= current.end:
                current = _joined(current, interval)
                continue
            found.append(current)
            current = interval
        found.append(current)
    return tuple(sorted(found, key=lambda i: (i.start, i.service, i.down)))


def _joined(first: Interval, second: Interval) -> Interval:
    end = None if first.end is None or second.end is None else max(first.end, second.end)
    basis = first.basis if first.basis is second.basis else Basis.INFERRED
    return replace(first, end=end, events=tuple(dict.fromkeys((*first.events, *second.events))), basis=basis)
