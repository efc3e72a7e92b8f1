"""Replies to requests with an idempotency key in memory."""

from __future__ import annotations

from datetime import datetime

from afteraction.model.record import Reply

Replies = dict[tuple[str, str], Reply]


class MemoryReplies:
    """The part of a transaction that is about replies."""

    _replies: Replies

    def claim_reply(self, claim: Reply) -> Reply | None:
        """Take a key, or return the reply that it has."""
        known = self._replies.setdefault((claim.account, claim.key), claim)
        return None if known is claim else known

    def put_reply(self, reply: Reply) -> None:
        """Keep a reply in the place that was claimed."""
        self._replies[reply.account, reply.key] = reply

    def forget_replies(self, *, before: datetime) -> int:
        """Forget replies that are older."""
        old = [key for key, reply in self._replies.items() if reply.at < before]
        for key in old:
            del self._replies[key]
        return len(old)
