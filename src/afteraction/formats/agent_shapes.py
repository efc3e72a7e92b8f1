"""Which agent wrote a file, judged from its first records: session files, hook payloads, executions, telemetry events.

Only what no other file could mean is recognised, by the names that the products themselves write; never by a file's name.
None of these formats but OpenTelemetry's is promised by its vendor, so as little as possible is asked of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from afteraction.formats.json_documents import list_of, mapping_of, peek_json, peek_records, text_of, value_of
from afteraction.formats.json_origins import unwrap
from afteraction.model.reading import RawInput


class AgentShape(StrEnum):
    """The files that agents leave behind."""

    CLAUDE_CODE = "claude_code"
    HOOKS = "hooks"
    CODEX = "codex"
    GEMINI = "gemini"
    VSCODE_CHAT = "vscode_chat"
    N8N = "n8n"
    TELEMETRY = "telemetry"


_SIGNS = (
    b"sessionId", b"hook_event_name", b"session_meta", b"response_item", b"function_call", b"toolCalls", b"projectHash",
    b"requesterUsername", b"toolInvocationSerialized", b'"requests"', b"runData", b"tool_decision", b"tool_result",
    b"tool_call",
)  # fmt: skip
"""One of these stands at the beginning of every such file; other files cost no more than this search."""
_LOOKED_AT = 20
TELEMETRY_EVENTS = frozenset({"tool_decision", "tool_result", "tool_call"})


def agent_shape(raw: RawInput) -> AgentShape | None:
    """Return what an agent's file is, or None when it is none."""
    if not any(sign in raw.head for sign in _SIGNS):
        return None
    top = peek_json(raw)
    records = [top, *peek_records(raw, _LOOKED_AT)]
    for record in records:
        if shape := _shape(record):
            return shape
    return None


def _shape(record: Any) -> AgentShape | None:
    if next(unwrap(record, is_hook), None) is not None:
        return AgentShape.HOOKS
    if not isinstance(record, Mapping):
        return None
    if is_claude_record(record):
        return AgentShape.CLAUDE_CODE
    if is_codex_record(record):
        return AgentShape.CODEX
    if is_gemini_record(record):
        return AgentShape.GEMINI
    if is_vscode_chat(record):
        return AgentShape.VSCODE_CHAT
    if next(unwrap(record, is_n8n), None) is not None:
        return AgentShape.N8N
    return AgentShape.TELEMETRY if _is_telemetry(record) else None


def is_hook(value: Any) -> bool:
    """Whether a value is the payload of a hook as Claude Code calls it."""
    return isinstance(value, Mapping) and isinstance(value.get("hook_event_name"), str) and "session_id" in value


def is_claude_record(value: Mapping[str, Any]) -> bool:
    """Whether a value is a message of a Claude Code session."""
    if value.get("type") not in ("user", "assistant") or not isinstance(value.get("message"), Mapping):
        return False
    return "sessionId" in value and ("uuid" in value or "parentUuid" in value)


_CODEX = frozenset({"session_meta", "response_item", "event_msg", "turn_context"})
_CODEX_ITEMS = frozenset({"function_call", "custom_tool_call", "local_shell_call"})


def is_codex_record(value: Mapping[str, Any]) -> bool:
    """Whether a value is a line of a Codex rollout; the first versions wrote the items without an envelope."""
    kind = text_of(value, "type")
    if kind in _CODEX:
        return isinstance(value.get("payload"), Mapping) and "timestamp" in value
    return kind in _CODEX_ITEMS and "call_id" in value


def is_gemini_record(value: Mapping[str, Any]) -> bool:
    """Whether a value is a Gemini CLI session, its first line, or one of its messages."""
    if "projectHash" in value and "sessionId" in value:
        return True
    return value.get("type") == "gemini" and ("toolCalls" in value or "content" in value) and "id" in value


def is_vscode_chat(value: Mapping[str, Any]) -> bool:
    """Whether a value is an exported chat of VS Code, or the first line of a chat's log of changes."""
    inner = value.get("v") if value.get("kind") == 0 and "v" in value else value
    requests = list_of(mapping_of(inner).get("requests"))
    named = "responderUsername" in mapping_of(inner) or "requesterUsername" in mapping_of(inner)
    return named or any("response" in mapping_of(one) and "requestId" in mapping_of(one) for one in requests[:5])


def is_n8n(value: Any) -> bool:
    """Whether a value is an execution of an n8n workflow with its data."""
    return isinstance(run_data(value), Mapping)


def run_data(value: Any) -> Any:
    """Return the runs of an execution's nodes, by node."""
    if not isinstance(value, Mapping):
        return None
    found = value_of(value, "data.resultData.runData")
    return found if found is not None else value_of(value, "resultData.runData")


_IN_SESSION = frozenset({"session.id", "conversation.id", "prompt.id"})
"""Attributes that agents put on every event."""


def _is_telemetry(value: Mapping[str, Any]) -> bool:
    records = [record for _, record in log_records(value, most=200)]
    if not any(telemetry_event(record) for record in records):
        return False
    # A log of other things, in which an agent's event stands as well, is a log.
    own = sum(
        bool(_IN_SESSION & attributes_of(record).keys()) or telemetry_event(record) is not None for record in records
    )
    return own * 2 >= len(records)


def log_records(document: Any, most: int = 1_000_000) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Return the log records of an OTLP document, each with its resource; else the value itself when it has attributes."""
    told = mapping_of(document)
    found: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    for resource in list_of(told.get("resourceLogs") or told.get("resource_logs")):
        for scope in list_of(mapping_of(resource).get("scopeLogs") or mapping_of(resource).get("scope_logs")):
            for record in list_of(mapping_of(scope).get("logRecords") or mapping_of(scope).get("log_records")):
                found.append((mapping_of(mapping_of(resource).get("resource")), mapping_of(record)))
                if len(found) >= most:
                    return found
    if not found and "attributes" in told and not {"spanId", "resourceSpans", "labels"} & told.keys():
        return [(mapping_of(told.get("resource")), told)]
    return found


def attributes_of(holder: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes as a plain object, from OTLP's list of keys and values or from an object."""
    told = holder.get("attributes")
    if isinstance(told, Mapping):
        return {str(key): plain_value(value) for key, value in told.items()}
    return {text_of(item, "key"): plain_value(mapping_of(item).get("value")) for item in list_of(told)}


def plain_value(value: Any) -> Any:
    """Return what an OTLP value (`{"stringValue": ...}`) holds; any other value as it is."""
    if isinstance(value, Mapping) and len(value) == 1:
        key, inner = next(iter(value.items()))
        if key in {"stringValue", "intValue", "doubleValue", "boolValue", "string_value", "int_value", "bool_value"}:
            return inner
    return value


def telemetry_event(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return agent and event of a log record that tells of a tool call (`claude_code`, `tool_decision`), else None."""
    told = attributes_of(record)
    found: tuple[str, str] | None = None
    for name in (plain_value(record.get("body")), record.get("eventName"), told.get("event.name")):
        if isinstance(name, str):
            agent, _, event = name.rpartition(".")
            if event in TELEMETRY_EVENTS and agent:
                return agent, event
            if event in TELEMETRY_EVENTS and ("tool_name" in told or "function_name" in told):
                found = "", event
    return found
