"""Incidents: list, open, read, change; which others are alike. A private one is there only for those whom it names."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from afteraction.errors import Conflict
from afteraction.model.record import ActionState, IncidentStatus, Wanted
from afteraction.ports.store import Transaction
from afteraction.usecases.ask import incident_of, similar
from afteraction.usecases.incident import change_incident, open_incident
from afteraction.web import shapes
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Editor, Reader, Responder
from afteraction.web.once import Made, Once
from afteraction.web.paging import Cursor, IfMatch, Limit, Moment, Page, decoded, paged, tag, version_of
from afteraction.web.problems import Refused, answers
from afteraction.web.seen import seen

router = APIRouter(tags=["incidents"])
IncidentId = Annotated[str, Path(min_length=1, max_length=64, description="the id of an incident")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Service = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Member = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_TRIES = 50
"""Of those who open an incident in one instant one gets each id, so that the last has to try as often as there are."""
_VERSIONED = {"headers": {"ETag": {"schema": {"type": "string"}, "description": "its version"}}}


class NewIncident(BaseModel):
    """An incident that is opened."""

    model_config = ConfigDict(extra="forbid")

    title: Line
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] | None = Field(
        None, description="made of the time when it is left out"
    )
    severity: str = Field("", max_length=32, description="as your team words it")
    services: list[Service] = Field(default_factory=list, max_length=100)
    opened_at: Moment | None = Field(None, description="when it began; left out: now")
    private: StrictBool = Field(default=False, description="seen only by its members, of whom you are one")
    members: list[Member] = Field(default_factory=list, max_length=200)


class IncidentChange(BaseModel):
    """What is to be changed of an incident; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    title: Line | None = None
    severity: str | None = Field(None, max_length=32)
    status: IncidentStatus | None = None
    services: list[Service] | None = Field(None, max_length=100)
    closed_at: Moment | None = Field(None, description="when it ended, for one that is resolved or closed")
    private: StrictBool | None = None
    members: list[Member] | None = Field(None, max_length=200, description="who sees it when it is private")
    leave: StrictBool = Field(default=False, description="say so when you will not see it any more after this")


class AlikeAnswer(BaseModel):
    """An incident like another, and what both share."""

    incident: shapes.IncidentAnswer
    services: list[str]
    words: list[str]


@router.get("/incidents", responses=answers(401, 403))
def list_incidents(
    desk: TheDesk,
    caller: Reader,
    *,
    cursor: Cursor = "",
    limit: Limit = 50,
    status: Annotated[list[IncidentStatus], Query(max_length=4)] = [],  # noqa: B006  (FastAPI copies it)
    service: Annotated[str, Query(max_length=200)] = "",
    severity: Annotated[str, Query(max_length=32)] = "",
    since: Annotated[Moment | None, Query(description="opened at this time or later")] = None,
    until: Annotated[Moment | None, Query(description="opened before this time")] = None,
) -> Page[shapes.IncidentAnswer]:
    """List incidents, the newest first."""
    place = decoded(cursor, str)
    with seen(desk, caller) as record:
        if place and record.incident(place[0]) is None:
            raise Refused(422, "the page before ended at an incident that is not there any more; begin again")
        wanted = Wanted(
            status=tuple(status), service=service, severity=severity, since=since, until=until,
            after=place[0] if place else "", limit=limit + 1,
        )  # fmt: skip
        found = record.incidents(wanted)
    return paged(found, limit, shapes.incident_answer, lambda one: [one.id])


@router.post(
    "/incidents",
    status_code=201,
    response_model=shapes.IncidentAnswer,
    responses={201: _VERSIONED, **answers(401, 403, 404, 409)},
)
def open_one(told: NewIncident, desk: TheDesk, caller: Responder, once: Once) -> Response:
    """Open an incident."""
    if told.members and not told.private:
        raise Refused(422, "an incident that is not private has no members; make it private too")

    def effect(record: Transaction) -> Made:
        now = desk.clock()
        made = open_incident(
            record, title=desk.masked(told.title), began=told.opened_at or now, severity=desk.masked(told.severity),
            services=tuple(dict.fromkeys(map(desk.masked, told.services))), author=caller.author, at=now, incident=told.id or "",
            private=told.private, members=(*told.members, caller.account.id) if told.private else (),
        )  # fmt: skip
        headers = {"ETag": tag(made.version), "Location": f"/api/v1/incidents/{made.id}"}
        return Made(body=shapes.incident_answer(made), headers=headers)

    left = 1 if told.id else _TRIES
    while True:
        left -= 1
        try:
            return once.carry_out(desk, caller, effect)
        except Conflict:
            if not left:  # else somebody opened one in the same instant, and the next id is free
                raise


@router.get("/incidents/{incident}", responses={200: _VERSIONED, **answers(401, 403, 404)})
def read_one(incident: IncidentId, desk: TheDesk, caller: Reader, answer: Response) -> shapes.OpenedAnswer:
    """Read an incident, with how much there is of it."""
    with seen(desk, caller) as record:
        found = incident_of(record, incident)
        last = record.revision(incident)
        told = shapes.OpenedAnswer(
            **shapes.incident_answer(found).model_dump(),
            events=record.count_events(incident),
            revision=last.number if last else 0,
            open_actions=sum(one.state is ActionState.OPEN for one in record.actions(incident)),
            open_reviews=sum(one.held_at is None for one in record.reviews(incident)),
        )
    answer.headers["ETag"] = tag(found.version)
    return told


@router.patch("/incidents/{incident}", responses={200: _VERSIONED, **answers(401, 403, 404, 409, 412, 428)})
def change_one(
    *,
    incident: IncidentId,
    told: IncidentChange,
    desk: TheDesk,
    caller: Editor,
    answer: Response,
    if_match: IfMatch = None,
) -> shapes.IncidentAnswer:
    """Change an incident, if it is still of the version that you have seen."""
    changes = told.model_dump(exclude_unset=True, exclude_none=True)
    leave = changes.pop("leave", False)
    for name in ("title", "severity"):
        if name in changes:
            changes[name] = desk.masked(changes[name])
    for name in ("services", "members"):
        if name in changes:
            changes[name] = tuple(dict.fromkeys(changes[name]))
    with seen(desk, caller) as record:
        changed = change_incident(
            record,
            incident,
            version=version_of(if_match),
            author=caller.author,
            at=desk.clock(),
            leave=leave,
            **changes,
        )
    answer.headers["ETag"] = tag(changed.version)
    return shapes.incident_answer(changed)


@router.get("/incidents/{incident}/similar", responses=answers(401, 403, 404))
def similar_ones(
    incident: IncidentId, desk: TheDesk, caller: Reader, limit: Annotated[int, Query(ge=1, le=20)] = 5
) -> list[AlikeAnswer]:
    """Find incidents that hurt the same services or tell of the same things, the likest first."""
    with seen(desk, caller) as record:
        found = similar(record, incident, limit=limit)
    return [
        AlikeAnswer(incident=shapes.incident_answer(one.incident), services=list(one.services), words=list(one.words))
        for one in found
    ]
