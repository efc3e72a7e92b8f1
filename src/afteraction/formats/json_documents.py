"""Text that holds JSON becomes records, one document or many, whole or cut off.

In comes decoded text: one document, documents one after the other, or one per line. Out go every value with the line on
which it begins and a problem for each stretch that is no JSON; a document that breaks off yields what stood before the
break. Nothing in the input raises.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from afteraction.model.origin import Origin
from afteraction.model.reading import Problem, RawInput

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[\s\x00\x1e,]*")
"""What may stand between documents; the record separator of RFC 7464 and stray commas included."""
_SURROGATE = re.compile(r"\\u[dD][89aAbB]|[\ud800-\udfff]")
MAX_DEPTH = 200
"""Deeper nesting than any tool writes; kept far below the interpreter's recursion limit."""


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """One JSON value, and the 1-based first and last line of the text that it came from."""

    value: Any
    line: int
    line_end: int
    whole: bool = True
    """False when the value is what was left of a document that breaks off."""


def decode_text(data: bytes) -> str:
    """Decode bytes by their byte order mark, else as UTF-8; what cannot be decoded becomes U+FFFD."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def read_json(text: str, file: str) -> tuple[list[JsonRecord], list[Problem]]:
    """Return all JSON values of `text` in order, and a problem for each stretch that is none."""
    records: list[JsonRecord] = []
    problems: list[Problem] = []
    position, line = _skip(text, 0, 1)
    while position < len(text):
        value, end, reason = _decode_at(text, position)
        if not reason:
            last = line + text.count("\n", position, end)
            records.append(JsonRecord(value, line, last))
        else:
            end, value = _recover(text, position)
            last = line + text.count("\n", position, end)
            if value is not None:
                records.append(JsonRecord(value, line, last, whole=False))
            problems.append(
                Problem(
                    origin=Origin(file=file, line=line),
                    reason=f"this is not valid JSON: {reason}",
                    remedy="what stood before the break was read; export the file again for the rest",
                )
            )
        position, line = _skip(text, end, last)
    return records, problems


def peek_json(raw: RawInput) -> Any:
    """Return the first JSON value of a file as far as the sample shows it, or None when there is none."""
    text = decode_text(raw.head)
    position, _ = _skip(text, 0, 1)
    if position >= len(text) or text[position] not in "{[":
        return None
    value, _, reason = _decode_at(text, position)
    return value if not reason else _cut(text[position:])


def peek_records(raw: RawInput, limit: int = 50) -> list[Any]:
    """Return the first values of a file of JSON documents or JSON lines; a single array yields its items."""
    text = decode_text(raw.head)
    position, _ = _skip(text, 0, 1)
    found: list[Any] = []
    while position < len(text) and len(found) < limit and text[position] in "{[":
        value, end, reason = _decode_at(text, position)
        if reason:
            rest = _cut(text[position:])
            found += [rest] if rest is not None else []
            break
        found.append(value)
        position, _ = _skip(text, end, 1)
    if len(found) == 1 and isinstance(found[0], list):
        return found[0][:limit]
    return found


def _skip(text: str, position: int, line: int) -> tuple[int, int]:
    match = _SPACE.match(text, position)
    end = match.end() if match else position
    return end, line + text.count("\n", position, end)


def _decode_at(text: str, position: int) -> tuple[Any, int, str]:
    """Decode one value; the third item says why not."""
    if text[position] not in "{[":
        return None, position, "a record must begin with { or ["
    try:
        value, end = _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        return None, position, error.msg.lower()
    except RecursionError:
        return None, position, "it is nested too deeply"
    except ValueError:  # an integer with more digits than Python converts
        return None, position, "it holds a number that is too long"
    if _SURROGATE.search(text, position, end):
        value = _without_surrogates(value)
    return value, end, ""


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def _recover(text: str, position: int) -> tuple[int, Any]:
    """Return where reading goes on after a broken record, and what the broken record still yields.

    When another record begins at the start of a later line the broken one is given up as far as that line; otherwise
    the rest of the text is one document that breaks off, and what came before the break is kept.
    """
    following = re.compile(r"\n[{\[]").search(text, position)
    end = following.start() + 1 if following else len(text)
    return end, _cut(text[position:end])


def _cut(text: str) -> Any:
    """Return what a document that breaks off holds up to its last complete value, or None.

    A scan remembers after each complete value of a container how the text could be closed there; the latest such
    point that decodes wins.
    """
    for end, closing in reversed(deque(_cut_points(text), maxlen=64)):
        try:
            value = _DECODER.decode(text[:end] + closing)
        except (ValueError, RecursionError):
            continue
        return _without_surrogates(value) if _SURROGATE.search(text) else value
    return None


_HALF_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u[0-9a-fA-F]{0,3})?\Z")


def torn_json(text: str) -> Any:
    """Return what a document that breaks off holds, the beginning of a text that it breaks off in included; else None."""
    text = _HALF_ESCAPE.sub(r"\1", text)
    stack: list[str] = []
    last = ""
    for token in _TOKEN.finditer(text):
        last = token[0] if token.end() == len(text) else ""
        if token[0] in "{[":
            stack.append("}" if token[0] == "{" else "]")
        elif token[0] in "}]" and (not stack or stack.pop() != token[0]):
            return None
        if len(stack) > MAX_DEPTH:
            return None
    if last.startswith('"'):
        try:
            value = _DECODER.decode(text + '"' + "".join(reversed(stack)))
        except (ValueError, RecursionError):
            return _cut(text)
        return _without_surrogates(value) if _SURROGATE.search(text) else value
    return _cut(text)


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[{}\[\],:]', re.DOTALL)


def _cut_points(text: str) -> Iterator[tuple[int, str]]:
    """Yield positions at which the document could be closed, each with the brackets that close it."""
    stack: list[str] = []
    for token in _TOKEN.finditer(text):
        char = token[0]
        if char in "{[":
            stack.append("}" if char == "{" else "]")
            if len(stack) > MAX_DEPTH:
                return
            yield token.end(), "".join(reversed(stack))
        elif char in "}]":
            if not stack or stack.pop() != char:
                return
            yield token.end(), "".join(reversed(stack))
            if not stack:
                return
        elif char == ",":
            yield token.start(), "".join(reversed(stack))


def text_of(record: Any, *keys: str) -> str:
    """Return the first of `keys` that holds a non-empty text or number, as text; dots descend (`user.name`)."""
    for key in keys:
        value = value_of(record, key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
    return ""


def value_of(record: Any, key: str) -> Any:
    """Return the value under a dotted key, or None where there is none."""
    if isinstance(record, Mapping) and key in record:
        return record[key]
    for part in key.split("."):
        if not isinstance(record, Mapping):
            return None
        record = record.get(part)
    return record


def mapping_of(value: Any) -> Mapping[str, Any]:
    """Return `value` when it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def list_of(value: Any) -> list[Any]:
    """Return `value` when it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []
