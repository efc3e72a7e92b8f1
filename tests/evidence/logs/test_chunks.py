from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.cli.cluster import count_on
from afteraction.evidence.logs import count_file
from afteraction.evidence.logs.chunks import count_chunk, count_files, cut
from afteraction.model.log import LogFile, LogShape

LINES = "".join(
    f"2024-12-03 10:{n // 60 % 60:02}:{n % 60:02} INFO app: request {n} done\n" + ("  at a.b\n" if n % 7 == 0 else "")
    for n in range(3000)
).encode()


def log(data: bytes) -> LogFile:
    return LogFile(name="x.log", open=partial(BytesIO, data), shape=LogShape.PLAIN, year_hint=2024)


@given(st.integers(1, 40_000))
def test_counts_of_chunks_are_the_counts_of_the_file(size: int) -> None:
    file = log(LINES[:60_000])
    (found,) = count_files([file], partial(map, count_chunk), size=max(size, 500))
    assert found == count_file(file)


def test_chunks_touch_and_cover_the_file() -> None:
    chunks = list(cut(log(LINES), 10_000))
    assert [chunk.start for chunk in chunks[1:]] == [chunk.stop for chunk in chunks[:-1]]
    assert (chunks[0].start, chunks[-1].stop) == (0, None)
    assert len(list(cut(log(b"")))) == 1


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, protocol="inproc://"
        ) as machines,
        distributed.Client(machines) as connected,
    ):
        yield connected


def test_a_cluster_gives_the_same_counts(client: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(LINES)
    on_disk = LogFile(name="x.log", open=partial(open, path, "rb"), shape=LogShape.PLAIN, year_hint=2024)
    in_memory_only = LogFile(name="y.log", open=lambda: BytesIO(LINES), shape=LogShape.PLAIN, year_hint=2024)
    found = count_on(client, [on_disk, in_memory_only], size=20_000)
    assert [one.counts for one in found] == [count_file(on_disk).counts] * 2
