"""`afteraction review`: the reviews that follow an incident."""

from __future__ import annotations

import click

from afteraction.cli.record_options import as_json, record, show, stamp


@click.group()
def review() -> None:
    """The four reviews of each incident."""


@review.command("list")
@click.argument("id_", metavar="[ID]", default="")
@click.option("--all", "everything", is_flag=True, help="Also those that were held.")
@as_json
def list_(*, id_: str, everything: bool, as_json: bool) -> None:
    """List the reviews that are due, the next first."""
    with record() as kept:
        found = [one for one in kept.reviews(id_) if everything or one.held_at is None]
    columns = (("incident", lambda r: r.incident), ("review", lambda r: r.name), ("due", lambda r: stamp(r.due)),
               ("held", lambda r: stamp(r.held_at)), ("outcome", lambda r: r.outcome))  # fmt: skip
    show(found, columns, as_json=as_json)


@review.command()
@click.argument("id_", metavar="ID")
@click.argument("name", type=click.Choice(["1 week", "1 month", "3 months", "6 months"]))
@click.option("--outcome", required=True, help="What it found.")
def done(*, id_: str, name: str, outcome: str) -> None:
    """Note that a review was held."""
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.follow import hold_review

    with record() as kept:
        hold_review(kept, id_, name, outcome=outcome, author=myself(), at=now())
    click.echo(f"the review after {name} of {id_} was held", err=True)
