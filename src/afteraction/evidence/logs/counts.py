"""The counting state of log lines as a mergeable value: per masked line and minute how many, where first, where last.

Counts of consecutive stretches of a file are merged in order into the counts of the whole, with the same result
however the file was cut. The state is bounded: beyond `Limits` minutes are widened and masked lines cut to fewer
words, both decided by what was seen and not by the order of merging.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from afteraction.evidence.logs.masking import cut_words

UNSTAMPED = -(2**31)
"""The minute of lines before the first stamp of the stretch (of all lines, in a file without stamps)."""
UNREADABLE = UNSTAMPED + 1
"""The minute of lines whose stamp looks like one but is no time."""
WORDS: tuple[int | None, ...] = (None, 24, 16, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
"""To how many words keys are cut, one step after the other, until they are few enough."""

CELL = np.dtype(
    [("key", "<i8"), ("minute", "<i8"), ("count", "<i8"), ("first", "<i8"), ("last", "<i8"), ("offset", "<i8")]
)
"""One cell: how often key number `key` stood in the `minute` (since 1970), on which lines (0-based) first and last,
and the byte offset of the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The size of the state: distinct masked lines, their bytes together, and minutes."""

    keys: int = 32_768
    key_bytes: int = 16 << 20
    minutes: int = 720


LIMITS = Limits()


def _no_cells() -> NDArray[np.void]:
    return np.empty(0, CELL)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """Counts of one stretch of a file.

    `keys` are the masked lines in order of first appearance, `exemplars` the first raw line of each (cut at 1,024
    bytes), `cells` an array of `CELL` sorted by key and minute. `width` is how many minutes a cell covers, `words`
    to how many words keys were cut (None: not), `last_minute` the minute that the next line without a stamp inherits.
    """

    lines: int = 0
    size: int = 0
    keys: tuple[bytes, ...] = ()
    exemplars: tuple[bytes, ...] = ()
    cells: NDArray[np.void] = field(default_factory=_no_cells)
    width: int = 1
    words: int | None = None
    last_minute: int = UNSTAMPED

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Counts):
            return NotImplemented
        return self._fields() == other._fields() and np.array_equal(self.cells, other.cells)

    def __hash__(self) -> int:
        return hash(self._fields())

    def _fields(self) -> tuple[object, ...]:
        return (self.lines, self.size, self.keys, self.exemplars, self.width, self.words, self.last_minute)

    def totals(self) -> NDArray[np.int64]:
        """Return how many lines each key has, in the order of `keys`."""
        return np.bincount(self.cells["key"], self.cells["count"], len(self.keys)).astype(np.int64)


def merge(before: Counts, after: Counts, limits: Limits = LIMITS) -> Counts:
    """Return the counts of two stretches of which `after` begins where `before` ends."""
    if not before.lines and not before.size:
        return bounded(after, limits)
    words = _fewer(before.words, after.words)
    before, after = cut(before, words), cut(after, words)
    width = max(before.width, after.width)
    numbers = {key: number for number, key in enumerate(before.keys)}
    keys, exemplars = list(before.keys), list(before.exemplars)
    for key, exemplar in zip(after.keys, after.exemplars, strict=True):
        if key not in numbers:
            numbers[key] = len(keys)
            keys.append(key)
            exemplars.append(exemplar)
    moved = after.cells.copy()
    if len(moved):
        moved["key"] = np.fromiter((numbers[key] for key in after.keys), np.int64, len(after.keys))[moved["key"]]
        moved["minute"][moved["minute"] == UNSTAMPED] = before.last_minute
        moved["first"] += before.lines
        moved["last"] += before.lines
        moved["offset"] += before.size
    merged = Counts(
        lines=before.lines + after.lines,
        size=before.size + after.size,
        keys=tuple(keys),
        exemplars=tuple(exemplars),
        cells=_together(np.concatenate((before.cells, moved)), width),
        width=width,
        words=words,
        last_minute=after.last_minute if after.last_minute != UNSTAMPED else before.last_minute,
    )
    return bounded(merged, limits)


def merge_all(parts: Iterable[Counts], limits: Limits = LIMITS) -> Counts:
    """Return the counts of consecutive stretches, given in order."""
    return reduce(lambda before, after: merge(before, after, limits), parts, Counts())


def bounded(counts: Counts, limits: Limits) -> Counts:
    """Return the counts, coarsened where they are beyond the limits."""
    width = counts.width
    minutes = np.unique(counts.cells["minute"])
    minutes = minutes[minutes > UNREADABLE]
    while len(minutes) > limits.minutes:
        width *= 2
        minutes = np.unique(minutes // width * width)
    if width != counts.width:
        counts = replace(counts, cells=_together(counts.cells, width), width=width)
    step = WORDS.index(counts.words)
    while step + 1 < len(WORDS) and (len(counts.keys) > limits.keys or sum(map(len, counts.keys)) > limits.key_bytes):
        step += 1
        counts = cut(counts, WORDS[step])
    return counts


def cut(counts: Counts, words: int | None) -> Counts:
    """Return the counts with keys cut to `words` words; keys that become equal are one."""
    if words == counts.words:
        return counts
    numbers: dict[bytes, int] = {}
    exemplars: list[bytes] = []
    moved: list[int] = []
    for key, exemplar in zip(counts.keys, counts.exemplars, strict=True):
        short = cut_words(key, words)
        if short not in numbers:
            numbers[short] = len(exemplars)
            exemplars.append(exemplar)
        moved.append(numbers[short])
    cells = counts.cells.copy()
    if len(cells):
        cells["key"] = np.array(moved, np.int64)[cells["key"]]
    return replace(
        counts, keys=tuple(numbers), exemplars=tuple(exemplars), words=words, cells=_together(cells, counts.width)
    )


def _fewer(one: int | None, other: int | None) -> int | None:
    return max((one, other), key=WORDS.index)


def _together(cells: NDArray[np.void], width: int) -> NDArray[np.void]:
    """Return the cells sorted, those of one key and (widened) minute made one."""
    if not len(cells):
        return cells
    minute = cells["minute"]
    if width > 1:
        minute = np.where(minute > UNREADABLE, minute // width * width, minute)
    order = np.lexsort((minute, cells["key"]))
    key, minute, cells = cells["key"][order], minute[order], cells[order]
    starts = np.flatnonzero(np.concatenate(([True], (key[1:] != key[:-1]) | (minute[1:] != minute[:-1]))))
    out = np.empty(len(starts), CELL)
    out["key"], out["minute"] = key[starts], minute[starts]
    out["count"] = np.add.reduceat(cells["count"], starts)
    out["first"] = np.minimum.reduceat(cells["first"], starts)
    out["last"] = np.maximum.reduceat(cells["last"], starts)
    out["offset"] = np.minimum.reduceat(cells["offset"], starts)
    return out


def from_cells(
    keys: list[bytes], exemplars: list[bytes], cells: NDArray[np.void], *, lines: int, size: int, last_minute: int,
    words: int | None,
) -> Counts:  # fmt: skip
    """Return counts from a counter's raw tables (cells in any order, several for one key and minute)."""
    return Counts(
        lines=lines,
        size=size,
        keys=tuple(keys),
        exemplars=tuple(exemplars),
        cells=_together(cells, 1),
        words=words,
        last_minute=last_minute,
    )
