"""Transcripts of the Model Context Protocol: JSON-RPC messages, one a line, as any recorder or proxy wrote them.

In come messages of either direction, bare, behind a prefix, or wrapped with a stamp and a direction under any usual
names; out goes one event per `tools/call`, with its arguments, its result, how long it took and whether it failed (a
failed call comes as a JSON-RPC success with `isError`). Both eras of the protocol are read: with `initialize`, and with
`_meta` on every request and results of type `input_required`, whose rounds are one call. What a tool does is taken from
the annotations in `tools/list`; a tool without any is judged by the verb in its name, and stays unknown without one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from afteraction.formats.json_documents import (
    JsonRecord,
    decode_text,
    list_of,
    mapping_of,
    read_json,
    text_of,
    value_of,
)
from afteraction.formats.json_origins import origin_of, safe_stamp, stamp_in, unwrap
from afteraction.formats.products import Product, product_of
from afteraction.formats.session_clock import fallback_time
from afteraction.formats.stamps import Stamp
from afteraction.formats.tool_effects import effect_by_annotations, effect_by_name
from afteraction.model.event import Actor, ActorKind, Call, Effect, Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Context, Problem, RawInput, Reading

_DIRECTIONS = ("dir", "direction", "from", "sender", "source", "side", "kind", "type", "way", "role")
_TO_SERVER = re.compile(
    r"^(?:->|→|>+|out\w*|send|sent|tx|request|client|c2s|client[-_ ]?(?:to|->|→|2)[-_ ]?server|to[-_]server|up\w*|agent|host)$",
    re.IGNORECASE,
)
_TO_CLIENT = re.compile(
    r"^(?:<-|←|<+|in\w*|recv\w*|received|rx|response|server|s2c|server[-_ ]?(?:to|->|→|2)[-_ ]?client|to[-_]client|down\w*)$",
    re.IGNORECASE,
)
_PREFIXED = re.compile(rb"^[^{\n]{1,120}\{", re.MULTILINE)
_META = "io.modelcontextprotocol/"
_LONGEST_RESULT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """One JSON-RPC message with what its envelope says."""

    message: Mapping[str, Any]
    around: Mapping[str, Any]
    origin: Origin
    stamp: Stamp | None
    direction: str


@dataclass(slots=True, kw_only=True)
class _Open:
    """A call that waits for its answer; `state` links the rounds of one call."""

    frame: _Frame
    client: str
    asked: list[str] = field(default_factory=list)


class McpTranscript:
    """Reads MCP traffic."""

    name = "mcp"
    summary = (
        "MCP transcripts (JSON-RPC lines, bare or wrapped): tool calls with arguments, results, failures, durations"
    )

    def claims(self, raw: RawInput) -> bool:
        """Claim files whose first records are JSON-RPC 2.0 messages."""
        return product_of(raw) is Product.MCP

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Pair requests with answers by id; a call without an answer is read, and named as a problem."""
        data = raw.read()
        records, problems = read_json(_without_prefixes(data), raw.name)
        prefixes = _prefixes(data)
        frames = [frame for record in records for frame in _frames(record, raw.name, prefixes, context)]
        conversation = _Conversation(frames, self.name, fallback_time(raw))
        events = conversation.events()
        return Reading(
            events=tuple(events),
            problems=(*problems, *conversation.problems),
            lines=sum(record.line_end - record.line + 1 for record in records),
        )


def _is_message(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and value.get("jsonrpc") == "2.0"
        and bool({"method", "result", "error"} & value.keys())
    )


def _without_prefixes(data: bytes) -> str:
    """Blank what stands before the brace of each line (a stamp, an arrow), so that lines become JSON."""
    if data.lstrip(b"\xef\xbb\xbf \r\n")[:1] in {b"{", b"["} or b"\x00" in data[:64]:
        return decode_text(data)
    return decode_text(_PREFIXED.sub(b"{", data))


def _prefixes(data: bytes) -> dict[int, str]:
    """Return the prefix of each line that has one, by line number."""
    if data.lstrip(b"\xef\xbb\xbf \r\n")[:1] in {b"{", b"["}:
        return {}
    lines = data.split(b"\n")
    found = ((number, _PREFIXED.match(line)) for number, line in enumerate(lines, 1))
    return {number: match[0][:-1].decode("utf-8", "replace").strip() for number, match in found if match}


def _frames(record: JsonRecord, file: str, prefixes: Mapping[int, str], context: Context) -> Iterator[_Frame]:
    prefix = prefixes.get(record.line, "")
    for message, path, around in unwrap(record.value, _is_message):
        stamp = stamp_in(around, zone=context.zone)
        direction = next((d for key in _DIRECTIONS if (d := _direction(text_of(around, key)))), "")
        for word in re.split(r"\s+(?=[<>←→-])|(?<=[\]Z\d])\s+", prefix) if prefix else ():
            stamp = stamp or safe_stamp(re.sub(r"[\[\]()]", "", word).strip(), context.zone)
            direction = direction or _direction(re.sub(r"[\[\]():\s]", "", word))
        yield _Frame(
            message=message, around=around, origin=origin_of(file, record, path), stamp=stamp, direction=direction
        )


def _direction(word: str) -> str:
    return "request" if _TO_SERVER.match(word) else "response" if _TO_CLIENT.match(word) else ""


class _Conversation:
    """The frames of one transcript, walked once after the tools' annotations were collected."""

    def __init__(self, frames: list[_Frame], source: str, fallback: Stamp | None) -> None:
        self._frames = frames
        self._source = source
        self._last = fallback
        self._fallback = fallback
        self._client = ""
        self._server = ""
        self._open: dict[tuple[str, str], _Open] = {}
        self._rounds: dict[str, _Open] = {}
        self._untimed = 0
        self._annotations = _annotations(frames)
        self.problems: list[Problem] = []

    def events(self) -> list[Event]:
        """Return an event for each tool call, in the order of the requests' answers."""
        found: list[Event] = []
        for frame in self._frames:
            if frame.stamp is not None:
                self._last = frame.stamp
            if "method" in frame.message:
                self._request(frame, found)
            else:
                found += self._answer(frame)
        for waiting in [*self._open.values(), *self._rounds.values()]:
            found += self._unanswered(waiting)
        if self._untimed:
            where = Origin(
                file=self._frames[0].origin.file, line=self._frames[0].origin.line, record=self._frames[0].origin.record
            )
            placed = "they stand at the time of the file" if self._fallback else "they have no place in the timeline"
            reason = f"{self._untimed} tool calls carry no time; {placed}"
            self.problems.append(
                Problem(
                    origin=where, reason=reason, remedy="record with stamps, for instance with `afteraction record`"
                )
            )
        return found

    def _request(self, frame: _Frame, found: list[Event]) -> None:
        message = frame.message
        params = mapping_of(message.get("params"))
        self._client = text_of(params, "clientInfo.name") or _meta(params, "clientInfo") or self._client
        if message["method"] == "elicitation/create" and self._open:
            list(self._open.values())[-1].asked.append("")
        if message["method"] != "tools/call" or "id" not in message:
            return
        key = ("", _identity(message["id"]))
        if earlier := self._open.pop(key, None):
            found += self._unanswered(earlier)
        state = text_of(params, "requestState")
        continued = self._rounds.pop(state, None) if state else None
        if continued is not None:
            continued.asked += [
                text_of(answer, "action") for answer in mapping_of(params.get("inputResponses")).values()
            ]
        self._open[key] = continued or _Open(frame=frame, client=self._client)

    def _answer(self, frame: _Frame) -> list[Event]:
        message = frame.message
        result = mapping_of(message.get("result"))
        self._server = text_of(result, "serverInfo.name") or _meta(result, "serverInfo") or self._server
        waiting = self._open.get(("", _identity(message.get("id"))))
        action = text_of(result, "action")
        if action in {"accept", "decline", "cancel"} and self._open and _asks(self._open):
            list(self._open.values())[-1].asked.append(action)
            return []
        if waiting is None or (frame.direction == "request" and frame.direction == waiting.frame.direction):
            return []
        del self._open["", _identity(message.get("id"))]
        if text_of(result, "resultType") == "input_required":
            self._rounds[text_of(result, "requestState") or _identity(message.get("id"))] = waiting
            return []
        return self._event(waiting, frame)

    def _unanswered(self, waiting: _Open) -> list[Event]:
        tool = text_of(mapping_of(waiting.frame.message.get("params")), "name")
        reason = f"the call of {tool or 'a tool'} has no answer in the transcript"
        self.problems.append(
            Problem(origin=waiting.frame.origin, reason=reason, remedy="check whether the recording ended early")
        )
        return self._event(waiting, None)

    def _event(self, waiting: _Open, answer: _Frame | None) -> list[Event]:
        frame = waiting.frame
        params = mapping_of(frame.message.get("params"))
        tool = text_of(params, "name") or "unnamed tool"
        stamp = frame.stamp or self._assumed()
        if frame.stamp is None:
            self._untimed += 1
        if stamp is None:
            return []
        message = answer.message if answer else {}
        arguments = _compact(params.get("arguments"))
        result, failed = _result(message)
        seconds = _between(frame.stamp, answer.stamp if answer else None) if answer else None
        seconds = seconds if seconds is not None else _stated_seconds(answer)
        automated, suggestion = _approval(frame.around, answer.around if answer else {}, waiting.asked)
        server = text_of(frame.around, "server", "server_name", "serverName") or self._server
        client = waiting.client or text_of(frame.around, "client", "agent", "client_name")
        return [
            Event(
                at=stamp.at,
                precision=stamp.precision,
                kind=EventKind.TOOL_CALL,
                text=f"{tool} {arguments}".strip(),
                source=self._source,
                origin=frame.origin,
                actor=Actor(name=client or "MCP client", kind=ActorKind.AGENT),
                zone=stamp.zone,
                also=(answer.origin,) if answer else (),
                detail=Call(
                    tool=tool,
                    arguments=arguments,
                    result=result[:_LONGEST_RESULT] if answer else "",
                    effect=self._effect(tool),
                    is_error=failed,
                    automated=automated,
                    suggestion=suggestion,
                    server=server,
                    seconds=seconds,
                ),
            )
        ]

    def _assumed(self) -> Stamp | None:
        """Return the time of the frame before, or what the file's name and time tell, for a frame without one."""
        if self._last is None or self._last is self._fallback:
            return self._last
        return replace(self._last, precision=Precision.UNKNOWN)

    def _effect(self, tool: str) -> Effect:
        hints = self._annotations.get(tool)
        return effect_by_annotations(hints) if hints is not None else effect_by_name(tool)


def _asks(waiting: Mapping[Any, _Open]) -> bool:
    return bool(list(waiting.values())[-1].asked)


def _identity(value: Any) -> str:
    return json.dumps(value, default=str)


def _meta(holder: Mapping[str, Any], what: str) -> str:
    return text_of(mapping_of(mapping_of(holder.get("_meta")).get(f"{_META}{what}")), "name")


def _annotations(frames: list[_Frame]) -> dict[str, Mapping[str, Any]]:
    """Collect the hints of each tool from every answer that lists tools."""
    found: dict[str, Mapping[str, Any]] = {}
    for frame in frames:
        for tool in list_of(value_of(frame.message, "result.tools")):
            hints = value_of(tool, "annotations")
            if isinstance(hints, Mapping) and text_of(tool, "name"):
                found[text_of(tool, "name")] = hints
    return found


def _compact(arguments: Any) -> str:
    if arguments in (None, {}, ""):
        return ""
    return json.dumps(arguments, ensure_ascii=False, separators=(", ", ": "), default=str)[:_LONGEST_RESULT]


def _result(message: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the text of an answer, and whether the call failed."""
    if "error" in message:
        error = message["error"]
        code, said = text_of(error, "code"), text_of(error, "message")
        return f"error {code}: {said}".strip(" :") if said or code else _compact(error), True
    result = message.get("result")
    texts = [_content(item) for item in list_of(value_of(result, "content"))]
    text = "\n".join(part for part in texts if part)
    if not text and (structured := value_of(result, "structuredContent")) is not None:
        text = _compact(structured)
    if not text and result is not None and not isinstance(value_of(result, "content"), list):
        text = _compact(result)
    return text, value_of(result, "isError") is True


def _content(item: Any) -> str:
    kind = text_of(item, "type")
    if kind == "resource":
        return text_of(item, "resource.text") or f"[resource {text_of(item, 'resource.uri')}]"
    text = value_of(item, "text")
    return text if isinstance(text, str) else f"[{kind or 'content'}]"


def _between(start: Stamp | None, end: Stamp | None) -> float | None:
    if start is None or end is None:
        return None
    seconds = (end.at - start.at).total_seconds()
    return round(seconds, 6) if seconds >= 0 else None


def _stated_seconds(answer: _Frame | None) -> float | None:
    if answer is None:
        return None
    for key, unit in (
        ("duration_ms", 1e-3),
        ("durationMs", 1e-3),
        ("elapsed_ms", 1e-3),
        ("latency_ms", 1e-3),
        ("duration", 1.0),
        ("elapsed", 1.0),
        ("seconds", 1.0),
    ):
        value = answer.around.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9:
            return value * unit
    return None


def _approval(request: Mapping[str, Any], answer: Mapping[str, Any], asked: list[str]) -> tuple[bool | None, str]:
    """Say whether a person commanded the call, and how they met the suggestion, as far as the transcript tells."""
    if "accept" in asked:
        return False, "accepted"
    if {"decline", "cancel"} & set(asked):
        return False, "rejected"
    for around in (request, answer):
        if text_of(around, "approved_by", "approvedBy", "approver"):
            return False, "accepted"
        for key in ("approval", "decision", "approval_decision", "approved"):
            value = around.get(key)
            word = (
                ("accept" if value else "reject")
                if isinstance(value, bool)
                else str(value).lower()
                if isinstance(value, str)
                else ""
            )
            if re.match(r"^(?:auto\w*|policy|config|pre-?approved|not[-_ ]?(?:needed|required))", word):
                return True, ""
            if re.match(r"^(?:edit|modif)", word):
                return False, "edited"
            if re.match(r"^(?:accept|approv|allow|grant|yes|user|manual|human)", word):
                return False, "accepted"
            if re.match(r"^(?:reject|den(?:y|ied)|declin|refus|no$|cancel)", word):
                return False, "rejected"
    return None, ""
