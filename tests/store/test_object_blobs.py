"""Object storage, against a real server that speaks S3."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from click.testing import CliRunner, Result
from obstore.store import S3Store

from afteraction.cli import main
from afteraction.errors import BadSettings, StoreUnavailable
from afteraction.store.object_blobs import ObjectBlobs


def objects(bucket: str, endpoint: str) -> list[str]:
    store = S3Store(bucket.split("/")[2], endpoint=endpoint, client_options={"allow_http": True})
    return sorted(one["path"] for page in obstore.list(store) for one in page)


def test_each_content_is_one_object_below_the_prefix(bucket: str, object_storage: str) -> None:
    blobs = ObjectBlobs(bucket)
    sha256, _ = blobs.put(io.BytesIO(b"the same"))
    blobs.put(io.BytesIO(b"the same"))
    assert objects(bucket, object_storage) == [f"team/one/{sha256[:2]}/{sha256}"]


PUT_AND_READ = """
import os, resource, sys
from afteraction.store.object_blobs import ObjectBlobs

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

class Long:
    left = 96
    def read(self, size):
        self.left -= 1
        return os.urandom(1 << 20) if self.left >= 0 else b""

blobs = ObjectBlobs(sys.argv[1])
blobs.put(Long.__new__(type("Short", (Long,), {"left": 1})))
before = peak()
sha256, size = blobs.put(Long())
with blobs.open(sha256) as found:
    read = sum(map(len, iter(lambda: found.read(1 << 20), b"")))
assert read == size == 96 << 20
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
def test_a_file_is_never_held_in_memory(bucket: str) -> None:
    done = subprocess.run([sys.executable, "-c", PUT_AND_READ, bucket], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 72, "96 MB went through"


def test_a_stream_that_breaks_off_leaves_nothing(bucket: str, object_storage: str) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            del size
            raise OSError(5, "Input/output error")

    with pytest.raises(StoreUnavailable):
        ObjectBlobs(bucket).put(Broken())
    assert objects(bucket, object_storage) == []


def test_a_bucket_that_is_not_there_is_told(bucket: str) -> None:
    blobs = ObjectBlobs(bucket.replace("material-", "nowhere-"))
    with pytest.raises(StoreUnavailable, match="check the bucket"):
        blobs.put(io.BytesIO(b"x"))


def test_storage_that_cannot_be_reached_is_told(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afteraction.store.object_blobs._RETRY_SECONDS", 1)
    blobs = ObjectBlobs(bucket, endpoint="http://127.0.0.1:9")
    for ask in (lambda: blobs.put(io.BytesIO(b"x")), lambda: blobs.open("0" * 64)):
        with pytest.raises(StoreUnavailable, match="s3://material-"):
            ask()


@pytest.mark.parametrize(
    "address", ["s3://", "s3:///x", "gs://bucket/x", "s3://me@bucket", "s3://bucket?x=1", "file:///tmp"]
)
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(BadSettings, match="s3://BUCKET/PREFIX"):
        ObjectBlobs(address)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bucket: str) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{tmp_path}/record.db")
    (tmp_path / "afteraction.toml").write_text(f'material_folder = "{bucket}"\n')
    (tmp_path / "notes.txt").write_bytes(b"as it was\x00\xff\n")
    return tmp_path


def test_a_record_moves_from_object_storage_to_a_folder_and_back(
    desk: Path, monkeypatch: pytest.MonkeyPatch, bucket: str, object_storage: str
) -> None:
    run("incident", "new", "Search is slow", "--id", "INC-7")
    assert run("material", "add", "INC-7", "notes.txt").exit_code == 0
    assert len(objects(bucket, object_storage)) == 1
    assert not (desk / "material").exists()
    assert run("backup", "all.zip").exit_code == 0

    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{desk}/folder/record.db")
    monkeypatch.setenv("AFTERACTION_MATERIAL_FOLDER", str(desk / "kept"))
    assert run("restore", "all.zip").exit_code == 0
    assert run("material", "get", "INC-7", "notes.txt").stdout_bytes == b"as it was\x00\xff\n"
    assert run("backup", "again.zip").exit_code == 0

    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{desk}/objects/record.db")
    monkeypatch.setenv("AFTERACTION_MATERIAL_FOLDER", f"{bucket}/restored")
    assert run("restore", "again.zip").exit_code == 0
    assert len(objects(bucket, object_storage)) == 2
    assert run("material", "get", "INC-7", "notes.txt").stdout_bytes == b"as it was\x00\xff\n"


def test_objects_that_are_gone_are_told_and_the_rest_is_backed_up(desk: Path, bucket: str, object_storage: str) -> None:
    del desk
    run("incident", "new", "Search is slow", "--id", "INC-7")
    run("material", "add", "INC-7", "notes.txt")
    (lost,) = objects(bucket, object_storage)
    obstore.delete(S3Store(bucket.split("/")[2], endpoint=object_storage, client_options={"allow_http": True}), lost)
    done = run("backup", "all.zip")
    assert done.exit_code == 1
    assert f"raw material {lost.rpartition('/')[2]} is noted but not kept" in done.stderr


def test_storage_that_is_down_ends_with_one_line(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del desk
    monkeypatch.setattr("afteraction.store.object_blobs._RETRY_SECONDS", 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    run("incident", "new", "Search is slow", "--id", "INC-7")
    done = run("material", "add", "INC-7", "notes.txt")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: raw material cannot be kept in or read from s3://")
