"""A service with an endpoint for each vendor, and what each vendor sends, signed as that vendor signs."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from afteraction.model.record import Incident, KnownEvent, Wanted
from afteraction.model.settings import Hook, Opening, Settings
from afteraction.store.database import DatabaseStore
from afteraction.web.app import application
from afteraction.web.desk import Desk

sys.path.insert(0, str(Path(__file__).parent))
from hook_senders import SECRET, VENDORS, Sender


@dataclass
class Hooked:
    """The service and its clock; `send` posts what a vendor sends and returns the answer."""

    desk: Desk
    clock: Any
    client: TestClient
    office: Any

    def send(self, sender: Sender, body: bytes | None = None, **changed: str) -> dict[str, object]:
        answer = self.post(sender, body, **changed)
        assert answer.status_code in {200, 202}, answer.text
        told: dict[str, object] = answer.json()
        return told

    def post(self, sender: Sender, body: bytes | None = None, **changed: str) -> Response:
        content = sender.body if body is None else body
        headers = sender.headers(content, self.clock.time) | changed
        return self.client.post(sender.path, content=content, headers=headers)

    def incidents(self) -> list[Incident]:
        with self.desk.store.begin() as record:
            return list(record.incidents(Wanted()))

    def events(self, incident: str) -> list[KnownEvent]:
        with self.desk.store.begin() as record:
            return list(record.events(incident))


def settings(**more: object) -> Settings:
    hooks = tuple(Hook(name=vendor, vendor=vendor, secrets=("the-old-one", SECRET)) for vendor in VENDORS)
    return Settings(hooks=hooks, **more)  # type: ignore[arg-type]


@pytest.fixture
def hooked(office: Any) -> Iterator[Hooked]:
    desk = replace(office.desk, settings=settings(opening=Opening()))
    with TestClient(application(desk)) as client:
        yield Hooked(desk=desk, clock=office.clock, client=client, office=office)


@pytest.fixture(params=["sqlite", "postgres"])
def hooked_on(request: pytest.FixtureRequest, office: Any) -> Iterator[Hooked]:
    """The service over each database."""
    store = DatabaseStore(request.getfixturevalue(f"{request.param}_url"))
    desk = replace(office.desk, settings=settings(opening=Opening()), store=store)
    with TestClient(application(desk)) as client:
        yield Hooked(desk=desk, clock=office.clock, client=client, office=office)
    store.close()


@pytest.fixture
def free() -> Callable[[], int]:
    """Return what gives a port that nobody listens at."""

    def port() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return port
