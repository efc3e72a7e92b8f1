"""What a counter of lines has in common with any other, whether written in C or Python: whole lines go in, counts out.

The stamp rule of a file as plain numbers and pictures lives here too, so that both counters follow the same one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from afteraction.evidence.logs.counts import UNREADABLE, UNSTAMPED, Counts
from afteraction.formats.stamps import Layout

STAMP = 48
"""Bytes kept from the start of a stamp, for its zone and fraction."""
PICTURES = 16


class LineCounter(Protocol):
    """Counts the lines of one stretch; `feed` as often as there is data, then `result`."""

    block: int
    """How many bytes to offer at a time."""

    def feed(self, data: bytes | memoryview, *, final: bool) -> int:
        """Count the whole lines at the beginning of `data`; return how many bytes they are.

        `final` says that no byte follows, so that the rest is a line too.
        """
        ...

    def skip(self, size: int) -> None:
        """Let `size` bytes more belong to the last line: what was cut off a giant one."""
        ...

    def result(self) -> Counts:
        """Return the counts of everything that was fed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StampRule:
    """Where a stamp may start (columns in bytes), what it looks like up to the minute, and how to read it."""

    layout: Layout
    lowest: int
    highest: int
    pictures: tuple[bytes, ...]
    pattern: re.Pattern[bytes]

    def minute(self, text: bytes) -> int:
        """Return the minute since 1970 of the stamp that `text` begins with."""
        at = self.layout.read(text.decode("latin-1"))
        return UNREADABLE if at is None else int(at.timestamp() // 60)

    def digits(self, text: bytes) -> int:
        """Return the minute since 1970 of an epoch number."""
        return int(text) // (self.layout.ticks * 60)


def stamp_rule(layout: Layout | None) -> StampRule | None:
    """Return the rule for a layout whose columns were learnt on latin-1 text, so that a character is a byte."""
    if layout is None:
        return None
    pictures = sorted({picture.encode("latin-1") for picture in layout.pictures}, key=lambda text: (-len(text), text))
    pictures = [picture for picture in pictures if len(picture) <= STAMP][:PICTURES]
    if not pictures:
        return None
    shapes = b"|".join(re.escape(picture).replace(b"0", b"[0-9]").replace(b"a", b"[A-Za-z]") for picture in pictures)
    behind = rb"(?![0-9])" if layout.ticks else b""
    return StampRule(
        layout=layout,
        lowest=layout.columns[0],
        highest=layout.columns[1],
        pictures=tuple(pictures),
        pattern=re.compile(
            rb"(?:(?<![A-Za-z0-9])|(?<=\x1b\[\dm)|(?<=\x1b\[\d\dm))(?:" + shapes + rb")" + behind, re.DOTALL
        ),
    )


__all__ = ["PICTURES", "STAMP", "UNSTAMPED", "LineCounter", "StampRule", "stamp_rule"]
