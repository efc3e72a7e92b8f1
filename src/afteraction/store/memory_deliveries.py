"""Deliveries of webhooks, and what is known of alerts, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from afteraction.errors import Conflict
from afteraction.model.delivery import Delivery, TrackedAlert
from afteraction.model.record import RUNNING, Incident


@dataclass(slots=True)
class Deliveries:
    """What is kept of deliveries."""

    deliveries: dict[str, Delivery] = field(default_factory=dict)
    alerts: dict[str, TrackedAlert] = field(default_factory=dict)

    def copy(self) -> Deliveries:
        """Return a copy that can be changed while this stays."""
        return Deliveries(dict(self.deliveries), dict(self.alerts))


class MemoryDeliveries:
    """The part of a transaction that is about deliveries."""

    def __init__(self, kept: Deliveries, incidents: Mapping[str, Incident]) -> None:
        self._deliveries = kept
        self._incidents = incidents

    def add_delivery(self, delivery: Delivery) -> None:
        """Keep a delivery."""
        if self.delivered(delivery.hook, delivery.key) is not None or delivery.id in self._deliveries.deliveries:
            raise Conflict("this delivery is kept already")
        self._deliveries.deliveries[delivery.id] = delivery

    def put_delivery(self, delivery: Delivery) -> None:
        """Keep a delivery in place of the one of its id."""
        self._deliveries.deliveries[delivery.id] = delivery

    def delivery(self, delivery: str) -> Delivery | None:
        """Return the delivery of an id, or None."""
        return self._deliveries.deliveries.get(delivery)

    def delivered(self, hook: str, key: str) -> Delivery | None:
        """Return the delivery of a hook's key, or None."""
        kept = self._deliveries.deliveries.values()
        return next((one for one in kept if (one.hook, one.key) == (hook, key)), None)

    def deliveries(
        self,
        *,
        incident: str | None = None,
        since: datetime | None = None,
        after: str = "",
        without: frozenset[str] = frozenset(),
        limit: int | None = None,
    ) -> tuple[Delivery, ...]:
        """Return deliveries, the newest first."""
        last = self.delivery(after)
        kept = sorted(self._deliveries.deliveries.values(), key=lambda one: (one.at, one.id), reverse=True)
        return tuple(
            one
            for one in kept
            if incident in {None, one.incident}
            and (since is None or one.at >= since)
            and (last is None or (one.at, one.id) < (last.at, last.id))
            and one.incident not in without
        )[:limit]

    def next_line(self, incident: str, hook: str, source: str) -> int:
        """Return the next line."""
        kept = self._deliveries.deliveries.values()
        lines = [one.line for one in kept if (one.incident, one.hook, one.source) == (incident, hook, source)]
        return max(lines, default=0) + 1

    def hold_openings(self) -> None:
        """Nobody else is there: transactions wait for each other anyway."""

    def running_for(self, service: str) -> str:
        """Return the newest incident that is not over for a service."""
        running = [one for one in self._incidents.values() if one.status in RUNNING and service in one.services]
        return max(running, key=lambda one: (one.opened_at, one.id)).id if running else ""

    def alerts(self, keys: Iterable[str]) -> tuple[TrackedAlert, ...]:
        """Return what is known of some alerts."""
        return tuple(self._deliveries.alerts[key] for key in sorted(set(keys)) if key in self._deliveries.alerts)

    def alerts_of(self, incident: str) -> tuple[TrackedAlert, ...]:
        """Return all alerts of an incident."""
        return tuple(one for _, one in sorted(self._deliveries.alerts.items()) if one.incident == incident)

    def put_alerts(self, alerts: Sequence[TrackedAlert]) -> None:
        """Keep alerts, in place of those of their keys."""
        self._deliveries.alerts.update({alert.key: alert for alert in alerts})
