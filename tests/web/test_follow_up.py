"""Actions, reviews, search and the audit trail over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from afteraction.markdown import render
from afteraction.model.postmortem.document import PostMortem
from afteraction.usecases.follow import reviews_from

API = "/api/v1"
PLACE = f"{API}/incidents/INC-1"


@pytest.fixture(autouse=True)
def _incident(office: Any) -> None:
    office.responder.post(f"{API}/incidents", json={"title": "Checkout fails", "id": "INC-1"})


def hide(office: Any) -> None:
    office.editor.patch(PLACE, json={"private": True, "members": ["editor"]}, headers={"If-Match": "*"})


def add(office: Any, text: str = "Add an alert", **more: str) -> dict[str, Any]:
    answer = office.responder.post(f"{PLACE}/actions", json={"text": text, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_an_action_is_added_changed_and_closed_on_evidence(office: Any) -> None:
    assert add(office, owner="anna", due="2026-03-11", horizon="month")["state"] == "open"
    changed = office.responder.patch(f"{PLACE}/actions/1", json={"owner": "bert", "ticket": "OPS-7"})
    assert (changed.status_code, changed.json()["owner"], changed.json()["due"]) == (200, "bert", "2026-03-11")
    assert office.responder.post(f"{PLACE}/actions/1/close", json={}).status_code == 422
    closed = office.responder.post(f"{PLACE}/actions/1/close", json={"evidence": "the alert fired in a drill"})
    assert (closed.json()["state"], closed.json()["closed_at"]) == ("done", "2026-03-04T10:00:00Z")
    assert office.responder.patch(f"{PLACE}/actions/1", json={"reopen": True}).json()["state"] == "open"
    dropped = office.responder.post(f"{PLACE}/actions/1/close", json={"evidence": "the service is gone", "drop": True})
    assert dropped.json()["state"] == "dropped"
    assert office.responder.patch(f"{PLACE}/actions/2", json={"owner": "x"}).status_code == 404
    assert office.reader.post(f"{PLACE}/actions", json={"text": "x"}).status_code == 403


def test_an_action_stands_in_the_document_too(office: Any) -> None:
    headers = {"Content-Type": "text/markdown", "If-Match": "*"}
    office.editor.put(f"{PLACE}/document", content=render(PostMortem()), headers=headers)
    office.editor.put(f"{PLACE}/document", content="# Post-mortem\n\nSome words.\n", headers=headers)
    add(office, "Add an alert on the queue")
    assert "Add an alert on the queue" in office.reader.get(f"{PLACE}/document").text


def test_actions_of_all_incidents_are_found_by_owner_state_and_day(office: Any) -> None:
    office.responder.post(f"{API}/incidents", json={"title": "Pay fails", "id": "INC-2"})
    add(office, "one", owner="anna", due="2026-03-01")
    add(office, "two", owner="bert", due="next week")
    office.responder.post(f"{API}/incidents/INC-2/actions", json={"text": "three", "owner": "anna"})
    office.responder.post(f"{PLACE}/actions/2/close", json={"evidence": "done"})

    def found(**asked: Any) -> list[str]:
        return [one["text"] for one in office.reader.get(f"{API}/actions", params=asked).json()["items"]]

    assert found() == ["one", "two", "three"]
    assert found(owner="anna") == ["one", "three"]
    assert found(state="done") == ["two"]
    assert found(overdue=True) == ["one"]
    first = office.reader.get(f"{API}/actions", params={"limit": 2}).json()
    assert found(cursor=first["next"]) == ["three"]
    assert [one["text"] for one in office.reader.get(f"{API}/incidents/INC-2/actions").json()["items"]] == ["three"]


def test_a_repeated_action_is_one_action(office: Any) -> None:
    for _ in range(2):
        office.responder.post(f"{PLACE}/actions", json={"text": "once"}, headers={"Idempotency-Key": "k"})
    assert len(office.reader.get(f"{PLACE}/actions").json()["items"]) == 1


def test_reviews_are_listed_and_held_with_an_outcome(office: Any) -> None:
    with office.desk.store.begin() as record:
        record.put_reviews("INC-1", reviews_from("INC-1", office.clock(), (7, 30, 91, 182)))
    due = office.reader.get(f"{API}/reviews", params={"held": False, "due_by": "2026-03-12T00:00:00Z"}).json()["items"]
    assert [(one["incident"], one["name"]) for one in due] == [("INC-1", "1 week")]
    assert office.responder.post(f"{PLACE}/reviews/1 week/hold", json={"outcome": "x"}).status_code == 403
    held = office.editor.post(f"{PLACE}/reviews/1 week/hold", json={"outcome": "two actions are late"})
    assert (held.status_code, held.json()["outcome"], held.json()["held_at"]) == (200, "two actions are late", "2026-03-04T10:00:00Z")  # fmt: skip
    first = office.reader.get(f"{PLACE}/reviews", params={"held": False, "limit": 2}).json()
    rest = office.reader.get(f"{PLACE}/reviews", params={"held": False, "cursor": first["next"]}).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["1 month", "3 months", "6 months"]
    assert office.editor.post(f"{PLACE}/reviews/2 weeks/hold", json={"outcome": "x"}).status_code == 422


def test_words_are_found_in_pages(office: Any) -> None:
    for number in range(3):
        office.responder.post(f"{PLACE}/notes", json={"text": f"voucher number {number}"})
        office.clock.forward(seconds=1)
    first = office.reader.get(f"{API}/search", params={"q": "VOUCHER", "limit": 2}).json()
    rest = office.reader.get(f"{API}/search", params={"q": "voucher", "limit": 2, "cursor": first["next"]}).json()
    assert {one["text"] for one in first["items"] + rest["items"]} == {f"voucher number {n}" for n in range(3)}
    assert rest["next"] is None
    assert office.reader.get(f"{API}/search", params={"q": ""}).status_code == 422


def test_the_trail_of_an_incident_is_for_editors_and_all_of_it_for_owners(office: Any) -> None:
    add(office)
    trail = office.editor.get(f"{PLACE}/audit").json()["items"]
    assert [(one["what"], one["author"]["name"]) for one in trail] == [("incident opened", "responder"), ("action 1 added", "responder")]  # fmt: skip
    assert office.responder.get(f"{PLACE}/audit").status_code == 403
    assert office.editor.get(f"{API}/audit").status_code == 403
    first = office.owner.get(f"{API}/audit", params={"limit": 1}).json()
    rest = office.owner.get(f"{API}/audit", params={"cursor": first["next"]}).json()["items"]
    assert [one["what"] for one in first["items"] + rest][-2:] == ["incident opened", "action 1 added"]


def test_what_is_private_is_in_no_list(office: Any) -> None:
    add(office, "find the thief", owner="anna", due="2026-03-01")
    with office.desk.store.begin() as record:
        record.put_reviews("INC-1", reviews_from("INC-1", office.clock() - timedelta(days=9), (7, 30, 91, 182)))
    hide(office)
    for place in ("actions", "reviews", "search?q=thief"):
        assert office.editor.get(f"{API}/{place}").json()["items"]
        assert office.owner.get(f"{API}/{place}").json()["items"] == []
    assert [one for one in office.owner.get(f"{API}/audit").json()["items"] if one["incident"]] == []
    for place in ("actions", "reviews", "audit"):
        assert office.owner.get(f"{PLACE}/{place}").status_code == 404
    assert office.owner.post(f"{PLACE}/actions", json={"text": "x"}).status_code == 404
    assert office.owner.patch(f"{PLACE}/actions/1", json={"owner": "x"}).status_code == 404
    assert office.owner.post(f"{PLACE}/actions/1/close", json={"evidence": "x"}).status_code == 404
    assert office.owner.post(f"{PLACE}/reviews/1 week/hold", json={"outcome": "x"}).status_code == 404
