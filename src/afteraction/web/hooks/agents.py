"""`/agents/hooks`, `/agents/v1/logs`, `/agents/v1/traces`: what agents tell of their tool calls, and who decided about them.

Hooks of Claude Code and OTLP/HTTP JSON of any agent come in, with the API token of an account that may respond. What tells of a
tool is kept as a delivery, of the incident that is named or of none until somebody attaches it. The answer to a hook is always
empty, so that it decides nothing for the agent.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from afteraction.model.settings import Hook
from afteraction.usecases.ask import incident_of
from afteraction.usecases.deliver import Arrived, Reader, deliver
from afteraction.usecases.receive import HOOKS, LOGS, METRICS, TRACES, receive
from afteraction.web.desk import Desk, TheDesk
from afteraction.web.hooks.body import SentBody
from afteraction.web.identity import Caller, Responder
from afteraction.web.problems import Refused, answers
from afteraction.web.seen import seen

router = APIRouter(tags=["agents"], prefix="/agents")
_AGENTS = Hook(name="agents", vendor="agents")
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}
_ANSWERS = answers(400, 401, 403, 404, 409, 413, 415, 503)
Into = Annotated[str, Query(max_length=64, description="the incident that the calls belong to")]


@router.post(HOOKS, responses=_ANSWERS, openapi_extra=_BODY)
def hook(*, request: Request, desk: TheDesk, caller: Responder, body: SentBody, incident: Into = "") -> Response:
    """Take the payload of a hook."""
    return _received(request, HOOKS, body, desk=desk, caller=caller, incident=incident)


@router.post(LOGS, responses=_ANSWERS, openapi_extra=_BODY)
def logs(*, request: Request, desk: TheDesk, caller: Responder, body: SentBody, incident: Into = "") -> Response:
    """Take OTLP logs: of each what tells of a tool call or of a decision about one is kept."""
    return _received(request, LOGS, body, desk=desk, caller=caller, incident=incident)


@router.post(TRACES, responses=_ANSWERS, openapi_extra=_BODY)
def traces(*, request: Request, desk: TheDesk, caller: Responder, body: SentBody, incident: Into = "") -> Response:
    """Take OTLP traces: the spans of tool calls are kept."""
    return _received(request, TRACES, body, desk=desk, caller=caller, incident=incident)


@router.post(METRICS, responses=_ANSWERS, openapi_extra=_BODY)
def metrics(*, request: Request, desk: TheDesk, caller: Responder, body: SentBody) -> Response:
    """Take OTLP metrics, which some exporters send unasked; nothing of them is kept, and the answer says so."""
    return _received(request, METRICS, body, desk=desk, caller=caller)


def _received(
    request: Request, kind: str, body: bytes, *, desk: Desk, caller: Caller, incident: str = ""
) -> Response:  # fmt: skip
    if incident:
        with seen(desk, caller) as record:
            incident_of(record, incident)
    at = desk.clock()
    judged = receive(kind, dict(request.headers), body, at=at, incident=incident)
    if judged.status >= 400:
        raise Refused(judged.status, json.loads(judged.body)["error"])
    if judged.lines:
        key = f"sha256:{hashlib.sha256(f'{kind} {incident} '.encode() + body).hexdigest()}"
        came = Arrived(hook=_AGENTS, at=at, key=key, value=[json.loads(line) for line in judged.lines], bare=True)
        reader = Reader(settings=desk.settings, sources=desk.sources, masker=desk.masker)
        deliver(desk.store, came, reader, into=incident)
    return Response(judged.body, judged.status, media_type="application/json")
