"""Runs the server on the team's record: over stdio, or over streamable HTTP on this machine."""

from __future__ import annotations

import sys
from functools import partial

from afteraction.assembly import load_settings, new_masker
from afteraction.assembly.record import now, open_record
from afteraction.mcp.server.app import server
from afteraction.mcp.server.desk import Desk
from afteraction.sources import SOURCES


def serve(address: tuple[str, int] | None) -> None:
    """Serve until the client goes away (stdio) or the process is told to end (HTTP on `address`)."""
    settings = load_settings()
    store = open_record(settings)
    try:
        made = server(
            Desk(store=store, settings=settings, clock=now, masker=partial(new_masker, settings), sources=SOURCES)
        )
        if address is None:
            made.run("stdio")
            return
        sys.stderr.write(f"serving http://{address[0]}:{address[1]}/mcp\n")
        made.run("streamable-http", host=address[0], port=address[1])
    finally:
        store.close()
