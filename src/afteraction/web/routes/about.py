"""Who I am to this service, and what it is."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from afteraction import __version__
from afteraction.model.account import Right, Role
from afteraction.web.identity import Reader
from afteraction.web.problems import answers

router = APIRouter(tags=["about"])


class Me(BaseModel):
    """The account that asks."""

    id: str
    name: str
    role: Role
    rights: list[Right]
    version: str = __version__


@router.get("/me", responses=answers(401, 403))
def me(caller: Reader) -> Me:
    """Tell who asks, and what they may."""
    account = caller.account
    return Me(id=account.id, name=account.name, role=account.role, rights=sorted(caller.rights))
