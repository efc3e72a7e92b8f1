"""The line counter without a compiler: the same keys, counts and offsets as the C kernel, from Python and numpy.

Two ways to the mask of a block, chosen by what the lines are like. Friendly lines differ in digits only: with all
digits made equal by `bytes.translate` few distinct lines are left, and only these are masked. Lines full of fresh hex
ids stay distinct so; these are masked all at once in numpy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, groupby

import numpy as np

from afteraction.evidence.logs.counts import CELL, LIMITS, UNSTAMPED, Counts, Limits, from_cells, merge
from afteraction.evidence.logs.masking import (
    EXEMPLAR,
    HEAD,
    cut_words,
    holds_status,
    mask_line,
    mask_lines,
    same_digits,
)
from afteraction.evidence.logs.stretch import STAMP, StampRule

_FRESH = 0.25
"""The share of lines that may be new after `translate`; beyond, numpy is faster."""
_LEARN = 6
"""How many blocks may be full of new lines before that is held against the log."""
_PATIENCE = 24
"""How many blocks to stay with numpy before `translate` is tried again."""
_MEMO = 50_000
_DRAIN = 100_000
"""How many cells to hold before they become counts."""

_Cell = list[int]


class Fallback:
    """Counts lines in Python; see `LineCounter`."""

    block = 1 << 20

    def __init__(self, rule: StampRule | None, limits: Limits = LIMITS, drain: int = _DRAIN) -> None:
        self._rule, self._limits, self._drain_at = rule, limits, drain
        self._so_far = Counts()
        self._lines = self._size = 0
        self._minute = UNSTAMPED
        self._cells: dict[bytes, dict[int, _Cell]] = {}
        self._exemplars: dict[bytes, bytes] = {}
        self._held = 0
        self._masks: dict[bytes, bytes] = {}
        self._statuses: set[bytes] = set()
        self._numpy_blocks = self._bad_blocks = 0
        self._minutes: dict[bytes, int] = {}

    def feed(self, data: bytes | memoryview, *, final: bool) -> int:
        """Count the whole lines at the beginning of `data`; return how many bytes they are."""
        data = bytes(data)
        taken = len(data)
        if not final:
            taken = max(data.rfind(b"\n"), data.rfind(b"\r", 0, max(0, taken - 1))) + 1
        if not taken:
            return 0
        block = data if taken == len(data) else data[:taken]
        if b"\r" in block:
            lengths = [len(line) - 1 for line in block.splitlines(keepends=True)]
            lines = block.splitlines()
            block = b"\n".join(lines)
        else:
            lines = block.split(b"\n")
            if not lines[-1]:
                lines.pop()
            lengths = list(map(len, lines))
        if max(lengths) >= HEAD:
            lines = [line[:HEAD] for line in lines]
            block = b"\n".join(lines)
        offsets = list(accumulate(lengths, initial=self._size))  # less one byte for the end of each line before
        self._count(lines, offsets, block)
        self._lines += len(lines)
        self._size += taken
        if self._held > self._drain_at:
            self._drain()
        return taken

    def skip(self, size: int) -> None:
        """Let `size` bytes more belong to the last line."""
        self._size += size

    def result(self) -> Counts:
        """Return the counts of everything that was fed."""
        self._drain()
        return self._so_far

    def _count(self, lines: list[bytes], offsets: list[int], joined: bytes) -> None:
        keys = self._mask(lines, joined)
        minutes = self._stamps(lines)
        if minutes is None:
            self._tally(self._minute, keys, 0, lines, offsets)
            return
        self._minute = minutes[-1]
        runs = [(minute, len(list(run))) for minute, run in groupby(minutes)]
        if len(runs) * 50 < len(lines) or len(runs) == 1:
            start = 0
            for minute, length in runs:
                self._tally(minute, keys[start : start + length], start, lines, offsets)
                start += length
            return
        for number, (minute, key) in enumerate(zip(minutes, keys, strict=True)):
            self._add(
                key, minute, [1, self._lines + number, self._lines + number, offsets[number] + number], lines[number]
            )

    def _tally(self, minute: int, keys: Sequence[bytes], start: int, lines: list[bytes], offsets: list[int]) -> None:
        """Count one run of lines of the same minute; the runs of C inside `Counter` and `dict` do the work."""
        end = start + len(keys)
        first = dict(zip(reversed(keys), range(end - 1, start - 1, -1), strict=True))
        last = dict(zip(keys, range(start, end), strict=True))
        for key, count in Counter(keys).items():
            at = first[key]
            self._add(key, minute, [count, self._lines + at, self._lines + last[key], offsets[at] + at], lines[at])

    def _add(self, key: bytes, minute: int, cell: _Cell, line: bytes) -> None:
        key = self._masks.get(key) or key
        of_key = self._cells.get(key)
        if of_key is None:
            words = self._so_far.words
            if words is not None:
                key = cut_words(key, words)
            of_key = self._cells.setdefault(key, {})
            if not of_key:
                self._exemplars[key] = line[:EXEMPLAR]
        held = of_key.get(minute)
        if held is None:
            of_key[minute] = cell
            self._held += 1
            return
        held[0] += cell[0]
        held[2] = max(held[2], cell[2])
        if cell[1] < held[1]:
            held[1], held[3] = cell[1], cell[3]

    def _mask(self, lines: list[bytes], joined: bytes) -> list[bytes]:
        """Return for each line its masked form, or a form that `_masks` gives the mask of.

        `joined` are the lines with LF between them, and perhaps one behind the last.
        """
        self._numpy_blocks -= 1
        if self._numpy_blocks > 0:
            return mask_lines(lines)
        same = same_digits(joined).split(b"\n")[: len(lines)]
        if len(self._masks) > _MEMO:
            self._masks.clear()
        masks, statuses = self._masks, self._statuses
        fresh = set(same).difference(masks, statuses)
        if len(fresh) > max(50, _FRESH * len(lines)):
            self._bad_blocks += 1
            self._numpy_blocks = _PATIENCE if self._bad_blocks > _LEARN else 0
            return mask_lines(lines)
        for line in fresh:
            if holds_status(line):
                statuses.add(line)
            else:
                masks[line] = mask_line(line)
        if statuses and not statuses.isdisjoint(same):
            where = [number for number, line in enumerate(same) if line in statuses]
            for number, masked in zip(where, mask_lines([lines[number] for number in where]), strict=True):
                same[number] = masked
        return same

    def _stamps(self, lines: list[bytes]) -> list[int] | None:
        """Return the minute of each line, None when no line of the file carries a stamp."""
        rule = self._rule
        if rule is None:
            return None
        # a text that holds the stamp up to the minute; lines that share it share the minute
        if rule.lowest == rule.highest:
            start, end = max(0, rule.lowest - 1), rule.lowest + len(rule.pictures[0]) + 1
            texts: Sequence[bytes | None] = [line[start:end] for line in lines]
        else:
            end = rule.highest + len(rule.pictures[0]) + 1
            search, lowest, highest = rule.pattern.search, rule.lowest, rule.highest
            found = [search(line, lowest, end) for line in lines]
            texts = [match[0] if match and match.start() <= highest else None for match in found]
        first = dict(zip(reversed(texts), reversed(lines), strict=True))
        minutes = {text: None if text is None else self._read(line) for text, line in first.items()}
        return self._inherit([minutes[text] for text in texts])

    def _inherit(self, found: list[int | None]) -> list[int]:
        """Give lines without a stamp the minute of the line before."""
        if None not in found:
            return [minute for minute in found if minute is not None]
        current, out = self._minute, []
        for minute in found:
            current = current if minute is None else minute
            out.append(current)
        return out

    def _read(self, line: bytes) -> int | None:
        """Return the minute of the line's stamp, None for a line without one."""
        rule = self._rule
        assert rule is not None
        if rule.lowest == rule.highest:
            match = rule.pattern.match(line, rule.lowest)
        else:
            match = rule.pattern.search(line, rule.lowest)
        if match is None or match.start() > rule.highest:
            return None
        if rule.layout.ticks:
            return rule.digits(match[0])
        if match[0] not in self._minutes:
            self._minutes[match[0]] = rule.minute(line[match.start() : match.start() + STAMP])
        return self._minutes[match[0]]

    def _drain(self) -> None:
        """Add what is held to the counts so far."""
        keys = sorted(self._cells, key=lambda key: min(cell[1] for cell in self._cells[key].values()))
        rows = [
            (number, minute, count, first - self._so_far.lines, last - self._so_far.lines, offset - self._so_far.size)
            for number, key in enumerate(keys)
            for minute, (count, first, last, offset) in self._cells[key].items()
        ]
        part = from_cells(
            keys,
            [self._exemplars[key] for key in keys],
            np.array(rows, CELL) if rows else np.empty(0, CELL),
            lines=self._lines - self._so_far.lines,
            size=self._size - self._so_far.size,
            last_minute=self._minute,
            words=self._so_far.words,
        )
        self._so_far = merge(self._so_far, part, self._limits)
        self._cells, self._exemplars, self._held = {}, {}, 0
