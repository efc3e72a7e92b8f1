"""Where the values of a configuration stand in its text: JSON with comments, and the TOML that clients write.

The text comes in, a tree of values with their places goes out, so that a few characters can be changed and all others
stay as a person left them. What cannot be read is refused with its line; nothing is evaluated.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from afteraction.errors import BadConfiguration

_GAP = re.compile(r"(?:\ufeff|\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TOML_GAP = re.compile(r"(?:\s+|#[^\n]*)*")
_JSON_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_TOML_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"""|' r"'''.*?'''|" r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'", re.DOTALL)
_SCALAR = re.compile(r"[^\s,\]}#]+")
_TOML_KEY = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')"
_TOML_HEADER = re.compile(
    rf"^[ \t]*\[(?P<array>\[)?[ \t]*(?P<path>{_TOML_KEY}(?:[ \t]*\.[ \t]*{_TOML_KEY})*)[ \t]*\]", re.MULTILINE
)
_TOML_PAIR = re.compile(rf"[ \t]*(?P<path>{_TOML_KEY}(?:[ \t]*\.[ \t]*{_TOML_KEY})*)[ \t]*=[ \t]*")


@dataclass(slots=True)
class Node:
    """A value and its place, `text[start:end]`. `members` of an object, `items` of a list, `value` of anything else."""

    start: int
    end: int
    value: Any = None
    members: dict[str, Node] = field(default_factory=dict)
    items: list[Node] | None = None


def read_json(text: str) -> Node:
    """Read JSON with comments and trailing commas, as editors accept them.

    Raises BadConfiguration with the line where it breaks off.
    """
    reader = _Reader(text, _GAP, _JSON_STRING)
    node, position = reader.value(reader.gap(0))
    if reader.gap(position) != len(text):
        raise reader.refused(position)
    return node


def read_toml(text: str) -> Node:
    """Read TOML. Tables have no place of their own; their pairs do.

    Raises BadConfiguration when `tomllib` does not read it.
    """
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(f"not TOML: {error}") from None
    reader = _Reader(text, _TOML_GAP, _TOML_STRING)
    root = table = Node(0, len(text))
    position = reader.gap(0)
    while position < len(text):
        if header := _TOML_HEADER.match(text, text.rfind("\n", 0, position) + 1):
            table = _descend(root, _path(header["path"]))
            position = reader.gap(header.end() + (1 if header["array"] else 0))
        elif pair := _TOML_PAIR.match(text, position):
            *parents, name = _path(pair["path"])
            node, position = reader.value(pair.end())
            _descend(table, parents).members[name] = node
            position = reader.gap(position)
        else:
            raise reader.refused(position)
    return root


def _path(dotted: str) -> list[str]:
    (path,) = _leaves(tomllib.loads(f"{dotted} = 0"))
    return path


def _leaves(table: dict[str, Any]) -> Iterator[list[str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from ([name, *rest] for rest in _leaves(value))
        else:
            yield [name]


def _descend(node: Node, path: list[str]) -> Node:
    for name in path:
        node = node.members.setdefault(name, Node(node.start, node.end))
    return node


@dataclass(frozen=True, slots=True)
class _Reader:
    text: str
    gaps: re.Pattern[str]
    strings: re.Pattern[str]

    def refused(self, position: int) -> BadConfiguration:
        line = self.text.count("\n", 0, position) + 1
        return BadConfiguration(f"line {line} cannot be read: {self.text[position : position + 30]!r}")

    def gap(self, position: int) -> int:
        found = self.gaps.match(self.text, position)
        return found.end() if found else position

    def value(self, position: int) -> tuple[Node, int]:
        opening = self.text[position : position + 1]
        if opening == "{":
            return self._object(position)
        if opening == "[":
            return self._list(position)
        if found := self.strings.match(self.text, position):
            node = Node(position, found.end(), self._string(found[0], position))
        elif found := _SCALAR.match(self.text, position):
            node = Node(position, found.end(), found[0])
        else:
            raise self.refused(position)
        return node, node.end

    def _string(self, token: str, position: int) -> str:
        try:
            if self.strings is _JSON_STRING:
                return str(json.loads(token))
            return str(tomllib.loads(f"x = {token}")["x"])
        except ValueError:
            raise self.refused(position) from None

    def _list(self, position: int) -> tuple[Node, int]:
        node = Node(position, position, items=[])
        at = self.gap(position + 1)
        while self.text[at : at + 1] != "]":
            item, at = self.value(at)
            assert node.items is not None
            node.items.append(item)
            at = self._next(self.gap(at), "]")
        node.end = at + 1
        return node, node.end

    def _object(self, position: int) -> tuple[Node, int]:
        node = Node(position, position)
        at = self.gap(position + 1)
        separator = ":" if self.strings is _JSON_STRING else "="
        while self.text[at : at + 1] != "}":
            name, at = self._name(at)
            at = self.gap(at)
            if self.text[at : at + 1] != separator:
                raise self.refused(at)
            node.members[name], at = self.value(self.gap(at + 1))
            at = self._next(self.gap(at), "}")
        node.end = at + 1
        return node, node.end

    def _name(self, position: int) -> tuple[str, int]:
        if found := self.strings.match(self.text, position):
            return self._string(found[0], position), found.end()
        if self.strings is _TOML_STRING and (found := re.compile(r"[A-Za-z0-9_-]+").match(self.text, position)):
            return found[0], found.end()
        raise self.refused(position)

    def _next(self, position: int, closing: str) -> int:
        """Step over a comma, which may also stand before the closing bracket."""
        here = self.text[position : position + 1]
        if here == ",":
            return self.gap(position + 1)
        if here == closing:
            return position
        raise self.refused(position)
