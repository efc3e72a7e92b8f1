"""What agents send of themselves is kept for the ordinary sources, and nothing that goes wrong reaches the agent."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from afteraction.assembly import load_settings, new_masker, read_paths
from afteraction.fetch.received import keep
from afteraction.model.event import Call
from afteraction.usecases.attach import attach
from afteraction.usecases.receive import LONGEST, receive

NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}


def hook(event: str, **told: Any) -> dict[str, Any]:
    return {"session_id": "s1", "hook_event_name": event, "permission_mode": "default", **told}


BASH = {"tool_name": "Bash", "tool_input": {"command": "kubectl delete pod web-2"}, "tool_use_id": "toolu_2"}


def log_record(name: str, **told: object) -> dict[str, Any]:
    attributes = [{"key": key, "value": {"stringValue": str(value)}} for key, value in told.items()]
    return {"timeUnixNano": "1795179600000000000", "body": {"stringValue": name}, "attributes": attributes}


def logs(*records: dict[str, Any]) -> dict[str, Any]:
    resource = {"attributes": [{"key": "service.version", "value": {"stringValue": "2.1"}}]}
    return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": {"name": "x"}, "logRecords": [*records]}]}]}


REFUSAL = log_record(
    "claude_code.tool_decision", **{"session.id": "s1", "tool_name": "Bash", "tool_use_id": "t9", "decision": "reject", "source": "user_reject"}
)  # fmt: skip
PROMPT = log_record("claude_code.user_prompt", **{"session.id": "s1", "prompt": "not about a tool"})


def span(name: str, **told: str) -> dict[str, Any]:
    attributes = [{"key": key.replace("_", "."), "value": {"stringValue": value}} for key, value in told.items()]
    return {"traceId": "a" * 32, "spanId": "b" * 16, "name": name, "kind": 3, "attributes": attributes,
            "startTimeUnixNano": "1795179600000000000", "endTimeUnixNano": "1795179601000000000"}  # fmt: skip


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    yield from _started(tmp_path, tmp_path / "spool", "--incident", "INC-7")


def _started(tmp_path: Path, spool: Path, *options: str) -> Iterator[tuple[int, Path]]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "afteraction", "record", "receive", "--spool", str(spool),
               "--listen", f"127.0.0.1:{port}", *options]  # fmt: skip
    with (
        (tmp_path / "stderr").open("w") as stderr,
        subprocess.Popen([*command], stderr=subprocess.PIPE, text=True) as running,
    ):
        assert running.stderr is not None
        stderr.write(running.stderr.readline())
        yield port, spool
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0


def post(port: int, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    client.request("POST", path, data, {**JSON, **headers})
    answer = client.getresponse()
    found = answer.status, json.loads(answer.read())
    client.close()
    return found


def calls_of(folder: Path) -> list[Call]:
    settings = load_settings()
    material = read_paths([folder], settings=settings, masker=new_masker(settings), progress=lambda _: None)
    assert not [problem for file in material.files for problem in file.problems]
    return [event.detail for event in material.events if isinstance(event.detail, Call)]


def test_hooks_over_http_become_calls_with_the_decision_about_them(receiver: tuple[int, Path]) -> None:
    port, spool = receiver
    assert post(port, "/hooks", hook("PreToolUse", **BASH)) == (200, {})
    assert post(port, "/hooks", hook("PermissionRequest", **BASH)) == (200, {})
    assert post(port, "/hooks", hook("PostToolUse", tool_response={"stdout": "deleted"}, **BASH)) == (200, {})
    (call,) = calls_of(spool)
    assert (call.command, call.suggestion, call.automated, call.incident) == (
        "kubectl delete pod web-2", "accepted", False, "INC-7",
    )  # fmt: skip
    (file,) = spool.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_command_hook_says_nothing_and_never_fails(tmp_path: Path) -> None:
    def ran(folder: Path, given: bytes, *wrong: str) -> tuple[int, bytes]:
        command = [sys.executable, "-m", "afteraction", "record", "hook", "--spool", str(folder), *wrong]
        env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
        done = subprocess.run(command, input=given, capture_output=True, timeout=60, check=False, env=env)
        return done.returncode, done.stdout

    denied = hook("PermissionDenied", reason="production is out of bounds", **BASH)
    assert ran(tmp_path / "spool", json.dumps(denied).encode()) == (0, b"")
    assert [(call.suggestion, call.automated) for call in calls_of(tmp_path / "spool")] == [("rejected", True)]
    assert ran(tmp_path / "spool", b"\xff no JSON") == (0, b"")
    (tmp_path / "a file").write_text("")
    assert ran(tmp_path / "a file", json.dumps(denied).encode()) == (0, b"")
    # Exit code 2 would forbid the call.
    for wrong in (["--nonsense"], ["--incident"], ["more"]):
        assert ran(tmp_path / "spool", json.dumps(denied).encode(), *wrong) == (0, b"")
    assert len(calls_of(tmp_path / "state")) == 1


def test_of_telemetry_only_what_tells_of_tools_is_kept_packed_or_not(receiver: tuple[int, Path]) -> None:
    port, spool = receiver
    packed = gzip.compress(json.dumps(logs(*[PROMPT] * 40, REFUSAL)).encode())
    assert post(port, "/v1/logs", packed, **{"Content-Encoding": "gzip"}) == (200, {})
    assert post(port, "/v1/logs", logs(PROMPT)) == (200, {})
    assert [(c.tool, c.suggestion, c.automated, c.call_id, c.incident) for c in calls_of(spool)] == [
        ("Bash", "rejected", False, "t9", "INC-7")
    ]
    (file,) = spool.iterdir()
    assert "not about a tool" not in file.read_text()
    assert json.loads(file.read_text())["resourceLogs"][0]["scopeLogs"][0]["logRecords"] == [REFUSAL]


def test_spans_of_tool_calls_are_kept_and_no_others(receiver: tuple[int, Path]) -> None:
    port, spool = receiver
    tool = span("execute_tool pods_delete", gen_ai_operation_name="x")
    tool["attributes"] = [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}},
        {"key": "gen_ai.tool.name", "value": {"stringValue": "pods_delete"}},
    ]
    document = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": [span("GET /"), tool]}]}]}
    assert post(port, "/v1/traces", document) == (200, {})
    (call,) = calls_of(spool)
    assert (call.tool, call.incident, call.seconds) == ("pods_delete", "INC-7", 1.0)


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/hooks", {"Origin": "https://evil.example"}, b"{}", 403),
        ("/hooks", {"Content-Type": "text/plain"}, b"{}", 415),
        ("/v1/logs", {"Content-Type": "application/x-protobuf"}, b"\x0a", 415),
        ("/hooks", {}, b"{", 400),
        ("/hooks", {}, b"[1]", 400),
        ("/hooks", {}, b'{"jsonrpc": "2.0"}', 400),
        ("/v1/logs", {"Content-Encoding": "gzip"}, b"not packed", 400),
        ("/v1/logs", {"Content-Encoding": "gzip"}, gzip.compress(b" " * (LONGEST + 1)), 400),
        ("/v1/logs", {}, b"[" * 100_000, 400),
        ("/elsewhere", {}, b"{}", 404),
        ("/v1/logs", {}, b'{"resourceLogs": [1, {"resource": 2, "scopeLogs": [{"logRecords": 7}]}]}', 200),
    ],
)
def test_what_is_no_hook_and_no_telemetry_is_refused_and_never_kept(
    path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    found = receive(path, {**JSON, **headers}, body, at=NOW)
    assert (found.status, found.lines) == (status, ())


def test_of_a_long_result_head_tail_and_hash_are_kept() -> None:
    result = "a" * 100_000 + "the middle" + "b" * 100_000 + "the end"
    body = json.dumps(hook("PostToolUse", tool_response={"stdout": result}, **BASH)).encode()
    (line,) = receive("/hooks", JSON, body, at=NOW).lines
    assert len(line) < 70_000
    kept = json.loads(line)["payload"]["tool_response"]["stdout"]
    assert kept.startswith("aaaa")
    assert kept.endswith("the end")
    assert f"{len(result)} characters in all, sha256 {hashlib.sha256(result.encode()).hexdigest()}" in kept


def test_what_is_nested_too_deeply_is_refused() -> None:
    for depth in (300, 600, 900, 5_000):
        deep = b'{"hook_event_name": "PreToolUse", "session_id": "s", "x": ' + b"[" * depth + b"]" * depth + b"}"
        assert receive("/hooks", JSON, deep, at=NOW).status in {200, 400}


def test_with_a_token_nothing_goes_without_it() -> None:
    body = json.dumps(hook("PreToolUse", **BASH)).encode()
    assert receive("/hooks", JSON, body, at=NOW, token="t").status == 401
    assert receive("/hooks", {**JSON, "Authorization": "Bearer tt"}, body, at=NOW, token="t").status == 401
    assert receive("/hooks/", {**JSON, "authorization": "Bearer t"}, body, at=NOW, token="t").status == 200


def test_beyond_this_machine_it_listens_with_a_token_only() -> None:
    command = [sys.executable, "-m", "afteraction", "record", "receive", "--listen", "0.0.0.0:0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "--token" in done.stderr


def test_a_disk_that_takes_nothing_is_told_to_exporters_and_hidden_from_hooks(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    for port, _ in _started(tmp_path, tmp_path / "spool"):
        assert post(port, "/hooks", hook("PreToolUse", **BASH)) == (200, {})
        assert post(port, "/v1/logs", logs(REFUSAL))[0] == 503


def test_bodies_in_chunks_are_read_and_lies_about_their_length_are_refused(receiver: tuple[int, Path]) -> None:
    port, spool = receiver
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    client.request("POST", "/v1/logs", iter([json.dumps(logs(REFUSAL)).encode()]), JSON, encode_chunked=True)
    assert client.getresponse().status == 200
    client.close()
    assert len(calls_of(spool)) == 1
    for head in (b"Content-Length: 999999999999", b"Content-Length: many", b"Transfer-Encoding: chunked"):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
            raw.sendall(b"POST /hooks HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\nzz\r\n")
            assert b" 413 " in raw.recv(1000).split(b"\r\n")[0]


def test_what_a_receiver_kept_of_other_incidents_and_times_is_left_out(tmp_path: Path) -> None:
    settings = load_settings()
    lines: list[bytes] = []
    for day, incident, tool in ((20, "", "mine"), (24, "", "another_days"), (20, "INC-8", "another_incidents")):
        at = NOW.replace(day=day)
        for event in ("PreToolUse", "PostToolUse"):
            payload = hook(event, tool_name=f"mcp__k8s__{tool}", tool_input={}, tool_use_id=tool)
            lines += receive("/hooks", JSON, json.dumps(payload).encode(), at=at, incident=incident).lines
        said = json.dumps(hook("UserPromptSubmit", prompt=f"please do {tool}")).encode()
        lines += receive("/hooks", JSON, said, at=at, incident=incident).lines
    (tmp_path / "hooks.jsonl").write_bytes(b"".join(lines))
    (tmp_path / "chat.txt").write_text(
        "[2026-11-20 12:55] anna: web is down, everybody gets 503\n"
        "[2026-11-20 13:05] bo: rolled back web to 1.4\n[2026-11-20 13:10] anna: resolved, all quiet\n"
    )
    material = read_paths([tmp_path], settings=settings, masker=new_masker(settings), progress=lambda _: None)
    kept = attach(material, "INC-7")
    assert [e.detail.tool for e in kept.events if isinstance(e.detail, Call)] == ["mine"]
    assert "please do another_days" not in " ".join(event.text for event in kept.events)
    (problem,) = [p for file in kept.files if file.file.endswith("hooks.jsonl") for p in file.problems]
    assert "are another incident's, or of another time" in problem.reason


def test_a_day_that_brings_too_much_keeps_the_newest_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afteraction.fetch.received.FILE_BYTES", 100)
    for number in range(100):
        keep(tmp_path, "hooks", (b"%03d %s\n" % (number, b"x" * 45),), NOW)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 8
    kept = b"".join(path.read_bytes() for path in files).splitlines()
    assert [int(line[:3]) for line in kept] == list(range(100 - len(kept), 100))
    assert keep(tmp_path, "hooks", (), NOW) is None
