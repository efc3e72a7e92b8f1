"""`afteraction action`: the action items that are followed until they are done."""

from __future__ import annotations

import click

from afteraction.cli.record_options import as_json, record, show
from afteraction.model.record import ActionState


@click.group()
def action() -> None:
    """Action items, followed until they are done."""


@action.command("list")
@click.argument("id_", metavar="[ID]", default="")
@click.option("--all", "everything", is_flag=True, help="Also those that are done or dropped.")
@as_json
def list_(*, id_: str, everything: bool, as_json: bool) -> None:
    """List the open actions of an incident, or of all."""
    with record() as kept:
        found = [one for one in kept.actions(id_) if everything or one.state is ActionState.OPEN]
    columns = (
        ("incident", lambda a: a.incident), ("no", lambda a: a.number), ("state", lambda a: a.state.value), ("by", lambda a: a.horizon),
        ("owner", lambda a: a.owner), ("due", lambda a: a.due), ("action", lambda a: a.text),
    )  # fmt: skip
    show(found, columns, as_json=as_json)


@action.command()
@click.argument("id_", metavar="ID")
@click.argument("text")
@click.option(
    "--by",
    "horizon",
    type=click.Choice(["24 hours", "week", "month", "quarter"]),
    default="week",
    show_default=True,
    help="Its horizon.",
)
@click.option("--owner", default="", help="Who does it.")
@click.option("--due", default="", help="Until when.")
@click.option("--done-when", default="", help="How one will see that it is done.")
def add(*, id_: str, text: str, horizon: str, owner: str, due: str, done_when: str) -> None:
    """Add an action to an incident."""
    from afteraction.assembly.record import myself, now
    from afteraction.model.record import TrackedAction
    from afteraction.usecases.act import add_action

    wanted = TrackedAction(
        incident=id_, number=0, text=text, horizon=horizon, owner=owner, due=due, done_when=done_when
    )
    with record() as kept:
        added = add_action(kept, wanted, author=myself(), at=now())
    click.echo(f"action {added.number} of {id_}", err=True)


@action.command()
@click.argument("id_", metavar="ID")
@click.argument("number", type=int)
@click.option("--evidence", required=True, help="What shows that it is done: a link, a sentence.")
@click.option("--drop", is_flag=True, help="It will not be done; the evidence says why.")
def close(*, id_: str, number: int, evidence: str, drop: bool) -> None:
    """Close an action, with what shows that it is done."""
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.act import change_action

    state = ActionState.DROPPED if drop else ActionState.DONE
    with record() as kept:
        change_action(kept, id_, number, author=myself(), at=now(), state=state, evidence=evidence)
    click.echo(f"action {number} of {id_} is {state.value}", err=True)


@action.command()
@click.argument("id_", metavar="ID")
@click.argument("number", type=int)
@click.option("--owner", default=None, help="Who does it.")
@click.option("--due", default=None, help="Until when.")
@click.option("--ticket", default=None, help="Where it is tracked.")
@click.option("--reopen", is_flag=True, help="It is not done after all.")
def update(*, id_: str, number: int, owner: str | None, due: str | None, ticket: str | None, reopen: bool) -> None:
    """Change an action."""
    from afteraction.assembly.record import myself, now
    from afteraction.errors import UsageError
    from afteraction.usecases.act import change_action

    given: dict[str, object] = {
        "owner": owner,
        "due": due,
        "ticket": ticket,
        "state": ActionState.OPEN if reopen else None,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise UsageError("say what to change: --owner, --due, --ticket or --reopen")
    with record() as kept:
        change_action(kept, id_, number, author=myself(), at=now(), **changes)
    click.echo(f"action {number} of {id_} changed", err=True)
