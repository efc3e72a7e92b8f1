"""Spans of OpenTelemetry that are tool calls of an agent, by the conventions for generative AI and for MCP.

In come the spans of an OTLP document, each with its service; out go calls. The client's and the server's span of one call are
one call: the span whose parent is one too, of the same tool, is left out. Arguments and results are there only when the
program was told to record them.

After semantic-conventions-genai, `gen-ai/mcp.md` and `gen-ai/gen-ai-spans.md` (status: development).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from afteraction.formats.agent_calls import AgentCall, parts_of
from afteraction.formats.agent_shapes import attributes_of
from afteraction.formats.json_documents import mapping_of, text_of
from afteraction.formats.span_columns import is_failed
from afteraction.formats.stamps import parse_stamp
from afteraction.formats.tool_results import compact, mcp_result
from afteraction.model.origin import Origin


def span_calls(spans: Iterable[tuple[str, Mapping[str, Any], Origin, tuple[bool, str]]]) -> list[AgentCall]:
    """Return the tool calls among spans, given with service, place, and what `of_resource` says of their resource."""
    found: dict[str, tuple[AgentCall, str]] = {}
    for service, span, origin, (unsorted, incident) in spans:
        told = attributes_of(span)
        if is_tool_span(span):
            tool = text_of(told, "gen_ai.tool.name", "mcp.tool.name") or text_of(span, "name").rpartition(" ")[2]
            call = replace(_call(tool, service, span, told, origin), unsorted=unsorted, incident=incident)
            own = text_of(span, "spanId", "span_id") or f"{origin}"
            found[f"{call.trace}:{own}"] = call, f"{call.trace}:{text_of(span, 'parentSpanId', 'parent_span_id')}"
    kept: dict[str, AgentCall] = {}
    for key, (call, parent) in found.items():
        if parent not in found or found[parent][0].tool != call.tool:
            kept.setdefault(key, call)
    for call, parent in found.values():
        if parent in kept and kept[parent].tool == call.tool and not kept[parent].server:
            kept[parent] = replace(kept[parent], server=call.server)
    return list(kept.values())


def is_tool_span(span: Mapping[str, Any]) -> bool:
    """Whether a span is a call of a tool."""
    name = span.get("name")
    if not isinstance(name, str) or not name.startswith(("tools/call", "execute_tool")):
        return False
    told = attributes_of(span)
    return told.get("mcp.method.name") == "tools/call" or told.get("gen_ai.operation.name") == "execute_tool"


def _call(name: str, service: str, span: Mapping[str, Any], told: Mapping[str, Any], origin: Origin) -> AgentCall:
    server, tool = parts_of(name)
    start, end = (_nanoseconds(span, key) for key in ("startTimeUnixNano", "endTimeUnixNano"))
    serving = span.get("kind") in (2, "SPAN_KIND_SERVER")
    result, failed = mcp_result(_value(told.get("gen_ai.tool.call.result")))
    status = mapping_of(span.get("status"))
    return AgentCall(
        tool=tool,
        server=server or (service if serving else text_of(told, "mcp.server.name", "server.address")),
        agent=text_of(told, "gen_ai.agent.name") or ("" if serving else service),
        arguments=_value(told.get("gen_ai.tool.call.arguments")),
        result=result or text_of(status, "message"),
        failed=failed or is_failed(status) or bool(told.get("error.type")),
        seconds=round((end - start) / 1e9, 6) if start is not None and end is not None and end >= start else None,
        stamp=parse_stamp(start) if start else None,
        call_id=text_of(told, "gen_ai.tool.call.id"),
        trace=text_of(span, "traceId", "trace_id").lower(),
        origin=origin,
    )


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return value if value is None or isinstance(value, Mapping | list) else compact(value)


def _nanoseconds(span: Mapping[str, Any], key: str) -> int | None:
    try:
        return int(span.get(key, ""))
    except (ValueError, TypeError, OverflowError):
        return None
