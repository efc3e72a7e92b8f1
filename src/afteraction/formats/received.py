"""How what agents send by themselves is kept, one line each, and how these lines tell when they came and for which incident.

In come the payload of a hook, or OTLP/JSON; out go lines that the ordinary sources read. A hook gets an envelope, for it has no
time of its own. Of OTLP every record that tells of a tool becomes a document of its own, with its resource, to which two
attributes are added; records of other things are left out. Of long texts head, tail and hash are kept, and nothing else is
changed. Raises RecursionError for what is nested too deeply.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from afteraction.formats.agent_shapes import telemetry_event
from afteraction.formats.agent_spans import is_tool_span
from afteraction.formats.json_documents import list_of, mapping_of, text_of

RECEIVER = "afteraction 1"
"""What the envelope of a hook says of who made it, and how."""
_HEAD, _TAIL = 48 * 1024, 16 * 1024
"""What is kept of a text that is longer than both, in characters."""
RECEIVED_AT, INCIDENT = "afteraction.received_at", "afteraction.incident"
"""Attributes of a resource; an agent may also be told the second one (`OTEL_RESOURCE_ATTRIBUTES`)."""


def hook_line(payload: Mapping[str, Any], at: datetime, incident: str) -> bytes:
    """Return the line that is kept of a hook."""
    return _line({"received_at": _time(at), "receiver": RECEIVER, "incident": incident, "payload": payload})


def log_lines(document: Mapping[str, Any], at: datetime, incident: str) -> Iterator[bytes]:
    """Yield a line for every log record of an OTLP document that tells of a tool call or of a decision about one."""
    for resource, scopes in _resources(document, ("resourceLogs", "resource_logs"), at, incident):
        for scope in scopes("scopeLogs", "scope_logs"):
            for record in list_of(scope.get("logRecords") or scope.get("log_records")):
                if telemetry_event(mapping_of(record)):
                    held = {"scope": mapping_of(scope.get("scope")), "logRecords": [record]}
                    yield _line({"resourceLogs": [{"resource": resource, "scopeLogs": [held]}]})


def span_lines(document: Mapping[str, Any], at: datetime, incident: str) -> Iterator[bytes]:
    """Yield a line for every span of an OTLP document that is a tool call."""
    for resource, scopes in _resources(document, ("resourceSpans", "resource_spans"), at, incident):
        for scope in scopes("scopeSpans", "scope_spans"):
            for span in list_of(scope.get("spans")):
                if is_tool_span(mapping_of(span)):
                    held = {"scope": mapping_of(scope.get("scope")), "spans": [span]}
                    yield _line({"resourceSpans": [{"resource": resource, "scopeSpans": [held]}]})


def _resources(document: Mapping[str, Any], keys: tuple[str, ...], at: datetime, incident: str) -> Iterator[Any]:
    """Yield each resource as it is kept, with a function that lists its scopes."""
    for found in list_of(next((document[key] for key in keys if key in document), None)):
        inner = mapping_of(found)
        resource = mapping_of(inner.get("resource"))
        told = [one for one in list_of(resource.get("attributes")) if isinstance(one, Mapping)]
        noted = {RECEIVED_AT: _time(at), **({INCIDENT: incident} if incident else {})}
        told = [one for one in told if one.get("key") not in noted]
        told += [{"key": key, "value": {"stringValue": value}} for key, value in noted.items()]

        def scopes(*names: str, inner: Mapping[str, Any] = inner) -> list[Mapping[str, Any]]:
            return [mapping_of(one) for name in names for one in list_of(inner.get(name))]

        yield {**resource, "attributes": told}, scopes


def of_envelope(around: Mapping[str, Any]) -> tuple[bool, str]:
    """Say of what stands around a hook's payload whether a receiver of ours kept it, and for which incident."""
    return text_of(around, "receiver").startswith("afteraction"), text_of(around, "incident")


def of_resource(attributes: Mapping[str, Any]) -> tuple[bool, str]:
    """Say of a resource's attributes whether a receiver of ours kept it, and for which incident."""
    return RECEIVED_AT in attributes, text_of(attributes, INCIDENT)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shortened(value: Any) -> Any:
    """Return a value in which long texts are kept as head, tail and SHA-256."""
    if isinstance(value, str) and len(value) > _HEAD + _TAIL:
        digest = sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{value[:_HEAD]}\n... {len(value)} characters in all, sha256 {digest} ...\n{value[-_TAIL:]}"
    if isinstance(value, Mapping):
        return {key: _shortened(inner) for key, inner in value.items()}
    return [_shortened(inner) for inner in value] if isinstance(value, list) else value


def _line(value: Any) -> bytes:
    return json.dumps(_shortened(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
