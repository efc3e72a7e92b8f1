"""The lines of a text as bytes: how many there are, counted the way editors and citations count them."""

from __future__ import annotations

from afteraction.model.reading import RawInput

_BLOCK = 4 * 1024 * 1024


def measure(raw: RawInput) -> tuple[int, int]:
    """Return the number of lines of `raw` (a last line without an end counts) and of its unfolded bytes."""
    lines = size = 0
    last = b""
    with raw.open() as stream:
        while block := stream.read(_BLOCK):
            lines += block.count(b"\n")
            size += len(block)
            last = block[-1:]
    return lines + (last not in {b"", b"\n"}), size
