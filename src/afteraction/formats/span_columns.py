"""Spans of any product become columns: one span after the other goes in, the arrays of a `Spans` come out.

Names and ids are stored once. Whatever a product calls a failed span, an id that means "no parent" or a unit of time is
settled here, so that all trace sources agree.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np

from afteraction.formats.pods import service_of_pod
from afteraction.model.origin import Origin
from afteraction.model.span import Spans

_NO_PARENT = frozenset({"", "root", "none", "null", "nil", "0", "-1", "-", "nan", "na", "n/a"})
_FAILED = frozenset({"error", "statuscodeerror", "spanstatuserror", "2", "failed", "failure", "fault", "true", "ko"})
_TICKS = {
    "s": 1.0, "sec": 1.0, "secs": 1.0, "seconds": 1.0, "second": 1.0,
    "ms": 1e-3, "milli": 1e-3, "millis": 1e-3, "milliseconds": 1e-3, "msec": 1e-3,
    "us": 1e-6, "µs": 1e-6, "micro": 1e-6, "micros": 1e-6, "microseconds": 1e-6, "usec": 1e-6,
    "ns": 1e-9, "nano": 1e-9, "nanos": 1e-9, "nanoseconds": 1e-9, "unixnano": 1e-9, "nsec": 1e-9,
    "m": 60.0, "min": 60.0, "h": 3600.0,
}  # fmt: skip
_UNIT_TAIL = re.compile(r"(?:[_\s.\-(]|(?<=[a-z])(?=[A-Z]))(s|ms|us|µs|ns|secs?|seconds?|millis(?:econds)?|micros(?:econds)?|"
                        r"nanos?(?:econds)?|milli|micro|[Uu]nix[Nn]ano|nano)\)?$|(?:duration|elapsed|latency)(ms|us|ns|millis|micros|nanos)$",
                        re.IGNORECASE)  # fmt: skip
_QUANTITY = re.compile(r"([\d.]+)\s*(h|min|m(?!s)|s|ms|us|µs|ns)")


class SpanColumns:
    """Collects the spans of one file.

    A trace id that only repeats the one before it under another word ("same") is resolved: when the first span of a
    trace names a parent that the preceding span's trace holds and its own does not, it belongs to that trace.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._ids: dict[str, int] = {}
        self._services: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._members: dict[int, set[int]] = {}
        self._stands_for: dict[int, int] = {}
        self._last_trace = -1
        self._last_told = -1
        self._floats = (array("d"), array("d"))
        self._ints = tuple(array("q") for _ in range(6))
        self._errors = array("b")
        self._messages: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._errors)

    def add(
        self, *, trace: str, span: str, parent: str, service: str, name: str,
        start: float, duration: float, error: bool, line: int, message: str = "",
    ) -> None:  # fmt: skip
        """Add one span; `start` in seconds since the epoch, `duration` in seconds, `parent` empty for a root."""
        span_at = self._id(span)
        parent_at = -1 if parent.strip().lower() in _NO_PARENT or not parent.strip("0") else self._id(parent)
        told = self._id(trace)
        trace_at = self._resolved(told, parent_at)
        self._members.setdefault(trace_at, set()).add(span_at)
        self._last_trace, self._last_told = trace_at, told
        if message:
            self._messages.append((len(self._errors), message))
        for column, value in zip(self._floats, (start, duration), strict=True):
            column.append(value)
        service_at = self._services.setdefault(service, len(self._services))
        name_at = self._names.setdefault(name, len(self._names))
        for numbers, number in zip(self._ints, (service_at, name_at, trace_at, span_at, parent_at, line), strict=True):
            numbers.append(number)
        self._errors.append(error)

    def _id(self, text: str) -> int:
        return self._ids.setdefault(text, len(self._ids))

    def _resolved(self, told: int, parent: int) -> int:
        if told == self._last_told:
            return self._last_trace
        if (
            parent >= 0
            and parent not in self._members.get(told, ())
            and parent in self._members.get(self._last_trace, ())
        ):
            return self._last_trace
        return told

    def close(self) -> Spans:
        """Return the spans; the parent of a span is -1 when no span of its trace has that id."""
        service, name, trace, span, parent, line = (np.array(column, dtype=np.int64) for column in self._ints)
        held = np.fromiter(
            (p >= 0 and int(p) in self._members[int(t)] for p, t in zip(parent, trace, strict=True)),
            dtype=np.bool_, count=parent.size,
        )  # fmt: skip
        return Spans(
            origin=Origin(file=self._file),
            start=np.array(self._floats[0], dtype=np.float64),
            duration=np.array(self._floats[1], dtype=np.float64),
            service=service.astype(np.int32),
            name=name.astype(np.int32),
            trace=trace.astype(np.int32),
            span_id=span.astype(np.int32),
            parent_id=np.where(held, parent, -1).astype(np.int32),
            error=np.array(self._errors, dtype=np.bool_),
            line=line,
            services=tuple(self._services),
            names=tuple(self._names),
            ids=tuple(self._ids),
            messages=tuple(self._messages),
        )


def unit_of(column: str) -> float | None:
    """Return the seconds in one unit of a column by its name (`duration_ms`, `startTimeUnixNano`), or None."""
    found = _UNIT_TAIL.search(column.strip())
    return _TICKS[(found[1] or found[2]).lower()] if found else None


def seconds_of_quantity(text: str) -> float | None:
    """Read a duration with its unit written behind it (`12.5ms`, `1m2s`), or None."""
    found = _QUANTITY.findall(text.strip().lower())
    try:
        return sum(float(number) * _TICKS[unit] for number, unit in found) if found else None
    except ValueError:
        return None


def is_failed(status: Any) -> bool:
    """Whether a status, an error flag, or a code of HTTP says that a span failed."""
    if isinstance(status, bool):
        return status
    if isinstance(status, Mapping):
        return is_failed(status.get("code", status.get("status_code", status.get("statusCode"))))
    text = re.sub(r"[^a-z0-9]", "", str(status if status is not None else "").lower())
    return text in _FAILED or (len(text) == 3 and text.isdigit() and text >= "500")


def span_service(told: str, column: str) -> str:
    """Return the service that a span's column names; pods are cut to their service."""
    return service_of_pod(told) if "pod" in column.lower() else told
