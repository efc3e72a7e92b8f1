"""What the use cases need of a store to know who asks: accounts, sessions, tokens, invitations, attempts to sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from afteraction.model.account import Account, Invitation, Session, Token


class AccountRecord(Protocol):
    """The part of a transaction that is about accounts."""

    def lock_accounts(self) -> None:
        """Let nobody else change accounts and invitations until the transaction ends, so that what was read stays true."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts in order of their ids."""
        ...

    def account(self, account: str) -> Account | None:
        """Return an account, or None."""
        ...

    def account_of_subject(self, subject: str) -> Account | None:
        """Return the account that signs in elsewhere as `subject`, or None."""
        ...

    def put_account(self, account: Account) -> None:
        """Keep an account, in place of the one of its id."""
        ...

    def session(self, digest: str) -> Session | None:
        """Return a session, or None."""
        ...

    def add_session(self, session: Session) -> None:
        """Keep a session."""
        ...

    def see_session(self, digest: str, *, at: datetime) -> None:
        """Note when a session was last used."""
        ...

    def end_sessions(
        self, *, digest: str = "", account: str = "", expired_by: datetime | None = None, keep: str = ""
    ) -> None:
        """Forget one session, all of an account, or all that had expired at a time; never the one to keep."""
        ...

    def token(self, digest: str) -> Token | None:
        """Return a token, or None."""
        ...

    def tokens(self, account: str = "") -> tuple[Token, ...]:
        """Return the tokens of an account, or of all, the oldest first."""
        ...

    def put_token(self, token: Token) -> None:
        """Keep a token, in place of the one of its id."""
        ...

    def see_token(self, token: str, *, at: datetime) -> None:
        """Note when a token (by its id) was last used; nothing else of it changes."""
        ...

    def invitation(self, digest: str) -> Invitation | None:
        """Return an invitation, or None."""
        ...

    def put_invitation(self, invitation: Invitation) -> None:
        """Keep an invitation, in place of the one of its digest."""
        ...

    def invitations(self) -> tuple[Invitation, ...]:
        """Return all invitations that are kept, the oldest first."""
        ...

    def drop_invitation(self, digest: str) -> None:
        """Forget an invitation."""
        ...

    def add_attempt(self, who: str, *, at: datetime) -> None:
        """Note an attempt to sign in that failed."""
        ...

    def attempts(self, who: str, *, since: datetime) -> tuple[datetime, ...]:
        """Return when attempts of somebody failed since, the first first."""
        ...

    def forget_attempts(self, *, who: str = "", before: datetime | None = None, at: datetime | None = None) -> None:
        """Forget attempts: of one or of all, those that are older than a time or were made at it."""
        ...
