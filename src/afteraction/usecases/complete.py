"""A post-mortem is completed: its incident is closed, and the trail says who agreed through whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from afteraction.model.record import AuditEntry, Author, Incident, IncidentStatus
from afteraction.ports.store import Transaction


def complete(record: Transaction, incident: Incident, *, author: Author, at: datetime) -> Incident:
    """Close an incident whose post-mortem a person called complete."""
    closed = record.put_incident(replace(incident, status=IncidentStatus.CLOSED, closed_at=incident.closed_at or at))
    record.add_audit(
        AuditEntry(at=at, author=author, what="post-mortem completed, a person agreed", incident=incident.id,
                   before=incident.status, after=closed.status)
    )  # fmt: skip
    return closed
