"""What the use cases need of a store to receive webhooks: deliveries, and which alert belongs to which incident."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from afteraction.model.delivery import Delivery, TrackedAlert


class DeliveryRecord(Protocol):
    """The part of a transaction that is about deliveries."""

    def add_delivery(self, delivery: Delivery) -> None:
        """Keep a delivery.

        Raises:
            Conflict: when the hook's delivery of that key is kept already, even if only since this transaction began.
        """
        ...

    def put_delivery(self, delivery: Delivery) -> None:
        """Keep a delivery in place of the one of its id."""
        ...

    def delivery(self, delivery: str) -> Delivery | None:
        """Return the delivery of an id, or None."""
        ...

    def delivered(self, hook: str, key: str) -> Delivery | None:
        """Return the delivery of a hook's key, or None."""
        ...

    def deliveries(
        self,
        *,
        incident: str | None = None,
        since: datetime | None = None,
        after: str = "",
        without: frozenset[str] = frozenset(),
        limit: int | None = None,
    ) -> tuple[Delivery, ...]:
        """Return deliveries, the newest first.

        `incident` is the one that they belong to, empty for those that belong to none, None for all; `after` is the id
        behind which the page begins; what belongs to an incident of `without` is left out.
        """
        ...

    def next_line(self, incident: str, hook: str, source: str) -> int:
        """Return the line that the incident's next delivery of a hook and source gets; nobody else gets it meanwhile.

        Raises:
            NotInRecord: when the record holds no such incident.
        """
        ...

    def hold_openings(self) -> None:
        """Let nobody else who asks for the same go on until the end of this transaction: an incident is opened by rule."""
        ...

    def running_for(self, service: str) -> str:
        """Return the newest incident that is not over for a service, empty when there is none."""
        ...

    def alerts(self, keys: Iterable[str]) -> tuple[TrackedAlert, ...]:
        """Return what is known of some alerts, in order of their keys."""
        ...

    def alerts_of(self, incident: str) -> tuple[TrackedAlert, ...]:
        """Return all alerts of an incident, in order of their keys."""
        ...

    def put_alerts(self, alerts: Sequence[TrackedAlert]) -> None:
        """Keep alerts, in place of those of their keys."""
        ...
