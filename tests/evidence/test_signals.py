"""Detectors on synthetic series, spans and logs whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.evidence.blame import blame
from afteraction.evidence.callgraph import graph_of
from afteraction.evidence.diffs import delta_of
from afteraction.evidence.flows import Spoken, flow_signals, steps
from afteraction.evidence.mechanisms import Mechanism
from afteraction.evidence.metrics.episodes import episodes
from afteraction.evidence.metrics.nature import nature_of
from afteraction.evidence.metrics.shift import rates, shifts
from afteraction.evidence.onset import change_point, climb_point
from afteraction.evidence.signals import Nature, Signal
from afteraction.evidence.traces import structure, trace_signals
from afteraction.model.finding import FindingKind
from afteraction.model.origin import Origin
from afteraction.model.series import Series, SeriesKind
from afteraction.model.span import Spans

HERE = Origin(file="x.csv", line=2)


def series(
    values: list[float], *, step: float = 60.0, name: str = "cpu_usage", service: str = "a", **more: object
) -> Series:
    array = np.asarray(values, dtype=np.float64)
    return Series(
        metric=name, service=service, times=step * np.arange(len(array), dtype=np.float64), values=array, origin=HERE,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_shift_stands_out_of_its_own_past_and_a_spike_does_not() -> None:
    rng = np.random.default_rng(1)
    base = list(50 + rng.standard_normal(100))
    shifted = series([*base, *(60 + rng.standard_normal(12))])
    spiked = series([*base, *(50 + rng.standard_normal(11)), 500.0], service="b")

    found = {s.series.service: s for s in shifts([shifted, spiked], 6000.0, 7000.0)}

    assert found["a"].strength > 2 > found["b"].strength
    assert found["a"].direction == 1


def test_a_quiet_system_yields_hardly_any_strong_shift() -> None:
    rng = np.random.default_rng(2)
    many = [series(list(20 + rng.standard_normal(120)), service=f"s{i}") for i in range(300)]

    strong = [s for s in shifts(many, 6000.0, 7200.0) if s.strength >= 2.5]

    assert len(strong) <= 3


@given(st.floats(0.5, 1e6), st.floats(1.5, 50.0))
@settings(max_examples=30, deadline=None)
def test_scaling_a_series_that_has_no_unit_changes_nothing(scale: float, jump: float) -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate((100 + rng.standard_normal(60), 100 * jump + rng.standard_normal(10)))
    one = shifts([series(list(values), name="widgets")], 3600.0, 4200.0)[0]
    other = shifts([series(list(values * scale), name="widgets")], 3600.0, 4200.0)[0]

    assert one.p == pytest.approx(other.p, rel=1e-6)


def test_a_counter_becomes_a_rate_and_a_reset_no_sample() -> None:
    counter = series([0, 60, 120, 30, 90], kind=SeriesKind.COUNTER)

    rate = rates(counter)

    assert list(rate.values) == [1.0, 1.0, 1.0]


def test_gaps_and_irregular_steps_do_not_move_the_onset() -> None:
    times = np.cumsum(np.tile([60.0, 60.0, 180.0], 40))
    values = np.where(times >= 9000, 9.0, 1.0) + 0.01 * np.sin(times)

    found = change_point(values)

    assert found is not None
    assert times[found.row] == times[np.searchsorted(times, 9000)]


def test_a_climb_begins_where_the_slope_does() -> None:
    rng = np.random.default_rng(4)
    values = np.concatenate((np.full(30, 200.0), 200 + 3.0 * np.arange(90))) + rng.standard_normal(120)

    row = climb_point(values)

    assert row is not None
    assert abs(row - 30) <= 4


@pytest.mark.parametrize(("name", "nature"), [
    ("PodServerLatencyP90", Nature.LATENCY), ("http_5xx_ratio", Nature.ERRORS), ("container_memory_rss_mb", Nature.SATURATION),
    ("requests_per_sec", Nature.THROUGHPUT), ("NodeCpuUsageRate", Nature.HOST), ("availability", Nature.ERRORS),
    ("frobnication", Nature.OTHER),
])  # fmt: skip
def test_the_words_of_a_name_say_what_is_measured(name: str, nature: Nature) -> None:
    assert nature_of(name).nature is nature


def test_a_long_series_shows_its_episode_and_not_its_daily_habit() -> None:
    rng = np.random.default_rng(5)
    minutes = 5 * np.arange(288 * 7)
    values = 50 + 20 * np.sin(2 * np.pi * minutes / 1440) + rng.standard_normal(len(minutes))
    calm = series(list(values), step=300.0)
    values[1500:1540] += 60
    strange = series(list(values), step=300.0)

    assert episodes(calm) == []
    assert abs(episodes(strange)[0].row - 1500) <= 24


def test_a_spike_as_high_as_an_earlier_one_is_a_habit_and_a_higher_one_is_none() -> None:
    rng = np.random.default_rng(6)
    values = 5 + 0.1 * rng.standard_normal(288 * 10)
    values[[700, 1300, 1900]] = 30
    again = series(list(values), step=300.0)
    values[2500] = 60
    higher = series(list(values), step=300.0)

    assert [e.row for e in episodes(again)] == [700]
    assert episodes(higher)[0].row == 2500


def spans(rows: list[tuple[int, int, int, float, float, bool]]) -> Spans:
    """Rows: trace, parent row or -1, service, start, duration, failed."""
    columns = list(zip(*rows, strict=True))
    n = len(rows)
    return Spans(
        origin=HERE, start=np.array(columns[3]), duration=np.array(columns[4]), service=np.array(columns[2], np.int32),
        name=np.array(columns[2], np.int32), trace=np.array(columns[0], np.int32), span_id=np.arange(n, dtype=np.int32) + 1000,
        parent_id=np.array([p + 1000 if p >= 0 else -1 for p in columns[1]], np.int32), error=np.array(columns[5], bool),
        line=np.arange(n) + 2, services=("front", "back"), names=("GET /", "query"), ids=tuple(str(i) for i in range(2000)),
    )  # fmt: skip


def test_self_time_counts_overlapping_children_once() -> None:
    found = structure(spans([(1, -1, 0, 0.0, 10.0, False), (1, 0, 1, 1.0, 4.0, False), (1, 0, 1, 3.0, 4.0, False)]))

    assert found.self_time[0] == pytest.approx(4.0)


def test_an_error_belongs_to_the_deepest_failed_span() -> None:
    found = structure(spans([(1, -1, 0, 0.0, 1.0, True), (1, 0, 1, 0.1, 0.5, True)]))

    assert list(found.origin_of_error) == [False, True]


def test_a_slow_callee_is_not_the_callers_slowness() -> None:
    rows: list[tuple[int, int, int, float, float, bool]] = []
    for i in range(200):
        slow = 0.5 if i >= 160 else 0.0
        rows += [(i, -1, 0, float(i), 0.06 + slow, False), (i, len(rows), 1, i + 0.01, 0.03 + slow, False)]

    found = trace_signals([spans(rows)], [], 160.0, 200.0)

    assert [s.service for s in found] == ["back"]


def test_a_broken_order_of_statements_is_found_whatever_the_traffic() -> None:
    def said(n: int, *, broken: bool) -> list[Spoken]:
        texts = ["charge begins", "gateway refuses" if broken else "charge is done"]
        return [
            Spoken(at=i + j / 10, service="pay", trace=str(i), text=text, origin=HERE)
            for i in range(n)
            for j, text in enumerate(texts)
        ]

    assert flow_signals(steps(said(200, broken=False)), steps(said(20, broken=False))) == []
    assert flow_signals(steps(said(15, broken=True)), steps(said(20, broken=False)))[0].service == "pay"


def signal(service: str, strength: float, nature: Nature = Nature.LATENCY, peer: str = "") -> Signal:
    return Signal(
        service=service, nature=nature, strength=strength, kind=FindingKind.METRIC, summary="", citations=(HERE,),
        rule="metric-shift", peer=peer,
    )  # fmt: skip


def test_time_lost_on_a_call_speaks_against_the_callee_first() -> None:
    found = blame([signal("a", 5.0, peer="b")], graph_of([("a", "b", 1)]))

    assert [b.service for b in found] == ["b", "a"]


def test_without_a_graph_the_most_surprising_service_comes_first() -> None:
    found = blame([signal("a", 2.0), signal("b", 5.0)], graph_of([]))

    assert [b.service for b in found] == ["b", "a"]


@pytest.mark.parametrize(("files", "diff", "mechanism"), [
    (("docs/a.md",), "+text", Mechanism.INERT),
    (("go.mod",), "-\tx v1.0.1\n+\tx v1.0.2", Mechanism.DEPENDENCY),
    (("a.go",), "-\tmu sync.Mutex\n", Mechanism.LOCK_REMOVED),
    (("a.py",), "-    if user is None:\n-        return\n", Mechanism.GUARD_REMOVED),
    (("a.go",), "-const maxConns = 50\n+const maxConns = 10\n", Mechanism.LIMIT_LOWERED),
    (("a.py",), "+for item in cart:\n+    db.query(item)\n", Mechanism.CALL_IN_LOOP),
    (("a.go",), "+var seen []string\n+func f(s string) {\n+\tseen = append(seen, s)\n+}\n", Mechanism.UNBOUNDED_GROWTH),
    (("a.css",), "-a { padding: 1px; }\n+a { padding: 2px; }\n", Mechanism.INERT),
])  # fmt: skip
def test_a_diff_shows_how_it_could_hurt(files: tuple[str, ...], diff: str, mechanism: Mechanism) -> None:
    assert mechanism in delta_of(files, diff).mechanisms


@given(st.text(max_size=300), st.lists(st.text(max_size=30), max_size=3))
@settings(max_examples=60, deadline=None)
def test_any_text_is_a_diff(diff: str, files: list[str]) -> None:
    assert delta_of(files, diff).files is not None
