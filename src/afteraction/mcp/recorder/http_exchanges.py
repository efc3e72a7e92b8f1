"""Finds the MCP messages in HTTP exchanges: the bodies of requests and responses, and the events of a stream.

Bytes of both directions of many connections come in, frames go out: for each exchange its two heads, with the few
headers that tell which session and era it belongs to, and every message as it was sent, without the HTTP around it.
Credentials in headers are not kept. Nothing is decoded but framing and compression; no JSON is read here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import count

from afteraction.formats.spool_frames import EXCHANGE, EXCHANGE_NUMBER, PARTIAL, TO_SERVER, WHOLE
from afteraction.mcp.recorder.http_framing import Framing, Head, Part, read_head
from afteraction.mcp.recorder.spool import Message, Piece

KEPT_HEADERS = (
    "content-type", "content-encoding", "mcp-protocol-version", "mcp-session-id", "mcp-method", "mcp-name", "user-agent",
    "server", "last-event-id", "traceparent",
)  # fmt: skip


def stream_of(connection: int, direction: int) -> int:
    """Return the number of the stream that one direction of a connection is."""
    return 2 * connection + direction


class _Stream:
    """One direction of one connection: which of its exchanges it is at, and the message that has not ended yet."""

    __slots__ = ("at", "framing", "inflate", "line", "message")

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self.at = -1
        self.message = Message()
        self.line: Message | None = None
        """The line of an event stream that has not ended yet; None outside of event streams."""
        self.inflate: zlib._Decompress | None = None


class Exchanges:
    """The splitter of the HTTP recorder; a stream is numbered by `stream_of`."""

    def __init__(self) -> None:
        self._streams: dict[int, _Stream] = {}
        self._numbers: dict[int, list[int]] = {}
        self._count = count(1)

    def split(self, stream: int, chunk: bytes) -> Iterator[Piece]:
        """Yield the heads and messages that `chunk` completes; an empty chunk ends the stream."""
        connection, direction = divmod(stream, 2)
        one = self._streams.get(stream)
        if one is None:
            one = self._streams[stream] = _Stream(Framing(requests=direction == TO_SERVER))
        for part, data in one.framing.feed(chunk) if chunk else one.framing.close():
            yield from self._part(one, connection, direction, part, data)
        if not chunk:
            yield from self._left(one, connection, direction)
            del self._streams[stream]
            if stream ^ 1 not in self._streams:
                self._numbers.pop(connection, None)

    def close(self) -> Iterator[Piece]:
        """Yield what is left of the connections that are still open."""
        for stream in list(self._streams):
            yield from self.split(stream, b"")

    def _part(self, one: _Stream, connection: int, direction: int, part: Part, data: bytes) -> Iterator[Piece]:
        if part is Part.HEAD:
            head = read_head(data)
            if not 100 <= head.status < 200:
                one.at += 1
                yield self._begun(one, connection, direction, head)
        elif part is Part.BODY:
            plain = _inflated(one, data)
            if one.line is None:
                one.message.add(plain)
            else:
                yield from self._events(one, connection, direction, plain)
        elif part is Part.END:
            yield from self._ended(one, connection, direction)

    def _begun(self, one: _Stream, connection: int, direction: int, head: Head) -> Piece:
        one.message = Message()
        one.line = Message() if head.headers.get("content-type", "").startswith("text/event-stream") else None
        zipped = head.headers.get("content-encoding", "").lower() in {"gzip", "deflate"}
        one.inflate = zlib.decompressobj(zlib.MAX_WBITS | 32) if zipped else None
        kept = [f"{name}: {head.headers[name]}" for name in KEPT_HEADERS if name in head.headers]
        text = "\n".join([head.start, *kept]).encode("latin-1", "replace")
        return direction + EXCHANGE, WHOLE, self._number(one, connection, b"H") + text

    def _ended(self, one: _Stream, connection: int, direction: int) -> Iterator[Piece]:
        if one.message.length:
            flag, data = one.message.kept()
            yield direction + EXCHANGE, flag, self._number(one, connection, b"B") + data
        one.message, one.line, one.inflate = Message(), None, None

    def _left(self, one: _Stream, connection: int, direction: int) -> Iterator[Piece]:
        """Yield a message that the end of the connection cut off."""
        for _, _, data in self._ended(one, connection, direction):
            yield direction + EXCHANGE, PARTIAL, data

    def _number(self, one: _Stream, connection: int, part: bytes) -> bytes:
        """Return the beginning of a frame. The nth response of a connection answers its nth request, whichever is seen first."""
        numbers = self._numbers.setdefault(connection, [])
        while len(numbers) <= max(one.at, 0):
            numbers.append(next(self._count))
        return EXCHANGE_NUMBER.pack(numbers[max(one.at, 0)], part)

    def _events(self, one: _Stream, connection: int, direction: int, data: bytes) -> Iterator[Piece]:
        """Join the data lines of each event of a stream (WHATWG HTML, section 9.2.6) and yield them as a message."""
        assert one.line is not None
        *ended, rest = data.replace(b"\r\n", b"\n").split(b"\n")
        for piece in ended:
            one.line.add(piece)
            yield from self._event_line(one, connection, direction, *one.line.kept())
            one.line = Message()
        one.line.add(rest)

    def _event_line(self, one: _Stream, connection: int, direction: int, flag: int, line: bytes) -> Iterator[Piece]:
        if line.strip(b"\r") == b"":
            yield from self._told(one, connection, direction)
        elif line.startswith(b"data:"):
            if one.message.length:
                one.message.add(b"\n")
            one.message.add(line[5:].removeprefix(b" ").removesuffix(b"\r"))
            if flag != WHOLE:
                yield from self._told(one, connection, direction, flag)

    def _told(self, one: _Stream, connection: int, direction: int, flag: int = WHOLE) -> Iterator[Piece]:
        if one.message.length:
            own, data = one.message.kept()
            yield direction + EXCHANGE, own or flag, self._number(one, connection, b"B") + data
        one.message = Message()


def _inflated(one: _Stream, data: bytes) -> bytes:
    """Decompress a stretch of a body; one that is not what its head says is kept as it is."""
    if one.inflate is None:
        return data
    try:
        return one.inflate.decompress(data)
    except zlib.error:
        one.inflate = None
        return data
