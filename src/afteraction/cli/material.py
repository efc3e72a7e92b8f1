"""`afteraction material`: raw material of an incident, frozen as it was."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import BinaryIO

import click

from afteraction.cli.record_options import as_json, record, required, show, stamp


@click.group()
def material() -> None:
    """Raw material of an incident, frozen as it was.

    It is kept as it came, with whatever secrets it holds, in a folder that only you can read.
    """


@material.command()
@click.argument("id_", metavar="ID")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--command", default="", metavar="TEXT", help="The command that made it.")
def add(*, id_: str, paths: tuple[Path, ...], command: str) -> None:
    """Freeze all files under PATH... for an incident; archives are opened."""
    from afteraction.assembly import load_settings
    from afteraction.assembly.record import freeze_paths, myself, now
    from afteraction.usecases.freeze import note_material

    with record() as kept:
        required(kept.incident(id_), id_)
    frozen = freeze_paths(list(paths), settings=load_settings(), command=command)
    with record() as kept:
        new = note_material(kept, id_, frozen.material, author=myself(), at=now())
    for problem in frozen.problems:
        click.echo(str(problem), err=True)
    click.echo(f"{len(new)} files kept for {id_}, {len(frozen.material) - len(new)} were kept before", err=True)


@material.command("list")
@click.argument("id_", metavar="ID")
@as_json
def list_(*, id_: str, as_json: bool) -> None:
    """List the raw material of an incident: when it was captured, from where, by which command."""
    with record() as kept:
        required(kept.incident(id_), id_)
        found = kept.material(id_)
    columns = (
        ("sha256", lambda m: m.sha256[:12]), ("captured", lambda m: stamp(m.captured_at)), ("bytes", lambda m: m.size),
        ("source", lambda m: m.source), ("name", lambda m: m.name), ("command", lambda m: m.command[:80]),
    )  # fmt: skip
    show(found, columns, as_json=as_json)


@material.command()
@click.argument("id_", metavar="ID")
@as_json
def expiry(*, id_: str, as_json: bool) -> None:
    """Show which material of an incident will vanish, when, and what of it is kept.

    The clocks are the products' defaults, or what `keeps` says in the settings; nobody is asked. Save what vanishes with
    `afteraction collect`, or by hand with `afteraction capture`.
    """
    from afteraction.assembly import load_settings
    from afteraction.assembly.record import now
    from afteraction.usecases.expiry import ExpiryState, expiries

    with record() as kept:
        found = expiries(kept, id_, at=now(), collectors=load_settings().collectors)
    columns = (
        ("what", lambda e: e.what), ("lives", lambda e: e.lives), ("vanishes from", lambda e: stamp(e.vanishes_from)),
        ("gone at", lambda e: stamp(e.gone_at)), ("kept at", lambda e: stamp(e.kept_at)), ("state", lambda e: e.state.value),
    )  # fmt: skip
    show(found, columns, as_json=as_json)
    unkept = {ExpiryState.NOT_KEPT, ExpiryState.VANISHING, ExpiryState.PARTLY_KEPT}
    for command in dict.fromkeys(one.save for one in found if one.state in unkept):
        click.echo(f"save it with: {command}", err=True)


@material.command()
@click.argument("id_", metavar="ID")
@click.argument("name", metavar="NAME|SHA256")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here instead of to stdout.",
)
def get(*, id_: str, name: str, output: Path | None) -> None:
    """Write a file of an incident's raw material out again, by its name or the beginning of its hash."""
    from afteraction.assembly import load_settings
    from afteraction.assembly.record import open_material
    from afteraction.errors import NotInRecord

    with record() as kept:
        required(kept.incident(id_), id_)
        found = [one for one in kept.material(id_) if one.name == name or one.sha256.startswith(name)]
    if len({one.sha256 for one in found}) != 1:
        many = f"{len(found)} files" if found else "no file"
        raise NotInRecord(f"{id_} has {many} {name}; `afteraction material list {id_}` shows what there is")
    content = open_material(load_settings()).open(found[0].sha256)
    if content is None:
        raise NotInRecord(f"the bytes of {found[0].name} are not where raw material is kept (any more)")
    with content:
        _write(content, output)


def _write(content: BinaryIO, output: Path | None) -> None:
    if output is None:
        shutil.copyfileobj(content, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    with output.open("wb") as written:
        shutil.copyfileobj(content, written)
