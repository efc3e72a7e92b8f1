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

from afteraction.formats.agent_calls import events_of
from afteraction.formats.json_documents import JsonRecord, decode_text, read_json, text_of
from afteraction.formats.json_origins import origin_of, safe_stamp, stamp_in, unwrap
from afteraction.formats.mcp_pairing import Passed, is_message, pair, unanswered
from afteraction.formats.products import Product, product_of
from afteraction.formats.session_clock import fallback_time
from afteraction.model.reading import Context, RawInput, Reading

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

_DECODER = json.JSONDecoder()
_REMEDY = "record with stamps, for instance with `afteraction record`"


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
        passed = [one for record in records for one in _messages(record, raw.name, prefixes, context)]
        paired = pair(passed)
        events, untimed = events_of(
            (one.call for one in paired), source=self.name, fallback=fallback_time(raw), remedy=_REMEDY
        )
        return Reading(
            events=tuple(events),
            problems=(*problems, *unanswered(paired), *untimed),
            lines=sum(record.line_end - record.line + 1 for record in records),
        )


def _without_prefixes(data: bytes) -> str:
    """Blank what stands before the brace of each line (a stamp, an arrow), so that lines become JSON."""
    if data.lstrip(b"\xef\xbb\xbf \r\n")[:1] in {b"{", b"["} or b"\x00" in data[:64]:
        return decode_text(data)
    text = decode_text(_PREFIXED.sub(b"{", data))
    return "\n".join(_message_alone(line) if line.startswith("{") else line for line in text.split("\n"))


def _message_alone(line: str) -> str:
    """Return a line without what a client's log puts behind the message (`{...} { metadata: undefined }`)."""
    if not line.rstrip().endswith("}") or "} {" not in line:
        return line
    try:
        _, end = _DECODER.raw_decode(line)
    except (ValueError, RecursionError):
        return line
    return line[:end]


def _prefixes(data: bytes) -> dict[int, str]:
    """Return the prefix of each line that has one, by line number."""
    if data.lstrip(b"\xef\xbb\xbf \r\n")[:1] in {b"{", b"["}:
        return {}
    lines = data.split(b"\n")
    found = ((number, _PREFIXED.match(line)) for number, line in enumerate(lines, 1))
    return {number: match[0][:-1].decode("utf-8", "replace").strip() for number, match in found if match}


def _messages(record: JsonRecord, file: str, prefixes: Mapping[int, str], context: Context) -> Iterator[Passed]:
    prefix = prefixes.get(record.line, "")
    for message, path, around in unwrap(record.value, is_message):
        stamp = stamp_in(around, zone=context.zone)
        direction = next((d for key in _DIRECTIONS if (d := _direction(text_of(around, key)))), "")
        for word in re.split(r"\s+(?=[<>←→-])|(?<=[\]Z\d])\s+", prefix) if prefix else ():
            stamp = stamp or safe_stamp(re.sub(r"[\[\]()]", "", word).strip(), context.zone)
            direction = direction or _direction(re.sub(r"[\[\]():\s]", "", word))
        yield Passed(
            message=message, around=around, origin=origin_of(file, record, path), stamp=stamp, direction=direction
        )


def _direction(word: str) -> str:
    return "request" if _TO_SERVER.match(word) else "response" if _TO_CLIENT.match(word) else ""
