"""The collectors that the settings name, ready to be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

from afteraction.errors import UsageError
from afteraction.model.job import Job
from afteraction.model.record import IncidentStatus
from afteraction.model.settings import Settings
from afteraction.ports.fetcher import Fetcher
from afteraction.ports.store import Blobs, Store
from afteraction.usecases.collect import collect
from afteraction.usecases.work import Done, Handler

_AFTERWARDS = timedelta(minutes=30)
"""How long after an incident is over it is still collected: what came last shows that it is over."""


@contextmanager
def open_fetchers(settings: Settings, only: Sequence[str] = ()) -> Iterator[tuple[Fetcher, ...]]:
    """Open the collectors in the order in which they are asked; nobody is reached yet.

    Raises:
        UsageError: when none is set up, or `only` names one that is not.
        BadSettings: when a setting cannot be used.
        MissingExtra: when a package is missing.
    """
    from afteraction.fetch.collectors import FETCHERS, opened  # noqa: PLC0415  (the HTTP client takes 80 ms)

    set_up = {one.name: one for one in settings.collectors}
    told = ", ".join(sorted(set_up)) or "none"
    if unknown := [name for name in only if name not in set_up]:
        raise UsageError(f"no [collect.{unknown[0]}] stands in the settings; set up: {told}")
    if not set_up:
        raise UsageError("no collector is set up: write [collect.prometheus] and others into afteraction.toml")
    order = [kind.name for kind in FETCHERS if kind.name in (only or set_up)]
    with ExitStack() as stack:
        yield tuple(stack.enter_context(opened(set_up[name], settings.outgoing)) for name in order)


def collecting(store: Store, blobs: Blobs, settings: Settings) -> Handler:
    """Return what carries out the jobs that collect an unfinished incident's raw material again and again."""

    def handler(job: Job, at: datetime) -> Done:
        incident = job.arguments["incident"]
        with store.begin() as record:
            known = record.incident(incident)
        if known is None:
            return Done(stop=True)
        over = known.status in {IncidentStatus.RESOLVED, IncidentStatus.CLOSED}
        ended = known.closed_at or at
        with open_fetchers(settings) as fetchers:
            collect(store, blobs, fetchers, incident, None, at=at)
        return Done(stop=over and at >= ended + _AFTERWARDS)

    return handler
