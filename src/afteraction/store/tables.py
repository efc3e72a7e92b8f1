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
    Boolean,
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
    text,
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
    Column("private", Boolean, nullable=False, server_default=text("false")),
    Index(None, "opened_at", "id"),
)  # fmt: skip
MEMBER = Table(
    "incident_member", METADATA,
    _of_incident(),
    Column("account", PlainName(64), nullable=False),
    PrimaryKeyConstraint("incident", "account"),
    Index(None, "account"),
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
    Index(None, "kind"),
)  # fmt: skip


def _of_account() -> Column[str]:
    return Column("account", PlainName(64), ForeignKey("account.id", ondelete="CASCADE"), nullable=False)


ACCOUNT = Table(
    "account", METADATA,
    Column("id", PlainName(64), primary_key=True),
    Column("name", PlainName(200), nullable=False),
    Column("role", PlainName(16), nullable=False),
    Column("password", PlainText, nullable=False),  # a hash with its parameters, empty for who signs in elsewhere
    Column("subject", PlainName(500)),  # issuer and subject of OpenID Connect
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Index(None, "subject", unique=True),
)  # fmt: skip
SESSION = Table(
    "session", METADATA,
    Column("digest", PlainName(64), primary_key=True),
    _of_account(),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Index(None, "account"),
)  # fmt: skip
TOKEN = Table(
    "token", METADATA,
    Column("id", PlainName(32), primary_key=True),
    Column("digest", PlainName(64), nullable=False),
    _of_account(),
    Column("name", PlainName(200), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("used_at", UtcDateTime),
    Index(None, "digest", unique=True),
    Index(None, "account"),
)  # fmt: skip
INVITATION = Table(
    "invitation", METADATA,
    Column("digest", PlainName(64), primary_key=True),
    Column("account", PlainName(64), nullable=False),  # whose password it sets; empty: who follows it names the account
    Column("role", PlainName(16), nullable=False),
    Column("made_by", PlainName(200), nullable=False),  # empty: the link of the first start
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)  # fmt: skip
ATTEMPT = Table(
    "sign_in_attempt", METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("who", PlainName(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "who", "at"),
)  # fmt: skip
DELIVERY = Table(
    "delivery", METADATA,
    Column("id", PlainName(32), primary_key=True),
    Column("vendor", PlainName(64), nullable=False),
    Column("hook", PlainName(64), nullable=False),
    Column("key", PlainName(200), nullable=False),  # equal for every redelivery
    Column("at", UtcDateTime, nullable=False),
    Column("incident", PlainName(64), nullable=False),  # empty until it belongs to one
    Column("source", PlainName(64), nullable=False),
    Column("line", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("marks", JSON, nullable=False),
    Column("body", PlainText, nullable=False),  # without secrets
    Index(None, "hook", "key", unique=True),
    Index(None, "at", "id"),
    Index(None, "incident", "hook", "source", "line"),
)  # fmt: skip
ALERT = Table(
    "alert", METADATA,
    Column("key", PlainName(200), primary_key=True),
    _of_incident(),
    Column("at", UtcDateTime, nullable=False),
    Column("began", UtcDateTime),
    Column("ended", UtcDateTime),
    Index(None, "incident"),
)  # fmt: skip
REPLY = Table(
    "reply", METADATA,  # what was answered to a request with an idempotency key
    Column("account", PlainName(64), nullable=False),
    Column("key", PlainName(200), nullable=False),
    Column("request", PlainName(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body", PlainText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("account", "key"),
    Index(None, "at"),
)  # fmt: skip
JOB = Table(
    "job", METADATA,
    Column("id", PlainName(32), primary_key=True),
    Column("kind", PlainName(64), nullable=False),
    Column("name", PlainName(200)),  # of a job that is there once; a second one of that name is not added
    Column("arguments", JSON, nullable=False),
    Column("run_at", UtcDateTime, nullable=False),
    Column("every", Integer),  # seconds after which it runs again
    Column("lease_until", UtcDateTime),
    Column("lease", PlainName(32), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("done_at", UtcDateTime),
    Column("error", PlainText, nullable=False),
    Index(None, "name", unique=True),
    Index(None, "done_at", "run_at"),
)  # fmt: skip
