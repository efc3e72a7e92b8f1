"""What a terminal received becomes the lines that a person saw.

In come raw bytes of terminal output; out go text lines, each with the byte offsets that it came from. Colours and
titles are dropped, editing on the command line (backspace, cursor movement, erasing, insertion, wrapping at the width)
is carried out, full-screen programs are passed over. It is no terminal emulator: what moves the cursor between lines is
ignored. Sequences as in ECMA-48 and xterm's control sequences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\x1b\[(?P<args>[0-9;?>=!]*)[ -/]*(?P<csi>[@-~])"
    r"|\x1b[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)?"
    r"|\x1b[()*+#%][0-9A-Za-z]|\x1b[@-Z\\-_=>78cNOlmn|}~]?"
    r"|(?P<control>[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x08\x0b-\x1f\x7f]+)"
)
_LONGEST = 20_000
"""Longer lines are kept by their first characters: nobody types or reads more on one line."""


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """A line as it was seen, its 1-based number in the file, and the bytes `start` to `end` that it came from."""

    text: str
    number: int
    start: int
    end: int


def screen_lines(data: bytes, width: int = 0) -> Iterator[ScreenLine]:
    """Yield the lines of terminal output; `width` is the number of columns when it is known, else 0."""
    start, alternate = 0, False
    for number, raw in enumerate(data.split(b"\n"), 1):
        end = start + len(raw) + 1
        entered = raw.rfind(b"\x1b[?1049h")
        left = raw.rfind(b"\x1b[?1049l")
        if entered > left:
            alternate = True
        elif left > entered:
            alternate = False
            raw = raw[left:]  # noqa: PLW2901  what stood on the other screen is not part of the line
        if not alternate or entered >= 0:
            kept = raw[:entered] if entered > left else raw
            yield ScreenLine(_render(kept[: _LONGEST * 4].decode("utf-8", "replace"), width), number, start, end)
        start = end


def _render(line: str, width: int) -> str:
    if "\x1b" not in line and "\b" not in line:
        bare = line.removesuffix("\r")
        if "\r" not in bare and bare.isprintable():
            return bare.rstrip()[:_LONGEST]
    row = _Row(width)
    for token in _TOKEN.finditer(line):
        if token["text"] is not None:
            row.write(token["text"])
        elif token["control"] is not None:
            row.control(token["control"])
        elif token["csi"] is not None:
            row.sequence(token["csi"], token["args"] or "")
    return "".join(row.cells).rstrip()


class _Row:
    """The cells of one logical line and the cursor in it."""

    def __init__(self, width: int) -> None:
        self.cells: list[str] = []
        self.at = 0
        self.width = width

    def write(self, text: str) -> None:
        text = text[: max(0, _LONGEST - self.at)]
        if self.at > len(self.cells):
            self.cells.extend(" " * (self.at - len(self.cells)))
        self.cells[self.at : self.at + len(text)] = text
        self.at += len(text)

    def control(self, char: str) -> None:
        if char == "\r":
            # a line that wrapped goes back to where its last row began
            self.at = self.at - self.at % self.width if self.width else 0
        elif char == "\b":
            self.at = max(0, self.at - 1)

    def sequence(self, kind: str, args: str) -> None:
        first = args.split(";", 1)[0]
        count = min(int(first), _LONGEST) if first.isdigit() else 0
        if kind in "KJ":
            self.erase(count)
        elif kind == "C":
            self.at = min(self.at + (count or 1), _LONGEST)
        elif kind == "D":
            self.at = max(0, self.at - (count or 1))
        elif kind in "AB" and self.width:
            # up and down inside a command that wrapped over several rows
            self.at = max(0, min(_LONGEST, self.at + self.width * (count or 1) * (-1 if kind == "A" else 1)))
        elif kind == "G":
            self.at = max(0, count - 1)
        elif kind == "P":
            del self.cells[self.at : self.at + (count or 1)]
        elif kind == "@":
            self.cells[self.at : self.at] = " " * (count or 1)
        elif kind == "H":
            self.erase(2)
            self.at = 0

    def erase(self, part: int) -> None:
        if part == 0:
            del self.cells[self.at :]
        elif part == 1:
            self.cells[: self.at] = " " * min(self.at, len(self.cells))
        else:
            self.cells.clear()
