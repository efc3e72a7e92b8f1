"""`afteraction restore`: an empty record is filled from a backup."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Compare all hashes and write nothing.")
def restore(*, file: Path, only_check: bool) -> None:
    """Fill an empty record from the backup FILE, on SQLite or PostgreSQL, all of it or nothing.

    Every hash is compared first. This is also how a team moves from a file to PostgreSQL: back up, let
    AFTERACTION_DATABASE_URL name the new database, restore.
    """
    from afteraction.assembly import load_settings
    from afteraction.assembly.record import open_material, record_engine
    from afteraction.store.backup import check_backup, restore_backup

    if only_check:
        done, verb = check_backup(file), "holds"
    else:
        settings = load_settings()
        with record_engine(settings) as engine:
            done, verb = restore_backup(file, engine, open_material(settings)), "restored:"
    click.echo(
        f"{file} {verb} {done.incidents} incidents, {done.rows} rows, {done.material} files of raw material", err=True
    )
