"""What a JSON file is about, judged from its first records: one answer for all sources, so that two never claim one.

Only shapes that stand for one family each are named here: traces, metrics, lists of changes, provider status, counted
log patterns, and logs of one object a line. Everything else is for the sources that know their own product.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from afteraction.formats.columns import TIME_NAMES
from afteraction.formats.event_records import TEXT as EVENT_TEXT
from afteraction.formats.event_records import looks_like_happenings
from afteraction.formats.json_documents import decode_text, list_of, mapping_of, peek_json, peek_records
from afteraction.formats.json_items import flat, read_items
from afteraction.formats.kubectl import looks_like_kubectl
from afteraction.formats.log_documents import DocumentShape, document_shape
from afteraction.formats.metric_documents import is_metric_document
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import product_of
from afteraction.formats.table_shapes import (
    AUTHOR,
    COMMIT,
    DURATION,
    END,
    FLAG,
    LEVEL,
    SERVICE,
    SPAN_ID,
    TRACE_ID,
    VERSION,
)
from afteraction.model.origin import Origin
from afteraction.model.reading import RawInput

_LINES = 60


class JsonShape(StrEnum):
    """The kinds of JSON that incidents leave behind, as far as several products write them alike."""

    OTLP_TRACES = "otlp_traces"
    JAEGER = "jaeger"
    SPANS = "spans"
    PROMETHEUS = "prometheus"
    CLOUDWATCH = "cloudwatch"
    METRICS = "metrics"
    CHANGES = "changes"
    STATUS = "status"
    PATTERNS = "patterns"
    EVENTS = "events"
    LOG = "log"
    LOG_DOCUMENT = "log_document"


TEXT_KEYS = ("msg", "message", "log", "body", "text", "line", "shortmessage", "content", "logmessage", "fieldsmessage", "mt", "m",
             "event", "raw")  # fmt: skip
LEVEL_KEYS = ("level", "severity", "severitytext", "severitynumber", "lvl", "loglevel", "levelname", "priority", "stream",
              "logger", "loglogger", "levelvalue", "v", "syslogidentifier", "l", "sourcecontext", "recordlevelname")  # fmt: skip
SIGNATURE = ("signature", "pattern", "template", "cluster", "logpattern")
CHANGE_WORDS = (
    "change",
    "enabled",
    "state",
    "newvalue",
    "oldvalue",
    "before",
    "after",
    "value",
    "to",
    "from",
    "action",
    "previous",
    "current",
    "variation",
    "rollout",
)


def json_shape(raw: RawInput) -> JsonShape | None:
    """Return the shape of a JSON file, or None when it has none that is known here."""
    if product_of(raw) is not None:
        return None
    if raw.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["} or raw.head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _shape(_Sample(raw))
    return JsonShape.LOG if raw.head.count(b"\n{") >= 2 and _is_log_file(raw) else None


class _Sample:
    """A raw input compared by its first bytes: every source asks the same question about the same file."""

    def __init__(self, raw: RawInput) -> None:
        self.raw = raw

    def __hash__(self) -> int:
        return hash((self.raw.head, self.raw.size))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sample) and (self.raw.head, self.raw.size) == (other.raw.head, other.raw.size)


@lru_cache(maxsize=4)
def _shape(sample: _Sample) -> JsonShape | None:
    top = peek_json(sample.raw)
    if isinstance(top, Mapping) and (found := _document(top)):
        return found
    if is_metric_document(top):
        return JsonShape.METRICS
    document = document_shape(sample.raw)
    if document not in {None, DocumentShape.RECORDS}:
        return JsonShape.LOG_DOCUMENT
    records = [record for record in _unfolded(peek_records(sample.raw)) if isinstance(record, Mapping)]
    if isinstance(top, Mapping) and len(records) == 1 and not _records([flat(top)]):
        records = [item for item in inner_list(top) if isinstance(item, Mapping)] or records
    if not records or any("jsonrpc" in record for record in records[:3]):
        return None
    whole = _share(records, lambda r: set(r) >= {"metric"} and ("values" in r or "value" in r) and _labels(r))
    if whole >= 0.8:
        return JsonShape.PROMETHEUS
    if shape := _records([flat(record) for record in records]):
        return shape
    if not isinstance(top, list) and _is_log_file(sample.raw):
        return JsonShape.LOG
    return _last(sample.raw, records, listed=document is not None)


def _last(raw: RawInput, records: list[Mapping[str, Any]], *, listed: bool) -> JsonShape | None:
    """Recognise what has no words of its own: lists of log records, then lists of events."""
    if looks_like_kubectl(decode_text(raw.head)):
        return None
    if listed:
        return JsonShape.LOG_DOCUMENT
    return JsonShape.EVENTS if _share([flat(record) for record in records], _is_event) >= 0.8 else None


def _unfolded(records: list[Any]) -> list[Any]:
    """Return records; where each is a list (Zipkin answers with lists of spans), what is in them."""
    return [item for record in records for item in (record if isinstance(record, list) else [record])]


def inner_list(top: Mapping[str, Any]) -> list[Any]:
    """Return the one list of records that an envelope (`{"events": [...]}`) holds, else nothing."""
    lists = [value for value in top.values() if isinstance(value, list) and value and isinstance(value[0], Mapping)]
    return list_of(lists[0]) if len(lists) == 1 else []


def json_records(raw: RawInput, problems: ProblemList) -> Iterator[tuple[Origin, Mapping[str, Any]]]:
    """Yield the records of a file of one of the flat shapes, each with its place.

    A file that is one envelope yields the records inside, with the envelope's own plain fields beside theirs; an item
    that is no object becomes a problem.
    """
    found, faults = read_items(raw)
    problems.extend(faults)
    for record in found:
        value = record.value
        if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            for item in value:
                if isinstance(item, Mapping):
                    yield Origin(file=raw.name, line=record.line, line_end=record.line_end), item
        elif not isinstance(value, Mapping):
            problems.add("the record is no JSON object", line=record.line)
        elif len(found) == 1 and not _records([flat(value)]) and (inner := inner_list(value)):
            key = next(key for key, items in value.items() if items is inner)
            around = {name: item for name, item in value.items() if not isinstance(item, Mapping | list)}
            for index, item in enumerate(inner):
                if isinstance(item, Mapping):
                    yield Origin(file=raw.name, record=f"{key}[{index}]"), {**around, **item}
        else:
            yield Origin(file=raw.name, line=record.line, line_end=record.line_end), value


def _labels(record: Mapping[str, Any]) -> bool:
    return isinstance(record["metric"], Mapping)


def _document(top: Mapping[str, Any]) -> JsonShape | None:
    """Recognise products by the outermost keys of their documents."""
    if "resourceSpans" in top or "resource_spans" in top or "batches" in top:
        return JsonShape.OTLP_TRACES
    data = top.get("data")
    first = mapping_of(data[0]) if isinstance(data, list) and data else {}
    if "processes" in first and "spans" in first:
        return JsonShape.JAEGER
    if "processes" in top and "spans" in top:
        return JsonShape.JAEGER
    result = mapping_of(data) if isinstance(data, Mapping) else top
    if "resultType" in result and isinstance(result.get("result"), list):
        return JsonShape.PROMETHEUS if result["resultType"] in ("matrix", "vector") else None
    if "MetricDataResults" in top or ("Datapoints" in top and "Label" in top):
        return JsonShape.CLOUDWATCH
    return None


def _share(records: list[Any], test: Callable[[Any], bool]) -> float:
    return sum(test(record) for record in records) / len(records)


def _has(record: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    return any(record.get(key) not in (None, "") for key in keys)


def _records(records: list[dict[str, Any]]) -> JsonShape | None:
    """Recognise lists of flat records by the fields that most of them have."""
    if _share(records, _is_span) >= 0.6:
        return JsonShape.SPANS
    if _share(records, _is_status) >= 0.8:
        return JsonShape.STATUS
    if _share(records, _is_change) >= 0.8:
        return JsonShape.CHANGES
    return JsonShape.PATTERNS if _share(records, _is_pattern) >= 0.8 else None


def _is_span(record: Mapping[str, Any]) -> bool:
    return _has(record, TRACE_ID[:1]) and _has(record, SPAN_ID) and (_has(record, DURATION) or _has(record, END)) \
        and not {"msg", "log"} & set(record)  # fmt: skip


def _is_status(record: Mapping[str, Any]) -> bool:
    about = _has(record, ("region", "component", "service", "components", "affectedservices"))
    dated = "resolvedat" in record or "endedat" in record or ("startedat" in record and "updatedat" in record)
    said = _has(record, ("title", "name", "summary", "detail", "description"))
    return about and dated and said and "status" in record and not _has(record, ("incidentupdates", "labels", "sha"))


def _is_change(record: Mapping[str, Any]) -> bool:
    if not _has(record, TIME_NAMES) or _has(
        record, ("jsonrpc", "apiversion", "spanid", "traceid", "labels", "alertname")
    ):
        return False
    if _has(record, FLAG) and _has(record, CHANGE_WORDS):
        return True
    told = (*AUTHOR, *TEXT_KEYS, "title", "subject", "commitmessage", "commitauthorname")
    if _has(record, COMMIT) and _has(record, told):
        return True
    placed = _has(record, (*SERVICE, "environment", "env", "project", "repo", "repository", "cluster", "namespace"))
    return placed and (_has(record, COMMIT) or _has(record, VERSION)) and not _has(record, LEVEL[:4]) \
        and not _has(record, TEXT_KEYS[:3])  # fmt: skip


def _is_pattern(record: Mapping[str, Any]) -> bool:
    counted = any(isinstance(record.get(key), int | float) for key in ("count", "occurrences", "size", "total"))
    return _has(record, SIGNATURE) and counted and not _has(record, TIME_NAMES[:5])


def _is_event(record: Mapping[str, Any]) -> bool:
    """Whether a record tells what happened: a time, a text, and who or what kind; no product's own object."""
    if not _has(record, TIME_NAMES) or _has(record, LEVEL[:6]) or _OTHERS & set(record):
        return False
    return isinstance(
        record.get(next((key for key in EVENT_TEXT if key in record), "")), str
    ) and looks_like_happenings({key for key, value in record.items() if isinstance(value, str) and value.strip()})


_OTHERS = frozenset(
    {"apiversion", "jsonrpc", "sessionid", "parentuuid", "payload", "spanid", "traceid", "labels", "cursor"}
)
"""Fields of objects that products write for machines."""


def _is_log(record: Mapping[str, Any]) -> bool:
    text = next((record[key] for key in TEXT_KEYS if record.get(key) not in (None, "")), None)
    if isinstance(text, list) and "realtimetimestamp" in record:  # journald writes unprintable text as bytes
        text = "bytes"
    if not isinstance(text, str) or "apiversion" in record or {"sessionid", "parentuuid", "payload"} & set(record):
        return False
    leveled = _has(record, LEVEL_KEYS)
    spoken = record.get("type") == "message" or _has(record, ("user", "author", "actor", "who", "channel", "botid"))
    only_event = not _has(record, tuple(key for key in TEXT_KEYS if key != "event"))
    if not leveled and (spoken or only_event):
        return False
    return leveled or _has(record, TIME_NAMES)


def _is_log_file(raw: RawInput) -> bool:
    """Whether most lines are one record each; what a runtime prints between them does not count against it."""
    lines = [line for line in decode_text(raw.head).splitlines()[:_LINES] if line.strip()]
    if len(lines) > 1 and len(lines) < _LINES and (raw.size is None or raw.size > len(raw.head)):
        lines.pop()
    records = [flat(record) for line in lines if (record := _object(line)) is not None]
    if not records or len(records) < 0.6 * len(lines) or _share(records, _is_log) < 0.8:
        return False
    if len(records) == 1 and not (_has(records[0], LEVEL_KEYS) and _has(records[0], TIME_NAMES)):
        return False
    return not looks_like_kubectl(decode_text(raw.head))


def _object(line: str) -> dict[str, Any] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(line.rstrip().rstrip(","))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
