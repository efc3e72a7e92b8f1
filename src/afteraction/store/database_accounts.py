"""Accounts, sessions, tokens and invitations in the database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select, text, update

from afteraction.model.account import Account, Invitation, Right, Role, Session, Token
from afteraction.store import tables as t
from afteraction.store.connected import Connected


class AccountRows(Connected):
    """The part of a transaction that is about accounts."""

    def lock_accounts(self) -> None:
        """Let nobody else change accounts; on SQLite nobody can anyway. Sessions and tokens can still be made."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("LOCK TABLE account, invitation IN SHARE ROW EXCLUSIVE MODE"))

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
        """Keep an account."""
        self._change(t.ACCOUNT, "id", asdict(account) | {"role": account.role.value})

    def _change(self, table: Table, key: str, row: dict[str, Any]) -> None:
        """Change a row in place, since others may hang on it or change it at the same time; add it when it is new."""
        if not self._connection.execute(update(table).where(table.c[key] == row[key]).values(row)).rowcount:
            self._connection.execute(insert(table).values(row))

    def session(self, digest: str) -> Session | None:
        """Return a session, or None."""
        found = self._first(select(t.SESSION).where(t.SESSION.c.digest == digest))
        return Session(**found) if found else None

    def add_session(self, session: Session) -> None:
        """Keep a session."""
        self._connection.execute(insert(t.SESSION).values(asdict(session)))

    def see_session(self, digest: str, *, at: datetime) -> None:
        """Note when a session was last used."""
        self._connection.execute(update(t.SESSION).where(t.SESSION.c.digest == digest).values(seen_at=at))

    def end_sessions(
        self, *, digest: str = "", account: str = "", expired_by: datetime | None = None, keep: str = ""
    ) -> None:
        """Forget sessions."""
        columns = t.SESSION.c
        given = [columns.digest == digest] if digest else []
        given += [columns.account == account] if account else []
        given += [columns.expires_at <= expired_by] if expired_by is not None else []
        if given:
            self._connection.execute(delete(t.SESSION).where(*given, columns.digest != keep))

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
        self._change(t.TOKEN, "id", asdict(token) | {"scopes": sorted(token.scopes)})

    def see_token(self, token: str, *, at: datetime) -> None:
        """Note when a token was last used."""
        self._connection.execute(update(t.TOKEN).where(t.TOKEN.c.id == token).values(used_at=at))

    def invitation(self, digest: str) -> Invitation | None:
        """Return an invitation, or None."""
        found = self._first(select(t.INVITATION).where(t.INVITATION.c.digest == digest))
        return _invitation(found) if found else None

    def put_invitation(self, invitation: Invitation) -> None:
        """Keep an invitation."""
        self._change(t.INVITATION, "digest", asdict(invitation) | {"role": invitation.role.value})

    def invitations(self) -> tuple[Invitation, ...]:
        """Return all invitations."""
        query = select(t.INVITATION).order_by(t.INVITATION.c.created_at, t.INVITATION.c.digest)
        return tuple(map(_invitation, self._all(query)))

    def drop_invitation(self, digest: str) -> None:
        """Forget an invitation."""
        self._connection.execute(delete(t.INVITATION).where(t.INVITATION.c.digest == digest))

    def add_attempt(self, who: str, *, at: datetime) -> None:
        """Note an attempt to sign in that failed."""
        self._connection.execute(insert(t.ATTEMPT).values(who=who[:200], at=at))

    def attempts(self, who: str, *, since: datetime) -> tuple[datetime, ...]:
        """Return when attempts failed since."""
        columns = t.ATTEMPT.c
        query = select(columns.at).where(columns.who == who[:200], columns.at >= since)
        return tuple(self._connection.scalars(query.order_by(columns.at)))

    def forget_attempts(self, *, who: str = "", before: datetime | None = None, at: datetime | None = None) -> None:
        """Forget attempts."""
        columns = t.ATTEMPT.c
        given = [columns.who == who[:200]] if who else []
        given += [columns.at < before] if before is not None else []
        given += [columns.at == at] if at is not None else []
        if given:
            self._connection.execute(delete(t.ATTEMPT).where(*given))


def _account(row: dict[str, Any]) -> Account:
    return Account(**row | {"role": Role(row["role"])})


def _invitation(row: dict[str, Any]) -> Invitation:
    return Invitation(**row | {"role": Role(row["role"])})


def _token(row: dict[str, Any]) -> Token:
    return Token(**row | {"scopes": frozenset(map(Right, row["scopes"]))})
