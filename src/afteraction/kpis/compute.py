"""A timeline becomes the KPIs of DESIGN.md, each with the points it runs between or the reason why it is unknown."""

from __future__ import annotations

from dataclasses import replace

from afteraction.kpis.automation import automation_kpis
from afteraction.kpis.downtime import total_downtime
from afteraction.kpis.durations import between
from afteraction.model.chronology import MilestoneName, Timeline
from afteraction.model.kpi import Kpi, KpiName

K, M = KpiName, MilestoneName

SPANS: tuple[tuple[KpiName, MilestoneName, MilestoneName], ...] = (
    (K.TIME_TO_DETECTION, M.IMPACT_STARTED, M.DETECTED),
    (K.TIME_TO_ACKNOWLEDGE, M.DETECTED, M.ACKNOWLEDGED),
    (K.TIME_TO_INVESTIGATION, M.DETECTED, M.INVESTIGATING),
    (K.TIME_TO_IDENTIFY, M.DETECTED, M.CAUSE_IDENTIFIED),
    (K.TIME_TO_MITIGATE, M.IMPACT_STARTED, M.RESTORED),
)
"""The KPIs that are the time between two milestones, as DESIGN.md defines them."""


def compute(timeline: Timeline) -> tuple[Kpi, ...]:
    """Compute every KPI of `KpiName`, in its order. No number of seconds is ever negative."""
    found = [between(timeline, *span) for span in SPANS]
    found.append(_resolution(timeline, K.TIME_TO_RESOLUTION, M.IMPACT_STARTED))
    found.append(_resolution(timeline, K.TIME_TO_RESOLUTION_FROM_DETECTION, M.DETECTED))
    found.append(total_downtime(timeline))
    found += automation_kpis(timeline)
    return tuple(sorted(found, key=lambda kpi: list(K).index(kpi.name)))


def _resolution(timeline: Timeline, name: KpiName, start: MilestoneName) -> Kpi:
    """Return the time to the confirmation, else to the restoration, saying so."""
    if timeline.milestone(M.CONFIRMED) is not None:
        return between(timeline, name, start, M.CONFIRMED)
    if timeline.milestone(M.RESTORED) is None:
        reason = 'the material gives no time for "confirmed" nor for "restored"'
        return Kpi(name=name, start=start.value, end=M.CONFIRMED.value, reason=reason)
    kpi = between(timeline, name, start, M.RESTORED)
    said = "to the restoration; no confirmation of normal working is on record"
    return replace(kpi, detail="; ".join(part for part in (said, kpi.detail) if part)) if kpi.known else kpi
