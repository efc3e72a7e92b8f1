"""A service over a record in memory, with an account of each role and a token for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from afteraction.assembly import new_masker
from afteraction.model.account import Account, Right, Role
from afteraction.model.settings import Settings
from afteraction.sources import SOURCES
from afteraction.store.blobs import FolderBlobs
from afteraction.store.memory import MemoryStore
from afteraction.usecases.identify import give_token
from afteraction.web.app import application
from afteraction.web.desk import Desk

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that a test sets."""

    time: datetime = NOW

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **more: float) -> None:
        self.time += timedelta(**more)


@dataclass
class Office:
    """The service and those who use it; `clients` are by role and send their token."""

    desk: Desk
    clock: Clock
    anonymous: TestClient
    clients: dict[Role, TestClient] = field(default_factory=dict)

    def __getattr__(self, name: str) -> TestClient:
        return self.clients[Role(name)]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    clock = Clock()
    desk = Desk(
        store=MemoryStore(), blobs=FolderBlobs(tmp_path / "material"), settings=Settings(), clock=clock, masker=new_masker, sources=SOURCES
    )  # fmt: skip
    app = application(desk)
    with TestClient(app) as anonymous:
        made = Office(desk=desk, clock=clock, anonymous=anonymous)
        for role in Role:
            with desk.store.begin() as record:
                record.put_account(Account(id=role.value, name=role.value.title(), role=role, created_at=NOW))
                _, secret = give_token(record, role.value, name="test", scopes=frozenset(Right), at=NOW)
            made.clients[role] = TestClient(app, headers={"Authorization": f"Bearer {secret}"})
        yield made
