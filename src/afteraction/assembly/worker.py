"""The worker of a process: does jobs until it is told to stop, also after the record was away for a while."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from threading import Event, Thread

from afteraction.assembly.collecting import collecting
from afteraction.assembly.record import now
from afteraction.errors import StoreUnavailable
from afteraction.model.settings import Settings
from afteraction.ports.store import Blobs, Store
from afteraction.usecases.schedule import COLLECT, begin, handlers
from afteraction.usecases.work import Handler, work

IDLE_SECONDS = 1.0
"""How long a worker waits when there was nothing to do."""
_AWAY_SECONDS = 5.0
_LOG = logging.getLogger("afteraction.work")


class Worker:
    """Does jobs in a thread of its own, from `start` to `stop`."""

    def __init__(self, store: Store, blobs: Blobs, settings: Settings) -> None:
        self._store = store
        self._handlers: Mapping[str, Handler] = {
            **handlers(store, settings), COLLECT: collecting(store, blobs, settings),
        }  # fmt: skip
        self._told_to_stop = Event()
        self._thread = Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, *, seconds: float = 30.0) -> None:
        """Let the job in hand end, and wait for that; what is not done by then is another worker's after its lease."""
        self._told_to_stop.set()
        self._thread.join(timeout=seconds)

    def once(self) -> int:
        """Plan the regular jobs and do what is due now; returns how many jobs were begun."""
        with self._store.begin() as record:
            begin(record, at=now())
        begun = 0
        while done := work(self._store, self._handlers, clock=now):
            begun += done
        return begun

    def _run(self) -> None:
        planned = False
        while not self._told_to_stop.is_set():
            try:
                if not planned:
                    with self._store.begin() as record:
                        begin(record, at=now())
                    planned = True
                wait = 0.0 if work(self._store, self._handlers, clock=now, limit=1) else IDLE_SECONDS
            except StoreUnavailable as error:
                _LOG.warning("the record is away: %s", error)
                wait = _AWAY_SECONDS
            self._told_to_stop.wait(wait)
