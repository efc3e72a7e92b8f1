"""An incident is opened, told of, and closed by people while it runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from afteraction.errors import Conflict, NotInRecord
from afteraction.model.event import Actor, ActorKind, Event, EventKind
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.record import AuditEntry, Author, AuthorKind, Incident, IncidentStatus, Indexed, KnownEvent
from afteraction.ports.store import Transaction

BY_HAND = "record"
"""The source of events that somebody wrote into the record."""


def open_incident(
    record: Transaction, *, title: str, began: datetime, severity: str, services: tuple[str, ...], author: Author,
    at: datetime, incident: str = "",
) -> Incident:  # fmt: skip
    """Open an incident; without an id it gets one made of the time it began.

    Raises:
        Conflict: when the record holds an incident of that id.
    """
    name = incident or f"INCIDENT-{began:%Y-%m-%d-%H%M}"
    if record.incident(name) is not None:
        raise Conflict(f"the record holds an incident {name} already; give another with --id")
    made = record.put_incident(Incident(id=name, title=title, opened_at=began, severity=severity, services=services))
    record.index(name, Indexed.INCIDENT, "", f"{name} {title} {' '.join(services)}")
    record.add_audit(AuditEntry(at=at, author=author, what="incident opened", incident=name, after=title))
    return made


def set_status(
    record: Transaction, incident: str, status: IncidentStatus, *, ended: datetime, author: Author, at: datetime
) -> Incident:
    """Say how far an incident is; resolved and closed ones have ended. Raises NotInRecord."""
    known = _known(record, incident)
    over = status in {IncidentStatus.RESOLVED, IncidentStatus.CLOSED}
    changed = record.put_incident(replace(known, status=status, closed_at=(known.closed_at or ended) if over else None))
    record.add_audit(
        AuditEntry(at=at, author=author, what="status", incident=incident, before=known.status, after=status)
    )
    return changed


def tell(
    record: Transaction,
    incident: str,
    text: str,
    *,
    happened: datetime,
    author: Author,
    at: datetime,
    service: str = "",
    about: str = "",
) -> KnownEvent:
    """Add what somebody saw or did to an incident. `happened` and `at` (when it became known) are two clocks.

    `about` is the field that it sets (`milestone.restored`), empty for a mere happening.

    Raises:
        NotInRecord: when the record holds no such incident.
        Conflict: when the very same was told before.
    """
    _known(record, incident)
    kind = {AuthorKind.AGENT: ActorKind.AGENT, AuthorKind.PERSON: ActorKind.PERSON}.get(author.kind, ActorKind.TOOL)
    event = Event(
        at=happened, precision=Precision.SECOND, kind=EventKind.NOTE, text=text, source=BY_HAND, basis=Basis.REPORTED,
        origin=Origin(file=f"{BY_HAND}:{incident}", record=f"{about} {author.name} {at.isoformat()}".lstrip()),
        actor=Actor(name=author.name, kind=kind), service=service,
    )  # fmt: skip
    added = record.add_events(incident, [event], known_at=at)
    if not added:
        raise Conflict("this was told before, word for word")
    record.index(incident, Indexed.EVENT, str(added[0].number), text)
    record.add_audit(
        AuditEntry(at=at, author=author, what=f"event {added[0].number} added", incident=incident, after=text[:500])
    )
    return added[0]


def _known(record: Transaction, incident: str) -> Incident:
    found = record.incident(incident)
    if found is None:
        raise NotInRecord(f"the record holds no incident {incident}; `afteraction incident list` shows what there is")
    return found
