"""`afteraction serve`: the record for a team, over HTTP."""

from __future__ import annotations

from typing import Any

import click


@click.command()
@click.option("--listen", default="127.0.0.1:8973", show_default=True, metavar="ADDR", help="Where to listen.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that serve; for PostgreSQL."
)
def serve(*, listen: str, workers: int) -> None:
    """Serve the record to a team: the API, the webhooks, the pages. The scheduled work is done as well.

    With the extra `mcp` agents reach it at /mcp, with the API token of an account.

    Several processes, also on several machines, may serve one record on PostgreSQL. SQLite has one writer at a time, so that
    more processes make it no faster.
    """
    from afteraction.errors import UsageError
    from afteraction.web.serving import serve as run

    host, _, port = listen.rpartition(":")
    if not port.isdigit() or not host:
        raise UsageError(f"{listen!r} is no address such as 127.0.0.1:8973")
    run(f"{__name__}:service", host.strip("[]"), int(port), workers=workers)


def service() -> Any:
    """Return the whole service as an ASGI application, for one worker process. Raises StoreUnavailable."""
    from afteraction.web.serving import service as made

    try:
        from afteraction.mcp.server.serving import inside
    except ModuleNotFoundError:  # the extra is not installed; all else is served
        return made()
    return made(around=inside)
