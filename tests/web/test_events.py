"""Events over the API: two clocks, pages, what people tell, what the record makes of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from afteraction.model.event import Alert, Call, Event, EventKind
from afteraction.model.origin import Origin, Precision

PLACE = "/api/v1/incidents/INC-1"


@pytest.fixture(autouse=True)
def _incident(office: Any) -> None:
    office.responder.post("/api/v1/incidents", json={"title": "Checkout fails", "id": "INC-1"})


def read(office: Any, count: int = 1, **more: Any) -> None:
    """Let the record read events from a file."""
    told = [
        Event(at=office.clock() + timedelta(minutes=number), precision=Precision.SECOND, kind=more.get("kind", EventKind.NOTE),
              text=f"line {number}", source="notes", origin=Origin(file="notes.md", line=number + 1), detail=more.get("detail"))
        for number in range(count)
    ]  # fmt: skip
    with office.desk.store.begin() as record:
        record.add_events("INC-1", told, known_at=office.clock())


def test_what_happened_is_told_with_two_clocks(office: Any) -> None:
    office.clock.forward(minutes=30)
    answer = office.responder.post(
        f"{PLACE}/events", json={"text": "restarted cart", "happened": "2026-03-04T10:05:00Z", "service": "cart"}
    )
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["happened"], told["known_at"]) == ("2026-03-04T10:05:00Z", "2026-03-04T10:30:00Z")
    assert (told["actor"], told["actor_kind"], told["service"], told["basis"]) == ("responder", "person", "cart", "reported")  # fmt: skip
    assert office.reader.get(f"{PLACE}/events").json() == {"items": [told], "next": None, "total": 1}


def test_without_a_time_it_happened_now(office: Any) -> None:
    assert office.responder.post(f"{PLACE}/notes", json={"text": "looking"}).json()["happened"] == "2026-03-04T10:00:00Z"  # fmt: skip


def test_what_was_known_at_a_time_is_shown(office: Any) -> None:
    office.responder.post(f"{PLACE}/notes", json={"text": "first"})
    office.clock.forward(minutes=10)
    office.responder.post(f"{PLACE}/events", json={"text": "told late", "happened": "2026-03-04T10:01:00Z"})
    page = office.reader.get(f"{PLACE}/events", params={"known_at": "2026-03-04T10:05:00Z"}).json()
    assert ([one["text"] for one in page["items"]], page["total"]) == (["first"], 1)


def test_events_are_read_in_pages_in_order_of_time(office: Any) -> None:
    read(office, 5)
    office.responder.post(f"{PLACE}/events", json={"text": "in between", "happened": "2026-03-04T10:01:30Z"})
    seen, cursor = [], ""
    while cursor is not None:
        page = office.reader.get(f"{PLACE}/events", params={"limit": 2, "cursor": cursor}).json()
        seen += [one["text"] for one in page["items"]]
        cursor = page["next"]
    assert seen == ["line 0", "line 1", "in between", "line 2", "line 3", "line 4"]


def test_what_is_special_about_an_event_is_told(office: Any) -> None:
    read(office, detail=Alert(key="k", name="CartDown", severity="critical", labels=(("pod", "cart-1"),)))
    told = office.reader.get(f"{PLACE}/events").json()["items"][0]["detail"]
    assert (told["type"], told["name"], told["labels"]) == ("alert", "CartDown", [["pod", "cart-1"]])


def test_secrets_are_masked_in_what_is_told(office: Any) -> None:
    answer = office.responder.post(f"{PLACE}/notes", json={"text": "used AKIAIOSFODNN7EXAMPLQ"})
    assert "AKIAIOSFODNN7EXAMPLQ" not in answer.text


def test_a_repeated_event_is_one_event(office: Any) -> None:
    told, key = {"text": "restarted cart"}, {"Idempotency-Key": "k"}
    first, again = (office.responder.post(f"{PLACE}/events", json=told, headers=key) for _ in range(2))
    assert first.json() == again.json()
    assert office.reader.get(f"{PLACE}/events").json()["total"] == 1


def test_a_milestone_that_was_set_stands_in_the_timeline(office: Any) -> None:
    for time in ("10:05", "10:07"):
        answer = office.responder.post(
            f"{PLACE}/milestones", json={"name": "restored", "happened": f"2026-03-04T{time}:00Z", "text": "orders flow"}
        )  # fmt: skip
        assert answer.status_code == 201
    timeline = office.reader.get(f"{PLACE}/timeline").json()
    restored = next(one for one in timeline["milestones"] if one["name"] == "restored")
    assert restored["happened"] == "2026-03-04T10:07:00Z"
    assert timeline["total"] == 2


def test_rows_of_a_timeline_are_read_in_pages(office: Any) -> None:
    read(office, 5)
    first = office.reader.get(f"{PLACE}/timeline", params={"limit": 3}).json()
    second = office.reader.get(f"{PLACE}/timeline", params={"limit": 3, "cursor": first["next"]}).json()
    assert [one["text"] for one in first["rows"] + second["rows"]] == [f"line {number}" for number in range(5)]
    assert second["next"] is None
    assert first["rows"][0]["origins"] == ["notes.md:1"]


def test_a_call_is_moved_and_what_is_no_call_is_not(office: Any) -> None:
    read(office, kind=EventKind.COMMAND, detail=Call(tool="kubectl", command="kubectl get pods"))
    answer = office.responder.post(f"{PLACE}/events/1/move", json={"to": "resolution"})
    assert (answer.status_code, answer.json()["text"]) == (201, "line 0: changed the system")
    assert office.responder.post(f"{PLACE}/events/2/move", json={"to": "investigation"}).status_code == 422
    assert office.responder.post(f"{PLACE}/events/9/move", json={"to": "investigation"}).status_code == 404
    assert office.responder.post(f"{PLACE}/events/1/move", json={"to": "elsewhere"}).status_code == 422


def test_the_last_investigation_is_read(office: Any) -> None:
    assert office.reader.get(f"{PLACE}/findings").json()["verdict"] is None
    with office.desk.store.begin() as record:
        record.put_findings("INC-1", json.dumps({"verdict": "suspect", "suspects": [{"rank": 1}]}), at=office.clock())
    told = office.reader.get(f"{PLACE}/findings").json()
    assert (told["verdict"], told["suspects"], told["findings"]) == ("suspect", [{"rank": 1}], [])


def test_gaps_come_with_the_question_that_fills_them(office: Any) -> None:
    gaps = office.reader.get(f"{PLACE}/gaps").json()
    assert len(gaps) > 20
    assert all(one["question"] for one in gaps)


@pytest.mark.parametrize("what", ["events", "findings", "gaps", "timeline"])
def test_of_a_private_incident_nothing_is_there(office: Any, what: str) -> None:
    change = {"private": True, "members": ["editor"]}
    office.editor.patch(PLACE, json=change, headers={"If-Match": "*"})
    assert office.editor.get(f"{PLACE}/{what}").status_code == 200
    assert office.owner.get(f"{PLACE}/{what}").status_code == 404


@pytest.mark.parametrize(("what", "told"), [("events", {"text": "x"}), ("notes", {"text": "x"}), ("milestones", {"name": "restored"})])  # fmt: skip
def test_nothing_is_told_of_an_incident_that_is_not_there_or_by_a_reader(
    office: Any, what: str, told: dict[str, str]
) -> None:
    assert office.responder.post(f"/api/v1/incidents/INC-2/{what}", json=told).status_code == 404
    assert office.reader.post(f"{PLACE}/{what}", json=told).status_code == 403
    office.editor.patch(PLACE, json={"private": True, "members": ["editor"]}, headers={"If-Match": "*"})
    assert office.responder.post(f"{PLACE}/{what}", json=told).status_code == 404
