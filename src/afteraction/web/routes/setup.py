"""The page behind a link that works once: it makes an account, the first owner's among them, or sets a password."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from afteraction.errors import Conflict, NotInRecord, TooMany, UsageError
from afteraction.model.account import Invitation
from afteraction.model.settings import Settings
from afteraction.usecases import limits
from afteraction.usecases.accounts import accept, good_link, hashed_password, new_account
from afteraction.usecases.passwords import MIN_LENGTH
from afteraction.usecases.sign_in import begin_session
from afteraction.web.desk import Desk, TheDesk
from afteraction.web.identity import address_of, give_cookie
from afteraction.web.pages import page
from afteraction.web.visits import visit

router = APIRouter()
PATH = "/setup"


class Filled(BaseModel):
    """The form, as somebody filled it in; what is missing is said on the page."""

    secret: str = ""
    handle: str = ""
    name: str = ""
    password: str = ""


def link(settings: Settings, secret: str, *, origin: str = "") -> str:
    """Return the address of a link, on the service's public address where it is known."""
    return f"{settings.service.public_url or origin.rstrip('/')}{PATH}?secret={quote(secret)}"


@router.get(PATH)
def show(request: Request, desk: TheDesk, secret: str = "") -> Response:
    """Show the form of a link; the link is not used up, so that a preview of it in a chat does no harm."""
    try:
        with desk.store.begin() as record:
            found = good_link(record, secret, at=desk.clock())
    except NotInRecord as error:
        return _bad_link(request, desk, error)
    return _form(found, secret)


@router.post(PATH)
def use(
    request: Request,
    desk: TheDesk,
    told: Annotated[Filled, Form()],
) -> Response:
    """Make the account of a link, or set the password, and sign its owner in."""
    secret, name, wanted = told.secret, told.name, told.handle.strip().lower()
    try:
        with desk.store.begin() as record:
            found = good_link(record, secret, at=desk.clock())
            if not found.account:
                new_account(record, handle=wanted, name=name, role=found.role, at=desk.clock())
    except NotInRecord as error:
        return _bad_link(request, desk, error)
    except (UsageError, Conflict) as error:
        return _form(found, secret, wrong=str(error), handle=wanted, name=name)
    try:
        kept = hashed_password(told.password, handle=found.account or wanted)
        with desk.store.begin() as record:
            account = accept(record, secret, handle=wanted, name=name, password_hash=kept, at=desk.clock())
            session = begin_session(record, account, visit(request, desk), by="link") if not account.disabled_at else ""
    except NotInRecord as error:  # somebody else used it meanwhile
        return _bad_link(request, desk, error)
    except (UsageError, Conflict, TooMany) as error:
        return _form(found, secret, wrong=str(error), handle=wanted, name=name)
    answer = RedirectResponse("/account", status_code=303)
    give_cookie(request, answer, desk.settings, session)
    return answer


def _form(found: Invitation, secret: str, *, wrong: str = "", handle: str = "", name: str = "") -> Response:
    return page(
        "setup", status=422 if wrong else 200, wrong=wrong, secret=secret, account=found.account, role=found.role,
        first=not found.made_by, handle=handle, name=name, least=MIN_LENGTH,
    )  # fmt: skip


def _bad_link(request: Request, desk: Desk, error: NotInRecord) -> Response:
    """Say that a link is none; who tries many is told to wait."""
    try:
        limits.spend(desk.store, [limits.secret_limit(address_of(request))], at=desk.clock())
    except TooMany as many:
        told = {"Retry-After": str(many.seconds)}
        return page("told", status=429, headers=told, heading="Too many attempts", text=str(many), sign_in=False)
    text = f"{str(error).capitalize()}. Ask an owner for a new one; the link of the first start stands in the service's log."
    return page("told", status=404, heading="This link does not work", text=text, sign_in=True)
