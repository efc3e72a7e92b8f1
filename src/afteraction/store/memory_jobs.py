"""Jobs in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from afteraction.model.job import Job


class MemoryJobs:
    """The part of a transaction that is about jobs."""

    def __init__(self, kept: dict[str, Job]) -> None:
        self._jobs = kept

    def add_job(self, job: Job) -> bool:
        """Plan a job, if none of its name was planned before."""
        if job.name and any(one.name == job.name for one in self._jobs.values()):
            return False
        self._jobs[job.id] = job
        return True

    def claim_jobs(self, *, at: datetime, until: datetime, lease: str, limit: int = 1) -> tuple[Job, ...]:
        """Take jobs that are due and that nobody holds."""
        due = [
            job for job in self.jobs(waiting=True)
            if job.run_at <= at and (job.lease_until is None or job.lease_until <= at)
        ]  # fmt: skip
        taken = [replace(job, lease=lease, lease_until=until, attempts=job.attempts + 1) for job in due[:limit]]
        self._jobs.update({job.id: job for job in taken})
        return tuple(taken)

    def put_job(self, job: Job, *, lease: str) -> bool:
        """Change a job that is held under a lease, and give it back."""
        known = self._jobs.get(job.id)
        if known is None or known.lease != lease or known.lease_until is None:
            return False
        self._jobs[job.id] = replace(job, lease="", lease_until=None)
        return True

    def jobs(self, *, waiting: bool = False, limit: int | None = None) -> tuple[Job, ...]:
        """Return jobs in order of when they run."""
        found = [job for job in self._jobs.values() if not waiting or job.done_at is None]
        return tuple(sorted(found, key=lambda job: (job.run_at, job.id))[:limit])

    def forget_jobs(self, *, done_before: datetime) -> None:
        """Forget jobs without a name that were done before a moment."""
        gone = [
            job.id for job in self._jobs.values() if not job.name and job.done_at is not None and job.done_at < done_before
        ]  # fmt: skip
        for one in gone:
            del self._jobs[one]
