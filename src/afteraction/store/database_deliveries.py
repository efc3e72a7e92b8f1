"""Deliveries of webhooks, and what is known of alerts, in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, tuple_, update

from afteraction.model.delivery import Delivery, TrackedAlert
from afteraction.model.record import RUNNING
from afteraction.store import tables as t
from afteraction.store.connected import Connected

_OPENINGS = 4_711_043
"""The number of the advisory lock under which workers on PostgreSQL open incidents by rule, one after the other."""


# Every delivery asks these, so that they are put together once.
_DELIVERED = select(t.DELIVERY).where(t.DELIVERY.c.hook == bindparam("hook"), t.DELIVERY.c.key == bindparam("key"))
_LAST_LINE = select(func.max(t.DELIVERY.c.line)).where(
    t.DELIVERY.c.incident == bindparam("incident"),
    t.DELIVERY.c.hook == bindparam("hook"),
    t.DELIVERY.c.source == bindparam("source"),
)
_RUNNING_FOR = (
    select(t.INCIDENT.c.id)
    .join(t.SERVICE, t.SERVICE.c.incident == t.INCIDENT.c.id)
    .where(t.SERVICE.c.service == bindparam("service"), t.INCIDENT.c.status.in_([one.value for one in RUNNING]))
    .order_by(t.INCIDENT.c.opened_at.desc(), t.INCIDENT.c.id.desc())
    .limit(1)
)
_IN_KEYS = t.ALERT.c.key.in_(bindparam("keys", expanding=True))
_ALERTS = select(t.ALERT).where(_IN_KEYS).order_by(t.ALERT.c.key)
_NO_ALERTS = delete(t.ALERT).where(_IN_KEYS)


class DeliveryRows(Connected):
    """The part of a transaction that is about deliveries."""

    def add_delivery(self, delivery: Delivery) -> None:
        """Keep a delivery; the index of hook and key lets nobody keep it twice."""
        self._connection.execute(insert(t.DELIVERY).values(_row(delivery)))

    def put_delivery(self, delivery: Delivery) -> None:
        """Keep a delivery in place of the one of its id."""
        self._connection.execute(update(t.DELIVERY).where(t.DELIVERY.c.id == delivery.id).values(_row(delivery)))

    def delivery(self, delivery: str) -> Delivery | None:
        """Return the delivery of an id, or None."""
        found = self._first(select(t.DELIVERY).where(t.DELIVERY.c.id == delivery))
        return _delivery(found) if found else None

    def delivered(self, hook: str, key: str) -> Delivery | None:
        """Return the delivery of a hook's key, or None."""
        found = self._first(_DELIVERED, {"hook": hook, "key": key})
        return _delivery(found) if found else None

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
        columns = t.DELIVERY.c
        query = select(t.DELIVERY).order_by(columns.at.desc(), columns.id.desc()).limit(limit)
        if incident is not None:
            query = query.where(columns.incident == incident)
        if since is not None:
            query = query.where(columns.at >= since)
        if after and (last := self.delivery(after)):
            query = query.where(tuple_(columns.at, columns.id) < tuple_(last.at, last.id))
        if without:
            query = query.where(columns.incident.not_in(without))
        return tuple(map(_delivery, self._all(query)))

    def next_line(self, incident: str, hook: str, source: str) -> int:
        """Return the next line, while nobody else may write to the incident."""
        self._lock(incident)
        given = {"incident": incident, "hook": hook, "source": source}
        return (self._connection.scalar(_LAST_LINE, given) or 0) + 1

    def hold_openings(self) -> None:
        """Wait for others who open incidents; on SQLite nobody else writes anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _OPENINGS})

    def running_for(self, service: str) -> str:
        """Return the newest incident that is not over for a service."""
        return self._connection.scalar(_RUNNING_FOR, {"service": service}) or ""

    def alerts(self, keys: Iterable[str]) -> tuple[TrackedAlert, ...]:
        """Return what is known of some alerts."""
        return tuple(TrackedAlert(**row) for row in self._all(_ALERTS, {"keys": sorted(set(keys))}))

    def alerts_of(self, incident: str) -> tuple[TrackedAlert, ...]:
        """Return all alerts of an incident."""
        query = select(t.ALERT).where(t.ALERT.c.incident == incident).order_by(t.ALERT.c.key)
        return tuple(TrackedAlert(**row) for row in self._all(query))

    def put_alerts(self, alerts: Sequence[TrackedAlert]) -> None:
        """Keep alerts, in place of those of their keys; in their order, so that no two writers wait for each other."""
        given = sorted({alert.key: alert for alert in alerts}.items())
        if given:
            self._connection.execute(_NO_ALERTS, {"keys": [key for key, _ in given]})
            self._connection.execute(insert(t.ALERT), [_plain(alert) for _, alert in given])


def _row(delivery: Delivery) -> dict[str, Any]:
    return _plain(delivery) | {"problems": list(delivery.problems), "marks": list(delivery.marks)}


def _delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(**row | {"problems": tuple(row["problems"]), "marks": tuple(row["marks"])})


def _plain(value: Delivery | TrackedAlert) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
