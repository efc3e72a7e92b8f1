"""Raw material by its content."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from afteraction.errors import StoreUnavailable
from afteraction.ports.store import Blobs
from afteraction.store.blobs import FolderBlobs, MemoryBlobs
from afteraction.store.object_blobs import ObjectBlobs


@pytest.fixture(params=["memory", "folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "s3":
        found: Blobs = ObjectBlobs(request.getfixturevalue("bucket"))
        return found
    return MemoryBlobs() if request.param == "memory" else FolderBlobs(tmp_path / "data" / "material")


@pytest.mark.parametrize(
    "content", [b"", b"pod/cart-1 OOMKilled\n", bytes(range(256)) * 10_000, b"20 MB is more than one part " * 750_000]
)
def test_what_is_kept_comes_back_byte_by_byte_under_its_hash(blobs: Blobs, content: bytes) -> None:
    sha256, size = blobs.put(io.BytesIO(content))
    assert (sha256, size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert blobs.put(io.BytesIO(content)) == (sha256, size)
    found = blobs.open(sha256)
    assert found is not None
    with found:
        assert found.read() == content


def test_many_who_keep_the_same_at_once_keep_it_whole(blobs: Blobs) -> None:
    content = os.urandom(100_000)
    with ThreadPoolExecutor(8) as pool:
        kept = set(pool.map(lambda _number: blobs.put(io.BytesIO(content)), range(24)))
    assert kept == {(hashlib.sha256(content).hexdigest(), len(content))}
    found = blobs.open(next(iter(kept))[0])
    assert found is not None
    with found:
        assert found.read() == content


def test_kept_bytes_are_read_in_pieces_too(blobs: Blobs) -> None:
    content = os.urandom(3_000_000)
    sha256, _ = blobs.put(io.BytesIO(content))
    found = blobs.open(sha256)
    assert found is not None
    with found:
        assert b"".join(iter(lambda: found.read(65_536), b"")) == content


def test_what_was_never_kept_is_not_there(blobs: Blobs) -> None:
    assert blobs.open("0" * 64) is None


def test_a_folder_holds_each_content_once_for_its_owner_alone(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "material")
    for _ in range(3):
        blobs.put(io.BytesIO(b"the same"))
    (file,) = (path for path in (tmp_path / "material").rglob("*") if path.is_file())
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert stat.S_IMODE((tmp_path / "material").stat().st_mode) == 0o700


def test_a_stream_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            del size
            raise OSError(5, "Input/output error")

    with pytest.raises(StoreUnavailable):
        FolderBlobs(tmp_path / "material").put(Broken())
    assert list((tmp_path / "material").iterdir()) == []


def test_a_name_that_is_no_hash_opens_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        FolderBlobs(tmp_path).open("../../etc/passwd")


@pytest.mark.skipif(os.name == "nt", reason="folders and files of one name")
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreUnavailable, match="cannot be kept"):
        FolderBlobs(tmp_path / "file" / "material").put(io.BytesIO(b"x"))
