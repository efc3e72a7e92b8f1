"""`afteraction note`: what somebody sees or does while an incident runs."""

from __future__ import annotations

import click

from afteraction.cli.record_options import record


@click.command()
@click.argument("id_", metavar="ID")
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
def note(*, id_: str, words: tuple[str, ...]) -> None:
    """Note what you see or do now; `afteraction event add` also takes a time and a service."""
    from afteraction.assembly import load_settings, new_masker
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.incident import tell

    text, at = new_masker(load_settings()).mask(" ".join(words)), now()
    with record() as kept:
        added = tell(kept, id_, text, happened=at, author=myself(), at=at)
    click.echo(f"event {added.number} of {id_}", err=True)
