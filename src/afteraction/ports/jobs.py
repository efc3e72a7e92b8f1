"""What the use cases need of a store to plan work and to do it once, whoever does it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from afteraction.model.job import Job


class JobRecord(Protocol):
    """The part of a transaction that is about jobs; a job is planned in the transaction that makes it necessary."""

    def add_job(self, job: Job) -> bool:
        """Plan a job. Returns False, and leaves the one that is there, when a job of its name was planned before."""
        ...

    def claim_jobs(self, *, at: datetime, until: datetime, lease: str, limit: int = 1) -> tuple[Job, ...]:
        """Take jobs that are due and that nobody holds; they are held under `lease` until a moment, counted as begun."""
        ...

    def put_job(self, job: Job, *, lease: str) -> bool:
        """Change a job that is held under `lease`; it is given back. Returns False when it is not held under it any more."""
        ...

    def jobs(self, *, waiting: bool = False, limit: int | None = None) -> tuple[Job, ...]:
        """Return jobs in order of when they run, all or those that are not done."""
        ...

    def forget_jobs(self, *, done_before: datetime) -> None:
        """Forget jobs without a name that were done before a moment."""
        ...
