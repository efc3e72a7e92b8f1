"""`afteraction serve`: the record for a team, over HTTP."""

from __future__ import annotations

import click


@click.command()
@click.option("--listen", default="127.0.0.1:8973", show_default=True, metavar="ADDR", help="Where to listen.")
def serve(*, listen: str) -> None:
    """Serve the record to a team: the API, the webhooks, the pages.

    With the extra `mcp` agents reach it at /mcp, with the API token of an account.
    """
    from afteraction.assembly import load_settings
    from afteraction.errors import UsageError
    from afteraction.web.serving import serve as run

    host, _, port = listen.rpartition(":")
    if not port.isdigit() or not host:
        raise UsageError(f"{listen!r} is no address such as 127.0.0.1:8973")
    try:
        from afteraction.mcp.server.serving import inside
    except ModuleNotFoundError:  # the extra is not installed; all else is served
        around = None
    else:
        around = inside
    run(host.strip("[]"), int(port), settings=load_settings(), around=around)
