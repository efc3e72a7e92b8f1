"""What collectors bring home, in every store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from afteraction.errors import NotInRecord, NotReached
from afteraction.model.collecting import Fetched, Planned, Sought
from afteraction.model.event import Alert, Event, EventKind
from afteraction.model.finding import Window
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Problem
from afteraction.model.record import Incident
from afteraction.ports import Progress
from afteraction.ports.store import Store
from afteraction.store.blobs import MemoryBlobs
from afteraction.usecases.collect import Collected, collect, plan, sought_for
from afteraction.usecases.told import frozen_inputs

OPENED = datetime(2026, 3, 4, 10, 40, tzinfo=UTC)
LATER = OPENED + timedelta(hours=1)


class Shelf:
    """A fetcher that brings what a test puts there; an error is raised where it stands."""

    def __init__(self, *things: Fetched | Problem | Exception, name: str = "shelf") -> None:
        self.name = name
        self.things = things
        self.sought: list[Sought] = []

    def plan(self, sought: Sought) -> tuple[Planned, ...]:
        return (Planned(what=f"things of {sought.incident.id}", asked="GET /things"),)

    def fetch(self, sought: Sought, progress: Progress) -> Iterator[Fetched | Problem]:
        self.sought.append(sought)
        progress("looking")
        for thing in self.things:
            if isinstance(thing, Exception):
                raise thing
            yield thing


def file(name: str, content: bytes = b"as it came") -> Fetched:
    return Fetched(name=name, content=content, command=f"GET /{name}")


@pytest.fixture
def kept(store: Store) -> Store:
    with store.begin() as record:
        record.put_incident(Incident(id="INC-7", title="x", opened_at=OPENED, services=("cart",)))
    return store


def run(
    store: Store, blobs: MemoryBlobs, *shelves: Shelf, at: datetime = LATER, window: Window | None = None
) -> Collected:
    return collect(store, blobs, shelves, "INC-7", window, at=at)


def test_what_was_brought_is_noted_with_its_time_and_what_was_asked(kept: Store) -> None:
    done = run(kept, MemoryBlobs(), Shelf(file("a.txt"), file("b.txt", b"other")))
    with kept.begin() as record:
        found = record.material("INC-7")
        assert [entry.what for entry in record.audit("INC-7")] == ["raw material kept: 2 files"]
    assert set(found) == set(done.new) == set(done.material)
    assert [(one.name, one.captured_at, one.command) for one in found] == [
        ("collected/shelf/a.txt", LATER, "GET /a.txt"), ("collected/shelf/b.txt", LATER, "GET /b.txt"),
    ]  # fmt: skip


def test_the_same_bytes_are_noted_once_also_under_a_name_with_another_time(kept: Store) -> None:
    blobs = MemoryBlobs()
    run(kept, blobs, Shelf(file("a.txt"), file("pods-shop-2026-03-04T11-40-00Z.json")))
    again = run(
        kept, blobs, Shelf(file("a.txt"), file("pods-shop-2026-03-04T12-40-00Z.json")), at=LATER + timedelta(hours=1)
    )
    assert (len(again.material), again.new) == (2, ())
    changed = run(kept, blobs, Shelf(file("pods-shop-2026-03-04T13-40-00Z.json", b"changed")))
    assert len(changed.new) == 1


def test_two_workers_at_once_note_it_once(kept: Store) -> None:
    blobs = MemoryBlobs()
    with ThreadPoolExecutor(4) as pool:
        done = list(
            pool.map(lambda _n: run(kept, blobs, Shelf(*(file(f"{n}.txt", b"%d" % n) for n in range(5)))), range(4))
        )
    assert all(len(one.material) == 5 for one in done)
    with kept.begin() as record:
        assert len(record.material("INC-7")) == 5


def test_of_a_file_that_grew_the_draft_reads_the_last_and_of_a_log_that_began_anew_both(kept: Store) -> None:
    blobs = MemoryBlobs()
    run(kept, blobs, Shelf(file("chat.json", b"one"), file("log-a.log", b"a long")), at=LATER - timedelta(minutes=5))
    run(kept, blobs, Shelf(file("chat.json", b"one"), file("log-a.log", b"a long log")))
    run(kept, blobs, Shelf(file("chat.json", b"one two"), file("log-a.log", b"short")), at=LATER + timedelta(minutes=5))
    with kept.begin() as record:
        read = [raw.head for raw in frozen_inputs(record, blobs, "INC-7") if not isinstance(raw, Problem)]
    assert sorted(read) == [b"a long log", b"one two", b"short"]


def test_a_collector_that_breaks_off_keeps_what_it_brought_and_the_next_is_asked(kept: Store) -> None:
    problem = Problem(origin=Origin(file="shelf/x"), reason="forbidden")
    broken = Shelf(file("a.txt"), problem, NotReached("it went away"), file("never.txt"))
    odd = Shelf(KeyError("items"), name="odd")
    done = run(kept, MemoryBlobs(), broken, odd, Shelf(file("c.txt", b"c"), name="next"))
    assert [one.name for one in done.material] == ["collected/shelf/a.txt", "collected/next/c.txt"]
    assert [one.reason.split(":")[0] for one in done.problems] == [
        "forbidden",
        "it went away",
        "it answers in a shape that nobody documents",
    ]


def test_the_window_is_that_of_the_incident_unless_one_is_chosen(kept: Store) -> None:
    shelf = Shelf(file("a.txt"))
    run(kept, MemoryBlobs(), shelf)
    chosen = Window(start=OPENED, end=OPENED + timedelta(minutes=5))
    done = run(kept, MemoryBlobs(), shelf, window=chosen)
    assert [(one.since, one.until) for one in shelf.sought] == [
        (OPENED - timedelta(hours=1), LATER),
        (chosen.start, chosen.end),
    ]
    assert done.material[0].name == "collected/20260304T104000Z-20260304T104500Z/shelf/a.txt"
    with kept.begin() as record:
        known = record.incident("INC-7")
        assert known is not None
        record.put_incident(
            Incident(**{**{k: getattr(known, k) for k in known.__slots__}, "closed_at": OPENED + timedelta(minutes=9)})
        )
        assert sought_for(record, "INC-7", None, LATER).until == OPENED + timedelta(minutes=9)


def test_what_is_sought_holds_the_alerts_and_services_that_the_record_knows(kept: Store) -> None:
    alert = Alert(key="k1", name="HighErrorRate")
    event = Event(at=OPENED, precision=Precision.SECOND, kind=EventKind.ALERT_FIRING, text="x", source="alertmanager", origin=Origin(file="a", line=1), service="orders", detail=alert)  # fmt: skip
    with kept.begin() as record:
        record.add_events("INC-7", [event], known_at=OPENED)
        sought = sought_for(record, "INC-7", None, LATER)
    assert (sought.services, [one.name for one in sought.alerts]) == (("cart", "orders"), ["HighErrorRate"])
    shelf = Shelf()
    assert plan([shelf], sought) == (("shelf", Planned(what="things of INC-7", asked="GET /things")),)
    assert shelf.sought == []


def test_an_incident_that_is_not_there_is_told(kept: Store) -> None:
    with pytest.raises(NotInRecord):
        collect(kept, MemoryBlobs(), [Shelf()], "INC-9", None, at=LATER)
