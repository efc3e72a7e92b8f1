"""The three stores, each fresh: in memory, in a file, and on a real PostgreSQL that the run starts for itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from afteraction.ports.store import Store
from afteraction.store.database import DatabaseStore
from afteraction.store.memory import MemoryStore


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Return each store, empty."""
    if request.param == "memory":
        yield MemoryStore()
        return
    opened = DatabaseStore(request.getfixturevalue(f"{request.param}_url"))
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))
