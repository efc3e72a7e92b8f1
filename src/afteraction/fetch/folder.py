"""What a person named becomes raw inputs: files, folders and archives go in, named streams come out, in a stable order.

Zip, tar, gzip, zstd, bzip2 and xz are opened, also one inside another, without extracting anything. Passed over, with a
problem that says so: hidden files and version control, links that lead out of the folder, pipes and devices, a file
that was there before with the same content. Nothing is parsed here.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from afteraction.fetch.archive import LEAD_BYTES, Member, TarArchive, is_tar, is_zip, last_bytes, zip_members
from afteraction.fetch.stream import Limits, Opener, Watch, packing_of, unpacked
from afteraction.model.origin import Origin
from afteraction.model.reading import SAMPLE_BYTES, Problem, RawInput
from afteraction.usecases.freeze import CAPTURED

_CLOSED_FORMATS = {b"Rar!\x1a\x07": "RAR", b"7z\xbc\xaf\x27\x1c": "7z", b"\x04\x22\x4d\x18": "lz4"}
_SMALLEST_COPY = 64
"""Shorter files are often equal by chance ("No resources found"), and each says something through its name."""


def gather(paths: list[Path], limits: Limits | None = None) -> Iterator[RawInput | Problem]:
    """Yield every raw input under `paths`, and a problem for each thing that cannot be opened or is passed over.

    A fault inside a packed file shows only while it is read; its problem follows when the iteration goes on. Names are
    relative to what was named; with several paths, each begins with its path's last part.
    """
    run = _Gathering(Watch(limits or Limits()))
    for path, name in zip(paths, _shown_roots(paths), strict=True):
        if path.is_dir():
            yield from run.folder(path, root=path.resolve(), prefix="" if len(paths) == 1 else f"{name}/")
        elif path.exists():
            yield from run.file(path, name)
        else:
            yield _problem(str(path), "there is no such file or folder", "check the name")


def _shown_roots(paths: list[Path]) -> list[str]:
    last = [path.name or path.resolve().name or str(path) for path in paths]
    return [str(path) if last.count(name) > 1 else name for path, name in zip(paths, last, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A file or member before it is known whether it unfolds further; `whole` reads small content for comparison."""

    name: str
    open: Opener
    size: int | None
    modified: datetime | None
    depth: int = 0
    path: Path | None = None


@dataclass(slots=True)
class _Gathering:
    """One run: what was seen before, and how much."""

    watch: Watch
    _visited: set[tuple[int, int]] = field(default_factory=set)
    _contents: dict[bytes, str] = field(default_factory=dict)
    _count: int = 0

    def folder(self, folder: Path, *, root: Path, prefix: str) -> Iterator[RawInput | Problem]:
        """Walk a folder in the order of names; one that was visited before (a loop of links) is not entered again."""
        try:
            state = folder.stat()
            entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
        except OSError as error:
            yield _problem(
                prefix or str(folder), f"the folder cannot be read: {error.strerror}", "check its permissions"
            )
            return
        if (state.st_dev, state.st_ino) in self._visited:
            return
        self._visited.add((state.st_dev, state.st_ino))
        for entry in entries:
            name = prefix + entry.name
            if entry.name == CAPTURED:
                continue
            if _hidden(entry.name):
                yield _problem(name, "hidden files and version control are passed over", "name it to have it read")
            elif entry.is_symlink() and not entry.resolve().is_relative_to(root):
                yield _problem(name, "the link leads out of the folder", "name its target to have it read")
            elif entry.is_dir():
                yield from self.folder(entry, root=root, prefix=f"{name}/")
            else:
                yield from self.file(entry, name)

    def file(self, path: Path, name: str) -> Iterator[RawInput | Problem]:
        """Open one file on disk."""
        try:
            state = path.stat()
        except OSError as error:
            yield _problem(name, f"it cannot be read: {error.strerror}", "check the link or its permissions")
            return
        if not path.is_file():
            yield _problem(name, "it is a pipe or device, which cannot be read twice", "save its content to a file")
            return
        if (state.st_dev, state.st_ino) in self._visited:
            return
        self._visited.add((state.st_dev, state.st_ino))
        modified = datetime.fromtimestamp(state.st_mtime, UTC)
        item = _Item(name=name, open=partial(_open_file, path), size=state.st_size, modified=modified, path=path)
        try:
            yield from self._item(item)
        except OSError as error:
            yield _problem(name, f"it cannot be read: {error.strerror or error}", "check its permissions")

    def _item(self, item: _Item) -> Iterator[RawInput | Problem]:
        """Unfold an archive or a packed file, or yield it as it is."""
        head, digest = self._look(item)
        packing = packing_of(head)
        closed = next((word for magic, word in _CLOSED_FORMATS.items() if head.startswith(magic)), "")
        if item.depth >= self.watch.limits.depth and (packing or is_zip(head) or is_tar(head)):
            reason = f"archives lie more than {self.watch.limits.depth} deep in one another"
            yield _problem(item.name, reason, "unpack it yourself and name the folder")
        elif closed:
            yield _problem(item.name, f"{closed} archives are not opened", "unpack it and name the folder")
        elif packing:
            opened = unpacked(item.open, packing, item.name, self.watch)
            inner = _Item(name=item.name, open=opened, size=None, modified=item.modified, depth=item.depth + 1)
            yield from self._item(inner)
        elif is_zip(head):
            yield from self._zip(item)
        elif is_tar(head):
            archive = TarArchive(item.open, item.name, self.watch)
            yield from self._members(archive.members(), item)
        else:
            yield from self._plain(item, head, digest)
        yield from self.watch.untold(_clean(item.name))

    def _zip(self, item: _Item) -> Iterator[RawInput | Problem]:
        source: Callable[[], zipfile.ZipFile]
        if item.path is not None:
            source = partial(zipfile.ZipFile, item.path)
            with item.open() as stream:
                tail = last_bytes(stream)
        else:
            most = self.watch.limits.nested_bytes
            with item.open() as stream:
                held = stream.read(most + 1)
            if len(held) > most:
                reason = f"a zip of more than {most:,} bytes inside another archive is not opened"
                yield _problem(item.name, reason, "unpack the outer archive and name the folder")
                return
            tail = last_bytes(io.BytesIO(held))
            source = partial(zipfile.ZipFile, io.BytesIO(held))
        yield from self._members(zip_members(source, tail, item.name, self.watch), item)

    def _members(self, members: Iterator[Member | Problem], item: _Item) -> Iterator[RawInput | Problem]:
        for member in members:
            if isinstance(member, Problem):
                yield _problem(member.origin.file, member.reason, member.remedy)
                continue
            name = f"{item.name}/{member.name}"
            if any(_hidden(part) for part in member.name.split("/")):
                yield _problem(name, "hidden files and version control are passed over", "unpack it and name the file")
                continue
            inner = _Item(name=name, open=member.open, size=member.size, modified=member.modified, depth=item.depth + 1)
            yield from self._item(inner)

    def _plain(self, item: _Item, head: bytes, digest: bytes | None) -> Iterator[RawInput | Problem]:
        name = _clean(item.name)
        self._count += 1
        if self._count > self.watch.limits.files:
            if self._count == self.watch.limits.files + 1:
                reason = f"there are more than {self.watch.limits.files:,} files; the rest was not looked at"
                yield _problem(name, reason, "name fewer of them")
            return
        if digest is not None:
            first = self._contents.setdefault(digest, name)
            if first != name:
                yield _problem(name, f"it has the same content as {first}, which was read", "")
                return
        beside = partial(_beside, item.path) if item.path is not None else None
        yield RawInput(name=name, head=head, open=item.open, size=item.size, modified=item.modified, beside=beside)

    def _look(self, item: _Item) -> tuple[bytes, bytes | None]:
        """Return the first bytes, and a hash of the whole when it is small enough to be compared with others."""
        with item.open() as stream:
            lead = _read_fully(stream, LEAD_BYTES if item.size is None or item.size <= LEAD_BYTES else SAMPLE_BYTES)
        digest = None
        if _SMALLEST_COPY <= len(lead) < LEAD_BYTES and (item.size is None or item.size == len(lead)):
            digest = hashlib.sha256(lead).digest()
        return lead[:SAMPLE_BYTES], digest


_MOST_BESIDE = 32 * 1024 * 1024
"""A file that accompanies another one is small; a larger one is something else."""


def _beside(path: Path, name: str) -> bytes | None:
    """Return the bytes of the small plain file called `name` in the folder of `path`, None when there is none."""
    other = path.parent / name
    try:
        if "/" in name or not other.is_file() or other.is_symlink() or other.stat().st_size > _MOST_BESIDE:
            return None
        return other.read_bytes()
    except (OSError, ValueError):
        return None


def _open_file(path: Path) -> BinaryIO:
    return path.open("rb")


def _read_fully(stream: BinaryIO, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (data := stream.read(size)):
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


def _hidden(name: str) -> bool:
    return (name.startswith(".") and name not in {".", ".."}) or name in {"__MACOSX", "CVS"}


def _clean(name: str) -> str:
    """Return a name that can be printed anywhere: no control characters, no broken UTF-8, no backslashes as folders."""
    printable = name.encode("utf-8", "replace").decode("utf-8").replace("\\", "/")
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in printable)


def _problem(name: str, reason: str, remedy: str) -> Problem:
    return Problem(origin=Origin(file=_clean(name)), reason=reason, remedy=remedy)
