"""JSON documents that hold log records become lines: one record a line, so that they stream like any other log.

In comes a file that is one document, an array, documents over several lines, or batches one a line: OTLP logs, answers of
CloudWatch Logs and Logs Insights, Loki, Elasticsearch, Datadog and Google Cloud Logging, and arrays of log records in
anybody's words. Out go lines of JSON, each on the line on which its record begins in the file; where several begin on
one line, the records are counted instead and the file is named `...#records`. What is damaged becomes a problem.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, BinaryIO

from afteraction.formats.json_documents import list_of, mapping_of, peek_json, peek_records, value_of
from afteraction.formats.json_items import read_items
from afteraction.formats.log_fields import LEVEL, MESSAGE, TIME, fields_of, spread
from afteraction.formats.products import product_of
from afteraction.model.reading import Problem, RawInput

_SPOKEN = frozenset(
    {"user", "author", "actor", "who", "channel", "botid", "jsonrpc", "payload", "sessionid", "apiversion"}
)
"""Fields of messages, tool calls and objects of a cluster; a record that has one is no log record."""


class DocumentShape(StrEnum):
    """How a JSON document holds log records."""

    OTLP = "otlp"
    CLOUDWATCH = "cloudwatch"
    INSIGHTS = "insights"
    LOKI = "loki"
    ELASTIC = "elastic"
    DATADOG = "datadog"
    RECORDS = "records"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDocument:
    """The records of a file as a log: `name` for citations, the way to stream it, how many records, what was damaged."""

    name: str
    open: Callable[[], BinaryIO]
    records: int
    problems: tuple[Problem, ...]


def document_shape(raw: RawInput) -> DocumentShape | None:
    """Return how a JSON file holds log records, or None when it holds none."""
    if product_of(raw) is not None or raw.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"["}:
        return None
    return _shape(raw.head, raw.size is None or raw.size > len(raw.head))


@lru_cache(maxsize=4)
def _shape(head: bytes, more: bool) -> DocumentShape | None:
    raw = RawInput(name="", head=head, open=lambda: (_ for _ in ()).throw(OSError))  # only the head is looked at
    top = mapping_of(peek_json(raw))
    if shape := _envelope(top):
        return shape
    records = [record for record in peek_records(raw) if isinstance(record, Mapping)]
    if more and len(records) > 1:
        records.pop()  # the last one is cut off
    spoken = [_is_record(record) for record in records]
    listed = len(spoken) > 1 or head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
    return DocumentShape.RECORDS if listed and spoken and sum(spoken) >= 0.8 * len(spoken) else None


def _envelope(top: Mapping[str, Any]) -> DocumentShape | None:
    """Recognise a product's answer by the keys around its records."""
    if isinstance(top.get("resourceLogs"), list) or isinstance(top.get("resource_logs"), list):
        return DocumentShape.OTLP
    events = [mapping_of(event) for event in list_of(top.get("events"))[:3]]
    if events and all(
        "message" in event and ("ingestionTime" in event or "logStreamName" in event) for event in events
    ):
        return DocumentShape.CLOUDWATCH
    rows = list_of(top.get("results"))
    if rows and isinstance(rows[0], list) and {"field", "value"} <= mapping_of(next(iter(rows[0]), None)).keys():
        return DocumentShape.INSIGHTS
    if value_of(top, "data.resultType") == "streams" or top.get("resultType") == "streams":
        return DocumentShape.LOKI
    if "_source" in mapping_of(next(iter(list_of(value_of(top, "hits.hits"))), None)):
        return DocumentShape.ELASTIC
    first = mapping_of(next(iter(list_of(top.get("data"))), None))
    inner = mapping_of(first.get("attributes"))
    return (
        DocumentShape.DATADOG if "message" in inner and ("timestamp" in inner or first.get("type") == "log") else None
    )


def _is_record(record: Mapping[str, Any]) -> bool:
    fields = spread(record)
    if _SPOKEN & fields.keys():
        return False
    message = next((name for name in MESSAGE if fields.get(name)), "")
    leveled = any(fields.get(name) for name in LEVEL) or "stream" in fields or "logger" in fields
    return bool(message) and message != "event" and leveled and any(fields.get(name) for name in TIME)


def read_log_document(raw: RawInput, shape: DocumentShape) -> LogDocument:
    """Return the records of `raw` as a log. The document is read whole each time it is streamed, its lines are not kept."""
    items, problems = read_items(raw)
    starts = [line for item in items for line in [item.line] * sum(1 for _ in _records(shape, item.value))]
    apart = all(a < b for a, b in itertools.pairwise(starts))

    def opened() -> BinaryIO:
        return io.BufferedReader(_Lines(_lines(raw, shape, apart=apart)))

    return LogDocument(
        name=raw.name if apart else f"{raw.name}#records", open=opened, records=len(starts), problems=tuple(problems)
    )


def _lines(raw: RawInput, shape: DocumentShape, *, apart: bool) -> Iterator[bytes]:
    line = 1
    for item in read_items(raw)[0]:
        for record in _records(shape, item.value):
            if apart:
                yield b"\n" * (item.line - line)
                line = item.line + 1
            yield json.dumps(record, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n"


def _records(shape: DocumentShape, value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the records of one document, each with its time, level, service and message in front."""
    top = mapping_of(value)
    match shape:
        case DocumentShape.OTLP:
            yield from _otlp(top)
        case DocumentShape.LOKI:
            yield from _loki(top)
        case _:
            for record in _listed(shape, top):
                yield _fronted(record)


def _listed(shape: DocumentShape, top: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the records of an answer that is a list; a document of any other product is one record."""
    match shape:
        case DocumentShape.CLOUDWATCH:
            yield from map(mapping_of, list_of(top.get("events")))
        case DocumentShape.INSIGHTS:
            for row in list_of(top.get("results")):
                cells = [mapping_of(cell) for cell in list_of(row)]
                yield {str(c.get("field", "")): c.get("value") for c in cells if c.get("field") != "@ptr"}
        case DocumentShape.ELASTIC:
            yield from (mapping_of(mapping_of(hit).get("_source")) for hit in list_of(value_of(top, "hits.hits")))
        case DocumentShape.DATADOG:
            yield from (mapping_of(mapping_of(entry).get("attributes")) for entry in list_of(top.get("data")))
        case _:
            yield top


def _fronted(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record with what every log has in front: a stamp is looked for at the beginning of a line."""
    said = fields_of(spread(record))
    front = {
        "time": said.time, "level": said.level, "service": said.service, "logger": said.component,
        "thread": said.thread, "message": said.message, "error": said.cause, "trace_id": said.trace,
    }  # fmt: skip
    return {name: value for name, value in front.items() if value}


def _otlp(top: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for batch in [mapping_of(item) for key in ("resourceLogs", "resource_logs") for item in list_of(top.get(key))]:
        resource = _attributes(mapping_of(batch.get("resource")).get("attributes"))
        scopes = [
            item
            for key in ("scopeLogs", "scope_logs", "instrumentationLibraryLogs")
            for item in list_of(batch.get(key))
        ]
        for scope in map(mapping_of, scopes):
            logger = mapping_of(scope.get("scope")).get("name", "")
            for record in [*list_of(scope.get("logRecords")), *list_of(scope.get("log_records"))]:
                told = mapping_of(record)
                said = {**told, "attributes": _attributes(told.get("attributes")), "body": _plain(told.get("body"))}
                yield _fronted({"logger": logger, "resource": resource, **said})


def _attributes(value: Any) -> dict[str, Any]:
    return {str(item.get("key", "")): _plain(item.get("value")) for item in map(mapping_of, list_of(value))}


def _plain(value: Any) -> Any:
    """Return what OTLP wraps as `{"stringValue": ...}`; a structured body stays JSON text."""
    if not isinstance(value, Mapping):
        return value
    if "kvlistValue" in value:
        return json.dumps(_attributes(mapping_of(value["kvlistValue"]).get("values")), ensure_ascii=False)
    return next(iter(value.values()), None)


def _loki(top: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of all streams in order of time: Loki answers stream by stream, often the newest line first."""
    data = mapping_of(top.get("data")) or top
    found: list[tuple[str, Mapping[str, Any]]] = []
    for stream in map(mapping_of, list_of(data.get("result"))):
        labels = {str(key): value for key, value in mapping_of(stream.get("stream")).items()}
        for pair in list_of(stream.get("values")):
            if isinstance(pair, list) and len(pair) >= 2:
                record = _fronted({"time": str(pair[0]), "labels": labels, "line": str(pair[1])})
                found.append((str(pair[0]).zfill(20), record))
    for _, record in sorted(found, key=lambda item: item[0]):
        yield record


class _Lines(io.RawIOBase):
    """A stream of the bytes that an iterator yields; nothing is held but the rest of one piece."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # any writable buffer, as RawIOBase hands it
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        size = min(len(view), len(self._rest))
        view[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
