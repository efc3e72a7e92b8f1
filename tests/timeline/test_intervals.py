"""Unavailable and degraded are told apart, and what the material does not call unavailable is not."""

from __future__ import annotations

from typing import Any

import pytest

from afteraction.model.finding import Investigation, Outage
from afteraction.model.origin import Basis
from afteraction.model.reading import Material
from afteraction.timeline import build


def down(*events: Any) -> list[tuple[str, bool, float]]:
    timeline = build(Material(events=tuple(events)))
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


def test_an_outage_that_the_evidence_shows_counts_while_the_incident_lasts(make: Any) -> None:
    def outage(start: float, end: float, finding: str) -> Outage:
        return Outage(service="cart", start=make.at(start), end=make.at(end), finding=finding, basis=Basis.INFERRED)

    alerts = make.alert(0, "HighErrorRate", ends=5)
    said = Investigation(outages=(outage(1, 3, "f1"), outage(-600, -590, "f2")))
    timeline = build(Material(events=tuple(alerts)), said)
    assert [(i.events, i.basis) for i in timeline.intervals if i.down] == [(("f1",), Basis.INFERRED)]
