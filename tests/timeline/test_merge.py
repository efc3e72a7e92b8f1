"""One happening seen by several recordings is one event; clocks that differ are found and left as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from afteraction.model.event import ActorKind, Alert, Call
from afteraction.model.origin import Precision
from afteraction.model.reading import Material
from afteraction.timeline import build
from afteraction.timeline.merge import merge


def test_an_alert_in_two_files_is_one_event_with_both_origins(make: Any) -> None:
    first, second = make.alert(0, file="webhook.json")[0], make.alert(0, file="api.json")[0]
    (event,) = merge([first, second]).events
    assert {event.origin, *event.also} == {first.origin, second.origin}


def test_products_that_name_one_alert_by_different_keys_are_merged_when_no_label_differs(make: Any) -> None:
    first = make.alert(0, key="fp1", file="a", source="one", labels=(("zone", "x"),))[0]
    second = make.alert(0.5, key="INC7", file="b", source="two")[0]
    other = make.alert(0.5, key="INC8", file="c", source="three", labels=(("zone", "y"),))[0]
    assert len(merge([first, second]).events) == 1
    assert len(merge([first, other]).events) == 2


def test_a_command_that_was_given_twice_stays_twice_though_two_recorders_saw_it(make: Any) -> None:
    calls = [
        make.call(at, "kubectl get pods", changes=False, file=file) for at in (0, 1) for file in ("cast", "history")
    ]
    assert [len(e.also) for e in merge(calls).events] == [1, 1]


def test_the_same_command_in_one_recording_is_never_merged(make: Any) -> None:
    calls = [make.call(0, "kubectl get pods", changes=False, file="cast") for _ in range(3)]
    assert len(merge(calls).events) == 3


def test_what_one_recording_knows_of_a_call_the_merged_event_knows(make: Any) -> None:
    poor = make.call(0, "helm rollback cart", changes=True, file="history", who="anna")
    rich = make.call(0, "helm rollback cart", changes=True, file="mcp", automated=False, result="done", exit_code=0)
    (event,) = merge([poor, rich]).events
    assert isinstance(event.detail, Call)
    assert (event.detail.automated, event.detail.result) == (False, "done")


def test_the_finest_clock_gives_the_time(make: Any) -> None:
    exact = make.change(0.4, "deadbeef", file="deploys.json")
    coarse = replace(make.change(0, "deadbeef", file="notes.csv"), precision=Precision.MINUTE)
    (event,) = merge([coarse, exact]).events
    assert event.at == make.at(0.4)


def test_the_earliest_start_of_a_condition_is_kept(make: Any) -> None:
    (event,) = merge([make.alert(0, file="a")[0], make.alert(0, file="b", active=-3)[0]]).events
    assert isinstance(event.detail, Alert)
    assert event.detail.active_at == make.at(-3)


def test_a_clock_that_runs_ahead_is_reported_and_its_times_stay(make: Any) -> None:
    commands = ["kubectl get pods", "kubectl logs cart", "kubectl describe pod cart", "helm history cart"]
    right = [make.call(n, c, changes=False, file="a", source="transcript") for n, c in enumerate(commands)]
    ahead = [make.call(n + 2.5, c, changes=False, file="b", source="terminal") for n, c in enumerate(commands)]
    found = merge([*right, *ahead])
    assert [(s.source, s.seconds, s.pairs) for s in found.skews] == [("terminal", 150.0, 4)]
    assert len(found.events) == 4
    assert {e.at for e in found.events} <= {e.at for e in (*right, *ahead)}


@pytest.mark.parametrize("apart", [0.0, 0.03])
def test_clocks_that_agree_are_not_reported(make: Any, apart: float) -> None:
    pairs = [(make.alert(n, f"A{n}", file="a")[0], make.alert(n + apart, f"A{n}", file="b")[0]) for n in range(5)]
    assert merge([e for pair in pairs for e in pair]).skews == ()


def test_delays_that_vary_are_no_skew(make: Any) -> None:
    pairs = [
        (make.alert(9 * n, f"A{n}", file="a")[0], make.alert(9 * n + n * n, f"A{n}", file="b")[0]) for n in range(6)
    ]
    assert merge([e for pair in pairs for e in pair]).skews == ()


def test_forty_alerts_of_a_storm_are_one_row_that_opens(make: Any) -> None:
    storm = [make.alert(n / 60, "Errors", key=f"k{n}", labels=(("pod", f"p{n}"),))[0] for n in range(40)]
    (row,) = build(Material(events=tuple(storm))).rows
    assert (row.folded, len(row.events)) == (40, 40)


def test_alerts_of_different_names_in_quick_succession_are_one_storm(make: Any) -> None:
    storm = [make.alert(n / 2, f"Alert{n}", key=f"k{n}")[0] for n in range(8)]
    rows = build(Material(events=tuple(storm))).rows
    assert [row.folded for row in rows] == [8]


def test_repeated_lines_of_a_bot_and_repeated_warnings_are_folded(make: Any) -> None:
    bot = [make.say(n, f"queue length is {n * 17}", who="bot", actor_kind=ActorKind.TOOL) for n in range(9)]
    warned = [make.warning(n, "pod/cart-5d4f8c7b9-x2x7q" if n % 2 else "pod/cart-5d4f8c7b9-zz7pl") for n in range(6)]
    rows = build(Material(events=(*bot, *warned))).rows
    assert sorted(row.folded for row in rows) == [6, 9]


def test_a_bot_that_announces_an_alert_stands_behind_the_alerts_row(make: Any) -> None:
    firing = make.alert(0, "HighErrors", ends=30)
    told = make.say(0.5, "[FIRING:1] HighErrors on cart", who="bot", actor_kind=ActorKind.TOOL)
    timeline = build(Material(events=(*firing, told)))
    row = next(r for r in timeline.rows if r.event.kind == "alert_firing")
    assert (len(row.events), row.folded) == (2, 1)


def test_a_milestone_at_another_time_than_its_event_is_not_shown_by_the_events_row(make: Any) -> None:
    said = make.say(6, "customers report errors since 13:55")
    timeline = build(Material(events=(*make.alert(0, ends=20), said)))
    started = next(m for m in timeline.milestones if m.name == "impact_started")
    assert (started.at, started.events) == (make.at(-5), (timeline.events[1].id,))
    assert all(row.event.at == m.at for row in timeline.rows for m in timeline.milestones if m.name == row.milestone)
