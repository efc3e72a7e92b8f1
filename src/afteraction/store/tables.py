"""The tables of the record. Migrations are proved equal to these.

The index behind `search` (FTS5 on SQLite, a generated `tsvector` on PostgreSQL) is made by the migrations alone, since
each database has its own; it follows the column `words`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: zone-aware in Python, UTC in the database. SQLite would lose the zone without a word.

    Raises ValueError for a time without a zone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Bring a time to UTC; what has no zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a stored time needs a zone, got {value!r}")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the time back in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)  # type: ignore[no-any-return]


def _holdable(value: str | None) -> str | None:
    return _UNHOLDABLE.sub("\N{REPLACEMENT CHARACTER}", value) if value else value


class PlainText(TypeDecorator[str]):
    """Text of any length. What raw material may hold and a database cannot (NUL, half of a pair) is replaced visibly."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what no database holds."""
        del dialect
        return _holdable(value)


class PlainName(TypeDecorator[str]):
    """A short text, as `PlainText`."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what no database holds."""
        del dialect
        return _holdable(value)


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s",
}  # fmt: skip
METADATA = MetaData(naming_convention=NAMES)


def _of_incident() -> Column[str]:
    return Column("incident", PlainName(64), ForeignKey("incident.id", ondelete="CASCADE"), nullable=False)


INCIDENT = Table(
    "incident", METADATA,
    Column("id", PlainName(64), primary_key=True),
    Column("title", PlainText, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("severity", PlainName(32), nullable=False),
    Column("status", PlainName(16), nullable=False),
    Column("services", JSON, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Index(None, "opened_at", "id"),
)  # fmt: skip
SERVICE = Table(
    "incident_service", METADATA,
    _of_incident(),
    Column("service", PlainName(200), nullable=False),
    PrimaryKeyConstraint("service", "incident"),
    Index(None, "incident"),
)  # fmt: skip
EVENT = Table(
    "event", METADATA,
    _of_incident(),
    Column("number", Integer, nullable=False),
    Column("identity", PlainName(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("known_at", UtcDateTime, nullable=False),
    Column("detail", PlainName(16), nullable=False),
    Column("body", JSON, nullable=False),
    PrimaryKeyConstraint("incident", "number"),
    Index(None, "incident", "identity", unique=True),
    Index(None, "incident", "at", "number"),
)  # fmt: skip
FINDINGS = Table(
    "findings", METADATA,
    Column("incident", PlainName(64), ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("body", PlainText, nullable=False),
)  # fmt: skip
REVISION = Table(
    "revision", METADATA,
    _of_incident(),
    Column("number", Integer, nullable=False),
    Column("author", PlainName(200), nullable=False),
    Column("author_kind", PlainName(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("markdown", PlainText, nullable=False),
    Column("authors", JSON, nullable=False),
    PrimaryKeyConstraint("incident", "number"),
)  # fmt: skip
ACTION = Table(
    "action", METADATA,
    _of_incident(),
    Column("number", Integer, nullable=False),
    Column("text", PlainText, nullable=False),
    Column("horizon", PlainName(16), nullable=False),
    Column("owner", PlainText, nullable=False),
    Column("due", PlainText, nullable=False),
    Column("done_when", PlainText, nullable=False),
    Column("ticket", PlainText, nullable=False),
    Column("state", PlainName(16), nullable=False),
    Column("closed_at", UtcDateTime),
    Column("evidence", PlainText, nullable=False),
    PrimaryKeyConstraint("incident", "number"),
    Index(None, "state"),
)  # fmt: skip
REVIEW = Table(
    "review", METADATA,
    _of_incident(),
    Column("name", PlainName(32), nullable=False),
    Column("due", UtcDateTime, nullable=False),
    Column("held_at", UtcDateTime),
    Column("outcome", PlainText, nullable=False),
    PrimaryKeyConstraint("incident", "name"),
    Index(None, "due"),
)  # fmt: skip
MATERIAL = Table(
    "material", METADATA,
    _of_incident(),
    Column("sha256", PlainName(64), nullable=False),
    Column("name", PlainName(1000), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("captured_at", UtcDateTime, nullable=False),
    Column("source", PlainName(64), nullable=False),
    Column("command", PlainText, nullable=False),
    PrimaryKeyConstraint("incident", "sha256", "name"),
)  # fmt: skip
AUDIT = Table(
    "audit", METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("author", PlainName(200), nullable=False),
    Column("author_kind", PlainName(16), nullable=False),
    Column("what", PlainText, nullable=False),
    Column("incident", PlainName(64), nullable=False),  # no foreign key: the trail outlives what it tells of
    Column("before", PlainText, nullable=False),
    Column("after", PlainText, nullable=False),
    Index(None, "incident"),
)  # fmt: skip
SEARCH = Table(
    "search", METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _of_incident(),
    Column("kind", PlainName(16), nullable=False),
    Column("ref", PlainName(200), nullable=False),
    Column("text", PlainText, nullable=False),
    Column("words", PlainText, nullable=False),
    Index(None, "incident", "kind", "ref", unique=True),
)  # fmt: skip
