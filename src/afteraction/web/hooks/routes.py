"""`POST /hooks/VENDOR` and `/hooks/VENDOR/NAME`: what other programs send is proved, kept, and only then answered.

A delivery that cannot be read is kept with the reason and answered 202, so that its sender does not try for ever. The
same delivery once more is answered as the first one was, and changes nothing.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from afteraction.errors import BadSettings, Conflict
from afteraction.formats.json_documents import mapping_of, text_of, value_of
from afteraction.model.settings import Hook
from afteraction.usecases.deliver import Arrived, Delivered, Reader, arrived, deliver
from afteraction.web.desk import Desk, TheDesk
from afteraction.web.hooks import slack
from afteraction.web.hooks.body import SentBody, unpacked
from afteraction.web.hooks.proof import Sent
from afteraction.web.hooks.secret import secrets_of
from afteraction.web.hooks.vendors import VENDORS, Vendor
from afteraction.web.problems import Refused, answers

router = APIRouter(tags=["hooks"], prefix="/hooks")
_FORM = "application/x-www-form-urlencoded"
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}


class Kept(BaseModel):
    """What became of a delivery."""

    delivery: str = Field(default="", description="the id under which it is kept; empty when nothing of it is kept")
    incident: str = Field(
        default="", description="the incident that it belongs to; empty for none and for a private one"
    )
    events: int = Field(default=0, description="how many events were read out of it")
    new: bool = Field(default=True, description="false when the same was delivered before")
    problems: list[str] = Field(default_factory=list, description="what could not be read, and why")


_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"model": Kept, "description": "kept, but nothing of it could be read"},
    **answers(400, 401, 404, 413, 415, 503),
}


@router.post("/{vendor}", response_model=Kept, responses=_ANSWERS, openapi_extra=_BODY)
def receive(*, vendor: str, request: Request, desk: TheDesk, body: SentBody, token: str = "") -> Any:
    """Take a delivery for the endpoint that is called as its vendor, or for the vendor's only one."""
    return _received(_hook(desk, vendor, ""), request, desk, body, token)


@router.post("/{vendor}/{name}", response_model=Kept, responses=_ANSWERS, openapi_extra=_BODY)
def receive_named(*, vendor: str, name: str, request: Request, desk: TheDesk, body: SentBody, token: str = "") -> Any:
    """Take a delivery for an endpoint of a vendor that has several."""
    return _received(_hook(desk, vendor, name), request, desk, body, token)


def _hook(desk: Desk, vendor: str, name: str) -> Hook:
    of_vendor = [hook for hook in desk.settings.hooks if hook.vendor == vendor]
    named = [hook for hook in of_vendor if hook.name == (name or vendor)]
    found = named or ([] if name else of_vendor)
    if len(found) != 1:
        raise Refused(
            404, f"there is no such endpoint; the service needs [hooks.{(name or vendor)[:64]}] in its settings"
        )
    return found[0]


def _received(hook: Hook, request: Request, desk: Desk, body: bytes, token: str) -> Any:
    vendor, at = VENDORS[hook.vendor], desk.clock()
    sent = Sent(headers=dict(request.headers), token=token, body=body, at=at, user=hook.user)
    _prove(hook, vendor, sent)
    content, torn = unpacked(body, sent.headers.get("content-encoding", ""))
    if sent.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
        if hook.vendor == "slack":
            return JSONResponse(slack.slash(desk, hook, content))
        content = (
            slack.form_of(content).get("payload", "").encode("utf-8", "replace") or content
        )  # GitHub can be told so
    key = next((sent.headers[name] for name in vendor.key_headers if sent.headers.get(name)), "")
    came = arrived(hook, content, at=at, key=key, key_in=vendor.key_in, unlike=vendor.unlike, torn=torn)
    if (said := _greeted(hook, sent, came)) is not None:
        return JSONResponse(said)
    reader = Reader(settings=desk.settings, sources=desk.sources, masker=desk.masker)
    try:
        if hook.vendor == "slack" and not came.problem:
            return _answer(slack.message(desk, came, reader))
        return _answer(deliver(desk.store, came, reader))
    except Conflict as error:  # most senders try again after 503, and give up after 409
        raise Refused(503, str(error), {"Retry-After": "2"}) from error


def _prove(hook: Hook, vendor: Vendor, sent: Sent) -> None:
    """See that a request comes from who it says. Raises Refused with 401, with 503 for an endpoint without a secret."""
    try:
        secrets = secrets_of(hook)
    except BadSettings as error:
        raise Refused(503, str(error)) from error
    wrong = [vendor.proof(sent, secret) for secret in secrets]
    if all(wrong):
        raise Refused(401, wrong[0], {"WWW-Authenticate": "Bearer"})


def _greeted(hook: Hook, sent: Sent, came: Arrived) -> dict[str, Any] | None:
    """Return the answer to what a vendor sends to see whether anybody is there, None for everything else."""
    if hook.vendor == "slack" and text_of(came.value, "type") == "url_verification":
        return {"challenge": text_of(came.value, "challenge")}
    pinged = hook.vendor == "github" and sent.headers.get("x-github-event") == "ping"
    event = mapping_of(value_of(came.value, "event"))
    tested = hook.vendor == "pagerduty" and text_of(event, "event_type") == "pagey.ping"
    return Kept(new=False).model_dump() if pinged or tested else None


def _answer(done: Delivered | None) -> JSONResponse:
    if done is None:
        return JSONResponse(Kept(new=False).model_dump())
    kept = done.delivery
    incident = "" if done.private else kept.incident
    told = Kept(delivery=kept.id, incident=incident, events=kept.events, new=done.new, problems=list(kept.problems))
    return JSONResponse(told.model_dump(), status_code=200 if kept.events else 202)
