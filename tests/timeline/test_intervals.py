"""Unavailable and degraded are told apart, and what the material does not call unavailable is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from afteraction.model.origin import Origin
from afteraction.model.reading import Material
from afteraction.model.series import Series
from afteraction.timeline import build


def down(*events: Any, series: Any = ()) -> list[tuple[str, bool, float]]:
    timeline = build(Material(events=tuple(events), series=tuple(series)))
    return [(i.service, i.down, (i.end - i.start).total_seconds() / 60 if i.end else -1) for i in timeline.intervals]


@pytest.mark.parametrize(
    ("name", "unavailable"),
    [
        ("ServiceDown", True),
        ("probe_unreachable", True),
        ("NoHealthyEndpoints", True),
        ("HighErrorRate", False),
        ("LatencySlowdown", False),
        ("DownstreamLatency", False),
        ("DeploymentScaledDown", False),
    ],
)
def test_the_words_of_an_alert_tell_down_from_degraded(make: Any, name: Any, unavailable: bool) -> None:
    assert down(*make.alert(0, name, ends=10)) == [("cart", unavailable, 10)]


def test_overlapping_alerts_of_one_service_are_one_interval_from_the_start_of_the_condition(make: Any) -> None:
    assert down(*make.alert(0, "ADown", ends=10, active=-2), *make.alert(5, "BDown", ends=15)) == [("cart", True, 17)]


def test_an_alert_without_an_end_is_an_open_interval(make: Any) -> None:
    assert down(*make.alert(0, "ServiceDown")) == [("cart", True, -1)]


def probe(make: Any, values: list[int], instance: str) -> Series:
    times = np.array([make.at(n).timestamp() for n in range(len(values))])
    return Series(
        metric="up",
        times=times,
        values=np.array(values, dtype=float),
        origin=Origin(file="m"),
        service="cart",
        instance=instance,
    )


def test_a_service_is_down_while_every_instance_reads_zero(make: Any) -> None:
    series = [probe(make, [1, 0, 0, 0, 1, 1], "a"), probe(make, [1, 1, 0, 0, 0, 1], "b")]
    found = down(*make.alert(0, "HighErrorRate", ends=5), series=series)
    assert ("cart", True, 2) in found
