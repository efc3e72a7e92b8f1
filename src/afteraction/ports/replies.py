"""What the use cases need of a store so that a repeated request has no second effect: replies by account and key."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from afteraction.model.record import Reply


class ReplyRecord(Protocol):
    """The part of a transaction that is about replies to requests with an idempotency key."""

    def claim_reply(self, claim: Reply) -> Reply | None:
        """Take the key of a request, or return the reply that it has already.

        Of two at once the second waits until the transaction of the first has ended. A claim that is undone frees the key.
        """
        ...

    def put_reply(self, reply: Reply) -> None:
        """Keep what is answered to a request whose key was claimed in this transaction."""
        ...

    def forget_replies(self, *, before: datetime) -> int:
        """Forget replies that are older; returns how many."""
        ...
