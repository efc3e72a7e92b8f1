"""Who or what took the steps, what failed, what was reversed, and what nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from afteraction.kpis import compute, diagnostic_calls, resolution_calls
from afteraction.model.chronology import Milestone, MilestoneName, Timeline
from afteraction.model.event import Actor, ActorKind, Call, Effect, Event, EventKind, Message
from afteraction.model.kpi import Kpi, KpiName
from afteraction.model.origin import Basis, Origin, Precision

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
K = KpiName


def step(
    number: int, command: str, who: ActorKind = ActorKind.PERSON, effect: Effect = Effect.STATE_CHANGING, **more: Any
) -> Event:
    return Event(
        at=ZERO + timedelta(minutes=number),
        precision=Precision.SECOND,
        kind=EventKind.COMMAND,
        text=command,
        source="x",
        origin=Origin(file="x", line=abs(number) + 1),
        actor=Actor(name=who.value, kind=who),
        detail=Call(tool=command.split(maxsplit=1)[0], command=command, effect=effect, **more),
    )


def timeline(*events: Event) -> Timeline:
    number = count(1)
    detected = Milestone(
        name=MilestoneName.DETECTED, at=ZERO, basis=Basis.OBSERVED, precision=Precision.SECOND, confidence=1
    )
    named = tuple(Event(**{f: getattr(e, f) for f in e.__slots__ if f != "id"}, id=f"e{next(number)}") for e in events)
    return Timeline(events=named, milestones=(detected,))


def kpi(name: KpiName, *events: Event) -> Kpi:
    return next(k for k in compute(timeline(*events)) if k.name is name)


def test_steps_are_the_calls_that_changed_the_system_after_the_detection() -> None:
    found = timeline(
        step(-30, "kubectl apply -f x"),
        step(1, "kubectl get pods", effect=Effect.DIAGNOSTIC),
        step(2, "helm rollback cart"),
        step(3, "mystery", effect=Effect.UNKNOWN),
        step(4, "drop table", suggestion="rejected"),
    )
    assert [e.id for e in resolution_calls(found)] == ["e3"]
    assert [e.id for e in diagnostic_calls(found)] == ["e2"]


def test_automated_and_manual_steps_are_counted_with_their_share() -> None:
    events = (step(1, "scale_up a", ActorKind.AGENT), step(2, "helm rollback b"), step(3, "fail c", is_error=True))
    automated, manual = kpi(K.AUTOMATED_STEPS, *events), kpi(K.MANUAL_STEPS, *events)
    assert (automated.value, manual.value) == (1, 1)
    assert "1 of 2 steps (50 %)" in automated.detail
    assert "failed, not counted: 1 (e3)" in manual.detail


def test_a_recorded_command_of_a_person_wins_over_who_acted() -> None:
    found = kpi(K.AUTOMATED_STEPS, step(1, "scale_up a", ActorKind.AGENT, automated=False))
    assert (found.value, found.basis) == (0, Basis.OBSERVED)


def test_without_a_record_of_approval_the_basis_is_inferred_and_says_for_how_many() -> None:
    events = (step(1, "scale_up a", ActorKind.AGENT, automated=True), step(2, "scale_up b", ActorKind.AGENT))
    found = kpi(K.AUTOMATED_STEPS, *events)
    assert (found.value, found.basis) == (2, Basis.INFERRED)
    assert "on record for 1 of 2" in found.detail


def test_steps_of_nobody_known_are_unknown_not_zero() -> None:
    assert not kpi(K.AUTOMATED_STEPS, step(1, "scale_up a", ActorKind.UNKNOWN)).known
    assert not kpi(K.AUTOMATED_STEPS).known


def test_suggestions_are_counted_by_how_people_met_them() -> None:
    events = [
        step(n, f"fix {n}", ActorKind.AGENT, suggestion=word)
        for n, word in enumerate(("accepted", "edited", "rejected", "offered"), 1)
    ]
    found = kpi(K.AI_SUGGESTIONS_USED, *events)
    assert found.value == 2
    assert found.detail == "4 suggestions: 1 accepted, 1 edited, 1 rejected, 1 without an answer on record"
    assert not kpi(K.AI_SUGGESTIONS_USED, step(1, "fix 1", ActorKind.AGENT)).known


def test_a_person_who_reverses_an_automated_step_overrides_it() -> None:
    found = kpi(
        K.HUMAN_OVERRIDE_REQUIRED,
        step(1, "kubectl scale deploy/cart --replicas=30", ActorKind.AGENT),
        step(5, "kubectl scale deploy/cart --replicas=3"),
    )
    assert (found.value, found.detail) == (True, "e2: a person reversed e1")


def test_a_refused_step_is_an_override_and_an_automated_step_alone_is_none() -> None:
    assert kpi(K.HUMAN_OVERRIDE_REQUIRED, step(1, "drop x", ActorKind.AGENT, suggestion="rejected")).value is True
    assert kpi(K.HUMAN_OVERRIDE_REQUIRED, step(1, "scale_up a", ActorKind.AGENT)).value is False


def test_a_person_who_writes_that_they_take_over_overrides_the_agent() -> None:
    said = Event(
        at=ZERO + timedelta(minutes=3),
        precision=Precision.SECOND,
        kind=EventKind.MESSAGE,
        text="stopping the agent, I take over",
        source="chat",
        origin=Origin(file="c", line=1),
        actor=Actor(name="anna", kind=ActorKind.PERSON),
        detail=Message(),
    )
    assert kpi(K.HUMAN_OVERRIDE_REQUIRED, step(1, "scale_up a", ActorKind.AGENT), said).value is True


def test_two_steps_on_different_targets_reverse_nothing() -> None:
    found = kpi(
        K.HUMAN_OVERRIDE_REQUIRED,
        step(1, "kubectl scale deploy/cart --replicas=30", ActorKind.AGENT),
        step(5, "kubectl scale deploy/mail --replicas=3"),
    )
    assert found.value is False


def test_a_restart_cannot_be_reversed() -> None:
    found = kpi(
        K.HUMAN_OVERRIDE_REQUIRED,
        step(1, "kubectl rollout restart deploy/cart", ActorKind.AGENT),
        step(5, "kubectl rollout undo deploy/cart"),
    )
    assert found.value is False


def test_a_call_that_failed_changed_nothing_that_a_person_could_reverse() -> None:
    failed = step(1, "kubectl scale deployment/cart --replicas=6", ActorKind.AGENT, is_error=True)
    undo = step(2, "kubectl rollout undo deployment/cart")
    override = next(k for k in compute(timeline(failed, undo)) if k.name is K.HUMAN_OVERRIDE_REQUIRED)
    assert override.value is False
