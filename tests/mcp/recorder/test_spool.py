"""A spool decodes up to any byte at which its recorder was killed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.formats.spool_frames import FRAME, HEAD, MARK, TO_CLIENT, TO_SERVER, WHOLE, frames
from afteraction.mcp.recorder import spool
from afteraction.mcp.recorder.spool import Spool


def encoded(lines: list[bytes]) -> bytes:
    """Return a spool of `lines`, all on the way to the server."""
    return HEAD + b"".join(FRAME.pack(MARK, n, TO_SERVER, WHOLE, len(line)) + line for n, line in enumerate(lines))


@given(st.lists(st.binary(max_size=50)))
def test_frames_come_back_as_they_were_written(lines: list[bytes]) -> None:
    assert [frame.data for frame in frames(encoded(lines))] == lines


@given(st.lists(st.binary(max_size=20), min_size=1), st.data())
def test_a_torn_end_costs_only_the_last_frame(lines: list[bytes], data: st.DataObject) -> None:
    whole = encoded(lines)
    cut = data.draw(st.integers(len(whole) - len(lines[-1]), len(whole)))
    found = [frame.data for frame in frames(whole[:cut])]
    assert found[: len(lines) - 1] == lines[:-1]


def test_a_torn_middle_costs_only_what_is_torn() -> None:
    good = encoded([b"one"])
    torn = FRAME.pack(MARK, 1, TO_SERVER, WHOLE, 500) + b"only a part"
    after = FRAME.pack(MARK, 2, TO_CLIENT, WHOLE, 3) + b"two"
    assert [frame.data for frame in frames(good + torn + after)] == [b"one", b"two"]


def test_a_full_file_is_followed_by_a_new_one_and_old_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "FILE_BYTES", 400)
    monkeypatch.setattr(spool, "FILES", 3)
    writer = Spool(tmp_path, "run", b"{}")
    for n in range(60):
        writer.put(TO_SERVER, b"line %02d\n" % n)
    writer.close()
    paths = sorted(tmp_path.glob("*.spool"))
    assert len(paths) == 3
    assert all(path.stat().st_size <= 400 for path in paths)
    last = [frame for frame in frames(paths[-1].read_bytes()) if frame.direction == TO_SERVER]
    assert last[-1].data == b"line 59"
    assert writer.lost == 0


def test_a_disk_that_fills_half_way_leaves_no_torn_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Spool(tmp_path, "run", b"{}")
    writer.put(TO_SERVER, b"before\n")
    real = os.write

    def full(target: int, data: bytes) -> int:
        if b"lost" in data:
            real(target, data[:10])
            raise OSError(28, "No space left on device")
        return real(target, data)

    monkeypatch.setattr(os, "write", full)
    writer.put(TO_SERVER, b"lost\n")
    writer.close()
    monkeypatch.undo()
    (path,) = tmp_path.glob("*.spool")
    assert [f.data for f in frames(path.read_bytes()) if f.direction == TO_SERVER] == [b"before"]
    assert writer.lost == 1
