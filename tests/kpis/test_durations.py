"""Durations in exact words, and KPIs between milestones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.formats.durations import parse_duration
from afteraction.kpis import compute, format_duration
from afteraction.model.chronology import Interval, Milestone, MilestoneName, Timeline
from afteraction.model.kpi import Kpi, KpiName
from afteraction.model.origin import Basis, Precision

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
M, K = MilestoneName, KpiName


@pytest.mark.parametrize(
    ("seconds", "precision", "words"),
    [
        (11_100, Precision.MINUTE, "3 h 05 min"),
        (10_800, Precision.MINUTE, "3 h 00 min"),
        (10_803, Precision.SECOND, "3 h 00 min 03 s"),
        (260, Precision.SECOND, "4 min 20 s"),
        (240, Precision.SECOND, "4 min"),
        (59, Precision.SECOND, "59 s"),
        (59, Precision.MINUTE, "less than 1 min"),
        (0, Precision.MINUTE, "0 min"),
        (0, Precision.SECOND, "0 s"),
        (0.25, Precision.MILLISECOND, "250 ms"),
        (97_200, Precision.MINUTE, "1 d 03 h"),
        (97_200, Precision.HOUR, "1 d 03 h"),
        (7200, Precision.HOUR, "2 h"),
        (7200, Precision.UNKNOWN, "about 2 h 00 min"),
        (-120, Precision.SECOND, "-2 min"),
    ],
)
def test_a_duration_is_worded_as_exactly_as_its_clock_allows(seconds: float, precision: Precision, words: str) -> None:
    assert format_duration(seconds, precision) == words


@given(seconds=st.integers(1, 40 * 86_400))
def test_what_is_worded_can_be_read_back(seconds: float) -> None:
    read = parse_duration(format_duration(seconds, Precision.SECOND))
    assert read is not None
    # From a day on seconds are left out.
    assert abs(read.seconds - seconds) < (60 if seconds >= 86_400 else 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3 h 05 min", 11_100),
        ("2 hours and 10 minutes", 7800),
        ("1h30", 5400),
        ("1h30m", 5400),
        ("01:20:00", 4800),
        ("half an hour", 1800),
        ("1.5 hours", 5400),
        ("about 20 mins (see graph)", 1200),
        ("3-hour outage", 10_800),
        ("2 days", 172_800),
        ("4m20s", 260),
    ],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    read = parse_duration(text)
    assert read is not None
    assert read.seconds == seconds


@pytest.mark.parametrize("text", ["", "tomorrow", "14:02", "v1.2", "5 pods", "2026-01-01", "[Duration]"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    assert parse_duration(text) is None


def at(
    minutes: float, name: MilestoneName, precision: Precision = Precision.SECOND, basis: Basis = Basis.OBSERVED
) -> Milestone:
    return Milestone(name=name, at=ZERO + timedelta(minutes=minutes), basis=basis, precision=precision, confidence=1)


def kpi(name: KpiName, *milestones: Milestone, intervals: tuple[Interval, ...] = ()) -> Kpi:
    return next(k for k in compute(Timeline(milestones=milestones, intervals=intervals)) if k.name is name)


def test_every_kpi_is_there_and_unknown_with_a_reason_when_nothing_is_known() -> None:
    found = compute(Timeline())
    assert [k.name for k in found] == list(K)
    assert all(not k.known and k.reason and k.basis is Basis.UNKNOWN for k in found)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        (K.TIME_TO_DETECTION, M.IMPACT_STARTED, M.DETECTED),
        (K.TIME_TO_ACKNOWLEDGE, M.DETECTED, M.ACKNOWLEDGED),
        (K.TIME_TO_INVESTIGATION, M.DETECTED, M.INVESTIGATING),
        (K.TIME_TO_IDENTIFY, M.DETECTED, M.CAUSE_IDENTIFIED),
        (K.TIME_TO_MITIGATE, M.IMPACT_STARTED, M.RESTORED),
        (K.TIME_TO_RESOLUTION, M.IMPACT_STARTED, M.CONFIRMED),
        (K.TIME_TO_RESOLUTION_FROM_DETECTION, M.DETECTED, M.CONFIRMED),
    ],
)
def test_each_kpi_runs_between_the_milestones_of_its_definition(
    name: Any, start: MilestoneName, end: MilestoneName
) -> None:
    found = kpi(name, at(1, start), at(9, end, basis=Basis.REPORTED))
    assert (found.seconds, found.start, found.end, found.basis) == (480, start, end, Basis.REPORTED)
    backwards = kpi(name, at(9, start), at(1, end))
    assert not backwards.known
    assert "before" in backwards.reason


def test_a_resolution_without_a_confirmation_runs_to_the_restoration_and_says_so() -> None:
    found = kpi(K.TIME_TO_RESOLUTION, at(0, M.IMPACT_STARTED), at(30, M.RESTORED))
    assert (found.seconds, found.end) == (1800, "restored")
    assert "no confirmation" in found.detail


def test_the_ticks_of_both_clocks_add_up() -> None:
    found = kpi(K.TIME_TO_DETECTION, at(0, M.IMPACT_STARTED, Precision.MINUTE), at(5, M.DETECTED, Precision.MINUTE))
    assert (found.precision, found.detail) == (Precision.MINUTE, "± 2 min")


def test_a_wrong_order_within_the_ticks_is_no_time_at_all() -> None:
    found = kpi(K.TIME_TO_DETECTION, at(1, M.IMPACT_STARTED, Precision.MINUTE), at(0.5, M.DETECTED))
    assert found.seconds == 0


precisions = st.sampled_from([Precision.SECOND, Precision.MINUTE, Precision.HOUR, Precision.UNKNOWN])
milestones = st.lists(
    st.builds(at, st.integers(-500, 500), st.sampled_from(list(M)), precisions), max_size=11, unique_by=lambda m: m.name
)
stretches = st.lists(
    st.builds(
        lambda service, start, length, down: Interval(
            service=service,
            start=ZERO + timedelta(minutes=start),
            end=None if length is None else ZERO + timedelta(minutes=start + length),
            down=down,
        ),
        st.sampled_from(["a", "b", ""]),
        st.integers(-100, 100),
        st.none() | st.integers(0, 60),
        st.booleans(),
    ),
    max_size=8,
)


@given(found=milestones, intervals=stretches)
def test_no_kpi_is_negative_and_an_unknown_one_has_a_reason(found: Any, intervals: Any) -> None:
    for one in compute(Timeline(milestones=tuple(found), intervals=tuple(intervals))):
        assert one.seconds is None or one.seconds >= 0
        assert one.known != bool(one.reason)


def down(service: str, start: float, end: float | None, *, down: bool = True) -> Interval:
    last = None if end is None else ZERO + timedelta(minutes=end)
    return Interval(service=service, start=ZERO + timedelta(minutes=start), end=last, down=down)


def test_downtime_counts_overlap_once_and_lists_the_services() -> None:
    found = kpi(K.TOTAL_DOWNTIME, intervals=(down("a", 0, 10), down("b", 5, 20), down("a", 8, 12)))
    assert found.seconds == 20 * 60
    assert found.detail == "a 12 min, b 15 min"


def test_degraded_time_is_told_apart_and_does_not_repeat_downtime() -> None:
    found = kpi(K.TOTAL_DOWNTIME, intervals=(down("a", 0, 10), down("a", 5, 30, down=False)))
    assert found.seconds == 600
    assert found.detail == "a 10 min; degraded, not counted: a 20 min"


def test_only_degraded_time_leaves_downtime_unknown() -> None:
    found = kpi(K.TOTAL_DOWNTIME, intervals=(down("a", 0, 10, down=False),))
    assert not found.known
    assert "degraded" in found.reason


def test_an_open_interval_ends_with_the_impact_or_leaves_downtime_unknown() -> None:
    assert not kpi(K.TOTAL_DOWNTIME, intervals=(down("a", 0, None),)).known
    closed = kpi(K.TOTAL_DOWNTIME, at(25, M.RESTORED), intervals=(down("a", 0, None),))
    assert (closed.seconds, closed.basis) == (1500, Basis.INFERRED)


@given(intervals=stretches)
def test_the_union_is_no_longer_than_the_sum_and_no_shorter_than_the_longest(intervals: Any) -> None:
    closed = [i for i in intervals if i.down and i.end]
    found = kpi(K.TOTAL_DOWNTIME, intervals=tuple(closed))
    lengths = [(i.end - i.start).total_seconds() for i in closed if i.end]
    if lengths:
        assert found.seconds is not None
        assert max(lengths) <= found.seconds <= sum(lengths)
