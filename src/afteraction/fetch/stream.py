"""Streams that end instead of failing: bytes of packed files come out, faults and broken limits become problems.

A packed file may be cut off, damaged or built to explode. Whoever reads it must not have to know: the stream ends early,
and the fault stands in the `Watch` that the opener reports from. Nothing is ever written to disk.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from tarfile import TarError
from typing import BinaryIO, Protocol, cast
from zipfile import BadZipFile

import zstandard

from afteraction.model.origin import Origin
from afteraction.model.reading import Problem

try:
    from isal.igzip import IGzipFile as _Gzip  # Three times as fast where it is installed.
except ImportError:
    from gzip import GzipFile as _Gzip

Opener = Callable[[], BinaryIO]

STREAM_ERRORS = (
    OSError,  # also gzip.BadGzipFile
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zstandard.ZstdError,
    BadZipFile,
    TarError,
    RuntimeError,  # zipfile: a password is needed; tarfile: headers without end (RecursionError)
    NotImplementedError,  # zipfile: an unknown method of compression
    ValueError,  # zipfile, tarfile: fields out of range
)
"""All that the readers of packed files raise on bad input."""

_MEBI = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much packed files may unfold to; each protects memory, disk or time from a hostile or mistaken file.

    `ratio` is bytes out per byte in, judged after the first `free_bytes` (real logs reach about 100, deflate's utmost
    is 1,032). `nested_bytes` is the size of a zip inside another archive, which has to be held in memory. `depth`
    counts archives within archives. `members` is per archive, `files` for everything.
    """

    total_bytes: int = 256 * 1024 * _MEBI
    free_bytes: int = 64 * _MEBI
    ratio: int = 400
    members: int = 100_000
    files: int = 1_000_000
    nested_bytes: int = 256 * _MEBI
    depth: int = 5


@dataclass(slots=True)
class Watch:
    """What the streams of one run report: faults by file, and how far each file has been unfolded."""

    limits: Limits
    faults: dict[str, Problem] = field(default_factory=dict)
    _reached: dict[str, int] = field(default_factory=dict)
    _total: int = 0
    _told: set[str] = field(default_factory=set)

    def fault(self, name: str, reason: str, remedy: str) -> None:
        """Note that `name` could not be read to its end; the first fault of a file counts."""
        self.faults.setdefault(name, Problem(origin=Origin(file=name), reason=reason, remedy=remedy))

    def advance(self, name: str, position: int) -> bool:
        """Note that `name` was unfolded up to `position` bytes; False when all files together are too much."""
        gain = position - self._reached.get(name, 0)
        if gain > 0:
            self._reached[name] = position
            self._total += gain
        return self._total <= self.limits.total_bytes

    def untold(self, name: str) -> list[Problem]:
        """Return the fault of `name` if it was not returned before."""
        if name in self._told or name not in self.faults:
            return []
        self._told.add(name)
        return [self.faults[name]]


class Guarded(io.RawIOBase):
    """A stream of unfolded bytes that ends at a fault or a limit, which it tells the watch.

    `packed` says how many packed bytes were consumed so far; None when the archive itself bounds the size.
    """

    def __init__(self, source: BinaryIO, name: str, watch: Watch, packed: Callable[[], int] | None = None) -> None:
        super().__init__()
        self._source = source
        self._name = name
        self._watch = watch
        self._packed = packed
        self._position = 0
        self._ended = False

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill `buffer` with the next bytes; 0 at the end, at a fault and at a limit."""
        view = memoryview(buffer)  # type: ignore[arg-type]  # RawIOBase promises a writable buffer
        if self._ended:
            return 0
        try:
            data = self._source.read(len(view))
        except STREAM_ERRORS as error:
            return self._end(f"it is damaged or cut off after {self._position:,} bytes: {error}", "pack it again")
        self._position += len(data)
        limits = self._watch.limits
        if self._packed and self._position > limits.free_bytes + limits.ratio * self._packed():
            reason = (
                f"it unfolds to more than {limits.ratio} times its size; reading stopped at {self._position:,} bytes"
            )
            return self._end(reason, "if that is right, unpack it yourself and name the folder")
        if not self._watch.advance(self._name, self._position):
            reason = f"all packed files together unfold to more than {limits.total_bytes:,} bytes; reading stopped"
            return self._end(reason, "unpack them yourself and name the folder")
        view[: len(data)] = data
        return len(data)

    def _end(self, reason: str, remedy: str) -> int:
        self._ended = True
        self._watch.fault(self._name, reason, remedy)
        return 0

    def close(self) -> None:
        """Close this stream and the one below."""
        if not self.closed:
            self._source.close()
        super().close()


class _Counted(io.RawIOBase):
    """Counts the packed bytes that a decompressor takes."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source = source
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # as above
        data = self._source.read(len(view))
        self.count += len(data)
        view[: len(data)] = data
        return len(data)


class _Chain(io.RawIOBase):
    """A decompressor that closes its packed source as well."""

    def __init__(self, outer: Readable, inner: BinaryIO) -> None:
        super().__init__()
        self._outer = outer
        self._inner = inner

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._outer.read(size)

    def close(self) -> None:
        if not self.closed:
            self._outer.close()
            self._inner.close()
        super().close()


class Readable(Protocol):
    """The part of a stream that decompressors share."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""
        ...

    def close(self) -> None:
        """Give up the stream."""
        ...


class _Xz:
    """An xz stream with a bound on memory, which the standard library's file object cannot set."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._decoder = self._fresh()

    @staticmethod
    def _fresh() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=192 * _MEBI)

    def read(self, size: int = -1) -> bytes:
        while True:
            if self._decoder.eof:
                rest = self._decoder.unused_data.lstrip(b"\0") or self._source.read(4096).lstrip(b"\0")
                if not rest:
                    return b""
                self._decoder = self._fresh()
                data = self._decoder.decompress(rest, size)
            elif self._decoder.needs_input:
                packed = self._source.read(65_536)
                if not packed:
                    raise EOFError("the stream ends in the middle")
                data = self._decoder.decompress(packed, size)
            else:
                data = self._decoder.decompress(b"", size)
            if data:
                return data

    def close(self) -> None:
        self._source.close()


_ZSTD_WINDOW = 128 * _MEBI
"""What `zstd --long` writes by default at most."""


def packing_of(head: bytes) -> str:
    """Return `gzip`, `zstd`, `bzip2`, `xz` or nothing, by the first bytes of a file."""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5):
        return "zstd"
    if head.startswith(b"BZh") and head[4:10] in {b"1AY&SY", b"\x17rE8P\x90"}:
        return "bzip2"
    return "xz" if head.startswith(b"\xfd7zXZ\0") else ""


def unpacked(open_packed: Opener, packing: str, name: str, watch: Watch) -> Opener:
    """Return an opener of the unfolded bytes of a file packed as `packing_of` says."""

    def opened() -> BinaryIO:
        source = open_packed()
        counted = _Counted(source)
        chain = _Chain(_decoder(packing, counted), source)
        return io.BufferedReader(Guarded(cast("BinaryIO", chain), name, watch, lambda: counted.count), 256 * 1024)

    return opened


def _decoder(packing: str, counted: _Counted) -> Readable:
    source = io.BufferedReader(counted, 128 * 1024)
    if packing == "gzip":
        return cast("Readable", _Gzip(fileobj=source, mode="rb"))
    if packing == "zstd":
        decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        return cast("Readable", decoder.stream_reader(source, read_across_frames=True))
    return bz2.BZ2File(source) if packing == "bzip2" else _Xz(source)
