"""Work that is to be done later, or again and again, by whichever worker is free.

A job is taken with a lease: who holds it may finish it until the lease runs out, then another worker may take it. So a job
may be begun twice, and everything that a job does must bear that.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work.

    `name` is empty, or the same for all attempts to plan the same work: a record holds one job of a name, for ever, so that
    what was planned or done once is not planned again. `every` are the seconds after which it runs again. `attempts` counts
    how often it was begun, `failures` how often in a row it failed; `error` is why the last time.
    """

    kind: str
    run_at: datetime
    arguments: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    every: int | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    lease: str = ""
    lease_until: datetime | None = None
    attempts: int = 0
    failures: int = 0
    done_at: datetime | None = None
    error: str = ""
