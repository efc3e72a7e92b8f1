"""Figures of the service for Prometheus, over all worker processes of one `afteraction serve`.

Counters live in the processes; what the record holds is counted when somebody asks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from afteraction.model.record import IncidentStatus, Wanted
from afteraction.ports.store import Store

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the client library that names the folder through which worker processes share their counters."""
_OWN = CollectorRegistry()
REQUESTS = Counter(
    "afteraction_http_requests", "Requests that were answered.", ("method", "route", "status"), registry=_OWN
)
SECONDS = Histogram(
    "afteraction_http_request_seconds", "Seconds from a request to the end of its answer.", ("route",), registry=_OWN,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
_MOST = 10_000


def exposition(store: Store) -> bytes:
    """Return all figures in Prometheus' text format. Raises StoreUnavailable."""
    processes = _OWN
    if SHARED in os.environ:
        processes = CollectorRegistry()
        MultiProcessCollector(processes)  # type: ignore[no-untyped-call]  # the library has no types here
    held = CollectorRegistry()
    held.register(_Held(store))
    return generate_latest(processes) + generate_latest(held)


class _Held(Collector):
    """What the record holds at this moment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> Iterable[Metric]:
        """Say nothing in advance, so that registering asks the record nothing."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Count."""
        with self._store.begin() as record:
            unfinished = record.incidents(Wanted(status=(IncidentStatus.OPEN, IncidentStatus.MITIGATED), limit=_MOST))
            jobs = record.jobs(waiting=True, limit=_MOST)
        incidents = GaugeMetricFamily("afteraction_incidents", "Incidents that are not over.", labels=("status",))
        for status in (IncidentStatus.OPEN, IncidentStatus.MITIGATED):
            incidents.add_metric((status.value,), sum(one.status is status for one in unfinished))
        yield incidents
        yield GaugeMetricFamily("afteraction_jobs_waiting", "Jobs that wait or run.", len(jobs))
        failing = sum(job.failures > 0 for job in jobs)
        yield GaugeMetricFamily("afteraction_jobs_failing", "Jobs that failed when they ran last.", failing)
