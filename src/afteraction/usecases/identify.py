"""Who holds a secret: a session's, a token's. Of secrets only digests are compared; what has run out or was taken back is none."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from afteraction.errors import NotInRecord
from afteraction.model.account import Account, Right, Session, Token
from afteraction.ports.accounts import AccountRecord

PREFIX = "aar_"
"""What every API token begins with, so that scanners of secrets know one."""
_SEEN_AGAIN = timedelta(minutes=5)
"""How exactly it is kept when a token or a session was last used; each note is a write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who asks and what they may, with the session or the token that told."""

    account: Account
    rights: frozenset[Right]
    session: Session | None = None
    token: Token | None = None


def digest_of(secret: str) -> str:
    """Return what is kept of a random secret: it has 256 bits, so that a plain hash cannot be turned back."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def by_session(record: AccountRecord, secret: str, *, at: datetime, idle: timedelta) -> Known | None:
    """Return who is signed in by a session's secret, or None; one that was not used for `idle` has ended."""
    session = record.session(digest_of(secret))
    if session is None or session.expires_at <= at or at - session.seen_at >= idle:
        return None
    account = record.account(session.account)
    if account is None or account.disabled_at is not None:
        return None
    if at - session.seen_at > _SEEN_AGAIN:
        record.see_session(session.digest, at=at)
    return Known(account=account, rights=account.role.rights, session=session)


def by_token(record: AccountRecord, secret: str, *, at: datetime) -> Known | None:
    """Return whose token it is and what it allows, or None."""
    token = record.token(digest_of(secret))
    if token is None or token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= at):
        return None
    account = record.account(token.account)
    if account is None or account.disabled_at is not None:
        return None
    if token.used_at is None or at - token.used_at > _SEEN_AGAIN:
        record.see_token(token.id, at=at)
    return Known(account=account, rights=account.role.rights & token.scopes, token=token)


def give_token(
    record: AccountRecord,
    account: str,
    *,
    name: str,
    scopes: frozenset[Right],
    at: datetime,
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """Make a token; its secret is returned once and kept nowhere. Raises NotInRecord."""
    if record.account(account) is None:
        raise NotInRecord(f"there is no account {account}; `afteraction account list` shows what there is")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token(
        id=secrets.token_hex(6), digest=digest_of(secret), account=account, name=name, scopes=scopes, created_at=at, expires_at=expires_at
    )  # fmt: skip
    record.put_token(token)
    return token, secret
