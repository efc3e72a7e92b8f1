"""How a spool of the flight recorder is laid out: what both its writer and its reader know.

The bytes of a spool file come in, its frames go out, with a gap for each stretch that is torn. Only the standard library is
imported here, and little of it, for this module is loaded before every recorded server.

A file begins with `HEAD`, then frames: `FRAME` (mark, unix time in ns, direction, flags, length) and as many bytes.
"""

from __future__ import annotations

import struct
from collections import namedtuple
from collections.abc import Iterator

HEAD = b"AFTERACTION SPOOL 1\n"
FRAME = struct.Struct("<2sQBBI")
MARK = b"\xa7F"

TO_SERVER, TO_CLIENT, NOTE = 0, 1, 2
"""Directions: from the client to the server, back, and a note of the recorder itself (JSON)."""
EXCHANGE = 4
"""Added to a direction over HTTP: the frame then begins with the number of the exchange (`EXCHANGE_NUMBER`) and its part."""
EXCHANGE_NUMBER = struct.Struct("<I1s")
"""The exchange, counted from 1, and `H` for its start line and some headers, `B` for a message in its body."""

DIRECTIONS = frozenset({TO_SERVER, TO_CLIENT, NOTE, TO_SERVER + EXCHANGE, TO_CLIENT + EXCHANGE})

WHOLE, CUT, PARTIAL = 0, 1, 2
"""Flags: a whole message; one whose middle was left out; one that was cut off by the end of the stream."""

Frame = namedtuple("Frame", ("at_ns", "direction", "flags", "data"))  # noqa: PYI024  (typing is not loaded here)
"""A message that passed: `at_ns` unix time in nanoseconds, `direction`, `flags`, and its bytes without line end."""


def frames(data: bytes) -> Iterator[Frame]:
    """Decode a spool's bytes; a torn stretch is skipped to the next frame, for a recorder may be killed at any byte."""
    return (frame for frame, _, _ in stretches(data) if frame is not None)


def stretches(data: bytes) -> Iterator[tuple[Frame | None, int, int]]:
    """Yield every frame with its first byte and the byte behind it; None stands for a stretch that is no frame."""
    done = len(HEAD) if data.startswith(HEAD) else 0
    position = done
    while (position := data.find(MARK, position)) >= 0 and position + FRAME.size <= len(data):
        _, at, direction, flags, length = FRAME.unpack_from(data, position)
        end = position + FRAME.size + length
        if (
            direction not in DIRECTIONS
            or flags > PARTIAL
            or end > len(data)
            or not MARK.startswith(data[end : end + 2])
        ):
            position += len(MARK)
            continue
        if position > done:
            yield None, done, position
        yield Frame(at, direction, flags, data[position + FRAME.size : end]), position, end
        position = done = end
    if done < len(data):
        yield None, done, len(data)


def is_spool(head: bytes) -> bool:
    """Whether a file that begins so is a spool; one whose beginning is torn is known by its frames."""
    if head.startswith(HEAD):
        return True
    return MARK in head and b"\0" in head and any(frame is not None for frame, _, _ in stretches(head))
