"""Drafts the incident timeline: the rows that matter, a blank row for each milestone that nobody knows yet."""

from __future__ import annotations

from afteraction.drafting.case import Case
from afteraction.drafting.clock import Clock
from afteraction.drafting.happenings import invocation, outcome, told
from afteraction.drafting.ledger import Ledger
from afteraction.drafting.steps import looking_calls
from afteraction.drafting.wording import listed, plain, sentence
from afteraction.kpis import resolution_calls
from afteraction.model.chronology import PHASE_MILESTONES, Milestone, MilestoneName, Phase, Row
from afteraction.model.event import Alert, Call, Change, Event, EventKind
from afteraction.model.origin import Basis
from afteraction.model.postmortem.chronicle import Chronicle, TimelineRow
from afteraction.model.postmortem.value import Value

M = MilestoneName
NOTHING = "—"
"""What stands in the action column of a row that calls for none."""

_CITED_PER_ROW = 4


def chronicle(case: Case, ledger: Ledger, clock: Clock) -> Chronicle:
    """Draft the section "Incident Timeline"."""
    return Chronicle(
        discovery=_phase(case, ledger, clock, Phase.DISCOVERY),
        response=_phase(case, ledger, clock, Phase.RESPONSE),
        recovery=_phase(case, ledger, clock, Phase.RECOVERY),
        contradictions=tuple(
            ledger.value(plain(found.text), Basis.INFERRED, found.events) for found in case.timeline.contradictions
        ),
    )


def _phase(case: Case, ledger: Ledger, clock: Clock, phase: Phase) -> tuple[TimelineRow, ...]:
    """Return the rows of one phase in order of time; unknown milestones follow the milestone before them."""
    shown = {row.milestone for row in case.timeline.rows if row.milestone}
    timed = [
        (row.event.at, _row(case, ledger, clock, row))
        for row in case.timeline.rows
        if row.phase is phase and (row.important or row.milestone)
    ]
    timed += [
        (m.at, _milestone_row(case, ledger, clock, m))
        for m in case.timeline.milestones
        if m.name not in shown and _belongs(m.name) is phase
    ]
    rows = [row for _, row in sorted(timed, key=lambda pair: pair[0])]
    known = {m.name for m in case.timeline.milestones}
    for name in PHASE_MILESTONES[phase]:
        if name not in known:
            rows.insert(_place(rows, phase, name), TimelineRow(milestone=name))
    return tuple(rows)


def _belongs(name: MilestoneName) -> Phase:
    """Return the phase whose table a milestone stands in; those without a row of their own stand in the discovery."""
    return next((phase for phase, names in PHASE_MILESTONES.items() if name in names), Phase.DISCOVERY)


def _place(rows: list[TimelineRow], phase: Phase, name: MilestoneName) -> int:
    """Return where the blank row of an unknown milestone goes: behind the nearest earlier milestone of its phase."""
    order = PHASE_MILESTONES[phase]
    earlier = set(order[: order.index(name)])
    places = [index for index, row in enumerate(rows) if row.milestone in earlier]
    later = [index for index, row in enumerate(rows) if row.milestone in order and row.milestone not in earlier]
    if places:
        return places[-1] + 1
    return later[0] if later else len(rows)


def _row(case: Case, ledger: Ledger, clock: Clock, row: Row) -> TimelineRow:
    event = row.event
    milestone = case.timeline.milestone(row.milestone) if row.milestone else None
    at, precision = (milestone.at, milestone.precision) if milestone else (event.at, event.precision)
    quoted = _quoted(case, ledger, event, row.milestone)
    text = told(event, quoted) + _folded(row, ledger)
    return TimelineRow(
        time=Value(text=clock.time(at, precision)),
        event=ledger.value(text, event.basis, row.events[:_CITED_PER_ROW]),
        action=_action(case, ledger, clock, row.milestone) or _result(row),
        milestone=row.milestone,
    )


def _folded(row: Row, ledger: Ledger) -> str:
    """Say what else a row stands for: the other services of a release, or how many events alike."""
    if row.folded < 2:
        return ""
    others = [e.service for name in row.events if (e := ledger.event(name)) and e.service]
    others = [service for service in dict.fromkeys(others) if service != row.event.service]
    if isinstance(row.event.detail, Change) and others:
        return f" (and of {listed(map(plain, others))})"
    return f" ({row.folded} alike)"


def _quoted(case: Case, ledger: Ledger, event: Event, name: MilestoneName | None) -> str:
    """Return the very words of a message that state its milestone, empty when no statement was read from it."""
    if name is None or event.kind is not EventKind.MESSAGE:
        return ""
    stated = case.statements(f"milestone.{name.value}")
    # A statement's value may be a bare time that the words name; a reader wants the words.
    return next((s.value for s in stated if ledger.cite(s) == event.id and s.value in " ".join(event.text.split())), "")


def _milestone_row(case: Case, ledger: Ledger, clock: Clock, milestone: Milestone) -> TimelineRow:
    """Make a row for a milestone that no event of its own stands for, such as an onset that metrics show."""
    event = ledger.event(milestone.events[0]) if milestone.events else None
    said = event is not None and event.kind in {EventKind.MESSAGE, EventKind.NOTE}
    # Words that were said of another time still tell it better than a rule's name does.
    text = (
        told(event, _quoted(case, ledger, event, milestone.name)) if event and said else sentence(plain(milestone.why))
    )
    return TimelineRow(
        time=Value(text=clock.time(milestone.at, milestone.precision)),
        event=ledger.value(text, milestone.basis, milestone.events[:_CITED_PER_ROW]),
        action=_action(case, ledger, clock, milestone.name) or Value(text=NOTHING),
        milestone=milestone.name,
    )


def _result(row: Row) -> Value | None:
    if isinstance(row.event.detail, Call):
        return Value(text=outcome(row.event.detail) or "no result was recorded")
    asked = row.milestone is not None and any(row.milestone in names for names in PHASE_MILESTONES.values())
    return None if asked else Value(text=NOTHING)


def _action(case: Case, ledger: Ledger, clock: Clock, name: MilestoneName | None) -> Value | None:
    """Tell what was done about a milestone, from the record; None when the record does not say."""
    timeline = case.timeline
    if name is M.DETECTED and (acknowledged := timeline.milestone(M.ACKNOWLEDGED)):
        event = next((e for i in acknowledged.events if (e := ledger.event(i))), None)
        by = f" by {plain(event.actor.name)}" if event and event.actor else ""
        at = clock.time(acknowledged.at, acknowledged.precision)
        return ledger.value(f"acknowledged at {at}{by}", acknowledged.basis, acknowledged.events)
    if name is M.INVESTIGATING:
        calls = looking_calls(timeline)[:3]
        told_calls = [invocation(e.detail) for e in calls if isinstance(e.detail, Call)]
        return ledger.value(listed(told_calls), Basis.OBSERVED, [e.id for e in calls]) if calls else None
    if name in {M.CAUSE_IDENTIFIED, M.STABILISED, M.CONFIRMED}:
        return _looked(case, ledger, name)
    if name is M.RESPONDING:
        calls = resolution_calls(timeline)[:1]
        told_calls = [invocation(e.detail) for e in calls if isinstance(e.detail, Call)]
        return ledger.value(listed(told_calls), Basis.OBSERVED, [e.id for e in calls]) if calls else None
    if name is M.RESTORED:
        resolved = [e for e in timeline.events if e.kind is EventKind.ALERT_RESOLVED][-3:]
        names = dict.fromkeys(e.detail.name for e in resolved if isinstance(e.detail, Alert))
        if not names:
            return None
        return ledger.value(f"resolved: {plain(listed(names))}", Basis.OBSERVED, [e.id for e in resolved])
    return None


_LOOKED_BEFORE = {M.CAUSE_IDENTIFIED: M.DETECTED, M.STABILISED: M.RESTORED, M.CONFIRMED: M.STABILISED}
"""Since which milestone the looking counts that led to another."""


def _looked(case: Case, ledger: Ledger, name: MilestoneName) -> Value | None:
    """Tell by which last look the cause was found, or the end was seen; None when none is on record."""
    reached, since = case.timeline.milestone(name), case.timeline.milestone(_LOOKED_BEFORE[name])
    if since is None:
        since = case.timeline.milestone(M.RESTORED) if name is M.CONFIRMED else None
    if reached is None or since is None:
        return None
    calls = [
        e for e in looking_calls(case.timeline) if since.at <= e.at <= reached.at and e.precision.seconds <= _CLOSE
    ][-2:]
    told_calls = [invocation(e.detail) for e in calls if isinstance(e.detail, Call)]
    return ledger.value(f"looked at {listed(told_calls)}", Basis.OBSERVED, [e.id for e in calls]) if calls else None


_CLOSE = 60.0
"""Seconds of a clock's tick up to which a call's place before or after a milestone is known."""
