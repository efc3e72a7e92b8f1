"""The whole record in one file, and back: every table as JSON lines, raw material as it is, a hash for each.

The file is a zip that any program opens: `manifest.json`, `tables/NAME.jsonl`, `material/SHA256`. A backup shows the record
at one moment, whoever writes meanwhile. It is restored into an empty record of either database, in one transaction, after
every hash was compared; so it is also the way from SQLite to PostgreSQL. Refused: a file that is no backup or that was
changed, a backup of a later version, a record that holds incidents.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from sqlalchemy import Connection, Engine, Table, func, insert, inspect, select, text

from afteraction.errors import BadBackup, Conflict
from afteraction.ports.store import Blobs
from afteraction.store import tables as t
from afteraction.store.database import reached
from afteraction.store.migrate import known_revisions, migrate
from afteraction.store.tables import METADATA, UtcDateTime

FORMAT = "afteraction backup 1"
_MANIFEST = "manifest.json"
_CHUNK = 1 << 20
_BATCH = 1000
_DAMAGE = (
    KeyError, TypeError, ValueError, OSError, EOFError, RuntimeError, OverflowError, zipfile.BadZipFile, zlib.error,
    lzma.LZMAError,
)  # fmt: skip
"""What the zip module raises for one or another flipped bit; RuntimeError is what it says to encrypted members."""
_GIVEN_AGAIN = {("audit", "number"), ("search", "id"), ("sign_in_attempt", "number")}
"""Columns that the database counts by itself; rows are written in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds; `missing` are the hashes of raw material that the record names and nobody has any more."""

    incidents: int
    rows: int
    material: int
    missing: tuple[str, ...] = ()


def write_backup(engine: Engine, blobs: Blobs, file: BinaryIO, *, at: datetime) -> Backup:
    """Write the whole record to a file.

    Raises:
        StoreUnavailable: when the record cannot be read.
    """
    members: dict[str, dict[str, Any]] = {}
    missing = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, reached(engine):
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
                for table in METADATA.sorted_tables:
                    name = f"tables/{table.name}.jsonl"
                    members[name] = _write(archive, name, _lines(connection, table))
                hashes = list(connection.scalars(select(t.MATERIAL.c.sha256).distinct().order_by(t.MATERIAL.c.sha256)))
        for sha256 in hashes:
            content = blobs.open(sha256)
            if content is None:
                missing.append(sha256)
                continue
            with content:
                members[f"material/{sha256}"] = _write(archive, f"material/{sha256}", _chunks(content))
        manifest = {"format": FORMAT, "revision": revision, "made_at": at.isoformat(), "members": members}
        archive.writestr(_MANIFEST, json.dumps(manifest | {"missing": missing}, indent=1))
    return _told(members, tuple(missing))


def check_backup(file: Path) -> Backup:
    """Compare every hash of a backup. Raises BadBackup."""
    with _opened(file) as archive:
        manifest = _checked(archive, file)
    return _told(manifest["members"], tuple(manifest["missing"]))


def restore_backup(file: Path, engine: Engine, blobs: Blobs) -> Backup:
    """Fill an empty record from a backup.

    Raises:
        BadBackup: when the file is no backup, was changed, or was made by a later version.
        Conflict: when the record holds incidents.
        StoreUnavailable: when the record cannot be written.
    """
    with _opened(file) as archive:
        manifest = _checked(archive, file)
        with reached(engine):
            _make_tables(engine, manifest["revision"])
        for name in manifest["members"]:
            if name.startswith("material/"):
                with archive.open(name) as content:
                    blobs.put(cast("BinaryIO", content))
        with reached(engine):
            with engine.begin() as connection:
                _refuse_full(connection)
                for table in METADATA.sorted_tables:
                    if (name := f"tables/{table.name}.jsonl") in manifest["members"]:
                        with archive.open(name) as lines:
                            _fill(connection, table, lines)
            migrate(engine)
    return _told(manifest["members"], tuple(manifest["missing"]))


def _make_tables(engine: Engine, revision: str) -> None:
    """Make the tables as they were when the backup was made, where there are none."""
    with engine.connect() as connection:
        fresh = not inspect(connection).has_table("alembic_version")
    migrate(engine, revision if fresh else "head")
    with engine.begin() as connection:
        _refuse_full(connection)
        if connection.scalar(text("SELECT version_num FROM alembic_version")) != revision:
            raise Conflict(
                "the backup was made by an earlier version; restore it into a database that is not there yet"
            )


def _refuse_full(connection: Connection) -> None:
    held = connection.scalar(select(func.count()).select_from(t.INCIDENT)) or 0
    if held:
        raise Conflict(f"the record holds {held} incidents; restore into an empty one")


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    columns = [column for column in table.columns if (table.name, column.name) not in _GIVEN_AGAIN]
    rows = connection.execution_options(yield_per=_BATCH).execute(select(*columns).order_by(*table.primary_key.columns))
    for row in rows.mappings():
        told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
        yield json.dumps(told, separators=(",", ":")).encode() + b"\n"


def _fill(connection: Connection, table: Table, lines: IO[bytes]) -> None:
    moments = [column.name for column in table.columns if isinstance(column.type, UtcDateTime)]
    batch: list[dict[str, Any]] = []
    for line in lines:
        row = json.loads(line)
        for name in moments:
            if row.get(name) is not None:
                row[name] = datetime.fromisoformat(row[name])
        batch.append(row)
        if len(batch) == _BATCH:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)


def _write(archive: zipfile.ZipFile, name: str, parts: Iterator[bytes]) -> dict[str, Any]:
    digest, size, count = hashlib.sha256(), 0, 0
    with archive.open(name, "w", force_zip64=True) as written:
        for part in parts:
            digest.update(part)
            written.write(part)
            size += len(part)
            count += 1
    told = {"sha256": digest.hexdigest(), "size": size}
    return told | {"rows": count} if name.startswith("tables/") else told


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _DAMAGE as error:
        raise BadBackup(f"{file} is no backup, or it breaks off: {error}") from error


def _checked(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    """Return the manifest once everything that it names is there and unchanged, and nothing else is."""
    try:
        manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
        members = manifest["members"]
        if manifest["format"] != FORMAT:
            raise BadBackup(f"{file} is a {manifest['format']!r}; this program reads {FORMAT!r}")
        if manifest["revision"] not in known_revisions():
            raise BadBackup(f"{file} was made by a later version of this program; update it")
        if {info.filename for info in archive.infolist()} != {*members, _MANIFEST}:
            raise BadBackup(f"{file} does not hold what its manifest names; take another copy of it")
        for name, told in members.items():
            digest = hashlib.sha256()
            with archive.open(name) as content:
                for part in _chunks(content):
                    digest.update(part)
            if digest.hexdigest() != told["sha256"] or (name.startswith("material/") and name[9:] != told["sha256"]):
                raise BadBackup(f"{file}: {name} was changed since it was written; take another copy of it")
    except _DAMAGE as error:
        raise BadBackup(f"{file} is no backup, or it was damaged: {error}") from error
    return manifest


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    while part := content.read(_CHUNK):
        yield part


def _told(members: dict[str, dict[str, Any]], missing: tuple[str, ...]) -> Backup:
    rows = {name: told.get("rows", 0) for name, told in members.items()}
    return Backup(
        incidents=rows.get("tables/incident.jsonl", 0), rows=sum(rows.values()),
        material=sum(name.startswith("material/") for name in members), missing=missing,
    )  # fmt: skip
