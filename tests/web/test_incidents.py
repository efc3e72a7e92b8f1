"""Incidents over the API: lists in pages, versions, private ones, requests that are repeated."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from afteraction.model.account import Account, Role

INCIDENTS = "/api/v1/incidents"


def opened(client: Any, **told: Any) -> dict[str, Any]:
    answer = client.post(INCIDENTS, json={"title": "Checkout fails", **told})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_an_incident_is_opened_and_read_again(office: Any) -> None:
    answer = office.responder.post(
        INCIDENTS,
        json={"title": "  Checkout fails ", "services": ["cart", "cart", "pay"], "severity": "SEV1", "opened_at": "2026-03-04T10:40:00+01:00"},
    )  # fmt: skip
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{INCIDENTS}/INCIDENT-2026-03-04-0940"
    read = office.reader.get(answer.headers["location"])
    assert read.headers["etag"] == answer.headers["etag"] == '"1"'
    assert read.json() == answer.json() | {"events": 0, "revision": 0, "open_actions": 0, "open_reviews": 0}
    assert read.json()["title"] == "Checkout fails"
    assert read.json()["services"] == ["cart", "pay"]
    assert read.json()["opened_at"] == "2026-03-04T09:40:00Z"


def test_two_incidents_of_one_minute_get_different_ids(office: Any) -> None:
    assert [opened(office.responder)["id"] for _ in range(3)] == [
        "INCIDENT-2026-03-04-1000", "INCIDENT-2026-03-04-1000-2", "INCIDENT-2026-03-04-1000-3",
    ]  # fmt: skip


def test_an_id_that_is_taken_is_refused(office: Any) -> None:
    opened(office.responder, id="INC-1")
    answer = office.responder.post(INCIDENTS, json={"title": "Again", "id": "INC-1"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_reader_opens_none(office: Any) -> None:
    assert office.reader.post(INCIDENTS, json={"title": "Mine"}).status_code == 403


def test_secrets_are_masked_before_they_are_kept(office: Any) -> None:
    made = opened(office.responder, title="key AKIAIOSFODNN7EXAMPLQ leaked")
    assert "AKIAIOSFODNN7EXAMPLQ" not in str(made)


def test_a_list_is_read_in_pages_until_there_is_no_more(office: Any) -> None:
    for number in range(5):
        opened(office.responder, id=f"INC-{number}", opened_at=f"2026-03-0{number + 1}T10:00:00Z")
    seen, cursor = [], ""
    while cursor is not None:
        page = office.reader.get(INCIDENTS, params={"limit": 2, "cursor": cursor}).json()
        seen.append([one["id"] for one in page["items"]])
        cursor = page["next"]
    assert seen == [["INC-4", "INC-3"], ["INC-2", "INC-1"], ["INC-0"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"status": ["resolved", "closed"]}, ["INC-2"]),
        ({"service": "pay"}, ["INC-1"]),
        ({"severity": "SEV2"}, ["INC-2"]),
        ({"since": "2026-03-02T00:00:00Z"}, ["INC-2"]),
        ({"until": "2026-03-02T00:00:00Z"}, ["INC-1"]),
    ],
)
def test_a_list_is_filtered(office: Any, asked: dict[str, Any], found: list[str]) -> None:
    opened(office.responder, id="INC-1", services=["pay"], severity="SEV1", opened_at="2026-03-01T10:00:00Z")
    opened(office.responder, id="INC-2", services=["cart"], severity="SEV2", opened_at="2026-03-02T10:00:00Z")
    office.editor.patch(f"{INCIDENTS}/INC-2", json={"status": "resolved"}, headers={"If-Match": '"1"'})
    assert [one["id"] for one in office.reader.get(INCIDENTS, params=asked).json()["items"]] == found


@pytest.mark.parametrize("cursor", ["rubbish", "WzFd", "bnVsbA", "W10", "WyJJTkMtOSJd", "\N{SNOWMAN}"])
def test_a_cursor_that_is_none_is_refused(office: Any, cursor: str) -> None:
    assert office.reader.get(INCIDENTS, params={"cursor": cursor}).status_code == 422


@pytest.mark.parametrize("time", ["yesterday", "2026-03-04T10:00:00", "1234567890", "0001-01-01T00:00:00+14:00", "2026-02-30T10:00Z"])  # fmt: skip
def test_a_time_without_a_zone_or_sense_is_refused(office: Any, time: str) -> None:
    assert office.reader.get(INCIDENTS, params={"since": time}).status_code == 422
    assert office.responder.post(INCIDENTS, json={"title": "x", "opened_at": time}).status_code == 422


def test_a_change_needs_the_version_that_it_was_made_on(office: Any) -> None:
    opened(office.responder, id="INC-1")
    place = f"{INCIDENTS}/INC-1"
    assert office.editor.patch(place, json={"title": "New"}).status_code == 428
    changed = office.editor.patch(place, json={"title": "New"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["title"]) == (200, '"2"', "New")
    stale = office.editor.patch(place, json={"title": "Newer"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert "version 2" in stale.json()["detail"]
    assert office.editor.patch(place, json={"title": "x"}, headers={"If-Match": "rubbish"}).status_code == 412
    assert office.editor.patch(place, json={"title": "Newest"}, headers={"If-Match": "*"}).headers["etag"] == '"3"'
    assert office.responder.patch(place, json={"title": "x"}, headers={"If-Match": "*"}).status_code == 403


def test_a_change_is_in_the_trail_with_before_and_after(office: Any) -> None:
    opened(office.responder, id="INC-1", severity="SEV2")
    office.editor.patch(f"{INCIDENTS}/INC-1", json={"severity": "SEV1", "status": "closed"}, headers={"If-Match": "*"})
    with office.desk.store.begin() as record:
        entry = record.audit("INC-1")[-1]
        assert record.incident("INC-1").closed_at == office.clock()
    assert entry.author.name == "editor"
    assert '"severity": "SEV2"' in entry.before
    assert '"severity": "SEV1"' in entry.after


def test_a_change_to_what_stands_there_changes_nothing(office: Any) -> None:
    opened(office.responder, id="INC-1")
    answer = office.editor.patch(f"{INCIDENTS}/INC-1", json={"title": "Checkout fails"}, headers={"If-Match": '"1"'})
    assert answer.headers["etag"] == '"1"'


def test_a_private_incident_is_not_there_for_those_who_are_not_named(office: Any) -> None:
    made = opened(office.responder, id="INC-1", private=True, title="Stolen laptop", members=["reader"])
    assert made["members"] == ["reader", "responder"]
    assert office.reader.get(f"{INCIDENTS}/INC-1").status_code == 200
    for client in (office.owner, office.editor):
        assert client.get(f"{INCIDENTS}/INC-1").status_code == 404
        assert client.get(f"{INCIDENTS}/INC-1/similar").status_code == 404
        assert client.patch(f"{INCIDENTS}/INC-1", json={"title": "x"}, headers={"If-Match": "*"}).status_code == 404
        assert client.get(INCIDENTS).json()["items"] == []


def test_nobody_shuts_themselves_out_without_saying_so(office: Any) -> None:
    opened(office.responder, id="INC-1")
    place, on = f"{INCIDENTS}/INC-1", {"If-Match": "*"}
    refused = office.editor.patch(place, json={"private": True, "members": ["owner"]}, headers=on)
    assert refused.status_code == 422
    assert "editor would not see" in refused.json()["detail"]
    assert (
        office.editor.patch(place, json={"private": True, "members": ["owner", "editor"]}, headers=on).status_code
        == 200
    )
    left = office.editor.patch(place, json={"members": ["owner"], "leave": True}, headers=on)
    assert left.json()["members"] == ["owner"]
    assert office.editor.get(place).status_code == 404


def test_nobody_leaves_an_incident_to_nobody(office: Any) -> None:
    opened(office.responder, id="INC-1", private=True, members=["editor"])
    change = {"members": [], "leave": True}
    answer = office.editor.patch(f"{INCIDENTS}/INC-1", json=change, headers={"If-Match": "*"})
    assert (answer.status_code, "leave it to somebody" in answer.json()["detail"]) == (422, True)


def test_an_incident_that_is_not_private_has_no_members(office: Any) -> None:
    assert office.responder.post(INCIDENTS, json={"title": "x", "members": ["editor"]}).status_code == 422
    opened(office.responder, id="INC-1")
    change = {"members": ["editor"]}
    assert office.editor.patch(f"{INCIDENTS}/INC-1", json=change, headers={"If-Match": "*"}).status_code == 422


def test_a_member_has_to_be_an_account(office: Any) -> None:
    answer = office.responder.post(INCIDENTS, json={"title": "x", "private": True, "members": ["nobody"]})
    assert answer.status_code == 404
    assert "nobody is no account" in answer.json()["detail"]


def test_incidents_that_are_alike_are_found(office: Any) -> None:
    opened(office.responder, id="INC-1", title="Checkout refuses vouchers", services=["cart"])
    opened(office.responder, id="INC-2", title="Vouchers printed twice", services=["cart"])
    found = office.reader.get(f"{INCIDENTS}/INC-1/similar").json()
    assert [(one["incident"]["id"], one["services"], one["words"]) for one in found] == [
        ("INC-2", ["cart"], ["vouchers"])
    ]


def test_a_repeated_request_gets_the_same_answer_and_has_no_second_effect(office: Any) -> None:
    told, key = {"title": "Checkout fails"}, {"Idempotency-Key": "k1"}
    first = office.responder.post(INCIDENTS, json=told, headers=key)
    again = office.responder.post(INCIDENTS, json=told, headers=key)
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, first.headers["etag"])
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    assert len(office.reader.get(INCIDENTS).json()["items"]) == 1


def test_a_key_is_for_one_request_of_one_account(office: Any) -> None:
    key = {"Idempotency-Key": "k1"}
    opened_first = office.responder.post(INCIDENTS, json={"title": "One"}, headers=key)
    assert opened_first.status_code == 201
    assert office.responder.post(INCIDENTS, json={"title": "Two"}, headers=key).status_code == 422
    assert office.editor.post(INCIDENTS, json={"title": "Two"}, headers=key).status_code == 201


def test_a_refused_request_keeps_no_key(office: Any) -> None:
    key, told = {"Idempotency-Key": "k1"}, {"title": "x", "private": True, "members": ["nobody"]}
    assert office.responder.post(INCIDENTS, json=told, headers=key).status_code == 404
    with office.desk.store.begin() as record:
        record.put_account(Account(id="nobody", name="Nobody", role=Role.READER, created_at=office.clock()))
    assert office.responder.post(INCIDENTS, json=told, headers=key).status_code == 201


def test_of_two_equal_requests_at_once_one_has_the_effect(office: Any) -> None:
    def ask(_: int) -> tuple[int, str]:
        answer = office.responder.post(INCIDENTS, json={"title": "x"}, headers={"Idempotency-Key": "k1"})
        return answer.status_code, answer.json()["id"]

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(4))) == {(201, "INCIDENT-2026-03-04-1000")}


def test_a_body_that_is_too_large_or_of_another_form_is_refused_as_a_problem(office: Any) -> None:
    large = office.responder.post(INCIDENTS, json={"title": "x" * 1024 * 1024})
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")
    streamed = office.responder.post(
        INCIDENTS, content=iter([b"x" * 65536] * 20), headers={"Content-Type": "application/json"}
    )
    assert (streamed.status_code, streamed.headers["content-type"]) == (413, "application/problem+json")
    text = office.responder.post(INCIDENTS, content="title=x", headers={"Content-Type": "text/plain"})
    assert (text.status_code, text.headers["content-type"]) == (415, "application/problem+json")
    broken = office.responder.post(INCIDENTS, content="{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize(
    "body", [b'{"title": "\\ud800"}', b'{"\\ud800": 1, "title": "x"}', b"\xff\xfe", b"[" * 100_000, b'{"title": "a\\u0000b"}']
)  # fmt: skip
def test_hostile_bodies_are_refused_or_kept_but_never_a_fault(office: Any, body: bytes) -> None:
    answer = office.responder.post(INCIDENTS, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {201, 400, 422}
