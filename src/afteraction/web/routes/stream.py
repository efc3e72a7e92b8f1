"""Changes as they are made, pushed to readers as server-sent events: of all incidents, or of one.

The id of an event is the number of the change, so that a browser that was cut off goes on where it was (`Last-Event-ID`), at
whichever worker. Who lost their access, or sight of an incident, gets nothing more: that is looked at again for every batch.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from afteraction.errors import TooMany
from afteraction.model.account import Right
from afteraction.model.record import AuditEntry
from afteraction.usecases.ask import incident_of
from afteraction.web import shapes
from afteraction.web.desk import Desk, TheDesk
from afteraction.web.feed import Feed
from afteraction.web.identity import COOKIE, Caller, Reader
from afteraction.web.identity import caller as identified
from afteraction.web.paging import LARGEST
from afteraction.web.problems import Refused, answers
from afteraction.web.routes.incidents import IncidentId
from afteraction.web.seen import seen

router = APIRouter(tags=["stream"])
RETRY_MILLISECONDS = 2000
"""After which a browser that was cut off comes again."""
_LOOKED_AGAIN = 10.0
"""Seconds after which it is looked at whether a quiet reader may still read."""
LastId = Annotated[
    str, Header(alias="Last-Event-ID", max_length=20, description="the number of the last change that you got")
]
After = Annotated[int | None, Query(ge=0, le=LARGEST, description="as Last-Event-ID; left out: changes from now on")]
Wait = Annotated[bool, Query(description="false: end when all that is there was told")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Somebody who follows changes: from where, of which incident (empty: all)."""

    request: Request
    desk: Desk
    after: int | None
    incident: str
    wait: bool

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Yield changes for as long as they may be seen."""
        feed: Feed = self.request.app.state.feed
        skipped: frozenset[int] = frozenset()
        if self.after is None:
            place, skipped = await feed.now()
        else:
            place = await feed.place(self.after)
        yield ServerSentEvent(comment="changes follow", retry=RETRY_MILLISECONDS, id=str(place))
        looked = time.monotonic()
        async for batch in feed.follow(place, self.incident, wait=self.wait):
            if not batch and time.monotonic() - looked < _LOOKED_AGAIN:
                continue
            allowed = await run_sync(self._allowed, batch)
            looked = time.monotonic()
            if allowed is None:
                return
            for entry in (one for one in allowed if one.number not in skipped):
                yield ServerSentEvent(event="change", id=str(entry.number), data=entry)

    def _allowed(self, batch: list[AuditEntry]) -> list[shapes.AuditAnswer] | None:
        """Return what of a batch the reader may see now, or None when they may not read any more."""
        try:
            caller = identified_again(self.request, self.desk)
        except (Refused, TooMany):
            return None
        if Right.READ not in caller.rights:
            return None
        with self.desk.store.begin() as record:
            hidden = caller.hidden(record)
        if self.incident in hidden:
            return None
        return [_told(one, caller) for one in batch if one.incident not in hidden and _theirs(one, caller)]


def identified_again(request: Request, desk: Desk) -> Caller:
    """Return who asks by what the request came with, as it is good now. Raises Refused."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    bearer = SimpleNamespace(credentials=secret) if scheme.lower() == "bearer" else None
    return identified(request, desk, bearer, request.cookies.get(COOKIE))


def _theirs(entry: AuditEntry, caller: Caller) -> bool:
    """Say whether a change is the caller's to know: what is of no incident (accounts) is the owners'."""
    return bool(entry.incident) or Right.OWN in caller.rights


def _told(entry: AuditEntry, caller: Caller) -> shapes.AuditAnswer:
    """Return a change; what stood there before and after is told to those who may read the trail."""
    told = shapes.audit_answer(entry)
    return told if Right.EDIT in caller.rights else told.model_copy(update={"before": "", "after": ""})


def _after(last: str, after: int | None) -> int | None:
    if not last:
        return after
    if not last.isdecimal() or not last.isascii() or int(last) > LARGEST:
        raise Refused(422, f"{last!r} is no number of a change")
    return int(last)


def _all(request: Request, desk: TheDesk, caller: Reader, after: After = None, *, last: LastId = "", wait: Wait = True) -> Following:  # fmt: skip
    del caller
    return Following(request=request, desk=desk, after=_after(last, after), incident="", wait=wait)


def _one(
    request: Request, incident: IncidentId, desk: TheDesk, caller: Reader, after: After = None, *, last: LastId = "", wait: Wait = True
) -> Following:  # fmt: skip
    with seen(desk, caller) as record:
        incident_of(record, incident)
    return Following(request=request, desk=desk, after=_after(last, after), incident=incident, wait=wait)


@router.get("/stream", response_class=EventSourceResponse, responses=answers(401, 403, 422))
async def follow_all(following: Annotated[Following, Depends(_all)]) -> AsyncIterator[ServerSentEvent]:
    """Follow the changes of all incidents that you see: event `change`, its id the number, its data as of the audit trail."""
    async for event in following.events():
        yield event


@router.get("/incidents/{incident}/stream", response_class=EventSourceResponse, responses=answers(401, 403, 404, 422))
async def follow_one(following: Annotated[Following, Depends(_one)]) -> AsyncIterator[ServerSentEvent]:
    """Follow the changes of an incident, while you see it."""
    async for event in following.events():
        yield event
