"""A recorder, the agent's own session and its telemetry tell of one response: the document holds each step once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from afteraction.fetch.folder import gather
from afteraction.formats.secrets import Masker
from afteraction.formats.spool_frames import FRAME, HEAD, MARK, NOTE, TO_CLIENT, TO_SERVER, WHOLE
from afteraction.kpis import resolution_calls
from afteraction.model.event import Call
from afteraction.model.kpi import KpiName
from afteraction.model.reading import Context
from afteraction.model.settings import Settings
from afteraction.sources import SOURCES
from afteraction.usecases.draft import Drafted, draft_incident
from afteraction.usecases.read import read

ZERO = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DELETE, SCALE, LIST = {"name": "basket-6f"}, {"name": "basket", "replicas": 3}, {"namespace": "shop"}


def stamp(seconds: float) -> str:
    return (ZERO + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def alerts() -> str:
    alert = {
        "status": "resolved",
        "labels": {"alertname": "BasketDown", "severity": "critical", "service": "basket"},
        "annotations": {"summary": "Basket is down"},
        "startsAt": stamp(0),
        "endsAt": stamp(900),
        "fingerprint": "f1",
    }
    return json.dumps({"version": "4", "status": "resolved", "groupKey": "g", "receiver": "r", "alerts": [alert]})


def spool() -> bytes:
    """What passed the recorder: the listing and the scaling; the deletion was never sent."""
    frames = HEAD + FRAME.pack(MARK, 1, NOTE, WHOLE, 2) + b"{}"
    tools = [
        {"name": "pods_list", "annotations": {"readOnlyHint": True}},
        {"name": "resources_scale", "annotations": {"readOnlyHint": False}},
    ]
    said: list[tuple[float, int, dict[str, Any]]] = [
        (
            59,
            TO_SERVER,
            {"id": 0, "method": "initialize", "params": {"clientInfo": {"name": "claude", "version": "2"}}},
        ),
        (59, TO_CLIENT, {"id": 0, "result": {"serverInfo": {"name": "cluster", "version": "0.9"}}}),
        (59, TO_CLIENT, {"id": 1, "result": {"tools": tools}}),
        (60.5, TO_SERVER, {"id": 2, "method": "tools/call", "params": {"name": "pods_list", "arguments": LIST}}),
        (60.9, TO_CLIENT, {"id": 2, "result": {"content": [{"type": "text", "text": "basket-6f 0/1"}]}}),
        (340, TO_SERVER, {"id": 3, "method": "tools/call", "params": {"name": "resources_scale", "arguments": SCALE}}),
        (341, TO_CLIENT, {"id": 3, "result": {"content": [{"type": "text", "text": "scaled"}]}}),
    ]
    for seconds, direction, message in said:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        at = int((ZERO + timedelta(seconds=seconds)).timestamp() * 1e9)
        frames += FRAME.pack(MARK, at, direction, WHOLE, len(data)) + data
    return frames


def session() -> str:
    def record(number: int, seconds: float, kind: str, content: Any, **more: Any) -> str:
        head = {"sessionId": "s", "uuid": f"u{number}", "timestamp": stamp(seconds), "version": "2.1.0", "type": kind}
        return json.dumps({**head, "message": {"role": kind, "content": content}, **more})

    def asked(call: str, name: str, given: Any) -> list[dict[str, Any]]:
        return [{"type": "tool_use", "id": call, "name": f"mcp__cluster__{name}", "input": given}]

    def answered(call: str, text: str) -> list[dict[str, Any]]:
        return [{"type": "tool_result", "tool_use_id": call, "content": text}]

    no = "The user doesn't want to proceed with this tool use. The tool use was rejected."
    lines = [
        record(1, 55, "user", "Basket is down. What is wrong?"),
        record(2, 60, "assistant", asked("t1", "pods_list", LIST)),
        record(3, 61, "user", answered("t1", "basket-6f 0/1")),
        record(4, 100, "assistant", asked("t2", "pods_delete", DELETE)),
        record(
            5, 160, "user", answered("t2", no), toolUseResult="User rejected tool use", toolDenialKind="user-rejected"
        ),
        record(6, 200, "assistant", asked("t3", "resources_scale", SCALE)),
        record(7, 342, "user", answered("t3", "scaled")),
    ]
    return "\n".join(lines) + "\n"


def telemetry() -> str:
    def event(seconds: float, **told: str) -> dict[str, Any]:
        attributes = [{"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in told.items()]
        nanoseconds = int((ZERO + timedelta(seconds=seconds)).timestamp() * 1e9)
        return {
            "timeUnixNano": str(nanoseconds),
            "body": {"stringValue": "claude_code.tool_decision"},
            "attributes": attributes,
        }

    records = [
        event(60.2, tool_name="mcp__cluster__pods_list", tool_use_id="t1", decision="accept", source="config"),
        event(
            338, tool_name="mcp__cluster__resources_scale", tool_use_id="t3", decision="accept", source="user_temporary"
        ),
    ]
    return json.dumps({"resourceLogs": [{"resource": {}, "scopeLogs": [{"logRecords": records}]}]})


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Drafted:
    folder = tmp_path_factory.mktemp("incident")
    (folder / "alerts.json").write_text(alerts())
    (folder / "run.0001.spool").write_bytes(spool())
    (folder / "session.jsonl").write_text(session())
    (folder / "telemetry.json").write_text(telemetry())
    masker = Masker()
    paths: list[Path] = [folder]
    material = read(gather(paths), sources=SOURCES, context=Context(), masker=masker, progress=lambda _: None)
    assert not [problem for report in material.files for problem in report.problems]
    return draft_incident(material, settings=Settings(), masker=masker, progress=lambda _: None)


def test_each_call_is_there_once_with_what_any_recording_knows(drafted: Drafted) -> None:
    calls = [event.detail for event in drafted.case.timeline.events if isinstance(event.detail, Call)]
    told = [(call.tool, call.call_id, call.automated, call.suggestion, call.server_version) for call in calls]
    assert told == [
        ("pods_list", "t1", True, "", "0.9"),
        ("pods_delete", "t2", False, "rejected", ""),
        ("resources_scale", "t3", False, "accepted", "0.9"),
    ]


def test_the_step_is_the_call_that_was_made_and_says_who_allowed_it(drafted: Drafted) -> None:
    assert [event.text for event in resolution_calls(drafted.case.timeline)] == [f"resources_scale {json.dumps(SCALE)}"]
    assert "MCP tool resources_scale on cluster, accepted by a person" in drafted.document
    assert "09:05:40 UTC by claude: `resources_scale" in drafted.document


def test_the_metrics_state_their_basis(drafted: Drafted) -> None:
    kpis = {kpi.name: kpi for kpi in drafted.case.kpis}
    assert kpis[KpiName.AUTOMATED_STEPS].value == 0
    assert kpis[KpiName.MANUAL_STEPS].value == 1
    assert "approval known for 1 of 1 calls by agents" in kpis[KpiName.MANUAL_STEPS].detail
    assert kpis[KpiName.AI_SUGGESTIONS_USED].value == 1
    assert kpis[KpiName.AI_SUGGESTIONS_USED].detail == "2 suggestions: 1 accepted, 1 rejected"
    assert kpis[KpiName.HUMAN_OVERRIDE_REQUIRED].value is True
    assert "a person refused the step" in kpis[KpiName.HUMAN_OVERRIDE_REQUIRED].detail


def test_the_refused_call_is_told_as_one_that_was_not_made(drafted: Drafted) -> None:
    assert "Claude Code called `pods_delete" not in drafted.document
    assert "wanted to call `pods_delete" in drafted.document
    assert "refused by a person" in drafted.document
