"""Laws that hold for every incident."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from afteraction.model.chronology import Interval
from afteraction.model.event import Alert, Event, EventKind
from afteraction.model.reading import Material
from afteraction.timeline import build
from afteraction.timeline.intervals import united

NOISE = ("lunch?", "who has the tickets for the concert", "nice weather", "my editor is slow today, anyone else?")


@given(seed=st.integers(0, 10_000))
def test_the_order_of_the_input_does_not_matter(make: Any, incident: Any, seed: int) -> None:
    events = [*incident(), *make.alert(3, "Latency", ends=20), make.say(4, "hm"), make.say(4, "hm", who="bo")]
    shuffled = random.Random(seed).sample(events, len(events))
    assert build(Material(events=tuple(shuffled))) == build(Material(events=tuple(events)))


@given(
    noise=st.lists(
        st.tuples(st.integers(-2000, 2000), st.sampled_from(NOISE), st.sampled_from(["kim", "lee"])), max_size=30
    ),
    looks=st.lists(st.integers(-2000, -1), max_size=5),
)
def test_unrelated_noise_moves_no_milestone(
    make: Any, incident: Any, noise: list[tuple[int, str, str]], looks: list[int]
) -> None:
    events = tuple(incident())
    talk = [make.say(at, text, who=who) for at, text, who in noise]
    earlier = [make.call(at, "ls", changes=False, file="other") for at in looks]
    known = {(m.name, m.at) for m in build(Material(events=events)).milestones}
    assert {(m.name, m.at) for m in build(Material(events=(*events, *talk, *earlier))).milestones} == known


@given(days=st.integers(-3000, 3000), seconds=st.integers(0, 86_399))
def test_shifting_all_times_shifts_the_milestones_and_changes_nothing_else(
    incident: Any, days: int, seconds: float
) -> None:
    by = timedelta(days=days, seconds=seconds)

    def shifted(event: Event) -> Event:
        detail = event.detail
        if isinstance(detail, Alert) and detail.active_at:
            detail = replace(detail, active_at=detail.active_at + by)
        return replace(event, at=event.at + by, detail=detail)

    events = tuple(incident())
    first, second = build(Material(events=events)), build(Material(events=tuple(shifted(e) for e in events)))
    assert [(m.name, m.at + by, m.events) for m in first.milestones] == [
        (m.name, m.at, m.events) for m in second.milestones
    ]
    assert [(r.events, r.phase, r.milestone, r.important) for r in first.rows] == [
        (r.events, r.phase, r.milestone, r.important) for r in second.rows
    ]


@given(
    sets=st.lists(
        st.tuples(
            st.sampled_from([k for k in EventKind if not k.name.startswith("ALERT")]),
            st.integers(-200, 200),
            st.sampled_from(["service restored", "alert fired", "", "errors since 25:99", "root cause is x", "\x00"]),
        ),
        max_size=25,
    )
)
def test_every_event_stands_behind_exactly_one_row(make: Any, sets: Any) -> None:
    timeline = build(Material(events=tuple(make.event(at, kind, text) for kind, at, text in sets)))
    behind = [name for row in timeline.rows for name in row.events]
    assert sorted(behind) == sorted(e.id for e in timeline.events)
    assert [e.id for e in timeline.events] == [f"e{n}" for n in range(1, len(timeline.events) + 1)]
    assert list(timeline.events) == sorted(timeline.events, key=lambda e: e.at)


ZERO = datetime(2026, 1, 1, tzinfo=UTC)
intervals = st.lists(
    st.builds(
        lambda service, start, length, down: Interval(
            service=service,
            start=ZERO + timedelta(minutes=start),
            end=None if length is None else ZERO + timedelta(minutes=start + length),
            down=down,
        ),
        st.sampled_from("ab"),
        st.integers(0, 100),
        st.none() | st.integers(0, 30),
        st.booleans(),
    ),
    max_size=12,
)


def covers(found: tuple[Interval, ...], service: str, down: bool, minute: float) -> bool:
    at = ZERO + timedelta(minutes=minute)
    return any(
        i.service == service and i.down is down and i.start <= at and (i.end is None or at <= i.end) for i in found
    )


@given(raw=intervals)
def test_uniting_intervals_keeps_the_time_they_cover_and_leaves_no_overlap(raw: list[Interval]) -> None:
    found = united(raw)
    assert united(found) == found
    for service in "ab":
        for down in (True, False):
            for half_minute in range(270):
                minute = half_minute / 2
                assert covers(tuple(raw), service, down, minute) == covers(found, service, down, minute)
            mine = [i for i in found if i.service == service and i.down is down]
            assert all(a.end is not None and a.end < b.start for a, b in itertools.pairwise(mine))


@given(raw=intervals, seed=st.integers(0, 99))
def test_the_order_of_intervals_does_not_matter(raw: list[Interval], seed: int) -> None:
    assert united(random.Random(seed).sample(raw, len(raw))) == united(raw)
