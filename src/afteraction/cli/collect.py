"""`afteraction collect`: raw material of an incident from live systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from afteraction.cli.progress import end_progress, show_progress
from afteraction.cli.record_options import as_json, moment, show

if TYPE_CHECKING:
    from afteraction.model.finding import Window
    from afteraction.ports.store import Transaction


@click.command()
@click.option("--incident", "id_", metavar="ID", required=True, help="The incident of the record.")
@click.option("--since", default="", metavar="TIME", help="From when. [default: an hour before it was opened]")
@click.option("--until", default="", metavar="TIME", help="Until when. [default: its end, or now]")
@click.option("--only", default="", metavar="NAME,...", help="Only these collectors, such as prometheus,kubernetes.")
@click.option("--dry-run", is_flag=True, help="Print what would be asked for, and ask nobody.")
@as_json
def collect(*, id_: str, since: str, until: str, only: str, dry_run: bool, as_json: bool) -> None:
    """Collect raw material of an incident from the systems that the settings name, and freeze it as it came.

    Each [collect.NAME] of afteraction.toml is asked in turn. What one does not answer is told and the rest is kept; the exit
    code is 1 then. Run it again at any time: what did not change is not kept twice. Draft from it with `afteraction draft
    --incident ID`.
    """
    from afteraction.assembly import load_settings
    from afteraction.assembly.collecting import open_fetchers
    from afteraction.assembly.record import myself, now, open_material, open_record
    from afteraction.usecases.collect import collect as collect_from
    from afteraction.usecases.collect import plan, sought_for

    settings = load_settings()
    at = now()
    store = open_record(settings)
    try:
        with store.begin() as record:
            window = _window(record, id_, since, until)
            sought = sought_for(record, id_, window, at)
        with open_fetchers(settings, tuple(name.strip() for name in only.split(",") if name.strip())) as fetchers:
            if dry_run:
                show(plan(fetchers, sought), _PLANNED, as_json=as_json)
                return
            blobs = open_material(settings)
            done = collect_from(store, blobs, fetchers, id_, window, at=at, author=myself(), progress=show_progress)
    finally:
        store.close()
    end_progress()
    show(done.material, _COLUMNS, as_json=as_json)
    for problem in done.problems:
        click.echo(str(problem), err=True)
    if not sought.services:
        click.echo(f"{id_} names no service, so that no metrics or logs of one were asked for", err=True)
    click.echo(
        f"{len(done.material)} files collected for {id_}, {len(done.new)} of them new, {len(done.problems)} problems; "
        f"draft from them with: afteraction draft --incident {id_}",
        err=True,
    )
    if done.problems:
        click.get_current_context().exit(1)


_PLANNED = (("collector", lambda p: p[0]), ("what", lambda p: p[1].what), ("asked", lambda p: p[1].asked))
_COLUMNS = (("bytes", lambda m: m.size), ("source", lambda m: m.source or "unread"), ("name", lambda m: m.name))


def _window(record: Transaction, id_: str, since: str, until: str) -> Window | None:
    """Return the window that was asked for; what is left out is as without one."""
    from afteraction.assembly.record import now
    from afteraction.errors import UsageError
    from afteraction.model.finding import Window
    from afteraction.usecases.collect import sought_for

    if not since and not until:
        return None
    usual = sought_for(record, id_, None, now())
    start = moment(since) if since else usual.since
    end = moment(until) if until else usual.until
    if start >= end:
        raise UsageError("--since must be before --until")
    return Window(start=start, end=end)
