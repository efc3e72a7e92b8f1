"""A page of HTML as Markdown, with the line of the page that each line of it came from.

Exports of wikis and word processors come in (Confluence pages and their storage format, Google Docs, retrospectives kept
as HTML); headings, paragraphs, lists with boxes, tables, code and links go out. Scripts, styles and navigation are left
out. Nothing in the input raises: HTML that is broken is read as browsers read it, as far as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

_HIDDEN = {"script", "style", "head", "nav", "svg", "noscript", "template", "ac:parameter", "ac:task-id", "ri:user"}
_BLOCKS = {
    "p", "div", "section", "article", "main", "header", "footer", "figure", "figcaption", "dl", "dt", "dd", "address",
    "details", "summary", "ac:task-list", "ac:structured-macro", "ac:rich-text-body", "ac:layout-section", "ac:layout-cell",
    "center", "fieldset", "form", "aside", "body",
}  # fmt: skip
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`", "tt": "`", "samp": "`", "kbd": "`"}
_VOID = {"br", "hr", "img", "input", "meta", "link", "col", "wbr", "area", "base", "source"}
_STARTS = re.compile(r"^(?:[#>]|[-+*](?=\s)|\d{1,9}[.)](?=\s)|\|)")
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|body|h[1-6]|table|p|div|ac:structured-macro)\b", re.IGNORECASE)
MAX_DEPTH = 400
"""Deeper nesting is flattened; no editor writes it."""


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The Markdown of a page; `lines` holds the 1-based line of the page for each line of the text."""

    text: str
    lines: tuple[int, ...]

    def line_of(self, number: int) -> int:
        """Return the line of the page for a 1-based line of the text."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else 1


def looks_like_html(head: bytes) -> bool:
    """Whether a file begins as a page of HTML does, or is a piece of one."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:4096]
    return re.match(rb"<[!?a-z]", start, re.IGNORECASE) is not None and _PAGE.search(start) is not None


def html_to_markdown(text: str) -> HtmlText:
    """Return a page as Markdown."""
    reader = _Reader()
    reader.feed(text.replace("\r\n", "\n").replace("\r", "\n"))
    reader.close()
    reader.end_block()
    lines, places = reader.out, reader.places
    if reader.title.strip() and not any(line.startswith("# ") for line in lines):
        lines, places = [f"# {_squeezed(reader.title)}", "", *lines], [1, 1, *places]
    while lines and not lines[-1]:
        lines, places = lines[:-1], places[:-1]
    return HtmlText("\n".join(lines), tuple(places))


def markdown_of(text: str) -> str:
    """Return a text as Markdown, whether it is HTML or is not."""
    return html_to_markdown(text).text if re.search(r"</(?:p|h[1-6]|li|ul|ol|td|div|strong|a|pre|span)>|<br\s*/?>", text, re.IGNORECASE) else text  # fmt: skip


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects blocks; `out` and `places` are the lines so far and where they came from."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.places: list[int] = []
        self.title = ""
        self._text: list[str] = []
        self._place = 1
        self._hidden: list[str] = []
        self._lists: list[str] = []
        self._numbers: list[int] = []
        self._lead = ""
        self._heading = 0
        self._pre = 0
        self._in_title = False
        self._tables: list[_Table] = []
        self._cell = 0
        self._links: list[str] = []
        self._term = False
        self._shown_time = -1

    # --- what the parser calls ---

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "title":
            self._in_title = True
        if tag in _HIDDEN and len(self._hidden) < MAX_DEPTH:
            self._hidden.append(tag)
        if not self._hidden:
            self._start(tag, given)

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if re.fullmatch(r"h[1-6]", tag) or "title" in given.get("class", "").split():
            self.end_block()
            self._heading = int(tag[1]) if re.fullmatch(r"h[1-6]", tag) else 1
        elif tag in {"ul", "ol"}:
            self.end_block()
            if len(self._lists) < MAX_DEPTH:
                self._lists.append(tag)
                self._numbers.append(0)
        elif tag in {"li", "ac:task"}:
            self._start_item(checked="checked" in given.get("class", "").split())
        elif tag in {"pre", "ac:plain-text-body"}:
            self.end_block()
            self._pre += 1
        elif tag in {"table", "tr", "td", "th"}:
            self._start_table(tag)
        elif tag in {"dt", "dd"}:
            self._start_definition(tag)
        elif tag in _BLOCKS:
            self.end_block()
        else:
            self._inline(tag, given)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"title", "head"}:
            self._in_title = False
        if not self._hidden:
            self._end(tag)
        elif tag in self._hidden:
            while self._hidden and self._hidden.pop() != tag:
                pass

    def _end(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self._lists:
            self.end_block()
            self._lists.pop()
            self._numbers.pop()
        elif tag in {"td", "th", "tr", "table"}:
            self._end_table(tag)
        elif tag in {"pre", "ac:plain-text-body"}:
            self.end_block()
            self._pre = max(0, self._pre - 1)
        elif tag == "dt" and self._term:
            pass  # its definition goes on in the same line
        elif tag == "time" and 0 <= self._shown_time <= len(self._text):
            del self._text[self._shown_time :]
            self._shown_time = -1
        elif tag in _BLOCKS or tag in {"li", "ac:task"} or re.fullmatch(r"h[1-6]", tag):
            self.end_block()
        elif tag in _MARKS and not self._pre:
            self._mark(_MARKS[tag])
        elif tag == "a" and self._links:
            self._end_link()
        elif tag == "ac:task-status":
            self._take_status()

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._hidden:
            if not self._text:
                if not data.strip() and not self._pre:
                    return
                blank = len(data) - len(data.lstrip())
                self._place = self.getpos()[0] + data.count("\n", 0, blank)
            self._text.append(data)

    def unknown_decl(self, data: str) -> None:
        if data.startswith("CDATA["):
            self.handle_data(data[6:])

    # --- inline ---

    def _inline(self, tag: str, given: dict[str, str]) -> None:
        if tag == "br":
            self._text.append("\n" if self._pre else "\x00")
        elif tag in _MARKS and not self._pre:
            self._mark(_MARKS[tag])
        elif tag == "a":
            self._links.append(_target(given.get("href", "")))
            self._text.append("\x01")
        elif tag == "img" and (given.get("alt") or given.get("src")):
            self.handle_data(f"![{given.get('alt', '')}]({given.get('src', '')[:500]})")
        elif tag == "input" and given.get("type") == "checkbox":
            self.handle_data("[x] " if "checked" in given else "[ ] ")
        elif tag == "time" and given.get("datetime"):
            self.handle_data(given["datetime"])
            # what the page shows for it (`5 minutes ago`, the reader's own zone) says less
            self._shown_time = len(self._text) if ":" in given["datetime"] else -1
        elif tag == "hr":
            self.end_block()

    def _mark(self, sign: str) -> None:
        self._text.append(f"\x02{sign}\x02")

    def _end_link(self) -> None:
        target = self._links.pop()
        if "\x01" not in self._text:
            return
        at = len(self._text) - 1 - self._text[::-1].index("\x01")
        words = "".join(self._text[at + 1 :])
        bare = _squeezed(re.sub(r"\x02[^\x02]*\x02", "", words))
        linked = f"[{words.strip()}]({target})" if target and bare and bare != target else words or target
        self._text[at:] = [linked]

    def _take_status(self) -> None:
        """A task's state, which Confluence writes before its text, becomes its box."""
        state = _squeezed("".join(self._text))
        self._text = ["[x] " if state == "complete" else "[ ] "]

    # --- blocks ---

    def _start_item(self, *, checked: bool) -> None:
        self.end_block()
        depth = max(0, len(self._lists) - 1)
        sign = "-"
        if self._lists and self._lists[-1] == "ol":
            self._numbers[-1] += 1
            sign = f"{self._numbers[-1]}."
        self._lead = "  " * min(depth, 8) + f"{sign} " + ("[x] " if checked else "")

    def _start_definition(self, tag: str) -> None:
        """A term and what it means stand in one line of a list, as a time and what happened do."""
        if tag == "dd" and self._term and self._text:
            self._text.append(" — ")
        else:
            self.end_block()
            self._lead = "- " if tag == "dt" else ""
        self._term = tag == "dt"

    def _start_table(self, tag: str) -> None:
        self.end_block()
        if tag == "table":
            self._tables.append(_Table())
        elif self._tables and tag == "tr":
            self._tables[-1].rows.append([])
            self._tables[-1].places.append(self.getpos()[0])
        elif self._tables and tag in {"td", "th"}:
            if not self._tables[-1].rows:
                self._tables[-1].rows.append([])
                self._tables[-1].places.append(self.getpos()[0])
            self._tables[-1].rows[-1].append("")
            self._cell += 1

    def _end_table(self, tag: str) -> None:
        self.end_block()
        if tag in {"td", "th"}:
            self._cell = max(0, self._cell - 1)
        elif tag == "table" and self._tables:
            table = self._tables.pop()
            self._cell = 0 if not self._tables else self._cell
            rows = [(row, place) for row, place in zip(table.rows, table.places, strict=True) if any(row)]
            if self._tables and self._tables[-1].rows and self._tables[-1].rows[-1]:
                self._tables[-1].rows[-1][-1] += " ".join(" ".join(row) for row, _ in rows)
                return
            self._write_table(rows)

    def _write_table(self, rows: list[tuple[list[str], int]]) -> None:
        width = max((len(row) for row, _ in rows), default=0)
        if width == 1:
            for row, place in rows:
                self._write(row[0].replace("\\|", "|"), place)
            return
        for index, (row, place) in enumerate(rows):
            cells = [*row, *[""] * (width - len(row))]
            self._line(f"| {' | '.join(cells)} |", place)
            if index == 0:
                self._line("|" + " --- |" * width, place)
        if rows:
            self._line("", rows[-1][1])

    def end_block(self) -> None:
        """Write what was collected as one block."""
        text = "".join(self._text)
        self._text = []
        heading, self._heading = self._heading, 0
        while self._links:
            self._links.pop()
        text = text.replace("\x01", "")
        if self._pre:
            self._write_code(text.replace("\x00", "\n"))
            return
        parts = [_marked(_squeezed(part)) for part in text.split("\x00")]
        parts = [part for part in parts if part]
        if not parts:
            self._heading = heading
            return
        if self._tables and self._cell and self._tables[-1].rows and self._tables[-1].rows[-1]:
            row = self._tables[-1].rows[-1]
            added = " ".join(parts).replace("|", "\\|")
            row[-1] = (
                f"{row[-1]} {self._lead.strip()} {added}".strip()
                if row[-1]
                else f"{self._lead.strip()} {added}".strip()
            )
            row[-1] = row[-1].removeprefix("- ")
            self._lead = ""
            return
        if heading:
            self._write(f"{'#' * heading} {' '.join(parts)}", self._place)
            return
        lead, self._lead = self._lead, ""
        if lead:
            self._items(lead, parts)
        else:
            for part in parts:
                self._write(_STARTS.sub(lambda found: "\\" + found[0], part), self._place)

    def _items(self, lead: str, parts: list[str]) -> None:
        if self.out and not self.out[-1] and len(self.out) > 1 and re.match(r"\s*(?:-|\d+\.) ", self.out[-2]):
            self.out.pop()
            self.places.pop()
        self._line(f"{lead}{parts[0]}", self._place)
        for part in parts[1:]:
            self._line(" " * len(lead) + part, self._place)
        self._line("", self._place)

    def _write(self, text: str, place: int) -> None:
        self._line(text, place)
        self._line("", place)

    def _write_code(self, text: str) -> None:
        if not text.strip():
            return
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", text) or [""]))
        self._line(fence, self._place)
        for offset, line in enumerate(text.strip("\n").split("\n")):
            self._line(re.sub(r"\x02[^\x02]*\x02", "", line), self._place + offset)
        self._line(fence, self._place)
        self._line("", self._place)

    def _line(self, text: str, place: int) -> None:
        self.out.append(text)
        self.places.append(place)


def _marked(text: str) -> str:
    """Set the marks of emphasis and code tightly around words; a mark around nothing goes."""
    for sign in ("**", "*", "`"):
        token = re.escape(f"\x02{sign}\x02")
        text = re.sub(rf"{token}(\s*){token}", r"\1", text)
        text = re.sub(
            rf"{token}(\s*)([^\x02]*?)(\s*){token}",
            lambda found, sign=sign: f"{found[1]}{sign}{found[2]}{sign}{found[3]}" if found[2] else found[1],  # type: ignore[misc]
            text,
        )
    return re.sub(r"\x02[^\x02]*\x02", "", text).strip()


def _target(href: str) -> str:
    """Return where a link leads; a word processor's redirection gives way to the address behind it."""
    try:
        parts = urlsplit(href)
        behind = parse_qs(parts.query).get("q", [""])[0]
    except ValueError:
        return ""
    if parts.path == "/url" and behind.startswith(("http://", "https://")):
        return behind
    return re.sub(r"[\s<>()]", "", href)[:2000] if not href.lower().startswith(("javascript:", "#")) else ""
