"""Jaeger's JSON (`/api/traces`, the download of its pages): spans, with times in microseconds, and the calls they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from afteraction.formats.json_documents import decode_text, list_of, mapping_of, read_json
from afteraction.formats.json_shapes import JsonShape, json_shape
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.span_columns import SpanColumns, is_failed
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading
from afteraction.model.series import Edge

_STATUS = ("error", "otel.status_code", "http.status_code", "http.response.status_code")
_MESSAGE = ("otel.status_description", "error.message", "exception.message", "message")


class JaegerTraces:
    """The source."""

    name = "jaeger-traces"
    summary = "Jaeger traces (JSON): traces and dependencies."

    def claims(self, raw: RawInput) -> bool:
        """Claim documents whose traces have spans and processes."""
        return json_shape(raw) is JsonShape.JAEGER

    def read(self, raw: RawInput, context: Context) -> Reading:  # noqa: ARG002  # the stamps are microseconds in UTC
        """Read all spans."""
        problems = ProblemList(raw.name)
        spans = SpanColumns(raw.name)
        edges: dict[tuple[str, str], Edge] = {}
        records, faults = read_json(decode_text(raw.read()), raw.name)
        problems.extend(faults)
        for record in records:
            for trace in list_of(mapping_of(record.value).get("data")) or [record.value]:
                for number, (service, span, tags) in enumerate(_spans(mapping_of(trace)), len(spans) + 1):
                    if not _add(spans, service, span, tags, number):
                        problems.add("the span has no ids or no readable times", line=record.line)
                    elif (peer := str(tags.get("peer.service", ""))) and service and peer != service:
                        edge = Edge(caller=service, callee=peer, origin=Origin(file=raw.name, line=record.line))
                        edges.setdefault((service, peer), edge)
        found = (spans.close(),) if len(spans) else ()
        return Reading(spans=found, edges=tuple(edges.values()), problems=problems.close(), lines=len(spans))


def _spans(trace: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], dict[str, Any]]]:
    processes = mapping_of(trace.get("processes"))
    for span in list_of(trace.get("spans")):
        told = mapping_of(span)
        process = mapping_of(told.get("process")) or mapping_of(processes.get(str(told.get("processID"))))
        tags = {str(mapping_of(tag).get("key")): mapping_of(tag).get("value") for tag in list_of(told.get("tags"))}
        yield str(process.get("serviceName", "")), told, tags


def _add(columns: SpanColumns, service: str, span: Mapping[str, Any], tags: Mapping[str, Any], line: int) -> bool:
    start, duration = span.get("startTime"), span.get("duration")
    trace, own = str(span.get("traceID") or ""), str(span.get("spanID") or "")
    if not trace or not own or not isinstance(start, int | float) or not isinstance(duration, int | float):
        return False
    failed = any(is_failed(tags[key]) for key in _STATUS if key in tags)
    columns.add(
        trace=trace, span=own, parent=_parent(span), service=service, name=str(span.get("operationName", "")),
        start=start / 1e6, duration=max(0.0, duration / 1e6), error=failed, line=line,
        message=_message(span, tags) if failed else "",
    )  # fmt: skip
    return True


def _parent(span: Mapping[str, Any]) -> str:
    references = [mapping_of(reference) for reference in list_of(span.get("references"))]
    child = next((r for r in references if r.get("refType") == "CHILD_OF"), references[0] if references else {})
    return str(child.get("spanID") or span.get("parentSpanID") or "")


def _message(span: Mapping[str, Any], tags: Mapping[str, Any]) -> str:
    """Return what a failed span said, in its tags or in the fields of its logs."""
    told: dict[str, Any] = dict(tags)
    for log in list_of(span.get("logs")):
        for field in list_of(mapping_of(log).get("fields")):
            told[str(mapping_of(field).get("key"))] = mapping_of(field).get("value")
    return next((str(told[key]) for key in _MESSAGE if told.get(key)), "")
