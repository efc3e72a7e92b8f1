"""A pool of connections to the order database."""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 32
WAIT = 1.0


class PoolExhausted(Exception):
    """No connection came free in time."""


class Pool:
    """`size` connections that are handed out one at a time; `wait` is how many seconds a caller waits for one."""

    def __init__(self, database: Path, *, size: int = SIZE, wait: float = WAIT) -> None:
        self.size = size
        self._wait = wait
        self._free: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        for _ in range(size):
            connection = sqlite3.connect(database, check_same_thread=False, isolation_level=None, timeout=5.0)
            connection.execute("PRAGMA synchronous = NORMAL")
            self._free.put(connection)

    @property
    def in_use(self) -> int:
        """How many connections are handed out."""
        return self.size - self._free.qsize()

    def take(self) -> sqlite3.Connection:
        """Hand out a connection; raises PoolExhausted when none comes free in time."""
        try:
            return self._free.get(timeout=self._wait)
        except queue.Empty:
            raise PoolExhausted(
                f"no database connection free after {self._wait:g} s ({self.in_use} of {self.size} in use)"
            ) from None

    def give_back(self, connection: sqlite3.Connection) -> None:
        """Take a connection back."""
        self._free.put(connection)

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for the length of a block."""
        connection = self.take()
        try:
            yield connection
        finally:
            self.give_back(connection)
