"""Raw material by its content: a stream goes in, its SHA-256 comes out, and the same bytes come back.

The folder holds one file per content (`ab/abcd...`), readable by its owner alone and written by nobody after that. A file
appears whole or not at all, so that a process that dies half-way leaves nothing that could be taken for material.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from pathlib import Path
from typing import IO, BinaryIO

from afteraction.errors import StoreUnavailable

_CHUNK = 1 << 20


class FolderBlobs:
    """Keeps raw material in a folder, which is made when the first content comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: BinaryIO) -> tuple[str, int]:
        """Keep a stream's bytes."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".new-", dir=self._folder)
        except OSError as error:
            raise self._unavailable(error) from error
        try:
            with os.fdopen(handle, "wb") as written:
                sha256, size = copied(content, written)
                written.flush()
                os.fsync(written.fileno())
            self._settle(Path(name), self._path(sha256))
        except OSError as error:
            raise self._unavailable(error) from error
        finally:
            Path(name).unlink(missing_ok=True)
        return sha256, size

    def _settle(self, new: Path, place: Path) -> None:
        """Move a whole file to its place, and make its name as durable as its bytes."""
        if place.exists():
            return
        place.parent.mkdir(mode=0o700, exist_ok=True)
        new.chmod(0o400)
        new.replace(place)
        if hasattr(os, "O_DIRECTORY"):  # not on Windows
            folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def open(self, sha256: str) -> BinaryIO | None:
        """Open kept bytes."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unavailable(error) from error

    def _path(self, sha256: str) -> Path:
        return self._folder / place_of(sha256)

    def _unavailable(self, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(
            f"raw material cannot be kept in {self._folder}: {error.strerror}; is there room, and may you write there?"
        )


class MemoryBlobs:
    """Keeps raw material for as long as the process lives; for tests."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, content: BinaryIO) -> tuple[str, int]:
        """Keep a stream's bytes."""
        held = io.BytesIO()
        sha256, size = copied(content, held)
        self._kept[sha256] = held.getvalue()
        return sha256, size

    def open(self, sha256: str) -> BinaryIO | None:
        """Open kept bytes."""
        found = self._kept.get(sha256)
        return None if found is None else io.BytesIO(found)


def place_of(sha256: str) -> str:
    """Return the place of a content below where all of it lies. Raises ValueError for what is no hash."""
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise ValueError(f"{sha256!r} is no SHA-256 in hex")
    return f"{sha256[:2]}/{sha256}"


def copied(content: BinaryIO, written: IO[bytes]) -> tuple[str, int]:
    """Copy a stream; returns the SHA-256 of its bytes, and how many there were."""
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
        written.write(chunk)
        size += len(chunk)
    return digest.hexdigest(), size
