"""Indented text, as `kubectl describe` prints it, becomes a tree of lines; nothing is refused and nothing is dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_KEYED = re.compile(r"(?P<key>[^\s:](?:[^:]|:(?!\s|$))*):(?:\s+(?P<value>.*))?$")


@dataclass(slots=True)
class Branch:
    """One line and the lines indented under it. `line` counts from 0 in the lines that were given."""

    text: str
    indent: int
    line: int
    children: list[Branch] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The part before the colon; empty when the line has none."""
        found = _KEYED.match(self.text)
        return found["key"] if found else ""

    @property
    def value(self) -> str:
        """The part behind the colon; empty for `<none>` and when there is none."""
        found = _KEYED.match(self.text)
        said = (found["value"] or "").strip() if found else ""
        return "" if said in {"<none>", "<nil>"} else said

    def child(self, *keys: str) -> Branch | None:
        """The first child under one of these keys."""
        return next((child for child in self.children if child.key in keys), None)

    def get(self, *keys: str) -> str:
        """The value of the first child under one of these keys, or an empty text."""
        found = self.child(*keys)
        return found.value if found else ""

    def has(self, key: str) -> bool:
        """Whether there is a child under this key."""
        return self.child(key) is not None

    def texts(self) -> list[str]:
        """The values of a list that starts on the key's own line and goes on below it (labels, taints)."""
        own = [self.value] if self.value else []
        return own + [child.text for child in self.children]

    def lines(self) -> Iterator[str]:
        """All lines below this one, with their indentation, in order."""
        for child in self.children:
            yield " " * child.indent + child.text
            yield from child.lines()


def outline(lines: Sequence[str]) -> Branch:
    """Build the tree of `lines`; the root has no text and indent -1."""
    root = Branch(text="", indent=-1, line=0)
    path = [root]
    for number, line in enumerate(lines):
        body = line.expandtabs(8)
        stripped = body.strip()
        if not stripped:
            continue
        indent = len(body) - len(body.lstrip())
        while path[-1].indent >= indent:
            path.pop()
        branch = Branch(text=stripped, indent=indent, line=number)
        path[-1].children.append(branch)
        path.append(branch)
    return root


def pairs(texts: Sequence[str], mark: str = "=") -> dict[str, str]:
    """Split `key=value` texts (a comma may join several on one line) into a mapping; others are left out."""
    found: dict[str, str] = {}
    for text in texts:
        for part in text.split(",") if mark == "=" else [text]:
            key, sign, value = part.partition(mark)
            if sign and key.strip():
                found[key.strip()] = value.strip()
    return found


def table(lines: Sequence[str]) -> list[dict[str, str]]:
    """Read a small table with a heading and a ruler of dashes, as describe prints them; cells by column position."""
    rows = [line.expandtabs(8).rstrip() for line in lines if line.strip()]
    if not rows:
        return []
    heads = [(found.start(), found.group()) for found in re.finditer(r"\S+(?: \S+)*", rows[0])]
    ruled = len(rows) > 1 and set(rows[1].strip()) <= {"-", " "}
    return [_cells(row, heads) for row in rows[2 if ruled else 1 :]]


def _cells(row: str, heads: list[tuple[int, str]]) -> dict[str, str]:
    starts = [start for start, _ in heads]
    aligned = all(start >= len(row) or start == 0 or row[start - 1] == " " for start in starts)
    if aligned:
        ends = [*starts[1:], len(row)]
        return {name: row[start:end].strip() for (start, name), end in zip(heads, ends, strict=True)}
    cells = re.split(r"\s{2,}", row.strip(), maxsplit=len(heads) - 1)
    return {name: cell for (_, name), cell in zip(heads, cells, strict=False)}
