"""Actions and reviews of all incidents in pages, in the database."""

from __future__ import annotations

from sqlalchemy import select, tuple_

from afteraction.model.record import ActionState, TrackedAction, TrackedReview, WantedActions, WantedReviews
from afteraction.store import rows
from afteraction.store import tables as t
from afteraction.store.connected import Connected


class FollowedRows(Connected):
    """The part of a transaction that is about what is followed."""

    def hold_incident(self, incident: str) -> None:
        """Let nobody else change the incident until the end."""
        self._lock(incident)

    def find_actions(self, wanted: WantedActions) -> tuple[TrackedAction, ...]:
        """Return actions in order of incident and number."""
        columns = t.ACTION.c
        query = select(t.ACTION).order_by(columns.incident, columns.number).limit(wanted.limit)
        if wanted.incident:
            query = query.where(columns.incident == wanted.incident)
        if wanted.owner:
            query = query.where(columns.owner == wanted.owner)
        if wanted.state:
            query = query.where(columns.state.in_([state.value for state in wanted.state]))
        if wanted.overdue_on is not None:
            day = wanted.overdue_on.isoformat()
            query = query.where(
                columns.state == ActionState.OPEN.value, columns.due.like("____-__-__"), columns.due < day
            )
        if wanted.behind is not None:
            query = query.where(tuple_(columns.incident, columns.number) > tuple_(*wanted.behind))
        if wanted.without:
            query = query.where(columns.incident.not_in(wanted.without))
        return tuple(map(rows.action_of, self._all(query)))

    def find_reviews(self, wanted: WantedReviews) -> tuple[TrackedReview, ...]:
        """Return reviews, the next first."""
        columns = t.REVIEW.c
        query = select(t.REVIEW).order_by(columns.due, columns.incident, columns.name).limit(wanted.limit)
        if wanted.incident:
            query = query.where(columns.incident == wanted.incident)
        if wanted.held is not None:
            query = query.where(columns.held_at.is_not(None) if wanted.held else columns.held_at.is_(None))
        if wanted.due_by is not None:
            query = query.where(columns.due <= wanted.due_by)
        if wanted.behind is not None:
            query = query.where(tuple_(columns.due, columns.incident, columns.name) > tuple_(*wanted.behind))
        if wanted.without:
            query = query.where(columns.incident.not_in(wanted.without))
        return tuple(map(rows.review_of, self._all(query)))
