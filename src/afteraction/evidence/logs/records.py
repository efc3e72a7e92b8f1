"""What one raw line says: message, severity, component, service. Plain lines by a learnt header, JSON lines by fields.

Text of a line (perhaps cut off) comes in, `Said` comes out. Nothing is refused: what has no structure is all message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from afteraction.evidence.logs.header import Header, learn, take_apart
from afteraction.formats.stamps import Layout

_MESSAGE = ("msg", "message", "log", "event", "body", "text", "@message", "short_message", "content")
_LEVEL = ("level", "severity", "severity_text", "lvl", "loglevel", "log.level", "levelname", "status")
_SERVICE = ("service", "service.name", "service_name", "svc", "app", "application", "container", "container_name", "component", "pod", "host")  # fmt: skip
_CAUSE = (
    "error",
    "err",
    "exception",
    "error.message",
    "exc_info",
    "stack",
    "stacktrace",
    "stack_trace",
    "cause",
    "reason",
)
_PAIR = re.compile(r'"([^"\\]{1,64})"\s*:\s*"((?:[^"\\]|\\.)*)"?')
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\[(?:\d{1,3}(?:;\d{1,3})*)?m")
"""Colours of terminals, also where the escape byte was lost on the way."""
_STAMP_REACH = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A line's content. `cause` is the text of an error field beside the message."""

    message: str
    level: str = ""
    component: str = ""
    service: str = ""
    cause: str = ""
    indent: int = 0

    @property
    def whole(self) -> str:
        """Message and cause together, for judging what the line tells."""
        return f"{self.message} {self.cause}" if self.cause else self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How the lines of one file are read; made by `reader_of`."""

    header: Header
    layout: Layout | None = None
    is_json: bool = False

    def read(self, line: str) -> Said:
        """Return what the line says; a line without the file's stamp (of a stack trace) has no header either."""
        if self.is_json and line.lstrip().startswith("{"):
            return _read_json(line)
        plain = _ESCAPES.sub("", line)
        if not _stamped(plain, self.layout):
            return Said(message=plain, indent=len(plain) - len(plain.lstrip()))
        parts = take_apart(plain, self.header)
        return Said(message=parts.message, level=parts.severity, component=parts.component, indent=parts.indent)


def reader_of(sample: Sequence[str], layout: Layout | None = None) -> Reader:
    """Learn from lines of a file (distinct ones say most) how to read it; `layout` is how it writes its time."""
    objects = sum(line.lstrip().startswith("{") for line in sample)
    plain = [_ESCAPES.sub("", line) for line in sample if not line.lstrip().startswith("{")]
    headed = [line for line in plain if _stamped(line, layout)]
    return Reader(header=learn(headed) if headed else Header(), layout=layout, is_json=2 * objects > len(sample))


def _stamped(line: str, layout: Layout | None) -> bool:
    return layout is None or layout.find(line[:_STAMP_REACH]) is not None


def _read_json(line: str) -> Said:
    fields = _fields(line)
    message = _first(fields, _MESSAGE)
    cause = _first(fields, _CAUSE)
    known = {*_MESSAGE, *_CAUSE}
    if not message:
        message = cause or " ".join(f"{name}={value}" for name, value in fields.items() if name not in known) or line
        cause = ""
    return Said(
        message=message.split("\n", 1)[0],
        level=_first(fields, _LEVEL),
        service=_first(fields, _SERVICE),
        cause=cause.split("\n", 1)[0],
    )


def _fields(line: str) -> dict[str, str]:
    """Return the text fields of a JSON object, nested ones by dotted name; of a torn one those that are whole."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {name.lower(): text for name, text in reversed(_PAIR.findall(line))}
    out: dict[str, str] = {}
    if isinstance(value, dict):
        for name, field in value.items():
            if isinstance(field, dict):
                out |= {
                    f"{name}.{inner}".lower(): str(text)
                    for inner, text in field.items()
                    if not isinstance(text, dict | list)
                }
            elif not isinstance(field, list) and field is not None:
                out[str(name).lower()] = str(field)
    return out


def _first(fields: dict[str, str], names: Sequence[str]) -> str:
    return next((fields[name] for name in names if fields.get(name)), "")
