"""A clock that jumps, as when it is set by NTP: what became known keeps its order, work is done once, nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from afteraction.model.event import Event, EventKind
from afteraction.model.job import Job
from afteraction.model.origin import Origin, Precision
from afteraction.model.record import AuditEntry, Author, Incident
from afteraction.ports.store import Store
from afteraction.usecases.work import LEASE, Done, work

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
ANNA = Author(name="anna")


def event(number: int) -> Event:
    return Event(
        at=NOW + timedelta(minutes=number), precision=Precision.SECOND, kind=EventKind.NOTE, text=f"event {number}", source="notes",
        origin=Origin(file="notes.md", line=number),
    )  # fmt: skip


def known(store: Store, *seconds: float) -> list[float]:
    """Add an event at each time of the clock, seconds from now; return when each became known."""
    with store.begin() as record:
        record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW))
    for number, at in enumerate(seconds):
        with store.begin() as record:
            assert record.add_events("INC-1", [event(number)], known_at=NOW + timedelta(seconds=at))
    with store.begin() as record:
        found = sorted(record.events("INC-1"), key=lambda one: one.number)
    return [(one.known_at - NOW).total_seconds() for one in found]


def test_what_became_known_keeps_its_order_when_the_clock_is_set_back(store: Store) -> None:
    assert known(store, 0, 10, 7.5, 8, 11) == [0, 10, 10, 10, 11]
    with store.begin() as record:
        assert [one.number for one in record.events("INC-1", known_at=NOW + timedelta(seconds=9))] == [1]


def test_a_clock_that_was_hours_ahead_does_not_hold_up_what_comes_after_it_was_set_right(store: Store) -> None:
    assert known(store, 0, 7200, 60, 61) == [0, 7200, 60, 61]


def planned(store: Store, **more: object) -> None:
    with store.begin() as record:
        assert record.add_job(replace(Job(id="j1", kind="tidy", run_at=NOW), **more))  # type: ignore[arg-type]


def written(store: Store) -> list[str]:
    with store.begin() as record:
        return [entry.what for entry in record.audit()]


def noted(job: Job, at: datetime) -> Done:
    return Done(write=lambda record: record.add_audit(AuditEntry(at=at, author=ANNA, what=f"{job.kind} done")))


def test_a_worker_whose_clock_is_ahead_takes_a_job_that_is_held_but_only_one_of_them_writes(store: Store) -> None:
    planned(store)

    def slow(job: Job, at: datetime) -> Done:
        ahead = lambda: NOW + LEASE + timedelta(seconds=1)  # noqa: E731  (the clock of the other worker)
        assert work(store, {"tidy": noted}, clock=ahead) == 1
        return noted(job, at)

    assert work(store, {"tidy": slow}, clock=lambda: NOW) == 1
    assert written(store) == ["tidy done"]


def test_a_job_waits_while_the_clock_is_back_and_is_done_once_when_it_is_right_again(store: Store) -> None:
    planned(store)
    assert work(store, {"tidy": noted}, clock=lambda: NOW - timedelta(hours=1)) == 0
    assert work(store, {"tidy": noted}, clock=lambda: NOW) == 1
    assert work(store, {"tidy": noted}, clock=lambda: NOW - timedelta(hours=1)) == 0
    assert work(store, {"tidy": noted}, clock=lambda: NOW + timedelta(hours=1)) == 0
    assert written(store) == ["tidy done"]


def test_a_job_that_repeats_does_not_catch_up_with_the_times_that_a_jump_left_out(store: Store) -> None:
    planned(store, every=60)
    assert work(store, {"tidy": noted}, clock=lambda: NOW) == 1
    later = NOW + timedelta(days=1)
    assert [work(store, {"tidy": noted}, clock=lambda: later) for _ in range(3)] == [1, 0, 0]
    assert written(store) == ["tidy done"] * 2
