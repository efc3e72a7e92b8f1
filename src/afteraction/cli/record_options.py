"""What the commands on the record share: they open it, print tables or JSON, and know who is at the keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from afteraction.ports.store import Transaction

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@contextmanager
def record() -> Iterator[Transaction]:
    """Open the record and begin a transaction."""
    from afteraction.assembly import load_settings
    from afteraction.assembly.record import open_record

    store = open_record(load_settings())
    try:
        with store.begin() as transaction:
            yield transaction
    finally:
        store.close()


def moment(text: str) -> datetime:
    """Read a time that a person gave, in the team's zone where it names none. Raises UsageError."""
    from afteraction.assembly import load_settings
    from afteraction.errors import UsageError
    from afteraction.formats.stamps import parse_stamp

    stamp = parse_stamp(text, zone=load_settings().timezone)
    if stamp is None:
        raise UsageError(f"{text!r} is no time; give one such as 2026-03-04T10:40 or 2026-03-04T10:40:00Z")
    return stamp.at


def show(rows: Sequence[Any], columns: Sequence[tuple[str, Callable[[Any], object]]], *, as_json: bool) -> None:
    """Print rows as JSON objects, or as columns for the eye."""
    if as_json:
        click.echo(json.dumps([plain(row) for row in rows], indent=2, ensure_ascii=False))
        return
    table = [[str(cell(row)) for _, cell in columns] for row in rows]
    widths = [max([len(name), *(len(line[i]) for line in table)]) for i, (name, _) in enumerate(columns)]
    for line in [[name.upper() for name, _ in columns], *table] if table else []:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def plain(value: Any) -> Any:
    """Return a noun of the record as JSON holds it; times are in UTC."""
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value)


def required(found: Any, incident: str) -> Any:
    """Return what was found; raises NotInRecord for nothing."""
    from afteraction.errors import NotInRecord

    if found is None:
        raise NotInRecord(f"the record holds no incident {incident}; `afteraction incident list` shows what there is")
    return found


def stamp(at: datetime | None) -> str:
    """Return a time for a table, to the minute."""
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def joined(texts: Iterable[str]) -> str:
    """Return texts in one cell."""
    return ", ".join(texts)
