"""The steps of the resolution and who or what took them.

A timeline comes in; out go the calls that changed the system, the calls that only looked, and the automation metrics
of DESIGN.md, each with what the number alone would hide. Failed steps are counted apart. What the material does not
say of a step is said to be unknown; it is never counted as the one or the other.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from afteraction.kpis.decisions import (
    approval_basis,
    call_of,
    carried_out,
    of_agent,
    refused_by_person,
    told_decisions,
)
from afteraction.kpis.suggestions import suggestions_in
from afteraction.model.chronology import MilestoneName, Timeline
from afteraction.model.event import ActorKind, Call, Effect, Event, EventKind
from afteraction.model.kpi import Kpi, KpiName
from afteraction.model.origin import Basis

_EARLY = timedelta(seconds=60)
"""A step within a minute before the first alert already answers to what the alert tells; clocks tick in minutes."""


def resolution_calls(timeline: Timeline) -> tuple[Event, ...]:
    """Return the calls that changed the system from the detection on, failed ones too, in order of time.

    A suggestion that was refused, or never answered, was not carried out and is no step.
    """
    return tuple(e for e in _calls(timeline, Effect.STATE_CHANGING) if carried_out(e))


def diagnostic_calls(timeline: Timeline) -> tuple[Event, ...]:
    """Return the calls that only looked, from the detection on, in order of time."""
    return tuple(e for e in _calls(timeline, Effect.DIAGNOSTIC) if carried_out(e))


def _calls(timeline: Timeline, effect: Effect) -> tuple[Event, ...]:
    first, last = _bounds(timeline)
    return tuple(
        e
        for e in timeline.events
        if isinstance(e.detail, Call)
        and e.detail.effect is effect
        and (first is None or e.at >= first)
        and (last is None or e.at <= last)
    )


def _bounds(timeline: Timeline) -> tuple[datetime | None, datetime | None]:
    """Return from when to when a call belongs to the response: from the detection to the closure, where known."""
    detected, closed = timeline.milestone(MilestoneName.DETECTED), timeline.milestone(MilestoneName.CLOSED)
    return (detected.at - _EARLY if detected else None), (closed.at if closed else None)


def call_failed(event: Event) -> bool:
    """Say whether a call failed: its own flag, or an exit code other than zero."""
    return call_of(event).is_error or call_of(event).exit_code not in {None, 0}


def is_automated(event: Event) -> bool | None:
    """Say whether no person commanded a call: as recorded, else by who acted; None when the material does not say."""
    call = call_of(event)
    if call.automated is not None:
        return call.automated
    kind = event.actor.kind if event.actor else ActorKind.UNKNOWN
    if kind in {ActorKind.AGENT, ActorKind.TOOL}:
        return True
    return False if kind is ActorKind.PERSON else None


_UNDO = re.compile(
    r"\b(?:undo|rollback|roll[ -]back|revert|restore|cancel|abort|stop|pause|delete|remove|disable|uncordon|reset|kill)\b",
    re.IGNORECASE,
)


_RESTART = re.compile(r"\b(?:restart|reboot|bounce|flush|purge)\w*", re.IGNORECASE)
"""What happened once and is over; nothing can take it back."""


def _undone(steps: tuple[Event, ...]) -> dict[str, Event]:
    """Return the steps that a later step reversed, by id, with the step that did it.

    A later call reverses an earlier one when it names the same target and undoes (`rollout undo` after `set image`), or
    gives the same command with another value (`scale --replicas=3` after `--replicas=10`).
    """
    found: dict[str, Event] = {}
    by_target: dict[str, list[Event]] = defaultdict(list)
    for later in steps:
        targets = _targets(call_of(later))
        for target in targets if not call_failed(later) else ():
            for earlier in by_target[target][-_LOOKED_BACK:]:
                if earlier.id not in found and _reverses(call_of(later), call_of(earlier)):
                    found[earlier.id] = later
        # A call that failed changed nothing that could be taken back.
        for target in targets if not call_failed(later) else ():
            by_target[target].append(later)
    return found


_LOOKED_BACK = 20
"""How many earlier steps on one target a step may reverse; more would cost time and no response has them."""


def _reverses(later: Call, earlier: Call) -> bool:
    if _RESTART.search(_line(earlier)) or _elsewhere(later, earlier):
        return False
    undoes = bool(_UNDO.search(_line(later))) and not _UNDO.search(_line(earlier))
    return undoes or (_verb(later) == _verb(earlier) and _line(later) != _line(earlier))


_VALUE = re.compile(r"^(?:\d[\d.]*|true|false|on|off|enabled?|disabled?)$", re.IGNORECASE)


def _line(call: Call) -> str:
    return call.command or f"{call.tool.replace('_', ' ').replace('-', ' ')} {call.arguments}"


_WHERE = re.compile(
    r"(?<!\S)(?:-n|--(?:namespace|context|kubeconfig|kube-context|cluster|region|zone|project|profile|subscription|"
    r"resource-group))(?:\s+|=)(\S+)"
)
_WHERE_KEYS = frozenset(
    {"namespace", "context", "cluster", "region", "zone", "project", "profile", "subscription", "environment", "env"}
)
"""Where a call acts, by option or by argument: it parts equal names, and is itself no target."""


def _arguments(call: Call) -> Mapping[str, object]:
    try:
        arguments = json.loads(call.arguments) if call.arguments else {}
    except (ValueError, RecursionError):
        arguments = {}
    return arguments if isinstance(arguments, dict) else {}


def _place(call: Call) -> frozenset[str]:
    """Return the namespace, cluster, region that a call names."""
    if call.command:
        return frozenset(_WHERE.findall(call.command))
    return frozenset(str(value) for key, value in _arguments(call).items() if key.lower() in _WHERE_KEYS)


def _elsewhere(one: Call, other: Call) -> bool:
    return bool(_place(one) and _place(other) and _place(one) != _place(other))


def _words(call: Call) -> list[str]:
    return _WHERE.sub(" ", call.command).split()


def _verb(call: Call) -> str:
    if not call.command:
        return call.tool
    return " ".join([w for w in _words(call) if not w.startswith("-")][:2])


def _targets(call: Call) -> set[str]:
    """Return the words of a call that name what it acts on: longer words that are no option, verb or plain value."""
    if call.command:
        words = {w.rpartition("=")[0] if w.startswith("-") else w for w in _words(call)[2:]}
        words = {part for w in words if not w.startswith("-") for part in w.split("/")}
    else:
        words = {str(value) for key, value in _arguments(call).items() if key.lower() not in _WHERE_KEYS}
    return {w.split("=")[0].lower() for w in words if len(w) > 2 and not _VALUE.match(w)} - _GENERIC


_GENERIC = {
    "deployment", "deploy", "deployments", "statefulset", "daemonset", "service", "svc", "pod", "pods", "node", "nodes",
    "prod", "production", "staging", "default", "restart", "undo", "status", "image", "replicas", "true", "false",
}  # fmt: skip


def automation_kpis(timeline: Timeline) -> tuple[Kpi, ...]:
    """Return the four automation metrics."""
    steps = resolution_calls(timeline)
    return (
        _share(steps, KpiName.AUTOMATED_STEPS, automated=True),
        _share(steps, KpiName.MANUAL_STEPS, automated=False),
        _suggestions(timeline),
        _override(timeline, steps),
    )


def _share(steps: tuple[Event, ...], name: KpiName, *, automated: bool) -> Kpi:
    done = [e for e in steps if not call_failed(e)]
    if not steps:
        return Kpi(name=name, reason="no call that changed the system is on record")
    known = [e for e in done if is_automated(e) is not None]
    if done and not known:
        return Kpi(name=name, reason="the material does not say who or what took the steps", events=_ids(done))
    mine = [e for e in known if is_automated(e) is automated]
    inferred = any(call_of(e).automated is None for e in known)
    return Kpi(
        name=name,
        value=len(mine),
        basis=Basis.INFERRED if inferred else Basis.OBSERVED,
        detail=_share_detail(steps, done, known, mine),
        events=_ids(mine or done),
    )


def _share_detail(steps: tuple[Event, ...], done: list[Event], known: list[Event], mine: list[Event]) -> str:
    told = [
        f"{len(mine)} of {len(done)} steps ({round(100 * len(mine) / len(done))} %)" if done else "no step succeeded"
    ]
    said = sum(call_of(e).automated is not None for e in done)
    if basis := approval_basis(done):
        told.append(basis + (", else by who acted" if said < len(done) else ""))
    elif said < len(done):
        told.append(f"whether a person commanded it is on record for {said} of {len(done)}, else by who acted")
    if len(known) < len(done):
        told.append(f"unknown for {len(done) - len(known)}")
    failed = [e for e in steps if call_failed(e)]
    if failed:
        told.append(f"failed, not counted: {len(failed)} ({', '.join(e.id for e in failed)})")
    reversals = _undone(steps)
    undone = [e for e in done if e.id in reversals]
    if undone:
        told.append(f"reversed later: {len(undone)} ({', '.join(e.id for e in undone)})")
    return "; ".join(told)


def _ids(events: list[Event]) -> tuple[str, ...]:
    return tuple(e.id for e in events[:12])


def _suggestions(timeline: Timeline) -> Kpi:
    """Count the suggestions that people carried out, as offered or edited."""
    met = [e for e in _within(timeline) if isinstance(e.detail, Call) and e.detail.suggestion]
    if not met:
        return _chat_suggestions(timeline)
    used = [e for e in met if call_of(e).suggestion in {"accepted", "edited"}]
    told = [f"{len(met)} suggestions: {told_decisions(met)}"]
    calls = [e for e in _within(timeline) if of_agent(e)]
    if any(not call_of(e).approval_known and not call_of(e).suggestion for e in calls):
        told.append(approval_basis(calls))
    return Kpi(
        name=KpiName.AI_SUGGESTIONS_USED,
        value=len(used),
        basis=Basis.OBSERVED,
        detail="; ".join(told),
        events=_ids(used or met),
    )


def _within(timeline: Timeline) -> list[Event]:
    """Return all events of the response."""
    first, last = _bounds(timeline)
    return [e for e in timeline.events if (first is None or e.at >= first) and (last is None or e.at <= last)]


def _chat_suggestions(timeline: Timeline) -> Kpi:
    """Count the suggestions that agents made in chat and people said yes to."""
    offered = suggestions_in(timeline)
    if not offered:
        basis = approval_basis(_within(timeline))
        reason = "the material does not link any step to a suggestion" + (f"; {basis}" if basis else "")
        return Kpi(name=KpiName.AI_SUGGESTIONS_USED, reason=reason)
    accepted = [s for s in offered if s.accepted]
    refused = sum(s.accepted is False for s in offered)
    detail = f"{len(offered)} suggested in chat: {len(accepted)} accepted, {refused} refused"
    if unanswered := len(offered) - len(accepted) - refused:
        detail += f", {unanswered} without an answer on record"
    events = [event for s in (accepted or offered) for event in (s.offer, s.answer) if event]
    return Kpi(
        name=KpiName.AI_SUGGESTIONS_USED,
        value=len(accepted),
        basis=Basis.REPORTED,
        detail=detail,
        events=_ids(events),
    )


def _replaced(calls: list[Event]) -> list[tuple[Event, Event]]:
    """Return the agents' calls that came to nothing and that a person then did by hand, each with what the person did.

    After a refusal any step of a person on the same target replaces it; after a failure only the same step does.
    """
    found: list[tuple[Event, Event]] = []
    vain = [e for e in calls if of_agent(e) and call_of(e).effect is not Effect.DIAGNOSTIC]
    vain = [e for e in vain if call_of(e).suggestion == "rejected" or call_failed(e)]
    by_hand = [e for e in calls if call_of(e).effect is Effect.STATE_CHANGING and _by_hand(e) and not call_failed(e)]
    for earlier in vain:
        targets, refused = _targets(call_of(earlier)), call_of(earlier).suggestion == "rejected"
        for later in by_hand:
            same = refused or _verb(call_of(later)) == _verb(call_of(earlier))
            there = not _elsewhere(call_of(later), call_of(earlier))
            if later.at > earlier.at and same and there and targets & _targets(call_of(later)):
                found.append((earlier, later))
                break
    return found


def _by_hand(event: Event) -> bool:
    person = event.actor is not None and event.actor.kind is ActorKind.PERSON
    return person and is_automated(event) is False and carried_out(event)


_STOPPED = re.compile(
    r"\b(?:overrid(?:e|ing|den)|overrode|take|taking|took)\b.{0,30}\b(?:over|agent|bot|automation|manual\w*|it)\b|"
    r"\b(?:stop|stopped|stopping|pause|paused|pausing|kill|killed|halt|halted|disable|disabled|abort|aborted)\b.{0,30}"
    r"\b(?:agent|bot|automation|auto-?\w+|autoscal\w+|remediation|runbook job|pipeline)\b",
    re.IGNORECASE,
)


def _met_by_people(calls: list[Event]) -> list[tuple[Event, str]]:
    """Return the calls that people refused, changed or stopped, with what they did; to stop looking overrides nothing."""
    acting = [e for e in calls if call_of(e).effect is not Effect.DIAGNOSTIC]
    found = [(e, "a person refused the step") for e in acting if refused_by_person(e)]
    found += [(e, "a person changed the step before it ran") for e in acting if call_of(e).suggestion == "edited"]
    return found + [(e, "a person stopped the step") for e in acting if call_of(e).stopped]


def _override(timeline: Timeline, steps: tuple[Event, ...]) -> Kpi:
    """Say whether a person stopped, reversed or replaced an automated step, and list each."""
    name = KpiName.HUMAN_OVERRIDE_REQUIRED
    by_machine = {e.id for e in steps if is_automated(e)}
    calls = [e for e in _within(timeline) if isinstance(e.detail, Call)]
    observed = _met_by_people(calls)
    replaced = _replaced(calls)
    reversals = _undone(steps)
    reversed_ = [
        (earlier, later)
        for earlier in steps
        if earlier.id in by_machine and (later := reversals.get(earlier.id)) and is_automated(later) is False
    ]
    told = [
        e
        for e in _within(timeline)
        if e.kind is EventKind.MESSAGE
        and e.actor is not None
        and e.actor.kind is ActorKind.PERSON
        and (by_machine or observed)
        and _STOPPED.search(e.text[:300])
        and not e.text.rstrip().endswith("?")
    ]
    declined = [(s.offer, s.answer) for s in suggestions_in(timeline) if s.accepted is False and s.answer]
    refused = [answer for _, answer in declined]
    detail = [f"{e.id}: {what}" for e, what in observed]
    detail += [f"{later.id}: a person did by hand what {earlier.id} did not" for earlier, later in replaced]
    detail += [f"{answer.id}: a person refused: {' '.join(offer.text.split())[:100]}" for offer, answer in declined]
    detail += [f"{later.id}: a person reversed {earlier.id}" for earlier, later in reversed_]
    detail += [f"{e.id}: a person wrote that they took over" for e in told]
    if detail:
        events = [*(e for e, _ in observed), *refused, *(later for _, later in (*replaced, *reversed_)), *told]
        basis = Basis.OBSERVED if observed else Basis.INFERRED
        return Kpi(name=name, value=True, basis=basis, detail="; ".join(detail), events=_ids(events))
    if by_machine:
        machine = [e for e in steps if e.id in by_machine]
        told_none = f"none of {len(machine)} automated steps was stopped, reversed or replaced on record"
        known = approval_basis(calls)
        told_none += f"; {known}" if known else ""
        return Kpi(name=name, value=False, basis=Basis.INFERRED, detail=told_none, events=_ids(machine))
    if steps and all(is_automated(e) is False for e in steps):
        return Kpi(
            name=name, value=False, basis=Basis.INFERRED, detail="no step was automated", events=_ids(list(steps))
        )
    reason = "the material does not say who or what took the steps" if steps else "no automated step is on record"
    return Kpi(name=name, reason=reason)
