"""Recordings are read as far as they were kept."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path

import pytest

from afteraction.fetch.folder import gather
from afteraction.formats.secrets import Masker
from afteraction.formats.spool_frames import FRAME, HEAD, MARK, NOTE, TO_CLIENT, TO_SERVER, WHOLE
from afteraction.mcp.recorder import spool
from afteraction.mcp.recorder.spool import Lines, Spool
from afteraction.model.event import Call, Effect, Event
from afteraction.model.reading import Context, Material, RawInput
from afteraction.sources import SOURCES
from afteraction.sources.mcp_spool import McpSpool
from afteraction.usecases.read import read

AT = 1_772_616_000_000_000_000


def line(**fields: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **fields}).encode()


def called(number: int, tool: str, **arguments: object) -> tuple[int, bytes]:
    return TO_SERVER, line(id=number, method="tools/call", params={"name": tool, "arguments": arguments})


def answered(number: int, text: str, *, failed: bool = False) -> tuple[int, bytes]:
    return TO_CLIENT, line(id=number, result={"content": [{"type": "text", "text": text}], "isError": failed})


def recorded(*passed: tuple[int, bytes]) -> bytes:
    """Return a spool of messages, cut as the recorder cuts them, a second apart."""
    data = HEAD + FRAME.pack(MARK, AT, NOTE, WHOLE, 2) + b"{}"
    lines = Lines()
    for number, (direction, text) in enumerate(passed, 1):
        for way, flags, kept in lines.split(direction, text + b"\n"):
            data += FRAME.pack(MARK, AT + number * 1_000_000_000, way, flags, len(kept)) + kept
    return data


def calls_in(data: bytes) -> tuple[list[Call], list[str]]:
    raw = RawInput(name="x.spool", head=data[:65_536], open=partial(io.BytesIO, data), size=len(data))
    reading = McpSpool().read(raw, Context())
    return [call_of(event) for event in reading.events], [problem.reason for problem in reading.problems]


def call_of(event: Event) -> Call:
    assert isinstance(event.detail, Call)
    return event.detail


def material_of(*paths: Path) -> Material:
    return read(gather(list(paths)), sources=SOURCES, context=Context(), masker=Masker(), progress=lambda _text: None)


@pytest.mark.parametrize("failed", [True, False])
def test_of_a_long_result_the_beginning_the_end_and_the_hash_are_shown(*, failed: bool) -> None:
    text = "begin " + "x" * 600_000 + " end"
    found, problems = calls_in(recorded(called(7, "pods_log"), answered(7, text, failed=failed)))
    assert not problems
    assert found[0].result.startswith("begin xxx")
    assert "bytes in all, sha256" in found[0].result
    assert " end" in found[0].result[-120:]
    assert found[0].is_error is failed
    assert found[0].seconds == 1.0


def test_the_id_of_a_long_answer_is_found_at_its_end() -> None:
    long = b'{"result":{"content":[{"type":"text","text":"' + b"y" * 400_000 + b'"}]},"jsonrpc":"2.0","id":"c-1"}'
    asked = line(id="c-1", method="tools/call", params={"name": "pods_log"})
    found, problems = calls_in(recorded((TO_SERVER, asked), (TO_CLIENT, long)))
    assert not problems
    assert found[0].result.startswith("yyy")


def test_a_line_that_is_no_message_is_a_problem_and_the_rest_is_read() -> None:
    noise = (TO_CLIENT, b"Server listening")
    found, problems = calls_in(recorded(called(1, "pods_list"), noise, answered(1, "none")))
    assert [call.result for call in found] == ["none"]
    assert problems == ["what passed here is no JSON-RPC message"]


def test_two_calls_with_one_id_are_two_calls() -> None:
    found, _ = calls_in(recorded(called(1, "a_get"), answered(1, "one"), called(1, "a_get"), answered(1, "two")))
    assert [call.result for call in found] == ["one", "two"]


def test_what_a_server_asks_of_its_client_is_no_call_and_no_answer() -> None:
    asks = (TO_CLIENT, line(id=1, method="roots/list"))
    told = (TO_SERVER, line(id=1, result={"roots": []}))
    found, problems = calls_in(recorded(called(1, "a_get"), asks, told, answered(1, "one")))
    assert [call.result for call in found] == ["one"]
    assert not problems


def test_a_recording_over_several_files_is_one_conversation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "FILE_BYTES", 700)
    writer = Spool(tmp_path, "run", b'{"incident": "INC-7"}')
    tools = [{"name": "restart", "annotations": {"readOnlyHint": True}}]
    hello = line(id=0, method="initialize", params={"clientInfo": {"name": "agent", "version": "1"}})
    passed = [(TO_SERVER, hello), (TO_CLIENT, line(id=1, result={"tools": tools}))]
    for number in range(2, 8):
        passed += [called(number, "restart", count=number), answered(number, f"done {number}" + "." * 150)]
    for direction, text in passed:
        writer.put(direction, text + b"\n")
    writer.close()
    assert len(list(tmp_path.glob("*.spool"))) > 2
    material = material_of(tmp_path)
    found = [(event, call_of(event)) for event in material.events]
    assert [json.loads(call.arguments)["count"] for _, call in found] == list(range(2, 8))
    assert all(call.result.startswith("done") and call.effect is Effect.DIAGNOSTIC for _, call in found)
    assert {call.incident for _, call in found} == {"INC-7"}
    assert {event.actor.name for event, _ in found if event.actor} == {"agent"}
    assert not [problem for report in material.files for problem in report.problems]


def test_secrets_are_masked_when_a_recording_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.0001.spool"
    token = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    path.write_bytes(recorded(called(1, "login", token=token), answered(1, f"token={token}")))
    material = material_of(path)
    assert material.masked
    assert token not in repr(material.events)


def test_a_torn_recording_is_read_up_to_every_byte() -> None:
    first = recorded(called(1, "pods_list"))
    whole = recorded(called(1, "pods_list"), answered(1, "none"), called(2, "pods_get", name="x"))
    for end in range(len(HEAD), len(whole)):
        found, _ = calls_in(whole[:end])
        assert [call.tool for call in found] == (["pods_list"] if end >= len(first) else [])
