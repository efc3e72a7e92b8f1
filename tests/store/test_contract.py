"""One contract for every store: memory, SQLite, PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from afteraction.errors import Conflict
from afteraction.model.event import (
    Actor,
    ActorKind,
    Alert,
    Call,
    Change,
    ChangeKind,
    Effect,
    Event,
    EventKind,
    Message,
    Warned,
)
from afteraction.model.origin import Origin, Precision
from afteraction.model.record import (
    COMPUTED,
    ActionState,
    AuditEntry,
    Author,
    Incident,
    IncidentStatus,
    Indexed,
    RawMaterial,
    Revision,
    TrackedAction,
    TrackedReview,
    Wanted,
)
from afteraction.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
ANNA = Author(name="anna")


def incident(name: str = "INC-1", **more: object) -> Incident:
    return Incident(**{"id": name, "title": "Checkout fails", "opened_at": NOW, "services": ("cart",), **more})  # type: ignore[arg-type]


def event(minute: int = 0, text: str = "it broke", detail: object = None, kind: EventKind = EventKind.NOTE) -> Event:
    return Event(
        at=NOW + timedelta(minutes=minute), precision=Precision.SECOND, kind=kind, text=text, source="notes",
        origin=Origin(file="notes.md", line=minute + 1), actor=Actor(name="Anna", kind=ActorKind.PERSON), detail=detail,  # type: ignore[arg-type]
    )  # fmt: skip


def kept(store: Store, *incidents: Incident) -> None:
    with store.begin() as record:
        for one in incidents:
            record.put_incident(one)


def test_an_incident_is_given_back_as_it_was_kept(store: Store) -> None:
    with store.begin() as record:
        first = record.put_incident(incident(severity="High", closed_at=NOW + timedelta(hours=2)))
    with store.begin() as record:
        assert record.incident("INC-1") == first
        assert record.incident("INC-2") is None
    assert first.version == 1


def test_a_change_of_something_that_was_changed_meanwhile_is_refused(store: Store) -> None:
    kept(store, incident())
    with store.begin() as record:
        mine = theirs = record.incident("INC-1")
    assert mine is not None
    assert theirs is not None
    with store.begin() as record:
        record.put_incident(replace(theirs, title="Payments fail"))
    with pytest.raises(Conflict, match="changed by somebody else"), store.begin() as record:
        record.put_incident(replace(mine, title="Carts fail"))
    with pytest.raises(Conflict), store.begin() as record:
        record.put_incident(incident(title="a new one of the same name"))


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    def write_and_fail() -> None:
        with store.begin() as record:
            record.put_incident(incident())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with store.begin() as record:
        assert record.incidents(Wanted()) == ()


def test_incidents_are_listed_newest_first_filtered_and_in_pages(store: Store) -> None:
    kept(store, *(incident(f"INC-{n}", opened_at=NOW + timedelta(days=n)) for n in range(1, 6)))
    kept(store, incident("INC-9", opened_at=NOW, status=IncidentStatus.CLOSED, services=("web", "cart")))

    def listed(**asked: object) -> list[str]:
        with store.begin() as record:
            return [one.id for one in record.incidents(Wanted(**asked))]  # type: ignore[arg-type]

    assert listed() == ["INC-5", "INC-4", "INC-3", "INC-2", "INC-1", "INC-9"]
    assert listed(limit=2) == ["INC-5", "INC-4"]
    assert listed(limit=2, after="INC-4") == ["INC-3", "INC-2"]
    assert listed(status=(IncidentStatus.CLOSED,)) == ["INC-9"]
    assert listed(service="web") == ["INC-9"]
    assert listed(since=NOW + timedelta(days=4)) == ["INC-5", "INC-4"]
    assert listed(until=NOW + timedelta(days=1)) == ["INC-9"]


def test_every_kind_of_event_is_given_back_as_it_was(store: Store) -> None:
    details = (
        None, Alert(key="k", name="Down", labels=(("a", "b"),), active_at=NOW), Message(channel="#inc", reactions=("eyes",)),
        Change(kind=ChangeKind.DEPLOY, ref="abc1234", files=("a.py",)), Warned(object_ref="pod/a", reason="OOM", first_at=NOW),
        Call(tool="pods_delete", arguments='{"name": "a"}', effect=Effect.STATE_CHANGING, automated=False, seconds=0.5),
    )  # fmt: skip
    events = [event(minute, f"event {minute}", detail) for minute, detail in enumerate(details)]
    kept(store, incident())
    with store.begin() as record:
        added = record.add_events("INC-1", events, known_at=NOW)
    with store.begin() as record:
        assert record.events("INC-1") == added
    assert [one.event for one in added] == events
    assert [one.number for one in added] == [1, 2, 3, 4, 5, 6]


def test_an_event_that_is_told_again_is_kept_once(store: Store) -> None:
    kept(store, incident())
    with store.begin() as record:
        assert len(record.add_events("INC-1", [event(1), event(1)], known_at=NOW)) == 1
    with store.begin() as record:
        assert record.add_events("INC-1", [event(1), event(2)], known_at=NOW)[0].number == 2


def test_what_was_known_at_a_moment_is_told_apart_from_when_it_happened(store: Store) -> None:
    kept(store, incident())
    with store.begin() as record:
        record.add_events("INC-1", [event(30)], known_at=NOW + timedelta(minutes=31))
        record.add_events("INC-1", [event(5, "found later")], known_at=NOW + timedelta(hours=5))
    with store.begin() as record:
        assert [one.event.text for one in record.events("INC-1")] == ["found later", "it broke"]
        assert [one.event.text for one in record.events("INC-1", known_at=NOW + timedelta(hours=1))] == ["it broke"]


def test_times_come_back_in_utc_whatever_zone_they_came_in(store: Store) -> None:
    pacific = datetime(2026, 3, 4, 2, 0, tzinfo=timezone(timedelta(hours=-8)))
    kept(store, incident(opened_at=pacific))
    with store.begin() as record:
        found = record.incident("INC-1")
    assert found is not None
    assert found.opened_at == pacific
    assert found.opened_at.utcoffset() == timedelta(0) or isinstance(found.opened_at.tzinfo, timezone)


def test_revisions_are_numbered_once_and_keep_their_authors(store: Store) -> None:
    first = Revision(incident="INC-1", number=1, author=COMPUTED, at=NOW, reason="drafted", markdown="# A\n")
    second = replace(first, number=2, author=ANNA, markdown="# B\n", authors=(("summary.title", ANNA), ("x", COMPUTED)))
    kept(store, incident())
    with store.begin() as record:
        record.add_revision(first)
        record.add_revision(second)
    with pytest.raises(Conflict), store.begin() as record:
        record.add_revision(replace(second, markdown="# C\n"))
    with store.begin() as record:
        assert record.revisions("INC-1") == (first, second)
        assert record.revision("INC-1") == second
        assert record.revision("INC-1", 1) == first
        assert record.revision("INC-1", 7) is None


def test_actions_reviews_material_and_the_audit_trail_are_kept(store: Store) -> None:
    action = TrackedAction(
        incident="INC-1", number=1, text="Add a limit", horizon="week", state=ActionState.DONE, closed_at=NOW
    )
    review = TrackedReview(incident="INC-1", name="1 week", due=NOW + timedelta(days=7))
    raw = RawMaterial(
        sha256="0" * 64, name="kubectl.txt", size=5_000_000_000, captured_at=NOW, command="kubectl get pods"
    )
    entry = AuditEntry(at=NOW, author=ANNA, what="closed action 1", incident="INC-1", after="{}", number=1)
    kept(store, incident(), incident("INC-2"))
    with store.begin() as record:
        record.put_actions("INC-1", [action, replace(action, number=2)])
        record.put_actions("INC-1", [action])
        record.put_reviews("INC-1", [review])
        record.add_material("INC-1", raw)
        record.add_material("INC-1", raw)
        record.add_audit(entry)
        record.put_findings("INC-1", "{}", at=NOW)
        record.put_findings("INC-1", '{"verdict": "suspect"}', at=NOW)
    with store.begin() as record:
        assert record.actions("INC-1") == record.actions() == (action,)
        assert record.reviews() == (review,)
        assert record.material("INC-1") == (raw,)
        assert record.audit("INC-1") == record.audit() == (entry,)
        assert record.findings("INC-1") == '{"verdict": "suspect"}'
        assert record.findings("INC-2") == ""
        assert record.actions("INC-2") == ()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("pool", ["INC-1", "INC-2"]),
        ("pool exhausted", ["INC-1"]),
        ("POOL Exhausted!", ["INC-1"]),
        ("pods_delete", ["INC-2"]),
        ("10.0.0.7", ["INC-2"]),
        ('pool" OR x', []),
        ("nothing", []),
        ("...", []),
        ("", []),
    ],
)
def test_search_finds_what_holds_all_words(store: Store, words: str, found: list[str]) -> None:
    kept(store, incident(), incident("INC-2"))
    with store.begin() as record:
        record.index("INC-1", Indexed.EVENT, "1", "an older text about a leak")
        record.index("INC-1", Indexed.EVENT, "1", "the pool is exhausted: pool of 32")
        record.index(
            "INC-2",
            Indexed.DOCUMENT,
            "2",
            "somebody called pods_delete on 10.0.0.7 and the pool of the web was small afterwards",
        )
    with store.begin() as record:
        assert [hit.incident for hit in record.search(words)] == found
        assert record.search("leak") == ()


@pytest.mark.parametrize("broken", ["\x00", "\ud800"], ids=["nul", "half-a-pair"])
def test_text_that_a_database_cannot_hold_is_kept_but_for_that_character(store: Store, broken: str) -> None:
    kept(store, incident(title=f"Checkout {broken} fails"))
    with store.begin() as record:
        record.add_events("INC-1", [event(1, f"pool {broken} exhausted")], known_at=NOW)
        record.index("INC-1", Indexed.EVENT, "1", f"pool {broken} exhausted")
        record.add_audit(AuditEntry(at=NOW, author=ANNA, what="x", after=broken))
    with store.begin() as record:
        (found,), (known,) = record.incidents(Wanted()), record.events("INC-1")
        assert (found.title[:8], found.title[-5:]) == ("Checkout", "fails")
        assert (known.event.text[:4], known.event.text[-9:]) == ("pool", "exhausted")
        assert len(record.search("pool exhausted")) == 1


def test_events_come_in_pages_and_are_counted_without_being_read(store: Store) -> None:
    kept(store, incident())
    with store.begin() as record:
        record.add_events("INC-1", [event(n, f"event {n}") for n in (5, 3, 1, 4, 2)], known_at=NOW)
        record.add_events("INC-1", [event(0, "event 0")], known_at=NOW + timedelta(hours=1))

    def page(**asked: object) -> str:
        with store.begin() as record:
            return "".join(one.event.text[-1] for one in record.events("INC-1", **asked))  # type: ignore[arg-type]

    assert page() == "012345"
    assert (page(limit=2), page(after=2, limit=2), page(after=5, limit=2), page(after=4)) == ("01", "23", "5", "45")
    assert page(known_at=NOW, after=1, limit=3) == "234"
    with store.begin() as record:
        assert (record.count_events("INC-1"), record.count_events("INC-1", known_at=NOW)) == (6, 5)
        assert record.count_events("INC-2") == 0


def test_many_texts_are_found_at_once_and_replace_what_stood_there(store: Store) -> None:
    kept(store, incident())
    with store.begin() as record:
        record.index("INC-1", Indexed.EVENT, "1", "an old leak")
        record.index("INC-1", Indexed.ACTION, "1", "mend the leak")
        record.index_all("INC-1", Indexed.EVENT, {str(n): f"pool number {n}" for n in range(1200)})
        record.index_all("INC-1", Indexed.EVENT, {})
    with store.begin() as record:
        assert [hit.kind for hit in record.search("leak")] == [Indexed.ACTION]
        assert [hit.ref for hit in record.search("pool 1100")] == ["1100"]
        assert len(record.search("pool", limit=2000)) == 1200


def test_a_search_may_be_for_some_kinds_only(store: Store) -> None:
    with store.begin() as record:
        record.put_incident(incident())
        for kind in Indexed:
            record.index("INC-1", kind, "1", f"checkout {kind}")
        wanted = (Indexed.INCIDENT, Indexed.DOCUMENT)
        assert {hit.kind for hit in record.search("checkout", kinds=wanted)} == set(wanted)
        assert len(record.search("checkout")) == len(Indexed)
        assert record.search("checkout", kinds=wanted, without=frozenset({"INC-1"})) == ()
