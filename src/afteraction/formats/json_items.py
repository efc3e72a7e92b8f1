"""Records of a JSON file, each with its line: the items of one array, or documents one after the other.

In comes a raw input; a file that is one array yields its items, so that a citation can name the line on which an item
begins. A file that breaks off yields what stood before the break, and a problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from afteraction.formats.json_documents import JsonRecord, decode_text, read_json
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem, RawInput

_DECODER = json.JSONDecoder()
_GAP = re.compile(r"[\s,]*")


def read_items(raw: RawInput) -> tuple[list[JsonRecord], list[Problem]]:
    """Return the items of a top-level array, or the documents of a file, with their lines."""
    text = decode_text(raw.read())
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] != "[":
        return read_json(text, raw.name)
    return _array(text, start, raw.name)


def _array(text: str, start: int, file: str) -> tuple[list[JsonRecord], list[Problem]]:
    records: list[JsonRecord] = []
    line = text.count("\n", 0, start) + 1
    position = start + 1
    while True:
        gap = _GAP.match(text, position)
        end = gap.end() if gap else position
        line += text.count("\n", position, end)
        if end >= len(text) or text[end] == "]":
            break
        try:
            value, position = _DECODER.raw_decode(text, end)
        except (ValueError, RecursionError):
            rest, problems = read_json(text[end:], file)
            records += [JsonRecord(r.value, r.line + line - 1, r.line_end + line - 1, r.whole) for r in rest]
            moved = [
                Problem(
                    origin=Origin(file=file, line=(p.origin.line or 1) + line - 1), reason=p.reason, remedy=p.remedy
                )
                for p in problems
            ]
            return records, moved
        last = line + text.count("\n", end, position)
        records.append(JsonRecord(value, line, last))
        line = last
    if end >= len(text):
        origin = Origin(file=file, line=line)
        reason = "the array is not closed; the file is cut off"
        return records, [Problem(origin=origin, reason=reason, remedy="export the file again for the rest")]
    return records, []


def flat(record: Mapping[str, Any], depth: int = 3) -> dict[str, Any]:
    """Return a record with nested objects spread out: keys folded and joined (`localEndpoint.serviceName`)."""
    spread: dict[str, Any] = {}
    for key, value in _walk(record, "", depth):
        spread.setdefault(re.sub(r"[^a-z0-9]+", "", key.lower()), value)
    return spread


def _walk(record: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    nested: list[tuple[str, Mapping[str, Any]]] = []
    for key, value in record.items():
        if isinstance(value, Mapping):
            nested.append((f"{prefix}{key}.", value))
        yield f"{prefix}{key}", value
    if depth > 1:
        for inner, value in nested:
            yield from _walk(value, inner, depth - 1)
