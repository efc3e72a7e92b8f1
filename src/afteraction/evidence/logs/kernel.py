"""The C kernel as a line counter: found beside this module when it was built, loaded with ctypes, refused otherwise.

A plain shared object and ctypes rather than an extension module: it needs a compiler but no Python headers, one file
serves every Python version, and ctypes lets other threads run while it counts.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from afteraction.evidence.logs.counts import CELL, LIMITS, UNSTAMPED, Counts, Limits, from_cells, merge
from afteraction.evidence.logs.stretch import StampRule

_KEY = np.dtype(
    [("hash", "<u8"), ("text", "<u4"), ("length", "<u4"), ("raw", "<u4"), ("raw_length", "<u4"), ("slot", "<u4"), ("cell", "<u4")]
)  # fmt: skip
_CELL = np.dtype(
    [("key", "<u4"), ("slot", "<u4"), ("count", "<i8"), ("first", "<i8"), ("last", "<i8"), ("offset", "<i8")]
)
_SLOT = np.dtype([("hash", "<u8"), ("minute", "<i8"), ("length", "<u4"), ("text", "S48"), ("pad", "<u4")])
_PATH = Path(__file__).with_name("_kernel.so")
_KEYS, _CELLS, _SLOTS, _ARENA = 1 << 15, 1 << 18, 1 << 13, 1 << 24


@cache
def library() -> ctypes.CDLL | None:
    """Return the loaded kernel, or None when it was not built or `AFTERACTION_KERNEL=off` forbids it."""
    if os.environ.get("AFTERACTION_KERNEL") == "off":
        return None
    try:
        found = ctypes.CDLL(str(_PATH))
    except OSError:
        return None
    pointer, number, small = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32
    for name, result, arguments in (
        ("new", pointer, [ctypes.c_uint32] * 4),
        ("free", None, [pointer]),
        ("reset", None, [pointer]),
        ("layout", None, [pointer, small, small, number, ctypes.c_char_p, small]),
        ("words", None, [pointer, small]),
        ("feed", number, [pointer, pointer, number, number, number, small]),
        ("lines", number, [pointer]),
        ("slot", ctypes.c_uint32, [pointer]),
        ("full", small, [pointer]),
        ("table", pointer, [pointer, small, ctypes.POINTER(number)]),
    ):
        function = getattr(found, f"kernel_{name}")
        function.restype, function.argtypes = result, arguments
    return found


class Kernel:
    """Counts lines in C; see `LineCounter`."""

    block = 1 << 18

    def __init__(
        self, rule: StampRule | None, limits: Limits = LIMITS, tables: tuple[int, int, int, int] | None = None
    ) -> None:
        found = library()
        if found is None:
            raise RuntimeError("the C kernel was not built")
        self._lib, self._rule, self._limits = found, rule, limits
        self._handle = found.kernel_new(*(tables or (_KEYS, _CELLS, _SLOTS, _ARENA)))
        if not self._handle:
            raise MemoryError("no memory for the tables of the log kernel")
        if rule is not None:
            pictures = b"".join(bytes([len(picture)]) + picture for picture in rule.pictures)
            found.kernel_layout(
                self._handle, rule.lowest, rule.highest, rule.layout.ticks, pictures, len(rule.pictures)
            )
        self._so_far = Counts()
        self._lines = self._size = 0
        self._minutes: dict[bytes, int] = {}

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self._lib.kernel_free(self._handle)

    def feed(self, data: bytes | memoryview, *, final: bool) -> int:
        """Count the whole lines at the beginning of `data`; return how many bytes they are."""
        if isinstance(data, memoryview):
            where = ctypes.addressof(ctypes.c_char.from_buffer(data)) if len(data) else 0
        else:
            where = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        done = 0
        while True:
            left = len(data) - done
            taken = self._lib.kernel_feed(self._handle, where + done, left, self._size, self._lines, int(final))
            lines = self._lib.kernel_lines(self._handle)
            done += int(taken)
            self._size += taken
            self._lines += lines
            if not self._lib.kernel_full(self._handle):
                return done
            self._drain()

    def skip(self, size: int) -> None:
        """Let `size` bytes more belong to the last line."""
        self._size += size

    def result(self) -> Counts:
        """Return the counts of everything that was fed."""
        self._drain()
        return self._so_far

    def _table(self, which: int, kind: np.dtype[np.void]) -> NDArray[np.void]:
        used = ctypes.c_int64()
        where = self._lib.kernel_table(self._handle, which, ctypes.byref(used))
        return np.frombuffer(ctypes.string_at(where, used.value * kind.itemsize), kind)

    def _drain(self) -> None:
        """Add the tables to the counts so far and empty them."""
        used = ctypes.c_int64()
        arena = ctypes.string_at(self._lib.kernel_table(self._handle, 3, ctypes.byref(used)), used.value)
        keys, cells = self._table(0, _KEY), self._table(1, _CELL)
        minutes = self._slot_minutes()
        out = np.empty(len(cells), CELL)
        for name in ("key", "count"):
            out[name] = cells[name]
        out["minute"] = minutes[cells["slot"]]
        out["first"] = cells["first"] - self._so_far.lines
        out["last"] = cells["last"] - self._so_far.lines
        out["offset"] = cells["offset"] - self._so_far.size
        texts = [(int(k["text"]), int(k["length"]), int(k["raw"]), int(k["raw_length"])) for k in keys]
        part = from_cells(
            [arena[text : text + length] for text, length, _, _ in texts],
            [arena[raw : raw + length] for _, _, raw, length in texts],
            out,
            lines=self._lines - self._so_far.lines,
            size=self._size - self._so_far.size,
            last_minute=int(minutes[self._lib.kernel_slot(self._handle)]),
            words=self._so_far.words,
        )
        words = self._so_far.words
        self._so_far = merge(self._so_far, part, self._limits)
        if self._so_far.words != words:
            kept = self._so_far.words
            self._lib.kernel_words(self._handle, -1 if kept is None else kept)
        self._lib.kernel_reset(self._handle)

    def _slot_minutes(self) -> NDArray[np.int64]:
        """Return the minute of each slot; a text is read once, however often the tables are emptied."""
        slots = self._table(2, _SLOT)
        minutes = np.full(len(slots), UNSTAMPED, np.int64)
        if self._rule is None:
            return minutes
        if self._rule.layout.ticks:
            minutes[1:] = slots["minute"][1:]
            return minutes
        for number in range(1, len(slots)):
            text = bytes(slots["text"][number])[: int(slots["length"][number])]
            found = self._rule.pattern.match(text)
            key = found[0] if found else text
            if key not in self._minutes:
                self._minutes[key] = self._rule.minute(text)
            minutes[number] = self._minutes[key]
        return minutes
