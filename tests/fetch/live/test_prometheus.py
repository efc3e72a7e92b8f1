from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from afteraction.errors import NotReached
from afteraction.fetch.collectors import opened
from afteraction.model.collecting import CollectorSettings, Fetched, Planned, Sought
from afteraction.model.reading import Problem
from afteraction.model.record import Incident

LABELS = ("service_name", "service", "job")


def sought(monitoring: Any, *services: str) -> Sought:
    now = datetime.now(UTC)
    incident = Incident(id="INC-7", title="checkout fails", opened_at=monitoring.began, services=services)
    return Sought(
        incident=incident, since=monitoring.began - timedelta(hours=1), until=now, at=now, services=services
    )  # fmt: skip


def fetched(name: str, url: str, wanted: Sought) -> tuple[dict[str, Fetched], list[Problem], tuple[Planned, ...]]:
    with opened(CollectorSettings(name=name, url=url, labels=LABELS), ()) as collector:
        planned = collector.plan(wanted)
        found = list(collector.fetch(wanted, lambda _message: None))
    return (
        {one.name: one for one in found if isinstance(one, Fetched)},
        [one for one in found if isinstance(one, Problem)],
        planned,
    )


def test_the_four_signals_of_a_service_and_the_alert_with_its_own_expression_are_asked_for(monitoring: Any) -> None:
    files, problems, planned = fetched("prometheus", monitoring.prometheus, sought(monitoring, "checkout"))
    assert problems == []
    names = {name for name in files if not name.startswith("alerts-")}
    assert names == {
        "ALERTS.json", "up.json", "alerts/CheckoutFails-expression.json", "alerts/CheckoutFails-measured.json",
        "checkout/http_requests_total-rate.json", "checkout/http_request_duration_seconds_count-rate.json",
        "checkout/http_request_duration_seconds-p50.json", "checkout/http_request_duration_seconds-p95.json",
        "checkout/http_request_duration_seconds-p99.json", "checkout/db_pool_connections_in_use.json",
    }  # fmt: skip
    assert any(one.what.endswith("of checkout") for one in planned)
    codes = {
        one["metric"]["code"]
        for one in json.loads(files["checkout/http_requests_total-rate.json"].content)["data"]["result"]
    }
    assert codes == {"200", "500"}
    before = json.loads(files["alerts/CheckoutFails-measured.json"].content)["data"]["result"][0]["values"]
    above = json.loads(files["alerts/CheckoutFails-expression.json"].content)["data"]["result"][0]["values"]
    assert len(before) > len(above) > 10
    assert "query=sum+by" in files["checkout/http_requests_total-rate.json"].command


def test_the_alert_is_there_as_prometheus_and_as_alertmanager_tell_it(monitoring: Any) -> None:
    for name, url in (("prometheus", monitoring.prometheus), ("alertmanager", monitoring.alertmanager)):
        files, problems, _ = fetched(name, url, sought(monitoring))
        assert problems == []
        (alerts,) = [one for one in files if one.startswith("alerts-")]
        assert b"CheckoutFails" in files[alerts].content


def test_a_service_that_no_series_names_is_a_problem_and_the_rest_is_there(monitoring: Any) -> None:
    files, problems, _ = fetched("prometheus", monitoring.prometheus, sought(monitoring, "nosuch", "checkout"))
    assert [problem.reason for problem in problems] == ["no series is labelled nosuch"]
    assert "checkout/http_requests_total-rate.json" in files


def test_a_hostile_name_of_a_service_stays_a_name(monitoring: Any) -> None:
    hostile = 'x"} or vector(1) or {a="\\'
    files, problems, _ = fetched("prometheus", monitoring.prometheus, sought(monitoring, hostile, "../../etc"))
    assert len(problems) == 2
    assert not [name for name in files if ".." in name or name.startswith("/")]


def test_a_prometheus_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, monitoring: Any) -> None:
    monkeypatch.setattr("afteraction.network.client.TRIES", 1)
    with pytest.raises(NotReached, match="does not answer"):
        fetched("prometheus", "http://127.0.0.1:9", sought(monitoring, "checkout"))
