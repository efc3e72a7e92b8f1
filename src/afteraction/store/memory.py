"""A store in memory that behaves as the databases do: for tests, and for a draft that is not to be kept.

A transaction works on a copy, which becomes the record when it ends well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock

from afteraction.errors import Conflict
from afteraction.model.event import Event
from afteraction.model.job import Job
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
from afteraction.store.identity import event_identity, known_after, search_words, stale
from afteraction.store.memory_accounts import Accounts, MemoryAccounts
from afteraction.store.memory_deliveries import Deliveries, MemoryDeliveries
from afteraction.store.memory_followed import MemoryFollowed
from afteraction.store.memory_jobs import MemoryJobs
from afteraction.store.memory_replies import MemoryReplies, Replies


@dataclass(slots=True)
class _Record:
    incidents: dict[str, Incident] = field(default_factory=dict)
    events: dict[str, dict[str, KnownEvent]] = field(default_factory=dict)
    findings: dict[str, str] = field(default_factory=dict)
    revisions: dict[tuple[str, int], Revision] = field(default_factory=dict)
    actions: dict[str, tuple[TrackedAction, ...]] = field(default_factory=dict)
    reviews: dict[str, tuple[TrackedReview, ...]] = field(default_factory=dict)
    material: dict[str, dict[str, RawMaterial]] = field(default_factory=dict)
    audit: tuple[AuditEntry, ...] = ()
    index: dict[tuple[str, Indexed, str], str] = field(default_factory=dict)
    accounts: Accounts = field(default_factory=Accounts)
    jobs: dict[str, Job] = field(default_factory=dict)
    replies: Replies = field(default_factory=dict)
    deliveries: Deliveries = field(default_factory=Deliveries)

    def copy(self) -> _Record:
        return _Record(
            dict(self.incidents), {name: dict(known) for name, known in self.events.items()}, dict(self.findings),
            dict(self.revisions), dict(self.actions), dict(self.reviews),
            {name: dict(known) for name, known in self.material.items()}, self.audit, dict(self.index),
            self.accounts.copy(), dict(self.jobs), dict(self.replies), self.deliveries.copy(),
        )  # fmt: skip


class MemoryStore:
    """Keeps the record for as long as the process lives."""

    def __init__(self) -> None:
        self._record = _Record()
        self._lock = RLock()

    @contextmanager
    def begin(self) -> Iterator[MemoryTransaction]:
        """Begin a transaction; others wait for its end."""
        with self._lock:
            working = self._record.copy()
            yield MemoryTransaction(working)
            self._record = working

    def close(self) -> None:
        """Nothing is held open."""


class MemoryTransaction(MemoryAccounts, MemoryDeliveries, MemoryFollowed, MemoryJobs, MemoryReplies):
    """A transaction over a copy of the record."""

    def __init__(self, record: _Record) -> None:
        MemoryAccounts.__init__(self, record.accounts)
        MemoryJobs.__init__(self, record.jobs)
        MemoryDeliveries.__init__(self, record.deliveries, record.incidents)
        self._record = record
        self._replies = record.replies

    def incidents(self, wanted: Wanted) -> tuple[Incident, ...]:
        """Return incidents, the newest first."""
        found = sorted(self._record.incidents.values(), key=lambda one: (one.opened_at, one.id), reverse=True)
        if wanted.after and (last := self._record.incidents.get(wanted.after)):
            found = [one for one in found if (one.opened_at, one.id) < (last.opened_at, last.id)]
        return tuple(one for one in found if _fits(one, wanted))[: wanted.limit]

    def incident(self, incident: str) -> Incident | None:
        """Return an incident, or None."""
        return self._record.incidents.get(incident)

    def put_incident(self, incident: Incident) -> Incident:
        """Keep an incident, if nobody changed it meanwhile."""
        known = self._record.incidents.get(incident.id)
        if (known.version if known else 0) != incident.version:
            raise Conflict(stale(incident.id))
        members = tuple(sorted(set(incident.members))) if incident.private else ()
        kept = replace(incident, version=incident.version + 1, members=members)
        self._record.incidents[incident.id] = kept
        return kept

    def add_events(self, incident: str, events: Sequence[Event], *, known_at: datetime) -> tuple[KnownEvent, ...]:
        """Add the events that are not known yet."""
        known = self._record.events.setdefault(incident, {})
        known_at = known_after(known_at, next(reversed(known.values())).known_at if known else None)
        added = []
        for event in events:
            identity = event_identity(event)
            if identity not in known:
                known[identity] = KnownEvent(number=len(known) + 1, known_at=known_at, event=event)
                added.append(known[identity])
        return tuple(added)

    def events(
        self,
        incident: str,
        *,
        known_at: datetime | None = None,
        after: int = 0,
        behind: tuple[datetime, int] | None = None,
        limit: int | None = None,
    ) -> tuple[KnownEvent, ...]:
        """Return the events in order of time, or those known at a moment."""
        found = self._record.events.get(incident, {}).values()
        told = [one for one in found if known_at is None or one.known_at <= known_at]
        if behind is not None:
            told = [one for one in told if (one.event.at, one.number) > behind]
        page = slice(after, None if limit is None else after + limit)
        return tuple(sorted(told, key=lambda one: (one.event.at, one.number)))[page]

    def count_events(self, incident: str, *, known_at: datetime | None = None) -> int:
        """Return how many events there are."""
        return len(self.events(incident, known_at=known_at))

    def put_findings(self, incident: str, findings: str, *, at: datetime) -> None:
        """Keep the last investigation."""
        del at
        self._record.findings[incident] = findings

    def findings(self, incident: str) -> str:
        """Return the last investigation."""
        return self._record.findings.get(incident, "")

    def add_revision(self, revision: Revision) -> None:
        """Add the next revision."""
        if (revision.incident, revision.number) in self._record.revisions:
            raise Conflict(stale(revision.incident))
        self._record.revisions[revision.incident, revision.number] = revision

    def revisions(self, incident: str) -> tuple[Revision, ...]:
        """Return all revisions."""
        found = (one for one in self._record.revisions.values() if one.incident == incident)
        return tuple(sorted(found, key=lambda one: one.number))

    def revision(self, incident: str, number: int | None = None) -> Revision | None:
        """Return a revision, or the last."""
        found = self.revisions(incident)
        if number is None:
            return found[-1] if found else None
        return next((one for one in found if one.number == number), None)

    def put_actions(self, incident: str, actions: Sequence[TrackedAction]) -> None:
        """Replace the actions of an incident."""
        self._record.actions[incident] = tuple(actions)

    def actions(self, incident: str = "") -> tuple[TrackedAction, ...]:
        """Return the actions of an incident, or of all."""
        found = [one for all_of in self._record.actions.values() for one in all_of]
        found = [one for one in found if incident in {"", one.incident}]
        return tuple(sorted(found, key=lambda one: (one.incident, one.number)))

    def put_reviews(self, incident: str, reviews: Sequence[TrackedReview]) -> None:
        """Replace the reviews of an incident."""
        self._record.reviews[incident] = tuple(reviews)

    def reviews(self, incident: str = "") -> tuple[TrackedReview, ...]:
        """Return the reviews of an incident, or of all."""
        found = [one for all_of in self._record.reviews.values() for one in all_of]
        found = [one for one in found if incident in {"", one.incident}]
        return tuple(sorted(found, key=lambda one: (one.due, one.incident, one.name)))

    def add_material(self, incident: str, material: RawMaterial) -> None:
        """Note raw material; once more is nothing new."""
        self._record.material.setdefault(incident, {}).setdefault(f"{material.sha256} {material.name}", material)

    def material(self, incident: str) -> tuple[RawMaterial, ...]:
        """Return the raw material in order of name."""
        found = self._record.material.get(incident, {}).values()
        return tuple(sorted(found, key=lambda one: (one.name, one.sha256)))

    def add_audit(self, entry: AuditEntry) -> None:
        """Add to the audit trail."""
        self._record.audit = (*self._record.audit, replace(entry, number=len(self._record.audit) + 1))

    def hidden_from(self, account: str) -> frozenset[str]:
        """Return the private incidents that an account may not see."""
        known = self._record.incidents.values()
        return frozenset(one.id for one in known if one.private and account not in one.members)

    def audit(
        self,
        incident: str = "",
        *,
        after: int = 0,
        limit: int | None = None,
        without: frozenset[str] = frozenset(),
    ) -> tuple[AuditEntry, ...]:
        """Return the audit trail, or a page of it."""
        found = (one for one in self._record.audit[after:] if incident in {"", one.incident})
        return tuple(one for one in found if one.incident not in without)[:limit]

    def last_audit(self) -> int:
        """Return the number of the last entry of the audit trail."""
        return len(self._record.audit)

    def changes_running(self) -> tuple[int, int]:
        """Return that none runs: others wait for this one's end."""
        return 0, 0

    def index(self, incident: str, kind: Indexed, ref: str, text: str) -> None:
        """Let a text be found."""
        self._record.index[incident, kind, ref] = text

    def index_all(self, incident: str, kind: Indexed, texts: Mapping[str, str], *, new: bool = False) -> None:
        """Let many texts be found."""
        del new
        self._record.index.update({(incident, kind, ref): text for ref, text in texts.items()})

    def search(
        self,
        words: str,
        *,
        limit: int = 20,
        without: frozenset[str] = frozenset(),
        kinds: tuple[Indexed, ...] = tuple(Indexed),
    ) -> tuple[Hit, ...]:
        """Return what holds all the words; what says them more often comes first."""
        wanted = search_words(words)
        hits = []
        for (incident, kind, ref), text in self._record.index.items():
            said = search_words(text)
            if wanted and set(wanted) <= set(said) and incident not in without and kind in kinds:
                share = sum(said.count(word) for word in wanted) / len(said)
                hits.append((-share, incident, kind, ref, text))
        return tuple(Hit(incident=i, kind=k, ref=r, text=t) for _, i, k, r, t in sorted(hits)[:limit])


def _fits(incident: Incident, wanted: Wanted) -> bool:
    return (
        (not wanted.status or incident.status in wanted.status)
        and (not wanted.service or wanted.service in incident.services)
        and wanted.severity in {"", incident.severity}
        and (wanted.since is None or incident.opened_at >= wanted.since)
        and (wanted.until is None or incident.opened_at < wanted.until)
        and incident.id not in wanted.without
    )
