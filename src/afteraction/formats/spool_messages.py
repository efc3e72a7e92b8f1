"""The frames of a spool become JSON-RPC messages with their times, ways and exchanges, whole or as far as they were kept.

In come the bytes of one spool file; out go `Passed` messages, what the recorder noted, and a problem for each stretch that
is torn, each message that is none, and each that the end of the stream cut off. Of a message whose middle was not kept the
beginning is read, and what its end says of its id and of failure. An HTTP error without a message becomes the error
that it is. Nothing raises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from afteraction.formats.json_documents import decode_text, mapping_of, read_json, text_of, torn_json
from afteraction.formats.mcp_pairing import Passed, is_message
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.spool_frames import (
    EXCHANGE,
    EXCHANGE_NUMBER,
    NOTE,
    PARTIAL,
    TO_SERVER,
    Frame,
    stretches,
)
from afteraction.formats.stamps import Stamp
from afteraction.model.origin import Origin, Precision

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_NS = 4_102_444_800 * 1_000_000_000
"""The year 2100: a later time is a torn frame's."""
_MIDDLE = re.compile(rb"\n\.\.\. (\d+) bytes in all, sha256 ([0-9a-f]{64}) \.\.\.\n")
_LAST_ID = re.compile(r'"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+)\s*\}\s*$')
_LAST_FAILED = re.compile(r'"isError"\s*:\s*true\b')
"""Inside a text the quotes would be escaped, so this is the field."""
_SHOWN_TAIL = 2_000
_WRONG = "this stretch of the recording is damaged and holds no message"
_REMEDY = "what stands before and behind it was read; the recorder may have been killed while it wrote"


@dataclass(slots=True)
class SpoolContent:
    """What one spool file holds; `note` is what the recorder wrote down of itself."""

    passed: list[Passed] = field(default_factory=list)
    note: Mapping[str, Any] = field(default_factory=dict)
    frames: int = 0


@dataclass(slots=True)
class _Exchange:
    """One HTTP request and its response."""

    session: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 0
    reason: str = ""
    asked: Passed | None = None
    answered: bool = False
    said: str = ""
    last: tuple[Stamp | None, Origin] | None = None


def spool_content(data: bytes, file: str, problems: ProblemList) -> SpoolContent:
    """Read all frames of a spool file."""
    content = SpoolContent()
    exchanges: dict[int, _Exchange] = {}
    for frame, start, end in stretches(data):
        if frame is None:
            where = f"bytes {start} to {end - 1}"
            problems.add(f"{_WRONG} ({end - start} bytes)", record=where, remedy=_REMEDY)
            continue
        content.frames += 1
        origin = Origin(file=file, record=f"frame {content.frames}")
        if frame.direction == NOTE:
            content.note = content.note or mapping_of(_value(frame.data))
        elif frame.direction & EXCHANGE:
            _exchanged(frame, origin, exchanges, content, problems)
        else:
            content.passed += _messages(frame, frame.data, origin, problems)
    content.passed += [failure for one in exchanges.values() if (failure := _http_failure(one))]
    sessions = {str(number): one for number, one in exchanges.items()}
    content.passed = [_within(passed, sessions.get(passed.exchange)) for passed in content.passed]
    return content


def _value(data: bytes) -> Any:
    try:
        return json.loads(decode_text(data))
    except (ValueError, RecursionError):
        return None


def _stamp(frame: Frame) -> Stamp | None:
    if not 0 < frame.at_ns < _LAST_NS:
        return None
    at = _EPOCH + timedelta(microseconds=frame.at_ns // 1000)
    return Stamp(at=at, precision=Precision.MICROSECOND, zone="UTC")


def _messages(frame: Frame, data: bytes, origin: Origin, problems: ProblemList, exchange: str = "") -> Iterator[Passed]:
    direction = "request" if frame.direction & ~EXCHANGE == TO_SERVER else "response"
    record = origin.record or ""
    if frame.flags == PARTIAL:
        problems.add("a message was cut off by the end of the recording", record=record)
    value, left_out = _opened(data)
    found = [item for item in (value if isinstance(value, list) else [value]) if is_message(item)]
    if not found and frame.flags != PARTIAL:
        problems.add(
            "what passed here is no JSON-RPC message",
            record=record,
            remedy="a server that prints to its stdout disturbs its clients; such lines were passed on and left out here",
        )
    for message in found:
        yield Passed(
            message=message,
            origin=origin,
            stamp=_stamp(frame),
            direction=direction,
            exchange=exchange,
            left_out=left_out,
        )


def _opened(data: bytes) -> tuple[Any, str]:
    """Return what a message holds, and what to say of the middle that was not kept."""
    middle = _MIDDLE.search(data)
    if middle is None:
        text = decode_text(data)
        found, faults = read_json(text, "")
        return (found[0].value if found and not faults else torn_json(text)), ""
    head, tail = decode_text(data[: middle.start()]), decode_text(data[middle.end() :])
    value = torn_json(head)
    if isinstance(value, dict):
        value.setdefault("jsonrpc", "2.0")
        if "id" not in value and (found_id := _LAST_ID.search(tail[-400:])):
            value["id"] = _value(found_id[1].encode())
        result = value.get("result")
        if isinstance(result, dict) and _LAST_FAILED.search(tail[-400:]):
            result["isError"] = True
    note = f"{int(middle[1])} bytes in all, sha256 {middle[2].decode()}; the recording kept the beginning and the end …"
    return value, f"{note}\n{tail[-_SHOWN_TAIL:]}"


# --- HTTP ---------------------------------------------------------------------------------------------------------


def _exchanged(
    frame: Frame, origin: Origin, exchanges: dict[int, _Exchange], content: SpoolContent, problems: ProblemList
) -> None:
    if len(frame.data) < EXCHANGE_NUMBER.size:
        problems.add("a frame is too short to tell its exchange", record=origin.record)
        return
    number, part = EXCHANGE_NUMBER.unpack_from(frame.data)
    body = frame.data[EXCHANGE_NUMBER.size :]
    one = exchanges.setdefault(number, _Exchange())
    to_server = frame.direction & ~EXCHANGE == TO_SERVER
    if part == b"H":
        _head(one, decode_text(body), to_server=to_server)
        one.last = one.last if to_server else (_stamp(frame), origin)
        return
    if not to_server and one.status >= 400 and not is_message(_opened(body)[0]):
        one.said = decode_text(body[:2000])
        return
    for passed in _messages(frame, body, origin, problems, str(number)):
        content.passed.append(passed)
        if to_server and "method" in passed.message:
            one.asked = one.asked or passed
        elif not to_server and "method" not in passed.message:
            one.answered = True


def _head(one: _Exchange, text: str, *, to_server: bool) -> None:
    start, *lines = text.split("\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    one.session = headers.get("mcp-session-id") or one.session
    if to_server:
        one.headers = headers
    elif status := re.match(r"HTTP/\S+ (\d{3})\s*(.*)", start):
        one.status, one.reason = int(status[1]), status[2].strip()


def _http_failure(one: _Exchange) -> Passed | None:
    """Return the answer that an HTTP error is to the request that it was sent to."""
    if one.status < 400 or one.answered or one.asked is None or "id" not in one.asked.message or one.last is None:
        return None
    said = " ".join(part for part in (one.reason, one.said.strip()) if part)
    message = {
        "jsonrpc": "2.0",
        "id": one.asked.message["id"],
        "error": {"code": one.status, "message": f"HTTP {said}"},
    }
    return Passed(
        message=message, origin=one.last[1], stamp=one.last[0], direction="response", exchange=one.asked.exchange
    )


def _within(passed: Passed, one: _Exchange | None) -> Passed:
    """Give a message the session of its exchange, and what the request's head says of client and trace."""
    if one is None:
        return passed
    around = {"traceparent": one.headers.get("traceparent", ""), "client": one.headers.get("user-agent", "")}
    return Passed(
        message=passed.message,
        origin=passed.origin,
        stamp=passed.stamp,
        direction=passed.direction,
        exchange=passed.exchange,
        session=one.session,
        around={key: value for key, value in around.items() if value},
        left_out=passed.left_out,
    )


def server_of(note: Mapping[str, Any]) -> str:
    """Return the server's name as the recorder's note tells it: its program, or its host."""
    if url := text_of(note, "url"):
        return re.sub(r"^\w+://|[/?#].*$", "", url)
    command = note.get("command")
    words = [word for word in command if isinstance(word, str)] if isinstance(command, list) else []
    named = [word for word in words if not word.startswith("-") and not _LAUNCHER.fullmatch(word.rpartition("/")[2])]
    return named[0].rpartition("/")[2] if named else ""


_LAUNCHER = re.compile(r"(?:npx|bunx|uvx|uv|run|tool|node|deno|docker|python[\d.]*|env|sh|bash|\w+=.*)(?:\.exe|\.cmd)?")
