"""Markdown source as blocks: text comes in, its top-level blocks with their raw lines go out, and no line is missing.

markdown-it decides where a block begins and ends, so that a heading inside a fence is no heading; the lines themselves are
taken from the source, so that nothing is reformatted. Lines that markdown-it passes over (reference definitions) become
paragraphs of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable("table").disable("inline")
"""Only blocks are of interest; leaving inline Markdown alone also keeps hostile text from being slow."""
_KINDS = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "fence": "fence",
    "hr": "rule",
}
_MARKER = re.compile(r"[ \t]{0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]{1,4}(?=\S)|[ \t]|$)")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the source: `kind` is heading, paragraph, item, table, fence, rule or other; `level` a heading's depth.

    `start` and `end` are 0-based line numbers, end exclusive; `lines` the raw lines. `info` is a fence's info string,
    `ordered` says whether an item is numbered.
    """

    kind: str
    start: int
    end: int
    lines: tuple[str, ...]
    level: int = 0
    info: str = ""
    fence: str = ""

    @property
    def text(self) -> str:
        """The raw source of the block."""
        return "\n".join(self.lines)

    def body(self) -> str:
        """Return an item's text without its marker, its further lines without the item's indentation."""
        first = self.lines[0]
        found = _MARKER.match(first)
        width = found.end() if found else 0
        return "\n".join([first[width:], *(_dedent(line, width) for line in self.lines[1:])])

    def content(self) -> str:
        """Return the lines inside a fence."""
        inner = self.lines[1:]
        if inner and re.fullmatch(rf"[ ]{{0,3}}{re.escape(self.fence[:1])}{{{len(self.fence)},}}[ \t]*", inner[-1]):
            inner = inner[:-1]
        return "\n".join(inner)


def _dedent(line: str, width: int) -> str:
    """Take `width` columns of white space away; a tab that reaches farther leaves spaces."""
    column = 0
    for at, sign in enumerate(line):
        if column >= width or sign not in " \t":
            return " " * (column - width) + line[at:]
        column += 1 if sign == " " else 4 - column % 4
    return ""


def segments(text: str) -> tuple[list[Block], list[str]]:
    """Return the blocks of `text` in order, list items one by one, and the lines that they are cut from."""
    lines = text.split("\n")
    tokens = _PARSER.parse(text)
    blocks: list[Block] = []
    at = 0
    for block in _top_level(tokens, lines):
        blocks += _passed_over(lines, at, block.start)
        blocks.append(block)
        at = max(at, block.end)
    blocks += _passed_over(lines, at, len(lines))
    return blocks, lines


def _top_level(tokens: list[Token], lines: list[str]) -> Iterator[Block]:
    for token in tokens:
        if token.map is None:
            continue
        if token.level == 0 and token.type in {"bullet_list_open", "ordered_list_open"}:
            continue
        if token.level == 0:
            kind = _KINDS.get(token.type, "other")
            yield _cut(lines, kind, token)
        elif token.level == 1 and token.type == "list_item_open":
            yield _cut(lines, "item", token)


def _cut(lines: list[str], kind: str, token: Token) -> Block:
    assert token.map is not None
    start, end = token.map
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    level = int(token.tag[1]) if kind == "heading" else 0
    info, fence = (token.info.strip(), token.markup) if kind == "fence" else ("", "")
    return Block(kind, start, end, tuple(lines[start:end]), level, info, fence)


def _passed_over(lines: list[str], start: int, end: int) -> list[Block]:
    """Return the non-blank stretches between `start` and `end` as paragraphs."""
    found: list[Block] = []
    at = start
    while at < end:
        if not lines[at].strip():
            at += 1
            continue
        last = at
        while last < end and lines[last].strip():
            last += 1
        found.append(Block("paragraph", at, last, tuple(lines[at:last])))
        at = last
    return found
