"""The log layouts of the shop. They differ from service to service, as they do where services grew apart."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

TRACE_EVERY = 6.0
"""Seconds for which one kind of stack trace is shown only once, so that a storm does not fill the disk."""


class JsonLayout(logging.Formatter):
    """One JSON object a line, with an ISO time (`time`) or milliseconds since 1970 (`ts`)."""

    def __init__(self, service: str, *, epoch: bool = False) -> None:
        super().__init__()
        self._service = service
        self._epoch = epoch

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; the fields given as `extra={"fields": ...}` stand at its end."""
        if self._epoch:
            head: dict[str, object] = {"ts": int(record.created * 1000)}
        else:
            seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            head = {"time": f"{seconds}.{int(record.msecs):03d}Z"}
        head |= {"level": record.levelname.lower(), "service": self._service, "message": record.getMessage()}
        return json.dumps(head | getattr(record, "fields", {}))


class PlainLayout(logging.Formatter):
    """`2026-01-31 12:00:00,123 LEVEL [thread] logger - text`, with a stack trace below now and then."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-5s [%(threadName)s] %(name)s - %(message)s")
        self._shown: dict[str, float] = {}

    def format(self, record: logging.LogRecord) -> str:
        """Return the line and, unless one of its kind was shown a moment ago, the stack trace."""
        kind, error, _ = record.exc_info or (None, None, None)
        if kind is None:
            return super().format(record)
        if time.monotonic() - self._shown.get(kind.__name__, -TRACE_EVERY) >= TRACE_EVERY:
            self._shown[kind.__name__] = time.monotonic()
            return super().format(record)
        record.exc_info = record.exc_text = None
        return f"{super().format(record)}: {kind.__name__}: {error}"


class ShortLayout(logging.Formatter):
    """`2026-01-31T12:00:00Z service[process]: level: text`."""

    def __init__(self, service: str) -> None:
        super().__init__(f"%(asctime)s {service}[%(process)d]: %(levelname)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  # the library's
        """Return the time of a record in UTC."""
        return time.strftime(datefmt or "%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))


def write_to(path: Path, layout: logging.Formatter) -> None:
    """Send everything that is logged in this process to the end of a file."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(layout)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
