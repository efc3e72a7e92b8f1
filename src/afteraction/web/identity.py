"""Who asks, and what they may: by a session's cookie or an API token. Refuses with 401 who is not known, with 403 who may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.requests import HTTPConnection

from afteraction.model.account import Account, Right
from afteraction.model.record import Author
from afteraction.model.settings import Settings
from afteraction.ports.store import Transaction
from afteraction.usecases import limits
from afteraction.usecases.identify import Known, by_session, by_token
from afteraction.web.desk import Desk, TheDesk
from afteraction.web.problems import Refused

COOKIE = "afteraction_session"
_SECURE_COOKIE = f"__Host-{COOKIE}"
"""The name of the cookie over https: no other host, and nothing over plain http, can set one of this name."""
_BEARER = HTTPBearer(auto_error=False, description="an API token: `afteraction account token`")
_COOKIE = APIKeyCookie(name=COOKIE, auto_error=False, description="the session of a browser")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who asks, with what they may do, and the session or token that told who it is."""

    known: Known

    @property
    def account(self) -> Account:
        """Return the account that asks."""
        return self.known.account

    @property
    def rights(self) -> frozenset[Right]:
        """Return what the caller may do: what the role allows, and the scopes of the token."""
        return self.known.rights

    @property
    def author(self) -> Author:
        """Return the caller as the author of what they do."""
        return Author(name=self.account.id)

    def hidden(self, record: Transaction) -> frozenset[str]:
        """Return the private incidents that the caller may not see."""
        return record.hidden_from(self.account.id)


def is_secure(connection: HTTPConnection, settings: Settings) -> bool:
    """Say whether the one who asks does so over https, by what the service knows of itself and of its proxies."""
    return settings.service.public_url.startswith("https://") or connection.url.scheme == "https"


def session_secret(connection: HTTPConnection, settings: Settings) -> str:
    """Return the secret of the session that a request came with, or an empty text."""
    return connection.cookies.get(_SECURE_COOKIE if is_secure(connection, settings) else COOKIE, "")


def give_cookie(request: Request, response: Response, settings: Settings, secret: str) -> None:
    """Let a browser keep the secret of a session, or forget it when it is empty."""
    secure = is_secure(request, settings)
    response.set_cookie(
        _SECURE_COOKIE if secure else COOKIE, secret, secure=secure, httponly=True, samesite="lax", path="/",
        max_age=int(timedelta(days=settings.service.session_days).total_seconds()) if secret else 0,
    )  # fmt: skip


def address_of(connection: HTTPConnection) -> str:
    """Return the address of the one who asks; behind proxies that are trusted, the one that they tell."""
    return connection.client.host if connection.client else ""


def signed_in(connection: HTTPConnection, desk: Desk) -> Known | None:
    """Return who is signed in by the cookie of a request, or None."""
    secret = session_secret(connection, desk.settings)
    if not secret:
        return None
    with desk.store.begin() as record:
        return by_session(record, secret, at=desk.clock(), idle=timedelta(days=desk.settings.service.idle_days))


def _by_token(request: Request, desk: Desk, secret: str) -> Known | None:
    """Return whose token it is; one that is none counts against the address, and too many are refused."""
    now: datetime = desk.clock()
    with desk.store.begin() as record:
        known = by_token(record, secret, at=now)
    if known is None:
        limits.spend(desk.store, [limits.secret_limit(address_of(request))], at=now)
    return known


def caller(
    request: Request,
    desk: TheDesk,
    bearer: Annotated[object, Depends(_BEARER)],
    cookie: Annotated[str | None, Depends(_COOKIE)],
) -> Caller:
    """Return who asks. Raises Refused with 401."""
    del cookie  # it stands in the description; which of the two cookies counts is known below
    secret = getattr(bearer, "credentials", None)
    known = _by_token(request, desk, secret) if secret else signed_in(request, desk)
    if known is None:
        raise Refused(401, "sign in, or send an API token that is still good", {"WWW-Authenticate": "Bearer"})
    request.state.account = known.account.id
    return Caller(known=known)


def may(right: Right) -> Callable[[Caller], Caller]:
    """Return a dependency that gives the caller and refuses who lacks a right."""

    def allowed(known: Annotated[Caller, Depends(caller)]) -> Caller:
        if right not in known.rights:
            raise Refused(
                403, f"this needs the right to {right}; {known.account.id} has {', '.join(sorted(known.rights))}"
            )
        return known

    return allowed


Reader = Annotated[Caller, Depends(may(Right.READ))]
Responder = Annotated[Caller, Depends(may(Right.RESPOND))]
Editor = Annotated[Caller, Depends(may(Right.EDIT))]
Owner = Annotated[Caller, Depends(may(Right.OWN))]
