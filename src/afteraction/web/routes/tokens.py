"""API tokens: secrets for programs, each with a name, scopes and an end. The secret is told once, when a token is made.

Somebody signed in sees, makes and revokes their own; owners those of all. A token that leaked must not leave others behind:
it revokes itself at most, and only one with the scope `own` makes tokens, which last no longer than itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from afteraction.model.account import Right, Token
from afteraction.usecases.accounts import make_token, revoke_token, the_token
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Caller, Reader
from afteraction.web.problems import Refused, answers

router = APIRouter(tags=["tokens"])


class TokenWanted(BaseModel):
    """What the token is for; without `days` it does not end by itself."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    scopes: Annotated[list[Right], Field(min_length=1)]
    days: Annotated[float, Field(gt=0, le=3660)] | None = 90
    account: Annotated[str, Field(max_length=64, description="whose it is; empty: one's own")] = ""


class TokenShown(BaseModel):
    """A token without its secret."""

    id: str
    account: str
    name: str
    scopes: list[Right]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


class TokenMade(TokenShown):
    """A new token with its secret, which is told this once."""

    secret: str


class Tokens(BaseModel):
    """Tokens, the oldest first."""

    items: list[TokenShown]


def _told(token: Token) -> dict[str, object]:
    return {name: getattr(token, name) for name in TokenShown.model_fields} | {"scopes": sorted(token.scopes)}


@router.get("/tokens", responses=answers(401, 403))
def list_tokens(desk: TheDesk, caller: Reader, account: str = "") -> Tokens:
    """List one's own tokens; an owner lists those of an account, or with `*` of all."""
    wanted = account or caller.account.id
    _own(caller, wanted)
    with desk.store.begin() as record:
        found = record.tokens("" if wanted == "*" else wanted)
    return Tokens(items=[TokenShown.model_validate(_told(one)) for one in found])


@router.post("/tokens", status_code=201, responses=answers(401, 403, 404))
def add_token(desk: TheDesk, caller: Reader, told: TokenWanted) -> TokenMade:
    """Make a token."""
    wanted, scopes, at = told.account or caller.account.id, frozenset(told.scopes), desk.clock()
    _own(caller, wanted)
    lasts = timedelta(days=told.days) if told.days is not None else None
    _no_more(caller, scopes, None if lasts is None else at + lasts)
    with desk.store.begin() as record:
        token, secret = make_token(
            record, wanted, name=desk.masked(told.name), scopes=scopes, lasts=lasts, author=caller.author, at=at
        )
    return TokenMade.model_validate(_told(token) | {"secret": secret})


@router.delete("/tokens/{token}", status_code=204, responses=answers(401, 403, 404))
def take_back(desk: TheDesk, caller: Reader, token: Annotated[str, Path(max_length=32)]) -> None:
    """Revoke a token; nobody can use it from now on."""
    with desk.store.begin() as record:
        found = the_token(record, token, account="" if Right.OWN in caller.rights else caller.account.id)
        if not _free(caller) and found != caller.known.token:
            raise Refused(403, "a token revokes itself at most; sign in to revoke another")
        revoke_token(record, found, author=caller.author, at=desk.clock())


def _own(caller: Caller, account: str) -> None:
    if account != caller.account.id and Right.OWN not in caller.rights:
        raise Refused(403, "these tokens belong to somebody else; only an owner sees, makes and revokes them")


def _no_more(caller: Caller, scopes: frozenset[Right], expires_at: datetime | None) -> None:
    """Refuse a token that may more, or lasts longer, than the token that asks for it."""
    asking = caller.known.token
    ends = asking.expires_at if asking is not None else None
    longer = ends is not None and (expires_at is None or expires_at > ends)
    if not _free(caller) or longer or (asking is not None and not scopes <= caller.rights):
        raise Refused(403, "a token makes no token that may more or lasts longer than itself; sign in to make one")


def _free(caller: Caller) -> bool:
    return caller.known.token is None or Right.OWN in caller.rights
