"""`afteraction serve`: the record for a team, over HTTP."""

from __future__ import annotations

import click


@click.command()
@click.option("--listen", default="127.0.0.1:8973", show_default=True, metavar="ADDR", help="Where to listen.")
def serve(*, listen: str) -> None:
    """Serve the record to a team: the API, the webhooks, the pages."""
    from afteraction.assembly import load_settings
    from afteraction.errors import UsageError
    from afteraction.web.serving import serve as run

    host, _, port = listen.rpartition(":")
    if not port.isdigit() or not host:
        raise UsageError(f"{listen!r} is no address such as 127.0.0.1:8973")
    run(host.strip("[]"), int(port), settings=load_settings())
