"""Jobs are done once, tried again when they fail, and what they write goes with their end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from afteraction.model.job import Job
from afteraction.model.record import (
    COMPUTED,
    ActionState,
    AuditEntry,
    Incident,
    IncidentStatus,
    Indexed,
    TrackedAction,
    TrackedReview,
)
from afteraction.model.settings import Settings
from afteraction.ports.store import Transaction
from afteraction.store.memory import MemoryStore
from afteraction.usecases.schedule import begin, handlers
from afteraction.usecases.work import GIVE_UP, LEASE, Done, Handler, work

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


@dataclass
class Clock:
    time: datetime = NOW

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    with made.begin() as record:
        record.put_incident(Incident(id="INC-1", title="Checkout fails", opened_at=NOW))
    return made


def said(store: MemoryStore) -> list[str]:
    with store.begin() as record:
        return [entry.what for entry in record.audit()]


def note(text: str) -> Handler:
    def done(_: Job, at: datetime) -> Done:
        def write(record: Transaction) -> None:
            record.add_audit(AuditEntry(at=at, author=COMPUTED, what=text))

        return Done(write=write)

    return done


def add(store: MemoryStore, job: Job) -> None:
    with store.begin() as record:
        assert record.add_job(job)


def test_a_job_is_done_once(store: MemoryStore) -> None:
    add(store, Job(kind="say", run_at=NOW))
    assert work(store, {"say": note("hello")}, clock=Clock()) == 1
    assert work(store, {"say": note("hello")}, clock=Clock()) == 0
    assert said(store) == ["hello"]


def test_a_worker_whose_lease_ran_out_writes_nothing(store: MemoryStore) -> None:
    clock = Clock()
    add(store, Job(kind="say", run_at=NOW))

    def slow(job: Job, at: datetime) -> Done:
        clock.time += LEASE  # another worker takes it meanwhile, and is done first
        assert work(store, {"say": note("fast")}, clock=clock) == 1
        return note("slow")(job, at)

    work(store, {"say": slow}, clock=clock)
    assert said(store) == ["fast"]


def test_a_job_that_fails_is_tried_again_later_each_time_and_left_at_last(store: MemoryStore) -> None:
    clock, begun = Clock(), []

    def fails(_: Job, at: datetime) -> Done:
        begun.append(at)
        raise ValueError("no such cluster")

    add(store, Job(kind="say", run_at=NOW))
    for _ in range(200):
        work(store, {"say": fails}, clock=clock)
        clock.time += timedelta(minutes=5)
    waits = [later - earlier for earlier, later in pairwise(begun)]
    assert len(begun) == GIVE_UP
    assert waits == sorted(waits)
    with store.begin() as record:
        (job,) = record.jobs()
    assert (job.done_at, job.error, job.failures) == (begun[-1], "no such cluster", GIVE_UP)


def test_a_job_of_a_kind_that_is_not_known_is_kept_for_a_version_that_knows_it(store: MemoryStore) -> None:
    add(store, Job(kind="later", run_at=NOW))
    work(store, {}, clock=Clock())
    with store.begin() as record:
        (job,) = record.jobs(waiting=True)
    assert "knows no jobs of the kind 'later'" in job.error


def test_a_job_that_repeats_does_not_catch_up_with_what_it_missed(store: MemoryStore) -> None:
    clock = Clock()
    add(store, Job(kind="say", run_at=NOW, every=60))
    clock.time += timedelta(minutes=7, seconds=30)
    assert work(store, {"say": note("tick")}, clock=clock) == 1
    assert work(store, {"say": note("tick")}, clock=clock) == 0
    with store.begin() as record:
        assert [job.run_at for job in record.jobs(waiting=True)] == [NOW + timedelta(minutes=8)]


def days(store: MemoryStore, count: int) -> list[tuple[int, str]]:
    """Let a number of days pass, with work done each hour; returns what was said on which day."""
    clock, known = Clock(), handlers(store, Settings())
    with store.begin() as record:
        begin(record, at=NOW)
    for _ in range(count * 24):
        while work(store, known, clock=clock):
            pass
        clock.time += timedelta(hours=1)
    with store.begin() as record:
        return [((entry.at - NOW).days, entry.what) for entry in record.audit() if entry.author == COMPUTED]


def test_reviews_and_actions_are_reminded_of_when_due_and_each_week_until_they_are_done(store: MemoryStore) -> None:
    with store.begin() as record:
        record.put_reviews("INC-1", [TrackedReview(incident="INC-1", name="1 week", due=NOW + timedelta(days=7))])
        record.put_actions(
            "INC-1",
            [
                TrackedAction(
                    incident="INC-1", number=1, text="Add an alert", horizon="week", owner="Anna", due="2026-03-06"
                ),
                TrackedAction(
                    incident="INC-1", number=2, text="Done", horizon="week", due="2026-03-06", state=ActionState.DONE
                ),
                TrackedAction(incident="INC-1", number=3, text="Some day", horizon="week", due="soon"),
            ],
        )
    late = "action 1 is overdue since 2026-03-06, owner Anna"
    assert days(store, 10) == [(2, late), (7, "review 1 week is due"), (9, late)]


def test_a_review_that_was_held_is_not_reminded_of(store: MemoryStore) -> None:
    with store.begin() as record:
        due = TrackedReview(incident="INC-1", name="1 week", due=NOW + timedelta(days=1))
        record.put_reviews("INC-1", [due])
    days(store, 1)
    with store.begin() as record:
        record.put_reviews("INC-1", [replace(due, held_at=NOW)])
    assert days(store, 5) == []


def test_an_incident_that_resembles_an_earlier_one_is_said_to_have_come_back_once(store: MemoryStore) -> None:
    with store.begin() as record:
        for name, title, status, private in (
            ("INC-7", "Checkout declines cards", IncidentStatus.CLOSED, False),
            ("INC-8", "Checkout declines cards", IncidentStatus.CLOSED, True),
            ("INC-9", "Checkout declines cards again", IncidentStatus.OPEN, False),
        ):
            opened = NOW - timedelta(days=0 if status is IncidentStatus.OPEN else 40)
            record.put_incident(
                Incident(id=name, title=title, opened_at=opened, status=status, services=("payments",), private=private)
            )
            record.index(name, Indexed.INCIDENT, "", f"{name} {title} payments")
    assert days(store, 2) == [(0, "may have come back")]
    with store.begin() as record:
        (entry,) = [one for one in record.audit("INC-9") if one.author == COMPUTED]
    assert "INC-7" in entry.after
    assert "INC-8" not in entry.after
