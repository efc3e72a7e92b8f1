"""From a log file to its counts in one pass: blocks are read, cut at line ends, and fed to the best line counter.

Memory stays flat whatever the file: blocks of 1 MB, bounded tables, giant lines cut at 64 KB (their bytes are skipped,
their number is kept). Nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
        _feed_all(lines, _blocks(stream, lines.block, None if stop is None else stop - start))
    return lines.result()


def skip_to(stream: BinaryIO, offset: int) -> None:
    """Move a stream that was just opened to `offset`; reads through where it cannot seek."""
    if stream.seekable():
        stream.seek(offset)
        return
    while offset and (got := stream.read(min(offset, 1 << 20))):
        offset -= len(got)


def _blocks(stream: BinaryIO, block: int, size: int | None) -> Iterator[bytes]:
    left = size
    while left is None or left > 0:
        data = stream.read(block if left is None else min(block, left))
        if not data:
            return
        if left is not None:
            left -= len(data)
        yield data


def _feed_all(lines: LineCounter, blocks: Iterator[bytes]) -> None:
    """Feed the blocks, carrying the incomplete last line over to the next one."""
    carry = b""
    for data in blocks:
        offered = carry + data if carry else data
        carry = offered[lines.feed(offered, final=False) :]
        if len(carry) > GIANT:
            carry = _finish_giant(lines, carry, blocks)
    if carry:
        lines.feed(carry, final=True)


def _finish_giant(lines: LineCounter, carry: bytes, blocks: Iterator[bytes]) -> bytes:
    """Feed the beginning of a line that has grown beyond `GIANT`, skip its rest; return what stands behind it."""
    head, skipped = carry[:HEAD], 0
    while True:
        ends = [at for end in (b"\n", b"\r") if (at := carry.find(end)) >= 0]
        at = min(ends) if ends else len(carry)
        if at + 1 < len(carry):  # the byte behind the end says whether CR LF is one end
            length = 2 if carry[at : at + 2] == b"\r\n" else 1
            break
        data = next(blocks, b"")
        if not data:
            length = len(carry) - at
            break
        skipped += at
        carry = carry[at:] + data
    lines.feed(head + b"\n", final=True)
    lines.skip(skipped + at + length - len(head) - 1)
    return carry[at + length :]
