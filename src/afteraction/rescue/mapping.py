"""A foreign post-mortem becomes ours: every part goes to the field that its heading means, or is kept as a text.

A page of Markdown comes in; a `Rescued` goes out, with the post-mortem and a placement for each part. After the mapping, every block of the page is looked for in the result; what is not found word
for word is kept as a person's text, so that nothing can be lost by a rule that went wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from afteraction.formats.markdown_lines import plain
from afteraction.formats.outline import TIMELINE, TITLE, field_for, normal
from afteraction.model.postmortem.document import PostMortem
from afteraction.rescue.chronicle import chronicle
from afteraction.rescue.gathered import LISTS, Gathered, all_texts, bare, is_list, tokens
from afteraction.rescue.items import action_of, action_row, attendee_of, columns_of, link_of
from afteraction.rescue.placement import Placement
from afteraction.rescue.sheet import Block, Part, Sheet, cells_of, inner_items, joined, read_sheet

_FACT = re.compile(
    r"^\s*(?:[-*+•]\s+|\d{1,3}[.)]\s+)?(?:\*\*|__)(?P<bold>[^*_\n]{2,50}?)\s*:?\s*(?:\*\*|__)\s*[:=]?\s*(?P<boldrest>.*)$|"
    r"^\s*(?:[-*+•]\s+)?(?P<bare>[A-Z][\w /&'’()-]{1,40}?)\s*:\s+(?P<barerest>\S.*)$|^\s*(?:[-*+•]\s+)?(?P<alone>[A-Z][\w /&'’-]{2,40}):\s*$",
    re.DOTALL,
)
_EMPTY = re.compile(r"^\W*(?:\[[^\]]*\]|<[^>]*>|\{\{.*\}\}|todo|tbd|n/a|\.{3}|…)?\W*$", re.IGNORECASE | re.DOTALL)
_TITLE_DATE = re.compile(
    r"^(?:incident date:\s*)?(?:\d{4}-\d\d-\d\d|[A-Z][a-z]+ \d{1,2}(?:st|nd|rd|th)?,? \d{4})(?:\s\d{1,2}:\d\d(?:\s?[AP]M)?(?:\s[A-Z]{2,4})?)?[\s,:–-]*|"
    r"[\s,:–-]+(?:on )?(?:\d{4}-\d\d-\d\d|[A-Z][a-z]+ \d{1,2}(?:st|nd|rd|th)?,? \d{4})$"
)
_TIMEISH = re.compile(
    r"\d+(?:[ap]m)?|[ap]m|utc|gmt|z|[pmce][sd]?t|ce?st|x{1,2}|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*|"
    r"(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:day|nesday|rsday|sday|urday)?|\d+(?:st|nd|rd|th)|at|on|ca|approx|about|"
    r"owner|due|time|date|event|action|what|who|happened|taken|timestamp|day|description|notes?|summary|title"
)
_SIGNED = re.compile(
    r"^(?:created|written|authored|posted) by (?P<name>[^,:]{2,60})(?:,\s*last (?:modified|updated)(?: by [^,]{2,60}?)? on (?P<date>.{6,30}))?$",
    re.IGNORECASE,
)
"""How wikis sign a page."""
_PLAIN_HEADING = 5
"""A heading of more words says more than which field it means; it is kept in front of its text."""
_WHERE_TEXT = {
    "executive_summary.what_happened",
    "root_cause.primary",
    "executive_summary.resolution",
    "impact.business.customer_impact",
    "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescued:
    """A post-mortem that came from elsewhere. `name` is the file's, `place` the path of a record in it, or empty."""

    name: str
    place: str
    post_mortem: PostMortem
    placements: tuple[Placement, ...]
    rows: int
    problems: tuple[str, ...] = ()


def rescue_page(text: str, name: str, *, zone: str = "UTC", place: Callable[[int], str] | None = None) -> Rescued:
    """Map a page of Markdown. `place` words where a line of it lies, by default `line N`."""
    sheet = read_sheet(text, name, zone=zone, place=place)
    mapper = Mapper(sheet, place or (lambda number: f"line {number}"))
    return mapper.rescued()


class Mapper:
    """Walks over one sheet; `made` holds, by the line of a block, the texts that were made of it."""

    def __init__(self, sheet: Sheet, place: Callable[[int], str]) -> None:
        self.sheet = sheet
        self.place = place
        self.found = Gathered()
        self.made: dict[int, list[str]] = {}
        self._header: list[str] = []
        self._columns: dict[str, int] = {}
        texts = (block.text for part in sheet.parts for block in part.blocks)
        self._references = {
            found for text in texts for found in re.findall(r"^\s{0,3}\[([^\]^]+)\]:\s", text, re.MULTILINE)
        }
        self._row_lines = {
            n for row in sheet.rows if row.read.line for n in range(row.read.line, row.read.line_end + 1)
        }

    def rescued(self, place: str = "") -> Rescued:
        """Map everything and return the result."""
        self._head()
        self.walk()
        if self.sheet.rows:
            self.found.told(
                self.place(self.sheet.rows[0].read.line), f"{len(self.sheet.rows)} rows with times", TIMELINE,
                "".join(row.event for row in self.sheet.rows),
            )  # fmt: skip
        done = self._with_what_is_missing()
        return Rescued(
            name=self.sheet.name, place=place, post_mortem=done, placements=tuple(self.found.placements), rows=len(self.sheet.rows)
        )  # fmt: skip

    def walk(self) -> None:
        """Give every part of the sheet to a field, or keep it."""
        for row in self.sheet.rows:
            self.made.setdefault(row.read.line, []).extend((row.event, row.action))
        for part in self.sheet.parts:
            self.part(part)

    def _head(self) -> None:
        title = plain(self.sheet.title)
        shown = _TITLE_DATE.sub("", title).strip(" #:-–—")
        shown = shown if len(shown.split()) > 1 else title
        if shown and not _EMPTY.match(shown):
            self.found.put(TITLE, shown, self.place(1), "title")

    # --- a page ---

    def part(self, part: Part) -> None:
        """Give the blocks of a part to the field of its heading."""
        if part.level == 1 and part.heading == self.sheet.title:
            target, own = "", True
        else:
            target, own = _target(part)
        self._header, self._columns = [], {}
        heading = plain(part.heading)
        self._aside(part, target)
        plainly = own and len(normal(part.heading).split()) <= _PLAIN_HEADING and not self.found.texts.get(target)
        label = "" if target == "" or plainly or (own and is_list(target)) else heading
        self._front(part)
        blocks = [block for block in part.blocks if block.kind != "front" and not self._is_row(block)]
        if part.timeline or target == TIMELINE:
            self._beside_rows(part, blocks, heading if not part.timeline or not own else "")
            return
        titled = part.level == 1 and part.heading == self.sheet.title
        if target == "" and part.heading and not titled:
            self._kept_part(part, blocks)
            return
        self._give(target, [block for block in blocks if not self._fact(block, target, part)], part, label)

    def _front(self, part: Part) -> None:
        """Keep a page's front matter, but for its title."""
        for block in part.blocks:
            lines = [line for line in block.text.split("\n") if self.sheet.title not in line or "title" not in line]
            if block.kind == "front" and lines:
                self.found.keep("\n".join(["```yaml", *lines, "```"]), self.place(block.line), "front matter")
                self.made.setdefault(block.line, []).append(block.text)

    def _aside(self, part: Part, target: str) -> None:
        """Keep what a heading says beside its meaning: a link, the zone of all times, the stretch that it is about."""
        if not target or (part.line in self._row_lines):
            return
        if re.search(r"[(\[]", part.heading) or (target == TIMELINE and len(tokens(part.heading)) > 3):
            after = "timeline" if target == TIMELINE or part.timeline else "appendix"
            self.found.keep(
                f"*{part.heading}*" if "*" not in part.heading else part.heading, part.place, "heading", after=after
            )

    def _is_row(self, block: Block) -> bool:
        return block.line in self._row_lines and block.kind != "code"

    def _beside_rows(self, part: Part, blocks: list[Block], heading: str) -> None:
        """Keep what stands in a timeline beside its rows: a zone, a log, a picture, the rest of a long entry."""
        texts = [block.text for block in blocks if not self._fact(block, TIMELINE, part) and not _is_rule(block)]
        if not texts:
            return
        own = part.line in self._row_lines or self._row_in(part)
        title = plain(part.heading) if own or heading else ""
        self.found.keep(
            "\n\n".join([*([f"*More on {title}:*"] if title else []), *joined(texts)]), part.place, title or heading or "beside the rows",
            after="timeline",
        )  # fmt: skip

    def _row_in(self, part: Part) -> bool:
        return any(row.read.line == part.line for row in self.sheet.rows)

    def _kept_part(self, part: Part, blocks: list[Block]) -> None:
        body = joined([block.text for block in blocks if not self._fact(block, "kept", part)])
        if not body:
            return
        text = "\n\n".join([f"### {part.heading}", *body])
        self.found.keep(text, part.place, plain(part.heading))

    def _fact(self, block: Block, target: str, part: Part) -> bool:
        """Take a labelled line or a table's row of two cells for the field that its label means."""
        if target in LISTS or target.startswith("actions.") or block.kind in {"code", "quote"}:
            return False
        if block.kind == "row":
            cells = cells_of(block)
            field = field_for(plain(cells[0])) if len(cells) == 2 else ""
            if field in {"", TIMELINE} or not cells[1] or field.startswith("actions."):
                return False
            return self._place_fact(field, plain(cells[0]), cells[1], block)
        lines = block.text.split("\n")
        if block.kind == "paragraph" and len(lines) > 1:
            return self._facts_of_lines(lines, block, target, part)
        if target in {"", "executive_summary.what_happened"} and (signed := _SIGNED.match(plain(block.text))):
            return self._signature(signed, block)
        return self._labelled(block, target)

    def _signature(self, signed: re.Match[str], block: Block) -> bool:
        if signed["date"]:
            self._place_fact("footer.date", "last modified", signed["date"], block)
        return self._place_fact("footer.completed_by", "created by", signed["name"], block)

    def _labelled(self, block: Block, target: str) -> bool:
        found = _FACT.match(block.text)
        if not found:
            return False
        name = found["bold"] or found["bare"] or found["alone"] or ""
        field = field_for(name)
        value = bare("- " + (found["boldrest"] or found["barerest"] or "")).strip()
        if block.kind == "item" and "\n" in value:
            value = _dedented(value)
        if field in {"", TIMELINE, target} or not value:
            return False
        if target not in _WHERE_TEXT and not _is_short(value):
            return False
        return self._place_fact(field, name, value, block)

    def _facts_of_lines(self, lines: list[str], block: Block, target: str, part: Part) -> bool:
        """A paragraph whose every line is a labelled value is that many facts."""
        matched = [found for line in lines if (found := _FACT.match(line))]
        known = [field_for(found["bold"] or found["bare"] or found["alone"] or "") for found in matched]
        if len(matched) < len(lines) or not any(field not in {"", TIMELINE, target} for field in known):
            return False
        taken = [
            self._fact(Block(kind="paragraph", text=line, line=block.line + n, line_end=block.line + n), target, part)
            for n, line in enumerate(lines)
        ]
        for line, was in zip(lines, taken, strict=True):
            if not was:
                self.found.put(target if target not in {TIMELINE, "kept"} else "", line, self.place(block.line), "")
        return True

    def _place_fact(self, field: str, name: str, value: str, block: Block) -> bool:
        if value.strip("[]") in self._references:
            value = value.strip("[]")
        if _EMPTY.match(plain(value)):
            return False
        if is_list(field):
            texts = inner_items(value)
            self.listed(
                field,
                [Block(kind="item", text=text, line=block.line, line_end=block.line_end) for text in texts],
                self.place(block.line),
                name,
            )
        else:
            self.found.put(field, value, self.place(block.line), name)
        self.made.setdefault(block.line, []).extend((name, value))
        return True

    def _give(self, target: str, blocks: list[Block], part: Part, label: str) -> None:
        """Give the blocks to a field, in the shape that it has."""
        blocks = [block for block in blocks if not _is_rule(block)]
        if not blocks:
            return
        what = plain(part.heading) or "beginning"
        target = target or "executive_summary.what_happened"  # what stands before the first heading, or below the title
        if is_list(target):
            self.listed(target, blocks, part.place, label or what, prefix=label)
            return
        texts = joined([block.text for block in blocks])
        if all(_EMPTY.match(plain(text)) for text in texts):
            return
        text = "\n\n".join([*([f"**{label}**"] if label else []), *texts])
        self.found.put(target, text, part.place, what)

    def listed(self, target: str, blocks: list[Block], place: str, what: str, prefix: str = "") -> None:
        """Give blocks to a field that holds items, one for each; what is no item is kept as text."""
        given = 0
        held: list[str] = []
        for block in blocks:
            if (block.kind == "row" and self._table_row(target, block)) or (
                block.kind in {"item", "paragraph"} and self._item(target, block, prefix)
            ):
                given += len(block.text)
            elif not _EMPTY.match(plain(block.text)):
                held.append(block.text)
        if given:
            self.found.told(place, what, target, "x" * given)
        if held:
            self.found.keep("\n\n".join([f"**{what}**", *joined(held)]), place, what)

    def _table_row(self, target: str, block: Block) -> bool:
        cells = cells_of(block)
        if all(re.fullmatch(r":?-*:?", cell) for cell in cells):
            return bool(self._header)
        if not target.startswith("actions."):
            return False
        if not self._header:
            self._header, self._columns = cells, columns_of(cells)
            self.made.setdefault(block.line, []).extend(cells)
            return bool(self._columns)
        item = action_row(cells, self._columns, self._header) if self._columns else None
        if item is None:
            return False
        self.found.actions[target.removeprefix("actions.")].append(item)
        self.made.setdefault(block.line, []).extend(all_texts(item))
        return True

    def _item(self, target: str, block: Block, prefix: str) -> bool:
        if target.startswith("actions."):
            if block.kind != "item":
                return False
            item = action_of(
                f"{prefix}: {bare(block.text)}"
                if prefix and not re.match(r"\s*\S+\s+\[[ xX]\]", block.text)
                else block.text
            )
            if item is not None:
                self.found.actions[target.removeprefix("actions.")].append(item)
                self.made.setdefault(block.line, []).extend(all_texts(item))
            return item is not None
        text = bare(block.text)
        if _EMPTY.match(plain(text)):
            return True
        if target == "appendix.attendees":
            return self._people(block, text)
        if target == "appendix.links":
            link = link_of(text)
            if link is not None:
                self.found.links.append(link)
                self.made.setdefault(block.line, []).extend((link.title, link.url, text))
            return link is not None
        if block.kind != "item" and target == "root_cause.factors" and len(text) < 20:
            return False
        self.found.texts[target].append(f"**{prefix}**: {text}" if prefix and not text.startswith("**") else text)
        self.made.setdefault(block.line, []).append(text)
        return True

    def _people(self, block: Block, text: str) -> bool:
        names = text.split("\n") if "\n" in text else re.split(r",\s+(?![^(]*\))", text)
        if block.kind != "item" and (len(text) > 300 or any(len(name) > 60 for name in names)):
            return False
        for name in names:
            person = attendee_of(name)
            if person is not None:
                self.found.attendees.append(person)
                self.made.setdefault(block.line, []).extend(all_texts(person))
        return True

    # --- the net below it all ---

    def texts(self) -> str:
        """Return the words of everything that was gathered, for looking up what is missing."""
        pm = self.found.post_mortem(chronicle(self.sheet.rows, self.sheet.name), "Post-Mortem")
        return " | ".join(" ".join(tokens(text)) for text in all_texts(pm))

    def _with_what_is_missing(self) -> PostMortem:
        if self.sheet.day and not self.found.texts["summary.date"]:
            self.found.texts["summary.date"].append(self.sheet.day)
        for block in self.missing(self.texts(), self.sheet.parts):
            self.found.keep(block.text, self.place(block.line), "not placed elsewhere")
        heading = f"Post-Mortem: {plain(self.sheet.title)}" if self.sheet.title else "Post-Mortem"
        return self.found.post_mortem(chronicle(self.sheet.rows, self.sheet.name), heading)

    def missing(self, held: str, parts: Sequence[Part]) -> Iterable[Block]:
        """Yield the blocks that the result does not hold word for word, nor in the parts that were made of them."""
        padded = f" {held} "
        for part in parts:
            for block in part.blocks:
                words = tokens(bare(block.text))
                if not words or _EMPTY.match(plain(block.text)) or f" {' '.join(words)} " in padded:
                    continue
                rest = Counter(words) - Counter(w for text in self._made_of(block) for w in tokens(text))
                if any(not _TIMEISH.fullmatch(word) for word in rest):
                    yield block

    def _made_of(self, block: Block) -> Iterable[str]:
        for line in range(block.line, block.line_end + 1):
            yield from self.made.get(line, ())
        for row in self.sheet.rows:
            if row.read.line <= block.line <= row.read.line_end and row.read.line != block.line:
                yield row.event


def _target(part: Part) -> tuple[str, bool]:
    """Return the field of a part, its own or that of the nearest heading above, and whether it is its own."""
    own = field_for(part.heading)
    for heading in reversed(part.above[1:] if part.above and part.level > 1 else part.above):
        above = field_for(heading)
        if above.startswith("actions.") and (not own or not own.startswith("actions.")):
            return above, False
        if own:
            break
        if above:
            return above, False
    return own, bool(own)


def _is_rule(block: Block) -> bool:
    return bool(re.fullmatch(r"\s*(?:[-*_]\s*){3,}", block.text))


def _is_short(value: str) -> bool:
    return "\n" not in value and len(value) < 200


def _dedented(value: str) -> str:
    lines = value.split("\n")
    widths = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    width = min(widths, default=0)
    return "\n".join([lines[0], *(line[width:] for line in lines[1:])]).strip()
