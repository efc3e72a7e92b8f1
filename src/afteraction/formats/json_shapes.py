"""What a JSON file is about, judged from its first records: one answer for all sources, so that two never claim one.

Only shapes that stand for one family each are named here: traces, metrics, lists of changes, provider status, counted
log patterns, and logs of one object a line. Everything else is for the sources that know their own product.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from afteraction.formats.json_documents import decode_text, list_of, mapping_of, peek_json, peek_records
from afteraction.formats.json_items import flat
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
from afteraction.model.reading import RawInput


class JsonShape(StrEnum):
    """The kinds of JSON that incidents leave behind, as far as several products write them alike."""

    OTLP_TRACES = "otlp_traces"
    JAEGER = "jaeger"
    SPANS = "spans"
    PROMETHEUS = "prometheus"
    CLOUDWATCH = "cloudwatch"
    CHANGES = "changes"
    STATUS = "status"
    PATTERNS = "patterns"
    LOG = "log"


TIME_KEYS = ("timestamp", "time", "ts", "datetime", "date", "asctime", "eventtime", "created", "createdat", "t", "at",
             "realtimetimestamp", "timeunixnano", "observedtimestamp", "timestampms", "startedat", "start", "starttime",
             "deployedat", "mergedat", "committedat", "authoredat", "commitdate", "authordate", "authorcreated",
             "finishedat", "occurredat", "changedat", "updatedat", "commitauthordate", "when", "publishedat")  # fmt: skip
"""Keys of a record's time, folded, likeliest first."""
TEXT_KEYS = ("msg", "message", "log", "body", "text", "line", "shortmessage", "content", "logmessage", "event", "raw")
LEVEL_KEYS = ("level", "severity", "severitytext", "severitynumber", "lvl", "loglevel", "levelname", "priority", "stream",
              "logger", "loglogger", "levelvalue", "v", "syslogidentifier")  # fmt: skip
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
)


def json_shape(raw: RawInput) -> JsonShape | None:
    """Return the shape of a JSON file, or None when it has none that is known here."""
    if product_of(raw) is not None:
        return None
    return _shape(_Sample(raw)) if raw.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["} or _wide(raw) else None


def _wide(raw: RawInput) -> bool:
    return raw.head.startswith((b"\xff\xfe", b"\xfe\xff"))


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
    records = [record for record in peek_records(sample.raw) if isinstance(record, Mapping)]
    if isinstance(top, Mapping) and len(records) == 1:
        records += [item for item in inner_list(top) if isinstance(item, Mapping)]
        records = records[1:] or records
    if not records or any("jsonrpc" in record for record in records[:3]):
        return None
    whole = _share(records, lambda r: set(r) >= {"metric"} and ("values" in r or "value" in r) and _labels(r))
    if whole >= 0.8:
        return JsonShape.PROMETHEUS
    return _records([flat(record) for record in records], sample.raw, list_like=isinstance(top, list))


def inner_list(top: Mapping[str, Any]) -> list[Any]:
    """Return the one list of records that an envelope (`{"events": [...]}`) holds, else nothing."""
    lists = [value for value in top.values() if isinstance(value, list) and value and isinstance(value[0], Mapping)]
    return list_of(lists[0]) if len(lists) == 1 else []


def inner_key(top: Mapping[str, Any]) -> str:
    """Return the key of the list that `inner_list` returns."""
    return next((k for k, v in top.items() if isinstance(v, list) and v and isinstance(v[0], Mapping)), "")


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
        return JsonShape.PROMETHEUS if result["resultType"] in {"matrix", "vector"} else None
    if "MetricDataResults" in top or ("Datapoints" in top and "Label" in top):
        return JsonShape.CLOUDWATCH
    return None


def _share(records: list[Any], test: Callable[[Any], bool]) -> float:
    return sum(test(record) for record in records) / len(records)


def _has(record: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    return any(record.get(key) not in (None, "") for key in keys)


def _records(records: list[dict[str, Any]], raw: RawInput, *, list_like: bool) -> JsonShape | None:
    """Recognise lists of flat records by the fields that most of them have."""
    if _share(records, _is_span) >= 0.6:
        return JsonShape.SPANS
    if _share(records, _is_status) >= 0.8:
        return JsonShape.STATUS
    if _share(records, _is_change) >= 0.8:
        return JsonShape.CHANGES
    if _share(records, _is_pattern) >= 0.8:
        return JsonShape.PATTERNS
    if not list_like and _share(records, _is_log) >= 0.8 and _one_a_line(raw, records):
        return JsonShape.LOG
    return None


def _is_span(record: Mapping[str, Any]) -> bool:
    return _has(record, TRACE_ID[:1]) and _has(record, SPAN_ID) and (_has(record, DURATION) or _has(record, END)) \
        and not {"msg", "log"} & set(record)  # fmt: skip


def _is_status(record: Mapping[str, Any]) -> bool:
    about = _has(record, ("region", "component", "service", "components", "affectedservices"))
    dated = "resolvedat" in record or "endedat" in record or ("startedat" in record and "updatedat" in record)
    said = _has(record, ("title", "name", "summary", "detail", "description"))
    return about and dated and said and "status" in record and not _has(record, ("incidentupdates", "labels", "sha"))


def _is_change(record: Mapping[str, Any]) -> bool:
    if not _has(record, TIME_KEYS) or _has(
        record, ("jsonrpc", "apiversion", "spanid", "traceid", "labels", "alertname")
    ):
        return False
    if _has(record, FLAG) and _has(record, CHANGE_WORDS):
        return True
    if _has(record, COMMIT) and (_has(record, AUTHOR) or _has(record, (*TEXT_KEYS, "title", "subject"))):
        return True
    placed = _has(record, (*SERVICE, "environment", "env", "project", "repo", "repository", "cluster", "namespace"))
    return placed and (_has(record, COMMIT) or _has(record, VERSION)) and not _has(record, LEVEL[:4]) \
        and not _has(record, TEXT_KEYS[:3])  # fmt: skip


def _is_pattern(record: Mapping[str, Any]) -> bool:
    counted = any(isinstance(record.get(key), int | float) for key in ("count", "occurrences", "size", "total"))
    return _has(record, SIGNATURE) and counted and not _has(record, TIME_KEYS[:5])


def _is_log(record: Mapping[str, Any]) -> bool:
    text = next((record[key] for key in TEXT_KEYS if record.get(key) not in (None, "")), None)
    if not isinstance(text, str) or "apiversion" in record or {"sessionid", "parentuuid", "payload"} & set(record):
        return False
    leveled = _has(record, LEVEL_KEYS)
    spoken = record.get("type") == "message" or _has(record, ("user", "author", "actor", "who", "channel", "botid"))
    only_event = not _has(record, tuple(key for key in TEXT_KEYS if key != "event"))
    if not leveled and (spoken or only_event):
        return False
    return leveled or _has(record, TIME_KEYS)


def _one_a_line(raw: RawInput, records: list[dict[str, Any]]) -> bool:
    """Whether each line is one record; a lone one must say its level to be a log of one line."""
    lines = [line for line in decode_text(raw.head).splitlines() if line.strip()]
    whole = [line for line in lines[:20] if re.match(r"\s*\{.*\}\s*,?$", line)]
    if len(lines) == 1:
        return len(records) == 1 and _has(records[0], LEVEL_KEYS) and _has(records[0], TIME_KEYS)
    cut = raw.size is None or raw.size > len(raw.head)
    return len(whole) >= min(len(lines), 20) - int(cut and len(lines) <= 20)
