"""The feed of changes of one process: its followers share one look at the record, whichever worker made the changes.

A place (the number of the last change that a follower got) comes in, batches of later changes go out, in order, each once. A
follower who is far behind is served from the record. It ends when the process is told to end.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator
from threading import Event

import anyio
from anyio.to_thread import run_sync

from afteraction.model.record import AuditEntry
from afteraction.ports.store import Store
from afteraction.usecases.changes import BATCH, Settling, begin_settling, look

SECONDS = 0.5
"""How often the record is looked at while somebody follows."""
_RECENT = 2000


class Feed:
    """Follows the audit trail for all who follow it in this process."""

    def __init__(self, store: Store, ending: Event) -> None:
        self._store = store
        self._ending = ending
        self._settling: Settling | None = None
        self._recent: deque[AuditEntry] = deque(maxlen=_RECENT)
        self._from = 0
        """All settled changes behind this number are in `_recent`."""
        self._looked = 0.0
        self._lock = anyio.Lock()

    @property
    def over(self) -> bool:
        """Whether the process was told to end."""
        return self._ending.is_set()

    async def now(self) -> tuple[int, frozenset[int]]:
        """Return the number behind which changes are still to be told, and those of them that are there already."""
        settled = await self._settled()
        return settled, self._settling.waiting if self._settling else frozenset()

    async def place(self, after: int) -> int:
        """Return where somebody goes on who got a number; one that the record never gave is from another record."""
        return min(after, await run_sync(self._last))

    async def _settled(self) -> int:
        """Return the number of the last change that all before are known of."""
        async with self._lock:
            if self._settling is None or time.monotonic() - self._looked >= SECONDS:
                await run_sync(self._look)
                self._looked = time.monotonic()
        assert self._settling is not None
        return self._settling.settled

    async def follow(self, place: int, incident: str = "", *, wait: bool = True) -> AsyncIterator[list[AuditEntry]]:
        """Yield changes behind a place, and an empty batch after each look that found none."""
        settled = await self._settled()
        while not self.over:
            batch, place = await self._behind(place, settled, incident)
            yield batch
            if place >= settled:
                if not wait:
                    return
                await anyio.sleep(SECONDS)
                settled = await self._settled()

    async def _behind(self, place: int, settled: int, incident: str) -> tuple[list[AuditEntry], int]:
        """Return changes behind a place, and the place behind these."""
        if place >= settled:
            return [], place
        if place >= self._from:
            found = [one for one in self._recent if place < one.number <= settled and incident in {"", one.incident}]
            return found, settled
        read = await run_sync(self._read, place, incident)
        told = [one for one in read if one.number <= settled]
        return told, (read[-1].number if len(read) == BATCH and told and told[-1] is read[-1] else settled)

    def _look(self) -> None:
        with self._store.begin() as record:
            if self._settling is None:
                self._settling = begin_settling(record)
                self._from = self._settling.settled
                return
            found = look(record, self._settling)
        if len(self._recent) + len(found) > _RECENT:
            dropped = len(self._recent) + len(found) - _RECENT
            both = [*self._recent, *found]
            self._from = both[dropped - 1].number
        self._recent.extend(found)

    def _last(self) -> int:
        with self._store.begin() as record:
            return record.last_audit()

    def _read(self, place: int, incident: str) -> tuple[AuditEntry, ...]:
        with self._store.begin() as record:
            return record.audit(incident, after=place, limit=BATCH)
