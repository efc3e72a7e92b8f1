"""One call of an agent that a recorder, a session and telemetry tell of is one event, with what any of them knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, permutations
from typing import Any

import pytest

from afteraction.model.event import Actor, ActorKind, Call, Effect, Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.timeline.merge import merge

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
LINE = count(1)


def called(at: float, file: str, arguments: str = '{"name": "a"}', **more: Any) -> Event:
    precision = Precision.MICROSECOND if file == "spool" else Precision.MILLISECOND
    return Event(
        at=ZERO + timedelta(seconds=at),
        precision=precision,
        kind=EventKind.TOOL_CALL,
        text=f"pods_delete {arguments}",
        source=file,
        origin=Origin(file=file, line=next(LINE)),
        actor=Actor(name=file, kind=ActorKind.AGENT),
        detail=Call(tool="pods_delete", arguments=arguments, **more),
    )


def calls(*events: Event) -> list[Call]:
    return [event.detail for event in merge(events).events if isinstance(event.detail, Call)]


def test_a_recorded_call_and_the_session_that_offered_it_minutes_before_are_one() -> None:
    session = called(0, "session", call_id="t1", seconds=200.0, result="deleted")
    recorded = called(190, "spool", seconds=0.4, effect=Effect.STATE_CHANGING, result="deleted")
    (found,) = calls(session, recorded)
    assert (found.call_id, found.seconds, found.effect) == ("t1", 0.4, Effect.STATE_CHANGING)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_recordings_are_one_call_in_any_order_and_the_decision_is_kept(order: tuple[int, ...]) -> None:
    told = [
        called(0, "session", call_id="t1", seconds=9.0),
        called(5, "telemetry", "", call_id="t1", automated=False, suggestion="accepted"),
        called(6, "spool", seconds=1.0, result="deleted"),
    ]
    (found,) = calls(*(told[place] for place in order))
    assert (found.automated, found.suggestion, found.result) == (False, "accepted", "deleted")


def test_calls_with_different_ids_stay_apart_however_equal_they_are() -> None:
    assert len(calls(called(0, "session", call_id="t1"), called(1, "hooks", call_id="t2"))) == 2


def test_two_equal_calls_in_two_recordings_are_two() -> None:
    session = [called(at, "session", call_id=f"t{at}", seconds=2.0) for at in (0, 3)]
    recorded = [called(at, "spool", seconds=1.0) for at in (1, 4)]
    found = merge([*session, *recorded]).events
    assert [len(event.also) for event in found] == [1, 1]


def test_other_arguments_are_another_call() -> None:
    assert len(calls(called(0, "session", seconds=9.0), called(1, "spool", '{"name": "b"}'))) == 2


def test_what_was_refused_in_the_session_but_ran_by_the_recording_was_stopped() -> None:
    session = called(0, "session", call_id="t1", seconds=9.0, automated=False, suggestion="rejected", is_error=True)
    recorded = called(2, "spool", result="cancelled by the client", is_error=True)
    (found,) = calls(session, recorded)
    assert (found.suggestion, found.stopped, found.automated) == ("", True, None)


def test_a_refusal_alone_stays_a_refusal() -> None:
    session = called(0, "session", call_id="t1", automated=False, suggestion="rejected", result="no")
    hooks = called(0, "hooks", call_id="t1")
    (found,) = calls(session, hooks)
    assert (found.suggestion, found.stopped) == ("rejected", False)


def test_clocks_are_not_told_to_differ_because_calls_wait_for_a_person() -> None:
    session = [called(at, "session", f'{{"n": {at}}}', seconds=30.0) for at in range(0, 600, 60)]
    recorded = [called(at + 20, "spool", f'{{"n": {at}}}', seconds=1.0) for at in range(0, 600, 60)]
    merged = merge([*session, *recorded])
    assert merged.skews == ()
    assert len(merged.events) == 10
