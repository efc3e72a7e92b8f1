"""Rows become frozen values and back: the only place that knows how a noun lies in its columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from afteraction.model.event import Alert, Call, Change, Event, Message, Warned
from afteraction.model.record import (
    ActionState,
    AuditEntry,
    Author,
    AuthorKind,
    Incident,
    IncidentStatus,
    KnownEvent,
    RawMaterial,
    Revision,
    TrackedAction,
    TrackedReview,
)
from afteraction.store.identity import event_identity

Row = Mapping[str, Any]
_DETAILS: dict[str, type[Any]] = {one.__name__: one for one in (Alert, Call, Change, Message, Warned)}


@cache
def _adapter(name: str = "") -> TypeAdapter[Any]:
    """Return the adapter of a detail by its class's name, without a name that of events."""
    return TypeAdapter(_DETAILS[name] if name else Event)


def incident_row(incident: Incident) -> dict[str, Any]:
    """Return an incident's columns."""
    return {
        "id": incident.id, "title": incident.title, "opened_at": incident.opened_at, "severity": incident.severity,
        "status": incident.status.value, "services": list(incident.services), "closed_at": incident.closed_at,
        "version": incident.version, "private": incident.private,
    }  # fmt: skip


def incident_of(row: Row, members: tuple[str, ...]) -> Incident:
    """Return the incident of a row, with those who may see it when it is private."""
    told = {"status": IncidentStatus(row["status"]), "services": tuple(row["services"]), "members": members}
    return Incident(**{**row, **told})


def event_row(incident: str, known: KnownEvent) -> dict[str, Any]:
    """Return an event's columns."""
    event = known.event
    return {
        "incident": incident, "number": known.number, "identity": event_identity(event), "at": event.at,
        "known_at": known.known_at, "detail": type(event.detail).__name__ if event.detail is not None else "",
        "body": _adapter().dump_python(event, mode="json", exclude_defaults=True),
    }  # fmt: skip


def event_of(row: Row) -> KnownEvent:
    """Return the event of a row."""
    body = dict(row["body"] if isinstance(row["body"], dict) else json.loads(row["body"]))
    told = body.pop("detail", None)
    if row["detail"]:
        body["detail"] = _adapter(row["detail"]).validate_python(told or {})
    event: Event = _adapter().validate_python(body)
    return KnownEvent(number=row["number"], known_at=row["known_at"], event=event)


def revision_row(revision: Revision) -> dict[str, Any]:
    """Return a revision's columns."""
    return {
        "incident": revision.incident, "number": revision.number, "author": revision.author.name,
        "author_kind": revision.author.kind.value, "at": revision.at, "reason": revision.reason,
        "markdown": revision.markdown, "authors": {field: [a.name, a.kind.value] for field, a in revision.authors},
    }  # fmt: skip


def revision_of(row: Row) -> Revision:
    """Return the revision of a row."""
    authors = tuple((field, Author(name=n, kind=AuthorKind(k))) for field, (n, k) in sorted(row["authors"].items()))
    return Revision(
        incident=row["incident"], number=row["number"], author=_author(row), at=row["at"], reason=row["reason"],
        markdown=row["markdown"], authors=authors,
    )  # fmt: skip


def _author(row: Row) -> Author:
    return Author(name=row["author"], kind=AuthorKind(row["author_kind"]))


def action_row(action: TrackedAction) -> dict[str, Any]:
    """Return an action's columns."""
    return _plain(action) | {"state": action.state.value}


def action_of(row: Row) -> TrackedAction:
    """Return the action of a row."""
    return TrackedAction(**{**row, "state": ActionState(row["state"])})


def review_row(review: TrackedReview) -> dict[str, Any]:
    """Return a review's columns."""
    return _plain(review)


def review_of(row: Row) -> TrackedReview:
    """Return the review of a row."""
    return TrackedReview(**row)


def material_row(incident: str, material: RawMaterial) -> dict[str, Any]:
    """Return the columns of raw material."""
    return _plain(material) | {"incident": incident}


def material_of(row: Row) -> RawMaterial:
    """Return the raw material of a row."""
    return RawMaterial(**{key: value for key, value in row.items() if key != "incident"})


def audit_row(entry: AuditEntry) -> dict[str, Any]:
    """Return the columns of an entry of the audit trail."""
    row = _plain(entry) | {"author": entry.author.name, "author_kind": entry.author.kind.value}
    del row["number"]  # the database counts
    return row


def audit_of(row: Row) -> AuditEntry:
    """Return the audit entry of a row."""
    return AuditEntry(
        number=row["number"], at=row["at"], author=_author(row), what=row["what"], incident=row["incident"], before=row["before"], after=row["after"]
    )  # fmt: skip


def _plain(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
