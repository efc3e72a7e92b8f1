"""Reviews: the four looks back at each incident, what is due, and what they found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from afteraction.model.record import WantedReviews
from afteraction.ports.store import Transaction
from afteraction.usecases.ask import incident_of
from afteraction.usecases.follow import hold_review
from afteraction.web import shapes
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Editor, Reader
from afteraction.web.once import Made, Once
from afteraction.web.paging import Cursor, Limit, Moment, Page, decoded, paged
from afteraction.web.problems import answers
from afteraction.web.routes.incidents import IncidentId
from afteraction.web.seen import seen

router = APIRouter(tags=["reviews"])
Name = Annotated[Literal["1 week", "1 month", "3 months", "6 months"], Path(description="which of the four")]
Held = Annotated[bool | None, Query(description="only held ones, or only those that were not; left out: all")]
DueBy = Annotated[Moment | None, Query(description="only those that are due by this time")]


class Outcome(BaseModel):
    """What a review found."""

    model_config = ConfigDict(extra="forbid")

    outcome: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)] = Field()


@router.get("/reviews", responses=answers(401, 403))
def list_all(
    *, desk: TheDesk, caller: Reader, cursor: Cursor = "", limit: Limit = 100, held: Held = None, due_by: DueBy = None
) -> Page[shapes.ReviewAnswer]:
    """List reviews of all incidents, the next first."""
    with seen(desk, caller) as record:
        return _page(record, _wanted(cursor, limit, held=held, due_by=due_by))


@router.get("/incidents/{incident}/reviews", responses=answers(401, 403, 404))
def list_of_one(
    *, incident: IncidentId, desk: TheDesk, caller: Reader, cursor: Cursor = "", limit: Limit = 100, held: Held = None,
    due_by: DueBy = None,
) -> Page[shapes.ReviewAnswer]:  # fmt: skip
    """List the reviews of an incident, the next first; there are none before its end is known."""
    with seen(desk, caller) as record:
        incident_of(record, incident)
        return _page(record, _wanted(cursor, limit, held=held, due_by=due_by, incident=incident))


@router.post(
    "/incidents/{incident}/reviews/{name}/hold",
    response_model=shapes.ReviewAnswer,
    responses=answers(401, 403, 404, 409),
)
def hold_one(*, incident: IncidentId, name: Name, told: Outcome, desk: TheDesk, caller: Editor, once: Once) -> Response:
    """Note that a review was held, and what it found."""

    def effect(record: Transaction) -> Made:
        outcome = desk.masked(told.outcome)
        held = hold_review(record, incident, name, outcome=outcome, author=caller.author, at=desk.clock())
        return Made(body=shapes.review_answer(held), status=200)

    return once.carry_out(desk, caller, effect, incident=incident)


def _wanted(
    cursor: str, limit: int, *, held: bool | None, due_by: datetime | None, incident: str = ""
) -> WantedReviews:
    place = decoded(cursor, datetime, str, str)
    behind = (place[0], place[1], place[2]) if place else None
    return WantedReviews(incident=incident, held=held, due_by=due_by, behind=behind, limit=limit + 1)


def _page(record: Transaction, wanted: WantedReviews) -> Page[shapes.ReviewAnswer]:
    found = record.find_reviews(wanted)
    return paged(found, wanted.limit - 1, shapes.review_answer, lambda one: [one.due.isoformat(), one.incident, one.name])  # fmt: skip
