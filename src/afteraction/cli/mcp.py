"""`afteraction mcp`: the record for agents, over stdio or HTTP."""

from __future__ import annotations

import click


@click.command()
@click.option("--http", is_flag=True, help="Serve streamable HTTP instead of stdio.")
@click.option(
    "--listen", default="127.0.0.1:8974", show_default=True, metavar="ADDR", help="Where to listen, with --http."
)
def mcp(*, http: bool, listen: str) -> None:
    """Serve the record to agents, by the Model Context Protocol (both eras).

    Over stdio a client starts this command itself. HTTP has no sign-in yet, so it listens on this machine only.
    """
    from afteraction.errors import MissingExtra, UsageError

    host, _, port = listen.rpartition(":")
    if http and (not port.isdigit() or host not in {"127.0.0.1", "localhost", "[::1]"}):
        raise UsageError(f"{listen!r} is no address of this machine such as 127.0.0.1:8974; there is no sign-in yet")
    try:
        from afteraction.mcp.server.serving import serve
    except ModuleNotFoundError as error:
        raise MissingExtra(f"{error.name} is missing: pip install 'afteraction[mcp]'") from error
    serve((host.strip("[]"), int(port)) if http else None)
