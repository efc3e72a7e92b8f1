"""Signing in and out by API, for programs that keep a browser's cookie, and changing one's own password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from afteraction.model.account import Role
from afteraction.usecases.sign_in import change_password, end_session, with_password
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Reader, address_of, give_cookie
from afteraction.web.problems import Refused, answers
from afteraction.web.visits import visit

router = APIRouter(tags=["sessions"])
_Password = Annotated[str, Field(max_length=1024)]


class SignIn(BaseModel):
    """Handle and password."""

    model_config = ConfigDict(extra="forbid")

    handle: Annotated[str, Field(max_length=64)]
    password: _Password


class SignedIn(BaseModel):
    """Who is signed in now; the session is in the cookie."""

    id: str
    name: str
    role: Role


class PasswordChange(BaseModel):
    """The password until now, and the new one."""

    model_config = ConfigDict(extra="forbid")

    old: _Password
    new: _Password


@router.post("/sessions", status_code=201, responses=answers(401, 403, 422, 429))
def begin(request: Request, response: Response, desk: TheDesk, told: SignIn) -> SignedIn:
    """Sign in; the answer sets the session's cookie, which no script can read. Too many failures have to wait."""
    account, secret = with_password(desk.store, told.handle, told.password, visit(request, desk))
    give_cookie(request, response, desk.settings, secret)
    return SignedIn(id=account.id, name=account.name, role=account.role)


@router.delete("/sessions/current", status_code=204, responses=answers(401, 403, 409))
def end(request: Request, response: Response, desk: TheDesk, caller: Reader) -> None:
    """Sign out."""
    if caller.known.session is None:
        raise Refused(409, "an API token is no session; revoke the token instead")
    with desk.store.begin() as record:
        end_session(record, caller.account.id, at=desk.clock(), digest=caller.known.session.digest)
    give_cookie(request, response, desk.settings, "")


@router.delete("/sessions", status_code=204, responses=answers(401, 403, 409))
def end_all(request: Request, response: Response, desk: TheDesk, caller: Reader) -> None:
    """Sign out everywhere; API tokens stay."""
    if caller.known.session is None:
        raise Refused(409, "an API token cannot end sessions; sign in to do so")
    with desk.store.begin() as record:
        end_session(record, caller.account.id, at=desk.clock())
    give_cookie(request, response, desk.settings, "")


@router.put("/me/password", status_code=204, responses=answers(401, 403, 422, 429))
def change(request: Request, desk: TheDesk, caller: Reader, told: PasswordChange) -> None:
    """Change one's own password; all sessions end but the one that asks."""
    session = caller.known.session
    change_password(
        desk.store, caller.account, told.old, told.new, address=address_of(request), at=desk.clock(),
        keep=session.digest if session else "",
    )  # fmt: skip
