"""Drafts the incident summary and the executive summary."""

from __future__ import annotations

import re
from dataclasses import replace

from afteraction.drafting.case import Case
from afteraction.drafting.clock import Clock
from afteraction.drafting.happenings import invocation, told
from afteraction.drafting.ledger import Ledger
from afteraction.drafting.wording import capital, code, listed, plain, prose, sentence, wrapped
from afteraction.kpis import format_duration
from afteraction.model.chronology import Milestone, MilestoneName
from afteraction.model.event import ActorKind, Alert, Call, Change, Event, EventKind
from afteraction.model.finding import Finding, FindingKind
from afteraction.model.kpi import KpiName
from afteraction.model.origin import Basis, Precision
from afteraction.model.postmortem.summary import ExecutiveSummary, ImpactSummary, Summary
from afteraction.model.postmortem.value import Value
from afteraction.model.reading import Statement
from afteraction.timeline.phrases import reports_symptom
from afteraction.timeline.signs import CAUSES_TOLD, ENDORSED

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
    if said := next((_said(s, ledger) for s in told if ledger.cite(s) in milestone.events), None):
        return said
    event = ledger.event(milestone.events[0]) if milestone.why == ENDORSED else None
    return ledger.value(prose(event.text), Basis.REPORTED, milestone.events) if event else None


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
        title=_title(case, ledger),
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


def _title(case: Case, ledger: Ledger) -> Value | None:
    """Name the incident: as people did, as the gravest alert does, as a status page did, or by what was first noticed."""
    if said := stated(case, ledger, "summary.title"):
        return replace(said, text=capital(said.text))
    if alert := _alert_title(case, ledger):
        return alert
    if public := stated(case, ledger, "summary.public_title"):
        return public
    detected = case.timeline.milestone(M.DETECTED)
    event = next((e for name in detected.events if (e := ledger.event(name))), None) if detected else None
    if event and event.kind in {EventKind.MESSAGE, EventKind.NOTE}:
        return ledger.value(capital(plain(_first_sentence(event.text), _TITLE)), Basis.INFERRED, [event.id])
    found = _worst_finding(case)
    return ledger.value(plain(found[1], _TITLE), Basis.INFERRED, [found[0].id]) if found else None


_TITLE = 100
"""Characters of a title that was taken from a longer text."""


def _first_sentence(text: str) -> str:
    first = re.split(r"(?<=[.!?])\s|\n", text.strip(), maxsplit=1)[0]
    first = re.sub(
        r"^[^:]{0,40}\b(?:pager|paged?|alert\w*|woke)\b[^:]{0,30}:\s+(?=\w+ \w+)", "", first, flags=re.IGNORECASE
    )
    return re.sub(
        r"^(?:(?:@\S+|hey|hi|hello|folks|team|all|guys|ok)[,:!]?\s+)+", "", first, flags=re.IGNORECASE
    ).rstrip(".! ")


def _worst_finding(case: Case) -> tuple[Finding, str] | None:
    """Return the log finding of most weight with its line's own words, without stamp, level and thread."""
    found = next(
        (
            f
            for f in case.investigation.findings
            if f.kind is FindingKind.LOG and f.excerpt and f.rule == "log-complaint"
        ),
        None,
    )
    if found is None:
        return None
    words = re.sub(r"^(?:(?:\[[^\]]*\]|[A-Z]{4,8}:?|[-:|])\s+)+", "", found.excerpt[0])
    return found, words


def _alert_title(case: Case, ledger: Ledger) -> Value | None:
    """Take the title from the gravest alert, the first of those that fired; its sentence, where it has one beside its name."""
    chosen = _gravest(case)
    if chosen is None:
        return None
    return ledger.value(plain(_alert_words(chosen), 120), Basis.INFERRED, [chosen.id])


def _alert_words(event: Event) -> str:
    """Return an alert's sentence, where it has one beside its name."""
    name = event.detail.name if isinstance(event.detail, Alert) else ""
    return event.text.removeprefix(f"{name}: ") or event.text


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
    for event in _reports(case):
        for service in _known_services(case):
            if re.search(rf"(?<![\w-]){re.escape(service)}(?![\w-])", event.text, re.IGNORECASE):
                named.setdefault(service, event.id)
    return named


def _reports(case: Case) -> list[Event]:
    """Return the messages in which people reported a symptom, up to the time at which the cause was known."""
    known = _first(case, M.CAUSE_IDENTIFIED, M.RESTORED)
    detected = case.timeline.milestone(M.DETECTED)
    return [
        e
        for e in case.timeline.events
        if e.kind is EventKind.MESSAGE
        and e.actor is not None
        and e.actor.kind is ActorKind.PERSON
        and detected is not None
        and e.at >= detected.at
        and (known is None or e.at < known.at)
        and reports_symptom(e.text)
    ]


def _known_services(case: Case) -> list[str]:
    """Return the services that the material knows as such; short names are words of every sentence."""
    known = {e.service for e in case.timeline.events if e.service} | {log.service for log in case.material.logs}
    return sorted(name for name in known if len(name) > 4)


def _reported(event: Event) -> str:
    """Tell what was noticed: an alert's own words, of a message its first sentence."""
    if event.kind in {EventKind.MESSAGE, EventKind.NOTE}:
        return plain(_first_sentence(event.text), 160)
    return told(event)


_INVOKED = 90
"""Characters of a call that a summary shows whole; of a longer one it names the tool."""


def _after(change: Event) -> str:
    """Tell in half a sentence what the end followed on."""
    who = f" by {plain(change.actor.name)}" if change.actor else ""
    if isinstance(change.detail, Call):
        shown = invocation(change.detail)
        return f"following {shown if len(shown) <= _INVOKED else code(change.detail.tool)}{who}"
    if isinstance(change.detail, Change):
        return f"following {told(change)}"
    return f'as told{who}: "{plain(_first_sentence(change.text), 160)}"'


_BY = {"monitor": " by monitoring", "staff": " by staff", "customer": " by customers"}
"""How the detection source reads in a sentence."""


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
        worst = None if alert or detected else _worst_finding(case)
        what = f": {plain(_alert_words(alert), 120)}" if alert else f": {plain(worst[1], 120)}" if worst else ""
        cited += [worst[0].id] if worst else []
        said.append(sentence(f"Symptoms began{where} at {clock.time(began.at, began.precision)}{what}"))
        cited += [*began.events, *([alert.id] if alert else [])]
    if detected:
        event = next((e for name in detected.events if (e := ledger.event(name))), None)
        source = _BY.get(case.timeline.detection_source, "")
        what = f": {_reported(event)}" if event else ""
        said.append(sentence(f"It was noticed{source} at {clock.time(detected.at, detected.precision)}{what}"))
        cited += detected.events
    if restored:
        fix = case.timeline.milestone(M.FIX_IMPLEMENTED)
        change = fix_event(ledger, fix)
        took = case.kpi(KpiName.TIME_TO_MITIGATE)
        after = f" after {format_duration(took.seconds, took.precision)}" if took.seconds and began else ""
        by = f", {_after(change)}" if change else ""
        said.append(sentence(f"The impact ended at {clock.time(restored.at, restored.precision)}{after}{by}"))
        cited += [*restored.events, *(fix.events if fix and change else ())]
    return ledger.value("\n".join(said), Basis.INFERRED, cited) if said else None


def fix_event(ledger: Ledger, fix: Milestone | None) -> Event | None:
    """Return what the fix was: the change where one is on record, else the call that made it, else who told of it."""
    events = [e for name in (fix.events if fix else ()) if (e := ledger.event(name))]
    ranked = sorted(events, key=lambda e: (not isinstance(e.detail, Change), not isinstance(e.detail, Call)))
    return ranked[0] if ranked else None


def _resolution(case: Case, ledger: Ledger, clock: Clock) -> Value | None:
    """Name the change after which the impact ended."""
    fix, restored = case.timeline.milestone(M.FIX_IMPLEMENTED), case.timeline.milestone(M.RESTORED)
    if fix is None:
        return None
    event = fix_event(ledger, fix)
    if event is None:
        return None
    what = told(event)
    if isinstance(event.detail, Call) and len(what) > 2 * _INVOKED:
        what = f"{plain(event.actor.name)} called {code(event.detail.tool)}" if event.actor else code(event.detail.tool)
    text = sentence(f"{clock.time(fix.at, fix.precision)}: {what}")
    if restored:
        text += f"\nThe impact ended at {clock.time(restored.at, restored.precision)}."
    return ledger.value(text, Basis.INFERRED, [*fix.events, *(restored.events if restored else ())])
