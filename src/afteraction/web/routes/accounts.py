"""Accounts and invitations: who there is, what they may, and links by which others come in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from afteraction.model.account import Account, Role
from afteraction.usecases.accounts import change_account, invite, open_links, the_account, withdraw
from afteraction.usecases.sign_in import end_session
from afteraction.web.desk import TheDesk
from afteraction.web.identity import Owner, Reader
from afteraction.web.problems import answers
from afteraction.web.routes.setup import link

router = APIRouter(tags=["accounts"])
Handle = Annotated[str, Path(max_length=64)]


class AccountShown(BaseModel):
    """An account, as everybody of the team may see it."""

    id: str
    name: str
    role: Role
    disabled: bool
    created_at: datetime


class Accounts(BaseModel):
    """All accounts, in order of their handles."""

    items: list[AccountShown]


class AccountChange(BaseModel):
    """What is to be changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    name: Annotated[str, Field(max_length=200)] | None = None
    disabled: bool | None = None


class InvitationWanted(BaseModel):
    """What the link is for: a new account of a role, or the password of an account that there is."""

    model_config = ConfigDict(extra="forbid")

    role: Role = Role.READER
    account: Annotated[str, Field(max_length=64)] = ""
    hours: Annotated[float, Field(gt=0, le=744)] = 72


class InvitationShown(BaseModel):
    """A link that was not used yet."""

    id: str
    role: Role
    account: str
    made_by: str
    expires_at: datetime


class InvitationMade(InvitationShown):
    """A new link; its address is told this once."""

    url: str


class Invitations(BaseModel):
    """All links that were not used yet."""

    items: list[InvitationShown]


def _shown(account: Account) -> AccountShown:
    return AccountShown(
        id=account.id, name=account.name, role=account.role, disabled=account.disabled_at is not None, created_at=account.created_at
    )  # fmt: skip


@router.get("/accounts", responses=answers(401, 403))
def list_accounts(desk: TheDesk, caller: Reader) -> Accounts:
    """List the accounts."""
    del caller
    with desk.store.begin() as record:
        return Accounts(items=[_shown(one) for one in record.accounts()])


@router.get("/accounts/{account}", responses=answers(401, 403, 404))
def show_account(desk: TheDesk, caller: Reader, account: Handle) -> AccountShown:
    """Show an account."""
    del caller
    with desk.store.begin() as record:
        return _shown(the_account(record, account))


@router.patch("/accounts/{account}", responses=answers(401, 403, 404, 409))
def change(desk: TheDesk, caller: Owner, account: Handle, told: AccountChange) -> AccountShown:
    """Change role or name, disable or enable. The last owner stays one."""
    with desk.store.begin() as record:
        changed = change_account(
            record, account, author=caller.author, at=desk.clock(), role=told.role, disabled=told.disabled,
            name=None if told.name is None else desk.masked(told.name),
        )  # fmt: skip
    return _shown(changed)


@router.delete("/accounts/{account}/sessions", status_code=204, responses=answers(401, 403, 404))
def sign_out(desk: TheDesk, caller: Owner, account: Handle) -> None:
    """Sign somebody out everywhere."""
    with desk.store.begin() as record:
        the_account(record, account)
        end_session(record, account, at=desk.clock(), author=caller.author)


@router.get("/invitations", responses=answers(401, 403))
def list_invitations(desk: TheDesk, caller: Owner) -> Invitations:
    """List the links that still work."""
    del caller
    with desk.store.begin() as record:
        found = open_links(record, at=desk.clock())
    return Invitations(
        items=[
            InvitationShown(
                id=o.digest[:12], role=o.role, account=o.account, made_by=o.made_by, expires_at=o.expires_at
            )
            for o in found
        ]
    )


@router.post("/invitations", status_code=201, responses=answers(401, 403, 404))
def make_invitation(request: Request, desk: TheDesk, caller: Owner, told: InvitationWanted) -> InvitationMade:
    """Make a link that works once: for a new account, or for a new password of one."""
    with desk.store.begin() as record:
        made, secret = invite(
            record, role=told.role, account=told.account, author=caller.author, at=desk.clock(), lasts=timedelta(hours=told.hours)
        )  # fmt: skip
    url = link(desk.settings, secret, origin=str(request.base_url))
    return InvitationMade(
        id=made.digest[:12], role=made.role, account=made.account, made_by=made.made_by, expires_at=made.expires_at, url=url
    )  # fmt: skip


@router.delete("/invitations/{invitation}", status_code=204, responses=answers(401, 403, 404))
def withdraw_invitation(
    desk: TheDesk, caller: Owner, invitation: Annotated[str, Path(min_length=12, max_length=64)]
) -> None:
    """Take a link back."""
    with desk.store.begin() as record:
        withdraw(record, invitation, author=caller.author, at=desk.clock())
