"""Flat lists of spans, as a JSON array, JSON lines or CSV, under any usual names: spans and the calls they name.

Zipkin's format is one of these. Units are taken from a column's name, else from the two ends of a span, else from the
stamp's own unit; a span that names the peer it called yields a dependency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from afteraction.formats.columns import Clock, is_number
from afteraction.formats.json_documents import decode_text
from afteraction.formats.json_items import flat
from afteraction.formats.json_shapes import JsonShape, json_records, json_shape
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.span_columns import SpanColumns, is_failed, seconds_of_quantity, span_service, unit_of
from afteraction.formats.stamps import date_order
from afteraction.formats.table_shapes import (
    DURATION,
    END,
    INSTANCE,
    OPERATION,
    PARENT_ID,
    SERVICE,
    SPAN_ID,
    START,
    TRACE_ID,
    TableShape,
    table_of,
)
from afteraction.formats.tables import folded, rows_of
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading
from afteraction.model.series import Edge

_STATUS = ("statuscode", "status", "error", "iserror", "haserror", "tagserror", "otelstatuscode", "httpstatuscode",
           "tagshttpstatuscode", "attributeshttpstatuscode", "attributeshttpresponsestatuscode")  # fmt: skip
_FLAGS = ("error", "iserror", "haserror", "tagserror")
"""Names under which 1 means that the span failed; as a status code it means that it did not."""
_MESSAGE = ("errormessage", "statusmessage", "statusdescription", "exceptionmessage", "error", "tagserror")
_PEER = ("peerservice", "attributespeerservice", "tagspeerservice", "remoteendpointservicename")


class SpanLists:
    """The source."""

    name = "span-list"
    summary = "Spans as a JSON list, JSON lines or CSV (also Zipkin): traces and dependencies."

    def claims(self, raw: RawInput) -> bool:
        """Claim lists whose records have a trace id, a span id and a duration or an end."""
        table = table_of(raw)
        return json_shape(raw) is JsonShape.SPANS if table is None else table.shape is TableShape.SPANS

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all spans."""
        problems = ProblemList(raw.name)
        reader = _Reader(raw.name, Clock(context.zone, context.year_hint, date_order(decode_text(raw.head))), problems)
        count = 0
        for line, record in _records(raw, problems):
            count += 1
            reader.add(line, record)
        spans = (reader.spans.close(),) if len(reader.spans) else ()
        return Reading(spans=spans, edges=tuple(reader.edges.values()), problems=problems.close(), lines=count)


def _records(raw: RawInput, problems: ProblemList) -> Iterator[tuple[int, Mapping[str, Any]]]:
    table = table_of(raw)
    if table is not None:
        faults: list[Problem] = []
        names = [folded(column) for column in table.columns]
        for line, row in rows_of(raw, table.head, faults):
            if len(row) == len(names):
                if row != list(table.columns) or line > 1:
                    yield line, dict(zip(names, row, strict=True))
            else:
                problems.add("the row has another number of cells than the header", line=line)
        problems.extend(faults)
        return
    for origin, record in json_records(raw, problems):
        yield origin.line or 1, flat(record)


@dataclass(slots=True)
class _Units:
    """What one duration column counts in, once it is known."""

    seconds: float | None = None


class _Reader:
    def __init__(self, file: str, clock: Clock, problems: ProblemList) -> None:
        self._file = file
        self._clock = clock
        self._problems = problems
        self._units: dict[str, _Units] = {}
        self.spans = SpanColumns(file)
        self.edges: dict[tuple[str, str], Edge] = {}

    def add(self, line: int, record: Mapping[str, Any]) -> None:
        """Add one record, or a problem for it."""
        trace, span = _text(record, TRACE_ID), _text(record, SPAN_ID)
        start = self._clock.seconds(_text(record, START))
        if not trace or not span or not np.isfinite(start):
            self._problems.add("the span has no trace id, no span id or no readable start", line=line)
            return
        duration = self._duration(record, start)
        if duration is None or duration < 0:
            self._problems.add("the span has no readable duration; 0 s was taken", line=line)
            duration = 0.0
        key = next((key for key in (*SERVICE, *INSTANCE) if record.get(key)), "")
        service = span_service(_text(record, (key,)), key)
        failed, message = _failure(record)
        self.spans.add(
            trace=trace, span=span, parent=_text(record, PARENT_ID), service=service, name=_text(record, OPERATION),
            start=start, duration=duration, error=failed, line=line, message=message,
        )  # fmt: skip
        peer = _text(record, _PEER)
        if peer and service and peer != service:
            edge = Edge(caller=service, callee=peer, origin=Origin(file=self._file, line=line))
            self.edges.setdefault((service, peer), edge)

    def _duration(self, record: Mapping[str, Any], start: float) -> float | None:
        end_text = _text(record, END)
        end = self._clock.seconds(end_text) if end_text else np.nan
        key = next((key for key in DURATION if record.get(key) not in (None, "")), "")
        if np.isfinite(end):
            return float(end - start)
        if not key:
            return None
        text = str(record[key])
        if not is_number(text):
            return seconds_of_quantity(text)
        units = self._units.setdefault(key, _Units())
        if units.seconds is None:
            units.seconds = unit_of(key) or self._unit_of_start(record, key)
        return float(text) * units.seconds

    def _unit_of_start(self, record: Mapping[str, Any], key: str) -> float:
        """Take the unit in which the start is counted, as products that count both do; milliseconds otherwise."""
        start = _text(record, START)
        if is_number(start):
            for limit, unit in ((1e17, 1e-9), (1e14, 1e-6)):
                if float(start) >= limit:
                    return unit
        self._problems.add(f"the unit of {key} is not stated; milliseconds were taken")
        return 1e-3


def _failure(record: Mapping[str, Any]) -> tuple[bool, str]:
    message = next((record[key] for key in _MESSAGE if isinstance(record.get(key), str) and record[key].strip()), "")
    if is_failed(message) or message.lower() in {"false", "0", "none", "null", "ok"}:
        message = ""
    failed = any(is_failed(record[key]) for key in _STATUS if record.get(key) not in (None, ""))
    failed = failed or any(str(record.get(key)) == "1" for key in _FLAGS)
    return failed or bool(message), message


def _text(record: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Return the first filled field under one of the folded `keys`, as text."""
    for key in keys:
        value = record.get(key)
        if value not in (None, "") and not isinstance(value, Mapping | list):
            return str(value).strip()
    return ""
