"""What the use cases need of a store to follow what was decided, over all incidents: actions and reviews in pages."""

from __future__ import annotations

from typing import Protocol

from afteraction.model.record import TrackedAction, TrackedReview, WantedActions, WantedReviews


class FollowedRecord(Protocol):
    """The part of a transaction that is about what is followed."""

    def hold_incident(self, incident: str) -> None:
        """Let nobody else change the incident until the end; call it before reading what is to be replaced as a whole.

        Raises:
            NotInRecord: when the record holds no such incident.
        """
        ...

    def find_actions(self, wanted: WantedActions) -> tuple[TrackedAction, ...]:
        """Return actions in order of incident and number, at most `wanted.limit`."""
        ...

    def find_reviews(self, wanted: WantedReviews) -> tuple[TrackedReview, ...]:
        """Return reviews, the next first, at most `wanted.limit`."""
        ...
