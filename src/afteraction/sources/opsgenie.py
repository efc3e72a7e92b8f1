"""Opsgenie: webhook actions, alerts of the API with their logs and notes, and the timeline of an incident.

In come webhook bodies, one a file, one a line or wrapped, and answers of the API; out go alerts that fire, are
acknowledged, escalated and closed, each with who did it, and notes as messages with their statements. An alert of the
API tells how long after its creation it was acknowledged and closed. What has no readable time becomes a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from afteraction.formats.alert_forms import pairs_of
from afteraction.formats.json_documents import decode_text, list_of, mapping_of, read_json, text_of, value_of
from afteraction.formats.json_origins import origin_of, safe_stamp, stamp_in, unwrap
from afteraction.formats.opsgenie_shapes import is_action, is_alert, is_log, is_opsgenie
from afteraction.formats.products import Product, product_of
from afteraction.formats.stamps import Stamp
from afteraction.formats.statements import statements_in
from afteraction.formats.told_once import ToldOnce
from afteraction.model.event import Actor, ActorKind, Alert, Event, EventKind, Message
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.reading import Context, Problem, RawInput, Reading, Statement

_KINDS = (
    (re.compile(r"un-?acknowledge", re.IGNORECASE), EventKind.ALERT_FIRING),
    (
        re.compile(r"escalat|responder added|add ?responder|add ?team|next rotation", re.IGNORECASE),
        EventKind.ALERT_ESCALATED,
    ),
    (re.compile(r"acknowledge|\back(?:ed)?\b", re.IGNORECASE), EventKind.ALERT_ACKNOWLEDGED),
    (re.compile(r"clos(?:e|ed)\b|resolv", re.IGNORECASE), EventKind.ALERT_RESOLVED),
    (re.compile(r"note", re.IGNORECASE), EventKind.MESSAGE),
    (re.compile(r"\bcreated?\b|createalert|incidentcreat|reopen", re.IGNORECASE), EventKind.ALERT_FIRING),
)
"""What an action or a line of a log means, the more telling first; every other one is a statement of state."""
_MARKS = {
    EventKind.ALERT_ACKNOWLEDGED: "Acknowledged",
    EventKind.ALERT_ESCALATED: "Escalated",
    EventKind.ALERT_RESOLVED: "Closed",
}
_MACHINES = re.compile(r"^(?:system|alert ?api|api|integration|opsgenie|.*\bpolicy)\b", re.IGNORECASE)
_SERVICE = ("service", "Service", "application", "app")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One thing that happened to an alert: what was done in Opsgenie's word, when, by whom, and words beside it."""

    did: str
    stamp: Stamp | None
    actor: str = ""
    alert: Any = None
    words: str = ""
    kind: EventKind | None = None


class Opsgenie:
    """Reads Opsgenie's JSON."""

    name = "opsgenie"
    summary = (
        "Opsgenie alerts, their logs and notes, webhook actions: alerts firing, acknowledged, escalated, closed; notes"
    )

    def claims(self, raw: RawInput) -> bool:
        """Claim webhook bodies and answers in Opsgenie's shapes."""
        return product_of(raw) is Product.OPSGENIE

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read every record; one without a readable time becomes a problem."""
        records, problems = read_json(decode_text(raw.read()), raw.name)
        once = ToldOnce(problems)
        statements: list[Statement] = []
        for record in records:
            for value, path, around in unwrap(record.value, is_opsgenie):
                for item, inner in _items(value):
                    where = ".".join(part for part in (path, inner) if part)
                    origin = origin_of(raw.name, record, where or ("" if record.line == record.line_end else "event"))
                    for entry in _entries(item, stamp_in(around)):
                        if new := once.take(_event(entry, origin, self.name), origin):
                            statements += _statements(entry, new, context)
        return Reading(
            events=tuple(sorted(once.events, key=lambda event: event.at)),
            statements=tuple(dict.fromkeys(statements)),
            problems=tuple(problems),
            lines=sum(record.line_end - record.line + 1 for record in records),
        )


def _items(value: Any) -> Iterator[tuple[Any, str]]:
    data = value if isinstance(value, list) else mapping_of(value).get("data")
    if "requestId" not in value and not isinstance(data, list):
        data = None
    entries = list_of(mapping_of(data).get("entries"))
    if entries:
        yield from ((entry, f"data.entries[{number}]") for number, entry in enumerate(entries))
    elif isinstance(data, list):
        prefix = "" if isinstance(value, list) else "data"
        yield from ((item, f"{prefix}[{number}]") for number, item in enumerate(data))
    else:
        yield (data, "data") if isinstance(data, dict) else (value, "")


def _entries(item: Any, arrived: Stamp | None) -> Iterator[_Entry]:
    if is_action(item):
        yield _action(item, arrived)
    elif is_alert(item):
        yield from _lifetime(item)
    elif is_log(item):
        note = text_of(item, "note")
        kind = EventKind.MESSAGE if note else None
        yield _Entry(
            did=text_of(item, "log"),
            stamp=_stamp(item, "createdAt"),
            actor=text_of(item, "owner"),
            words=note,
            kind=kind,
        )
    else:
        described = text_of(item, "description.name")
        yield _Entry(
            did=described or text_of(item, "type"),
            stamp=_stamp(item, "eventTime"),
            actor=text_of(item, "actor.name"),
            kind=EventKind.STATUS,
        )


def _action(item: Any, arrived: Stamp | None) -> _Entry:
    alert, did = mapping_of(item["alert"]), text_of(item, "action")
    created = did.lower() == "create"
    stamp = _stamp(alert, "createdAt") if created else _stamp(alert, "updatedAt") or arrived
    to = text_of(item, "escalationNotify.name", "escalationNotify", "responder.name", "team.name", "alert.team")
    return _Entry(
        did=did,
        stamp=stamp,
        actor="" if created else text_of(alert, "username"),
        alert=alert,
        words=text_of(alert, "note") or (f"to {to}" if to and _kind(did) is EventKind.ALERT_ESCALATED else ""),
    )


def _lifetime(alert: Any) -> Iterator[_Entry]:
    """Yield creation, acknowledgement and end of an alert of the API; both latter are told as lengths of time."""
    created = _stamp(alert, "createdAt")
    count = text_of(alert, "count")
    words = f"{count} times" if count.isdigit() and int(count) > 1 else ""
    yield _Entry(did="Create", stamp=created, alert=alert, words=words)
    for did, key, who in (("Acknowledge", "ackTime", "acknowledgedBy"), ("Close", "closeTime", "closedBy")):
        length = value_of(alert, f"report.{key}")
        if created and isinstance(length, int | float) and not isinstance(length, bool) and 0 <= length < 1e12:
            at = created.at + timedelta(milliseconds=length)
            yield _Entry(did=did, stamp=replace(created, at=at), actor=text_of(alert, f"report.{who}"), alert=alert)
    closed = text_of(alert, "status") == "closed" and value_of(alert, "report.closeTime") is None
    if closed and (stamp := _stamp(alert, "updatedAt")):
        yield _Entry(did="Close", stamp=stamp, alert=alert)


def _stamp(item: Any, key: str) -> Stamp | None:
    value = value_of(item, key)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    stamp = safe_stamp(value)
    # A number of nanoseconds is a count of milliseconds here: the rest is a running number.
    return (
        replace(stamp, precision=Precision.MILLISECOND) if stamp and stamp.precision is Precision.MICROSECOND else stamp
    )


def _kind(did: str) -> EventKind:
    return next((kind for pattern, kind in _KINDS if pattern.search(did)), EventKind.STATUS)


def _event(entry: _Entry, origin: Origin, source: str) -> Event | Problem:
    if entry.stamp is None:
        reason = f"the entry `{entry.did or 'alert'}` has no readable time"
        return Problem(origin=origin, reason=reason, remedy="export the alert again")
    kind = entry.kind or _kind(entry.did)
    title = text_of(entry.alert, "message")
    person = bool(entry.actor) and not _MACHINES.match(entry.actor)
    details = pairs_of(value_of(entry.alert, "details"))
    detail = Alert(
        key=text_of(entry.alert, "alias", "alertId", "id") or title or origin.file,
        name=title,
        severity=text_of(entry.alert, "priority"),
        labels=tuple(
            sorted((name, str(value)) for name, value in details.items() if isinstance(value, str | int | float))
        ),
    )
    is_note = kind is EventKind.MESSAGE and bool(entry.words)
    return Event(
        at=entry.stamp.at,
        precision=entry.stamp.precision,
        zone=entry.stamp.zone,
        kind=kind if kind is not EventKind.MESSAGE or is_note else EventKind.STATUS,
        text=entry.words if is_note else _text(entry, kind, title),
        source=source,
        origin=origin,
        basis=Basis.REPORTED if is_note else Basis.OBSERVED,
        actor=Actor(name=entry.actor, kind=ActorKind.PERSON if person else ActorKind.TOOL) if entry.actor else None,
        service=next((str(details[name]) for name in _SERVICE if details.get(name)), text_of(entry.alert, "entity")),
        detail=Message(channel="Opsgenie") if is_note else detail,
    )


def _text(entry: _Entry, kind: EventKind, title: str) -> str:
    if not title:
        return entry.did if not entry.words or entry.words in entry.did else f"{entry.did}: {entry.words}"
    words = f" ({entry.words})" if entry.words else ""
    if kind is EventKind.ALERT_FIRING:
        return title + words if entry.did.lower() in {"create", "created"} else f"{entry.did}: {title}{words}"
    spoken = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", entry.did)
    return f"{_MARKS.get(kind, spoken)}: {title}{words}"


def _statements(entry: _Entry, event: Event, context: Context) -> Iterator[Statement]:
    """Yield what notes state, and the priority of an alert."""
    if event.kind is EventKind.MESSAGE:
        yield from statements_in(
            event.text, origin=event.origin, source=event.source, at=event.at, actor=event.actor.name if event.actor else "",
            zone=context.zone,
        )  # fmt: skip
    if (priority := text_of(entry.alert, "priority")) and event.kind is EventKind.ALERT_FIRING:
        yield Statement(
            field="summary.severity", value=priority, origin=event.origin, source=event.source, basis=Basis.OBSERVED, at=event.at
        )  # fmt: skip
