"""Brings the tables of a database up to date, one revision after the other; each is carried out wholly or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from afteraction.errors import StoreUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 4_711_042
"""The number of the advisory lock under which workers on PostgreSQL wait for each other's migration."""
FOUND_BY_SEARCH = ("search_index", "search_vector", "vector")
"""What the migrations make for one database only, so that the tables do not know it."""


def migrate(engine: Engine, revision: str = "head") -> None:
    """Upgrade to a revision. Raises StoreUnavailable for a database that a later version of this program made."""
    known = known_revisions()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        current = None
        if inspect(connection).has_table("alembic_version"):
            current = connection.scalar(text("SELECT version_num FROM alembic_version"))
        if current is not None and current not in known:
            raise StoreUnavailable(
                f"the record at {engine.url.render_as_string(hide_password=True)} was made by a later version of this program; update it"
            )
        if current != known[-1] or revision != "head":
            from alembic import command  # noqa: PLC0415  (takes 200 ms, and a record is up to date nearly always)

            command.upgrade(_config(connection), revision)


def known_revisions() -> list[str]:
    """Return the revisions that this version knows, the oldest first."""
    return sorted(path.stem[1:5] for path in (SCRIPTS / "versions").glob("r*.py"))


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415  (as above)

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def in_tables(object_: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Say whether a thing of the database is one that `tables.py` describes."""
    del object_, kind, reflected, compare_to
    return name is None or not name.startswith(FOUND_BY_SEARCH)
