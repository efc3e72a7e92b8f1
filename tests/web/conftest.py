"""A service over a record in memory, with an account of each role and a token for each; and one that really runs."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from afteraction.assembly import new_masker
from afteraction.model.account import Account, Right, Role
from afteraction.model.settings import Settings
from afteraction.sources import SOURCES
from afteraction.store.blobs import FolderBlobs
from afteraction.store.memory import MemoryStore
from afteraction.usecases import passwords
from afteraction.usecases.identify import give_token
from afteraction.usecases.passwords import Cost, hashed
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


BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A running service."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


@contextlib.contextmanager
def served(folder: Path, database: str, *options: str, **variables: str) -> Iterator[Served]:
    """Start the service and wait until it is ready; end it at last, hard if it does not go."""
    port, log = free_port(), folder / f"serve-{time.monotonic_ns()}.log"
    environment = {**os.environ, "AFTERACTION_DATABASE_URL": database, **variables}
    command = [str(BIN / "afteraction"), "serve", "--listen", f"127.0.0.1:{port}", *options]
    with log.open("wb") as written:
        process = subprocess.Popen(command, stderr=written, stdout=written, cwd=folder, env=environment)
    found = Served(process, f"http://127.0.0.1:{port}", log)
    try:
        _wait(found)
        yield found
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(found: Served) -> None:
    for _ in range(300):
        assert found.process.poll() is None, found.log.read_text()
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(f"{found.url}/readyz").status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError(found.log.read_text())


@pytest.fixture
def serving(tmp_path: Path) -> Callable[..., AbstractContextManager[Served]]:
    """Return what starts `afteraction serve`: given a database, options and variables."""
    return lambda database, *options, **variables: served(tmp_path, database, *options, **variables)


PASSWORD = "four quiet otters sing"
CHEAP = Cost(ln=4, r=8, p=1)
"""So that tests need not wait for each password; what the real cost does is tested beside `usecases/passwords.py`."""


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", CHEAP)
    monkeypatch.setattr(passwords, "DUMMY", passwords.DUMMY.replace("ln=15,r=8,p=3", "ln=4,r=8,p=1"))


@pytest.fixture
def staffed(office: Office) -> Office:
    """Return the service where everybody has a password."""
    kept = hashed(PASSWORD, cost=CHEAP)
    with office.desk.store.begin() as record:
        for account in record.accounts():
            record.put_account(replace(account, password=kept))
    return office


@pytest.fixture
def browser(office: Office) -> Callable[..., TestClient]:
    """Return what opens a browser: an address, with other settings of the service where they are given."""

    def opened(base: str = "http://testserver", **settings: Any) -> TestClient:
        desk = replace(office.desk, settings=replace(office.desk.settings, **settings))
        return TestClient(
            application(desk), base_url=base, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False
        )

    return opened


def audited(office: Office) -> list[str]:
    """Return what the audit trail tells, in order."""
    with office.desk.store.begin() as record:
        return [f"{one.author.name}: {one.what}" for one in record.audit()]
