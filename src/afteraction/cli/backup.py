"""`afteraction backup`: the whole record in one file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def backup(*, file: Path) -> None:
    """Write the whole record to FILE: incidents, documents, the audit trail, raw material; with a hash for each part.

    The file appears when it is complete, readable by you alone.
    """
    from afteraction.assembly import load_settings
    from afteraction.assembly.record import now, open_material, open_record, record_engine
    from afteraction.errors import UsageError
    from afteraction.store.backup import write_backup

    settings = load_settings()
    open_record(settings).close()  # brings it up to date
    try:
        handle, new = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        try:
            with os.fdopen(handle, "w+b") as written, record_engine(settings) as engine:
                done = write_backup(engine, open_material(settings), written, at=now())
                written.flush()
                os.fsync(written.fileno())
            Path(new).replace(file)
        finally:
            Path(new).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
    click.echo(f"{file}: {done.incidents} incidents, {done.rows} rows, {done.material} files of raw material", err=True)
    for sha256 in done.missing:
        click.echo(f"raw material {sha256} is noted but not kept (any more)", err=True)
    if done.missing:
        raise SystemExit(1)
