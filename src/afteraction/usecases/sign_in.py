"""Somebody signs in: handle and password, or what a provider said of them, come in; a session goes out.

It is not told whether the handle or the password was wrong, neither in words nor by the time that it takes. Refused with
`NotSignedIn`, and after too many failures with `TooMany`.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from afteraction.errors import NotSignedIn
from afteraction.model.account import Account, Session
from afteraction.model.record import AuditEntry, Author
from afteraction.ports.store import Store, Transaction
from afteraction.usecases import limits, passwords
from afteraction.usecases.accounts import set_password
from afteraction.usecases.identify import digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """From where somebody signs in, when, for how long at most, and the secret of a session that the new one replaces."""

    address: str
    at: datetime
    lasts: timedelta
    former: str = ""


def with_password(store: Store, handle: str, password: str, visit: Visit) -> tuple[Account, str]:
    """Sign somebody in; returns their account and the secret of the new session.

    Raises:
        NotSignedIn: when handle and password let nobody in.
        TooMany: when too many attempts failed.
    """
    name = handle.strip().lower()[:64]
    account, failed = proven(store, name, password, address=visit.address, at=visit.at)
    with store.begin() as record:
        limits.remember(record, name, visit.address, at=visit.at)
        return account, begin_session(record, account, visit, by="password", failed=failed)


def proven(store: Store, handle: str, password: str, *, address: str, at: datetime) -> tuple[Account, int]:
    """Return the account whose password this is, and how many attempts failed just before.

    Raises:
        NotSignedIn: when there is no such account, or the password is another.
        TooMany: when too many attempts failed.
    """
    with store.begin() as record:
        counted = limits.sign_in_limits(record, handle, address, at=at)
        failed = limits.failed_lately(record, counted, at=at)
    limits.spend(store, counted, at=at)
    with store.begin() as record:
        account = record.account(handle)
    good = account is not None and account.disabled_at is None and bool(account.password)
    fits = passwords.fits(password, account.password if good and account is not None else passwords.DUMMY)
    if account is None or not good or not fits:
        with store.begin() as record:
            for limit in counted:
                limits.note_full(record, limit, at=at)
        raise NotSignedIn("handle or password is not right")
    again = passwords.hashed(password) if passwords.outdated(account.password) else ""
    with store.begin() as record:
        limits.take_back(record, counted, at=at)
        if again:
            _renew(record, account, again)
    return account, failed


def _renew(record: Transaction, account: Account, password_hash: str) -> None:
    """Keep a hash at today's cost, unless the password was changed meanwhile."""
    record.lock_accounts()
    known = record.account(account.id)
    if known is not None and known.password == account.password:
        record.put_account(replace(known, password=password_hash))


def begin_session(record: Transaction, account: Account, visit: Visit, *, by: str, failed: int = 0) -> str:
    """Begin a session and end the one that came with the request; returns the secret, which is kept nowhere.

    Raises:
        NotSignedIn: when the account was disabled meanwhile.
    """
    known = record.account(account.id)
    if known is None or known.disabled_at is not None:
        raise NotSignedIn("this account is disabled; an owner can enable it again")
    if visit.former:
        record.end_sessions(digest=digest_of(visit.former))
    record.end_sessions(expired_by=visit.at)
    secret = secrets.token_urlsafe(32)
    record.add_session(
        Session(digest=digest_of(secret), account=account.id, created_at=visit.at, expires_at=visit.at + visit.lasts, seen_at=visit.at)
    )  # fmt: skip
    told = {"by": by, "address": visit.address, "failed just before": failed}
    record.add_audit(AuditEntry(at=visit.at, author=Author(name=account.id), what="signed in", after=json.dumps(told)))
    return secret


def end_session(
    record: Transaction, account: str, *, at: datetime, digest: str = "", author: Author | None = None
) -> None:
    """End one session of an account, or all of them."""
    record.end_sessions(digest=digest, account=account)
    what = "signed out" if digest else f"signed out everywhere: {account}"
    record.add_audit(AuditEntry(at=at, author=author or Author(name=account), what=what))


def change_password(
    store: Store, account: Account, old: str, new: str, *, address: str, at: datetime, keep: str = ""
) -> None:
    """Set another password on proof of the old one; all sessions end but the one (by its digest) to keep.

    Raises:
        NotSignedIn: when the old password is another.
        TooMany: when too many attempts failed.
        UsageError: when the new one may not be used.
    """
    plain = passwords.checked(new, handle=account.id)
    proven(store, account.id, old, address=address, at=at)
    kept = passwords.hashed(plain)
    with store.begin() as record:
        set_password(record, account.id, kept, author=Author(name=account.id), at=at, keep=keep)
