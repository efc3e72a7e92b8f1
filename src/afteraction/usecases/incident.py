"""An incident is opened, told of, and closed by people while it runs."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime

from afteraction.errors import Conflict, NotInRecord, Stale, UsageError
from afteraction.model.event import Actor, ActorKind, Event, EventKind
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.record import AuditEntry, Author, AuthorKind, Incident, IncidentStatus, Indexed, KnownEvent
from afteraction.ports.store import Transaction

OPENED = "incident opened"
"""What the audit trail says of an incident that somebody opened."""
BY_HAND = "record"
"""The source of events that somebody wrote into the record."""
_OVER = frozenset({IncidentStatus.RESOLVED, IncidentStatus.CLOSED})


def handed_in(incident: str, name: str) -> str:
    """Return the name under which material that was handed to the record, and lies nowhere else, stands in its events."""
    return f"{BY_HAND}:{incident}/{name}"


def is_told(event: Event) -> bool:
    """Whether the record itself is where an event comes from: it was told by hand, or in material that was handed in."""
    return event.source == BY_HAND or event.origin.file.startswith(f"{BY_HAND}:")


def open_incident(
    record: Transaction, *, title: str, began: datetime, severity: str, services: tuple[str, ...], author: Author,
    at: datetime, incident: str = "", private: bool = False, members: tuple[str, ...] = (),
) -> Incident:  # fmt: skip
    """Open an incident; without an id it gets one made of the time it began.

    Raises:
        Conflict: when the record holds an incident of that id.
        NotInRecord: when a member is no account.
    """
    _accounts(record, members)
    name = incident or _free(record, f"INCIDENT-{began:%Y-%m-%d-%H%M}")
    if record.incident(name) is not None:
        raise Conflict(f"the record holds an incident {name} already; give another with --id")
    made = record.put_incident(
        Incident(id=name, title=title, opened_at=began, severity=severity, services=services, private=private, members=members)
    )  # fmt: skip
    record.index(name, Indexed.INCIDENT, "", f"{name} {title} {' '.join(services)}")
    record.add_audit(AuditEntry(at=at, author=author, what=OPENED, incident=name, after=title))
    return made


def change_incident(
    record: Transaction, incident: str, *, version: int | None, author: Author, at: datetime, leave: bool = False,
    **changes: object,
) -> Incident:  # fmt: skip
    """Change fields of an incident: title, severity, services, status, closed_at, private, members.

    `version` is the one that the change was made on, None for whatever stands there. Who would not see a private incident
    any more by this change has to say so with `leave`.

    Raises:
        NotInRecord: when the record holds no such incident, or a member is no account.
        Stale: when the incident is not of that version any more.
        UsageError: when the author would shut themselves out, or everybody, or names members of what is not private.
    """
    known = _known(record, incident)
    if version is not None and version != known.version:
        raise Stale(f"{incident} is of version {known.version} by now; read it again and change what stands there")
    changed = replace(known, **changes)  # type: ignore[arg-type]  # the caller names fields of an incident
    if changed.status in _OVER:
        changed = replace(changed, closed_at=changed.closed_at or at)
    elif changed.status is not known.status:
        changed = replace(changed, closed_at=None)
    if not changed.private and changes.get("members"):
        raise UsageError(f"{incident} is not private, so that it has no members; make it private too")
    changed = replace(changed, members=tuple(sorted(set(changed.members))) if changed.private else ())
    _accounts(record, tuple(set(changed.members) - set(known.members)))
    if changed.private and author.name not in changed.members and not leave:
        raise UsageError(
            f"{author.name} would not see {incident} any more; name them as a member, or say that they leave"
        )
    if changed.private and not changed.members:
        raise UsageError(f"nobody would see {incident} any more; leave it to somebody")
    if changed == known:
        return known
    before, after = _differing(known, changed)
    changed = record.put_incident(changed)
    record.index(incident, Indexed.INCIDENT, "", f"{incident} {changed.title} {' '.join(changed.services)}")
    what = f"incident changed: {', '.join(sorted(after))}"
    told = [json.dumps(side, default=str, ensure_ascii=False) for side in (before, after)]
    record.add_audit(AuditEntry(at=at, author=author, what=what, incident=incident, before=told[0], after=told[1]))
    return changed


def _differing(one: Incident, other: Incident) -> tuple[dict[str, object], dict[str, object]]:
    names = [declared.name for declared in fields(one) if getattr(one, declared.name) != getattr(other, declared.name)]
    return {name: getattr(one, name) for name in names}, {name: getattr(other, name) for name in names}


def _accounts(record: Transaction, members: tuple[str, ...]) -> None:
    if strange := sorted(one for one in members if record.account(one) is None):
        raise NotInRecord(f"{', '.join(strange)} is no account; `afteraction account list` shows what there is")


def _free(record: Transaction, name: str) -> str:
    """Return a name that no incident has: two may begin in one minute."""
    number, free = 1, name
    while record.incident(free) is not None:
        number += 1
        free = f"{name}-{number}"
    return free


def set_status(
    record: Transaction, incident: str, status: IncidentStatus, *, ended: datetime, author: Author, at: datetime
) -> Incident:
    """Say how far an incident is; resolved and closed ones have ended. Raises NotInRecord."""
    known = _known(record, incident)
    closed_at = (known.closed_at or ended) if status in _OVER else None
    changed = record.put_incident(replace(known, status=status, closed_at=closed_at))
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
        at=happened, precision=Precision.SECOND, kind=EventKind.NOTE, text=text, source=BY_HAND,
        basis=Basis.INFERRED if author.kind is AuthorKind.COMPUTED else Basis.REPORTED,
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
