"""What only databases have: migrations, writers that meet, a database that is not there."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, text

from afteraction.errors import StoreUnavailable, UsageError
from afteraction.model.record import Incident, Indexed, Wanted
from afteraction.store.database import DatabaseStore, DatabaseTransaction, engine_for
from afteraction.store.migrate import in_tables, migrate
from afteraction.store.tables import METADATA, UtcDateTime

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def test_the_migrations_make_what_the_tables_say(url: str) -> None:
    engine = engine_for(url)
    migrate(engine)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": in_tables, "compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_opening_a_record_again_changes_nothing(url: str) -> None:
    first = DatabaseStore(url)
    with first.begin() as record:
        record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW))
        record.index("INC-1", Indexed.INCIDENT, "", "checkout")
    first.close()
    again = DatabaseStore(url)
    with again.begin() as record:
        assert [one.id for one in record.incidents(Wanted())] == ["INC-1"]
        assert len(record.search("checkout")) == 1
    again.close()


def test_a_record_of_a_later_version_is_left_alone(url: str) -> None:
    DatabaseStore(url).close()
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreUnavailable, match="later version"):
        DatabaseStore(url)


def test_writers_that_meet_wait_for_each_other(url: str) -> None:
    DatabaseStore(url).close()
    made = []

    def write(first: int) -> None:
        store = DatabaseStore(url)
        for number in range(first, first + 5):
            with store.begin() as record:
                record.put_incident(Incident(id=f"INC-{number}", title="t", opened_at=NOW))
            made.append(number)
        store.close()

    threads = [threading.Thread(target=write, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = DatabaseStore(url)
    with store.begin() as record:
        assert len(record.incidents(Wanted(limit=100))) == len(made) == 20
    store.close()


def test_a_database_that_is_not_there_is_told_with_its_name() -> None:
    with pytest.raises(StoreUnavailable, match=r"sqlite:////nowhere/record\.db"):
        DatabaseStore("sqlite:////nowhere/record.db")


def test_a_time_without_a_zone_is_refused() -> None:
    engine = engine_for("sqlite://")
    with pytest.raises(ValueError, match="needs a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 3, 4), engine.dialect)  # noqa: DTZ001


def test_a_name_that_is_too_long_for_the_database_is_a_wrong_request(postgres_url: str) -> None:
    store = DatabaseStore(postgres_url)
    with pytest.raises(UsageError, match="cannot hold this"), store.begin() as record:
        record.put_incident(Incident(id="I" * 65, title="t", opened_at=NOW))
    store.close()


def test_a_disk_that_fills_loses_nothing_that_was_kept_and_is_told(tmp_path: Path) -> None:
    store = DatabaseStore(f"sqlite:///{tmp_path}/record.db")
    with store.begin() as record:
        record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW))
        assert isinstance(record, DatabaseTransaction)
        pages = record._connection.exec_driver_sql("PRAGMA page_count").scalar()
    event.listen(store._engine, "connect", lambda made, _: made.execute(f"PRAGMA max_page_count={pages}"))
    store._engine.dispose()
    with pytest.raises(StoreUnavailable, match="room on its disk"):
        keep_much(store)
    with store.begin() as record:
        assert [one.id for one in record.incidents(Wanted())] == ["INC-1"]
    store.close()
    again = DatabaseStore(f"sqlite:///{tmp_path}/record.db")
    keep_much(again)
    again.close()


def keep_much(store: DatabaseStore) -> None:
    with store.begin() as record:
        record.put_incident(Incident(id="INC-2", title="t", opened_at=NOW))
        record.put_findings("INC-2", "x" * 1_000_000, at=NOW)


def test_a_database_that_goes_away_and_comes_back_needs_no_hand(postgres_url: str) -> None:
    store, other = DatabaseStore(postgres_url), engine_for(postgres_url)

    def cut_off() -> None:
        with other.begin() as connection:
            connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"))  # fmt: skip

    def write_and_be_cut_off() -> None:
        with store.begin() as record:
            record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW))
            cut_off()
            record.put_incident(Incident(id="INC-2", title="t", opened_at=NOW))

    with pytest.raises(StoreUnavailable, match="is the database running"):
        write_and_be_cut_off()
    cut_off()
    with store.begin() as record:
        assert record.incidents(Wanted()) == ()
        record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW))
    store.close()
    other.dispose()
