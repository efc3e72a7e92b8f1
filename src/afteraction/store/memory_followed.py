"""Actions and reviews of all incidents in pages, in memory."""

from __future__ import annotations

import re
from typing import Protocol

from afteraction.errors import NotInRecord
from afteraction.model.record import ActionState, Incident, TrackedAction, TrackedReview, WantedActions, WantedReviews

_DAY = re.compile(r".{4}-..-..", re.DOTALL)


class _Followed(Protocol):
    """What is read here of the rest of a transaction."""

    def incident(self, incident: str) -> Incident | None:
        """Return an incident, or None."""
        ...

    def actions(self, incident: str = "") -> tuple[TrackedAction, ...]:
        """Return actions in order."""
        ...

    def reviews(self, incident: str = "") -> tuple[TrackedReview, ...]:
        """Return reviews in order."""
        ...


class MemoryFollowed:
    """The part of a transaction that is about what is followed."""

    def hold_incident(self: _Followed, incident: str) -> None:
        """Refuse an incident that is not there; others wait for this transaction's end anyway."""
        if self.incident(incident) is None:
            raise NotInRecord(f"the record holds no incident {incident}")

    def find_actions(self: _Followed, wanted: WantedActions) -> tuple[TrackedAction, ...]:
        """Return actions in order of incident and number."""
        return tuple(one for one in self.actions(wanted.incident) if _fits(one, wanted))[: wanted.limit]

    def find_reviews(self: _Followed, wanted: WantedReviews) -> tuple[TrackedReview, ...]:
        """Return reviews, the next first."""
        found = (
            one
            for one in self.reviews(wanted.incident)
            if one.incident not in wanted.without
            and wanted.held in {None, one.held_at is not None}
            and (wanted.due_by is None or one.due <= wanted.due_by)
            and (wanted.behind is None or (one.due, one.incident, one.name) > wanted.behind)
        )
        return tuple(found)[: wanted.limit]


def _fits(action: TrackedAction, wanted: WantedActions) -> bool:
    day = wanted.overdue_on
    overdue = action.state is ActionState.OPEN and _DAY.fullmatch(action.due) is not None
    return (
        action.incident not in wanted.without
        and wanted.owner in {"", action.owner}
        and (not wanted.state or action.state in wanted.state)
        and (day is None or (overdue and action.due < day.isoformat()))
        and (wanted.behind is None or (action.incident, action.number) > wanted.behind)
    )
