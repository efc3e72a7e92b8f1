"""Finds where HTTP/1.1 messages begin and end in a stream of bytes, so that each head and body can be told apart.

Bytes of one direction of one connection come in as they arrive; parts go out: a head when it is whole, stretches of a
body, the end of a message. It follows RFC 9112, section 6: `Transfer-Encoding: chunked`, `Content-Length`, no body, or
a body up to the end of the connection. What is no HTTP/1.1 goes out as it is and ends nothing. Nothing is decoded
beyond the framing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

LONGEST_HEAD = 256 * 1024
"""A head longer than this is taken for something else than HTTP."""
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
_HEADER = re.compile(rb"^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$")


class Part(Enum):
    """What a piece of the stream is."""

    HEAD = "head"
    BODY = "body"
    FRAMING = "framing"
    """Sizes of chunks, line ends between them and trailers: bytes that are forwarded, but are no content."""
    END = "end"
    RAW = "raw"
    """Bytes outside of any HTTP message."""


class _State(Enum):
    HEAD = "head"
    FIXED = "fixed"
    SIZE = "size"
    CHUNK = "chunk"
    CHUNK_END = "chunk end"
    TRAILERS = "trailers"
    TO_THE_END = "to the end"
    RAW = "raw"


class Head:
    """The start line and the headers of a message, names in lower case; a repeated header keeps its last value."""

    __slots__ = ("headers", "start")

    def __init__(self, start: str, headers: dict[str, str]) -> None:
        self.start = start
        self.headers = headers

    @property
    def status(self) -> int:
        """The status code of a response, 0 for a request."""
        words = self.start.split(" ", 2)
        return int(words[1]) if words[0].startswith("HTTP/") and len(words) > 1 and words[1].isdigit() else 0


def read_head(data: bytes) -> Head:
    """Read a head that ends with an empty line."""
    first, *rest = data.replace(b"\r\n", b"\n").strip(b"\n").split(b"\n")
    found = (_HEADER.match(line) for line in rest)
    headers = {m[1].decode("latin-1").lower(): m[2].decode("latin-1") for m in found if m}
    return Head(first.decode("latin-1"), headers)


class Framing:
    """Splits one direction of one connection. `requests` says which; a response without a length ends with the stream."""

    __slots__ = ("_buffer", "_left", "_state", "requests")

    def __init__(self, *, requests: bool) -> None:
        self.requests = requests
        self._state = _State.HEAD
        self._buffer = bytearray()
        self._left = 0

    def feed(self, data: bytes) -> Iterator[tuple[Part, bytes]]:
        """Yield the parts that `data` completes; all bytes that come in go out, in order, an unfinished head later."""
        self._buffer += data
        while self._buffer or self._state is _State.FIXED:
            found = self._step()
            if found is None:
                return
            yield found

    def close(self) -> Iterator[tuple[Part, bytes]]:
        """Yield what is left when the stream ends; a body that lasts to the end of the stream ends here."""
        if self._buffer:
            yield Part.RAW, self._take(len(self._buffer))
        if self._state is _State.TO_THE_END:
            self._state = _State.HEAD
            yield Part.END, b""

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _step(self) -> tuple[Part, bytes] | None:
        match self._state:
            case _State.HEAD:
                return self._head()
            case _State.FIXED:
                return self._fixed()
            case _State.SIZE:
                return self._size()
            case _State.CHUNK:
                taken = self._take(min(self._left, len(self._buffer)))
                self._left -= len(taken)
                self._state = _State.CHUNK if self._left else _State.CHUNK_END
                return Part.BODY, taken
            case _State.CHUNK_END | _State.TRAILERS:
                return self._line()
            case _State.TO_THE_END:
                return Part.BODY, self._take(len(self._buffer))
            case _State.RAW:
                return Part.RAW, self._take(len(self._buffer))

    def _head(self) -> tuple[Part, bytes] | None:
        found = re.search(rb"\r?\n\r?\n", self._buffer)
        if found is None:
            if len(self._buffer) > LONGEST_HEAD:
                self._state = _State.RAW
                return Part.RAW, self._take(len(self._buffer))
            return None
        data = self._take(found.end())
        self._state, self._left = self._body_of(read_head(data))
        return Part.HEAD, data

    def _body_of(self, head: Head) -> tuple[_State, int]:
        if "chunked" in head.headers.get("transfer-encoding", "").lower():
            return _State.SIZE, 0
        if head.status == 101:
            return _State.RAW, 0
        if head.headers.get("content-length", "").isdigit():
            return _State.FIXED, int(head.headers["content-length"])
        bodiless = self.requests or head.status in {204, 304} or 100 <= head.status < 200
        return (_State.FIXED, 0) if bodiless else (_State.TO_THE_END, 0)

    def _fixed(self) -> tuple[Part, bytes] | None:
        if self._left == 0:
            self._state = _State.HEAD
            return Part.END, b""
        if not self._buffer:
            return None
        taken = self._take(min(self._left, len(self._buffer)))
        self._left -= len(taken)
        return Part.BODY, taken

    def _size(self) -> tuple[Part, bytes] | None:
        found = _SIZE_LINE.match(self._buffer)
        if found is None:
            if b"\n" not in self._buffer and len(self._buffer) < 1024:
                return None
            self._state = _State.RAW
            return Part.RAW, self._take(len(self._buffer))
        self._left = int(found[1], 16)
        self._state = _State.CHUNK if self._left else _State.TRAILERS
        return Part.FRAMING, self._take(found.end())

    def _line(self) -> tuple[Part, bytes] | None:
        """Take the line end behind a chunk, or a trailer; the empty line behind the trailers ends the message."""
        end = self._buffer.find(b"\n")
        if end < 0:
            return None
        line = self._take(end + 1)
        if self._state is _State.CHUNK_END:
            self._state = _State.SIZE
        elif not line.strip():
            # The end is told with the next step, for the line goes out first.
            self._state, self._left = _State.FIXED, 0
        return Part.FRAMING, line
