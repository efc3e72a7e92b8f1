"""Raw material in object storage that speaks S3: a stream goes in, its SHA-256 comes out, and the same bytes come back.

An object is one content (`PREFIX/ab/abcd...`). A stream is hashed while it is written to a file that has no name; then it is
uploaded in parts, so that no file is ever held in memory. An upload shows whole or not at all, and whoever uploads the same
content at the same time writes the same object. Keys come from the usual `AWS_*` variables or from the machine's role.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from afteraction.errors import BadSettings, StoreUnavailable
from afteraction.store.blobs import copied, place_of

SCHEME = "s3://"
_PART = 8 * 1024 * 1024
_AT_ONCE = 4
_RETRY_SECONDS = 20


class ObjectBlobs:
    """Keeps raw material in a bucket. `address` is `s3://BUCKET/PREFIX`; `endpoint` and `region` win over the variables."""

    def __init__(self, address: str, *, endpoint: str = "", region: str = "") -> None:
        parts = urlsplit(address)
        if not address.startswith(SCHEME) or not parts.netloc or parts.query or parts.username:
            raise BadSettings(f"{address!r} is no place for raw material; write s3://BUCKET/PREFIX")
        self._address = address
        endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
        region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        with self._reached():
            self._store = S3Store(
                parts.netloc,
                prefix=parts.path.strip("/") or None,
                config={"region": region, **({"endpoint": endpoint} if endpoint else {})},
                client_options={
                    "allow_http": endpoint.startswith("http://"), "timeout": timedelta(seconds=120), "connect_timeout": timedelta(seconds=5)
                },
                retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=_RETRY_SECONDS)},
            )  # fmt: skip

    def put(self, content: BinaryIO) -> tuple[str, int]:
        """Keep a stream's bytes."""
        with self._reached(), tempfile.TemporaryFile(prefix="afteraction-") as held:
            sha256, size = copied(content, held)
            place = place_of(sha256)
            if not self._holds(place, size):
                held.seek(0)
                obstore.put(self._store, place, held, chunk_size=_PART, max_concurrency=_AT_ONCE)
        return sha256, size

    def _holds(self, place: str, size: int) -> bool:
        try:
            return obstore.head(self._store, place)["size"] == size
        except FileNotFoundError:
            return False

    def open(self, sha256: str) -> BinaryIO | None:
        """Open kept bytes; they are fetched as they are read."""
        place = place_of(sha256)
        with self._reached():
            try:
                return io.BufferedReader(_Stream(obstore.open_reader(self._store, place), self), _PART // 8)
            except FileNotFoundError:
                return None

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Turn what goes wrong with the storage into StoreUnavailable."""
        try:
            yield
        except (BaseError, OSError) as error:
            first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
            raise StoreUnavailable(
                f"raw material cannot be kept in or read from {self._address}: {first[:300]}; check the bucket, the endpoint and "
                "the keys"
            ) from error


class _Stream(io.RawIOBase):
    """The bytes of one object, as they are read."""

    def __init__(self, reader: obstore.ReadableFile, blobs: ObjectBlobs) -> None:
        super().__init__()
        self._reader = reader
        self._blobs = blobs

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        with self._blobs._reached():  # noqa: SLF001  (a part of it)
            return self._reader.seek(offset, whence)

    def tell(self) -> int:
        return self._reader.tell()

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # RawIOBase promises a writable buffer
        with self._blobs._reached():  # noqa: SLF001  (a part of it)
            data = self._reader.read(len(view))
        view[: len(data)] = data
        return len(data)
