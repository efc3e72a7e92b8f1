"""Runs the server on the team's record: over stdio, or over streamable HTTP until the process is told to end."""

from __future__ import annotations

import sys
from functools import partial

from afteraction.assembly import load_settings, new_masker
from afteraction.assembly.record import now, open_record
from afteraction.mcp.server.app import server
from afteraction.mcp.server.desk import Desk
from afteraction.mcp.server.mounting import LOOPBACK, Application, application, beside
from afteraction.mcp.server.visitor import by_api_token, by_shared_token
from afteraction.model.settings import Settings
from afteraction.ports.store import Store
from afteraction.sources import SOURCES

_GRACE_SECONDS = 10


def desk_of(store: Store, settings: Settings) -> Desk:
    """Return the desk of the server over a record that is open."""
    return Desk(store=store, settings=settings, clock=now, masker=partial(new_masker, settings), sources=SOURCES)


def inside(other: Application, store: Store, settings: Settings) -> Application:
    """Return a service that also answers `/mcp`, to whoever brings an API token of an account of its record."""
    return beside(other, desk_of(store, settings), gate=by_api_token(store, now))


def serve(address: tuple[str, int] | None, *, token: str = "", hosts: tuple[str, ...] = ()) -> None:
    """Serve until the client goes away (stdio), or the process is told to end (HTTP on `address`).

    On this machine everybody is let in unless a `token` is given. Elsewhere the `token` is needed, or, without one, an API token of an
    account of the record. `hosts` are the names by which the server may be reached from elsewhere; none: any.
    """
    settings = load_settings()
    store = open_record(settings)
    try:
        desk = desk_of(store, settings)
        if address is None:
            server(desk).run("stdio")
            return
        import uvicorn  # noqa: PLC0415  (not needed over stdio, where a client waits)

        here = is_here(address[0])
        gate = by_shared_token(token) if token else None if here else by_api_token(store, now)
        app = application(desk, gate=gate, hosts=(*LOOPBACK, *hosts) if here or hosts else ())
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        sys.stderr.write(f"serving http://{host}:{address[1]}/mcp{' to who has a token' if gate else ''}\n")
        uvicorn.run(
            app, host=address[0], port=address[1], log_level="warning", server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )  # fmt: skip
    finally:
        store.close()


def is_here(host: str) -> bool:
    """Say whether a name or address is this machine's own, which nobody else reaches."""
    return host in {"127.0.0.1", "localhost", "::1"}
