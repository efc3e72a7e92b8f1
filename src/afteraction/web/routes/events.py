"""What happened in an incident and when it became known: read in pages, told by people while it runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from afteraction.model.chronology import MilestoneName, Phase
from afteraction.model.event import Effect
from afteraction.model.record import KnownEvent
from afteraction.ports.store import Transaction
from afteraction.usecases.ask import findings_of, gaps_of, incident_of, timeline_of
from afteraction.usecases.incident import tell
from afteraction.usecases.told import move_step, set_milestone
from afteraction.web import shapes
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Reader, Responder
from afteraction.web.once import Made, Once
from afteraction.web.paging import LARGEST, Cursor, Limit, Moment, Page, decoded, encoded
from afteraction.web.problems import answers
from afteraction.web.routes.incidents import IncidentId
from afteraction.web.seen import seen

router = APIRouter(tags=["events"])
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
KnownAt = Annotated[Moment | None, Query(description="only what was known at this time")]


class EventsPage(Page[shapes.EventAnswer]):
    """A page of events in order of time."""

    total: int = Field(description="how many there are")


class NewEvent(BaseModel):
    """Something that somebody saw or did."""

    model_config = ConfigDict(extra="forbid")

    text: Text
    happened: Moment | None = Field(None, description="when it happened; left out: now")
    service: str = Field("", max_length=200, description="the service that it was seen at")


class NewNote(BaseModel):
    """What somebody sees or does now."""

    model_config = ConfigDict(extra="forbid")

    text: Text


class NewMilestone(BaseModel):
    """When a milestone was; the last setting counts, and wins over what the evidence says."""

    model_config = ConfigDict(extra="forbid")

    name: MilestoneName
    happened: Moment | None = Field(None, description="when it was; left out: now")
    text: str = Field("", max_length=10_000, description="what told you")


class Move(BaseModel):
    """Where a call belongs: to the investigation, because it only looked, or to the resolution."""

    model_config = ConfigDict(extra="forbid")

    to: Annotated[str, Field(pattern="^(investigation|resolution)$")]


class FindingsAnswer(BaseModel):
    """The last investigation of an incident, as `afteraction evidence --json` prints it; empty before there was one."""

    verdict: str | None = None
    reason: str = ""
    onset: str | None = None
    recovered: str | None = None
    blast_radius: list[str] = Field(default_factory=list)
    suspects: list[dict[str, Any]] = Field(default_factory=list, description="ranked, for people to judge")
    findings: list[dict[str, Any]] = Field(default_factory=list)


class GapAnswer(BaseModel):
    """A field of the document that nobody knows yet."""

    field: str
    question: str
    ask: str = Field(description="whom to ask")


class MilestoneAnswer(BaseModel):
    """A point that figures are computed from."""

    name: MilestoneName
    happened: datetime
    basis: str
    confidence: float
    why: str


class RowAnswer(BaseModel):
    """A happening of the timeline; what several sources tell of it is one row."""

    happened: datetime
    phase: Phase
    kind: str
    text: str
    actor: str | None
    service: str
    milestone: MilestoneName | None
    important: bool = Field(description="whether it belongs in the document")
    folded: int = Field(description="how many events stand behind it")
    origins: list[str] = Field(description="file and line, or record")


class TimelineAnswer(BaseModel):
    """The timeline as the events and what people told make it; the document may know more from logs and series."""

    milestones: list[MilestoneAnswer]
    contradictions: list[str]
    rows: list[RowAnswer]
    total: int
    next: str | None = Field(None, description="`cursor` of the next page of rows; null: no more")


@router.get("/incidents/{incident}/events", responses=answers(401, 403, 404))
def list_events(
    *, incident: IncidentId, desk: TheDesk, caller: Reader, cursor: Cursor = "", limit: Limit = 100, known_at: KnownAt = None
) -> EventsPage:  # fmt: skip
    """List what happened, in order of time."""
    place = decoded(cursor, datetime, int)
    behind = (place[0], place[1]) if place else None
    with seen(desk, caller) as record:
        incident_of(record, incident)
        total = record.count_events(incident, known_at=known_at)
        found = record.events(incident, known_at=known_at, behind=behind, limit=limit + 1)
    more = len(found) > limit
    following = encoded([found[limit - 1].event.at.isoformat(), found[limit - 1].number]) if more else None
    return EventsPage(items=[shapes.event_answer(one) for one in found[:limit]], next=following, total=total)


@router.post(
    "/incidents/{incident}/events",
    status_code=201,
    response_model=shapes.EventAnswer,
    responses=answers(401, 403, 404, 409),
)
def add_event(incident: IncidentId, told: NewEvent, desk: TheDesk, caller: Responder, once: Once) -> Response:
    """Add what you saw or did; say what happened, not what you conclude."""

    def effect(record: Transaction) -> Made:
        now = desk.clock()
        text, service = desk.masked(told.text), desk.masked(told.service)
        return _made(tell(record, incident, text, happened=told.happened or now, author=caller.author, at=now, service=service))  # fmt: skip

    return once.carry_out(desk, caller, effect, incident=incident)


@router.post(
    "/incidents/{incident}/notes",
    status_code=201,
    response_model=shapes.EventAnswer,
    responses=answers(401, 403, 404, 409),
)
def add_note(incident: IncidentId, told: NewNote, desk: TheDesk, caller: Responder, once: Once) -> Response:
    """Note what you see or do now."""

    def effect(record: Transaction) -> Made:
        now = desk.clock()
        return _made(tell(record, incident, desk.masked(told.text), happened=now, author=caller.author, at=now))

    return once.carry_out(desk, caller, effect, incident=incident)


@router.post(
    "/incidents/{incident}/milestones",
    status_code=201,
    response_model=shapes.EventAnswer,
    responses=answers(401, 403, 404, 409),
)
def set_one(incident: IncidentId, told: NewMilestone, desk: TheDesk, caller: Responder, once: Once) -> Response:
    """Set when a milestone was, and what told you."""

    def effect(record: Transaction) -> Made:
        now = desk.clock()
        happened, text = told.happened or now, desk.masked(told.text.strip())
        return _made(set_milestone(record, incident, told.name, happened=happened, author=caller.author, at=now, text=text))  # fmt: skip

    return once.carry_out(desk, caller, effect, incident=incident)


@router.post(
    "/incidents/{incident}/events/{number}/move",
    status_code=201,
    response_model=shapes.EventAnswer,
    responses=answers(401, 403, 404, 409),
)
def move_call(
    *, incident: IncidentId, number: Annotated[int, Path(ge=1, le=LARGEST)], told: Move, desk: TheDesk, caller: Responder, once: Once
) -> Response:  # fmt: skip
    """Say whether a command or tool call only looked or changed the system; the next draft puts it where it belongs."""
    does = Effect.STATE_CHANGING if told.to == "resolution" else Effect.DIAGNOSTIC

    def effect(record: Transaction) -> Made:
        return _made(move_step(record, incident, number, does, author=caller.author, at=desk.clock()))

    return once.carry_out(desk, caller, effect, incident=incident)


@router.get("/incidents/{incident}/findings", responses=answers(401, 403, 404))
def read_findings(incident: IncidentId, desk: TheDesk, caller: Reader) -> FindingsAnswer:
    """Read the last investigation: verdict, ranked suspects, findings with their citations."""
    with seen(desk, caller) as record:
        return FindingsAnswer(**findings_of(record, incident))


@router.get("/incidents/{incident}/gaps", responses=answers(401, 403, 404))
def list_gaps(incident: IncidentId, desk: TheDesk, caller: Reader) -> list[GapAnswer]:
    """List what the document still asks, and whom."""
    with seen(desk, caller) as record:
        return [GapAnswer(field=one.field, question=one.question, ask=one.ask) for one in gaps_of(record, incident)]


@router.get("/incidents/{incident}/timeline", responses=answers(401, 403, 404))
def read_timeline(
    *, incident: IncidentId, desk: TheDesk, caller: Reader, cursor: Cursor = "", limit: Limit = 200,
    important: Annotated[bool, Query(description="only rows that belong in the document")] = False,
) -> TimelineAnswer:  # fmt: skip
    """Read the timeline: what several sources saw of one happening is one row, with milestones and contradictions.

    It is made of all events, so that it is refused (422) for more than 20,000; read those in pages.
    """
    place = decoded(cursor, int)
    with seen(desk, caller) as record:
        timeline = timeline_of(record, incident, settings=desk.settings)
    rows = [row for row in timeline.rows if row.important or not important]
    begin = place[0] if place else 0
    return TimelineAnswer(
        milestones=[
            MilestoneAnswer(name=m.name, happened=m.at, basis=m.basis.value, confidence=m.confidence, why=m.why)
            for m in timeline.milestones
        ],
        contradictions=[one.text for one in timeline.contradictions],
        rows=[
            RowAnswer(
                happened=row.event.at, phase=row.phase, kind=row.event.kind.value, text=row.event.text,
                actor=row.event.actor.name if row.event.actor else None, service=row.event.service, milestone=row.milestone,
                important=row.important, folded=row.folded, origins=[str(one) for one in (row.event.origin, *row.event.also)],
            )
            for row in rows[begin : begin + limit]
        ],
        total=len(rows), next=encoded([begin + limit]) if begin + limit < len(rows) else None,
    )  # fmt: skip


def _made(known: KnownEvent) -> Made:
    return Made(body=shapes.event_answer(known))
