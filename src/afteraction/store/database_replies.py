"""Replies to requests with an idempotency key in the database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from afteraction.model.record import Reply
from afteraction.store import tables as t
from afteraction.store.connected import Connected

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""Both databases know ON CONFLICT, SQLAlchemy words it for each."""


class ReplyRows(Connected):
    """The part of a transaction that is about replies."""

    def claim_reply(self, claim: Reply) -> Reply | None:
        """Take a key, or return the reply that it has."""
        columns = t.REPLY.c
        taking = _INSERT[self._connection.dialect.name](t.REPLY).values(_row(claim)).on_conflict_do_nothing()
        if self._connection.execute(taking.returning(columns.key)).first() is not None:
            return None
        found = self._first(select(t.REPLY).where(columns.account == claim.account, columns.key == claim.key))
        return _reply(found) if found else None

    def put_reply(self, reply: Reply) -> None:
        """Keep a reply in the place that was claimed."""
        same = (t.REPLY.c.account == reply.account) & (t.REPLY.c.key == reply.key)
        self._connection.execute(update(t.REPLY).where(same).values(_row(reply)))

    def forget_replies(self, *, before: datetime) -> int:
        """Forget replies that are older."""
        return self._connection.execute(delete(t.REPLY).where(t.REPLY.c.at < before)).rowcount


def _row(reply: Reply) -> dict[str, Any]:
    return asdict(reply) | {"headers": [list(pair) for pair in reply.headers]}


def _reply(row: dict[str, Any]) -> Reply:
    return Reply(**row | {"headers": tuple((name, value) for name, value in row["headers"])})
