"""Accounts, sessions, tokens and invitations in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from afteraction.model.account import Account, Invitation, Session, Token


@dataclass(slots=True)
class Accounts:
    """What is kept of accounts."""

    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    attempts: tuple[tuple[str, datetime], ...] = ()

    def copy(self) -> Accounts:
        """Return a copy that can be changed while this stays."""
        return Accounts(
            dict(self.accounts), dict(self.sessions), dict(self.tokens), dict(self.invitations), self.attempts
        )


class MemoryAccounts:
    """The part of a transaction that is about accounts."""

    def __init__(self, kept: Accounts) -> None:
        self._accounts = kept

    def lock_accounts(self) -> None:
        """Nobody else can change anything meanwhile."""

    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts."""
        return tuple(sorted(self._accounts.accounts.values(), key=lambda one: one.id))

    def account(self, account: str) -> Account | None:
        """Return an account, or None."""
        return self._accounts.accounts.get(account)

    def account_of_subject(self, subject: str) -> Account | None:
        """Return who signs in elsewhere as this subject, or None."""
        return next((one for one in self._accounts.accounts.values() if one.subject == subject), None)

    def put_account(self, account: Account) -> None:
        """Keep an account."""
        self._accounts.accounts[account.id] = account

    def session(self, digest: str) -> Session | None:
        """Return a session, or None."""
        return self._accounts.sessions.get(digest)

    def add_session(self, session: Session) -> None:
        """Keep a session."""
        self._accounts.sessions[session.digest] = session

    def see_session(self, digest: str, *, at: datetime) -> None:
        """Note when a session was last used."""
        if digest in self._accounts.sessions:
            self._accounts.sessions[digest] = replace(self._accounts.sessions[digest], seen_at=at)

    def end_sessions(
        self, *, digest: str = "", account: str = "", expired_by: datetime | None = None, keep: str = ""
    ) -> None:
        """Forget sessions."""
        if not (digest or account or expired_by):
            return
        self._accounts.sessions = {
            key: one
            for key, one in self._accounts.sessions.items()
            if key == keep
            or (digest and key != digest)
            or (account and one.account != account)
            or (expired_by is not None and one.expires_at > expired_by)
        }

    def token(self, digest: str) -> Token | None:
        """Return a token, or None."""
        return next((one for one in self._accounts.tokens.values() if one.digest == digest), None)

    def tokens(self, account: str = "") -> tuple[Token, ...]:
        """Return the tokens of an account, or of all."""
        found = [one for one in self._accounts.tokens.values() if account in {"", one.account}]
        return tuple(sorted(found, key=lambda one: (one.created_at, one.id)))

    def put_token(self, token: Token) -> None:
        """Keep a token."""
        self._accounts.tokens[token.id] = token

    def see_token(self, token: str, *, at: datetime) -> None:
        """Note when a token was last used."""
        if token in self._accounts.tokens:
            self._accounts.tokens[token] = replace(self._accounts.tokens[token], used_at=at)

    def invitation(self, digest: str) -> Invitation | None:
        """Return an invitation, or None."""
        return self._accounts.invitations.get(digest)

    def put_invitation(self, invitation: Invitation) -> None:
        """Keep an invitation."""
        self._accounts.invitations[invitation.digest] = invitation

    def invitations(self) -> tuple[Invitation, ...]:
        """Return all invitations."""
        return tuple(sorted(self._accounts.invitations.values(), key=lambda one: (one.created_at, one.digest)))

    def drop_invitation(self, digest: str) -> None:
        """Forget an invitation."""
        self._accounts.invitations.pop(digest, None)

    def add_attempt(self, who: str, *, at: datetime) -> None:
        """Note an attempt to sign in that failed."""
        self._accounts.attempts = (*self._accounts.attempts, (who[:200], at))

    def attempts(self, who: str, *, since: datetime) -> tuple[datetime, ...]:
        """Return when attempts failed since."""
        return tuple(sorted(at for one, at in self._accounts.attempts if one == who[:200] and at >= since))

    def forget_attempts(self, *, who: str = "", before: datetime | None = None, at: datetime | None = None) -> None:
        """Forget attempts."""
        if who or before is not None or at is not None:
            self._accounts.attempts = tuple(
                (one, made)
                for one, made in self._accounts.attempts
                if (who and one != who[:200])
                or (before is not None and made >= before)
                or (at is not None and made != at)
            )
