"""One alert, or a list of them, as JSON in anybody's words: when it fired, what it is called, how grave it is.

Any product's or team's own form is read by the usual names of its fields. An alert that also says when it was
acknowledged or resolved gives those events too. What has a time, but none that says it fired, is left to other sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from afteraction.formats.json_documents import decode_text, list_of, mapping_of, read_json, text_of
from afteraction.formats.json_origins import origin_of, safe_stamp, unwrap
from afteraction.formats.products import ALERT_TIMES, FIRED, Product, alert_state, is_alert_record, product_of
from afteraction.formats.stamps import Stamp
from afteraction.formats.table_shapes import Table, TableShape, alert_of_row, table_of
from afteraction.formats.tables import rows_of
from afteraction.model.event import Actor, ActorKind, Alert, Event, EventKind
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading

_NAMES = (
    "monitor", "monitor_name", "alertname", "alert_name", "alertName", "alert", "rule_name", "ruleName", "rule", "check_name",
    "AlarmName", "detector", "policy_name", "condition", "title", "name", "metric",
)  # fmt: skip
_KEYS = (
    "fingerprint", "dedup_key", "dedupKey", "incident_key", "alert_id", "alertId", "monitor_id", "incident_id", "incidentId", "id", "uuid",
)  # fmt: skip
_TOLD = ("summary", "title", "message", "text", "description", "event", "reason")
_MORE = ("detail", "details", "description", "error", "check_error_message")
_GRAVE = ("severity", "priority", "level", "urgency", "criticality", "labels.severity")
_SERVICES = (
    "service", "service_name", "serviceName", "labels.service", "tags.service", "application", "app", "component", "project_name",
    "host", "hostname", "resource",
)  # fmt: skip
_ENDED = (
    "resolved_at", "resolvedAt", "ended_at", "endedAt", "endsAt", "closed_at", "closedAt", "cleared_at", "clearedAt",
    "recovered_at", "dateEndZoned", "dateEnd", "end",
)  # fmt: skip
_ACKNOWLEDGED = ("acknowledged_at", "acknowledgedAt", "acked_at", "ackedAt", "ack_time")
_ACKNOWLEDGED_BY = ("acknowledged_by", "acknowledgedBy", "acked_by", "ack_by", "acknowledger")
_TOO_LONG = 500
KIND_OF_STATE = {
    "firing": EventKind.ALERT_FIRING, "alerting": EventKind.ALERT_FIRING, "triggered": EventKind.ALERT_FIRING,
    "acknowledged": EventKind.ALERT_ACKNOWLEDGED, "resolved": EventKind.ALERT_RESOLVED, "recovered": EventKind.ALERT_RESOLVED,
    "ok": EventKind.ALERT_RESOLVED,
}  # fmt: skip
_TURNS = {
    EventKind.ALERT_FIRING: "", EventKind.ALERT_ACKNOWLEDGED: "Acknowledged: ", EventKind.ALERT_RESOLVED: "Resolved: ",
}  # fmt: skip


class AlertRecords:
    """Reads alerts in anybody's words."""

    name = "alert-record"
    summary = (
        "An alert or a list of alerts as JSON or CSV under any usual names: alerts firing, acknowledged and resolved"
    )

    def claims(self, raw: RawInput) -> bool:
        """Claim JSON objects with the time of firing and a key that only alerts have, of no product known by shape."""
        table = table_of(raw)
        return product_of(raw) is Product.ALERT or (table is not None and table.shape is TableShape.ALERTS)

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read every alert of the file."""
        table = table_of(raw)
        if table is not None and table.shape is TableShape.ALERTS:
            return self._of_rows(raw, table, context)
        records, problems = read_json(decode_text(raw.read()), raw.name)
        events: list[Event] = []
        for record in records:
            for value, path, _ in unwrap(record.value, is_alert_record):
                for item, inner in _each(value, path):
                    events += _events(item, origin_of(raw.name, record, inner), context, problems, self.name)
        return Reading(
            events=tuple(events),
            problems=tuple(problems),
            lines=sum(record.line_end - record.line + 1 for record in records),
        )

    def _of_rows(self, raw: RawInput, table: Table, context: Context) -> Reading:
        """Read the rows of a list that a product or a spreadsheet exported."""
        problems: list[Problem] = []
        events: list[Event] = []
        count = 0
        for line, row in rows_of(raw, table.head, problems):
            if count:
                events += _events(
                    alert_of_row(table.columns, row), Origin(file=raw.name, line=line), context, problems, self.name
                )
            count += 1
        return Reading(events=tuple(events), problems=tuple(problems), lines=max(0, count - 1))


def _each(value: Any, path: str) -> Iterator[tuple[Any, str]]:
    if isinstance(value, list):
        yield from ((item, f"{path}[{number}]") for number, item in enumerate(value))
    else:
        yield value, path


def _stamp(item: Any, keys: tuple[str, ...], zone: str) -> Stamp | None:
    for key in keys:
        value = mapping_of(item).get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and (stamp := safe_stamp(value, zone)):
            return stamp
    return None


def _events(item: Any, origin: Origin, context: Context, problems: list[Problem], source: str) -> Iterator[Event]:
    fired = _stamp(item, FIRED, context.zone)
    turn = KIND_OF_STATE.get(alert_state(item)) if fired is None else None
    fired = _stamp(item, ALERT_TIMES, context.zone) if turn else fired
    if fired is None:
        reason = "the alert has no readable time of firing"
        problems.append(
            Problem(origin=origin, reason=reason, remedy="give it a field such as `fired_at` with date and zone")
        )
        return
    name = text_of(item, *_NAMES)
    told = text_of(item, *_TOLD) or name
    more = next((text for key in _MORE if (text := text_of(item, key)) and text not in told), "")
    text = f"{told} {more}".strip() if told else "alert"
    firing = Event(
        at=fired.at,
        precision=fired.precision,
        kind=turn or EventKind.ALERT_FIRING,
        text=f"{_TURNS[turn]}{text}" if turn else text,
        source=source,
        origin=origin if origin.line or origin.record else replace(origin, record="alert"),
        service=text_of(item, *_SERVICES),
        zone=fired.zone,
        detail=Alert(
            key=text_of(item, *_KEYS)
            or " ".join(part for part in (name or told, turn and text_of(item, *_SERVICES)) if part)
            or text,
            name=name,
            severity=text_of(item, *_GRAVE),
            labels=tuple(_labels(item)),
        ),
    )
    yield firing
    if acknowledged := _stamp(item, _ACKNOWLEDGED, context.zone):
        who = text_of(item, *_ACKNOWLEDGED_BY, *(f"{key}.name" for key in _ACKNOWLEDGED_BY))
        yield replace(
            firing, at=acknowledged.at, precision=acknowledged.precision, kind=EventKind.ALERT_ACKNOWLEDGED,
            text=f"Acknowledged: {told}", actor=Actor(name=who, kind=ActorKind.PERSON) if who else None, zone=acknowledged.zone,
        )  # fmt: skip
    ended = _stamp(item, _ENDED, context.zone)
    if ended and ended.at > fired.at:
        yield replace(
            firing, at=ended.at, precision=ended.precision, kind=EventKind.ALERT_RESOLVED, text=f"Resolved: {told}", zone=ended.zone
        )  # fmt: skip


def _labels(item: Any) -> Iterator[tuple[str, str]]:
    """Yield every short plain value, so that nothing an alert says beside its text is lost."""
    for key, value in mapping_of(item).items():
        if key in _TOLD or key in _MORE:
            continue
        if isinstance(value, Mapping) and key in {"labels", "tags", "annotations"}:
            yield from ((str(k), str(v)) for k, v in value.items() if not isinstance(v, dict | list))
        elif isinstance(value, str | int | float) and str(value) and len(str(value)) <= _TOO_LONG:
            yield str(key), str(value)
        elif isinstance(value, list) and key == "tags":
            yield key, ", ".join(str(part) for part in list_of(value) if isinstance(part, str))
