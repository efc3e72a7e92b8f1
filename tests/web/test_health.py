"""What those who run the service ask it: does it live, can it serve, how is it doing."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from afteraction.errors import StoreUnavailable
from afteraction.model.job import Job
from afteraction.model.record import Incident, IncidentStatus


def figures(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(text)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def test_it_lives_and_is_ready_until_it_is_told_to_end(office: Any) -> None:
    assert office.anonymous.get("/healthz").text == "alive\n"
    assert office.anonymous.get("/readyz").text == "ready\n"
    office.anonymous.app.state.ending.set()
    refused = office.anonymous.get("/readyz")
    assert (refused.status_code, refused.json()["title"]) == (503, "Service Unavailable")
    assert office.anonymous.get("/healthz").status_code == 200


def test_it_is_not_ready_while_the_record_is_away(office: Any, monkeypatch: Any) -> None:
    def away() -> None:
        raise StoreUnavailable("the record is away")

    monkeypatch.setattr(office.desk.store, "begin", away)
    refused = office.anonymous.get("/readyz")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")


def test_figures_tell_requests_by_route_and_what_the_record_holds(office: Any) -> None:
    with office.desk.store.begin() as record:
        for number, status in enumerate((IncidentStatus.OPEN, IncidentStatus.OPEN, IncidentStatus.CLOSED)):
            record.put_incident(Incident(id=f"INC-{number}", title="t", opened_at=office.clock(), status=status))
        record.add_job(Job(kind="tidy", run_at=office.clock(), failures=2))
    before = figures(office.anonymous.get("/metrics").text)
    office.reader.get("/api/v1/me")
    office.anonymous.get("/api/v1/nothing/INC-secret-name")
    after = office.anonymous.get("/metrics")
    told = figures(after.text)
    counted = ("afteraction_http_requests_total", (("method", "GET"), ("route", "/api/v1/me"), ("status", "200")))
    assert told[counted] == before.get(counted, 0) + 1
    assert told["afteraction_incidents", (("status", "open"),)] == 2
    assert told["afteraction_jobs_failing", ()] == 1
    assert "secret-name" not in after.text
