"""Where in a JSON file a value stands: by line when the file is one record a line, by path when it is one document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from afteraction.formats.json_documents import JsonRecord
from afteraction.formats.stamps import Stamp, parse_stamp
from afteraction.model.origin import Origin

_ENVELOPES = (
    "workflow_runs",
    "body",
    "payload",
    "message",
    "msg",
    "data",
    "event",
    "alert",
    "webhook",
    "request",
    "content",
    "raw",
    "json",
    "frame",
    "detail",
    "Message",
    "Records",
    "Sns",
    "item",
    "items",
    "results",
    "result",
    "events",
    "entries",
    "alerts",
    "issues",
    "problems",
    "history",
    "deployments",
    "releases",
    "MetricAlarms",
    "AlarmHistoryItems",
)
"""Keys under which recorders, queues and answers of an API put what they carry."""
_STAMPS = (
    "ts",
    "timestamp",
    "time",
    "at",
    "@timestamp",
    "received_at",
    "receivedAt",
    "recorded_at",
    "received",
    "datetime",
    "date",
    "t",
    "Timestamp",
)
_NOT_ISO = (
    (re.compile(r"(?<=[+-]\d{4}) [A-Z]{3,5}\b(?:\s+m=[+-][\d.]+)?$"), ""),
    (re.compile(r"(?<=\d) (?=[+-]\d{4}$)"), ""),
    (re.compile(r"(?<=[+-]\d\d)\.(?=\d\d$)"), ":"),
)
"""Forms of the zone that programs write and no standard knows: Go's `+0000 UTC`, and `+01.00`."""
_NAMED = {"payload", "body"}
MOST_NESTED = 4


def origin_of(file: str, record: JsonRecord, path: str = "") -> Origin:
    """Return the origin of the value at `path` inside a record."""
    if record.line == record.line_end:
        return Origin(file=file, line=record.line, record=path or None)
    return Origin(file=file, record=path or f"line {record.line}")


def unwrap(value: Any, wanted: Any, path: str = "") -> Iterator[tuple[Any, str, Mapping[str, Any]]]:
    """Yield each inner value for which `wanted` holds, with its path and the object around it.

    Lists are descended, objects by the keys of `_ENVELOPES`, and an object of nothing but named payloads by its names; a
    text that holds a JSON object is read as one. The object around has what those further out say too.
    """
    yield from _unwrap(value, wanted, path, {}, 0)


def _unwrap(
    value: Any, wanted: Any, path: str, around: Mapping[str, Any], depth: int
) -> Iterator[tuple[Any, str, Mapping[str, Any]]]:
    if depth > MOST_NESTED:
        return
    value = _opened(value)
    if not isinstance(value, list | Mapping):
        return
    if wanted(value):
        yield value, path, around
        return
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unwrap(item, wanted, f"{path}[{number}]", around, depth + 1)
        return
    named = value if value and all(isinstance(v, Mapping) and _NAMED & v.keys() for v in value.values()) else ()
    for key in named or (key for key in _ENVELOPES if key in value):
        yield from _unwrap(value[key], wanted, f"{path}.{key}".lstrip("."), {**around, **value}, depth + 1)


def _opened(value: Any) -> Any:
    """Return what a text holds when it holds JSON, else the value itself."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "["}:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def stamp_in(record: Any, *keys: str, zone: str = "UTC") -> Stamp | None:
    """Return the first readable time under `keys` (default: the usual keys of an envelope)."""
    for key in keys or _STAMPS:
        value = record.get(key) if isinstance(record, Mapping) else None
        if isinstance(value, str | int | float) and not isinstance(value, bool) and (stamp := safe_stamp(value, zone)):
            return stamp
    return None


def safe_stamp(value: str | float, zone: str = "UTC") -> Stamp | None:
    """Read a stamp; text that is too long to be one, and numbers that are none, are refused."""
    if isinstance(value, str):
        if len(value) > 80:
            return None
        text = value.strip()
        for pattern, replacement in _NOT_ISO:
            text = pattern.sub(replacement, text)
        return parse_stamp(text, zone=zone) or parse_stamp(value, zone=zone)
    if (isinstance(value, float) and value != value) or abs(value) > 1e20:  # noqa: PLR0124  only NaN differs from itself
        return None
    return parse_stamp(value, zone=zone)


def year_one(at: datetime) -> bool:
    """Whether a time is Go's zero time, which stands for `never`."""
    return at.year <= 1
