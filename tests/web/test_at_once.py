"""Several requests at once, on both databases: one effect for a key, no id twice, nobody's change lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from afteraction.assembly import new_masker
from afteraction.markdown import render
from afteraction.model.account import Account, Right, Role
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.merge import with_leaves
from afteraction.model.postmortem.value import Value
from afteraction.model.settings import Settings
from afteraction.sources import SOURCES
from afteraction.store.blobs import MemoryBlobs
from afteraction.store.database import DatabaseStore
from afteraction.usecases.identify import give_token
from afteraction.web.app import application
from afteraction.web.desk import Desk

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
INCIDENTS = "/api/v1/incidents"
AT_ONCE = 6


@pytest.fixture(params=["sqlite", "postgres"])
def client(request: pytest.FixtureRequest) -> Iterator[TestClient]:
    if request.param == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('tmp_path')}/record.db"
    else:
        url = request.getfixturevalue("postgres_url")
    store = DatabaseStore(url)
    desk = Desk(store=store, blobs=MemoryBlobs(), settings=Settings(), clock=lambda: NOW, masker=new_masker, sources=SOURCES)  # fmt: skip
    with store.begin() as record:
        record.put_account(Account(id="owner", name="Owner", role=Role.OWNER, created_at=NOW))
        _, secret = give_token(record, "owner", name="test", scopes=frozenset(Right), at=NOW)
    yield TestClient(application(desk), headers={"Authorization": f"Bearer {secret}"})
    store.close()


def test_equal_requests_with_one_key_have_one_effect(client: TestClient) -> None:
    def ask(_: int) -> tuple[int, str]:
        answer = client.post(INCIDENTS, json={"title": "x"}, headers={"Idempotency-Key": "k"})
        return answer.status_code, answer.text

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = set(pool.map(ask, range(AT_ONCE)))
    assert [status for status, _ in answers] == [201]
    assert len(client.get(INCIDENTS).json()["items"]) == 1
    assert [one["what"] for one in client.get("/api/v1/audit").json()["items"]].count("incident opened") == 1


def test_incidents_that_are_opened_in_one_instant_get_different_ids(client: TestClient) -> None:
    def ask(number: int) -> tuple[int, str]:
        answer = client.post(INCIDENTS, json={"title": f"incident {number}"})
        return answer.status_code, answer.json().get("id", answer.text)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(AT_ONCE)))
    assert {status for status, _ in answers} == {201}
    assert len({name for _, name in answers}) == AT_ONCE


def test_of_changes_made_on_one_version_one_is_made(client: TestClient) -> None:
    client.post(INCIDENTS, json={"title": "x", "id": "INC-1"})

    def ask(number: int) -> int:
        change = {"title": f"title {number}"}
        return int(client.patch(f"{INCIDENTS}/INC-1", json=change, headers={"If-Match": '"1"'}).status_code)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = list(pool.map(ask, range(AT_ONCE)))
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 409, 412}
    assert client.get(f"{INCIDENTS}/INC-1").json()["version"] == 2


def test_what_several_people_tell_at_once_is_all_kept(client: TestClient) -> None:
    client.post(INCIDENTS, json={"title": "x", "id": "INC-1"})

    def ask(number: int) -> int:
        return int(client.post(f"{INCIDENTS}/INC-1/events", json={"text": f"seen {number}"}).status_code)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert list(pool.map(ask, range(2 * AT_ONCE))) == [201] * 2 * AT_ONCE
    page = client.get(f"{INCIDENTS}/INC-1/events").json()
    assert sorted(one["number"] for one in page["items"]) == [*range(1, 2 * AT_ONCE + 1)]


def test_actions_that_are_added_at_once_are_all_kept(client: TestClient) -> None:
    client.post(INCIDENTS, json={"title": "x", "id": "INC-1"})

    def ask(number: int) -> int:
        return int(client.post(f"{INCIDENTS}/INC-1/actions", json={"text": f"do {number}"}).status_code)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert list(pool.map(ask, range(AT_ONCE))) == [201] * AT_ONCE
    kept = client.get(f"{INCIDENTS}/INC-1/actions").json()["items"]
    assert [one["number"] for one in kept] == [*range(1, AT_ONCE + 1)]


def test_what_two_write_at_once_into_different_fields_is_merged(client: TestClient) -> None:
    client.post(INCIDENTS, json={"title": "x", "id": "INC-1"})
    fields = {"summary.title": "Checkout fails", "executive_summary.root_cause": "A full disk."}

    def ask(field: str) -> int:
        text = render(with_leaves(PostMortem(), {field: Value(text=fields[field])}))
        headers = {"Content-Type": "text/markdown", "If-Match": '"0"'}
        return int(client.put(f"{INCIDENTS}/INC-1/document", content=text.encode(), headers=headers).status_code)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ask, fields)) == [200, 200]
    document = client.get(f"{INCIDENTS}/INC-1/document").text
    assert all(said in document for said in fields.values())
