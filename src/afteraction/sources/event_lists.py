"""Lists of what happened, as CSV or JSON: each row or record with a time and a text, perhaps who, what kind, where.

A row becomes the event that its kind means (a change, a command, an alert, a message), else a note; a kind that is a
milestone (`detected`, `mitigated`, `resolved`) and what the text states become statements. Date and time may stand in two
columns. Rows without a readable time or a text become problems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from afteraction.formats.change_events import stamp_of
from afteraction.formats.columns import TIME_NAMES
from afteraction.formats.commands import effect_of, program_of
from afteraction.formats.event_records import CLOCK, Happening, happening_of
from afteraction.formats.json_documents import decode_text
from afteraction.formats.json_items import flat
from afteraction.formats.json_shapes import JsonShape, json_records, json_shape
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.prose_times import clock_at, placed
from afteraction.formats.stamps import Stamp, date_order, parse_stamp
from afteraction.formats.statements import statements_in
from afteraction.formats.table_shapes import Table, TableShape, table_of
from afteraction.formats.tables import folded, name_and_unit, rows_of
from afteraction.model.event import Actor, ActorKind, Alert, Call, Change, Event, EventKind, Message, Warned
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.reading import Context, Problem, RawInput, Reading, Statement

NAME = "event-list"
_ALERTS = frozenset({
    EventKind.ALERT_FIRING, EventKind.ALERT_RESOLVED, EventKind.ALERT_ACKNOWLEDGED, EventKind.ALERT_ESCALATED,
})  # fmt: skip


class EventLists:
    """The source."""

    name = NAME
    summary = (
        "Lists of events as CSV or JSON (time, text, perhaps who and what kind): notes, changes, messages, commands"
    )

    def claims(self, raw: RawInput) -> bool:
        """Claim tables and records of happenings that are neither logs nor another product's."""
        table = table_of(raw)
        return (table is not None and table.shape is TableShape.EVENTS) or json_shape(raw) is JsonShape.EVENTS

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all rows or records."""
        problems = ProblemList(raw.name)
        context = replace(context, date_order=date_order(decode_text(raw.head)))
        events: list[Event] = []
        statements: list[Statement] = []
        lines = 0
        for origin, fields, zone in _records(raw, context, problems):
            lines += 1
            stamp = _stamp(fields, zone, context)
            happening = happening_of(fields)
            if stamp is None:
                problems.add("it has no readable time", line=origin.line, record=origin.record)
            elif happening is None:
                problems.add("it has no text", line=origin.line, record=origin.record)
            else:
                event = _event(happening, stamp, origin)
                events.append(event)
                statements += _statements(happening, event, zone)
        return Reading(
            events=tuple(events), statements=tuple(statements), problems=problems.close(), lines=lines
        )  # fmt: skip


def _records(raw: RawInput, context: Context, problems: ProblemList) -> Iterator[tuple[Origin, Mapping[str, Any], str]]:
    """Yield the fields of each row or record by folded name, its place, and the zone of its zone-less stamps."""
    table = table_of(raw)
    if table is None or table.shape is not TableShape.EVENTS:
        for origin, record in json_records(raw, problems):
            yield origin, flat(record), context.zone
        return
    faults: list[Problem] = []
    zone = _zone(table) or context.zone
    names = [folded(column) for column in table.columns]
    for line, row in rows_of(raw, table.head, faults):
        if tuple(cell.strip() for cell in row) != table.columns and any(cell.strip() for cell in row):
            cells = dict(reversed(list(zip(names, row, strict=False))))
            yield Origin(file=raw.name, line=line, line_end=line + sum(cell.count("\n") for cell in row)), cells, zone
    problems.extend(faults)


def _zone(table: Table) -> str:
    """Return the zone that the heading of a column of time gives in brackets (`Time (UTC)`)."""
    units = (name_and_unit(column)[1] for column in table.columns if folded(column) in TIME_NAMES)
    return next((unit for unit in units if unit and parse_stamp("2026-01-01 00:00", zone=unit) is not None), "")


def _stamp(fields: Mapping[str, Any], zone: str, context: Context) -> Stamp | None:
    """Return the time; a date in one field and a clock in another are put together."""
    found = stamp_of(fields, TIME_NAMES, replace(context, zone=zone))
    if found is None or found.precision is not Precision.DAY:
        return found
    written = next((str(fields[name]) for name in TIME_NAMES if CLOCK.match(str(fields.get(name) or ""))), "")
    clock = clock_at(written.strip()) if written else None
    at = placed(found.at.date(), clock, clock.zone or zone) if clock else None
    return Stamp(at=at, precision=clock.precision, zone=clock.zone or zone) if clock and at else found


def _event(happening: Happening, stamp: Stamp, origin: Origin) -> Event:
    return Event(
        at=stamp.at, precision=stamp.precision, kind=happening.kind, text=happening.text, source=NAME, origin=origin,
        basis=Basis.REPORTED, zone=stamp.zone, service=happening.service, detail=_detail(happening),
        actor=Actor(name=happening.actor, kind=ActorKind.PERSON) if happening.actor else None,
    )  # fmt: skip


def _detail(happening: Happening) -> Alert | Change | Call | Message | Warned | None:
    title = happening.text.split("\n", 1)[0]
    if happening.kind in _ALERTS:
        return Alert(key=title, name=title)
    match happening.kind:
        case EventKind.CHANGE:
            return Change(kind=happening.change, ref="", title=title)
        case EventKind.COMMAND:
            return Call(tool=program_of(happening.text), command=happening.text, effect=effect_of(happening.text))
        case EventKind.MESSAGE:
            return Message(channel=happening.channel)
        case EventKind.WARNING:
            return Warned(object_ref=happening.service, reason=title)
    return None


def _statements(happening: Happening, event: Event, zone: str) -> list[Statement]:
    """Return the milestone that the kind means, and what the text states."""
    found = statements_in(
        happening.text, origin=event.origin, source=NAME, at=event.at, actor=happening.actor, zone=zone
    )  # fmt: skip
    if happening.milestone:
        milestone = Statement(
            field=f"milestone.{happening.milestone}", value=happening.text, origin=event.origin, source=NAME, at=event.at,
            actor=happening.actor,
        )  # fmt: skip
        found = [milestone, *(s for s in found if s.field != milestone.field)]
    return found
