"""The lines of a Markdown page, each with what it is: heading, bullet, code, quotation, part of a timeline.

No tree is built, since pages in the wild (templates, half Markdown, notes) break every grammar; a line keeps its number
so that everything read from it can be cited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^\s{0,6}(?:>\s?)?(`{3,}|~{3,})")
_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BULLET = re.compile(r"^(\s*)(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(.*)$")
_BOLD_HEAD = re.compile(r"^\s*(?:[-*+]\s+)?(?:\*\*|__)([^*_]{3,60})(?:\*\*|__):?\s*(?:\([^()]{2,60}\):?\s*)?$")
_TIMELINE = re.compile(
    r"\b(?:time ?line|chronology|sequence of events|key events|event log|log of events|incident log)\b", re.IGNORECASE
)
_STAMPED = re.compile(r"\d{1,2}:\d\d|\d\s?[ap]m\b|\b20\d\d-\d\d-\d\d\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line. `body` is its text without markers; `heading` its level or 0; `timeline` whether a timeline holds it."""

    number: int
    text: str
    body: str
    indent: int = 0
    heading: int = 0
    bullet: bool = False
    code: bool = False
    quote: bool = False
    front: bool = False
    timeline: bool = False
    timeline_head: bool = False


def lines_of(text: str) -> list[Line]:
    """Return all lines of a page."""
    found: list[Line] = []
    state = _State()
    for number, raw in enumerate(text.split("\n"), 1):
        found.append(state.line(number, raw.rstrip("\r")))
    return found


class _State:
    """What the lines above say about the next one."""

    def __init__(self) -> None:
        self.fence = ""
        self.front = False
        self.comment = False
        self.level = 0  # the level of the timeline's heading while inside it, 7 below a bold label
        self.indent = -1  # the indentation of a bullet that is the timeline's label

    def line(self, number: int, text: str) -> Line:
        if number == 1 and text.strip() == "---":
            self.front = True
            return Line(number=number, text=text, body="", front=True)
        if self.front:
            self.front = text.strip() not in {"---", "..."}
            return Line(number=number, text=text, body=text, front=self.front)
        if self._is_code(text):
            return Line(number=number, text=text, body=text, code=True, timeline=self.level > 0)
        return self._prose(number, text)

    def _is_code(self, text: str) -> bool:
        fence = _FENCE.match(text)
        if self.fence:
            if fence and fence[1].startswith(self.fence):
                self.fence = ""
            return True
        if fence:
            # three backticks that open and close on one line are inline code
            if "`" in text[fence.end() :].strip("`"):
                return False
            rest = text.strip()
            if len(rest) > 6 and rest.endswith(fence[1]):
                return True
            self.fence = fence[1]
            return True
        if "<!--" in text and "-->" not in text:
            self.comment = True
            return True
        if self.comment:
            self.comment = "-->" not in text
            return True
        return False

    def _prose(self, number: int, text: str) -> Line:
        quote = text.lstrip().startswith(">") and len(text) - len(text.lstrip()) < 4
        heading = _HEADING.match(text)
        bullet = _BULLET.match(text)
        indent = len(text) - len(text.lstrip())
        body = heading[2] if heading else bullet[2] if bullet else text.strip()
        head = self._turn(text, heading, bullet, indent, body) if not quote else False
        return Line(
            number=number, text=text, body=body, indent=indent, heading=len(heading[1]) if heading else 0, bullet=bool(bullet),
            quote=quote, timeline=self.level > 0, timeline_head=head,
        )  # fmt: skip

    def _turn(
        self, text: str, heading: re.Match[str] | None, bullet: re.Match[str] | None, indent: int, body: str
    ) -> bool:
        """Enter or leave a timeline at this line; True when the line is its heading or label."""
        if heading:
            level = len(heading[1])
            if _TIMELINE.search(body) and len(body) < 160:
                self.level, self.indent = level, -1
                return True
            if self.level and level <= self.level and not (_STAMPED.search(body) and self.level < 7):
                self.level = 0
            return False
        bold = _BOLD_HEAD.match(text)
        if bold and _TIMELINE.search(bold[1]) and not self.level:
            self.level, self.indent = 7, indent if bullet else -1
            return True
        if self.level == 7 and (bold or (self.indent >= 0 and text.strip() and indent <= self.indent)):
            self.level, self.indent = 0, -1
        return False


_LINK = re.compile(r"!?\[([^\]\[]*)\](?:\([^()\s]*(?:\([^()]*\)[^()]*)*(?:\s+\"[^\"]*\")?\)|\[[^\]]*\])")
_FOOTNOTE = re.compile(r"\[\^[\w-]+\]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)")
_WIKI = re.compile(r"(?<![\w'])'{2,3}(?=[^\s'])([^'\n]{1,300}?)(?<=\S)'{2,3}(?![\w'])")
"""Emphasis of MediaWiki."""
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")


def plain(text: str) -> str:
    """Return Markdown's text as it is read: links by their words, without emphasis, tags and footnote marks."""
    text = _FOOTNOTE.sub("", text[:8000])
    for _ in range(2):
        text = _LINK.sub(lambda found: found[1], text)
        text = _EMPHASIS.sub(lambda found: found[2], text)
    if "''" in text:
        text = _WIKI.sub(lambda found: found[1], text)
    text = re.sub(r"<br\s*/?>", " ", text, flags=re.IGNORECASE)
    return re.sub(r"\s+", " ", _ESCAPED.sub(r"\1", _TAG.sub("", text))).strip()
