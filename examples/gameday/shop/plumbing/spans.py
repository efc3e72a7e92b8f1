"""Spans of the requests that were sampled, one OTLP span as JSON a line; the context travels in `traceparent`."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

SAMPLED = 16
"""One trace in this many is kept: a trace is sampled when its id is divisible by it, in every service alike."""

SERVER, CLIENT, INTERNAL = 2, 3, 1


@dataclass
class Span:
    """A span under way; times are nanoseconds since 1970."""

    trace: str
    parent: str
    own: str = field(default_factory=lambda: secrets.token_hex(8))
    error: str = ""
    attributes: dict[str, str | int] = field(default_factory=dict)

    @property
    def traceparent(self) -> str:
        """The context to send along with a call."""
        return f"00-{self.trace}-{self.own}-{'01' if int(self.trace, 16) % SAMPLED == 0 else '00'}"


current: ContextVar[Span | None] = ContextVar("current", default=None)


class SpanFile:
    """Where the sampled spans of a process go."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    @contextmanager
    def span(self, name: str, kind: int = INTERNAL, traceparent: str = "") -> Iterator[Span]:
        """Run the block inside a span; an exception marks it as failed and goes on."""
        above = current.get()
        if traceparent:
            _, trace, parent, _ = traceparent.split("-")
        else:
            trace, parent = (above.trace, above.own) if above else (secrets.token_hex(16), "")
        span = Span(trace, parent)
        token = current.set(span)
        start = time.time_ns()
        try:
            yield span
        except BaseException as error:
            span.error = span.error or str(error)
            raise
        finally:
            current.reset(token)
            self._write(span, name, kind, start, time.time_ns())

    def _write(self, span: Span, name: str, kind: int, start: int, end: int) -> None:
        if int(span.trace, 16) % SAMPLED:
            return
        record = {
            "traceId": span.trace,
            "spanId": span.own,
            "parentSpanId": span.parent,
            "name": name,
            "kind": kind,
            "startTimeUnixNano": str(start),
            "endTimeUnixNano": str(end),
            "attributes": [
                {"key": key, "value": {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}}
                for key, v in span.attributes.items()
            ],
            "status": {"code": 2, "message": span.error} if span.error else {},
        }
        with self._lock:
            self._file.write(json.dumps(record) + "\n")
            self._file.flush()
