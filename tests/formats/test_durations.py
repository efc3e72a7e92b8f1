from __future__ import annotations

import pytest

from afteraction.formats.durations import Bound, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("twenty-four hours", 86400.0), ("thirty five minutes", 2100.0), ("4h 9m", 14940.0), ("half an hour", 1800.0),
        ("47 minute", 2820.0), ("1 hour and 48 minutes", 6480.0),
    ],
)  # fmt: skip
def test_a_duration_is_read_in_words_and_numbers(text: str, seconds: float) -> None:
    found = parse_duration(text)
    assert found is not None
    assert found.seconds == seconds


@pytest.mark.parametrize(
    ("text", "bound"),
    [("over 14 hours", Bound.LEAST), ("at least 9 hours", Bound.LEAST), ("under 2 hours", Bound.MOST), ("about 2 hours", Bound.NEITHER)],
)  # fmt: skip
def test_the_words_before_a_duration_bound_it(text: str, bound: Bound) -> None:
    found = parse_duration(text)
    assert found is not None
    assert found.bound is bound


@pytest.mark.parametrize(
    ("text", "minutes", "meets"),
    [
        ("47 minutes", 47, True), ("47 minutes", 49, False), ("about 3 hours", 160, True), ("about nine hours", 420, False),
        ("over 5 hours", 326, True), ("over 14 hours", 727, False), ("over 2 hours", 600, False), ("under 1 hour", 40, True),
        ("under 1 hour", 70, False),
    ],
)  # fmt: skip
def test_a_measured_stretch_meets_the_words_or_not(text: str, minutes: int, meets: bool) -> None:
    found = parse_duration(text)
    assert found is not None
    assert found.meets(minutes * 60.0) is meets
