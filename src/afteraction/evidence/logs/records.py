"""What one raw line says: message, severity, component, service. Plain lines by a learnt header, JSON lines by fields.

Text of a line (perhaps cut off) comes in, `Said` comes out. Nothing is refused: what has no structure is all message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from afteraction.evidence.logs.header import Header, learn, take_apart
from afteraction.formats.log_fields import LogFields, fields_of, leading_level, spread
from afteraction.formats.log_lines import Peeled, pairs_of, peel
from afteraction.formats.stamps import Layout

_PAIR = re.compile(r'"([^"\\]{1,64})"\s*:\s*"((?:[^"\\]|\\.)*)"?')
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\[(?:\d{1,3}(?:;\d{1,3})*m|m(?![\w.]))")
"""Colours of terminals, also where the escape byte was lost on the way; `[main]` is none."""
_TAG = re.compile(
    r"^(?:\S+ +\d+ [\d:]{8}|\d{4}-\d\d-\d\d[T ]\S+) (?:\w[\w.-]* )(?:(?P<old>[A-Za-z][\w.-]{0,60})\[\d+\]:|(?P<new>[A-Za-z][\w.-]{0,60}) (?:\d+|-) \S+ [\[-])"
)
_REQUEST = re.compile(r'"(?:[A-Z]{3,8} \S+ HTTP/[\d.]+|-)" (?P<status>[1-5]\d\d)(?= )')
"""A request in an access log; what stands before it (address, user, time) says nothing of what went wrong."""
_BALANCED = re.compile(
    r'(?P<status>[1-5]\d\d) (?:\d+ [-\w] [-\w] |[1-5]\d\d \d+ \d+ |- \d+ \d+ ).{0,60}?"(?:[A-Z]{3,8} \S+ HTTP/[\d.]+|<BADREQ>|- )'
)
"""A request in the log of a load balancer, which says the status before the request (HAProxy, AWS)."""
_STAMP_REACH = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A line's content. `cause` is the text of an error field beside the message."""

    message: str
    level: str = ""
    component: str = ""
    service: str = ""
    thread: str = ""
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
        if not _stamped(line, self.layout):
            bare = peel(plain)
            return Said(message=bare.text, service=bare.service, indent=len(bare.text) - len(bare.text.lstrip()))
        held = _within(plain, line, self.layout)
        if held.text.startswith("{"):
            return _beside(_read_json(held.text), held)
        if fields := pairs_of(held.text):
            return _beside(_said(fields_of(fields), held.text), held)
        bare = peel(plain)
        if request := _REQUEST.search(bare.text) or _BALANCED.search(bare.text):
            level = "error" if request["status"] >= "500" else "info"
            return Said(message=bare.text[request.start() :], level=level, service=bare.service)
        parts = take_apart(bare.text, self.header)
        return Said(
            message=parts.message, level=parts.severity or bare.level or held.level or leading_level(parts.message),
            component=parts.component or bare.component, service=bare.service or held.service or _program(bare.text),
            thread=parts.thread,
            indent=parts.indent,
        )  # fmt: skip


def reader_of(sample: Sequence[str], layout: Layout | None = None) -> Reader:
    """Learn from lines of a file (distinct ones say most) how to read it; `layout` is how it writes its time."""
    objects = sum(line.lstrip().startswith("{") for line in sample)
    headed = [
        peel(_ESCAPES.sub("", line)).text
        for line in sample
        if not line.lstrip().startswith("{") and _stamped(line, layout)
    ]
    return Reader(header=learn(headed) if headed else Header(), layout=layout, is_json=2 * objects > len(sample))


def _stamped(line: str, layout: Layout | None) -> bool:
    return layout is None or layout.find(line[:_STAMP_REACH]) is not None


def _program(line: str) -> str:
    """Return the program that syslog names before its process id, in the old form and in RFC 5424's."""
    found = _TAG.search(line[:160])
    return (found["old"] or found["new"] or "") if found else ""


def _within(plain: str, line: str, layout: Layout | None) -> Peeled:
    """Return the line as the program wrote it: behind a platform's stamp and other prefixes."""
    bare = peel(plain)
    if bare.text.startswith("{") or layout is None or plain != line:
        return bare
    found = layout.find(line[:_STAMP_REACH])
    if found is None or found.start() > bare.taken + 1 or "=" in bare.text[: max(0, found.start() - bare.taken)]:
        return bare
    inner = peel(plain[found.end() :].lstrip(" ]"))
    return Peeled(
        text=inner.text, service=inner.service or bare.service, level=inner.level or bare.level, taken=inner.taken
    )


def _beside(said: Said, held: Peeled) -> Said:
    """Return what was said, completed by what the prefix of its line told."""
    return replace(said, level=said.level or held.level, service=said.service or held.service)


def _read_json(line: str) -> Said:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = {name.lower(): text for name, text in reversed(_PAIR.findall(line))}
    return (
        _said(fields_of(fields), line)
        if (fields := spread(value) if isinstance(value, dict) else {})
        else Said(message=line)
    )


def _said(found: LogFields, line: str) -> Said:
    message, cause = found.message or found.cause or line, found.cause if found.message else ""
    return Said(
        message=message.split("\n", 1)[0], level=found.level, component=found.component,
        service=found.service or found.host, thread=found.thread, cause=cause.split("\n", 1)[0],
    )  # fmt: skip
