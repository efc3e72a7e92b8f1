"""Actions and reviews of all incidents in pages, events behind one, the trail without some incidents: for every store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest

from afteraction.errors import NotInRecord
from afteraction.model.event import Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.record import (
    ActionState,
    AuditEntry,
    Author,
    Incident,
    TrackedAction,
    TrackedReview,
    Wanted,
    WantedActions,
    WantedReviews,
)
from afteraction.ports.store import Store
from afteraction.usecases.act import add_action
from afteraction.usecases.follow import hold_review

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def action(incident: str, number: int, **more: object) -> TrackedAction:
    return TrackedAction(incident=incident, number=number, text="Add an alert", horizon="week", **more)  # type: ignore[arg-type]


def filled(store: Store) -> None:
    with store.begin() as record:
        for name, severity in (("INC-1", "High"), ("INC-2", "Low")):
            record.put_incident(Incident(id=name, title="It broke", opened_at=NOW, severity=severity))
            record.put_reviews(
                name,
                [
                    TrackedReview(incident=name, name="1 week", due=NOW + timedelta(days=7), held_at=NOW),
                    TrackedReview(incident=name, name="1 month", due=NOW + timedelta(days=30)),
                ],
            )
            record.add_audit(AuditEntry(at=NOW, author=Author(name="anna"), what="opened", incident=name))
        record.put_actions(
            "INC-1",
            [
                action("INC-1", 1, owner="anna", due="2026-03-01"),
                action("INC-1", 2, owner="anna", due="next week"),
                action("INC-1", 3, owner="bert", due="2026-03-01", state=ActionState.DONE),
            ],
        )
        record.put_actions("INC-2", [action("INC-2", 1, owner="bert", due="2026-03-04")])


def test_incidents_are_found_by_severity(store: Store) -> None:
    filled(store)
    with store.begin() as record:
        assert [one.id for one in record.incidents(Wanted(severity="High"))] == ["INC-1"]


def test_actions_are_found_by_owner_state_and_day(store: Store) -> None:
    filled(store)

    def found(**wanted: object) -> list[tuple[str, int]]:
        with store.begin() as record:
            return [(one.incident, one.number) for one in record.find_actions(WantedActions(**wanted))]  # type: ignore[arg-type]

    assert found() == [("INC-1", 1), ("INC-1", 2), ("INC-1", 3), ("INC-2", 1)]
    assert found(incident="INC-2") == [("INC-2", 1)]
    assert found(owner="bert", state=(ActionState.OPEN,)) == [("INC-2", 1)]
    assert found(overdue_on=date(2026, 3, 4)) == [("INC-1", 1)]
    assert found(behind=("INC-1", 2), limit=1) == [("INC-1", 3)]
    assert found(without=frozenset({"INC-1"})) == [("INC-2", 1)]


def test_reviews_are_found_by_whether_they_were_held_and_when_they_are_due(store: Store) -> None:
    filled(store)

    def found(**wanted: object) -> list[tuple[str, str]]:
        with store.begin() as record:
            return [(one.incident, one.name) for one in record.find_reviews(WantedReviews(**wanted))]  # type: ignore[arg-type]

    assert found() == [("INC-1", "1 week"), ("INC-2", "1 week"), ("INC-1", "1 month"), ("INC-2", "1 month")]
    assert found(held=False, limit=1) == [("INC-1", "1 month")]
    assert found(held=True, incident="INC-2") == [("INC-2", "1 week")]
    assert found(due_by=NOW + timedelta(days=7), without=frozenset({"INC-1"})) == [("INC-2", "1 week")]
    assert found(behind=(NOW + timedelta(days=7), "INC-2", "1 week"), limit=1) == [("INC-1", "1 month")]


def test_a_page_of_events_begins_behind_the_last_one_of_the_page_before(store: Store) -> None:
    filled(store)
    told = [
        Event(at=NOW + timedelta(minutes=minute), precision=Precision.SECOND, kind=EventKind.NOTE, text=text, source="notes",
              origin=Origin(file="notes.md", line=line))
        for line, (minute, text) in enumerate([(2, "third"), (1, "first"), (1, "second")])
    ]  # fmt: skip
    with store.begin() as record:
        added = record.add_events("INC-1", told, known_at=NOW)
        first = record.events("INC-1", limit=1)
        behind = (first[0].event.at, first[0].number)
        assert [one.event.text for one in first + record.events("INC-1", behind=behind)] == ["first", "second", "third"]
        assert len(added) == 3


def test_the_trail_leaves_out_incidents(store: Store) -> None:
    filled(store)
    with store.begin() as record:
        assert [one.incident for one in record.audit(without=frozenset({"INC-1"}))] == ["INC-2"]
        assert record.changes_running()[0] <= record.changes_running()[1]


def test_actions_that_several_add_at_once_are_all_kept(store: Store) -> None:
    filled(store)
    ready = Barrier(4)

    def add(number: int) -> None:
        ready.wait()
        with store.begin() as record:
            add_action(record, action("INC-2", 0, owner=f"o{number}"), author=Author(name="anna"), at=NOW)

    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(add, range(4)))
    with store.begin() as record:
        assert [one.number for one in record.actions("INC-2")] == [*range(1, 14)]


def test_reviews_that_are_held_at_once_are_all_held(store: Store) -> None:
    filled(store)
    ready = Barrier(2)

    def hold(name: str) -> None:
        ready.wait()
        with store.begin() as record:
            hold_review(record, "INC-2", name, outcome="fine", author=Author(name="anna"), at=NOW)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(hold, ("1 week", "1 month")))
    with store.begin() as record:
        assert [one.outcome for one in record.reviews("INC-2")] == ["fine", "fine"]


def test_an_incident_that_is_not_there_cannot_be_held(store: Store) -> None:
    with pytest.raises(NotInRecord), store.begin() as record:
        record.hold_incident("INC-9")
