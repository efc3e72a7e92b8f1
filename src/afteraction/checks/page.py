"""The page that a post-mortem is written on: lines, headings, prose, and the rules that a comment switches off.

Markdown text comes in. This is no parser of Markdown: it only tells prose from code and finds headings, so that a
remark can name the line where somebody has to look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

_FENCE = re.compile(r"^\s{0,3}(?:[-*+]\s+|\d+[.)]\s+)?\s*(?P<mark>`{3,}|~{3,})")
_HEADING = re.compile(r"^\s{0,3}(?P<level>#{1,6})\s+(?P<words>.+?)\s*#*\s*$")
_UNDERLINE = re.compile(r"^\s{0,3}(=+|-{3,})\s*$")
_OFF = re.compile(r"<!--\s*afteraction:\s*off\s+(?P<rules>[^>]*?)-->", re.IGNORECASE)
_RULE = re.compile(r"\bAR\d{3}\b")
_NOTE = re.compile(r"^\[\^[^\]\s]+\]:")
_HIDDEN = re.compile(
    r"`[^`]*`|<!--.*?-->|(?<=\])\([^)]*\)|https?://\S+|\"[^\"\n]{0,300}\"|“[^”\n]{0,300}”|<[^>\n]{1,200}>|\[\^[^\]]+\]"
)


def words_of(text: str) -> str:
    """Return the words of a heading: lower case, without emoji, marks and punctuation."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"[^\x00-\x7f]", "", text).lower()))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its line (1-based), level and words."""

    line: int
    level: int
    words: str


class Page:
    """A Markdown text by lines. Lines are 1-based everywhere."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.lines = self.text.split("\n")

    @cached_property
    def coded(self) -> frozenset[int]:
        """The lines that belong to fenced code, fences included."""
        found: set[int] = set()
        mark = ""
        for number, line in enumerate(self.lines, 1):
            fence = _FENCE.match(line)
            if mark:
                found.add(number)
                closes = fence is not None and fence["mark"].startswith(mark) and not line.strip().strip(mark[0])
                mark = "" if closes else mark
            elif fence is not None:
                found.add(number)
                mark = fence["mark"]
        return frozenset(found)

    @cached_property
    def front_matter(self) -> int:
        """How many lines of front matter (between `---` lines at the very top) the page begins with."""
        if not self.lines or self.lines[0].strip() != "---":
            return 0
        return next((n for n, line in enumerate(self.lines[1:60], 2) if line.strip() == "---"), 0)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """All headings in order."""
        found: list[Heading] = []
        for number, line in enumerate(self.lines, 1):
            if number in self.coded or number <= self.front_matter:
                continue
            if match := _HEADING.match(line):
                found.append(Heading(number, len(match["level"]), words_of(match["words"])))
            elif _UNDERLINE.match(line) and number > 1 and self._begins_heading(number - 1):
                found.append(Heading(number - 1, 1 if "=" in line else 2, words_of(self.lines[number - 2])))
        return tuple(found)

    def _begins_heading(self, number: int) -> bool:
        line = self.lines[number - 1].strip()
        return bool(line) and number not in self.coded and line[0] not in "|-*>#`+" and not line[0].isdigit()

    @cached_property
    def off(self) -> frozenset[str]:
        """The rules that comments on this page switch off."""
        return frozenset(rule for match in _OFF.finditer(self.text) for rule in _RULE.findall(match["rules"]))

    def heading_at(self, line: int) -> str:
        """Return the words of all headings above a line, the nearest last, joined by ` / `."""
        path: list[Heading] = []
        for heading in self.headings:
            if heading.line > line:
                break
            path = [h for h in path if h.level < heading.level] + [heading]
        return " / ".join(h.words for h in path)

    def prose(self) -> Iterator[tuple[int, str]]:
        """Yield the lines that people wrote as prose: no code, quotations, comments, links' targets, ledger or headings."""
        inside_comment = False
        titles = {heading.line for heading in self.headings}
        for number, line in enumerate(self.lines, 1):
            if number in self.coded or number in titles or number <= self.front_matter:
                continue
            if inside_comment:
                inside_comment = "-->" not in line
                continue
            if "<!--" in line and "-->" not in line.split("<!--", 1)[1]:
                inside_comment = True
                continue
            if line.lstrip().startswith(">") or _NOTE.match(line) or line.startswith("    "):
                continue
            shown = _HIDDEN.sub(" ", line)
            if shown.strip():
                yield number, shown

    def line_of(self, text: str, *, below: str = "") -> int:
        """Return the first line that holds the beginning of `text` (below the heading with these words), else 1."""
        first = next((part.strip() for part in text.split("\n") if part.strip()), "")
        wanted = _plain(first)[:40]
        behind = _plain(first.partition(": ")[2])[:40]  # an item may bear the heading that it stood below
        start = next((h.line for h in self.headings if h.words == below), 0) if below else 0
        if not wanted:
            return max(start, 1)
        for part in (wanted, behind if len(behind) > 8 else wanted, wanted[:24], wanted[:12]):
            for number in range(start, len(self.lines)):
                if part in _plain(self.lines[number]):
                    return number + 1
        return max(start, 1)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\\`*_~]|\[\^[^\]]*\]", "", text).split())
