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
    assert "approval known for 1 of 2 calls by agents, else by who acted" in found.detail


def test_steps_of_nobody_known_are_unknown_not_zero() -> None:
    assert not kpi(K.AUTOMATED_STEPS, step(1, "scale_up a", ActorKind.UNKNOWN)).known
    assert not kpi(K.AUTOMATED_STEPS).known


def test_suggestions_are_counted_by_how_people_met_them() -> None:
    events = [
        step(n, f"fix {n}", ActorKind.AGENT, suggestion=word, automated=None if word == "offered" else False)
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
    assert (
        kpi(K.HUMAN_OVERRIDE_REQUIRED, step(1, "drop x", ActorKind.AGENT, suggestion="rejected", automated=False)).value
        is True
    )
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


def test_a_refusal_by_a_rule_or_by_nobody_knows_whom_is_no_override_and_is_counted_apart() -> None:
    events = (
        step(1, "kubectl delete ns a", ActorKind.AGENT, suggestion="rejected", automated=True),
        step(2, "kubectl delete ns b", ActorKind.AGENT, suggestion="rejected"),
        step(3, "scale_up a", ActorKind.AGENT, automated=True),
    )
    override, used = kpi(K.HUMAN_OVERRIDE_REQUIRED, *events), kpi(K.AI_SUGGESTIONS_USED, *events)
    assert override.value is False
    assert "approval known for 2 of 3 calls by agents" in override.detail
    assert used.value == 0
    assert used.detail == "2 suggestions: 1 refused by configuration, 1 refused, by whom is not on record"


def test_an_edited_and_a_stopped_step_are_overrides() -> None:
    found = kpi(
        K.HUMAN_OVERRIDE_REQUIRED,
        step(1, "helm upgrade a", ActorKind.AGENT, suggestion="edited", automated=False),
        step(2, "helm upgrade b", ActorKind.AGENT, stopped=True, is_error=True),
    )
    assert found.value is True
    assert found.detail == "e1: a person changed the step before it ran; e2: a person stopped the step"


def test_a_person_who_does_what_an_agent_was_not_allowed_to_do_replaces_it() -> None:
    refused = step(1, "kubectl rollout restart deploy/cart", ActorKind.AGENT, suggestion="rejected", automated=True)
    found = kpi(K.HUMAN_OVERRIDE_REQUIRED, refused, step(4, "kubectl rollout restart deploy/cart", automated=False))
    assert (found.value, found.detail) == (True, "e2: a person did by hand what e1 did not")
    other = kpi(K.HUMAN_OVERRIDE_REQUIRED, refused, step(4, "kubectl rollout restart deploy/mail", automated=False))
    assert other.value is False


def test_a_call_that_was_offered_and_never_answered_is_no_step() -> None:
    found = timeline(step(1, "kubectl drain node-1", ActorKind.AGENT, suggestion="offered"))
    assert resolution_calls(found) == ()


def test_without_any_decision_on_record_it_is_said_for_how_many_calls() -> None:
    found = kpi(K.AI_SUGGESTIONS_USED, step(1, "fix 1", ActorKind.AGENT))
    assert found.reason == (
        "the material does not link any step to a suggestion; approval known for 0 of 1 calls by agents"
    )


def test_a_namespace_is_no_target_and_parts_equal_names() -> None:
    found = kpi(
        K.HUMAN_OVERRIDE_REQUIRED,
        step(1, "kubectl -n shop scale deploy/cart --replicas=30", ActorKind.AGENT),
        step(5, "kubectl -n shop scale deploy/mail --replicas=3"),
        step(6, "kubectl --namespace=test scale deploy/cart --replicas=3"),
    )
    assert found.value is False
    same = kpi(
        K.HUMAN_OVERRIDE_REQUIRED,
        step(1, "kubectl -n shop scale deploy/cart --replicas=30", ActorKind.AGENT),
        step(5, "kubectl scale deploy/cart --replicas=3 -n shop"),
    )
    assert same.value is True
