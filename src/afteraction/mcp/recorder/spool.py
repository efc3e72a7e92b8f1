"""The spool: a file of frames, one for each message that passed the recorder, that no failure of the disk may disturb.

Bytes come in by stream, in the order in which they passed; a splitter finds the messages in them, and a thread of the
recorder writes these after the bytes were forwarded. A spool that cannot be written loses frames, counts them, and tries again; it never raises into the path
of the messages. A long message is kept as head, tail and SHA-256. Nothing is parsed here; secrets are masked at ingest, and
the file can be read by its owner only.

How a file is laid out, and how it is read again, stands in `afteraction.formats.spool_frames`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Iterator

from afteraction.formats.spool_frames import CUT, FRAME, HEAD, MARK, NOTE, PARTIAL, TO_CLIENT, TO_SERVER, WHOLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import sha256
    from typing import Protocol
else:  # What hashlib and typing give, without the 6 MiB that they load, and that would stand before every server.
    Protocol = object
    try:
        from _sha2 import sha256
    except ImportError:
        from _sha256 import sha256

KEEP_HEAD, KEEP_TAIL = 256 * 1024, 16 * 1024
FILE_BYTES, FILES = 64 * 1024 * 1024, 8
"""A spool is rotated at this size, and so many files of one recording are kept."""
QUEUE_BYTES = 64 * 1024 * 1024
"""What may wait for a slow disk; beyond it frames are lost, never the messages."""
RETRY_SECONDS = 1.0


Piece = tuple[int, int, bytes]
"""Direction, flags and bytes of one frame."""


class Message:
    """A message that has not ended yet: its head and tail, its hash and its length so far."""

    __slots__ = ("_digest", "head", "length", "tail")

    def __init__(self) -> None:
        self.head = bytearray()
        self.tail = bytearray()
        self.length = 0
        self._digest = sha256()

    def add(self, piece: bytes) -> None:
        """Take the next bytes of the message."""
        self._digest.update(piece)
        self.length += len(piece)
        room = KEEP_HEAD - len(self.head)
        if room > 0:
            self.head += piece[:room]
            piece = piece[room:]
        if piece:
            self.tail += piece
            del self.tail[: max(0, len(self.tail) - KEEP_TAIL)]

    def kept(self) -> tuple[int, bytes]:
        """Return the flag and the bytes to keep."""
        if self.length <= len(self.head) + len(self.tail):
            return WHOLE, bytes(self.head + self.tail)
        note = f"\n... {self.length} bytes in all, sha256 {self._digest.hexdigest()} ...\n".encode()
        return CUT, bytes(self.head) + note + bytes(self.tail)


class Splitter(Protocol):
    """Finds the messages in streams of bytes; a stream is told by a number."""

    def split(self, stream: int, chunk: bytes) -> Iterator[Piece]:
        """Yield the frames that `chunk` completes; an empty chunk says that the stream ended."""

    def close(self) -> Iterator[Piece]:
        """Yield what is left of all streams."""


class Lines:
    """Every line is a message, and the number of a stream is its direction: MCP over stdio."""

    def __init__(self) -> None:
        self._lines = {TO_SERVER: Message(), TO_CLIENT: Message()}

    def split(self, stream: int, chunk: bytes) -> Iterator[Piece]:
        """Yield a frame for every line that ends in `chunk`; empty lines are none."""
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            line = self._lines[stream]
            line.add(piece)
            if line.length:
                yield (stream, *line.kept())
            self._lines[stream] = Message()
        if rest:
            self._lines[stream].add(rest)

    def close(self) -> Iterator[Piece]:
        """Yield the lines that never ended."""
        for direction, line in self._lines.items():
            if line.length:
                yield direction, PARTIAL, line.kept()[1]


class Spool:
    """Takes chunks as they passed and writes them as frames in a thread of its own.

    `put` never blocks and never raises. `lost` counts the chunks that could not be kept.
    """

    def __init__(
        self, folder: str | os.PathLike[str], name: str, note: bytes, splitter: Splitter | None = None
    ) -> None:
        self._folder, self._name, self._note = os.fspath(folder), name, note
        self._splitter = splitter or Lines()
        self._queue: queue.SimpleQueue[tuple[int, int, bytes] | None] = queue.SimpleQueue()
        self._waiting = 0
        self._counting = threading.Lock()
        self._file = -1
        self._written = 0
        self._number = 0
        self._retry_at = 0.0
        self.lost = 0
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    def put(self, stream: int, chunk: bytes) -> None:
        """Keep a chunk of a stream that was forwarded; drop it when too much is waiting for the disk."""
        with self._counting:
            if self._waiting > QUEUE_BYTES:
                self.lost += 1
                return
            self._waiting += len(chunk)
        self._queue.put((time.time_ns(), stream, chunk))

    def close(self, timeout: float = 5.0) -> None:
        """Write what is waiting, for at most `timeout` seconds."""
        self._queue.put(None)
        self._thread.join(timeout)

    def _run(self) -> None:
        while (taken := self._queue.get()) is not None:
            at, stream, chunk = taken
            with self._counting:
                self._waiting -= len(chunk)
            for piece in self._splitter.split(stream, chunk):
                self._write(at, *piece)
        for piece in self._splitter.close():
            self._write(time.time_ns(), *piece)
        if self._file >= 0:
            os.close(self._file)

    def _write(self, at: int, direction: int, flags: int, data: bytes) -> None:
        """Append one frame; on any failure of the disk give it up, count it, and stay away from the disk for a while."""
        if time.monotonic() < self._retry_at:
            self.lost += 1
            return
        frame = FRAME.pack(MARK, at, direction, flags, len(data)) + data
        try:
            self._ensure_file(len(frame))
            self._append(frame)
        except OSError:
            self.lost += 1
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._drop_file()

    def _append(self, frame: bytes) -> None:
        """Write the whole frame or, when the disk fills half-way, none of it."""
        done = 0
        try:
            while done < len(frame):
                done += os.write(self._file, frame[done:])
        except OSError:
            os.ftruncate(self._file, self._written)
            raise
        self._written += len(frame)

    def _ensure_file(self, coming: int) -> None:
        if self._file >= 0:
            deleted = os.fstat(self._file).st_nlink == 0
            if not deleted and self._written + coming <= FILE_BYTES:
                return
            self._drop_file()
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        self._number += 1
        path = os.path.join(self._folder, f"{self._name}.{self._number:04d}.spool")
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._written = 0
        self._append(HEAD + FRAME.pack(MARK, time.time_ns(), NOTE, WHOLE, len(self._note)) + self._note)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self._folder, f"{self._name}.{self._number - FILES:04d}.spool"))

    def _drop_file(self) -> None:
        if self._file >= 0:
            with contextlib.suppress(OSError):
                os.close(self._file)
        self._file = -1
