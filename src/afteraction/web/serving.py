"""Runs the application with uvicorn on the team's record, until the process is told to end; running requests are finished."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn

from afteraction.assembly import new_masker
from afteraction.assembly.record import now, open_material, open_record
from afteraction.model.settings import Settings
from afteraction.ports.store import Store
from afteraction.sources import SOURCES
from afteraction.web.app import application
from afteraction.web.desk import Desk

Around = Callable[[Any, Store, Settings], Any]
"""Takes an ASGI application, the record that it serves and the settings; returns the application to run."""
GRACE_SECONDS = 20
"""How long running requests may go on after the process was told to end."""


def serve(host: str, port: int, *, settings: Settings, around: Around | None = None) -> None:
    """Serve until told to end. `around` may put another application before this one, over the same record.

    Raises StoreUnavailable when the record cannot be opened.
    """
    store = open_record(settings)
    try:
        desk = Desk(
            store=store, blobs=open_material(settings), settings=settings, clock=now, masker=partial(new_masker, settings), sources=SOURCES
        )  # fmt: skip
        app: Any = application(desk)
        uvicorn.run(
            around(app, store, settings) if around else app,
            host=host,
            port=port,
            timeout_graceful_shutdown=GRACE_SECONDS,
            server_header=False,
        )
    finally:
        store.close()
