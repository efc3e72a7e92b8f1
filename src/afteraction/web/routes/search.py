"""Search over incidents, events, documents and actions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from afteraction.model.record import Indexed
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Reader
from afteraction.web.paging import Cursor, Page, decoded, encoded
from afteraction.web.problems import Refused, answers
from afteraction.web.seen import seen

router = APIRouter(tags=["search"])
_FARTHEST = 1000
"""What stands behind so many hits nobody looks for; better words find it."""
_SHOWN = 500


class HitAnswer(BaseModel):
    """Something that holds all the words."""

    incident: str
    kind: Indexed
    ref: str = Field(description="the number of the event or action; empty for an incident or document")
    text: str = Field(description="its beginning")


@router.get("/search", responses=answers(401, 403))
def search(
    *, desk: TheDesk, caller: Reader, q: Annotated[str, Query(min_length=1, max_length=500, description="words")],
    cursor: Cursor = "", limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page[HitAnswer]:  # fmt: skip
    """Find what holds all the words, the best first; a thousand hits at most."""
    place = decoded(cursor, int)
    begin = place[0] if place else 0
    if begin > _FARTHEST:
        raise Refused(422, "this is no cursor of this list; leave it out for the first page")
    with seen(desk, caller) as record:
        found = record.search(q, limit=begin + limit + 1)[begin:]
    more = encoded([begin + limit]) if len(found) > limit and begin + limit <= _FARTHEST else None
    items = [HitAnswer(incident=hit.incident, kind=hit.kind, ref=hit.ref, text=hit.text[:_SHOWN]) for hit in found]
    return Page[HitAnswer](items=items[:limit], next=more)
