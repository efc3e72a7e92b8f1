"""Pages and versions: cursors, which clients hand back as they are, and entity tags, by which a change names what it was made on.

A cursor holds where the page before ended; it is no secret and no right: what may be seen is decided anew for each page.
Refused: a cursor that is none (422), a change without a version (428), a version that nobody could have seen (412).
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Header, Query
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from afteraction.web.problems import Refused

Cursor = Annotated[str, Query(max_length=1000, description="`next` of the page before; empty: the first page")]
Limit = Annotated[int, Query(ge=1, le=500, description="how many at most")]
LARGEST = 2**31 - 1
"""The largest number that both databases count to."""
_TAG = re.compile(r'(?:W/)?"(\d{1,9})(?:;[a-z]+)?"')
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d\d:\d\d)")
_Item = TypeVar("_Item")


def _moment(value: object) -> datetime:
    """Read a time with its zone; one that no incident of a computer can have is refused."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("give a time with its zone, such as 2026-03-04T10:40:00Z")
    found = datetime.fromisoformat(value.upper())
    if not 1970 <= found.year < 2200:
        raise ValueError("give a year between 1970 and 2199")
    return found.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]


class Page(BaseModel, Generic[_Item]):
    """A page of a list."""

    items: list[_Item]
    next: str | None = Field(default=None, description="`cursor` of the next page; null: no more")


def paged(
    found: Sequence[Any], limit: int, shape: Callable[[Any], _Item], key: Callable[[Any], list[Any]]
) -> Page[_Item]:
    """Return a page of what was found; one more than `limit` was asked for, to know whether more follows."""
    items = found[:limit]
    more = encoded(key(items[-1])) if len(found) > limit else None
    return Page[_Item](items=[shape(one) for one in items], next=more)


def encoded(place: list[Any]) -> str:
    """Return a cursor."""
    return urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def decoded(cursor: str, *kinds: type) -> list[Any] | None:
    """Return what a cursor holds, of these kinds, or None for an empty one. Raises Refused with 422."""
    if not cursor:
        return None
    place = _place(cursor, kinds)
    if place is None or any(isinstance(one, int) and not 0 <= one <= LARGEST for one in place):
        raise Refused(422, "this is no cursor of this list; leave it out for the first page")
    return place


def _place(cursor: str, kinds: tuple[type, ...]) -> list[Any] | None:
    try:
        told = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if [type(one) for one in told] != [str if kind is datetime else kind for kind in kinds]:
            return None
        return [_moment(one) if kind is datetime else one for one, kind in zip(told, kinds, strict=True)]
    except (ValueError, TypeError, RecursionError):
        return None


IfMatch = Annotated[
    str | None,
    Header(max_length=200, description="the `ETag` of what the change was made on; `*`: of whatever stands there"),
]
IfNoneMatch = Annotated[str | None, Header(max_length=1000, description="the `ETag` of what the client has already")]


def tag(version: int, form: str = "") -> str:
    """Return the entity tag of a version, in one of its forms."""
    return f'"{version};{form}"' if form else f'"{version}"'


def version_of(if_match: str | None) -> int | None:
    """Return the version that a change was made on; None for whatever stands there. Raises Refused with 428 and 412."""
    if not if_match:
        raise Refused(428, "send the ETag of what you changed as If-Match, so that nobody's change is lost")
    if if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise Refused(412, f"{if_match} is no ETag of this; read it again")
    return int(found[1])


def is_had(if_none_match: str | None, current: str) -> bool:
    """Say whether the client has what stands there."""
    told = (one.strip().removeprefix("W/") for one in (if_none_match or "").split(","))
    return any(one in {current, "*"} for one in told)
