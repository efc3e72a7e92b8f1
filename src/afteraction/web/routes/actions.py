"""Action items: of one incident or of all, added, changed, and closed on evidence."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from afteraction.model.record import ActionState, TrackedAction, WantedActions
from afteraction.ports.store import Transaction
from afteraction.usecases.act import add_action, change_action
from afteraction.usecases.ask import incident_of
from afteraction.web import shapes
from afteraction.web.desk import Desk, TheDesk
from afteraction.web.identity import Reader, Responder
from afteraction.web.once import Made, Once
from afteraction.web.paging import LARGEST, Cursor, Limit, Page, decoded, paged
from afteraction.web.problems import answers
from afteraction.web.routes.incidents import IncidentId
from afteraction.web.seen import seen

router = APIRouter(tags=["actions"])
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Number = Annotated[int, Path(ge=1, le=LARGEST, description="the number of an action in its incident")]
States = Annotated[list[ActionState], Query(max_length=3)]
Owner = Annotated[str, Query(max_length=500)]
Overdue = Annotated[bool, Query(description="only open ones whose due date (2026-03-11) is past")]


class NewAction(BaseModel):
    """An action that somebody will do."""

    model_config = ConfigDict(extra="forbid")

    text: Text = Field(description="begins with a verb; one thing")
    horizon: Literal["24 hours", "week", "month", "quarter"] = "week"
    owner: Short = ""
    due: Short = Field("", description="a date such as 2026-03-11, so that it can be overdue")
    done_when: Short = Field("", description="how one will see that it is done")
    ticket: Short = Field("", description="where it is tracked")


class ActionChange(BaseModel):
    """What is to be changed of an action; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    owner: Short | None = None
    due: Short | None = None
    ticket: Short | None = None
    reopen: StrictBool = Field(default=False, description="it is not done after all")


class Closing(BaseModel):
    """What shows that an action is done, or why it will not be."""

    model_config = ConfigDict(extra="forbid")

    evidence: Text = Field(description="a link or a sentence that shows it")
    drop: StrictBool = Field(default=False, description="it will not be done; the evidence says why")


@router.get("/actions", responses=answers(401, 403))
def list_all(
    *, desk: TheDesk, caller: Reader, cursor: Cursor = "", limit: Limit = 100, owner: Owner = "", state: States = [],  # noqa: B006  (FastAPI copies it)
    overdue: Overdue = False,
) -> Page[shapes.ActionAnswer]:  # fmt: skip
    """List actions of all incidents, in order of incident and number."""
    wanted = _wanted(desk, cursor, limit, owner=owner, state=state, overdue=overdue)
    with seen(desk, caller) as record:
        return _page(record, wanted)


@router.get("/incidents/{incident}/actions", responses=answers(401, 403, 404))
def list_of_one(
    *, incident: IncidentId, desk: TheDesk, caller: Reader, cursor: Cursor = "", limit: Limit = 100, owner: Owner = "",
    state: States = [], overdue: Overdue = False,  # noqa: B006  (as above)
) -> Page[shapes.ActionAnswer]:  # fmt: skip
    """List the actions of an incident, in order of number."""
    wanted = _wanted(desk, cursor, limit, owner=owner, state=state, overdue=overdue, incident=incident)
    with seen(desk, caller) as record:
        incident_of(record, incident)
        return _page(record, wanted)


@router.post(
    "/incidents/{incident}/actions",
    status_code=201,
    response_model=shapes.ActionAnswer,
    responses=answers(401, 403, 404, 409),
)
def add_one(incident: IncidentId, told: NewAction, desk: TheDesk, caller: Responder, once: Once) -> Response:
    """Add an action; it stands in the document too, where there is one."""
    wanted = TrackedAction(
        incident=incident, number=0, text=desk.masked(told.text), horizon=told.horizon, owner=desk.masked(told.owner),
        due=told.due, done_when=desk.masked(told.done_when), ticket=desk.masked(told.ticket),
    )  # fmt: skip

    def effect(record: Transaction) -> Made:
        added = add_action(record, wanted, author=caller.author, at=desk.clock())
        return Made(body=shapes.action_answer(added))

    return once.carry_out(desk, caller, effect, incident=incident)


@router.patch("/incidents/{incident}/actions/{number}", responses=answers(401, 403, 404, 409))
def change_one(
    incident: IncidentId, number: Number, told: ActionChange, desk: TheDesk, caller: Responder
) -> shapes.ActionAnswer:
    """Change who does an action, until when, where it is tracked; open it again."""
    changes: dict[str, object] = {
        name: desk.masked(value) for name, value in told.model_dump(exclude={"reopen"}, exclude_none=True).items()
    }
    if told.reopen:
        changes["state"] = ActionState.OPEN
    with seen(desk, caller) as record:
        incident_of(record, incident)
        changed = change_action(record, incident, number, author=caller.author, at=desk.clock(), **changes)
    return shapes.action_answer(changed)


@router.post(
    "/incidents/{incident}/actions/{number}/close",
    response_model=shapes.ActionAnswer,
    responses=answers(401, 403, 404, 409),
)
def close_one(
    *, incident: IncidentId, number: Number, told: Closing, desk: TheDesk, caller: Responder, once: Once
) -> Response:
    """Close an action, with what shows that it is done; or drop it, with the reason."""
    state = ActionState.DROPPED if told.drop else ActionState.DONE
    evidence = desk.masked(told.evidence)

    def effect(record: Transaction) -> Made:
        closed = change_action(record, incident, number, author=caller.author, at=desk.clock(), state=state, evidence=evidence)  # fmt: skip
        return Made(body=shapes.action_answer(closed), status=200)

    return once.carry_out(desk, caller, effect, incident=incident)


def _wanted(
    desk: Desk, cursor: str, limit: int, *, owner: str, state: list[ActionState], overdue: bool, incident: str = ""
) -> WantedActions:
    place = decoded(cursor, str, int)
    return WantedActions(
        incident=incident, owner=owner, state=tuple(state), overdue_on=desk.clock().astimezone(UTC).date() if overdue else None,
        behind=(place[0], place[1]) if place else None, limit=limit + 1,
    )  # fmt: skip


def _page(record: Transaction, wanted: WantedActions) -> Page[shapes.ActionAnswer]:
    found = record.find_actions(wanted)
    return paged(found, wanted.limit - 1, shapes.action_answer, lambda one: [one.incident, one.number])
