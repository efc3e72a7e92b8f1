"""From a log file to its counts in one pass: blocks are read, cut at line ends, and fed to the best line counter.

Memory stays flat whatever the file: blocks of 1 MB, bounded tables, giant lines cut at 64 KB (their bytes are skipped,
their number is kept). Nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from afteraction.evidence.logs import kernel
from afteraction.evidence.logs.counts import LIMITS, Counts, Limits
from afteraction.evidence.logs.fallback import Fallback
from afteraction.evidence.logs.kernel import Kernel
from afteraction.evidence.logs.masking import HEAD
from afteraction.evidence.logs.stretch import LineCounter, stamp_rule
from afteraction.formats.stamps import Layout
from afteraction.model.log import LogFile

GIANT = 65_536
"""A line longer than this is cut: its beginning is counted, the rest is skipped."""


def line_counter(layout: Layout | None, limits: Limits = LIMITS) -> LineCounter:
    """Return the C kernel where it was built, else the fallback."""
    rule = stamp_rule(layout)
    return Kernel(rule, limits) if kernel.library() is not None else Fallback(rule, limits)


def count(
    file: LogFile,
    layout: Layout | None,
    *,
    start: int = 0,
    stop: int | None = None,
    counter: Callable[[Layout | None], LineCounter] = line_counter,
) -> Counts:
    """Return the counts of the bytes `start` to `stop` of the file; both must be beginnings of lines.

    Lines and offsets in the result are counted from `start`.
    """
    lines = counter(layout)
    with file.open() as stream:
        if start:
            skip_to(stream, start)
        _feed_all(lines, _Source(stream, None if stop is None else stop - start))
    return lines.result()


def skip_to(stream: BinaryIO, offset: int) -> None:
    """Move a stream that was just opened to `offset`; reads through where it cannot seek."""
    if stream.seekable():
        stream.seek(offset)
        return
    while offset and (got := stream.read(min(offset, 1 << 20))):
        offset -= len(got)


class _Source:
    """A stream up to a number of bytes, read into a buffer that is used again and again: fresh ones cost page faults."""

    def __init__(self, stream: BinaryIO, size: int | None) -> None:
        self._stream, self._left = stream, size
        self._into: Callable[[memoryview], int | None] | None = getattr(stream, "readinto", None)

    def fill(self, room: memoryview) -> int:
        """Read into the room; return how many bytes came, 0 at the end."""
        if self._left is not None:
            room = room[: self._left]
        if not len(room):
            return 0
        if self._into is not None:
            got = self._into(room) or 0
        else:
            data = self._stream.read(len(room))
            got = len(data)
            room[:got] = data
        if self._left is not None:
            self._left -= got
        return got

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end."""
        room = memoryview(bytearray(size))
        return bytes(room[: self.fill(room)])


def _feed_all(lines: LineCounter, source: _Source) -> None:
    """Feed the source, carrying the incomplete last line over to the next block."""
    room = memoryview(bytearray(lines.block + GIANT + 1))
    held = 0
    while got := source.fill(room[held : held + lines.block]):
        held += got
        taken = lines.feed(room[:held], final=False)
        held -= taken
        room[:held] = room[taken : taken + held]
        if held > GIANT:
            rest = _finish_giant(lines, bytes(room[:held]), source)
            held = len(rest)
            room[:held] = rest
    if held:
        lines.feed(room[:held], final=True)


def _finish_giant(lines: LineCounter, carry: bytes, source: _Source) -> bytes:
    """Feed the beginning of a line that has grown beyond `GIANT`, skip its rest; return what stands behind it."""
    head, skipped = carry[:HEAD], 0
    while True:
        ends = [at for end in (b"\n", b"\r") if (at := carry.find(end)) >= 0]
        at = min(ends) if ends else len(carry)
        if at + 1 < len(carry):  # the byte behind the end says whether CR LF is one end
            length = 2 if carry[at : at + 2] == b"\r\n" else 1
            break
        data = source.read(GIANT)
        if not data:
            length = len(carry) - at
            break
        skipped += at
        carry = carry[at:] + data
    lines.feed(head + b"\n", final=True)
    lines.skip(skipped + at + length - len(head) - 1)
    return carry[at + length :]
