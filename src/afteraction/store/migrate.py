"""Brings the tables of a database up to date, one revision after the other; each is carried out wholly or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from afteraction.errors import StoreUnavailable

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 4_711_042
"""The number of the advisory lock under which workers on PostgreSQL wait for each other's migration."""
FOUND_BY_SEARCH = ("search_index", "search_vector", "vector")
"""What the migrations make for one database only, so that the tables do not know it."""


def migrate(engine: Engine, revision: str = "head") -> None:
    """Upgrade to a revision. Raises StoreUnavailable for a database that a later version of this program made."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        current = MigrationContext.configure(connection).get_current_revision()
        scripts = ScriptDirectory.from_config(_config(connection))
        if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
            raise StoreUnavailable(
                f"the record at {engine.url.render_as_string(hide_password=True)} was made by a later version of this program; update it"
            )
        if current != scripts.get_current_head() or revision != "head":
            command.upgrade(_config(connection), revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config


def in_tables(object_: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Say whether a thing of the database is one that `tables.py` describes."""
    del object_, kind, reflected, compare_to
    return name is None or not name.startswith(FOUND_BY_SEARCH)
