"""What people tell the record while an incident runs stands in its next draft."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from afteraction.errors import NotInRecord, UsageError
from afteraction.kpis import diagnostic_calls, resolution_calls
from afteraction.kpis.automation import automation_kpis
from afteraction.model.chronology import MilestoneName
from afteraction.model.event import Actor, ActorKind, Call, Effect, Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Material, Problem, RawInput
from afteraction.model.record import COMPUTED, Author, AuthorKind, Incident, RawMaterial
from afteraction.store.blobs import MemoryBlobs
from afteraction.store.memory import MemoryStore
from afteraction.timeline import build
from afteraction.usecases.incident import open_incident, tell
from afteraction.usecases.told import frozen_inputs, move_step, set_milestone, with_told

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
ANNA, BOT = Author(name="anna"), Author(name="bot", kind=AuthorKind.AGENT)


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    with made.begin() as record:
        record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW))
        tell(record, "INC-1", "checkout fails for everybody", happened=NOW, author=ANNA, at=after(1))
    return made


def restored(store: MemoryStore, *settings: tuple[int, Author]) -> datetime | None:
    with store.begin() as record:
        for told_at, (minute, author) in enumerate(settings, 50):
            set_milestone(
                record, "INC-1", MilestoneName.RESTORED, happened=after(minute), author=author, at=after(told_at)
            )
        found = build(with_told(record, "INC-1", Material())).milestone(MilestoneName.RESTORED)
    return found.at if found else None


def test_a_milestone_that_a_person_set_is_taken_and_the_last_setting_counts(store: MemoryStore) -> None:
    assert restored(store) is None
    assert restored(store, (40, ANNA)) == after(40)
    assert restored(store, (45, ANNA), (30, ANNA)) == after(30)


def test_an_incident_that_somebody_opened_is_drafted_under_its_id_and_title() -> None:
    store = MemoryStore()
    with store.begin() as record:
        for name, author in (("INC-7", ANNA), ("INC-8", COMPUTED)):
            open_incident(
                record,
                title="Checkout fails",
                began=NOW,
                severity="",
                services=(),
                author=author,
                at=NOW,
                incident=name,
            )
        named = {
            name: [(one.field, one.value, one.actor) for one in with_told(record, name, Material()).statements]
            for name in ("INC-7", "INC-8")
        }
    assert named["INC-7"] == [("summary.incident_id", "INC-7", "anna"), ("summary.title", "Checkout fails", "anna")]
    assert named["INC-8"] == [("summary.incident_id", "INC-8", "afteraction")]


def test_what_was_told_is_material_beside_the_files(store: MemoryStore) -> None:
    read = Event(
        at=after(5), precision=Precision.SECOND, kind=EventKind.MESSAGE, text="looking", source="chat-text",
        origin=Origin(file="chat.txt", line=1),
    )  # fmt: skip
    with store.begin() as record:
        material = with_told(record, "INC-1", Material(events=(read,)))
        assert [event.text for event in material.events] == ["looking", "checkout fails for everybody"]
        assert [(report.source, report.events) for report in material.files] == [("record", 1)]
        assert with_told(record, "NEW", Material(events=(read,))) == Material(events=(read,))
        assert record.add_events("INC-1", material.events, known_at=after(60))[0].event == read


def call(line: int, tool: str, effect: Effect) -> Event:
    return Event(
        at=after(line), precision=Precision.SECOND, kind=EventKind.TOOL_CALL, text=tool, source="mcp",
        origin=Origin(file="calls.jsonl", line=line), actor=Actor(name="bot", kind=ActorKind.AGENT),
        detail=Call(tool=tool, effect=effect),
    )  # fmt: skip


def test_a_call_that_a_person_moved_stays_where_it_was_put_and_counts_there(store: MemoryStore) -> None:
    wrong = [call(11, "kubectl_generic", Effect.DIAGNOSTIC), call(12, "restart", Effect.STATE_CHANGING)]
    with store.begin() as record:
        first = build(with_told(record, "INC-1", Material(events=tuple(wrong))))
        known = record.add_events("INC-1", first.events, known_at=after(20))
        assert [event.text for event in resolution_calls(first)] == ["restart"]
        number = next(one.number for one in known if one.event.text == "kubectl_generic")
        move_step(record, "INC-1", number, Effect.STATE_CHANGING, author=ANNA, at=after(21))
        moved = build(with_told(record, "INC-1", Material(events=tuple(wrong))))
        assert [event.text for event in resolution_calls(moved)] == ["kubectl_generic", "restart"]
        assert automation_kpis(moved)[0].value == 2
        # That it was moved is no event of the incident, and it can be moved back.
        assert len(moved.events) == len(first.events)
        move_step(record, "INC-1", number, Effect.DIAGNOSTIC, author=ANNA, at=after(22))
        back = build(with_told(record, "INC-1", Material(events=tuple(wrong))))
        assert [event.text for event in diagnostic_calls(back)] == ["kubectl_generic"]
        assert [entry.what for entry in record.audit("INC-1")][-1].startswith("event ")


def test_only_calls_can_be_moved(store: MemoryStore) -> None:
    with store.begin() as record:
        with pytest.raises(UsageError, match="no command and no tool call"):
            move_step(record, "INC-1", 1, Effect.DIAGNOSTIC, author=ANNA, at=after(3))
        with pytest.raises(NotInRecord, match="has no event 9"):
            move_step(record, "INC-1", 9, Effect.DIAGNOSTIC, author=ANNA, at=after(3))
        with pytest.raises(NotInRecord, match="no incident NEW"):
            move_step(record, "NEW", 1, Effect.DIAGNOSTIC, author=ANNA, at=after(3))


def test_frozen_material_is_read_again_as_it_was(store: MemoryStore) -> None:
    blobs = MemoryBlobs()
    sha256, size = blobs.put(io.BytesIO(b"id,text\n"))
    lost = RawMaterial(sha256="0" * 64, name="a/lost.csv", size=1, captured_at=NOW)
    with store.begin() as record:
        assert frozen_inputs(record, blobs, "INC-1") == ()
        record.add_material("INC-1", RawMaterial(sha256=sha256, name="a/rows.csv", size=size, captured_at=NOW))
        record.add_material("INC-1", lost)
        gone, rows = frozen_inputs(record, blobs, "INC-1")
    assert isinstance(gone, Problem)
    assert isinstance(rows, RawInput)
    assert (rows.name, rows.head, rows.read()) == ("a/rows.csv", b"id,text\n", b"id,text\n")
    assert rows.beside is not None
    assert rows.beside("rows.csv") == b"id,text\n"
    assert rows.beside("lost.csv") is None


def test_an_incident_whose_files_are_not_frozen_is_not_drafted_from_half_of_what_is_known(store: MemoryStore) -> None:
    read = Event(
        at=NOW, precision=Precision.SECOND, kind=EventKind.MESSAGE, text="x", source="chat-text", origin=Origin(file="c")
    )  # fmt: skip
    with store.begin() as record:
        record.add_events("INC-1", [read], known_at=NOW)
        with pytest.raises(NotInRecord, match="not frozen"):
            frozen_inputs(record, MemoryBlobs(), "INC-1")
        with pytest.raises(NotInRecord, match="no incident"):
            frozen_inputs(record, MemoryBlobs(), "INC-2")
