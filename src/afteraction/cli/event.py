"""`afteraction event`: what happened in an incident."""

from __future__ import annotations

import click

from afteraction.cli.record_options import as_json, moment, record, required, show


@click.group()
def event() -> None:
    """What happened in an incident, and when it became known."""


@event.command("list")
@click.argument("id_", metavar="ID")
@click.option("--known-at", default="", metavar="TIME", help="Only what was known then.")
@as_json
def list_(*, id_: str, known_at: str, as_json: bool) -> None:
    """List the events of an incident in order of time."""
    known = moment(known_at) if known_at else None
    with record() as kept:
        required(kept.incident(id_), id_)
        found = kept.events(id_, known_at=known)
    columns = (
        ("no", lambda k: k.number), ("at", lambda k: f"{k.event.at:%Y-%m-%d %H:%M:%S}"),
        ("known", lambda k: f"{k.known_at:%Y-%m-%d %H:%M:%S}"), ("kind", lambda k: k.event.kind.value),
        ("text", lambda k: " ".join(k.event.text.split())[:120]),
    )  # fmt: skip
    show(found, columns, as_json=as_json)


@event.command()
@click.argument("id_", metavar="ID")
@click.argument("text")
@click.option("--at", default="", metavar="TIME", help="When it happened. [default: now]")
@click.option("--service", default="", help="The service that it was seen at.")
def add(*, id_: str, text: str, at: str, service: str) -> None:
    """Add what you saw or did to an incident."""
    from afteraction.assembly import load_settings, new_masker
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.incident import tell

    happened = moment(at) if at else now()
    with record() as kept:
        added = tell(
            kept,
            id_,
            new_masker(load_settings()).mask(text),
            happened=happened,
            author=myself(),
            at=now(),
            service=service,
        )
    click.echo(f"event {added.number} of {id_}", err=True)


@event.command()
@click.argument("id_", metavar="ID")
@click.argument("number", metavar="NO", type=int)
@click.option("--to", required=True, type=click.Choice(["investigation", "resolution"]), help="Where the call belongs.")
def move(*, id_: str, number: int, to: str) -> None:
    """Move a command or tool call between the investigation and the resolution steps.

    What a server says of its tools, or a name suggests, may be wrong; what you say wins, in the metrics too. The next draft
    shows it. NO is the number that `event list` shows.
    """
    from afteraction.assembly.record import myself, now
    from afteraction.model.event import Effect
    from afteraction.usecases.told import move_step

    effect = Effect.STATE_CHANGING if to == "resolution" else Effect.DIAGNOSTIC
    with record() as kept:
        added = move_step(kept, id_, number, effect, author=myself(), at=now())
    click.echo(f"event {number} of {id_} belongs to the {to} ({added.event.text})", err=True)
    click.echo(f"see it in the document: afteraction draft PATH... --incident {id_}", err=True)
