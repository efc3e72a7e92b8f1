"""Archives become members: a zip or tar goes in, names with a way to stream each member come out.

Members are read where they lie; nothing is extracted, and a member's name is only a name. Refused, with a problem that
says what to do: encrypted members, too many members, members that would explode, headers of absurd length.
"""

from __future__ import annotations

import io
import struct
import tarfile
import weakref
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO, cast

from afteraction.fetch.stream import STREAM_ERRORS, Guarded, Opener, Watch
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem

LEAD_BYTES = 1024 * 1024
"""How much of a tar member is kept at hand, so that looking at it does not cost the way back to it."""

_HEADER_BYTES = 1024 * 1024
_TAIL_BYTES = 66_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file inside an archive; `name` is the name within the archive, `size` what the archive states."""

    name: str
    open: Opener
    size: int | None
    modified: datetime | None


def is_tar(head: bytes) -> bool:
    """Whether the first bytes are those of a POSIX or GNU tar."""
    return head[257:262] == b"ustar"


def is_zip(head: bytes) -> bool:
    """Whether the first bytes are those of a zip that people packed, not of a document or program in zip's clothes."""
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return False
    first = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    return not first.startswith((b"[Content_Types].xml", b"mimetype", b"META-INF/", b"AndroidManifest.xml"))


def zip_members(
    source: Callable[[], zipfile.ZipFile], tail: bytes, name: str, watch: Watch
) -> Iterator[Member | Problem]:
    """Yield the files of a zip in the order of their names. `tail` is the archive's last bytes."""
    most = watch.limits.members
    if zip_count(tail) > most:
        yield _problem(name, f"it holds more than {most:,} members", "unpack it yourself and name the folder")
        return
    try:
        archive = source()
        infos = sorted(archive.infolist(), key=lambda info: info.filename)
    except STREAM_ERRORS as error:
        yield _problem(name, f"it cannot be opened as a zip: {error}", "pack it again")
        return
    for info in infos:
        if not info.filename:
            yield _problem(name, "a member has no name", "pack it again")
            continue
        if info.is_dir():
            continue
        inner = f"{name}/{info.filename}"
        if info.flag_bits & 1:
            yield _problem(inner, "it is encrypted", "unpack it with its password and name the folder")
        elif info.file_size > watch.limits.free_bytes + watch.limits.ratio * info.compress_size:
            reason = f"it would unfold from {info.compress_size:,} to {info.file_size:,} bytes"
            yield _problem(inner, reason, "if that is right, unpack it yourself and name the folder")
        else:
            opened = partial(_open_in_zip, archive, info, inner, watch)
            yield Member(name=info.filename, open=opened, size=info.file_size, modified=_zip_time(info))


def zip_count(tail: bytes) -> int:
    """Return the number of members that a zip's end states (APPNOTE.TXT 4.3.14 and 4.3.16), 0 when it has no end."""
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0
    count: int = struct.unpack_from("<H", tail, at + 10)[0]
    wide = tail.rfind(b"PK\x06\x06", 0, at)
    if wide >= 0 and len(tail) >= wide + 40:
        count = max(count, struct.unpack_from("<Q", tail, wide + 32)[0])
    return count


def last_bytes(stream: BinaryIO) -> bytes:
    """Return the end of a seekable stream, long enough to hold a zip's end record with its comment."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _TAIL_BYTES))
    return stream.read()


def _open_in_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, watch: Watch) -> BinaryIO:
    try:
        source = cast("BinaryIO", archive.open(info))
    except STREAM_ERRORS as error:
        watch.fault(name, f"it cannot be opened: {error}", "pack the archive again")
        return io.BytesIO()
    return io.BufferedReader(Guarded(source, name, watch), 256 * 1024)


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return None


def _problem(name: str, reason: str, remedy: str) -> Problem:
    return Problem(origin=Origin(file=name), reason=reason, remedy=remedy)


class _Forward:
    """A tar's bytes for `tarfile`, read forwards only, with a bound on headers: a header must not fill the memory."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._position = 0
        self._seekable = source.seekable()
        self.header = b""

    def tell(self) -> int:
        return self._position

    def read(self, size: int) -> bytes:
        if size > _HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {size:,} bytes")
        self.header = self.take(size)
        return self.header

    def take(self, size: int) -> bytes:
        data = self._source.read(size)
        self._position += len(data)
        return data

    def seek(self, position: int) -> int:
        if position < self._position:
            raise tarfile.ReadError("its headers point backwards")
        if self._seekable:
            self._position = self._source.seek(position)
        while self._position < position and self.take(min(position - self._position, _HEADER_BYTES)):
            pass
        return self._position

    def close(self) -> None:
        self._source.close()


class _Cursor:
    """A place in a tar: the member it stands at, and the first bytes of that member."""

    def __init__(self, opened: BinaryIO) -> None:
        self.forward = _Forward(opened)
        self.index = -1
        self.info: tarfile.TarInfo | None = None
        self.lead = b""
        self.fresh = False
        self._tar: tarfile.TarFile | None = None

    def advance(self) -> tarfile.TarInfo | None:
        """Go to the next member; None at the end. Raises what `tarfile` raises on a damaged archive."""
        if self._tar is None:
            # `TarFile` asks for a whole file object but in this mode uses only read, seek and tell.
            self._tar = tarfile.TarFile(fileobj=cast("BinaryIO", self.forward), mode="r")
        self.info = self._tar.next()
        # `tarfile` keeps all members for random access, which is not wanted here.
        self._tar.members.clear()  # type: ignore[attr-defined]  # documented nowhere, there since Python 2
        if self.info is None and self.forward.header.strip(b"\0"):
            raise tarfile.ReadError("a header is damaged")
        self.index += 1
        self.lead = b""
        if self.info is not None and self.info.isreg():
            self.lead = self.forward.take(min(LEAD_BYTES, self.info.size))
        self.fresh = True
        return self.info


class _MemberStream(io.RawIOBase):
    """The bytes of one tar member; gives its cursor back when it is closed."""

    def __init__(self, cursor: _Cursor, size: int, give_back: Callable[[_Cursor], None]) -> None:
        super().__init__()
        self._cursor = cursor
        self._size = size
        self._position = 0
        self._give_back = give_back

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # RawIOBase promises a writable buffer
        lead = self._cursor.lead
        data = lead[self._position : self._position + len(view)]
        if not data and self._position < self._size:
            self._cursor.fresh = False
            data = self._cursor.forward.take(min(len(view), self._size - self._position))
            if not data:
                raise EOFError("the archive ends in the middle of this member")
        self._position += len(data)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._give_back(self._cursor)
        super().close()


class TarArchive:
    """A tar that is walked once for listing and again for reading, always forwards.

    One idle cursor is kept: whoever reads the members in their order walks the archive once, packed or not.
    """

    def __init__(self, open_tar: Opener, name: str, watch: Watch) -> None:
        self._open_tar = open_tar
        self._name = name
        self._watch = watch
        self._idle: list[_Cursor] = []
        weakref.finalize(self, _close_all, self._idle)

    def members(self) -> Iterator[Member | Problem]:
        """Yield the regular files in the archive's order."""
        index = 0
        while True:
            try:
                cursor = self._at(index)
            except STREAM_ERRORS as error:
                reason = f"the archive is damaged or cut off after {index} members: {error}"
                yield _problem(self._name, reason, "pack it again")
                return
            info, sparse = cursor.info, cursor.info is not None and cursor.info.issparse()
            self._give_back(cursor)
            if info is None:
                return
            if index >= self._watch.limits.members:
                reason = f"it holds more than {self._watch.limits.members:,} members"
                yield _problem(self._name, reason, "unpack it yourself and name the folder")
                return
            if sparse:
                yield _problem(f"{self._name}/{info.name}", "it is stored with holes", "unpack it and name the folder")
            elif info.isreg():
                opened = partial(self._open_member, index, info.size, f"{self._name}/{info.name}")
                yield Member(name=info.name, open=opened, size=info.size, modified=_tar_time(info))
            index += 1

    def _open_member(self, index: int, size: int, name: str) -> BinaryIO:
        try:
            cursor = self._at(index)
        except STREAM_ERRORS as error:
            self._watch.fault(name, f"it cannot be reached in its archive: {error}", "pack the archive again")
            return io.BytesIO()
        stream = cast("BinaryIO", io.BufferedReader(_MemberStream(cursor, size, self._give_back)))
        return io.BufferedReader(Guarded(stream, name, self._watch), 256 * 1024)

    def _at(self, index: int) -> _Cursor:
        """Return a cursor that stands at the start of member `index`."""
        usable = [c for c in self._idle if c.index < index or (c.index == index and c.fresh)]
        if usable:
            cursor = usable[0]
            self._idle.remove(cursor)
        else:
            cursor = _Cursor(self._open_tar())
        try:
            while cursor.index < index:
                cursor.advance()
        except STREAM_ERRORS:
            cursor.forward.close()
            raise
        return cursor

    def _give_back(self, cursor: _Cursor) -> None:
        self._idle.append(cursor)
        while len(self._idle) > 1:
            self._idle.pop(0).forward.close()


def _close_all(cursors: list[_Cursor]) -> None:
    for cursor in cursors:
        cursor.forward.close()


def _tar_time(info: tarfile.TarInfo) -> datetime | None:
    try:
        return datetime.fromtimestamp(info.mtime, UTC)
    except (ValueError, OverflowError, OSError):
        return None
