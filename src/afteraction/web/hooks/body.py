"""The body of a request: its bytes up to a limit, and what is packed in them up to a limit of size and ratio."""

from __future__ import annotations

import zlib
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from afteraction.web.problems import Refused

LARGEST = 4 * 1024 * 1024
"""Bytes of a body as it is sent; what vendors send is below 1 MiB."""
LARGEST_UNPACKED = 16 * 1024 * 1024
RATIO = 100
"""How many times more may be packed in a body than it has bytes; text packs ten times to twenty times."""
_SMALL = 64 * 1024
"""What is so small unpacked may have any ratio."""


async def sent_body(request: Request) -> bytes:
    """Return the bytes of a body. Raises Refused with 413 for one that is too large, as soon as that is known."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and (len(told) > 12 or int(told) > LARGEST):
        raise Refused(413, f"more than {LARGEST} bytes are not taken")
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > LARGEST:
                raise Refused(413, f"more than {LARGEST} bytes are not taken")
    except ClientDisconnect as error:
        raise Refused(400, "the body broke off") from error
    return bytes(content)


SentBody = Annotated[bytes, Depends(sent_body)]


def unpacked(body: bytes, encoding: str) -> tuple[bytes, str]:
    """Return what was packed into a body, and what is wrong with it.

    Raises:
        Refused: with 415 for a packing that is not known, with 413 for more than is taken.
    """
    kind = encoding.strip().lower()
    if kind in {"", "identity"}:
        return body, ""
    if kind not in {"gzip", "x-gzip", "deflate"}:
        raise Refused(415, f"a body may be packed as gzip or deflate, not as {encoding[:40]!r}", {"Accept-Encoding": "gzip, deflate"})  # fmt: skip
    most = min(LARGEST_UNPACKED, max(_SMALL, RATIO * len(body)))
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        found = unpacker.decompress(body, most)
    except zlib.error:
        return body, f"it says that it is packed as {kind}, and is not"
    if unpacker.unconsumed_tail:
        raise Refused(413, f"unpacked it is more than {most} bytes")
    return found, "" if unpacker.eof else "what is packed in it breaks off"
