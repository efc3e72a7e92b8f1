"""What agents send by themselves about their tool calls: hooks of Claude Code, and OTLP/HTTP JSON of any agent.

A request comes in as path, headers and body; out go the answer to give and the lines to keep, which the ordinary sources
read later. An answer to a hook is always empty, so that it never decides anything for the agent. Refused: what a browser
sends, what is no JSON, what is too large, and a request without the token where one is asked for.
"""

from __future__ import annotations

import hmac
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from afteraction.formats.agent_shapes import is_hook
from afteraction.formats.received import hook_line, log_lines, span_lines

HOOKS, LOGS, TRACES, METRICS = "/hooks", "/v1/logs", "/v1/traces", "/v1/metrics"
LONGEST = 16 * 1024 * 1024
"""Bytes of a body, packed or not."""
_NOTHING = b"{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The answer to a request (`status`, JSON `body`), and the lines to keep of it: of `kind` hooks, logs or traces."""

    status: int
    body: bytes = _NOTHING
    kind: str = ""
    lines: tuple[bytes, ...] = ()


def receive(
    path: str, headers: Mapping[str, str], body: bytes, *, at: datetime, incident: str = "", token: str = ""
) -> Received:
    """Judge a POST request. `headers` may be written in any case; with `token` it has to come as `Authorization: Bearer`."""
    told = {name.lower(): value for name, value in headers.items()}
    kind = path.partition("?")[0].rstrip("/")
    if refused := _refused(kind, told, body, token):
        return refused
    try:
        document = json.loads(_unpacked(body, told.get("content-encoding", "")))
        return _taken(kind, document, at, incident)
    except (ValueError, RecursionError, zlib.error) as error:
        return _said(400, f"the body is no JSON that can be read: {error}")


def _taken(kind: str, document: Any, at: datetime, incident: str) -> Received:
    if not isinstance(document, dict):
        return _said(400, "the body is no JSON object")
    if kind == HOOKS:
        if not is_hook(document):
            return _said(400, "this is no payload of a hook: hook_event_name and session_id are missing")
        return Received(status=200, kind="hooks", lines=(hook_line(document, at, incident),))
    if kind == METRICS:
        return Received(status=200, body=_json({"partialSuccess": {"errorMessage": "metrics are not kept"}}))
    lines = log_lines(document, at, incident) if kind == LOGS else span_lines(document, at, incident)
    return Received(status=200, kind=kind.rpartition("/")[2], lines=tuple(lines))


def _refused(kind: str, headers: Mapping[str, str], body: bytes, token: str) -> Received | None:
    if token and not hmac.compare_digest(headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
        return _said(401, "send the token as Authorization: Bearer TOKEN")
    if "origin" in headers:
        return _said(403, "a page in a browser may not write here")
    if kind not in {HOOKS, LOGS, TRACES, METRICS}:
        return _said(404, f"POST hooks to {HOOKS}, OTLP/HTTP JSON to {LOGS} or {TRACES}")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return _said(415, "only JSON is read: set OTEL_EXPORTER_OTLP_PROTOCOL=http/json")
    if len(body) > LONGEST:
        return _said(413, f"more than {LONGEST} bytes")
    return None


def _unpacked(body: bytes, encoding: str) -> bytes:
    """Unpack what was sent packed, up to `LONGEST`; raises ValueError beyond it, zlib.error for what is not packed so."""
    if encoding.lower() not in {"gzip", "deflate"}:
        return body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    found = unpacker.decompress(body, LONGEST)
    if unpacker.unconsumed_tail:
        raise ValueError(f"unpacked it is more than {LONGEST} bytes")
    return found


def _said(status: int, text: str) -> Received:
    return Received(status=status, body=_json({"error": text}))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
