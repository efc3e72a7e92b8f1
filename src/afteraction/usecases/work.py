"""Jobs are done: taken with a lease, carried out, finished together with what they write.

What a job does outside comes first and may happen twice (a worker that dies is followed by another). What it writes into the
record happens in the transaction that finishes it, so that it happens once: a worker whose lease ran out finishes nothing.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from afteraction.model.job import Job
from afteraction.ports.store import Clock, Store, Transaction

LEASE = timedelta(minutes=15)
"""How long a worker may take for a job before another may begin it."""
GIVE_UP = 10
"""Failures in a row after which a job that runs once is left as failed; one that repeats waits for its next time."""
_FIRST_WAIT = timedelta(seconds=10)
_LOG = logging.getLogger("afteraction.work")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a job leaves: what is to be written, and when it runs again whatever its `every` says.

    `stop` ends a job that repeats.
    """

    write: Callable[[Transaction], None] | None = None
    again: datetime | None = None
    stop: bool = False


Handler = Callable[[Job, datetime], Done]
"""Carries out a job of one kind; given the job and the time. Whatever it raises is a failure, told and tried again."""


def work(store: Store, handlers: Mapping[str, Handler], *, clock: Clock, limit: int = 10) -> int:
    """Do jobs that are due, at most `limit`; returns how many were begun.

    Raises:
        StoreUnavailable: when the record cannot be reached; what was begun then comes back when its lease runs out.
    """
    lease, now = secrets.token_hex(8), clock()
    with store.begin() as record:
        taken = record.claim_jobs(at=now, until=now + LEASE, lease=lease, limit=limit)
    for job in taken:
        _carry_out(store, job, handlers, lease=lease, clock=clock)
    return len(taken)


def _carry_out(store: Store, job: Job, handlers: Mapping[str, Handler], *, lease: str, clock: Clock) -> None:
    try:
        done = handlers.get(job.kind, _unknown)(job, clock())
        finished = _after(job, done, at=clock())
        with store.begin() as record:
            held = record.put_job(finished, lease=lease)
            if held and done.write is not None:
                done.write(record)
    except Exception as error:  # noqa: BLE001  (one job must not stop the others; it is told, kept and tried again)
        _LOG.warning("job %s (%s) failed: %s", job.id, job.kind, error, exc_info=error)
        with store.begin() as record:
            record.put_job(_failed(job, str(error) or type(error).__name__, at=clock()), lease=lease)


def _unknown(job: Job, at: datetime) -> Done:
    del at
    raise LookupError(f"this version knows no jobs of the kind {job.kind!r}")


def _after(job: Job, done: Done, *, at: datetime) -> Job:
    """Return a job as it stands after it succeeded."""
    again = done.again or (_next(job, at) if job.every is not None else None)
    if done.stop or again is None:
        return replace(job, done_at=at, failures=0, error="")
    return replace(job, run_at=again, failures=0, error="")


def _next(job: Job, at: datetime) -> datetime:
    """Return the next time of a job that repeats; times that were missed are left out, not caught up with."""
    every = timedelta(seconds=job.every or 0)
    missed = max(0, (at - job.run_at) // every) if every else 0
    return job.run_at + (missed + 1) * every


def _failed(job: Job, error: str, *, at: datetime) -> Job:
    """Return a job as it stands after it failed: it waits longer each time, and is left at last."""
    failures = job.failures + 1
    told = replace(job, failures=failures, error=error[:2000])
    if failures < GIVE_UP:
        return replace(told, run_at=at + _FIRST_WAIT * 2 ** (failures - 1))
    return replace(told, done_at=at) if job.every is None else replace(told, run_at=_next(job, at))
