"""Accounts are made, changed and taken away: by links that work once, by owners, at the keyboard of the record.

Every change stands in the audit trail, without a secret. Refused: a handle that is taken or cannot be one, a link that is
not good any more, and whatever would leave the record without an owner.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from afteraction.errors import Conflict, NotInRecord, UsageError
from afteraction.model.account import Account, Invitation, Right, Role, Token
from afteraction.model.record import COMPUTED, AuditEntry, Author
from afteraction.ports.store import Transaction
from afteraction.usecases import passwords
from afteraction.usecases.identify import digest_of, give_token

SETUP_FOR = timedelta(hours=24)
"""How long the link of the first start works."""
INVITED_FOR = timedelta(days=3)
_HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_TAKEN = frozenset({COMPUTED.name, "unknown"})
"""What stands as author without being an account."""


def valid_handle(handle: str) -> str:
    """Return a handle that an account may have. Raises UsageError."""
    if not _HANDLE.fullmatch(handle) or handle in _TAKEN:
        raise UsageError(f"{handle!r} is no handle; use small letters, digits, dots and dashes, such as anna.k")
    return handle


def first_link(record: Transaction, *, at: datetime) -> str | None:
    """Return the secret of a new link for the first owner, or None where there is one; earlier links end."""
    record.lock_accounts()
    if _owned(record):
        return None
    for one in record.invitations():
        if not one.made_by:
            record.drop_invitation(one.digest)
    return _link(record, Invitation(digest="", role=Role.OWNER, created_at=at, expires_at=at + SETUP_FOR))


def invite(
    record: Transaction, *, role: Role, author: Author, at: datetime, lasts: timedelta = INVITED_FOR, account: str = ""
) -> tuple[Invitation, str]:
    """Make a link that makes an account of a role, or sets the password of `account`; its secret is returned once.

    Raises:
        NotInRecord: when there is no such account.
        UsageError: when it should last no time, or longer than a month.
    """
    if not timedelta() < lasts <= timedelta(days=31):
        raise UsageError("a link lasts at least a moment and at most 31 days")
    record.lock_accounts()
    if account:
        role = the_account(record, account).role
    forget_used_links(record, at=at)
    for one in record.invitations():
        if account and one.account == account:
            record.drop_invitation(one.digest)
    made = Invitation(
        digest="", role=role, created_at=at, expires_at=at + lasts, account=account, made_by=author.name or "unknown"
    )
    secret = _link(record, made)
    what = f"link made that sets the password of {account}" if account else "invited"
    _note(record, what, author=author, at=at, after={"role": role, "until": made.expires_at.isoformat()})
    return replace(made, digest=digest_of(secret)), secret


def _link(record: Transaction, invitation: Invitation) -> str:
    secret = secrets.token_urlsafe(32)
    record.put_invitation(replace(invitation, digest=digest_of(secret)))
    return secret


def good_link(record: Transaction, secret: str, *, at: datetime) -> Invitation:
    """Return the invitation of a link. Raises NotInRecord when it is not good (any more)."""
    found = record.invitation(digest_of(secret))
    if (
        found is None
        or found.used_at is not None
        or found.expires_at <= at
        or (not found.made_by and _owned(record))
        or (found.account and record.account(found.account) is None)
    ):
        raise NotInRecord(
            "this link does not work (any more): it was used, has run out, or was replaced by a newer one"
        )
    return found


def accept(record: Transaction, secret: str, *, handle: str, name: str, password_hash: str, at: datetime) -> Account:
    """Make the account of a link, or set the password of the account that the link is for; the link has done its work.

    Raises:
        NotInRecord: when the link is not good.
        Conflict: when the handle is taken.
        UsageError: when the handle cannot be one.
    """
    record.lock_accounts()
    link = good_link(record, secret, at=at)
    record.put_invitation(replace(link, used_at=at))
    if link.account:
        account = replace(the_account(record, link.account), password=password_hash)
        what, told = "password set by a link", {}
        record.end_sessions(account=account.id)
    else:
        account = new_account(record, handle=handle, name=name, role=link.role, password_hash=password_hash, at=at)
        what, told = "account made", {"role": link.role, "name": account.name, "invited by": link.made_by}
    record.put_account(account)
    _note(record, f"{what}: {account.id}", author=Author(name=account.id), at=at, after=told)
    return account


def new_account(
    record: Transaction, *, handle: str, name: str, role: Role, at: datetime, password_hash: str = "", subject: str | None = None
) -> Account:  # fmt: skip
    """Return an account that can be kept. Raises Conflict and UsageError, for its handle."""
    if record.account(valid_handle(handle)) is not None:
        raise Conflict(f"the handle {handle} is taken; choose another")
    shown = " ".join(name.split())[:200] or handle
    return Account(id=handle, name=shown, role=role, created_at=at, password=password_hash, subject=subject)


def the_account(record: Transaction, account: str) -> Account:
    """Return an account. Raises NotInRecord."""
    found = record.account(account)
    if found is None:
        raise NotInRecord(f"there is no account {account}; `afteraction account list` shows what there is")
    return found


def change_account(
    record: Transaction,
    account: str,
    *,
    author: Author,
    at: datetime,
    role: Role | None = None,
    name: str | None = None,
    disabled: bool | None = None,
) -> Account:
    """Change what is given of an account; who is disabled is signed out at once and their tokens do nothing.

    Raises:
        NotInRecord: when there is no such account.
        Conflict: when no owner would be left.
    """
    record.lock_accounts()
    known = the_account(record, account)
    changed = replace(
        known,
        role=role or known.role,
        name=(" ".join(name.split())[:200] or known.name) if name is not None else known.name,
        disabled_at=known.disabled_at if disabled is None else (known.disabled_at or at) if disabled else None,
    )
    if changed == known:
        return known
    if _owns(known) and not _owns(changed) and not _owned(record, without=account):
        raise Conflict(f"{account} is the last owner; make somebody else an owner first")
    record.put_account(changed)
    if changed.disabled_at is not None:
        record.end_sessions(account=account)
    _note(record, f"account changed: {account}", author=author, at=at, before=_told(known), after=_told(changed))
    return changed


def _owned(record: Transaction, *, without: str = "") -> bool:
    """Say whether the record has an owner, beside one."""
    return any(_owns(one) for one in record.accounts() if one.id != without)


def _owns(account: Account) -> bool:
    return account.role is Role.OWNER and account.disabled_at is None


def _told(account: Account) -> dict[str, object]:
    return {"role": account.role, "name": account.name, "disabled": account.disabled_at is not None}


def set_password(
    record: Transaction, account: str, password_hash: str, *, author: Author, at: datetime, keep: str = ""
) -> None:
    """Set a password; all sessions end but the one (by its digest) to keep, and links to set it are void."""
    record.lock_accounts()
    record.put_account(replace(the_account(record, account), password=password_hash))
    record.end_sessions(account=account, keep=keep)
    for one in record.invitations():
        if one.account == account:
            record.drop_invitation(one.digest)
    _note(record, f"password changed: {account}", author=author, at=at)


def hashed_password(password: str, *, handle: str) -> str:
    """Return the hash of a password that may be used. Raises UsageError and TooMany."""
    return passwords.hashed(passwords.checked(password, handle=handle))


def make_token(
    record: Transaction,
    account: str,
    *,
    name: str,
    scopes: frozenset[Right],
    lasts: timedelta | None,
    author: Author,
    at: datetime,
) -> tuple[Token, str]:
    """Make an API token and note it; the secret is returned once.

    Raises:
        NotInRecord: when there is no such account.
        UsageError: when the account's role does not allow a scope, or the token would last no time.
    """
    owner = the_account(record, account)
    if lasts is not None and not timedelta() < lasts <= timedelta(days=3660):
        raise UsageError("a token lasts at least a moment and at most ten years")
    if not scopes or not scopes <= owner.role.rights:
        told = ", ".join(sorted(owner.role.rights))
        raise UsageError(f"a token of {account} ({owner.role}) can have the scopes {told}, at least one of them")
    expires = at + lasts if lasts is not None else None
    token, secret = give_token(record, account, name=name[:200], scopes=scopes, at=at, expires_at=expires)
    told_of = {
        "account": account,
        "name": token.name,
        "scopes": sorted(scopes),
        "until": expires.isoformat() if expires else None,
    }
    _note(record, f"token made: {token.id}", author=author, at=at, after=told_of)
    return token, secret


def revoke_token(record: Transaction, token: Token, *, author: Author, at: datetime) -> None:
    """Take a token back; once more changes nothing."""
    if token.revoked_at is None:
        record.put_token(replace(token, revoked_at=at))
        told = {"account": token.account, "name": token.name, "scopes": sorted(token.scopes)}
        _note(record, f"token revoked: {token.id}", author=author, at=at, before=told)


def the_token(record: Transaction, token: str, *, account: str = "") -> Token:
    """Return a token of an account, or of any. Raises NotInRecord."""
    found = next((one for one in record.tokens(account) if one.id == token), None)
    if found is None:
        raise NotInRecord(f"there is no token {token}; `afteraction account tokens` shows what there is")
    return found


def withdraw(record: Transaction, invitation: str, *, author: Author, at: datetime) -> None:
    """Take a link back that was not used, named by the beginning of its digest. Raises NotInRecord."""
    record.lock_accounts()
    found = [one for one in open_links(record, at=at) if one.digest.startswith(invitation) and len(invitation) >= 12]
    if not found:
        raise NotInRecord(f"there is no open invitation {invitation}")
    record.drop_invitation(found[0].digest)
    _note(record, "invitation withdrawn", author=author, at=at, before={"role": found[0].role})


def forget_used_links(record: Transaction, *, at: datetime) -> None:
    """Forget links that were used or have run out."""
    for one in record.invitations():
        if one.used_at is not None or one.expires_at <= at:
            record.drop_invitation(one.digest)


def open_links(record: Transaction, *, at: datetime) -> Sequence[Invitation]:
    """Return the invitations that still work, but not the link of the first start."""
    return [one for one in record.invitations() if one.used_at is None and one.expires_at > at and one.made_by]


def _note(
    record: Transaction,
    what: str,
    *,
    author: Author,
    at: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    told = [json.dumps(one, ensure_ascii=False) if one else "" for one in (before, after)]
    record.add_audit(AuditEntry(at=at, author=author, what=what, before=told[0], after=told[1]))
