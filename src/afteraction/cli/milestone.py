"""`afteraction milestone`: when an incident began, was noticed, was over."""

from __future__ import annotations

import click

from afteraction.cli.record_options import moment, record
from afteraction.model.chronology import MilestoneName


@click.command()
@click.argument("id_", metavar="ID")
@click.argument("name", type=click.Choice([name.value for name in MilestoneName]))
@click.argument("words", metavar="[WORDS]...", nargs=-1)
@click.option("--at", default="", metavar="TIME", help="When it was. [default: now]")
def milestone(*, id_: str, name: str, words: tuple[str, ...], at: str) -> None:
    """Set when a milestone of an incident was, and what told you.

    What you set wins over what the evidence says; of several settings the last one counts. The next draft shows it.
    """
    from afteraction.assembly import load_settings, new_masker
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.told import set_milestone

    happened = moment(at) if at else now()
    text = new_masker(load_settings()).mask(" ".join(words))
    with record() as kept:
        added = set_milestone(kept, id_, MilestoneName(name), happened=happened, author=myself(), at=now(), text=text)
    click.echo(f"{name} of {id_}: {added.event.at:%Y-%m-%d %H:%M:%S} UTC", err=True)
    click.echo(f"see it in the document: afteraction draft --incident {id_}", err=True)
