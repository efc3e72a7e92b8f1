"""The actions and reviews of an incident as things that are followed: they keep their number while the document changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from afteraction.errors import NotInRecord
from afteraction.model.postmortem.actions import Actions
from afteraction.model.record import ActionState, AuditEntry, Author, TrackedAction, TrackedReview
from afteraction.ports.store import Transaction

REVIEWS = ("1 week", "1 month", "3 months", "6 months")


def track(
    known: Sequence[TrackedAction], before: Actions, after: Actions, *, incident: str
) -> tuple[TrackedAction, ...]:
    """Return the tracked actions after a document changed: by their words they keep number and state, new ones follow.

    An action that the document held and no longer holds is dropped; one that is ticked in it is done.
    """
    left = {words_of(action.text): action for action in known}
    held = {words_of(item.text) for _, items in before.horizons() for item in items}
    number = max((action.number for action in known), default=0)
    found: list[TrackedAction] = []
    for horizon, items in after.horizons():
        for item in items:
            if item.blank:
                continue
            one = left.pop(words_of(item.text), None)
            if one is None:
                number += 1
                one = TrackedAction(incident=incident, number=number, text=item.text, horizon=horizon.value)
            # What was closed on evidence is not opened again by a box that an old copy does not tick.
            state = ActionState.DONE if item.done or one.state is ActionState.DONE else ActionState.OPEN
            found.append(
                replace(one, horizon=horizon.value, owner=item.owner or one.owner, due=item.due or one.due,
                        done_when=item.done_when or one.done_when, ticket=item.ticket or one.ticket, state=state)
            )  # fmt: skip
    gone = [
        replace(one, state=ActionState.DROPPED) if words in held and one.state is ActionState.OPEN else one
        for words, one in left.items()
    ]
    return tuple(sorted([*found, *gone], key=lambda action: action.number))


def words_of(text: str) -> str:
    """Return what makes two action texts the same action."""
    return " ".join(text.lower().split())


def reviews_from(incident: str, ended: datetime, days: Sequence[int]) -> tuple[TrackedReview, ...]:
    """Return the four reviews, due so many days after the impact ended."""
    return tuple(
        TrackedReview(incident=incident, name=name, due=ended + timedelta(days=after))
        for name, after in zip(REVIEWS, days, strict=True)
    )


def hold_review(
    record: Transaction, incident: str, name: str, *, outcome: str, author: Author, at: datetime
) -> TrackedReview:
    """Note that a review was held. Raises NotInRecord when the incident has no such review."""
    if record.incident(incident) is not None:
        record.hold_incident(incident)  # all its reviews are written anew: what somebody else held must be among them
    known = {review.name: review for review in record.reviews(incident)}
    if name not in known:
        raise NotInRecord(f"{incident} has no review {name!r}; it has {', '.join(known) or 'none'}")
    held = replace(known[name], held_at=at, outcome=outcome)
    record.put_reviews(incident, tuple(held if one.name == name else one for one in known.values()))
    record.add_audit(AuditEntry(at=at, author=author, what=f"review {name} held", incident=incident, after=outcome))
    return held
