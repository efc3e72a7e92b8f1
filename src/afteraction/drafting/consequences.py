"""Drafts the impact analysis and the metrics: numbers with what they rest on, statements of people where there are any."""

from __future__ import annotations

import re
from collections.abc import Iterable

from afteraction.drafting.case import Case
from afteraction.drafting.clock import Clock
from afteraction.drafting.head import stated
from afteraction.drafting.ledger import Ledger
from afteraction.drafting.wording import counted, listed, plain
from afteraction.kpis import format_duration
from afteraction.model.chronology import MilestoneName
from afteraction.model.event import ActorKind, Event, EventKind
from afteraction.model.finding import FindingKind, SuspectKind
from afteraction.model.kpi import Kpi, KpiName
from afteraction.model.origin import Basis
from afteraction.model.postmortem.impact import BusinessImpact, Impact, TeamImpact, TechnicalImpact
from afteraction.model.postmortem.metrics import AutomationMetrics, Metrics, QualityMetrics, ResponseMetrics
from afteraction.model.postmortem.value import Value

K = KpiName
_CONDITIONS = ("external/disk-full", "external/expiry", "external/record-", "external/traffic")
"""Causes from outside of the code that are nobody's service: a condition is no dependency."""
_METRICS_SHOWN = 3
_TAKING_PART = {EventKind.MESSAGE, EventKind.NOTE, EventKind.COMMAND, EventKind.TOOL_CALL, EventKind.ALERT_ACKNOWLEDGED}


def impact(case: Case, ledger: Ledger, clock: Clock) -> Impact:
    """Draft the section "Impact Analysis"."""
    return Impact(
        technical=TechnicalImpact(
            service_downtime=kpi_value(case.kpi(K.TOTAL_DOWNTIME), ledger)
            or stated(case, ledger, "impact.technical.service_downtime")
            or stated(case, ledger, "executive_summary.impact.downtime")
            or stated(case, ledger, "executive_summary.impact.lasted"),
            performance_degradation=_degradation(case, ledger),
            data_loss=stated(case, ledger, "impact.technical.data_loss"),
            security_impact=stated(case, ledger, "impact.technical.security_impact"),
        ),
        business=BusinessImpact(
            revenue_loss=stated(case, ledger, "impact.business.revenue_loss"),
            customer_impact=_customer_impact(case, ledger)
            or stated(case, ledger, "executive_summary.impact.users_affected"),
            reputation_impact=stated(case, ledger, "impact.business.reputation_impact"),
            operational_impact=stated(case, ledger, "impact.business.operational_impact"),
        ),
        team=TeamImpact(
            resources_used=_resources(case, ledger, clock),
            external_dependencies=_external(case, ledger),
            escalation_required=_escalations(case, ledger, clock),
        ),
    )


_IMPACTS_SHOWN = 4


def _customer_impact(case: Case, ledger: Ledger) -> Value | None:
    """Join what people wrote of the impact, sentence by sentence as it stands."""
    said = case.statements("impact.business.customer_impact")[:_IMPACTS_SHOWN]
    if not said:
        return None
    told = "; ".join(dict.fromkeys(plain(s.value) for s in said))
    return ledger.value(told, said[0].basis, [ledger.cite(s) for s in said])


def _degradation(case: Case, ledger: Ledger) -> Value | None:
    found = [f for f in case.investigation.findings if f.kind is FindingKind.METRIC and f.citations and f.service][
        :_METRICS_SHOWN
    ]
    if not found:
        return stated(case, ledger, "impact.technical.performance_degradation")
    return ledger.value("; ".join(plain(f.summary) for f in found), Basis.OBSERVED, [f.id for f in found])


def responders(case: Case) -> dict[str, list[Event]]:
    """Return the people who acted or wrote from the detection on, each with their events in order."""
    detected = case.timeline.milestone(MilestoneName.DETECTED)
    acted: dict[str, list[Event]] = {}
    for event in case.timeline.events:
        by_person = event.actor is not None and event.actor.kind is ActorKind.PERSON
        if by_person and event.kind in _TAKING_PART and (detected is None or event.at >= detected.at):
            assert event.actor is not None
            acted.setdefault(event.actor.name, []).append(event)
    return acted


def _resources(case: Case, ledger: Ledger, clock: Clock) -> Value | None:
    """Name who took part and between which times they are on record; hours of work are not known from that."""
    acted = responders(case)
    if not acted:
        return None
    events = sorted((e for found in acted.values() for e in found), key=lambda e: e.at)
    first, last = events[0], events[-1]
    span = f"on record from {clock.time(first.at, first.precision)} to {clock.time(last.at, last.precision)}"
    holders = [s for role in _ROLES for s in case.statements(f"appendix.team.{role}")]
    held = {s.value for s in holders if not _known(s.value, acted)}
    names = _once(sorted([*acted, *held]))
    people = counted(len(names), "person", "people")
    text = f"{people} ({plain(listed(names))}), {span}"
    named = [ledger.cite(s) for s in holders if s.value in held]
    return ledger.value(text, Basis.INFERRED, [first.id, last.id, *dict.fromkeys(named)])


_ROLES = ("incident_commander", "technical_lead", "communications_lead", "scribe")
"""Whoever held one of these took part, whether or not they left a word of their own."""


def _known(name: str, acted: Iterable[str]) -> bool:
    """Whether a name is that of somebody who is on record, in full or by a part of it."""
    parts = set(re.split(r"[\W_]+", name.lower()))
    return any(
        parts <= (other := set(re.split(r"[\W_]+", a.lower()))) or (a == a.lower() and other <= parts) for a in acted
    )


def _once(names: list[str]) -> list[str]:
    """Return each person once: a login such as `bruno` is the one person of that name, where there is only one."""
    logins: dict[str, list[str]] = {}
    for name in names:
        parts = set(re.split(r"[\W_]+", name.lower()))
        longer = [o for o in names if o != name and parts < set(re.split(r"[\W_]+", o.lower()))]
        twins = [o for o in names if o != name and o.lower() == name.lower() and name.islower()]
        if len(longer + twins) == 1:
            logins.setdefault((longer + twins)[0], []).append(name)
    also = {login for found in logins.values() for login in found}
    return [f"{n} (also as {', '.join(logins[n])})" if n in logins else n for n in names if n not in also]


def _external(case: Case, ledger: Ledger) -> Value | None:
    if said := stated(case, ledger, "impact.team.external_dependencies"):
        return said
    status = [e for e in case.timeline.events if e.kind is EventKind.STATUS]
    blamed = [
        s for s in case.investigation.suspects if s.kind is SuspectKind.EXTERNAL and not s.ref.startswith(_CONDITIONS)
    ]
    if not blamed:
        return None
    cited = [*blamed[0].evidence, *(e.id for e in status[:2])]
    return ledger.value(f"{plain(blamed[0].ref)}: {plain(blamed[0].why)}", Basis.INFERRED, cited)


def _escalations(case: Case, ledger: Ledger, clock: Clock) -> Value | None:
    escalated = [e for e in case.timeline.events if e.kind is EventKind.ALERT_ESCALATED]
    if not escalated:
        return stated(case, ledger, "impact.team.escalation_required")
    told = "; ".join(f"{clock.time(e.at, e.precision)} {plain(e.text)}" for e in escalated[:3])
    return ledger.value(told, Basis.OBSERVED, [e.id for e in escalated[:3]])


def kpi_value(kpi: Kpi, ledger: Ledger) -> Value | None:
    """Word a KPI with the points it runs between; None when it is unknown."""
    if kpi.seconds is not None:
        text = format_duration(kpi.seconds, kpi.precision)
        if kpi.start and kpi.end:
            text += f" (from {kpi.start.replace('_', ' ')} to {kpi.end.replace('_', ' ')})"
    elif isinstance(kpi.value, bool):
        text = "Yes" if kpi.value else "No"
    elif kpi.value is not None:
        text = str(kpi.value)
    else:
        return None
    if kpi.detail.startswith(f"{kpi.value} of "):
        text = plain(kpi.detail)
    elif kpi.detail:
        text += f" - {plain(kpi.detail)}"
    return ledger.value(text, kpi.basis, kpi.events)


def metrics(case: Case, ledger: Ledger) -> Metrics:
    """Draft the section "Metrics and KPIs"."""

    def shown(name: KpiName) -> Value | None:
        return kpi_value(case.kpi(name), ledger)

    return Metrics(
        response=ResponseMetrics(
            time_to_detection=shown(K.TIME_TO_DETECTION),
            time_to_acknowledge=shown(K.TIME_TO_ACKNOWLEDGE),
            time_to_investigation=shown(K.TIME_TO_INVESTIGATION),
            time_to_identify=shown(K.TIME_TO_IDENTIFY),
            time_to_mitigate=shown(K.TIME_TO_MITIGATE),
            time_to_resolution=shown(K.TIME_TO_RESOLUTION),
            total_downtime=shown(K.TOTAL_DOWNTIME)
            or stated(case, ledger, "executive_summary.impact.downtime")
            or stated(case, ledger, "executive_summary.impact.lasted"),
            detection_source=_detection_source(case, ledger),
        ),
        automation=AutomationMetrics(
            automated_steps=shown(K.AUTOMATED_STEPS),
            manual_steps=shown(K.MANUAL_STEPS),
            ai_suggestions_used=shown(K.AI_SUGGESTIONS_USED),
            human_override_required=shown(K.HUMAN_OVERRIDE_REQUIRED),
        ),
        quality=QualityMetrics(
            customer_complaints=stated(case, ledger, "metrics.quality.customer_complaints"),
            internal_escalations=_escalation_count(case, ledger),
            process_deviations=stated(case, ledger, "metrics.quality.process_deviations"),
            documentation_gaps=_documentation_gaps(case, ledger),
        ),
    )


def _detection_source(case: Case, ledger: Ledger) -> Value | None:
    detected = case.timeline.milestone(MilestoneName.DETECTED)
    if detected is None or not case.timeline.detection_source:
        return None
    return ledger.value(case.timeline.detection_source, Basis.INFERRED, detected.events)


def _escalation_count(case: Case, ledger: Ledger) -> Value | None:
    """Count escalations where a pager recorded them; without such a record the number is unknown, not zero."""
    escalated = [e.id for e in case.timeline.events if e.kind is EventKind.ALERT_ESCALATED]
    if not escalated:
        return stated(case, ledger, "metrics.quality.internal_escalations")
    return ledger.value(str(len(escalated)), Basis.OBSERVED, escalated)


def _documentation_gaps(case: Case, ledger: Ledger) -> Value | None:
    """Take over a stated number; where people only name gaps, count those and name them."""
    found = case.statements("metrics.quality.documentation_gaps")
    if not found or found[-1].value[:1].isdigit():
        return stated(case, ledger, "metrics.quality.documentation_gaps")
    named = f"{len(found)} named: " + "; ".join(plain(s.value) for s in found)
    return ledger.value(named, Basis.REPORTED, [ledger.cite(s) for s in found])
