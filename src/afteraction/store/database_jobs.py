"""Jobs in the database. On PostgreSQL workers step over each other's rows; on SQLite there is one writer at a time anyway."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from afteraction.model.job import Job
from afteraction.store import tables as t
from afteraction.store.connected import Connected


class JobRows(Connected):
    """The part of a transaction that is about jobs."""

    def add_job(self, job: Job) -> bool:
        """Plan a job, if none of its name was planned before."""
        row = _row(job)
        if not job.name:
            self._connection.execute(insert(t.JOB).values(row))
            return True
        if self._first(select(t.JOB.c.id).where(t.JOB.c.name == job.name)):
            return False
        if self._connection.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as insert_or  # noqa: PLC0415  (only that database has it)

            # Another worker may plan the same at this moment; to wait for it and to do nothing is right.
            made = self._connection.execute(insert_or(t.JOB).values(row).on_conflict_do_nothing())
            return bool(made.rowcount)
        self._connection.execute(insert(t.JOB).values(row))
        return True

    def claim_jobs(self, *, at: datetime, until: datetime, lease: str, limit: int = 1) -> tuple[Job, ...]:
        """Take jobs that are due and that nobody holds."""
        columns = t.JOB.c
        free = or_(columns.lease_until.is_(None), columns.lease_until <= at)
        query = select(t.JOB).where(columns.done_at.is_(None), columns.run_at <= at, free)
        query = query.order_by(columns.run_at, columns.id).limit(limit).with_for_update(skip_locked=True)
        taken = []
        for found in self._all(query):
            job = _job(found)
            held = replace(job, lease=lease, lease_until=until, attempts=job.attempts + 1)
            self._connection.execute(update(t.JOB).where(columns.id == job.id).values(_row(held)))
            taken.append(held)
        return tuple(taken)

    def put_job(self, job: Job, *, lease: str) -> bool:
        """Change a job that is held under a lease, and give it back."""
        row = _row(replace(job, lease="", lease_until=None))
        same = (t.JOB.c.id == job.id) & (t.JOB.c.lease == lease) & t.JOB.c.lease_until.is_not(None)
        return bool(self._connection.execute(update(t.JOB).where(same).values(row)).rowcount)

    def jobs(self, *, waiting: bool = False, limit: int | None = None) -> tuple[Job, ...]:
        """Return jobs in order of when they run."""
        query = select(t.JOB).order_by(t.JOB.c.run_at, t.JOB.c.id).limit(limit)
        return tuple(map(_job, self._all(query.where(t.JOB.c.done_at.is_(None)) if waiting else query)))

    def forget_jobs(self, *, done_before: datetime) -> None:
        """Forget jobs without a name that were done before a moment."""
        self._connection.execute(delete(t.JOB).where(t.JOB.c.done_at < done_before, t.JOB.c.name.is_(None)))


def _row(job: Job) -> dict[str, Any]:
    return asdict(job) | {"name": job.name or None, "arguments": dict(job.arguments)}


def _job(row: dict[str, Any]) -> Job:
    return Job(**row | {"name": row["name"] or ""})
