"""The actions and reviews of an incident as things that are followed: they keep their number while the document changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from afteraction.errors import NotInRecord
from afteraction.model.postmortem.actions import Actions
from afteraction.model.record import ActionState, AuditEntry, Author, Indexed, TrackedAction, TrackedReview
from afteraction.ports.store import Transaction

REVIEWS = ("1 week", "1 month", "3 months", "6 months")


def track(known: Sequence[TrackedAction], actions: Actions, *, incident: str) -> tuple[TrackedAction, ...]:
    """Return the tracked actions after a document changed: by their words they keep number and state, new ones follow.

    An action that the document no longer holds stays, dropped; ticked in the document is done.
    """
    left = {" ".join(action.text.lower().split()): action for action in known}
    number = max((action.number for action in known), default=0)
    found: list[TrackedAction] = []
    for horizon, items in actions.horizons():
        for item in items:
            if item.blank:
                continue
            before = left.pop(" ".join(item.text.lower().split()), None)
            if before is None:
                number += 1
                before = TrackedAction(incident=incident, number=number, text=item.text, horizon=horizon.value)
            state = ActionState.DONE if item.done else before.state
            state = ActionState.OPEN if state is ActionState.DROPPED else state
            found.append(
                replace(before, horizon=horizon.value, owner=item.owner or before.owner, due=item.due or before.due,
                        done_when=item.done_when or before.done_when, ticket=item.ticket or before.ticket, state=state)
            )  # fmt: skip
    gone = [replace(a, state=ActionState.DROPPED if a.state is ActionState.OPEN else a.state) for a in left.values()]
    return tuple(sorted([*found, *gone], key=lambda action: action.number))


def add_action(record: Transaction, action: TrackedAction, *, author: Author, at: datetime) -> TrackedAction:
    """Add an action beside those of the document; its number is given here."""
    known = record.actions(action.incident)
    added = replace(action, number=max((one.number for one in known), default=0) + 1)
    record.put_actions(action.incident, (*known, added))
    record.index(action.incident, Indexed.ACTION, str(added.number), added.text)
    record.add_audit(AuditEntry(at=at, author=author, what=f"action {added.number} added", incident=action.incident))
    return added


def change_action(
    record: Transaction, incident: str, number: int, *, author: Author, at: datetime, **changes: object
) -> TrackedAction:
    """Change fields of an action; a state other than open closes it now.

    Raises:
        NotInRecord: when the incident has no such action.
    """
    known = {action.number: action for action in record.actions(incident)}
    if number not in known:
        have = ", ".join(map(str, known)) or "none"
        raise NotInRecord(f"{incident} has no action {number}; it has {have}")
    changed = replace(known[number], **changes)  # type: ignore[arg-type]  # the caller names fields of an action
    closed = changed.state is not ActionState.OPEN
    changed = replace(changed, closed_at=(changed.closed_at or at) if closed else None)
    record.put_actions(incident, tuple(changed if one.number == number else one for one in known.values()))
    before, after = (
        json.dumps({name: getattr(one, name) for name in sorted(changes)}) for one in (known[number], changed)
    )
    what = f"action {number} changed"
    record.add_audit(AuditEntry(at=at, author=author, what=what, incident=incident, before=before, after=after))
    return changed


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
    known = {review.name: review for review in record.reviews(incident)}
    if name not in known:
        raise NotInRecord(f"{incident} has no review {name!r}; it has {', '.join(known) or 'none'}")
    held = replace(known[name], held_at=at, outcome=outcome)
    record.put_reviews(incident, tuple(held if one.name == name else one for one in known.values()))
    record.add_audit(AuditEntry(at=at, author=author, what=f"review {name} held", incident=incident, after=outcome))
    return held
