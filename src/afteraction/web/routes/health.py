"""Whether the process lives, whether it can serve, and its figures: for those who run it. None of it needs signing in."""

from __future__ import annotations

from threading import Event
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response

from afteraction.web.desk import TheDesk
from afteraction.web.metrics import exposition
from afteraction.web.problems import Refused, answers

router = APIRouter(tags=["health"])
_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


def ending(request: Request) -> Event:
    """Return what is set once the process was told to end."""
    found: Event = request.app.state.ending
    return found


@router.get("/healthz", response_class=PlainTextResponse)
def alive() -> str:
    """Say that the process answers."""
    return "alive\n"


@router.get("/readyz", response_class=PlainTextResponse, responses=answers(503))
def ready(desk: TheDesk, told_to_end: Annotated[Event, Depends(ending)]) -> str:
    """Say whether requests can be served: the record answers, and the process was not told to end."""
    if told_to_end.is_set():
        raise Refused(503, "this process was told to end", {"Retry-After": "2"})
    with desk.store.begin() as record:
        record.last_audit()
    return "ready\n"


@router.get("/metrics", response_class=PlainTextResponse, responses=answers(503))
def metrics(desk: TheDesk) -> Response:
    """Return figures in Prometheus' text format."""
    return Response(exposition(desk.store), headers={"Content-Type": _FORMAT})
