"""`afteraction similar`: earlier incidents like this one."""

from __future__ import annotations

import click

from afteraction.cli.record_options import as_json, joined, record, show


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--limit", default=5, show_default=True, help="How many.")
@as_json
def similar(*, id_: str, limit: int, as_json: bool) -> None:
    """List incidents that share services or rare words of title and cause with ID, the likest first."""
    from afteraction.usecases.ask import similar as find

    with record() as kept:
        found = find(kept, id_, limit=limit)
    columns = (
        ("incident", lambda a: a.incident.id), ("opened", lambda a: f"{a.incident.opened_at:%Y-%m-%d}"),
        ("title", lambda a: a.incident.title[:60]), ("services", lambda a: joined(a.services)), ("words", lambda a: joined(a.words)),
    )  # fmt: skip
    show(found, columns, as_json=as_json)
