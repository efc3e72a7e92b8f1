"""Who asks, and what they may: by a session's cookie or an API token. Refuses with 401 who is not known, with 403 who may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from afteraction.model.account import Account, Right
from afteraction.model.record import Author
from afteraction.ports.store import Transaction
from afteraction.usecases.identify import by_session, by_token
from afteraction.web.desk import TheDesk
from afteraction.web.problems import Refused

COOKIE = "afteraction_session"
_BEARER = HTTPBearer(auto_error=False, description="an API token: `afteraction account token`")
_COOKIE = APIKeyCookie(name=COOKIE, auto_error=False, description="the session of a browser")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who asks, with what they may do."""

    account: Account
    rights: frozenset[Right]

    @property
    def author(self) -> Author:
        """Return the caller as the author of what they do."""
        return Author(name=self.account.id)

    def hidden(self, record: Transaction) -> frozenset[str]:
        """Return the private incidents that the caller may not see."""
        return record.hidden_from(self.account.id)


def caller(
    request: Request,
    desk: TheDesk,
    bearer: Annotated[object, Depends(_BEARER)],
    cookie: Annotated[str | None, Depends(_COOKIE)],
) -> Caller:
    """Return who asks. Raises Refused with 401."""
    secret = getattr(bearer, "credentials", None)
    now: datetime = desk.clock()
    with desk.store.begin() as record:
        known = by_token(record, secret, at=now) if secret else by_session(record, cookie, at=now) if cookie else None
    if known is None:
        raise Refused(401, "sign in, or send an API token that is still good", {"WWW-Authenticate": "Bearer"})
    request.state.account = known[0].id
    return Caller(account=known[0], rights=known[1])


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
