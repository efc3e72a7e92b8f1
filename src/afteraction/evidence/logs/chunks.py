"""Counting one file in pieces: where to cut it, and how the pieces become the counts of the whole.

The pieces may be counted anywhere, in any order (threads, processes, the workers of a cluster); put together in the
order of the file they give what one pass gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from afteraction.evidence.logs.counting import count
from afteraction.evidence.logs.counts import Counts, merge_all
from afteraction.evidence.logs.patterns import Counted
from afteraction.evidence.logs.reading import layout_of
from afteraction.formats.stamps import Layout
from afteraction.model.log import LogFile

CHUNK = 256 << 20
"""Bytes of a piece: some seconds of work, so that handing it out costs nothing beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The bytes `start` to `stop` (None: to the end) of a file, both at the beginning of a line."""

    file: LogFile
    layout: Layout | None
    start: int = 0
    stop: int | None = None


def cut(file: LogFile, size: int = CHUNK) -> Iterator[Chunk]:
    """Cut a file into chunks of about `size` bytes; a stream that cannot seek is one chunk."""
    layout = layout_of(file)
    with file.open() as stream:
        end = stream.seek(0, 2) if stream.seekable() else 0
        start = 0
        while end - start > size:
            stream.seek(start + size)
            stream.readline()
            stop = min(stream.tell(), end)
            yield Chunk(file=file, layout=layout, start=start, stop=stop)
            start = stop
    if start < end or not end:
        yield Chunk(file=file, layout=layout, start=start)


def count_chunk(chunk: Chunk) -> Counts:
    """Count one chunk; what a worker is asked to do."""
    return count(chunk.file, chunk.layout, start=chunk.start, stop=chunk.stop)


def count_files(
    files: Sequence[LogFile], run: Callable[[Iterable[Chunk]], Iterable[Counts]], *, size: int = CHUNK
) -> list[Counted]:
    """Count files in chunks; `run` gives the counts of chunks in the order of the chunks."""
    chunks = [list(cut(file, size)) for file in files]
    counts = iter(run([chunk for of_file in chunks for chunk in of_file]))
    return [
        Counted(file=file, layout=of_file[0].layout, counts=merge_all(next(counts) for _ in of_file))
        for file, of_file in zip(files, chunks, strict=True)
    ]
