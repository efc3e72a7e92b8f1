"""What the server's tools answer: small objects with schemas, long texts cut, lists in pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

from afteraction.model.event import Call
from afteraction.model.postmortem.document import Gap
from afteraction.model.record import Incident, KnownEvent, TrackedAction
from afteraction.usecases.ask import Alike
from afteraction.usecases.fill import fillable

LONGEST = 400
"""Characters of one text in an answer; clients cut long answers in places that nobody chose."""


class IncidentAnswer(BaseModel):
    """An incident."""

    id: str
    title: str
    status: str
    severity: str
    services: list[str]
    opened_at: str = Field(description="UTC")
    closed_at: str | None = None


class IncidentsAnswer(BaseModel):
    """A page of incidents, the newest first."""

    incidents: list[IncidentAnswer]
    next_after: str = Field(description="give this as `after` for the next page; empty: no more")


class EventAnswer(BaseModel):
    """Something that happened."""

    cite_as: str = Field(description="how to cite it")
    at: str = Field(description="when it happened, UTC")
    known_at: str = Field(description="when it became known, UTC")
    kind: str
    actor: str
    service: str
    text: str
    result: str = Field("", description="what a command or tool answered")


class TimelineAnswer(BaseModel):
    """A page of events in order of time."""

    events: list[EventAnswer]
    total: int
    next_offset: int = Field(description="give this as `offset` for the next page; 0: no more")


class SuspectAnswer(BaseModel):
    """What may have caused it."""

    rank: int
    kind: str
    ref: str
    service: str
    score: float = Field(description="0 to 1")
    why: str
    look_next: str


class FindingAnswer(BaseModel):
    """A claim with its evidence."""

    cite_as: str
    kind: str
    summary: str
    where: list[str]


class FindingsAnswer(BaseModel):
    """What the evidence says."""

    verdict: str = Field(description="suspect, no_code_cause, inconclusive, or not_investigated")
    suspects: list[SuspectAnswer]
    findings: list[FindingAnswer]
    total: int
    next_offset: int


class GapAnswer(BaseModel):
    """A field that nobody filled, and the question that would fill it."""

    field: str
    question: str
    how: str = Field(description="the tool that fills it, or who else does")


class GapsAnswer(BaseModel):
    """A page of what the document still asks."""

    gaps: list[GapAnswer]
    total: int
    next_offset: int = Field(description="give this as `offset` for the next page; 0: no more")


class SavedAnswer(BaseModel):
    """What became of a change."""

    revision: int
    changed: list[str]
    kept_from_people: list[str] = Field(description="fields left as they are because a person wrote them")


class AddedAnswer(BaseModel):
    """What was added."""

    events: int
    cite_as: list[str]
    problems: list[str]


class ActionAnswer(BaseModel):
    """An action item."""

    incident: str
    number: int
    text: str
    horizon: str
    owner: str
    due: str
    state: str
    evidence: str


class ActionsAnswer(BaseModel):
    """A page of action items."""

    actions: list[ActionAnswer]
    total: int
    next_offset: int = Field(description="give this as `offset` for the next page; 0: no more")


class RemarkAnswer(BaseModel):
    """What the check says."""

    rule: str
    severity: str
    line: int
    text: str
    suggestion: str


class CheckAnswer(BaseModel):
    """The remarks on a document."""

    remarks: list[RemarkAnswer]
    total: int
    next_offset: int = Field(description="give this as `offset` for the next page; 0: no more")


class AlikeAnswer(BaseModel):
    """An incident that is alike."""

    incident: IncidentAnswer
    shared_services: list[str]
    shared_words: list[str]


class CompletionAnswer(BaseModel):
    """Whether a post-mortem was completed."""

    completed: bool
    confirmation: str = Field("", description="show the proposal to a person, and call again with this when they agree")
    said: str


def cut(text: str, limit: int = LONGEST) -> str:
    """Return a text in one line, at most so long, saying that it was cut."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[:limit]} … ({len(flat)} characters)"


def time(at: datetime | None) -> str:
    """Return a time in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""


def incident_answer(found: Incident) -> IncidentAnswer:
    """Shape an incident."""
    return IncidentAnswer(
        id=found.id, title=cut(found.title), status=found.status.value, severity=found.severity, services=list(found.services[:20]),
        opened_at=time(found.opened_at), closed_at=time(found.closed_at) or None,
    )  # fmt: skip


def event_answer(known: KnownEvent) -> EventAnswer:
    """Shape an event."""
    event = known.event
    result = event.detail.result if isinstance(event.detail, Call) else ""
    return EventAnswer(
        cite_as=f"event:{known.number}", at=time(event.at), known_at=time(known.known_at), kind=event.kind.value,
        actor=event.actor.name if event.actor else "", service=event.service, text=cut(event.text), result=cut(result, 200),
    )  # fmt: skip


def event_line(known: KnownEvent) -> str:
    """Return an event in one line."""
    event = known.event
    who = event.actor.name if event.actor else event.source
    return f"{time(event.at)} event:{known.number} {event.kind.value} {who}: {cut(event.text)}"


def action_answer(action: TrackedAction) -> ActionAnswer:
    """Shape an action."""
    return ActionAnswer(
        incident=action.incident, number=action.number, text=cut(action.text), horizon=action.horizon, owner=action.owner,
        due=action.due, state=action.state.value, evidence=cut(action.evidence),
    )  # fmt: skip


_HOW = (
    ("actions.", "add_action"),
    ("timeline.", "a person: afteraction milestone set"),
    ("resolution.steps", "recorded calls and commands, at the next draft"),
    ("followup.", "a person: afteraction review"),
    ("footer.", "a person, in the document"),
)
"""Who fills what is no plain text, by the beginning of its field."""


def gaps_answer(found: Sequence[Gap], offset: int, limit: int) -> GapsAnswer:
    """Shape what is open, a page of it."""
    can, end = {path for path, _ in fillable()}, offset + limit
    gaps = [GapAnswer(field=gap.field, question=gap.question, how=_how(gap.field, can)) for gap in found[offset:end]]
    return GapsAnswer(gaps=gaps, total=len(found), next_offset=end if end < len(found) else 0)


def _how(field: str, can: set[str]) -> str:
    told = next((how for begins, how in _HOW if field.startswith(begins)), "")
    return told or ("fill_field" if field in can else "a person, in the document")


def alike_answer(alike: Alike) -> AlikeAnswer:
    """Shape an incident that is alike."""
    return AlikeAnswer(
        incident=incident_answer(alike.incident),
        shared_services=list(alike.services),
        shared_words=list(alike.words[:10]),
    )


def findings_answer(found: dict[str, Any], offset: int, limit: int) -> FindingsAnswer:
    """Shape an investigation."""
    findings = found.get("findings", [])
    end = offset + limit
    return FindingsAnswer(
        verdict=found.get("verdict", "not_investigated"),
        suspects=[
            SuspectAnswer(rank=s["rank"], kind=s["kind"], ref=s["ref"], service=s["service"], score=s["score"], why=cut(s["why"]),
                          look_next=cut(s.get("look_next", ""), 200))
            for s in found.get("suspects", [])[:5]
        ],
        findings=[
            FindingAnswer(cite_as=f"finding:{f['id']}", kind=f["kind"], summary=cut(f["summary"]), where=[_place(c) for c in f["citations"][:3]])
            for f in findings[offset:end]
        ],
        total=len(findings), next_offset=end if end < len(findings) else 0,
    )  # fmt: skip


def _place(citation: dict[str, Any]) -> str:
    if citation.get("line_start"):
        return f"{citation['file']}:{citation['line_start']}"
    return f"{citation['file']}#{citation.get('record', '')}"
