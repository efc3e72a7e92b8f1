"""What the use cases need of a store to know who asks: accounts, sessions, tokens, invitations, attempts to sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from afteraction.model.account import Account, Invitation, Session, Token


class AccountRecord(Protocol):
    """The part of a transaction that is about accounts."""

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

    def end_sessions(self, *, digest: str = "", account: str = "", expired_by: datetime | None = None) -> None:
        """Forget one session, all of an account, or all that had expired at a time."""
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

    def invitation(self, digest: str) -> Invitation | None:
        """Return an invitation, or None."""
        ...

    def put_invitation(self, invitation: Invitation) -> None:
        """Keep an invitation, in place of the one of its digest."""
        ...

    def add_attempt(self, who: str, *, at: datetime) -> None:
        """Note an attempt to sign in that failed."""
        ...

    def attempts(self, who: str, *, since: datetime) -> int:
        """Return how many attempts of somebody failed since."""
        ...

    def forget_attempts(self, *, before: datetime, who: str = "") -> None:
        """Forget attempts that are older, of one or of all."""
        ...
