"""Runs the application with uvicorn on the team's record, until the process is told to end; running requests are finished."""

from __future__ import annotations

from functools import partial

import uvicorn

from afteraction.assembly import new_masker
from afteraction.assembly.record import now, open_material, open_record
from afteraction.model.settings import Settings
from afteraction.sources import SOURCES
from afteraction.web.app import application
from afteraction.web.desk import Desk

GRACE_SECONDS = 20
"""How long running requests may go on after the process was told to end."""


def serve(host: str, port: int, *, settings: Settings) -> None:
    """Serve until told to end. Raises StoreUnavailable when the record cannot be opened."""
    store = open_record(settings)
    try:
        desk = Desk(
            store=store, blobs=open_material(settings), settings=settings, clock=now, masker=partial(new_masker, settings), sources=SOURCES
        )  # fmt: skip
        uvicorn.run(
            application(desk), host=host, port=port, timeout_graceful_shutdown=GRACE_SECONDS, server_header=False
        )
    finally:
        store.close()
