"""The milestones of the beginning: impact, detection, acknowledgement, investigation, cause, response.

Facts come in, a sign or None goes out for each. The rules are those of DESIGN.md: the earliest sign counts, what a
person set wins, and where there is no sign there is no milestone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from afteraction.formats.housekeeping import is_housekeeping
from afteraction.formats.stamps import zone_of
from afteraction.model.chronology import MilestoneName
from afteraction.model.event import ActorKind, Alert, Call, Change, ChangeKind, Effect, Event, EventKind
from afteraction.model.finding import SuspectKind
from afteraction.model.origin import Basis, Precision
from afteraction.timeline.phrases import SINCE, names_customers, names_monitor, reports_symptom, retracts
from afteraction.timeline.signs import BEFORE, Facts, Sign, changes_state, may_mend, spoken

M = MilestoneName


def earliest(signs: list[Sign]) -> Sign | None:
    """Return the earliest sign; of signs at one time the one that is surer."""
    return min(signs, key=lambda s: (s.at, -s.confidence, s.events, s.why), default=None)


def observed(event: Event, confidence: float, why: str) -> Sign:
    """Make a sign of what a machine recorded."""
    return Sign(
        at=event.at, precision=event.precision, basis=event.basis, confidence=confidence, why=why, events=(event.id,)
    )


def precision_of(at: datetime) -> Precision:
    """Return the tick that a bare time shows: computed times carry none of their own."""
    return Precision.SECOND if at.second or at.microsecond else Precision.MINUTE


def clock_named(event: Event, pattern: re.Pattern[str]) -> datetime | None:
    """Return the time that a message names by the clock ("errors since 13:58"), on the last such day before it."""
    match = pattern.search(event.text)
    if match is None:
        return None
    parts = [int(part) for part in match["clock"].split(":")]
    if parts[0] > 23 or any(part > 59 for part in parts[1:]):
        return None
    zone: tzinfo = UTC if match["zone"] else zone_of(event.zone) or ZoneInfo("UTC")
    local = event.at.astimezone(zone)
    named = local.replace(hour=parts[0], minute=parts[1], second=parts[2] if len(parts) > 2 else 0, microsecond=0)
    if named > local + timedelta(minutes=1):
        named -= timedelta(days=1)
    return named.astimezone(UTC) if local - named <= timedelta(hours=12) else None


def impact_started(facts: Facts) -> Sign | None:
    """The first moment at which users or an SLO were hurt, as stated, else as the evidence shows."""
    if settled := facts.settled(M.IMPACT_STARTED):
        return settled
    if stated := facts.stated.get(M.IMPACT_STARTED):
        return earliest(list(stated))
    rows = [spoken(e, M.IMPACT_STARTED) for e in facts.told.get(M.IMPACT_STARTED, ())]
    if rows:
        return earliest(rows)
    return _impact_named(facts) or _impact_shown(facts)


def impact_by_duration(facts: Facts, over: Sign | None) -> Sign | None:
    """The row of a written timeline that lies as long before the end as people say that the impact lasted."""
    if over is None:
        return None
    for seconds in facts.lasted:
        began = over.at - timedelta(seconds=seconds)
        row = next((e for e in facts.notes if abs(e.at - began) <= timedelta(seconds=30) and e.at < over.at), None)
        if row:
            why = "this row lies as long before the end as the impact is said to have lasted"
            return replace(spoken(row, M.IMPACT_STARTED), basis=Basis.INFERRED, confidence=0.7, why=why)
    return None


def _impact_named(facts: Facts) -> Sign | None:
    """Read the clock time in a message that tells since when something fails."""
    for event in facts.messages:
        at = clock_named(event, SINCE) if reports_symptom(event.text) else None
        if at:
            why = "a message names the time from which the symptoms lasted"
            sign = spoken(event, M.IMPACT_STARTED)
            return replace(sign, at=at, precision=precision_of(at), why=why)
    return None


def _impact_shown(facts: Facts) -> Sign | None:
    """Take the onset that the evidence shows, or the moment from which an alert's condition held, whichever is first."""
    signs: list[Sign] = []
    found = facts.investigation
    if found and found.onset:
        signs.append(
            Sign(
                at=found.onset,
                precision=precision_of(found.onset),
                basis=Basis.INFERRED,
                confidence=0.7,
                why="the evidence shows the first symptoms",
                events=found.onset_findings or _alarmed_at(facts, found.onset),
            )
        )
    runs = facts.scope.runs if facts.scope else ()
    for run in runs:
        first = run.events[0]
        if isinstance(first.detail, Alert) and first.detail.active_at and first.detail.active_at <= first.at:
            sign = observed(first, 0.75, f"the condition of the alert {run.name} held from then on")
            signs.append(replace(sign, at=first.detail.active_at))
    return earliest(signs)


def _alarmed_at(facts: Facts, at: datetime) -> tuple[str, ...]:
    """Return the alerts that began at that very moment: an onset that rests on no finding was taken from one."""
    return tuple(e.id for e in facts.events if e.kind is EventKind.ALERT_FIRING and e.at == at)[:2]


@dataclass(frozen=True, slots=True)
class Detection:
    """When the incident was noticed, and by whom or what: monitor, staff or customer; empty when unknown."""

    sign: Sign
    source: str


def detected(facts: Facts) -> Detection | None:
    """The first alert or human report, and the detection source."""
    candidates = _alarms(facts)
    alarm = min((d.sign.at for d in candidates), default=None)
    candidates += [d for d in _reports(facts) if alarm is None or d.sign.at < alarm]
    stated = [Detection(s, _source(s, facts)) for s in facts.stated.get(M.DETECTED, ())]
    if settled := facts.settled(M.DETECTED):
        return Detection(settled, _source(settled, facts))
    candidates += stated
    candidates += [Detection(spoken(e, M.DETECTED), _noticed_by(e)) for e in facts.told.get(M.DETECTED, ())[:1]]
    return min(candidates, key=lambda d: (d.sign.at, -d.sign.confidence, d.sign.events), default=None)


def _alarms(facts: Facts) -> list[Detection]:
    runs = facts.scope.runs if facts.scope else ()
    firing = [run.events[0] for run in runs if run.events[0].kind is EventKind.ALERT_FIRING]
    found = [Detection(observed(e, 0.9, "the first alert fired"), "monitor") for e in firing[:1]]
    if not found:
        bot = [e for e in facts.bot_firing if facts.scope and facts.scope.holds(e.at)] or list(facts.bot_firing)
        found = [Detection(observed(e, 0.75, "a bot told of the first alert"), "monitor") for e in bot[:1]]
    if not found and runs and runs[0].events[0].kind is EventKind.ALERT_RESOLVED:
        return []
    return found


_ANY_SERVICE = re.compile(
    r"services?|servers?|workers?|store|proxy|gateway|cluster|nodes?|main|core|test|data|users?|prod|live|home|page|site|team|apps?|build|docs|back|front|"
    r"backend|frontend|public|internal|external|system|platform|database|cache|queue|consumer|producer|manager|controller|handler|redis|postgres|"
    r"mysql|kafka|nginx|https?|rest|grpc|east|west|north|south"
)


def _reports(facts: Facts) -> list[Detection]:
    """Return what people reported of symptoms before any alert; talk about something else is left out.

    A report counts when it names customers or a service that was hurt, or when nothing but people's words is known.
    """
    scope, found = facts.scope, facts.investigation
    services = {s.lower() for s in (found.blast_radius if found else ()) if len(s) > 2}
    services |= {run.service.lower() for run in (scope.runs if scope else ()) if len(run.service) > 2}
    # People say `the cart page` of what machines call `cart-store`; the words of a name that any service bears tell nothing.
    words = {w for s in services for w in re.split(r"[\W_]+", s) if len(w) > 3 and not _ANY_SERVICE.fullmatch(w)}
    names = (
        re.compile("|".join([*(re.escape(s) for s in sorted(services)), *(rf"\b{w}\b" for w in sorted(words))]))
        if services
        else None
    )
    reports: list[Detection] = []
    for event in facts.messages:
        if scope and event.at > scope.end:
            break
        if not reports_symptom(event.text):
            continue
        near = not services or names_customers(event.text) or bool(names and names.search(event.text.lower()))
        if near:
            source = _noticed_by(event)
            by = {"customer": "of customers"}.get(source, "by a person")
            reports.append(Detection(replace(spoken(event, M.DETECTED), why=f"the first report {by}"), source))
            break
    return reports


def _noticed_by(event: Event) -> str:
    """Say who noticed, from the words of a report: the monitor that paged, customers, else the person who writes."""
    if names_monitor(event.text):
        return "monitor"
    if names_customers(event.text):
        return "customer"
    by_person = event.actor is not None and event.actor.kind is ActorKind.PERSON
    return "staff" if by_person or reports_symptom(event.text) else ""


def _source(sign: Sign, facts: Facts) -> str:
    wanted = set(sign.events)
    event = next((e for e in facts.events if e.id in wanted), None) if wanted else None
    if event is None:
        return ""
    return "monitor" if event.kind is EventKind.ALERT_FIRING else _noticed_by(event)


def acknowledged(facts: Facts, noticed: datetime | None) -> Sign | None:
    """The first responder accepts: the pager says so, or a person writes that they take it on."""
    if settled := facts.settled(M.ACKNOWLEDGED):
        return settled
    start = noticed or _start(facts)
    pager = [e for e in facts.events if e.kind is EventKind.ALERT_ACKNOWLEDGED and _within(facts, e.at)]
    signs = [observed(e, 0.95, "the alert was acknowledged") for e in pager if start is None or e.at >= start]
    if noticed is not None:
        signs += facts.said(M.ACKNOWLEDGED, noticed)
    else:
        signs += list(facts.stated.get(M.ACKNOWLEDGED, ()))
    return earliest(signs)


def _start(facts: Facts) -> datetime | None:
    return facts.scope.start if facts.scope else None


def _within(facts: Facts, at: datetime) -> bool:
    return facts.scope is None or facts.scope.start - BEFORE <= at <= facts.scope.end + BEFORE


def investigating(facts: Facts, noticed: datetime | None) -> Sign | None:
    """The first concrete diagnostic step after the detection: a command, a tool call, or a message that says so."""
    if settled := facts.settled(M.INVESTIGATING):
        return settled
    start = noticed or _start(facts)
    signs = [
        observed(e, 0.9, "the first diagnostic step")
        for e in facts.calls
        if isinstance(e.detail, Call)
        and e.detail.effect is Effect.DIAGNOSTIC
        and not is_housekeeping(e.detail.command)
        and (start is None or e.at >= start)
        and _within(facts, e.at)
    ][:1]
    if noticed is not None:
        signs += facts.said(M.INVESTIGATING, noticed)[:1]
    else:
        signs += list(facts.stated.get(M.INVESTIGATING, ()))
    return earliest(signs)


def responding(facts: Facts, noticed: datetime | None) -> Sign | None:
    """The response starts: an incident is declared, or the first mitigating step is taken."""
    if settled := facts.settled(M.RESPONDING):
        return settled
    start = noticed or _start(facts)
    first_step = next(
        (
            e
            for e in facts.events
            if (start is None or e.at >= start)
            and _within(facts, e.at)
            and ((changes_state(e) and may_mend(e)) or _undoes(e))
        ),
        None,
    )
    signs = [observed(first_step, 0.8, "the first mitigating step")] if first_step else []
    signs += facts.said(M.RESPONDING, start)[:1]
    return earliest(signs)


def _undoes(event: Event) -> bool:
    return isinstance(event.detail, Change) and event.detail.kind is ChangeKind.ROLLBACK


def cause_identified(facts: Facts, noticed: datetime | None) -> Sign | None:
    """The first statement of a cause that nobody took back, else the first mention of the change that is suspected."""
    if settled := facts.settled(M.CAUSE_IDENTIFIED):
        return settled
    taken_back = [e.at for e in facts.messages if retracts(e.text)]
    said = facts.said(M.CAUSE_IDENTIFIED)
    standing = [s for s in said if not any(at > s.at for at in taken_back)]
    if standing:
        return standing[0]
    told = [
        s
        for s in facts.causes
        if facts.reaches(M.CAUSE_IDENTIFIED, s.at)
        and (noticed is None or s.at >= noticed)
        and not any(at > s.at for at in taken_back)
    ]
    if told:
        return told[0]
    return None if said else _suspect_named(facts, noticed)


def _suspect_named(facts: Facts, noticed: datetime | None) -> Sign | None:
    """Find where a person or agent first named the change that the evidence suspects most; weaker than a statement."""
    found = facts.investigation
    if noticed is None or found is None or not found.suspects or found.suspects[0].kind is not SuspectKind.CHANGE:
        return None
    suspect = found.suspects[0]
    if suspect.score < 0.5 or len(suspect.ref) < 6:
        return None
    ref = suspect.ref[:7].lower() if re.fullmatch(r"[0-9a-f]{12,40}", suspect.ref) else suspect.ref.lower()
    for event in facts.messages:
        if event.at >= noticed and ref in event.text.lower() and not event.text.rstrip().endswith("?"):
            why = "the change that the evidence suspects most was first named"
            return replace(spoken(event, M.CAUSE_IDENTIFIED), basis=Basis.INFERRED, confidence=0.4, why=why)
    return None
