"""What the use cases need of a store: transactions over the record of incidents.

A transaction sees the record as it was when it began, and everything that it writes happens at its end or not at all.
Stores raise `Conflict` when what is written was changed by somebody else meanwhile, and `StoreUnavailable` when the
database cannot be reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol

from afteraction.model.event import Event
from afteraction.model.record import (
    AuditEntry,
    Hit,
    Incident,
    Indexed,
    KnownEvent,
    RawMaterial,
    Revision,
    TrackedAction,
    TrackedReview,
    Wanted,
)
from afteraction.ports.accounts import AccountRecord
from afteraction.ports.deliveries import DeliveryRecord
from afteraction.ports.followed import FollowedRecord
from afteraction.ports.jobs import JobRecord
from afteraction.ports.replies import ReplyRecord


class Transaction(AccountRecord, DeliveryRecord, FollowedRecord, JobRecord, ReplyRecord, Protocol):
    """Reads and writes that belong together."""

    def incidents(self, wanted: Wanted) -> tuple[Incident, ...]:
        """Return incidents, the newest first, at most `wanted.limit`."""
        ...

    def incident(self, incident: str) -> Incident | None:
        """Return an incident, or None."""
        ...

    def put_incident(self, incident: Incident) -> Incident:
        """Keep a new incident (version 0) or a change of one; returns it with its next version.

        Raises:
            Conflict: when the stored version is not the one that the change was made on.
        """
        ...

    def hidden_from(self, account: str) -> frozenset[str]:
        """Return the ids of private incidents that an account may not see."""
        ...

    def add_events(self, incident: str, events: Sequence[Event], *, known_at: datetime) -> tuple[KnownEvent, ...]:
        """Add events; those that are known already (same source, place and time) are left. Returns the new ones."""
        ...

    def events(
        self,
        incident: str,
        *,
        known_at: datetime | None = None,
        after: int = 0,
        behind: tuple[datetime, int] | None = None,
        limit: int | None = None,
    ) -> tuple[KnownEvent, ...]:
        """Return the events of an incident in order of time, or those that were known at a moment.

        A page leaves out the first `after` of them, begins behind the time and number of the last event of the page
        before, and holds at most `limit`.
        """
        ...

    def count_events(self, incident: str, *, known_at: datetime | None = None) -> int:
        """Return how many events an incident has, or had at a moment."""
        ...

    def put_findings(self, incident: str, findings: str, *, at: datetime) -> None:
        """Keep the last investigation of an incident, as the JSON of `afteraction evidence --json`."""
        ...

    def findings(self, incident: str) -> str:
        """Return the last investigation, or an empty text."""
        ...

    def add_revision(self, revision: Revision) -> None:
        """Add the next revision of a document.

        Raises:
            Conflict: when a revision of that number exists.
        """
        ...

    def revisions(self, incident: str) -> tuple[Revision, ...]:
        """Return all revisions of an incident's document, the first first."""
        ...

    def revision(self, incident: str, number: int | None = None) -> Revision | None:
        """Return a revision, the last one without a number, or None."""
        ...

    def put_actions(self, incident: str, actions: Sequence[TrackedAction]) -> None:
        """Replace the tracked actions of an incident."""
        ...

    def actions(self, incident: str = "") -> tuple[TrackedAction, ...]:
        """Return the actions of an incident, or of all, in order of incident and number."""
        ...

    def put_reviews(self, incident: str, reviews: Sequence[TrackedReview]) -> None:
        """Replace the reviews of an incident."""
        ...

    def reviews(self, incident: str = "") -> tuple[TrackedReview, ...]:
        """Return the reviews of an incident, or of all, in order of their due dates."""
        ...

    def add_material(self, incident: str, material: RawMaterial) -> None:
        """Note that raw material belongs to an incident; once more is nothing new."""
        ...

    def material(self, incident: str) -> tuple[RawMaterial, ...]:
        """Return the raw material of an incident in order of name."""
        ...

    def add_audit(self, entry: AuditEntry) -> None:
        """Add to the audit trail."""
        ...

    def audit(
        self,
        incident: str = "",
        *,
        after: int = 0,
        limit: int | None = None,
        without: frozenset[str] = frozenset(),
    ) -> tuple[AuditEntry, ...]:
        """Return the audit trail of an incident, or all of it without some incidents, the oldest first.

        A page begins behind the entry of number `after` and holds at most `limit`.
        """
        ...

    def last_audit(self) -> int:
        """Return the number of the last entry of the audit trail; 0 when there is none."""
        ...

    def changes_running(self) -> tuple[int, int]:
        """Return the oldest change that is still being made, and the one that will begin next; equal: none is.

        Entries of the audit trail get their numbers before they can be seen, so that a number may still come while a later
        one is there. It will not come any more once every change has ended that was being made when the later one was seen.
        """
        ...

    def index(self, incident: str, kind: Indexed, ref: str, text: str) -> None:
        """Let a text be found by search; what the same ref held before is forgotten."""
        ...

    def index_all(self, incident: str, kind: Indexed, texts: Mapping[str, str], *, new: bool = False) -> None:
        """Let many texts of one kind be found, each by its ref; `new` refs held nothing before, so that none is forgotten."""
        ...

    def search(
        self,
        words: str,
        *,
        limit: int = 20,
        without: frozenset[str] = frozenset(),
        kinds: tuple[Indexed, ...] = tuple(Indexed),
    ) -> tuple[Hit, ...]:
        """Return what holds all the words, the best first, of some kinds, but nothing of the incidents left out."""
        ...


class Store(Protocol):
    """Keeps the record."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction; it is carried out at the end of the block, or undone when the block raises."""
        ...

    def close(self) -> None:
        """Give back what the store holds open."""
        ...


class Blobs(Protocol):
    """Keeps raw material by its content; what is kept is never changed."""

    def put(self, content: BinaryIO) -> tuple[str, int]:
        """Keep all bytes of a stream, the same bytes once; returns their SHA-256 in hex, and how many there are.

        Raises:
            StoreUnavailable: when they cannot be written.
        """
        ...

    def open(self, sha256: str) -> BinaryIO | None:
        """Open kept bytes, or return None when they are not kept (any more)."""
        ...


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Return now, zone-aware."""
        ...
