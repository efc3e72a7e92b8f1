"""Hostile sizes, run by `test_bombs.py` in a process of its own with little memory: `python bombs.py NAME FOLDER`."""

from __future__ import annotations

import gzip
import io
import resource
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import zstandard
from targets import obeys

from afteraction.evidence.logs.chunks import count_chunk, count_files
from afteraction.fetch.folder import gather
from afteraction.formats.json_documents import read_json
from afteraction.markdown import parse
from afteraction.model.reading import SAMPLE_BYTES, Context, Problem, RawInput
from afteraction.sources import SOURCES

MEBI = 1 << 20
ROOM = 700 * MEBI
"""Memory beyond what the loaded program has; every bomb is larger than this or would be many times larger once read."""
LINE = b'{"time": "2026-01-01T00:00:00Z", "level": "error", "msg": "it fell"}\n'
PLAIN = b"2026-01-01T00:00:00Z ERROR it fell\n"


class Endless(io.RawIOBase):
    """A head, then one line of `size` bytes, never held in memory."""

    def __init__(self, head: bytes, size: int) -> None:
        super().__init__()
        self.head, self.left = head, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if self.head:
            part, self.head = self.head[: len(view)], self.head[len(view) :]
        else:
            part = b"x" * min(len(view), self.left)
            self.left -= len(part)
        view[: len(part)] = part
        return len(part)


def endless(head: bytes, size: int) -> BinaryIO:
    return io.BufferedReader(Endless(head, size), MEBI)


def long_line(line: bytes, name: str, _: Path) -> None:
    """A log whose last line has a gigabyte."""
    head = line * (SAMPLE_BYTES // len(line) + 2)
    raw = RawInput(name=name, head=head[:SAMPLE_BYTES], open=partial(endless, head, 1024 * MEBI))
    source = next(source for source in SOURCES if source.claims(raw))
    reading = source.read(raw, Context())
    assert reading.logs, source.name
    counted = count_files(reading.logs, lambda chunks: map(count_chunk, chunks))
    assert counted[0].counts.totals().sum() >= 1


def deep(opening: bytes, closing: bytes, _: Path) -> None:
    """JSON, YAML and Markdown of a hundred thousand levels, closed and not, given to every source."""
    for text in (
        opening * 100_000 + closing * 100_000,
        opening * 100_000,
        b'{"a": ' + opening * 100_000,
        LINE + opening * 100_000,
    ):
        for name in ("deep.json", "deep.jsonl", "deep.yaml", "deep.md", "deep.log"):
            raw = RawInput(name=name, head=text[:SAMPLE_BYTES], open=partial(io.BytesIO, text), size=len(text))
            for source in SOURCES:
                if source.claims(raw) or name == "deep.json":
                    obeys(source.read(raw, Context()), raw)
    read_json((opening * 100_000).decode(), "deep.json")
    parse((opening * 3_000).decode())


def unfolded(path: Path) -> tuple[int, list[str]]:
    """Read everything that a path unfolds to; return the bytes and the problems."""
    total, problems = 0, []
    for found in gather([path]):
        if isinstance(found, Problem):
            problems.append(found.reason)
            continue
        with found.open() as stream:
            while piece := stream.read(MEBI):
                total += len(piece)
    return total, problems


def bomb(kind: str, folder: Path) -> None:
    """Two gigabytes in a few kilobytes, alone and in archives within archives."""
    zeros = bytes(16 * MEBI)
    path = folder / f"bomb.{kind}"
    if kind == "zst":
        with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as packed:
            for _ in range(128):
                packed.write(zeros)
    elif kind == "gz":
        path.write_bytes(gzip.compress(zeros) * 128)  # members of gzip follow one another
    else:
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("zeros.log", zeros)
        for _ in range(6):
            outer = io.BytesIO()
            with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
                for number in range(4):
                    archive.writestr(f"{number}.zip", inner.getvalue())
            inner = outer
        path.write_bytes(inner.getvalue())
    total, problems = unfolded(path)
    assert problems
    assert total < 1024 * MEBI, f"{total:,} bytes were unfolded"


BOMBS: dict[str, Callable[[Path], None]] = {
    "a-line-of-a-gigabyte-in-a-text-log": partial(long_line, PLAIN, "app.log"),
    "a-line-of-a-gigabyte-in-a-json-log": partial(long_line, LINE, "app.jsonl"),
    "deep-lists": partial(deep, b"[", b"]"),
    "deep-objects": partial(deep, b'{"a":', b"}"),
    "deep-quotes": partial(deep, b"> ", b""),
    "zstd-bomb": partial(bomb, "zst"),
    "gzip-bomb": partial(bomb, "gz"),
    "zips-in-zips": partial(bomb, "zip"),
}

if __name__ == "__main__":
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))
    BOMBS[sys.argv[1]](Path(sys.argv[2]))
