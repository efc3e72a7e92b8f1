"""Jobs in every store: taken once, given back when a lease runs out, finished by who holds them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from afteraction.errors import Conflict
from afteraction.model.job import Job
from afteraction.model.record import Incident
from afteraction.ports.store import Store
from afteraction.store.database import DatabaseStore

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def add(store: Store, *jobs: Job) -> list[bool]:
    with store.begin() as record:
        return [record.add_job(job) for job in jobs]


def claim(store: Store, *, at: datetime = NOW, lease: str = "one", limit: int = 10) -> tuple[Job, ...]:
    with store.begin() as record:
        return record.claim_jobs(at=at, until=at + timedelta(minutes=5), lease=lease, limit=limit)


def test_a_job_comes_back_as_it_was_planned_when_it_is_due(store: Store) -> None:
    planned = Job(kind="remind", name="remind a", arguments={"incident": "INC-1"}, run_at=NOW, every=60)
    add(store, planned, Job(kind="tidy", run_at=LATER))
    (taken,) = claim(store)
    assert taken == replace(planned, attempts=1, lease="one", lease_until=LATER)


def test_a_job_that_somebody_holds_is_nobody_elses_until_the_lease_runs_out(store: Store) -> None:
    add(store, Job(kind="tidy", run_at=NOW))
    (held,) = claim(store)
    assert claim(store, at=LATER - timedelta(seconds=1), lease="two") == ()
    (again,) = claim(store, at=LATER, lease="two")
    assert (again.id, again.attempts) == (held.id, 2)
    with store.begin() as record:
        assert not record.put_job(replace(held, done_at=LATER), lease="one")
        assert record.put_job(replace(again, done_at=LATER), lease="two")
        assert record.jobs(waiting=True) == ()
        assert [job.done_at for job in record.jobs()] == [LATER]


def test_of_a_name_there_is_one_job_for_ever(store: Store) -> None:
    assert add(store, Job(kind="plan", name="plan", run_at=NOW), Job(kind="plan", name="plan", run_at=NOW)) == [
        True,
        False,
    ]
    (held,) = claim(store)
    with store.begin() as record:
        record.put_job(replace(held, done_at=NOW), lease="one")
        record.forget_jobs(done_before=LATER)
    assert add(store, Job(kind="plan", name="plan", run_at=NOW)) == [False]


def test_jobs_without_a_name_are_forgotten_some_time_after_they_were_done(store: Store) -> None:
    add(store, Job(kind="tidy", run_at=NOW), Job(kind="tidy", run_at=LATER))
    (held,) = claim(store)
    with store.begin() as record:
        record.put_job(replace(held, done_at=NOW), lease="one")
        record.forget_jobs(done_before=LATER)
        assert [job.run_at for job in record.jobs()] == [LATER]


def test_a_job_planned_in_a_transaction_that_fails_is_not_planned(store: Store) -> None:
    def plan_and_fail() -> None:
        with store.begin() as record:
            record.add_job(Job(kind="tidy", run_at=NOW))
            record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW, version=7))

    with pytest.raises(Conflict):
        plan_and_fail()
    assert claim(store) == ()


def test_workers_that_claim_at_the_same_time_share_the_jobs(url: str) -> None:
    store = DatabaseStore(url)
    add(store, *(Job(kind="tidy", run_at=NOW) for _ in range(60)))
    taken: list[str] = []

    def claims(name: str) -> None:
        while found := claim(store, lease=name, limit=4):
            taken.extend(job.id for job in found)

    threads = [threading.Thread(target=claims, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60
    store.close()
