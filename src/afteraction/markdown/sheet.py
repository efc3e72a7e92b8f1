"""Where everything stands: the template's slots by heading, and the walk that sorts a document's blocks into them.

A `Section` lists what may stand below one heading. `sort` gives every block of a document to a slot or, when none wants
it, keeps it verbatim behind the slot before it. Nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from afteraction.markdown.encoding import LABELLED, MARK_LINE, cells, fenced, words
from afteraction.markdown.ledger import parse_note
from afteraction.markdown.segments import Block, segments
from afteraction.model.postmortem.document import Extra


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the rendered document: its anchor, its text, and whether it stands right below the piece before it."""

    anchor: str
    text: str
    tight: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What may stand below one heading.

    `heading` is the heading's words, `parent` those of the heading above it. `lines` are labels of `**Label**: value`
    lines, `fenced` those of them whose value stands in a fence below; `items` are labels of list items; `fence` says that
    the section has a fence of its own; `open` how any other item begins that it takes, and `single` that such an item has
    one line; an `optional` section is only there when it has such an item; `table` the words of its table's header; `sentences` fixed paragraphs of the template.
    """

    anchor: str
    heading: str
    parent: str = ""
    lines: tuple[str, ...] = ()
    fenced: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    fence: bool = False
    open: re.Pattern[str] | None = None
    single: bool = False
    optional: bool = False
    table: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()


@dataclass(slots=True)
class Found:
    """What was found: raw text by anchor, in the order of the document; and what no slot wanted."""

    texts: dict[str, str] = field(default_factory=dict)
    fences: dict[str, Block] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    opened: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, list[list[str]]] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)


def slot(section: str, label: str) -> str:
    """Return the anchor of the slot with this label."""
    return f"{section}.{words(label).replace(' ', '_')}"


BULLET = re.compile(r" {0,3}[-*+][ \t]+\S")
TICKED = re.compile(r" {0,3}[-*+][ \t]+\[[ xX]\](?:[ \t]|$)")
NUMBERED = re.compile(r" {0,3}\d{1,9}[.)][ \t]+\S")
BULLET_LABELLED = re.compile(rf" {{0,3}}[-*+][ \t]+{LABELLED.pattern}")
NUMBERED_LABELLED = re.compile(rf" {{0,3}}\d{{1,9}}[.)][ \t]+{LABELLED.pattern}")
"""How items of open lists begin; any other item is a person's own and stays as it is."""

REPEATED = "repeated"
_UNFILLED = re.compile(r"`\[[^`\[\]]+\]`")
"""A placeholder of the template: where its slot was met before, there is nothing in it to keep."""
_BLOCK = re.compile(r"\s*(?:$|[-*+>|<#]|\d{1,9}[.)]\s|`{3}|~{3})")
"""The beginning of a line that is no further line of a paragraph."""

TITLE = "title"
WRAPPED = "markdown extra"
"""The info string of a fence around a person's text that would otherwise be read as the template's."""
LAST = "last"
"""The anchor behind everything."""
FOOTER = Section(
    anchor="footer", heading="", lines=("post mortem completed by", "date", "next review date"),
)  # fmt: skip
LEDGER = "ledger"


class Sorter:
    """Walks over the blocks once; `context` is the section that the walk is in.

    Below a heading that the template does not know (`strayed`), a slot of the section that was not met yet is still taken,
    since people put headings between slots, but no item that would only be one more of an open list.
    """

    def __init__(self, text: str, sections: Iterable[Section]) -> None:
        self.blocks, self.source = segments(text)
        self._sections = {(s.parent, s.heading): s for s in sections}
        self._parents = {s.heading for s in self._sections.values() if not s.parent}
        self._context: Section | None = None
        self._parent = ""
        self._last = ""
        self._fence_wanted = ""
        self._mark_wanted = ""
        self._verbatim: tuple[int, int] | None = None
        self._strayed = False
        self.found = Found()

    def sort(self) -> Found:
        """Give every block to a slot or keep it; return all that was found."""
        for index, block in enumerate(self.blocks):
            if not self._place(index, block):
                self._keep(block.start, block.end)
        self._flush()
        return self.found

    def _place(self, index: int, block: Block) -> bool:
        mark_wanted, self._mark_wanted = self._mark_wanted, ""
        if block.kind == "fence" and block.info == WRAPPED:
            self._flush()
            self.found.extras.append(Extra(after=self._last, text=block.content()))
            return True
        if block.kind == "heading":
            return self._heading(index, block)
        if block.kind == "rule":
            return self._footer_rule(index)
        if block.kind == "paragraph":
            return self._paragraph(index, block, mark_wanted)
        if self._context is None:
            return False
        if block.kind == "fence":
            return self._fence(block)
        if block.kind == "item":
            return self._item(block)
        return block.kind == "table" and self._table(block)

    def _heading(self, index: int, block: Block) -> bool:
        self._fence_wanted = ""
        text = block.lines[0].strip().strip("#").strip() if len(block.lines) == 1 else block.lines[0].strip()
        name = words(text)
        if block.level == 1 and not self._last and text and block.lines[0].lstrip().startswith("#"):
            self._took(TITLE)
            self.found.headings[TITLE] = text
            return True
        top = name in self._parents and name not in self.found.headings
        section = self._sections.get(("" if top else self._parent, name)) if block.level in {2, 3} else None
        if section and section.optional and not self._filled(index, section):
            section = None
        if section is None or section.anchor in self.found.headings:
            self._strayed = True
            return False
        if top:
            self._parent = name
        self._context, self._strayed = section, False
        self.found.headings[section.anchor] = text
        self.found.headings.setdefault(name, text)
        self._took(section.anchor)
        return True

    def _filled(self, index: int, section: Section) -> bool:
        """Say whether an item of the section stands right below its heading."""
        below = [b for b in self.blocks[index + 1 : index + 3] if words(b.text) not in section.sentences]
        return bool(below and section.open and below[0].kind == "item" and section.open.match(below[0].lines[0]))

    def _footer_rule(self, index: int) -> bool:
        """Take a rule as the footer's when nothing but a person's own text stands between it and the footer's lines."""
        if "footer.post_mortem_completed_by" in self.found.texts:
            return False
        for following in self.blocks[index + 1 :]:
            if _begins_footer(following):
                self._took("footer")
                self._enter_footer()
                return True
            if following.kind == "rule":
                return False
        return False

    def _enter_footer(self) -> None:
        self._context, self._parent = FOOTER, ""

    def _paragraph(self, index: int, block: Block, mark_wanted: str) -> bool:
        text = block.text.strip()
        if mark_wanted and MARK_LINE.fullmatch(text):
            self.found.marks[mark_wanted] = text
            return True
        if _begins_footer(block) and "footer.post_mortem_completed_by" not in self.found.texts:
            self._enter_footer()
        placed = [self._line(line) for line in block.lines]
        if any(placed):
            for offset, was in enumerate(placed):
                if was:
                    self._took(self._last if was == REPEATED else was)
                    self._claim(was, block.lines[offset])
                else:
                    self._keep(block.start + offset, block.start + offset + 1)
            return True
        if self._context and words(text) in self._context.sentences:
            return True
        return self._prose(index, block)

    def _line(self, line: str) -> str:
        """Return the anchor of the slot that a line fills, empty when it fills none."""
        stripped = line.strip()
        if stripped.startswith("[^") and parse_note(stripped):
            return LEDGER
        for name, head in (("footer.version", "*Template Version:"), ("footer.updated", "*Last Updated:")):
            fits = stripped.startswith(head) and stripped.endswith("*")
            if fits and self._context is FOOTER and name not in self.found.texts:
                return name
        found = LABELLED.fullmatch(stripped)
        if self._context is None or found is None:
            return ""
        name = words(found["label"])
        if name not in self._context.lines:
            return ""
        anchor = slot(self._context.anchor, name)
        if anchor in self.found.texts:
            return REPEATED if _UNFILLED.fullmatch(found["rest"].strip()) else ""
        return anchor

    def _claim(self, anchor: str, line: str) -> None:
        stripped = line.strip()
        if anchor == REPEATED:
            return
        if anchor == LEDGER:
            self.found.notes.append(stripped)
            self._context = None if self._context is FOOTER else self._context
            return
        if anchor in {"footer.version", "footer.updated"}:
            self.found.texts[anchor] = stripped[1:-1].partition(":")[2].strip()
            return
        found = LABELLED.fullmatch(stripped)
        assert found is not None
        assert self._context is not None
        self.found.texts[anchor] = found["rest"]
        if words(found["label"]) in self._context.fenced and not found["rest"].strip():
            self._fence_wanted = anchor

    def _prose(self, index: int, block: Block) -> bool:
        """Take a paragraph that stands where the template has a fence, when no fence follows."""
        wanted = self._fence_wanted or (self._context.anchor if self._context and self._context.fence else "")
        if self._strayed or not wanted or wanted in self.found.fences or self._fence_ahead(index):
            return False
        self.found.fences[wanted] = block
        self._fence_wanted = ""
        self._mark_wanted = wanted
        self._took(wanted + ".fence")
        return True

    def _fence_ahead(self, index: int) -> bool:
        for block in self.blocks[index + 1 :]:
            if block.kind == "fence":
                return True
            if block.kind == "heading" or any(self._line(line) for line in block.lines if block.kind == "paragraph"):
                return False
        return False

    def _fence(self, block: Block) -> bool:
        assert self._context is not None
        wanted = self._fence_wanted or (self._context.anchor if self._context.fence else "")
        if not wanted or wanted in self.found.fences:
            return False
        self.found.fences[wanted] = block
        self._fence_wanted = ""
        self._mark_wanted = wanted
        self._took(wanted + ".fence")
        return True

    def _item(self, block: Block) -> bool:
        assert self._context is not None
        body = block.body()
        found = LABELLED.match(body.split("\n")[0])
        if found and words(found["label"]) in self._context.items:
            anchor = slot(self._context.anchor, found["label"])
            if anchor not in self.found.texts:
                self.found.texts[anchor] = body[found.start("rest") :]
                self._took(anchor)
                return True
            if _UNFILLED.fullmatch(found["rest"].strip()) and "\n" not in body:
                return True
        opening = self._context.open
        if self._strayed or opening is None or not opening.match(block.lines[0]) or not body.strip():
            return False
        taken = self.found.opened.setdefault(self._context.anchor, [])
        self._took(f"{self._context.anchor}.open.{len(taken)}")
        own = _paragraph_lines(block) if self._context.single else len(block.lines)
        taken.append("\n".join(body.split("\n")[:own]))
        if own < len(block.lines):
            self._keep(block.start + own, block.end)
        return True

    def _table(self, block: Block) -> bool:
        assert self._context is not None
        if not self._context.table or self._context.anchor in self.found.rows:
            return False
        header = tuple(words(text) for text in cells(block.lines[0]))
        if header != self._context.table:
            return False
        self.found.rows[self._context.anchor] = [cells(line) for line in block.lines[2:]]
        self._took(self._context.anchor + ".table")
        return True

    def _took(self, anchor: str) -> None:
        self._flush()
        self._last = anchor

    def _keep(self, start: int, end: int) -> None:
        """Keep lines verbatim, joined with those kept right before them."""
        first = self._verbatim[0] if self._verbatim else start
        self._verbatim = (first, end)

    def _flush(self) -> None:
        """Keep the verbatim lines so far as one extra."""
        if self._verbatim is None:
            return
        start, end = self._verbatim
        while start < end and not self.source[start].strip():
            start += 1
        text = "\n".join(self.source[start:end])
        after = LAST if end == len(self.source) and _left_open(text) else self._last
        above = after != LAST and start > 0 and bool(self.source[start - 1].strip())
        below = after != LAST and end < len(self.source) and bool(self.source[end].strip())
        self.found.extras.append(Extra(after=after, text=text, tight_above=above, tight_below=below))
        self._verbatim = None


def _paragraph_lines(block: Block) -> int:
    """Return how many lines of an item, from its first, are one paragraph."""
    further = (n for n, line in enumerate(block.lines) if n > 0 and _BLOCK.match(line))
    return next(further, len(block.lines))


def _left_open(text: str) -> bool:
    """Say whether a text ends inside a fence or an HTML block, so that whatever followed would become part of it."""
    probe = "the end"
    return segments(f"{text}\n\n{probe}")[0][-1].text != probe


def _begins_footer(block: Block) -> bool:
    found = LABELLED.match(block.lines[0].strip()) if block.kind == "paragraph" else None
    return found is not None and words(found["label"]) == FOOTER.lines[0]


def wrapped(extra: Extra) -> Extra:
    """Return an extra whose text stands in a fence, where it is nothing but text."""
    return Extra(after=extra.after, text=fenced(extra.text, WRAPPED, None))


def joined(pieces: list[Piece], extras: tuple[Extra, ...]) -> str:
    """Join the pieces and what people added behind them; an extra whose anchor is gone stands behind its nearest parent."""
    known = {piece.anchor for piece in pieces} | {LAST}
    behind: dict[str, list[Extra]] = {}
    for extra in (extra for extra in extras if extra.text):
        behind.setdefault(_nearest(extra.after, known), []).append(extra)
    last = {piece.anchor: index for index, piece in enumerate(pieces)}
    page = _Page()
    page.add_extras(behind.get("", []))
    for index, piece in enumerate(pieces):
        page.add(piece.text, tight=piece.tight and not page.after_extra)
        if last[piece.anchor] == index:
            page.add_extras(behind.get(piece.anchor, []))
    page.add_extras(behind.get(LAST, []))
    return page.text() + "\n"


class _Page:
    """The text so far; knows whether what comes next must stand right below it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._tight_below = False
        self.after_extra = False

    def add(self, text: str, *, tight: bool) -> None:
        if self._parts:
            self._parts.append("\n" if tight or self._tight_below else "\n\n")
        self._parts.append(text)
        self._tight_below = self.after_extra = False

    def add_extras(self, extras: list[Extra]) -> None:
        for extra in extras:
            self.add(extra.text, tight=extra.tight_above)
            self._tight_below, self.after_extra = extra.tight_below, True

    def text(self) -> str:
        return "".join(self._parts)


def _nearest(anchor: str, known: set[str]) -> str:
    while anchor and anchor not in known:
        anchor = anchor.rpartition(".")[0]
    return anchor
