"""The record as one account sees it: private incidents that are not theirs are not there.

A transaction and the hidden incidents come in; out goes a transaction in which lists, searches and questions by id answer
as if those incidents did not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, cast

from afteraction.errors import NotInRecord
from afteraction.model.record import (
    AuditEntry,
    Hit,
    Incident,
    Indexed,
    TrackedAction,
    TrackedReview,
    Wanted,
    WantedActions,
    WantedReviews,
)
from afteraction.ports.store import Transaction

_BY_INCIDENT = frozenset(
    ["events", "count_events", "add_events", "findings", "put_findings", "revision", "revisions", "put_actions", "put_reviews",
     "hold_incident", "material", "add_material", "index", "index_all"]
)  # fmt: skip
"""What is asked of an incident by its id, the first argument."""


def visible(record: Transaction, hidden: frozenset[str]) -> Transaction:
    """Return the record without the hidden incidents."""
    return cast("Transaction", _Visible(record, hidden)) if hidden else record


class _Visible:
    def __init__(self, record: Transaction, hidden: frozenset[str]) -> None:
        self._record, self._hidden = record, hidden

    def incidents(self, wanted: Wanted) -> tuple[Incident, ...]:
        return self._record.incidents(replace(wanted, without=wanted.without | self._hidden))

    def incident(self, incident: str) -> Incident | None:
        return None if incident in self._hidden else self._record.incident(incident)

    def search(
        self,
        words: str,
        *,
        limit: int = 20,
        without: frozenset[str] = frozenset(),
        kinds: tuple[Indexed, ...] = tuple(Indexed),
    ) -> tuple[Hit, ...]:
        return self._record.search(words, limit=limit, without=without | self._hidden, kinds=kinds)

    def actions(self, incident: str = "") -> tuple[TrackedAction, ...]:
        return tuple(one for one in self._record.actions(incident) if one.incident not in self._hidden)

    def reviews(self, incident: str = "") -> tuple[TrackedReview, ...]:
        return tuple(one for one in self._record.reviews(incident) if one.incident not in self._hidden)

    def find_actions(self, wanted: WantedActions) -> tuple[TrackedAction, ...]:
        return self._record.find_actions(replace(wanted, without=wanted.without | self._hidden))

    def find_reviews(self, wanted: WantedReviews) -> tuple[TrackedReview, ...]:
        return self._record.find_reviews(replace(wanted, without=wanted.without | self._hidden))

    def audit(
        self,
        incident: str = "",
        *,
        after: int = 0,
        limit: int | None = None,
        without: frozenset[str] = frozenset(),
    ) -> tuple[AuditEntry, ...]:
        if incident in self._hidden:
            raise NotInRecord(f"the record holds no incident {incident}")
        return self._record.audit(incident, after=after, limit=limit, without=without | self._hidden)

    def __getattr__(self, name: str) -> Any:
        found: Callable[..., Any] = getattr(self._record, name)
        if name not in _BY_INCIDENT:
            return found

        @wraps(found)
        def asked(incident: str = "", *arguments: Any, **named: Any) -> Any:
            if incident in self._hidden:
                raise NotInRecord(f"the record holds no incident {incident}")
            return found(incident, *arguments, **named)

        return asked
