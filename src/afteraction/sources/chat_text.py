"""Conversations copied as text: from Slack, Teams, Discord, or an IRC log, in the forms that these put on a clipboard.

Messages become events, and what people state in them statements. A day comes from separators, headers, the file's name,
from when the file was captured, or from the incident's other files, in this order; without any, the messages are refused
with a problem. Times without
a zone are read in the zone of the settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from afteraction.formats.conversations import Said, messages_in
from afteraction.formats.json_documents import decode_text
from afteraction.formats.message_commands import command_events
from afteraction.formats.prose_kinds import ProseKind, prose_kind
from afteraction.formats.prose_times import day_first_told, placed
from afteraction.formats.session_clock import day_in_name
from afteraction.formats.statements import statements_in
from afteraction.model.event import Actor, ActorKind, Event, EventKind, Message
from afteraction.model.origin import Basis, Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading, Statement

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HALVES = re.compile(r"\d[ \u00a0\u202f]?[AP]\.?M\b", re.IGNORECASE)
_TURN = timedelta(hours=1)
"""Messages stand in order; a time that falls back further than this is of the next day."""


class ChatText:
    """Reads copied conversations."""

    name = "chat-text"
    summary = "Conversations copied as text from Slack, Teams, Discord or IRC: messages, and what people state in them"

    def claims(self, raw: RawInput) -> bool:
        """Claim texts that are mostly messages with a speaker and a time."""
        return prose_kind(raw) is ProseKind.CHAT

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read messages in order, with the turn of the day between them."""
        text = decode_text(raw.read())
        known = day_in_name(raw.name) or (raw.captured.date() if raw.captured else None) or context.day
        year = known.year if known else context.year_hint or (raw.modified.year if raw.modified else None)
        told = day_first_told(text)
        # who writes 14:05 mostly writes the day first, who writes 2:05 PM the month
        day_first = told if told is not None else None if _HALVES.search(text) else True
        said = [_ordered(message, day_first) for message in messages_in(text)]
        events: list[Event] = []
        statements: list[Statement] = []
        undated: list[Said] = []
        for message, at in _dated(said, known, year, context.zone):
            if at is None:
                undated.append(message)
                continue
            event = _event(message, at, raw.name, self.name, context.zone)
            events.append(event)
            if not message.app:
                events += command_events(event)
                statements += statements_in(
                    message.text, origin=event.origin, source=self.name, at=at, actor=message.name, zone=context.zone
                )
        problems = _ambiguous(said, known, raw.name) if told is None else ()
        if undated:
            reason = f"{len(undated)} messages have a time of day, and nothing gives their date"
            remedy = "put the date into the file's name, for instance 2026-03-04-channel.txt"
            problems += (Problem(origin=Origin(file=raw.name, line=undated[0].line), reason=reason, remedy=remedy),)
        return Reading(
            events=tuple(events),
            statements=tuple(statements),
            problems=problems,
            lines=text.count("\n"),
            undated=tuple(time(m.clock.hour % 24, m.clock.minute) for m in undated),
        )


def _ordered(message: Said, day_first: bool | None) -> Said:
    """Return a message whose numeric date is read in the order of the whole text, where that is known."""
    day = message.day
    if day is None or day.other is None or day_first is None or day.day_first == day_first:
        return message
    month, number = day.other
    return replace(message, day=replace(day, month=month, day=number, other=(day.month, day.day), day_first=day_first))


def _ambiguous(said: list[Said], known: date | None, file: str) -> tuple[Problem, ...]:
    """Say so when the order of day and month had to be assumed."""
    open_ones = [
        m for m in said if m.day and m.day.other and (known is None or m.day.other != (known.month, known.day))
    ]
    decided = any(m.day and m.day.other is None for m in said) or known is not None
    if not open_ones or decided or open_ones[0].day is None:
        return ()
    written = open_ones[0].day
    reason = f"the dates are numbers only; they were read as month {written.month}, day {written.day}"
    remedy = "put the date into the file's name if that is wrong, for instance 2026-03-04-channel.txt"
    return (Problem(origin=Origin(file=file, line=open_ones[0].line), reason=reason, remedy=remedy),)


def _dated(said: list[Said], known: date | None, year: int | None, zone: str) -> Iterator[tuple[Said, datetime | None]]:
    """Yield each message with its UTC time."""
    day: date | None = None
    stated: object = None
    last: datetime | None = None
    for message in said:
        if message.day is not None and message.day != stated:
            stated = message.day
            day, last = _whole(message, known, year), None
        elif message.relative and known:
            day = known - timedelta(days=_days_back(message.relative, known))
        elif day is None:
            day = known
        at = placed(day, message.clock, message.clock.zone or zone) if day else None
        if at is not None and last is not None and message.bare and at < last:
            at += timedelta(hours=12)  # `11:58` below `11:56 PM` is of the same half of the day
        if at is not None and last is not None and last - at > _TURN and not message.relative:
            at += timedelta(days=1)
            day = day + timedelta(days=1) if day else None
        last = at or last
        yield message, at


def _days_back(relative: str, known: date) -> int:
    """Return how many days before `known` a header's word means; a weekday is the last one until then."""
    if relative in _WEEKDAYS:
        return (known.weekday() - _WEEKDAYS.index(relative)) % 7
    return int(relative == "yesterday")


def _whole(message: Said, known: date | None, year: int | None) -> date | None:
    """Return the date of a message; of two ways to read numbers, the one that the file's name agrees with."""
    written = message.day
    if written is None or (written.year or year) is None:
        return None
    ways = [(written.month, written.day), *([written.other] if written.other else [])]
    if known and (known.month, known.day) in ways:
        ways = [(known.month, known.day)]
    try:
        return date(written.year or year or 1, *ways[0])
    except ValueError:
        return None


def _event(message: Said, at: datetime, file: str, source: str, zone: str) -> Event:
    channel = file.rpartition("/")[2].rpartition(".")[0]
    kind = ActorKind.TOOL if message.app else ActorKind.PERSON
    return Event(
        at=at,
        precision=message.clock.precision,
        kind=EventKind.MESSAGE,
        text=message.text or "[empty message]",
        source=source,
        origin=Origin(file=file, line=message.line, line_end=message.line_end),
        basis=Basis.REPORTED,
        actor=Actor(name=message.name, kind=kind),
        zone=message.clock.zone or zone,
        detail=Message(channel=channel, reactions=message.reactions, edited=message.edited),
    )
