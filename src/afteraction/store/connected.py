"""What every part of a database transaction has: its connection."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, delete, insert, select

from afteraction.errors import NotInRecord
from afteraction.store import tables as t

_LOCKED = select(t.INCIDENT.c.id).where(t.INCIDENT.c.id == bindparam("incident")).with_for_update()


class Connected:
    """Part of a transaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _all(self, query: Select[Any], given: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(query, given or {}).mappings()]

    def _first(self, query: Select[Any], given: dict[str, Any] | None = None) -> dict[str, Any] | None:
        found = self._connection.execute(query, given or {}).mappings().first()
        return dict(found) if found is not None else None

    def _put(self, table: Table, key: str, row: dict[str, Any]) -> None:
        """Write a row in place of the one with the same key."""
        self._connection.execute(delete(table).where(table.c[key] == row[key]))
        self._connection.execute(insert(table).values(row))

    def _lock(self, incident: str) -> None:
        """Let nobody else change the incident until the end; on SQLite nobody can anyway."""
        found = self._connection.execute(_LOCKED, {"incident": incident})
        if found.first() is None:
            raise NotInRecord(f"the record holds no incident {incident}")
