"""Log records as events need them: time, service, level, trace and words, streamed from a log file.

In: a `LogFile`. Out: records in file order with their line numbers. JSON lines and CSV are read by their common field
names; anything else is a line whose time, level and service are looked for in its text. Counting templates over
gigabytes is the log engine's task; this reader serves what needs single records (the order of statements in one
request, the fields beside a message) and stops after `LIMIT` bytes of a file. A record it cannot read is skipped.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from afteraction.formats.log_fields import LEVEL, MESSAGE, SERVICE, TIME, TRACE, fields_of, fold, spread
from afteraction.formats.log_lines import pairs_of, peel
from afteraction.formats.stamps import detect, parse_stamp
from afteraction.model.log import LogFile, LogShape
from afteraction.model.origin import Origin

LIMIT = 24 * 1024 * 1024
"""Bytes that are read record by record, of one file and of all files of an incident: about ten times that of memory."""

_KNOWN = frozenset((*TIME, *MESSAGE, *LEVEL, *SERVICE, *TRACE, "timeunixnano", "node", "stream", "spanid", "span.id"))
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?")
_WORD_LEVEL = re.compile(
    r"\b(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|CRITICAL|CRIT|FATAL|PANIC)\b", re.IGNORECASE
)
_POD = re.compile(r"-(?:[a-z0-9]{6,10}-)?[bcdfghjklmnpqrstvwxz2456789]{5}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One log record; `at` in seconds since the epoch (None: no time in it); `fields` are what stood beside the text."""

    at: float | None
    service: str
    level: str
    text: str
    trace: str
    origin: Origin
    fields: tuple[tuple[str, str], ...] = ()


def service_of_pod(name: str) -> str:
    """Cut a Deployment's or DaemonSet's generated suffix off a pod name (`cart-579f59597d-wc2lz` -> `cart`)."""
    return _POD.sub("", name)


@lru_cache(maxsize=65_536)
def seconds_of(stamp: str) -> float | None:
    """Read an ISO-like stamp (UTC unless it says otherwise) or an epoch number in s, ms, us or ns."""
    found = _STAMP.search(stamp)
    if found:
        zone = found[4] or "+00:00"
        try:
            base = datetime.fromisoformat(f"{found[1]}T{found[2]}{'+00:00' if zone == 'Z' else zone}")
            return base.astimezone(UTC).timestamp() + (float(f"0.{found[3]}") if found[3] else 0.0)
        except (ValueError, OverflowError):  # digits that are no date
            return None
    try:
        number = float(stamp)
    except ValueError:
        other = parse_stamp(stamp) if len(stamp) <= 60 else None
        return other.at.timestamp() if other else None
    for unit in (1.0, 1e3, 1e6, 1e9):
        if 1e8 <= number / unit < 1e10:
            return number / unit
    return None


def records(log: LogFile) -> Iterator[Record]:
    """Stream the records of `log`, at most `LIMIT` bytes of it."""
    with log.open() as stream:
        data = stream.read(LIMIT)
    text = data.decode("utf-8", errors="replace")
    if log.shape is LogShape.CSV:
        yield from _csv(log, text)
    elif log.shape is LogShape.JSON_LINES:
        yield from _json(log, text)
    else:
        yield from _plain(log, text)


def _json(log: LogFile, text: str) -> Iterator[Record]:
    for number, line in enumerate(text.splitlines(), 1):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield _from_mapping(log, value, number)


def _csv(log: LogFile, text: str) -> Iterator[Record]:
    reader = csv.DictReader(io.StringIO(text))
    line = 2
    while True:
        try:
            row = next(reader, None)
        except csv.Error:  # a bare CR within a row; the next one is read
            line = reader.line_num + 1
            continue
        if row is None:
            return
        yield _from_mapping(log, row, line)
        line = reader.line_num + 1


def _plain(log: LogFile, text: str) -> Iterator[Record]:
    """Read records of text: a line with a stamp begins one, the lines below it (a stack trace) belong to it.

    The stamp is no part of what a record says, else every minute would say something new.
    """
    lines = text.splitlines()
    # The last lines tell whether the year turned, which the first ones cannot.
    layout = detect(lines[:_SAMPLED] + lines[max(_SAMPLED, len(lines) - 20) :], year_hint=log.year_hint, zone=log.zone)
    begun: Record | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        parsed = layout.parse(line) if layout else None
        if parsed is None and layout is not None and begun is not None:
            begun = replace(begun, text=f"{begun.text}\n{line}"[:_LONGEST])
            continue
        if begun is not None:
            yield begun
        begun = _begin(log, line, number, parsed)
    if begun is not None:
        yield begun


def _begin(log: LogFile, line: str, number: int, parsed: tuple[datetime, int] | None) -> Record:
    """Make the record that begins on a line; what a platform wrapped around it is taken off first."""
    bare = peel(_ESCAPES.sub("", line) if parsed is None else line)
    at = parsed[0].timestamp() if parsed else seconds_of(bare.text[:40])
    inner = bare
    if parsed and parsed[1] < 80 + bare.taken and not bare.text.startswith("{"):
        inner = peel(_ESCAPES.sub("", line[parsed[1] :]).lstrip(" ]:-|"))
    service = log.service or inner.service or bare.service
    if inner.text.startswith("{") and (value := _object(inner.text)) is not None:
        found = _from_mapping(log, value, number)
        return replace(found, at=found.at or at, service=found.service or service)
    pairs = pairs_of(bare.text)
    if pairs:
        said = fields_of(pairs)
        return Record(
            at=at, service=service or said.service, level=said.level.upper(), text=said.message or inner.text,
            trace=said.trace, origin=Origin(file=log.name, line=number),
            fields=tuple((key, value) for key, value in pairs.items() if key not in _KNOWN and value),
        )  # fmt: skip
    level = _WORD_LEVEL.search(inner.text[:200])
    tag = _TAG.search(inner.text[:120])
    return Record(
        at=at, service=service or (tag[1] if tag else ""), text=inner.text, trace="",
        level=(inner.level or bare.level or _letter(line) or (level[1] if level else "")).upper(),
        origin=Origin(file=log.name, line=number),
    )  # fmt: skip


_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _letter(line: str) -> str:
    """Return the level of a line that klog wrote, else nothing."""
    found = _KLOG.search(line[:80])
    return {"I": "info", "W": "warning", "E": "error", "F": "fatal"}[found[1]] if found else ""


_SAMPLED = 200
_LONGEST = 4000
"""Characters of a record that are kept; a stack trace says what it has to say in fewer."""
_TAG = re.compile(r"^(?:[\w.-]+ )?([A-Za-z][\w.-]{1,60})\[\d+\]:")
"""The program and its process id, as syslog writes them behind the host."""
_KLOG = re.compile(r"(?:^|\s)([IWEF])(?:\d{4})?\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [\w./-]+:\d+\]")


def _from_mapping(log: LogFile, value: Mapping[str, Any], line: int) -> Record:
    spoken = spread({key: item for key, item in value.items() if key is not None})
    said = fields_of(spoken)
    level = said.level
    if not level:
        found = _WORD_LEVEL.search(said.message[:80])
        level = found[1] if found else ""
    fields = tuple(
        (key, str(item)) for key, item in ((str(key).lower(), item) for key, item in value.items() if key is not None)
        if fold(key) not in _KNOWN and item not in (None, "") and not isinstance(item, dict | list)
    )  # fmt: skip
    return Record(
        at=seconds_of(said.time), service=log.service or service_of_pod(said.service or said.component or said.host),
        level=level.upper(), text=said.message, trace=said.trace, fields=fields,
        origin=Origin(file=log.name, line=line),
    )  # fmt: skip


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
