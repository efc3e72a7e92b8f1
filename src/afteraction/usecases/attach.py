"""Which of the recorded calls belong to the incident: recorders and receivers keep all that passes, of every incident.

The material comes in with all that was recorded; out it goes with what is of this incident, and a problem for each file of
which something was left out. A call belongs when it was recorded for the incident (`record --incident`), when it shares a
trace with such a call, or, where its recording names no incident, when it lies within the incident's time. What a person said
to an agent meanwhile belongs by its time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from afteraction.model.event import Call, Event
from afteraction.model.origin import Origin
from afteraction.model.reading import FileReport, Material, Problem
from afteraction.timeline.merge import time_order
from afteraction.timeline.scope import QUIET, Scope, find_scope

_MARGIN: timedelta = QUIET
"""A call so long before or after the signs of the incident may still belong to it; what is further is another work's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Belonging:
    """By what a recorded call belongs: the incident's name (empty: unknown), the traces of its calls, its time."""

    incident: str
    traces: frozenset[str]
    scope: Scope | None

    def holds(self, event: Event) -> bool:
        incident, trace = _marks(event)
        if incident and self.incident:
            return incident == self.incident
        return trace in self.traces or self.timely(event)

    def timely(self, event: Event) -> bool:
        scope = self.scope
        return scope is None or scope.start - _MARGIN <= event.at <= scope.end + _MARGIN


def attach(material: Material, incident: str = "") -> Material:
    """Leave out the recorded calls that are another incident's, or of another time.

    Without `incident`, the one is meant for which calls were recorded within the time of the other material.
    """
    recorded = [event for event in material.events if event.unsorted]
    if not recorded:
        return material
    others = sorted((event for event in material.events if not event.unsorted), key=time_order)
    by_time = _Belonging(incident="", traces=frozenset(), scope=find_scope(others, material.statements, None))
    named = {_marks(event)[0] for event in recorded if by_time.timely(event)} - {""}
    wanted = incident or (named.pop() if len(named) == 1 else "")
    traces = {trace for name, trace in map(_marks, recorded) if wanted and name == wanted} - {""}
    belonging = replace(by_time, incident=wanted, traces=frozenset(traces))
    left = {id(event) for event in recorded if not belonging.holds(event)}
    counts = Counter(event.origin.file for event in recorded if id(event) in left)
    return replace(
        material,
        events=tuple(event for event in material.events if id(event) not in left),
        files=tuple(_reported(report, counts[report.file]) for report in material.files),
    )


def _marks(event: Event) -> tuple[str, str]:
    """Return the incident for which a call was recorded, and its trace; both empty for anything but a call."""
    return (event.detail.incident, event.detail.trace) if isinstance(event.detail, Call) else ("", "")


def _reported(report: FileReport, count: int) -> FileReport:
    if not count:
        return report
    problem = Problem(
        origin=Origin(file=report.file),
        reason=f"{count} recorded calls or messages are another incident's, or of another time, and were left out",
        remedy="name the incident that they were recorded for with --incident, or record it with --incident next time",
    )
    return replace(report, events=report.events - count, problems=(*report.problems, problem))
