"""OpenTelemetry traces in the JSON form of OTLP, one document or one a line, also Tempo's batches: spans and calls.

The service is the resource's `service.name`. A failed span's message is its status message or its exception's. Spans that
are tool calls of an agent, by the conventions for generative AI and MCP, are events as well.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from afteraction.formats.agent_calls import events_of
from afteraction.formats.agent_shapes import attributes_of
from afteraction.formats.agent_spans import is_tool_span, span_calls
from afteraction.formats.json_documents import JsonRecord, decode_text, list_of, mapping_of, read_json, text_of
from afteraction.formats.json_shapes import JsonShape, json_shape
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.received import of_resource
from afteraction.formats.span_columns import SpanColumns, is_failed
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading
from afteraction.model.series import Edge

_SERVICE = ("service.name", "service", "k8s.deployment.name", "faas.name")
_PEER = ("peer.service",)


class OtlpTraces:
    """The source."""

    name = "otlp-traces"
    summary = (
        "OpenTelemetry traces as OTLP JSON (one document or one a line): traces, dependencies, agents' tool calls."
    )

    def claims(self, raw: RawInput) -> bool:
        """Claim documents with resource spans."""
        return json_shape(raw) is JsonShape.OTLP_TRACES

    def read(self, raw: RawInput, context: Context) -> Reading:  # noqa: ARG002  # the stamps are nanoseconds in UTC
        """Read all spans."""
        problems = ProblemList(raw.name)
        spans = SpanColumns(raw.name)
        edges: dict[tuple[str, str], Edge] = {}
        tools: list[tuple[str, Mapping[str, Any], Origin, tuple[bool, str]]] = []
        for record in _documents(raw, problems):
            for service, span, kept in _spans(record.value):
                if not _add(spans, service, span, record.line):
                    problems.add("the span has no ids or no readable times", line=record.line)
                    continue
                if is_tool_span(span):
                    place = _place(raw.name, record, text_of(span, "spanId", "span_id"))
                    tools.append((service, span, place, kept))
                peer = _attribute(span.get("attributes"), _PEER)
                if peer and service and peer != service:
                    edge = Edge(caller=service, callee=peer, origin=Origin(file=raw.name, line=record.line))
                    edges.setdefault((service, peer), edge)
        found = (spans.close(),) if len(spans) else ()
        events, untimed = events_of(span_calls(tools), source=self.name, fallback=None)
        problems.extend(untimed)
        return Reading(
            events=tuple(events),
            spans=found,
            edges=tuple(edges.values()),
            problems=problems.close(),
            lines=len(spans),
        )


def _place(file: str, record: JsonRecord, span: str) -> Origin:
    """Return where a span stands: on its document's line, else by its id."""
    if record.line == record.line_end:
        return Origin(file=file, line=record.line, record=f"span {span}")
    return Origin(file=file, record=f"span {span}")


def _documents(raw: RawInput, problems: ProblemList) -> Iterator[JsonRecord]:
    """Stream documents that stand one a line; read everything else whole."""
    with raw.open() as stream:
        first = stream.readline(16 * 1024 * 1024)
    try:
        alone = isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        alone = False
    if not alone:
        records, faults = read_json(decode_text(raw.read()), raw.name)
        problems.extend(faults)
        yield from records
        return
    with raw.open() as stream, io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="\n") as text:
        for number, line in enumerate(text, 1):
            try:
                yield JsonRecord(json.loads(line), number, number) if line.strip() else JsonRecord({}, number, number)
            except (ValueError, RecursionError):
                problems.add("this line is not valid JSON", line=number)


def _spans(document: Any) -> Iterator[tuple[str, Mapping[str, Any], tuple[bool, str]]]:
    told = mapping_of(document)
    for key in ("resourceSpans", "resource_spans", "batches"):
        for resource in list_of(told.get(key)):
            inner = mapping_of(resource)
            held = mapping_of(inner.get("resource"))
            service, kept = _attribute(held.get("attributes"), _SERVICE), of_resource(attributes_of(held))
            for scopes in ("scopeSpans", "scope_spans", "instrumentationLibrarySpans"):
                for scope in list_of(inner.get(scopes)):
                    for span in list_of(mapping_of(scope).get("spans")):
                        yield service, mapping_of(span), kept


def _add(columns: SpanColumns, service: str, span: Mapping[str, Any], line: int) -> bool:
    trace, own = str(_first(span, "traceId", "trace_id")), str(_first(span, "spanId", "span_id"))
    start = _nanoseconds(_first(span, "startTimeUnixNano", "start_time_unix_nano"))
    end = _nanoseconds(_first(span, "endTimeUnixNano", "end_time_unix_nano"))
    if not trace or not own or start is None or end is None:
        return False
    status = mapping_of(span.get("status"))
    failed = is_failed(status)
    columns.add(
        trace=trace, span=own, parent=str(_first(span, "parentSpanId", "parent_span_id")), service=service,
        name=str(span.get("name", "")), start=start / 1e9, duration=max(0, end - start) / 1e9, error=failed, line=line,
        message=(str(status.get("message", "")) or _exception(span)) if failed else "",
    )  # fmt: skip
    return True


def _first(span: Mapping[str, Any], *keys: str) -> Any:
    return next((span[key] for key in keys if span.get(key) not in (None, "")), "")


def _nanoseconds(value: Any) -> int | None:
    try:
        return int(value)
    except (ValueError, TypeError, OverflowError):
        return None


def _exception(span: Mapping[str, Any]) -> str:
    for event in list_of(span.get("events")):
        if text := _attribute(mapping_of(event).get("attributes"), ("exception.message", "exception.type")):
            return text
    return ""


def _attribute(attributes: Any, keys: tuple[str, ...]) -> str:
    """Return the first of `keys` among attributes, which are a list of key and value, or a plain object."""
    if isinstance(attributes, Mapping):
        return next((str(attributes[key]) for key in keys if attributes.get(key)), "")
    told = {str(mapping_of(item).get("key")): mapping_of(item).get("value") for item in list_of(attributes)}
    for key in keys:
        value = told.get(key)
        text = next(iter(value.values()), "") if isinstance(value, Mapping) else value
        if text not in (None, ""):
            return str(text)
    return ""
