"""What webhooks delivered: a list, one of them with its body, and saying which incident one belongs to."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from afteraction.errors import NotInRecord
from afteraction.model.delivery import Delivery
from afteraction.ports.store import Transaction
from afteraction.usecases.deliver import Reader as DeliveryReader
from afteraction.usecases.deliver import attach
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Caller, Reader, Responder
from afteraction.web.paging import Cursor, Limit, Page, decoded, paged
from afteraction.web.problems import answers

S = TypeVar("S", bound="Shown")
router = APIRouter(tags=["deliveries"], prefix="/deliveries")


class Shown(BaseModel):
    """A delivery of a webhook, without its body."""

    id: str
    vendor: str
    hook: str = Field(description="the endpoint's name in the settings")
    at: datetime = Field(description="when it arrived")
    incident: str = Field(description="the incident that it belongs to; empty for none")
    source: str = Field(description="what read it; empty when nothing could")
    events: int
    problems: list[str] = Field(description="what could not be read, and why")
    marks: list[str] = Field(description="by what it is found: alert:KEY, group:KEY, service:NAME")


class Whole(Shown):
    """A delivery with what was sent, without its secrets."""

    body: str


class Belonging(BaseModel):
    """The incident that a delivery belongs to."""

    incident: str = Field(min_length=1, max_length=64)


@router.get("", responses=answers(401, 403, 422))
def list_deliveries(
    *,
    desk: TheDesk,
    caller: Reader,
    incident: Annotated[str | None, Query(max_length=64, description="only those of an incident")] = None,
    unattached: Annotated[bool, Query(description="only those that belong to no incident")] = False,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Page[Shown]:
    """List deliveries, the newest first."""
    place = decoded(cursor, str)
    with desk.store.begin() as record:
        found = record.deliveries(
            incident="" if unattached else incident, after=place[0] if place else "", limit=limit + 1,
            without=caller.hidden(record),
        )  # fmt: skip
    return paged(found, limit, partial(_shown, Shown), lambda one: [one.id])


@router.get("/{delivery}", responses=answers(401, 403, 404, 422))
def one_delivery(delivery: str, desk: TheDesk, caller: Reader) -> Whole:
    """Show what was sent."""
    with desk.store.begin() as record:
        found = _seen(record, delivery, caller)
    return _shown(Whole, found)


@router.post("/{delivery}/attach", responses=answers(401, 403, 404, 409, 422))
def attach_delivery(delivery: str, said: Belonging, desk: TheDesk, caller: Responder) -> Shown:
    """Say which incident a delivery belongs to; what could not be read when it came is tried again."""
    with desk.store.begin() as record:
        _seen(record, delivery, caller)
        if said.incident in caller.hidden(record):
            raise NotInRecord(f"the record holds no incident {said.incident}")
    reader = DeliveryReader(settings=desk.settings, sources=desk.sources, masker=desk.masker)
    joined = attach(desk.store, delivery, said.incident, reader, author=caller.author, at=desk.clock())
    return _shown(Shown, joined)


def _seen(record: Transaction, delivery: str, caller: Caller) -> Delivery:
    found = record.delivery(delivery)
    if found is None or (found.incident and found.incident in caller.hidden(record)):
        raise NotInRecord(f"the record holds no delivery {delivery[:64]}")
    return found


def _shown(shape: type[S], one: Delivery) -> S:
    return shape.model_validate(one, from_attributes=True)
