"""What the API answers with: the nouns of the record as JSON, each in one place. Names are added, never changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from pydantic_core import to_jsonable_python

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


class IncidentAnswer(BaseModel):
    """An incident."""

    id: str
    title: str
    severity: str
    status: IncidentStatus
    services: list[str]
    opened_at: datetime
    closed_at: datetime | None
    private: bool
    members: list[str] = Field(description="who sees it when it is private")
    version: int = Field(description="counts its changes; stands in the ETag too")


class OpenedAnswer(IncidentAnswer):
    """An incident with how much there is of it."""

    events: int
    revision: int = Field(description="the last revision of its document; 0: there is none")
    open_actions: int
    open_reviews: int


def incident_answer(incident: Incident) -> IncidentAnswer:
    """Return an incident as JSON."""
    return IncidentAnswer(**_plain(incident))


class EventAnswer(BaseModel):
    """Something that happened: when, and when it became known."""

    number: int = Field(description="counts in its incident")
    happened: datetime
    known_at: datetime
    precision: str
    kind: str
    text: str
    source: str = Field(description="what read it; `record` when somebody told it")
    basis: str
    actor: str | None
    actor_kind: str | None
    service: str
    zone: str = Field(description="the zone of the text that it was read from")
    file: str
    line: int | None
    record: str | None = Field(description="where it stands in the file, when that has no lines")
    detail: dict[str, Any] | None = Field(description="what is special about an alert, a call, a change, a message")


def event_answer(known: KnownEvent) -> EventAnswer:
    """Return an event as JSON."""
    event, origin = known.event, known.event.origin
    detail = None
    if event.detail is not None:
        detail = {"type": type(event.detail).__name__.lower(), **to_jsonable_python(asdict(event.detail))}
    return EventAnswer(
        number=known.number, happened=event.at, known_at=known.known_at, precision=event.precision.value, kind=event.kind.value,
        text=event.text, source=event.source, basis=event.basis.value, actor=event.actor.name if event.actor else None,
        actor_kind=event.actor.kind.value if event.actor else None, service=event.service, zone=event.zone, file=origin.file,
        line=origin.line, record=origin.record, detail=detail,
    )  # fmt: skip


class AuthorAnswer(BaseModel):
    """Who did something: a person, an agent, or this program from the evidence."""

    name: str
    kind: AuthorKind


def author_answer(author: Author) -> AuthorAnswer:
    """Return an author as JSON."""
    return AuthorAnswer(name=author.name, kind=author.kind)


class RevisionAnswer(BaseModel):
    """A revision of a document: who, when, why."""

    number: int
    author: AuthorAnswer
    at: datetime
    reason: str


def revision_answer(revision: Revision) -> RevisionAnswer:
    """Return a revision as JSON, without its text."""
    return RevisionAnswer(
        number=revision.number, author=author_answer(revision.author), at=revision.at, reason=revision.reason
    )


class ActionAnswer(BaseModel):
    """An action item that is followed until it is done."""

    incident: str
    number: int
    text: str
    horizon: str
    owner: str
    due: str
    done_when: str
    ticket: str
    state: ActionState
    closed_at: datetime | None
    evidence: str = Field(description="what showed that it is done, or why it was dropped")


def action_answer(action: TrackedAction) -> ActionAnswer:
    """Return an action as JSON."""
    return ActionAnswer(**_plain(action))


class ReviewAnswer(BaseModel):
    """A look back at an incident."""

    incident: str
    name: str
    due: datetime
    held_at: datetime | None
    outcome: str


def review_answer(review: TrackedReview) -> ReviewAnswer:
    """Return a review as JSON."""
    return ReviewAnswer(**_plain(review))


class MaterialAnswer(BaseModel):
    """A file of raw material, frozen as it came."""

    sha256: str
    name: str
    size: int = Field(description="bytes")
    captured_at: datetime
    source: str = Field(description="what reads it; empty: nothing does")
    command: str = Field(description="what was run to get it")


def material_answer(material: RawMaterial) -> MaterialAnswer:
    """Return raw material as JSON."""
    return MaterialAnswer(**_plain(material))


class AuditAnswer(BaseModel):
    """A change of the record: who did what, when, and what stood there before and after."""

    number: int
    at: datetime
    author: AuthorAnswer
    what: str
    incident: str
    before: str
    after: str


def audit_answer(entry: AuditEntry) -> AuditAnswer:
    """Return an entry of the audit trail as JSON."""
    return AuditAnswer(**_plain(entry) | {"author": author_answer(entry.author)})


def _plain(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
