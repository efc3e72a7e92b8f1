"""Server-sent events: changes in order, each once, over several workers, for as long as they may be seen."""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
import uvicorn

from afteraction.assembly import new_masker
from afteraction.model.account import Account, Right, Role, Token
from afteraction.model.record import AuditEntry, Author
from afteraction.model.settings import Settings
from afteraction.ports.store import Store
from afteraction.sources import SOURCES
from afteraction.store.blobs import MemoryBlobs
from afteraction.store.database import DatabaseStore
from afteraction.store.memory import MemoryStore
from afteraction.usecases.identify import give_token
from afteraction.web.app import application
from afteraction.web.desk import Desk

STREAM = "/api/v1/stream"
PLACE = "/api/v1/incidents/INC-1"


def events(text: str) -> list[dict[str, Any]]:
    """Return the events of a stream that ended: their name, id and data."""
    found = []
    for block in text.split("\n\n"):
        told = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "data" in told:
            found.append({**told, "data": json.loads(told["data"])})
    return found


def told(client: Any, place: str = STREAM, **asked: Any) -> list[str]:
    answer = client.get(place, params={"wait": False, "after": 0, **asked})
    assert answer.status_code == 200, answer.text
    return [f"{one['data']['incident']}: {one['data']['what']}" for one in events(answer.text)]


@pytest.fixture
def incidents(office: Any) -> None:
    for name in ("INC-1", "INC-2"):
        office.responder.post("/api/v1/incidents", json={"title": "Checkout fails", "id": name, "severity": "SEV2"})
    office.editor.patch(PLACE, json={"severity": "SEV1"}, headers={"If-Match": "*"})


def test_changes_are_told_with_their_number_as_id(office: Any, incidents: None) -> None:
    del incidents
    answer = office.reader.get(STREAM, params={"wait": False, "after": 0})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text.startswith(": changes follow\nid: 0\nretry: 2000\n\n")
    found = events(answer.text)
    assert [(one["event"], one["id"]) for one in found] == [("change", str(one["data"]["number"])) for one in found]
    assert [one["data"]["what"] for one in found] == ["incident opened", "incident opened", "incident changed: severity"]  # fmt: skip


def test_one_goes_on_behind_the_last_number_that_one_got(office: Any, incidents: None) -> None:
    del incidents
    answer = office.reader.get(STREAM, params={"wait": False}, headers={"Last-Event-ID": "2"})
    assert [one["id"] for one in events(answer.text)] == ["3"]
    assert events(office.reader.get(STREAM, params={"wait": False}).text) == []
    assert events(office.reader.get(STREAM, params={"wait": False}, headers={"Last-Event-ID": "999"}).text) == []
    for last in ("x", "-1", "99999999999", "\N{SUPERSCRIPT TWO}"):
        assert office.reader.get(STREAM, headers={"Last-Event-ID": last.encode()}).status_code == 422


def test_the_stream_of_an_incident_tells_only_of_it(office: Any, incidents: None) -> None:
    del incidents
    assert told(office.reader, f"{PLACE}/stream") == ["INC-1: incident opened", "INC-1: incident changed: severity"]
    assert office.reader.get("/api/v1/incidents/INC-9/stream").status_code == 404
    assert office.anonymous.get(STREAM).status_code == 401


def test_what_stood_there_before_is_told_to_those_who_may_read_the_trail(office: Any, incidents: None) -> None:
    del incidents
    for client, before in ((office.reader, ""), (office.editor, '{"severity": "SEV2"}')):
        last = events(client.get(STREAM, params={"wait": False, "after": 2}).text)[-1]["data"]
        assert last["before"] == before


def test_private_incidents_and_accounts_are_told_only_to_those_who_see_them(office: Any, incidents: None) -> None:
    del incidents
    with office.desk.store.begin() as record:
        record.add_audit(AuditEntry(at=office.clock(), author=Author(name="owner"), what="account x made"))
    office.editor.patch(PLACE, json={"private": True, "members": ["editor"]}, headers={"If-Match": "*"})
    assert told(office.reader) == ["INC-2: incident opened"]
    assert told(office.owner) == ["INC-2: incident opened", ": account x made"]
    assert len(told(office.editor)) == 4
    assert office.owner.get(f"{PLACE}/stream").status_code == 404


def test_more_changes_than_are_kept_at_hand_are_told(office: Any) -> None:
    with office.desk.store.begin() as record:
        for number in range(3500):
            record.add_audit(AuditEntry(at=office.clock(), author=Author(name="owner"), what=f"change {number}"))
    assert [int(one["id"]) for one in events(office.owner.get(STREAM, params={"wait": False, "after": 0}).text)] == [
        *range(1, 3501)
    ]


class Worker:
    """A worker process's share of the service, in a thread: a store of its own, an application, a socket."""

    def __init__(self, store: Store) -> None:
        self.store = store
        desk = Desk(
            store=store, blobs=MemoryBlobs(), settings=Settings(), clock=lambda: datetime.now(UTC), masker=new_masker, sources=SOURCES
        )  # fmt: skip
        self.app = application(desk)
        config = uvicorn.Config(self.app, port=0, log_level="error", timeout_graceful_shutdown=5)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    def end(self) -> None:
        self.app.state.ending.set()
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive()


@contextlib.contextmanager
def workers(*stores: Store) -> Iterator[list[Worker]]:
    running = [Worker(store) for store in stores]
    try:
        yield running
    finally:
        for one in running:
            one.end()


def secret(store: Store, account: str = "owner") -> tuple[Token, dict[str, str]]:
    at = datetime.now(UTC)
    with store.begin() as record:
        record.put_account(Account(id=account, name=account, role=Role.OWNER, created_at=at))
        token, told_once = give_token(record, account, name="test", scopes=frozenset(Right), at=at)
    return token, {"Authorization": f"Bearer {told_once}"}


def follow(url: str, headers: dict[str, str], got: list[int], *, until: int = 0, count: int = 0) -> None:
    """Follow until the stream ends, a number was got, or so many were."""
    with httpx2.stream("GET", url + STREAM, headers=headers, timeout=30) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            if line.startswith("data: "):
                got.append(json.loads(line.removeprefix("data: "))["number"])
                if got[-1] == until or len(got) == count:
                    return


def change(store: Store, what: str, *, undone: bool = False, seconds: float = 0.0) -> None:
    with contextlib.suppress(ZeroDivisionError), store.begin() as record:
        record.add_audit(AuditEntry(at=datetime.now(UTC), author=Author(name="owner"), what=what))
        time.sleep(seconds)
        if undone:
            raise ZeroDivisionError


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_over_two_workers_each_change_is_told_once_and_in_order(kind: str, request: pytest.FixtureRequest) -> None:
    url = (
        request.getfixturevalue(f"{kind}_url")
        if kind == "postgres"
        else f"sqlite:///{request.getfixturevalue('tmp_path')}/record.db"
    )
    stores = [DatabaseStore(url), DatabaseStore(url)]
    _, headers = secret(stores[0])
    chance = random.Random(7)
    wishes = [(stores[n % 2], f"change {n}", chance.random() < 0.2, chance.random() / 20) for n in range(120)]
    one: list[int] = []
    other: list[int] = []
    with workers(*stores) as (first, second), ThreadPoolExecutor(10) as pool:
        begin = {**headers, "Last-Event-ID": "0"}
        staying = pool.submit(follow, first.url, begin, one)
        moving = pool.submit(follow, first.url, begin, other, count=20)
        made = [pool.submit(change, s, what, undone=undone, seconds=seconds) for s, what, undone, seconds in wishes]
        moving.result(30)
        again = pool.submit(follow, second.url, {**headers, "Last-Event-ID": str(other[-1])}, other)
        for wish in made:
            wish.result(30)
        with stores[0].begin() as record:
            expected = [entry.number for entry in record.audit()]
        for _ in range(100):
            if one[-1:] == other[-1:] == expected[-1:]:
                break
            time.sleep(0.1)
        first.end()
        second.end()
        staying.result(20)
        again.result(20)
    assert one == other == expected
    for store in stores:
        store.close()


def test_a_stream_ends_when_the_process_is_told_to_end_or_the_token_is_taken_back() -> None:
    store = MemoryStore()
    token, headers = secret(store)
    _, others = secret(store, "anna")
    got: list[int] = []
    with workers(store) as (worker,), ThreadPoolExecutor(2) as pool:
        revoked = pool.submit(follow, worker.url, headers, got)
        going_on = pool.submit(follow, worker.url, others, [])
        for _ in range(100):
            change(store, "seen")
            time.sleep(0.1)
            if got:
                break
        assert got
        with store.begin() as record:
            record.put_token(replace(token, revoked_at=datetime.now(UTC)))
        change(store, "not seen")
        revoked.result(10)
        with store.begin() as record:
            assert got[-1] < record.last_audit()
        assert not going_on.done()
        began = time.monotonic()
        worker.end()
        going_on.result(10)
        assert time.monotonic() - began < 4
