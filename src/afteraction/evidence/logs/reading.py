"""Looking into a log without counting it: a sample for its layout, the lines around an offset, the way into a window.

Log files come in; lines with their numbers and offsets come out, in memory that does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import BinaryIO

from afteraction.evidence.logs.counting import skip_to
from afteraction.formats.stamps import Layout, detect
from afteraction.model.log import LogFile

_SAMPLE = 65_536
_BLOCK = 1 << 20
_CUT = 4096
"""Bytes of a line that are kept when it is shown or judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a file: 0-based number, byte offset, text without its end (cut at 4,096 bytes).

    `overwritten` says that a bare CR ends it: a terminal shows the next line in its place (progress of a download).
    """

    number: int
    offset: int
    raw: bytes
    overwritten: bool = False

    @property
    def text(self) -> str:
        """The line as text; bytes that are no UTF-8 show as replacement signs."""
        return self.raw.decode("utf-8", "replace")


def layout_of(file: LogFile) -> Layout | None:
    """Learn how the file writes its time: from its beginning, and where it can seek from its middle and end too."""
    with file.open() as stream:
        parts = [stream.read(_SAMPLE)]
        size = stream.seek(0, 2) if stream.seekable() else 0
        if size > _SAMPLE:
            for at in (size // 2, size - _SAMPLE):
                stream.seek(at)
                parts.append(stream.read(_SAMPLE))
    lines: list[str] = []
    for number, part in enumerate(parts):
        rows = part.decode("latin-1").splitlines()
        lines += rows[1 if number else 0 :][:100]
    # The last lines tell whether the year turned, which the first ones cannot.
    lines += rows[max(100, len(rows) - 20) :]
    return detect(lines, year_hint=file.year_hint, zone=file.zone)


def lines_from(stream: BinaryIO, *, number: int, offset: int) -> Iterator[Line]:
    """Yield the lines of a stream that stands at the beginning of line `number` at `offset`; giant lines are cut."""
    carry, cut = b"", 0
    while data := stream.read(_BLOCK):
        rows = (carry + data).splitlines(keepends=True)
        carry = b"" if rows[-1].endswith(b"\n") else rows.pop()
        for row in rows:
            yield _line(number, offset, row)
            number += 1
            offset += len(row) + cut
            cut = 0
        if len(carry) > _BLOCK and not carry.endswith(b"\r"):  # the middle of a giant line is not needed
            cut += len(carry) - _CUT
            carry = carry[:_CUT]
    if carry:
        yield _line(number, offset, carry)


def _line(number: int, offset: int, row: bytes) -> Line:
    text = row[:-2] if row.endswith(b"\r\n") else row[:-1] if row.endswith((b"\n", b"\r")) else row
    return Line(number=number, offset=offset, raw=text[:_CUT], overwritten=row.endswith(b"\r"))


def read_regions(file: LogFile, regions: Sequence[tuple[int, int, int]]) -> list[list[Line]]:
    """Return the lines of each region, given as number and offset of its first line and its size in bytes.

    Regions are in order of offset. One pass; a stream that cannot seek is read through.
    """
    out: list[list[Line]] = []
    with file.open() as stream:
        at = 0
        for number, offset, size in regions:
            if not stream.seekable() and offset < at:
                raise ValueError("regions of a stream must not overlap")
            skip_to(stream, offset - (0 if stream.seekable() else at))
            data = stream.read(size)
            at = offset + len(data)
            rows = data.splitlines(keepends=True)
            if len(data) == size and len(rows) > 1:
                rows.pop()  # cut off in its middle
            places = accumulate(map(len, rows), initial=offset)
            out.append(
                [
                    _line(number + index, place, row)
                    for index, (row, place) in enumerate(zip(rows, places, strict=False))
                ]
            )
    return out


def lines_before(file: LogFile, offset: int) -> int:
    """Return how many lines end before `offset`, which is the beginning of a line."""
    lines = at = 0
    before = b""
    with file.open() as stream:
        while at < offset and (data := stream.read(min(_BLOCK, offset - at))):
            at += len(data)
            lines += data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
            lines -= before == b"\r" and data[:1] == b"\n"
            before = data[-1:]
    return lines


def find_time(file: LogFile, layout: Layout, moment: datetime) -> int:
    """Return the offset of the first line at or after `moment` in a file whose stamps never fall, by bisection.

    Needs a stream that can seek. About 20 short reads, whatever the size.
    """
    with file.open() as stream:
        low, high = 0, stream.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            start, at, end = _stamped_line(stream, layout, middle, high)
            if at is None or at >= moment:
                high = middle
            else:
                low = end if end > middle else start + 1
        return _line_start(stream, low)


def _stamped_line(stream: BinaryIO, layout: Layout, offset: int, limit: int) -> tuple[int, datetime | None, int]:
    """Return the first stamped line that begins at or after `offset`: its offset, its time, the offset behind it."""
    at = _line_start(stream, offset)
    stream.seek(at)
    while at < limit and (row := stream.readline(1 << 16)):
        if found := layout.parse(row[:_CUT].decode("latin-1")):
            return at, found[0], at + len(row)
        at += len(row)
    return at, None, at


def _line_start(stream: BinaryIO, offset: int) -> int:
    """Return the beginning of the first line that begins at or after `offset`."""
    if offset == 0:
        return 0
    stream.seek(offset - 1)
    return offset - 1 + len(stream.readline())
