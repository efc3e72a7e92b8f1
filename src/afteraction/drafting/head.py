"""Drafts the incident summary and the executive summary."""

from __future__ import annotations

from dataclasses import replace

from afteraction.drafting.case import Case
from afteraction.drafting.clock import Clock
from afteraction.drafting.happenings import told
from afteraction.drafting.ledger import Ledger
from afteraction.drafting.wording import listed, plain, prose, sentence, wrapped
from afteraction.kpis import format_duration
from afteraction.model.chronology import Milestone, MilestoneName
from afteraction.model.event import Alert, Event, EventKind
from afteraction.model.kpi import KpiName
from afteraction.model.origin import Basis, Precision
from afteraction.model.postmortem.summary import ExecutiveSummary, ImpactSummary, Summary
from afteraction.model.postmortem.value import Value
from afteraction.model.reading import Statement
from afteraction.timeline.signs import CAUSES_TOLD

M = MilestoneName
SEVERITIES = ("Critical", "High", "Medium", "Low")
"""The template's words, gravest first."""


def stated(case: Case, ledger: Ledger, field: str) -> Value | None:
    """Return what the material last stated about a field, or None when it states nothing."""
    found = case.statements(field)
    return _said(found[-1], ledger) if found else None


def stated_cause(case: Case, ledger: Ledger) -> Value | None:
    """Return the cause that people stated, else what they told of it in the message that identified it."""
    if said := stated(case, ledger, "root_cause.primary"):
        return said
    milestone = case.timeline.milestone(M.CAUSE_IDENTIFIED)
    if milestone is None:
        return None
    told = [s for field in CAUSES_TOLD for s in case.statements(field)]
    return next((_said(s, ledger) for s in told if ledger.cite(s) in milestone.events), None)


def fenced(value: Value | None) -> Value | None:
    """Break the lines of a value that stands in a fence."""
    return replace(value, text=wrapped(value.text)) if value else None


def _said(statement: Statement, ledger: Ledger) -> Value:
    return ledger.value(prose(statement.value), statement.basis, [ledger.cite(statement)])


def summary(case: Case, ledger: Ledger, clock: Clock) -> Summary:
    """Draft the section "Incident Summary"."""
    began = _first(case, M.IMPACT_STARTED, M.DETECTED)
    return Summary(
        incident_id=stated(case, ledger, "summary.incident_id") or _named_by_time(ledger, clock, began),
        title=stated(case, ledger, "summary.title") or _alert_title(case, ledger),
        date=ledger.value(clock.date(began.at).isoformat(), began.basis, began.events) if began else None,
        duration=_duration(case, ledger),
        severity=_severity(case, ledger),
        status=_status(case, ledger),
    )


def _first(case: Case, *names: MilestoneName) -> Milestone | None:
    return next((m for name in names if (m := case.timeline.milestone(name))), None)


def _named_by_time(ledger: Ledger, clock: Clock, began: Milestone | None) -> Value | None:
    """Name the incident by the template's own rule for ids, from the minute in which it began."""
    if began is None or began.precision in {Precision.DAY, Precision.UNKNOWN}:
        return None
    local = began.at.astimezone(clock.zone)
    return ledger.value(f"INCIDENT-{local:%Y-%m-%d-%H%M}", Basis.INFERRED, began.events)


def _alert_title(case: Case, ledger: Ledger) -> Value | None:
    """Take the title from the gravest alert, the first of those that fired; its sentence, where it has one beside its name."""
    chosen = _gravest(case)
    if chosen is None:
        return None
    assert isinstance(chosen.detail, Alert)
    sentence = chosen.text.removeprefix(f"{chosen.detail.name}: ") or chosen.text
    return ledger.value(plain(sentence, 120), Basis.INFERRED, [chosen.id])


def _gravest(case: Case) -> Event | None:
    """Return the first of the gravest alerts, None when none fired."""
    ranked = [
        (_gravity(case, event.detail), event)
        for event in case.timeline.events
        if event.kind is EventKind.ALERT_FIRING and isinstance(event.detail, Alert)
    ]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _gravity(case: Case, alert: Alert) -> int:
    """Return the place of an alert's severity in the template's order, gravest first; unknown ones come last."""
    word = case.settings.severity(alert.severity)
    return SEVERITIES.index(word) if word in SEVERITIES else len(SEVERITIES)


def _duration(case: Case, ledger: Ledger) -> Value | None:
    kpi = case.kpi(KpiName.TIME_TO_MITIGATE)
    if kpi.seconds is None:
        return stated(case, ledger, "summary.duration")
    return ledger.value(format_duration(kpi.seconds, kpi.precision), kpi.basis, kpi.events)


def _severity(case: Case, ledger: Ledger) -> Value | None:
    """Take the severity that people last agreed on, else that of the gravest alert, as inferred."""
    if declared := case.statements("summary.severity"):
        last = declared[-1]
        word = case.settings.severity(last.value)
        text = f"{word} ({plain(last.value)})" if word and word.lower() != last.value.lower() else plain(last.value)
        return ledger.value(text, last.basis, [ledger.cite(last)])
    fired = [e for e in case.timeline.events if e.kind is EventKind.ALERT_FIRING and isinstance(e.detail, Alert)]
    ranked = [(_gravity(case, e.detail), e.id) for e in fired if isinstance(e.detail, Alert)]
    place, event_id = min(ranked, key=lambda pair: pair[0], default=(len(SEVERITIES), ""))
    return ledger.value(SEVERITIES[place], Basis.INFERRED, [event_id]) if place < len(SEVERITIES) else None


def _status(case: Case, ledger: Ledger) -> Value | None:
    for name, word in ((M.CLOSED, "Closed"), (M.CONFIRMED, "Resolved"), (M.RESTORED, "Resolved")):
        if milestone := case.timeline.milestone(name):
            return ledger.value(word, milestone.basis, milestone.events)
    return None


def executive(case: Case, ledger: Ledger, clock: Clock) -> ExecutiveSummary:
    """Draft the section "Executive Summary"; the root cause is stated only where people stated it."""
    return ExecutiveSummary(
        what_happened=fenced(
            stated(case, ledger, "executive_summary.what_happened") or _what_happened(case, ledger, clock)
        ),
        impact=ImpactSummary(
            users_affected=stated(case, ledger, "executive_summary.impact.users_affected"),
            downtime=_downtime(case, ledger),
            business_impact=stated(case, ledger, "executive_summary.impact.business_impact")
            or stated(case, ledger, "impact.business.revenue_loss"),
            services_affected=services(case, ledger),
        ),
        root_cause=fenced(stated_cause(case, ledger)),
        resolution=fenced(stated(case, ledger, "executive_summary.resolution") or _resolution(case, ledger, clock)),
        status_page=fenced(stated(case, ledger, "executive_summary.status_page")),
    )


def _downtime(case: Case, ledger: Ledger) -> Value | None:
    kpi = case.kpi(KpiName.TOTAL_DOWNTIME)
    if kpi.seconds is None:
        return stated(case, ledger, "executive_summary.impact.downtime") or stated(
            case, ledger, "executive_summary.impact.lasted"
        )
    text = format_duration(kpi.seconds, kpi.precision)
    return ledger.value(f"{text} ({plain(kpi.detail)})" if kpi.detail else text, kpi.basis, kpi.events)


def services(case: Case, ledger: Ledger) -> Value | None:
    """List the affected services: those that the evidence shows as hurt and those that alerts name."""
    named = _affected(case)
    if not named:
        return stated(case, ledger, "executive_summary.impact.services_affected")
    return ledger.value(plain(", ".join(sorted(named))), Basis.INFERRED, named.values())


def _affected(case: Case) -> dict[str, str]:
    """Return the affected services, each with the first event or finding that says so."""
    named: dict[str, str] = {}
    for finding in case.investigation.findings:
        if finding.service in case.investigation.blast_radius:
            named.setdefault(finding.service, finding.id)
    for event in case.timeline.events:
        harmless = isinstance(event.detail, Alert) and event.detail.harmless
        if event.kind is EventKind.ALERT_FIRING and event.service and not harmless:
            named.setdefault(event.service, event.id)
    return named


def _what_happened(case: Case, ledger: Ledger, clock: Clock) -> Value | None:
    """Say in two or three sentences when it began, how it was noticed, and what ended it."""
    began, detected = case.timeline.milestone(M.IMPACT_STARTED), case.timeline.milestone(M.DETECTED)
    restored = case.timeline.milestone(M.RESTORED)
    said: list[str] = []
    cited: list[str] = []
    if began:
        hurt = sorted(_affected(case))
        where = f" in {plain(listed(hurt[:4]))}" if hurt and len(hurt) <= 4 else ""
        alert = _gravest(case)
        what = f": {plain(alert.text, 120)}" if alert else ""
        said.append(sentence(f"Symptoms began{where} at {clock.time(began.at, began.precision)}{what}"))
        cited += [*began.events, *([alert.id] if alert else [])]
    if detected:
        event = next((e for name in detected.events if (e := ledger.event(name))), None)
        source = f" ({case.timeline.detection_source})" if case.timeline.detection_source else ""
        what = f": {told(event)}" if event else ""
        said.append(sentence(f"It was noticed at {clock.time(detected.at, detected.precision)}{source}{what}"))
        cited += detected.events
    if restored:
        fix = case.timeline.milestone(M.FIX_IMPLEMENTED)
        change = next((e for name in fix.events if (e := ledger.event(name))), None) if fix else None
        by = f", with {told(change)}" if change else ""
        said.append(sentence(f"The impact ended at {clock.time(restored.at, restored.precision)}{by}"))
        cited += [*restored.events, *(fix.events if fix and change else ())]
    return ledger.value("\n".join(said), Basis.INFERRED, cited) if said and detected else None


def _resolution(case: Case, ledger: Ledger, clock: Clock) -> Value | None:
    """Name the change after which the impact ended."""
    fix, restored = case.timeline.milestone(M.FIX_IMPLEMENTED), case.timeline.milestone(M.RESTORED)
    if fix is None:
        return None
    event = next((e for name in fix.events if (e := ledger.event(name))), None)
    if event is None:
        return None
    text = sentence(f"{clock.time(fix.at, fix.precision)}: {told(event)}")
    if restored:
        text += f"\nThe impact ended at {clock.time(restored.at, restored.precision)}."
    return ledger.value(text, Basis.INFERRED, [*fix.events, *(restored.events if restored else ())])
