"""PagerDuty: log entries and incidents of its REST API, and webhooks of version 3.

Incidents become alerts that fire, are acknowledged, escalated and resolved, each with who did it; notes become messages
with their statements; notifications and assignments become statements of state. The key is the incident's id, so that
all entries of one incident belong together. Webhooks of versions 1 and 2 are gone since 2022 and are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from afteraction.formats.alert_words import split_title
from afteraction.formats.json_documents import decode_text, list_of, mapping_of, read_json, text_of, value_of
from afteraction.formats.json_origins import origin_of, safe_stamp, unwrap
from afteraction.formats.products import Product, is_pager_note, is_pagerduty, product_of
from afteraction.formats.statements import statements_in
from afteraction.formats.told_once import ToldOnce
from afteraction.model.event import Actor, ActorKind, Alert, Event, EventKind, Message
from afteraction.model.origin import Basis, Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading, Statement

_KINDS: dict[str, EventKind] = {
    "trigger": EventKind.ALERT_FIRING,
    "triggered": EventKind.ALERT_FIRING,
    "reopened": EventKind.ALERT_FIRING,
    "reopen": EventKind.ALERT_FIRING,
    "unacknowledge": EventKind.ALERT_FIRING,
    "unacknowledged": EventKind.ALERT_FIRING,
    "acknowledge": EventKind.ALERT_ACKNOWLEDGED,
    "acknowledged": EventKind.ALERT_ACKNOWLEDGED,
    "escalate": EventKind.ALERT_ESCALATED,
    "escalated": EventKind.ALERT_ESCALATED,
    "responder_request": EventKind.ALERT_ESCALATED,
    "responder.added": EventKind.ALERT_ESCALATED,
    "resolve": EventKind.ALERT_RESOLVED,
    "resolved": EventKind.ALERT_RESOLVED,
    "annotate": EventKind.MESSAGE,
    "annotated": EventKind.MESSAGE,
}
"""What an entry means; every other one (notified, assigned, snoozed, priority) is a statement of state."""
_SAID = {
    "acknowledge": "Acknowledged",
    "unacknowledge": "Acknowledgement ran out",
    "unacknowledged": "Acknowledgement ran out",
    "escalate": "Escalated",
    "resolve": "Resolved",
    "reopen": "Reopened",
    "snooze": "Snoozed",
    "assign": "Assigned",
    "responder_request": "Responders asked",
    "responder.added": "Responder added",
}
"""How what was done is worded; a word that is not here is shown as PagerDuty writes it."""
_NUMBER = re.compile(r"^\[#\d+\] ")
"""The incident's number, which references put before its title."""
_TO_WHOM = re.compile(r"Escalated to \S")
"""How the summary of an escalation begins that names to whom it went."""
_PERSONS = {"user", "user_reference"}
_LONGEST = 300


class PagerDuty:
    """Reads PagerDuty's JSON."""

    name = "pagerduty"
    summary = (
        "PagerDuty log entries, incidents and v3 webhooks: alerts firing, acknowledged, escalated, resolved; notes"
    )

    def claims(self, raw: RawInput) -> bool:
        """Claim log entries, incidents and webhooks in PagerDuty's shapes."""
        return product_of(raw) is Product.PAGERDUTY

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read every entry; an entry without a readable time becomes a problem."""
        records, problems = read_json(decode_text(raw.read()), raw.name)
        once = ToldOnce(problems)
        statements: list[Statement] = []
        for record in records:
            for value, path, _ in unwrap(record.value, is_pagerduty):
                for entry, inner in _entries(value):
                    origin = origin_of(raw.name, record, ".".join(part for part in (path, inner) if part) or "event")
                    for told in _told(entry):
                        if new := once.take(_event(told, origin, self.name), origin):
                            statements += _statements(entry, new, context)
        return Reading(
            events=once.events,
            statements=tuple(dict.fromkeys(statements)),
            problems=tuple(problems),
            lines=sum(record.line_end - record.line + 1 for record in records),
        )


def _entries(value: Any) -> Iterator[tuple[Any, str]]:
    if isinstance(value.get("incident"), dict) and "type" not in value and "event" not in value:
        yield value["incident"], "incident"
        return
    for key in ("log_entries", "incidents", "alerts", "notes"):
        if isinstance(value.get(key), list):
            yield from ((entry, f"{key}[{number}]") for number, entry in enumerate(value[key]))
            return
    yield value, ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One thing that happened to an incident: `kind` in PagerDuty's word, `when` as text, who did it, and a note."""

    kind: str
    when: Any
    agent: Any
    incident: Any
    note: str = ""
    summary: str = ""
    service: str = ""
    labels: tuple[tuple[str, str], ...] = ()


_LABEL = re.compile(r"^\s*-\s*(?P<name>[\w.]+)\s*=\s*(?P<value>.+?)\s*$", re.MULTILINE)
"""How Alertmanager writes the labels of the alerts that it passes on."""


def _labels(channel: Any) -> tuple[tuple[str, str], ...]:
    """Return what the integration that raised an incident said beside its title; the labels inside of its texts too.

    A page for several alerts has the labels in which they agree: it is not the page of one of them.
    """
    found: dict[str, str] = {}
    differ: set[str] = set()
    for key in ("details", "custom_details", "cef_details.details", "cef_details"):
        for name, value in mapping_of(value_of(channel, key)).items():
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                labels = [(label["name"], label["value"]) for label in _LABEL.finditer(str(value))]
                for label, text in labels or [(name, str(value))]:
                    if labels and found.setdefault(label, text) != text:
                        differ.add(label)
                    found.setdefault(label, text)
    kept = ((name, value) for name, value in found.items() if name not in differ)
    return tuple(sorted((name, value) for name, value in kept if value and len(value) <= _LONGEST))


def _told(value: Any) -> Iterator[_Entry]:
    """Yield what a log entry, a webhook or an incident of the API tells."""
    if isinstance(value_of(value, "event"), dict):
        yield _webhook(mapping_of(value["event"]))
    elif text_of(value, "type").endswith("_log_entry"):
        kind = text_of(value, "type").removesuffix("_log_entry")
        yield _Entry(
            kind=kind,
            when=value_of(value, "created_at"),
            agent=value_of(value, "agent"),
            incident=mapping_of(value_of(value, "incident")),
            note=_note(value) if kind == "annotate" else "",
            summary=text_of(value, "summary"),
            service=text_of(value, "service.summary"),
            labels=_labels(value_of(value, "channel")),
        )
    elif is_pager_note(value):
        incident = mapping_of(value_of(value, "incident"))
        yield _Entry(
            kind="annotate", when=value_of(value, "created_at"), agent=value_of(value, "user"), incident=incident,
            note=text_of(value, "content"),
        )  # fmt: skip
    else:
        yield from _incident(mapping_of(value))


def _note(entry: Any) -> str:
    """Return the text of a note; where the channel is the note itself, its summary is the text."""
    text = text_of(entry, "channel.note", "channel.content", "note")
    return text or (text_of(entry, "channel.summary") if text_of(entry, "channel.type") == "note" else "")


def _webhook(event: Any) -> _Entry:
    kind = text_of(event, "event_type").partition(".")[2]
    data = mapping_of(value_of(event, "data"))
    told = kind in {"annotated", "status_update_published"}
    return _Entry(
        kind=kind,
        when=value_of(event, "occurred_at"),
        agent=value_of(event, "agent"),
        incident=mapping_of(data.get("incident")) if "incident" in data and "title" not in data else data,
        note=text_of(data, "content", "message") if told else "",
    )


def _incident(incident: Any) -> Iterator[_Entry]:
    """Read an incident of the REST API: when it was triggered, by whom acknowledged, and when resolved."""
    created = value_of(incident, "created_at")
    yield _Entry(
        kind="triggered", when=created, agent=value_of(incident, "first_trigger_log_entry.agent"), incident=incident
    )
    for given in list_of(value_of(incident, "acknowledgements")):
        agent = value_of(given, "acknowledger")
        yield _Entry(kind="acknowledged", when=value_of(given, "at"), agent=agent, incident=incident)
    if text_of(incident, "status") == "resolved":
        when = value_of(incident, "resolved_at") or value_of(incident, "last_status_change_at")
        yield _Entry(kind="resolved", when=when, agent=value_of(incident, "last_status_change_by"), incident=incident)


def _said(kind: str) -> str:
    return _SAID.get(kind, kind.replace("_", " ").replace(".", " ").capitalize())


def _event(entry: _Entry, origin: Origin, source: str) -> Event | Problem:
    kind, incident, text = entry.kind, entry.incident, entry.note
    stamp = safe_stamp(entry.when) if isinstance(entry.when, str) else None
    if stamp is None:
        reason = f"the entry `{kind}` has no readable time"
        return Problem(origin=origin, reason=reason, remedy="export the incident again")
    agent = mapping_of(entry.agent)
    name = text_of(agent, "summary", "name", "email", "id")
    person = text_of(agent, "type") in _PERSONS
    whole = text_of(incident, "title", "description") or text_of(incident, "summary") or entry.summary
    title = split_title(_NUMBER.sub("", whole))[1]
    meaning = _KINDS.get(kind, EventKind.STATUS)
    shown = {
        EventKind.ALERT_FIRING: title if kind.startswith("trigger") else f"{_said(kind)}: {title}",
        EventKind.MESSAGE: text,
        EventKind.STATUS: ": ".join(part for part in (text or entry.summary or _said(kind), title) if part),
        EventKind.ALERT_ESCALATED: f"{entry.summary if _TO_WHOM.match(entry.summary) else _said(kind)}: {title}",
    }.get(meaning, f"{_said(kind)}: {title}")
    alert = Alert(
        key=text_of(incident, "incident_key", "id") or title,
        name=title,
        severity=text_of(incident, "priority.summary", "priority.name", "severity", "urgency"),
        labels=entry.labels or _labels(mapping_of(value_of(incident, "body"))),
    )
    return Event(
        at=stamp.at,
        precision=stamp.precision,
        kind=meaning,
        text=shown or title or kind,
        source=source,
        origin=origin,
        basis=Basis.REPORTED if meaning is EventKind.MESSAGE else Basis.OBSERVED,
        actor=Actor(name=name, kind=ActorKind.PERSON if person else ActorKind.TOOL) if name else None,
        service=entry.service or text_of(incident, "service.summary", "service.name"),
        zone=stamp.zone,
        detail=Message(channel="PagerDuty") if meaning is EventKind.MESSAGE else alert,
    )


def _statements(entry: Any, event: Event, context: Context) -> Iterator[Statement]:
    """Yield what notes state, and a priority that people gave the incident."""
    if event.kind is EventKind.MESSAGE:
        yield from statements_in(
            event.text, origin=event.origin, source=event.source, at=event.at, actor=event.actor.name if event.actor else "",
            zone=context.zone,
        )  # fmt: skip
    incident = mapping_of(value_of(entry, "event.data")) or mapping_of(value_of(entry, "incident")) or mapping_of(entry)
    if priority := text_of(incident, "priority.summary", "priority.name"):
        yield Statement(
            field="summary.severity",
            value=priority,
            origin=event.origin,
            source=event.source,
            basis=Basis.OBSERVED,
            at=event.at,
        )
