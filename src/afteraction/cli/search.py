"""`afteraction search`: finds words in incidents, events and documents of the record."""

from __future__ import annotations

import click

from afteraction.cli.record_options import as_json, record, show


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, help="How many.")
@as_json
def search(*, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find what holds all WORDS, the best first."""
    with record() as kept:
        found = kept.search(" ".join(words), limit=limit)
    columns = (("incident", lambda h: h.incident), ("where", lambda h: f"{h.kind.value} {h.ref}".strip()),
               ("text", lambda h: " ".join(h.text.split())[:120]))  # fmt: skip
    show(found, columns, as_json=as_json)
