"""What happened when, told in running sentences (`At 08:58 I updated the filter, and the traffic moved at 09:01`).

The lines of a page come in; out go rows of a timeline for the paragraphs that tell several times of day, a row for each
part of a sentence that has a time of its own, and the lines that these paragraphs fill. A sentence without a time goes on
with the row before it. Lists, tables, quotations and paragraphs of which each line begins with a time are not read here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from afteraction.formats.markdown_lines import Line, plain
from afteraction.formats.prose_times import WrittenClock, clocks_in
from afteraction.formats.written_rows import WrittenRow

_TOLD_AT = re.compile(
    r"(?:^|(?<=[\s(]))(?:[Aa]t|[Bb]y|[Aa]round|[Aa]bout|[Ff]rom|[Ss]ince|[Uu]ntil)\s(?:(?:about|around|exactly|precisely|approximately|~)\s?)?(?=~?\d{1,2}:\d\d)"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"(]?[A-Z0-9])")
_JOINT = re.compile(r"[,;]\s(?:(?:and|but|then|so)\s)?|\s(?:and|but|then)\s")
_LEAST_TOLD = 2
_LONGEST = 8000
"""Characters of a paragraph; a longer one is a dump."""


def narrated(lines: Sequence[Line]) -> tuple[list[WrittenRow], frozenset[int]]:
    """Return the rows that running text tells, and the numbers of the lines of these paragraphs."""
    rows: list[WrittenRow] = []
    taken: set[int] = set()
    for run in _paragraphs(lines):
        found = _rows(run)
        if len(found) >= _LEAST_TOLD:
            rows += found
            taken |= {line.number for line in run}
    return rows, frozenset(taken)


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    runs: list[list[Line]] = [[]]
    for line in lines:
        aside = line.code or line.quote or line.front or line.heading or line.bullet or "|" in line.text
        if aside or not line.body.strip() or line.indent > 3:
            runs.append([])
        else:
            runs[-1].append(line)
    return [run for run in runs if run and not _is_list(run)]


def _is_list(run: list[Line]) -> bool:
    """Whether a paragraph's lines are rows already: more than one begins with a bare time of day."""
    stamped = sum(bool(re.match(r"[\W_]*\d{1,2}[:.]\d\d", line.body)) for line in run)
    return stamped > 1 or stamped == len(run)


def _rows(run: list[Line]) -> list[WrittenRow]:
    text = ""
    starts: list[tuple[int, int]] = []
    for line in run:
        starts.append((len(text), line.number))
        text += plain(line.body) + " "
    if len(text) > _LONGEST or len(_TOLD_AT.findall(text)) < _LEAST_TOLD:
        return []
    rows: list[WrittenRow] = []
    at = 0
    for sentence in _SENTENCE.split(text.strip()):
        start = text.index(sentence, at)
        at = start + len(sentence)
        for part, clock in _parts(sentence):
            first = _line_at(starts, text.index(part, start))
            if clock is not None:
                rows.append(_row(part, clock, first, _line_at(starts, at - 1)))
            elif rows:
                last = rows.pop()
                rows.append(WrittenRow(
                    line=last.line, line_end=_line_at(starts, at - 1), text=f"{last.text} {part}", clock=last.clock, date=None,
                    zone=last.zone, told=True,
                ))  # fmt: skip
    return rows


def _parts(sentence: str) -> list[tuple[str, WrittenClock | None]]:
    """Return the parts of a sentence that have a time each; one without any is a single part."""
    told = [
        found
        for found in _TOLD_AT.finditer(sentence)
        if not re.search(r"\b(?:from|until|since)\s$", found[0], re.IGNORECASE)
    ]
    if not told:
        return [(sentence, None)]
    cuts = [0]
    for before, after in pairwise(told):
        between = sentence[before.end() : after.start()]
        joints = list(_JOINT.finditer(between))
        if joints:
            cuts.append(before.end() + joints[-1].end())
    cuts.append(len(sentence))
    parts: list[tuple[str, WrittenClock | None]] = []
    for start, end in pairwise(cuts):
        part = sentence[start:end].strip()
        found = _TOLD_AT.search(part)
        clock = next(iter(clocks_in(part[found.end() :])), None) if found else None
        parts.append((part, clock))
    return parts


def _row(part: str, clock: WrittenClock, first: int, last: int) -> WrittenRow:
    """Return a part as a row, its text without the time where that opens it."""
    found = _TOLD_AT.search(part)
    text = part
    if found and found.start() == 0:
        text = part[found.end() + clock.end :].lstrip(" ,")
    elif found:
        text = f"{part[: found.start()].rstrip()} {part[found.end() + clock.end :].lstrip()}"
    text = re.sub(r"[\s,;]+(?:and|but|then)$", "", re.sub(r"\s+([.,;])", r"\1", text)).strip(" ,;")
    return WrittenRow(
        line=first, line_end=max(first, last), text=text, clock=clock, date=None, zone=clock.zone, told=True
    )


def _line_at(starts: Sequence[tuple[int, int]], offset: int) -> int:
    return next(number for start, number in reversed(starts) if start <= offset)
