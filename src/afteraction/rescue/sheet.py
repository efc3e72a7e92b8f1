"""A foreign page as parts: each heading with its blocks, in the order of the page, and the rows of its timeline.

Markdown comes in; out goes a `Sheet`. Every line of the page that has words stands in exactly one block or is the heading
of a part, so that what becomes of each can be told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from afteraction.formats.markdown_lines import Line, lines_of, plain
from afteraction.formats.page_dates import page_day
from afteraction.formats.timelines import TimelineRow, read_timeline

_UNDERLINE = re.compile(r"^\s{0,3}(=+|-{3,})\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, a list item with all that is indented below it, a table's row, or a fence; `text` is its Markdown."""

    kind: str
    text: str
    line: int
    line_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A heading and what stands below it up to the next heading; `above` are the headings that it stands below."""

    heading: str
    level: int
    above: tuple[str, ...]
    place: str
    blocks: tuple[Block, ...]
    line: int = 0
    timeline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the timeline: as it was read, and the Markdown of what happened and of what was done."""

    read: TimelineRow
    event: str
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page. `day` is the day of the incident as the page gives it, ISO; empty when it gives none."""

    name: str
    title: str
    parts: tuple[Part, ...]
    rows: tuple[Row, ...] = ()
    day: str = ""


def read_sheet(text: str, name: str, *, zone: str = "UTC", place: Callable[[int], str] | None = None) -> Sheet:
    """Return a page as a sheet. `place` words where a line lies; by default `line N`."""
    text = _hashed(text)
    lines = lines_of(text)
    timeline = read_timeline(text, name, zone=zone)
    day = page_day(lines, name)
    parts = list(_parts(lines, place or (lambda number: f"line {number}")))
    title = next((part.heading for part in parts if part.level == 1), "")
    items = {block.line: block.line_end for part in parts for block in part.blocks if block.kind == "item"}
    return Sheet(
        name=name,
        title=title or _front_title(lines),
        parts=tuple(parts),
        rows=tuple(_row(row, lines, items.get(row.line, 0)) for row in timeline.rows),
        day=day.isoformat() if day else "",
    )


def _hashed(text: str) -> str:
    """Write underlined headings with signs in front, keeping the number of lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    fenced = False
    for index, line in enumerate(lines):
        if re.match(r"^\s{0,3}(?:```|~~~)", line):
            fenced = not fenced
        under = _UNDERLINE.match(line)
        before = lines[index - 1] if index else ""
        alone = index < 2 or not lines[index - 2].strip()
        if (
            under
            and not fenced
            and alone
            and before.strip()
            and not re.match(r"\s*(?:[#>|]|[-*+] |\d+[.)] |---)", before)
        ):
            lines[index - 1], lines[index] = f"{'#' if under[1][0] == '=' else '##'} {before.strip()}", ""
    return "\n".join(lines)


def _front_title(lines: Sequence[Line]) -> str:
    found = (re.match(r"^title:\s*[\"']?(.+?)[\"']?\s*$", line.text) for line in lines if line.front)
    return next((match[1] for match in found if match), "")


def _parts(lines: Sequence[Line], place: Callable[[int], str]) -> Iterator[Part]:
    above: list[tuple[int, str]] = []
    heading, level, start, timeline = "", 0, 0, False
    body: list[Line] = []
    for line in lines:
        if line.heading and not line.code and not line.quote:
            if body or heading:
                yield _part((heading, level, start), above, body, place, timeline=timeline)
            heading, level, start, body = line.body.strip(), line.heading, line.number, []
            timeline = line.timeline or line.timeline_head
            above = [one for one in above if one[0] < level]
            above.append((level, heading))
        elif not line.front or line.text.strip() not in {"---", "..."}:
            body.append(line)
    if body or heading:
        yield _part((heading, level, start), above, body, place, timeline=timeline)


def _part(
    head: tuple[str, int, int], above: Sequence[tuple[int, str]], body: Sequence[Line], place: Callable[[int], str], *, timeline: bool
) -> Part:  # fmt: skip
    heading, level, start = head
    blocks = tuple(_blocks(body))
    line = start or (blocks[0].line if blocks else 1)
    return Part(
        heading=heading,
        level=level,
        above=tuple(text for _, text in above[:-1]) if heading else (),
        place=place(line),
        blocks=blocks,
        line=line,
        timeline=timeline,
    )


def _blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """Yield the blocks of a part; further lines of an item are those that are indented below it."""
    chosen: list[Line] = []
    kind = ""

    def done() -> Iterator[Block]:
        while chosen and not chosen[-1].text.strip():
            chosen.pop()
        if chosen:
            text = "\n".join(line.text.rstrip() for line in chosen)
            yield Block(kind=kind, text=text, line=chosen[0].number, line_end=chosen[-1].number)
        chosen.clear()

    for line in lines:
        now = _kind(line)
        if chosen and kind == "item" and _goes_on(line, chosen):
            chosen.append(line)
        elif not line.text.strip():
            if kind != "code" or now != "code":
                yield from done()
                kind = ""
            else:
                chosen.append(line)
        elif chosen and now == kind and kind in {"paragraph", "code", "quote", "front"}:
            chosen.append(line)
        else:
            yield from done()
            kind = now
            chosen.append(line)
    yield from done()


def _kind(line: Line) -> str:
    if line.code:
        return "code"
    if line.front:
        return "front"
    if line.quote:
        return "quote"
    if line.bullet:
        return "item"
    return "row" if line.text.lstrip().startswith("|") else "paragraph"


def _goes_on(line: Line, chosen: Sequence[Line]) -> bool:
    """Whether a line belongs to the item before it."""
    if not line.text.strip():
        return True
    first = chosen[0]
    indent = len(line.text) - len(line.text.lstrip())
    if indent > first.indent:
        return True
    lazy = (
        bool(chosen[-1].text.strip())
        and not line.bullet
        and not line.code
        and not line.text.lstrip().startswith(("|", ">"))
    )
    return lazy and chosen[-1] is not first if line.code else lazy


# --- rows ---------------------------------------------------------------------------------------------------------


def _row(row: TimelineRow, lines: Sequence[Line], item_end: int) -> Row:
    """Return a row with its Markdown: links and code of what happened are kept, and an item's further lines."""
    own = lines[row.line - 1 : max(row.line_end, item_end)]
    if own and own[0].text.lstrip().startswith("|"):
        return _table_row(row, own[0], lines)
    joined = " ".join(line.body.strip() for line in own if line.text.strip())
    text = row.text
    for found in re.finditer(r"(?<!\S)|(?<=[\s:\])*_`~-])", joined[:120]):
        if plain(joined[found.start() :]).strip().startswith(row.text):
            text = joined[found.start() :].strip()
    return Row(read=row, event=f"{row.who}: {text}" if row.who and row.who not in text else text)


def _table_row(row: TimelineRow, line: Line, lines: Sequence[Line]) -> Row:
    cells = _cells(line.text)
    told = [index for index, cell in enumerate(cells) if plain(cell) and plain(cell) in row.text]
    header = _header(line, lines)
    acted = [
        i
        for i in told
        if i < len(header) and re.search(r"\b(?:actions?|response|taken|result|follow)\b", header[i], re.IGNORECASE)
    ]
    action = " — ".join(cells[i] for i in acted) if len(acted) < len(told) else ""
    event = " — ".join(cells[i] for i in told if not action or i not in acted) or row.text
    return Row(read=row, event=f"{row.who}: {event}" if row.who and row.who not in event else event, action=action)


def _header(line: Line, lines: Sequence[Line]) -> list[str]:
    number = line.number - 1
    while number > 0 and lines[number - 1].text.lstrip().startswith("|"):
        number -= 1
    return _cells(lines[number].text)


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", text.strip().removeprefix("|").removesuffix("|"))]


def cells_of(block: Block) -> list[str]:
    """Return the cells of a table's row, without the white space around them."""
    return _cells(block.text)


def joined(texts: Sequence[str]) -> list[str]:
    """Set rows of a table and items of a list, which are blocks of their own, one below the other again."""
    found: list[str] = []
    for text in texts:
        row = text.lstrip().startswith("|")
        item = bool(re.match(r"\s*(?:[-*+•]|\d{1,3}[.)])\s", text))
        last = found[-1].rsplit("\n", 1)[-1] if found else ""
        same = (row and last.lstrip().startswith("|")) or (
            item and re.match(r"\s*(?:[-*+•]|\d{1,3}[.)])\s", found[-1]) is not None if found else False
        )
        if found and same:
            found[-1] += "\n" + text
        else:
            found.append(text)
    return found


def inner_items(value: str) -> list[str]:
    """Return the items of a value that is a list, else its paragraphs."""
    if re.search(r"^\s*(?:[-*+]|\d{1,3}[.)])\s", value, re.MULTILINE):
        parts = re.split(r"\n(?=(?:[-*+]|\d{1,3}[.)])\s)", value.strip())
    else:
        parts = re.split(r"\n\s*\n", value.strip())
    return [part for part in parts if part.strip()]
