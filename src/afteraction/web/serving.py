"""Runs the service with uvicorn on the team's record, in one process or several, until it is told to end.

Running requests are finished then, streams close themselves, the job in hand ends.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn

from afteraction.assembly import load_settings, new_masker
from afteraction.assembly.record import now, open_material, open_record
from afteraction.assembly.worker import Worker
from afteraction.model.settings import Settings
from afteraction.ports.store import Store
from afteraction.sources import SOURCES
from afteraction.usecases.accounts import first_link
from afteraction.web.app import Runs, application
from afteraction.web.desk import Desk
from afteraction.web.headers import surrounded
from afteraction.web.hooks.secret import check_hooks
from afteraction.web.logs import CONFIGURATION
from afteraction.web.metrics import SHARED
from afteraction.web.routes.setup import link

Around = Callable[[Any, Store, Settings], Any]
"""Takes an ASGI application, the record that it serves and the settings; returns the application to run."""
GRACE_SECONDS = 20
"""How long running requests may go on after the process was told to end."""


def service(*, around: Around | None = None) -> Any:
    """Return the service on the record that settings and environment name; each worker process makes its own.

    `around` may put another application before this one, over the same record. Raises StoreUnavailable when the record
    cannot be opened.
    """
    settings = load_settings()
    store = open_record(settings)
    desk = Desk(
        store=store, blobs=open_material(settings), settings=settings, clock=now,
        masker=partial(new_masker, settings), sources=SOURCES,
    )  # fmt: skip
    app = application(desk, beside=(Worker(store, desk.blobs, settings), _Closing(store)))
    return surrounded(around(app, store, settings), settings) if around else app


class _Closing(Runs):
    """Gives back what the record holds open, after all others stopped."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self) -> None:
        """Nothing is to be done."""

    def stop(self) -> None:
        """Close the record."""
        self._store.close()


def serve(factory: str, host: str, port: int, *, workers: int = 1) -> None:
    """Serve until told to end what `factory` (`module:function`) returns.

    The record is opened here first, so that one that cannot be is told at once. Raises StoreUnavailable then, BadSettings for
    an endpoint for webhooks without a secret.
    """
    settings = load_settings()
    check_hooks(settings)
    _welcome(settings, host, port)
    with tempfile.TemporaryDirectory(prefix="afteraction-") as folder:
        if workers > 1:
            # The client library of Prometheus reads it when it is imported; worker processes begin afresh and import it anew.
            os.environ[SHARED] = folder
        uvicorn.run(
            factory, factory=True, host=host, port=port, workers=workers, timeout_graceful_shutdown=GRACE_SECONDS,
            server_header=False, proxy_headers=False, access_log=False, log_config=CONFIGURATION,
        )  # fmt: skip  # whose forwarded headers are believed is a setting; uvicorn would believe everybody on this machine


def _welcome(settings: Settings, host: str, port: int) -> None:
    """Print the link with which the first owner makes an account, while there is none; it is no part of the log.

    Raises StoreUnavailable when the record cannot be opened.
    """
    store = open_record(settings)
    try:
        with store.begin() as record:
            secret = first_link(record, at=now())
    finally:
        store.close()
    if secret is not None:
        here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  (compared, not bound)
        address = link(settings, secret, origin=f"http://{here}:{port}")
        sys.stdout.write(f"Nobody has an account yet. Make the owner's, within 24 hours: {address}\n")
        sys.stdout.flush()
