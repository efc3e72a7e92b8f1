"""`afteraction mcp`: the record for agents, over stdio or HTTP."""

from __future__ import annotations

import click


@click.command()
@click.option("--http", is_flag=True, help="Serve streamable HTTP instead of stdio.")
@click.option(
    "--listen", default="127.0.0.1:8974", show_default=True, metavar="ADDR", help="Where to listen, with --http."
)
@click.option(
    "--token",
    default="",
    metavar="TOKEN",
    help="With --http: let in who sends this token. [default: beyond this machine, the API tokens of accounts]",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="With --http: a name by which this server is reached; requests for any other are refused.",
)
def mcp(*, http: bool, listen: str, token: str, hosts: tuple[str, ...]) -> None:
    """Serve the record to agents, by the Model Context Protocol (both eras).

    Over stdio a client starts this command itself. Over HTTP everybody on this machine is let in, unless a token is given;
    whoever comes from elsewhere needs one.
    """
    from afteraction.errors import MissingExtra, UsageError

    host, _, port = listen.rpartition(":")
    if http and (not port.isdigit() or not host):
        raise UsageError(f"{listen!r} is no address such as 127.0.0.1:8974")
    if not http and (token or hosts):
        raise UsageError("--token and --host go with --http; over stdio there is only the client that started this")
    try:
        from afteraction.mcp.server.serving import serve
    except ModuleNotFoundError as error:
        raise MissingExtra(f"{error.name} is missing: pip install 'afteraction[mcp]'") from error
    serve((host.strip("[]"), int(port)) if http else None, token=token, hosts=hosts)
