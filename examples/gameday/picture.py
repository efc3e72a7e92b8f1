"""A small picture of a dashboard, drawn from real points: the kind of file that people paste and no reader understands."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

WIDTH, HEIGHT = 320, 120


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def draw(points: Sequence[float]) -> bytes:
    """Return a PNG with a bar for every point, 0 at the bottom, the greatest at the top."""
    top = max([*points, 1.0])
    columns = [points[min(len(points) - 1, x * len(points) // WIDTH)] / top for x in range(WIDTH)]
    rows = [b"\0" + bytes(1 if (HEIGHT - y) <= share * (HEIGHT - 4) else 0 for share in columns) for y in range(HEIGHT)]
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    colours = bytes((24, 27, 31, 115, 191, 105))
    body = zlib.compress(b"".join(rows), 9)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + _chunk(b"IHDR", head) + _chunk(b"PLTE", colours) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
