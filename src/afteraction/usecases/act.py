"""Actions are added, changed and closed: in the record, and in the document where it names them."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime

from afteraction.errors import NotInRecord
from afteraction.markdown import parse
from afteraction.model.postmortem.actions import ActionItem, Actions, Horizon
from afteraction.model.postmortem.merge import with_leaves
from afteraction.model.record import ActionState, AuditEntry, Author, Indexed, TrackedAction
from afteraction.ports.store import Transaction
from afteraction.usecases.follow import words_of
from afteraction.usecases.revise import revise

_PATHS = {horizon: declared.name for horizon, declared in zip(Horizon, fields(Actions), strict=True)}


def add_action(record: Transaction, action: TrackedAction, *, author: Author, at: datetime) -> TrackedAction:
    """Add an action; its number is given here. It stands in the document too, where there is one.

    Raises:
        NotInRecord: when the record holds no such incident.
    """
    incident = action.incident
    if record.incident(incident) is None:
        raise NotInRecord(f"the record holds no incident {incident}; `afteraction incident list` shows what there is")
    record.hold_incident(incident)  # all its actions are written anew: somebody else's must be among them
    known = record.actions(incident)
    added = replace(action, number=max((one.number for one in known), default=0) + 1)
    record.put_actions(incident, (*known, added))
    record.index(incident, Indexed.ACTION, str(added.number), added.text)
    record.add_audit(AuditEntry(at=at, author=author, what=f"action {added.number} added", incident=incident))
    if last := record.revision(incident):
        document = parse(last.markdown).post_mortem
        path = _PATHS[Horizon(added.horizon)]
        rows = tuple(item for item in getattr(document.actions, path) if not item.blank)
        item = ActionItem(
            text=added.text, owner=added.owner, due=added.due, done_when=added.done_when, ticket=added.ticket
        )
        document = with_leaves(document, {f"actions.{path}": (*rows, item)})
        revise(record, incident, document, author=author, reason=f"action {added.number} added", at=at, asked=True)
    return added


def change_action(
    record: Transaction, incident: str, number: int, *, author: Author, at: datetime, **changes: object
) -> TrackedAction:
    """Change fields of an action, in the document too; a state other than open closes it now.

    Raises:
        NotInRecord: when the incident has no such action.
    """
    if record.incident(incident) is not None:
        record.hold_incident(incident)  # as above
    known = {action.number: action for action in record.actions(incident)}
    if number not in known:
        have = ", ".join(map(str, known)) or "none"
        raise NotInRecord(f"{incident} has no action {number}; it has {have}")
    changed = replace(known[number], **changes)  # type: ignore[arg-type]  # the caller names fields of an action
    closed = changed.state is not ActionState.OPEN
    changed = replace(changed, closed_at=(changed.closed_at or at) if closed else None)
    _in_document(record, changed, author=author, at=at)
    actions = (changed if one.number == number else one for one in record.actions(incident))
    record.put_actions(incident, tuple(actions))
    before, after = (
        json.dumps({name: getattr(one, name) for name in sorted(changes)}) for one in (known[number], changed)
    )
    what = f"action {number} changed"
    record.add_audit(AuditEntry(at=at, author=author, what=what, incident=incident, before=before, after=after))
    return changed


def _in_document(record: Transaction, action: TrackedAction, *, author: Author, at: datetime) -> None:
    """Let the document say the same of an action."""
    last = record.revision(action.incident)
    if last is None:
        return
    document = parse(last.markdown).post_mortem
    new = {}
    for path in _PATHS.values():
        rows = tuple(
            replace(
                item, owner=action.owner, due=action.due, ticket=action.ticket, done=action.state is ActionState.DONE
            )
            if words_of(item.text) == words_of(action.text)
            else item
            for item in getattr(document.actions, path)
        )
        if rows != getattr(document.actions, path):
            new[f"actions.{path}"] = rows
    if new:
        reason = f"action {action.number} {action.state}"
        revise(record, action.incident, with_leaves(document, new), author=author, reason=reason, at=at, asked=True)
