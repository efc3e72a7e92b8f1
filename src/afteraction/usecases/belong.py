"""Which incident what was delivered belongs to, and what follows there.

Events of a delivery come in; they go to the incident of their alert or group while that runs, else to one that runs for
their service, else to a new one, where a rule of the settings says that such an alert opens one. Repeats of what is known
add nothing. When the last alert of an incident is resolved, its restoration is proposed, for a person to confirm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from afteraction.model.chronology import MilestoneName
from afteraction.model.delivery import Delivery, TrackedAlert
from afteraction.model.event import Alert, Event, EventKind
from afteraction.model.record import RUNNING, AuditEntry, Author, AuthorKind, Incident, Indexed
from afteraction.model.settings import Opening, Settings
from afteraction.ports.store import Transaction
from afteraction.usecases.incident import open_incident
from afteraction.usecases.told import set_milestone

_LONGEST_TITLE = 200
LONGEST_NAME = 200
"""Characters of a service's name that the record keeps."""
_MOST_TAKEN = 500
"""Deliveries that belong to none and are looked through when an incident is opened."""
_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a delivery tells: events, the source that read them (empty: none did), problems, and by what it is found."""

    vendor: str = ""
    events: tuple[Event, ...] = ()
    source: str = ""
    problems: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    def marked(self, kind: str) -> list[str]:
        """Return the marks of a kind, without its name."""
        return [mark.partition(":")[2] for mark in self.marks if mark.startswith(f"{kind}:")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The incident that a delivery belongs to, and earlier deliveries that turn out to belong to it as well."""

    incident: str
    earlier: tuple[Delivery, ...] = ()


def short_key(text: str) -> str:
    """Return a key as a database holds it: as it is, or its digest when it is too long to be one."""
    text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if len(text) <= _LONGEST_KEY:
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def alert_key(vendor: str, alert: Alert) -> str:
    """Return the key of an alert among those of all vendors."""
    return short_key(f"{vendor}:{alert.key}")


def find_or_open(record: Transaction, told: Told, *, hook: str, settings: Settings, at: datetime) -> Found | None:
    """Return where events belong, opening an incident when a rule says so; None when they belong nowhere yet."""
    if known := _find(record, told):
        return Found(incident=known)
    opening = [event for event in _still_firing(told.events) if opens(event, settings)]
    if not opening:
        return None
    record.hold_openings()
    if known := _find(record, told):  # opened by another worker while this one waited
        return Found(incident=known)
    incident = _open(record, opening, author=by_hook(hook), settings=settings, at=at)
    return Found(incident=incident.id, earlier=tuple(_earlier(record, told, incident, settings.opening)))


def by_hook(hook: str) -> Author:
    """Return the author of what a hook brings about."""
    return Author(name=f"hook:{hook}", kind=AuthorKind.COMPUTED)


def opens(event: Event, settings: Settings) -> bool:
    """Whether a firing alert opens an incident by the rules of the settings."""
    if not isinstance(event.detail, Alert):
        return False
    word = settings.severity(event.detail.severity) if event.detail.severity else None
    labels = {**dict(event.detail.labels), "service": event.service}
    rules = settings.opening
    return (
        word in rules.severities
        and all(_fits(labels.get(name, ""), patterns) for name, patterns in rules.when)
        and not any(name in labels and _fits(labels[name], patterns) for name, patterns in rules.unless)
    )


def _fits(value: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def _still_firing(events: Sequence[Event]) -> list[Event]:
    """Return the firings that the same delivery does not resolve."""
    ended = {
        event.detail.key: event.at
        for event in events
        if event.kind is EventKind.ALERT_RESOLVED and isinstance(event.detail, Alert)
    }
    firing = [event for event in events if event.kind is EventKind.ALERT_FIRING and isinstance(event.detail, Alert)]
    return [
        e for e in firing if isinstance(e.detail, Alert) and not (e.detail.key in ended and e.at <= ended[e.detail.key])
    ]


def _find(record: Transaction, told: Told) -> str:
    """Return the incident that events belong to by alert, group or service; empty when there is none."""
    tracked = record.alerts([*told.marked("alert"), *told.marked("group")])
    over: list[Incident] = []
    for name in dict.fromkeys(alert.incident for alert in tracked):
        incident = record.incident(name)
        if incident is not None and incident.status in RUNNING:
            return incident.id
        over += [incident] if incident is not None else []
    fired = [event.at for event in told.events if event.kind is EventKind.ALERT_FIRING]
    for incident in over:  # what fired before the end is of the incident that ended: a repeat, or its resolution
        if incident.closed_at is not None and all(at <= incident.closed_at for at in fired):
            return incident.id
    for service in told.marked("service"):
        if running := record.running_for(service):
            return running
    return ""


def _open(record: Transaction, opening: list[Event], *, author: Author, settings: Settings, at: datetime) -> Incident:
    first = min(opening, key=lambda event: event.at)
    words = {settings.severity(event.detail.severity) for event in opening if isinstance(event.detail, Alert)}
    severity = next((word for word in ("Critical", "High", "Medium", "Low") if word in words), "")
    return open_incident(
        record, title=" ".join(first.text.split())[:_LONGEST_TITLE], began=first.at, severity=severity, author=author, at=at,
        services=tuple(dict.fromkeys(event.service[:LONGEST_NAME] for event in opening if event.service)),
        incident=_free_id(record, f"INCIDENT-{first.at:%Y-%m-%d-%H%M}"),
    )  # fmt: skip


def _free_id(record: Transaction, wanted: str) -> str:
    number, found = 1, wanted
    while record.incident(found) is not None:
        number += 1
        found = f"{wanted}-{number}"
    return found


def _earlier(record: Transaction, told: Told, incident: Incident, rules: Opening) -> list[Delivery]:
    """Return what came before the incident was opened and belongs to it: of the same alerts, or of its services."""
    since = incident.opened_at - timedelta(minutes=rules.look_back_minutes)
    marks = {mark for mark in told.marks if not mark.startswith("service:")}
    marks |= {f"service:{service}" for service in incident.services}
    waiting = record.deliveries(incident="", since=since, limit=_MOST_TAKEN)
    return [one for one in reversed(waiting) if marks & set(one.marks)]


def join(
    record: Transaction, delivery: Delivery, told: Told, incident: str, *, at: datetime, author: Author | None = None
) -> Delivery:
    """Give a delivery to an incident and return it as it now is; the caller keeps it.

    Events that repeat what an alert is known to have done are left out. `author` is who said that it belongs there, a hook
    when nobody did. Raises NotInRecord.
    """
    author = author or by_hook(delivery.hook)
    line = record.next_line(incident, delivery.hook, told.source)
    alerts, news = _followed(record, told, incident, at)
    events = [_on_line(event, replace(delivery, source=told.source).file, line) for event in news]
    added = record.add_events(incident, events, known_at=at)
    if added:
        record.index_all(incident, Indexed.EVENT, {str(one.number): one.event.text for one in added}, new=True)
    if added or author.kind is not AuthorKind.COMPUTED:
        what = f"{delivery.vendor} delivered {len(added)} events"
        text = "\n".join(one.event.text for one in added)[:500]
        record.add_audit(AuditEntry(at=at, author=author, what=what, incident=incident, after=text))
    groups = [TrackedAlert(key=key, incident=incident, at=at) for key in told.marked("group")]
    record.put_alerts([*alerts.values(), *groups])
    if any(event.kind is EventKind.ALERT_RESOLVED for event in news):
        _propose(record, incident, by_hook(delivery.hook), at)
    return replace(
        delivery, incident=incident, source=told.source, line=line if told.source else 0, events=len(told.events),
        marks=told.marks, problems=told.problems or (delivery.problems if not told.source else ()),
    )  # fmt: skip


def _followed(
    record: Transaction, told: Told, incident: str, at: datetime
) -> tuple[dict[str, TrackedAlert], list[Event]]:
    """Return the alerts as they are after these events, and the events that are news."""
    alerts = {one.key: one for one in record.alerts(told.marked("alert")) if one.incident == incident}
    news = []
    for event in told.events:
        if not isinstance(event.detail, Alert):
            news.append(event)
            continue
        key = alert_key(told.vendor, event.detail)
        known = alerts.get(key, TrackedAlert(key=key, incident=incident, at=at))
        began, ended = known.began, known.ended
        if event.kind is EventKind.ALERT_FIRING:
            news += [event] if event.at != began else []
            began = max(began or event.at, event.at)
        elif event.kind is EventKind.ALERT_RESOLVED:
            news += [event] if event.at != ended else []
            ended = max(ended or event.at, event.at)
        else:
            news.append(event)
        alerts[key] = replace(known, at=at, began=began, ended=ended)
    return alerts, news


def _propose(record: Transaction, incident: str, author: Author, at: datetime) -> None:
    """Propose when the incident was restored, when none of its alerts fires any more."""
    alerts = [alert for alert in record.alerts_of(incident) if alert.began or alert.ended]
    ended = [alert.ended for alert in alerts if alert.ended is not None]
    if not ended or any(alert.firing for alert in alerts):
        return
    count = f"all {len(alerts)} alerts are" if len(alerts) > 1 else "its alert is"
    text = f"proposed, since {count} resolved; a person has to confirm it"
    set_milestone(record, incident, MilestoneName.RESTORED, happened=max(ended), author=author, at=at, text=text)


def _on_line(event: Event, file: str, line: int) -> Event:
    """Return an event with the place that it has among its incident's deliveries."""
    moved = [
        replace(one, file=file, line=line if one.line else None, line_end=None) for one in (event.origin, *event.also)
    ]
    return replace(event, origin=moved[0], also=tuple(moved[1:]))
