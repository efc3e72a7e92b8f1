"""What agents tell the service of their calls: kept once, for the incident that is named, and nothing is decided for them."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from afteraction.model.event import Call
from afteraction.model.record import Incident

HOOK = {
    "hook_event_name": "PostToolUse", "session_id": "s1", "tool_name": "mcp__k8s__resources_scale", "tool_use_id": "toolu_1",
    "tool_input": {"name": "orders", "scale": 3}, "tool_response": [{"type": "text", "text": "scaled"}], "permission_mode": "default",
}  # fmt: skip


def decision(call: str, decided: str) -> dict[str, Any]:
    told = {
        "event.name": "tool_decision", "tool_name": "mcp__k8s__pods_delete", "decision": decided, "source": "user_reject",
        "tool_use_id": call, "session.id": "s1",
    }  # fmt: skip
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in told.items()]
    body = {"stringValue": "claude_code.tool_decision"}
    record = {"timeUnixNano": "1772618400000000000", "body": body, "attributes": attributes}
    return {"resourceLogs": [{"resource": {"attributes": []}, "scopeLogs": [{"scope": {}, "logRecords": [record]}]}]}


@pytest.fixture
def incident(office: Any) -> str:
    with office.desk.store.begin() as record:
        return record.put_incident(Incident(id="INC-1", title="Checkout fails", opened_at=office.clock())).id


def calls(office: Any, incident: str) -> list[tuple[str, str]]:
    with office.desk.store.begin() as record:
        found = [known.event.detail for known in record.events(incident)]
    return [(call.tool, call.suggestion) for call in found if isinstance(call, Call)]


def test_a_hook_is_answered_with_nothing_and_is_an_event_of_its_incident_once(office: Any, incident: str) -> None:
    for _ in range(2):
        answer = office.responder.post(f"/agents/hooks?incident={incident}", json=HOOK)
        assert (answer.status_code, answer.json()) == (200, {})
    assert [tool for tool, _ in calls(office, incident)] == ["resources_scale"]


def test_a_refusal_by_a_person_comes_by_telemetry_packed_or_not(office: Any, incident: str) -> None:
    packed = gzip.compress(json.dumps(decision("toolu_2", "reject")).encode())
    sent = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = office.responder.post(f"/agents/v1/logs?incident={incident}", content=packed, headers=sent)
    assert (answer.status_code, answer.json()) == (200, {})
    assert calls(office, incident) == [("pods_delete", "rejected")]


def test_without_an_incident_it_is_kept_until_somebody_attaches_it(office: Any, incident: str) -> None:
    assert office.responder.post("/agents/hooks", json=HOOK).status_code == 200
    (waiting,) = office.editor.get("/api/v1/deliveries").json()["items"]
    assert (
        office.editor.post(f"/api/v1/deliveries/{waiting['id']}/attach", json={"incident": incident}).status_code == 200
    )
    assert [tool for tool, _ in calls(office, incident)] == ["resources_scale"]


def test_what_is_wrong_is_refused_as_a_problem(office: Any, incident: str) -> None:
    assert office.anonymous.post("/agents/hooks", json=HOOK).status_code == 401
    assert office.reader.post("/agents/hooks", json=HOOK).status_code == 403
    assert office.responder.post("/agents/hooks?incident=INC-9", json=HOOK).status_code == 404
    assert office.responder.post("/agents/hooks", json={"a": 1}).status_code == 400
    sent = {"Content-Type": "application/x-protobuf"}
    refused = office.responder.post("/agents/v1/traces", content=b"\x0a", headers=sent)
    assert (refused.status_code, refused.headers["content-type"]) == (415, "application/problem+json")
    assert calls(office, incident) == []


def test_metrics_are_taken_and_not_kept(office: Any) -> None:
    answer = office.responder.post("/agents/v1/metrics", json={"resourceMetrics": []})
    assert answer.json()["partialSuccess"]["errorMessage"] == "metrics are not kept"
    assert office.editor.get("/api/v1/deliveries").json()["items"] == []
