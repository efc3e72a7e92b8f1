"""`afteraction incident`: the incidents of the record."""

from __future__ import annotations

import json

import click

from afteraction.cli.record_options import as_json, joined, moment, plain, record, required, show, stamp
from afteraction.model.record import IncidentStatus


@click.group()
def incident() -> None:
    """The incidents that the record holds."""


@incident.command("list")
@click.option(
    "--status", multiple=True, type=click.Choice([status.value for status in IncidentStatus]), help="Only these."
)
@click.option("--service", default="", help="Only incidents of this service.")
@click.option("--limit", default=50, show_default=True, help="How many.")
@click.option("--after", default="", metavar="ID", help="Go on behind this incident.")
@as_json
def list_(*, status: tuple[str, ...], service: str, limit: int, after: str, as_json: bool) -> None:
    """List incidents, the newest first."""
    from afteraction.model.record import Wanted

    wanted = Wanted(status=tuple(map(IncidentStatus, status)), service=service, limit=limit, after=after)
    with record() as kept:
        found = kept.incidents(wanted)
    columns = (("id", lambda i: i.id), ("opened", lambda i: stamp(i.opened_at)), ("status", lambda i: i.status.value),
               ("severity", lambda i: i.severity), ("services", lambda i: joined(i.services)), ("title", lambda i: i.title))  # fmt: skip
    show(found, columns, as_json=as_json)


@incident.command("show")
@click.argument("id_", metavar="ID")
@as_json
def show_(*, id_: str, as_json: bool) -> None:
    """Show an incident: what it is, its revisions, open actions and reviews."""
    with record() as kept:
        found = required(kept.incident(id_), id_)
        revisions, actions, reviews = kept.revisions(id_), kept.actions(id_), kept.reviews(id_)
        events = kept.count_events(id_)
    if as_json:
        told = plain(found) | {
            "events": events,
            "revisions": [plain(one) | {"markdown": None, "authors": None} for one in revisions],
            "actions": plain(actions), "reviews": plain(reviews),
        }  # fmt: skip
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    click.echo(f"{found.id}  {found.title}")
    click.echo(
        f"{found.status.value}, {found.severity or 'severity unknown'}, opened {stamp(found.opened_at)} UTC, {events} events"
    )
    for one in revisions:
        click.echo(
            f"  revision {one.number}  {stamp(one.at)}  {one.author.name} ({one.author.kind.value}): {one.reason}"
        )
    for action in actions:
        click.echo(
            f"  action {action.number}  {action.state.value}  {action.text}  {action.owner} {action.due}".rstrip()
        )
    for review in reviews:
        held = f"held {stamp(review.held_at)}" if review.held_at else f"due {stamp(review.due)}"
        click.echo(f"  review {review.name}  {held}  {review.outcome}".rstrip())


@incident.command()
@click.argument("title")
@click.option("--id", "id_", metavar="ID", default="", help="Its id. [default: made of the time]")
@click.option("--severity", default="", help="As your team words it.")
@click.option("--service", "services", multiple=True, help="A service that is hurt; may be given again.")
@click.option("--at", default="", metavar="TIME", help="When it began. [default: now]")
@as_json
def new(*, title: str, id_: str, severity: str, services: tuple[str, ...], at: str, as_json: bool) -> None:
    """Open an incident."""
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.incident import open_incident

    began = moment(at) if at else now()
    with record() as kept:
        made = open_incident(
            kept,
            title=title,
            began=began,
            severity=severity,
            services=services,
            author=myself(),
            at=now(),
            incident=id_,
        )
    click.echo(json.dumps(plain(made), indent=2) if as_json else made.id)


@incident.command()
@click.argument("id_", metavar="ID")
@click.option(
    "--status", required=True, type=click.Choice([status.value for status in IncidentStatus]), help="Its new status."
)
@click.option("--at", default="", metavar="TIME", help="When it ended. [default: now]")
def status(*, id_: str, status: str, at: str) -> None:
    """Set how far an incident is."""
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.incident import set_status

    ended = moment(at) if at else now()
    with record() as kept:
        set_status(kept, id_, IncidentStatus(status), ended=ended, author=myself(), at=now())
    click.echo(f"{id_} is {status}", err=True)


@incident.command()
@click.argument("id_", metavar="ID")
@click.option("--at", default="", metavar="TIME", help="When it ended. [default: now]")
def close(*, id_: str, at: str) -> None:
    """Close an incident."""
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.incident import set_status

    ended = moment(at) if at else now()
    with record() as kept:
        set_status(kept, id_, IncidentStatus.CLOSED, ended=ended, author=myself(), at=now())
    click.echo(f"{id_} is closed", err=True)


@incident.command()
@click.argument("id_", metavar="ID")
@click.argument("number", type=int)
def restore(*, id_: str, number: int) -> None:
    """Make an earlier revision of the document the next one."""
    from afteraction.assembly.record import myself, now
    from afteraction.usecases.revise import restore as restore_revision

    with record() as kept:
        revised = restore_revision(kept, id_, number, author=myself(), at=now())
    click.echo(f"revision {number} is revision {revised.revision.number} now", err=True)


@incident.command()
@click.argument("id_", metavar="ID")
@click.argument("one", type=int)
@click.argument("other", type=int)
def diff(*, id_: str, one: int, other: int) -> None:
    """Show what changed between two revisions of the document."""
    from difflib import unified_diff

    with record() as kept:
        pair = [required(kept.revision(id_, number), f"{id_}, revision {number}") for number in (one, other)]
    before, after = (revision.markdown.splitlines(keepends=True) for revision in pair)
    click.echo("".join(unified_diff(before, after, f"revision {one}", f"revision {other}")), nl=False)


@incident.command()
@click.argument("id_", metavar="ID")
@as_json
def audit(*, id_: str, as_json: bool) -> None:
    """Show who changed what, when."""
    with record() as kept:
        found = kept.audit(id_)
    columns = (
        ("at", lambda e: stamp(e.at)),
        ("who", lambda e: e.author.name),
        ("what", lambda e: e.what),
        ("after", lambda e: e.after[:80]),
    )
    show(found, columns, as_json=as_json)
