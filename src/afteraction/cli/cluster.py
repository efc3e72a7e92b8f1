"""Logs beyond one machine: chunks of files are counted on a Dask cluster that sees the same files, with one result."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from afteraction.errors import MissingExtra

if TYPE_CHECKING:
    from afteraction.evidence.logs.chunks import Chunk
    from afteraction.evidence.logs.counts import Counts
    from afteraction.evidence.logs.patterns import Counted
    from afteraction.model.log import LogFile


@contextmanager
def cluster(address: str) -> Iterator[Any]:
    """Connect to the scheduler at `address`; raises MissingExtra where dask is not installed."""
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtra("--dask needs the extra: pip install 'afteraction[dask]'") from error
    connect: Any = Client
    with connect(address) as client:
        yield client


def count_on(client: Any, files: Sequence[LogFile], *, size: int | None = None) -> list[Counted]:
    """Count the files on the cluster; what cannot be sent there (a member of an archive) is counted here."""
    from afteraction.evidence.logs.chunks import CHUNK, count_files

    return count_files(files, partial(_run, client), size=size or CHUNK)


def _run(client: Any, chunks: Iterable[Chunk]) -> Iterator[Counts]:
    from afteraction.evidence.logs.chunks import count_chunk

    listed = list(chunks)
    sent = {
        number: client.submit(count_chunk, chunk, pure=False) for number, chunk in enumerate(listed) if _travels(chunk)
    }
    for number, chunk in enumerate(listed):
        yield sent.pop(number).result() if number in sent else count_chunk(chunk)


def _travels(chunk: Chunk) -> bool:
    """Say whether a worker can open the file: the way to open it can be pickled."""
    try:
        pickle.dumps(chunk)
    except (pickle.PicklingError, TypeError, AttributeError):
        return False
    return True
