"""Accounts, sessions, tokens and invitations in the database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from afteraction.model.account import Account, Invitation, Right, Role, Session, Token
from afteraction.store import tables as t
from afteraction.store.connected import Connected


class AccountRows(Connected):
    """The part of a transaction that is about accounts."""

    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts."""
        return tuple(map(_account, self._all(select(t.ACCOUNT).order_by(t.ACCOUNT.c.id))))

    def account(self, account: str) -> Account | None:
        """Return an account, or None."""
        found = self._first(select(t.ACCOUNT).where(t.ACCOUNT.c.id == account))
        return _account(found) if found else None

    def account_of_subject(self, subject: str) -> Account | None:
        """Return who signs in elsewhere as this subject, or None."""
        found = self._first(select(t.ACCOUNT).where(t.ACCOUNT.c.subject == subject))
        return _account(found) if found else None

    def put_account(self, account: Account) -> None:
        """Keep an account; it is changed in place, since its sessions and tokens hang on it."""
        row = asdict(account) | {"role": account.role.value}
        changed = self._connection.execute(update(t.ACCOUNT).where(t.ACCOUNT.c.id == account.id).values(row))
        if not changed.rowcount:
            self._connection.execute(insert(t.ACCOUNT).values(row))

    def session(self, digest: str) -> Session | None:
        """Return a session, or None."""
        found = self._first(select(t.SESSION).where(t.SESSION.c.digest == digest))
        return Session(**found) if found else None

    def add_session(self, session: Session) -> None:
        """Keep a session."""
        self._connection.execute(insert(t.SESSION).values(asdict(session)))

    def end_sessions(self, *, digest: str = "", account: str = "", expired_by: datetime | None = None) -> None:
        """Forget sessions."""
        columns = t.SESSION.c
        given = [columns.digest == digest] if digest else []
        given += [columns.account == account] if account else []
        given += [columns.expires_at <= expired_by] if expired_by is not None else []
        if given:
            self._connection.execute(delete(t.SESSION).where(*given))

    def token(self, digest: str) -> Token | None:
        """Return a token, or None."""
        found = self._first(select(t.TOKEN).where(t.TOKEN.c.digest == digest))
        return _token(found) if found else None

    def tokens(self, account: str = "") -> tuple[Token, ...]:
        """Return the tokens of an account, or of all."""
        query = select(t.TOKEN).order_by(t.TOKEN.c.created_at, t.TOKEN.c.id)
        return tuple(map(_token, self._all(query.where(t.TOKEN.c.account == account) if account else query)))

    def put_token(self, token: Token) -> None:
        """Keep a token."""
        self._put(t.TOKEN, "id", asdict(token) | {"scopes": sorted(token.scopes)})

    def invitation(self, digest: str) -> Invitation | None:
        """Return an invitation, or None."""
        found = self._first(select(t.INVITATION).where(t.INVITATION.c.digest == digest))
        return Invitation(**found | {"role": Role(found["role"])}) if found else None

    def put_invitation(self, invitation: Invitation) -> None:
        """Keep an invitation."""
        self._put(t.INVITATION, "digest", asdict(invitation) | {"role": invitation.role.value})

    def add_attempt(self, who: str, *, at: datetime) -> None:
        """Note an attempt to sign in that failed."""
        self._connection.execute(insert(t.ATTEMPT).values(who=who[:200], at=at))

    def attempts(self, who: str, *, since: datetime) -> int:
        """Return how many attempts failed since."""
        columns = t.ATTEMPT.c
        query = select(func.count()).where(columns.who == who[:200], columns.at >= since)
        return self._connection.scalar(query) or 0

    def forget_attempts(self, *, before: datetime, who: str = "") -> None:
        """Forget attempts that are older."""
        query = delete(t.ATTEMPT).where(t.ATTEMPT.c.at < before)
        self._connection.execute(query.where(t.ATTEMPT.c.who == who[:200]) if who else query)


def _account(row: dict[str, Any]) -> Account:
    return Account(**row | {"role": Role(row["role"])})


def _token(row: dict[str, Any]) -> Token:
    return Token(**row | {"scopes": frozenset(map(Right, row["scopes"]))})
