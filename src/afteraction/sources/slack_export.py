"""Slack's own JSON: the day files of an export, a single channel from the API, and the lists of users and channels.

Messages become events with threads, edits and reactions, and the statements that people make in them; the list of users
becomes people, whose ids are resolved over all files afterwards. Times are Slack's `ts`. A message of an alert bot stays
a message. It refuses nothing that carries a `ts`; the rest becomes problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from afteraction.formats.json_documents import (
    decode_text,
    list_of,
    mapping_of,
    read_json,
    text_of,
    value_of,
)
from afteraction.formats.message_commands import command_events
from afteraction.formats.products import TS, Product, product_of, slack_shape
from afteraction.formats.slack_text import message_text, plain_text
from afteraction.formats.stamps import parse_stamp
from afteraction.formats.statements import statements_in
from afteraction.model.event import Actor, ActorKind, Event, EventKind, Message
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.reading import Context, Person, Problem, RawInput, Reading, Statement

_UNATTENDED = frozenset({"bot_message", "bot_add", "bot_remove"})


class SlackExport:
    """Reads Slack's JSON."""

    name = "slack-export"
    summary = "Slack export (day files, users.json, channels.json) or one channel's JSON: messages, people, statements"

    def claims(self, raw: RawInput) -> bool:
        """Claim arrays of messages, users, channels or integration logs in Slack's shape, and API answers of them."""
        return product_of(raw) is Product.SLACK

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read messages into events; lists into people and statements of channel topics."""
        records, problems = read_json(decode_text(raw.read()), raw.name)
        events: list[Event] = []
        people: list[Person] = []
        statements: list[Statement] = []
        for record in records:
            shape = slack_shape(record.value)
            if shape in {"users", "user answer"}:
                people += _people(record.value)
            elif shape == "channels":
                statements += _topics(record.value, raw.name, self.name, context)
            elif shape in {"messages", "answer"}:
                reading = _messages(record.value, raw.name, self.name, context)
                events += reading.events
                people += reading.people
                statements += reading.statements
                problems += reading.problems
        return Reading(
            events=tuple(events),
            people=tuple(people),
            statements=tuple(statements),
            problems=tuple(problems),
            lines=sum(record.line_end - record.line + 1 for record in records),
        )


def _people(value: Any) -> Iterator[Person]:
    items = value.get("members") if isinstance(value, dict) else value
    for item in list_of(items):
        if identity := text_of(item, "id"):
            yield Person(
                id=identity,
                name=text_of(item, "profile.display_name", "name"),
                real_name=text_of(item, "real_name", "profile.real_name"),
                title=text_of(item, "profile.title"),
                bot=value_of(item, "is_bot") is True,
            )
            bot = text_of(item, "profile.bot_id")
            if bot:
                yield Person(id=bot, name=text_of(item, "name"), real_name=text_of(item, "real_name"), bot=True)


def _topics(value: Any, file: str, source: str, context: Context) -> Iterator[Statement]:
    """Read the topics and purposes of channels: incident channels state severity and roles there."""
    for number, channel in enumerate(list_of(value)):
        for name in ("topic", "purpose"):
            stamp = parse_stamp(text_of(channel, f"{name}.last_set") or "0")
            yield from statements_in(
                plain_text(text_of(channel, f"{name}.value")).replace(" | ", "\n"),
                origin=Origin(file=file, record=f"[{number}].{name}"),
                source=source,
                at=stamp.at if stamp else None,
                actor=text_of(channel, f"{name}.creator"),
                zone=context.zone,
            )


def _messages(value: Any, file: str, source: str, context: Context) -> Reading:
    answer = mapping_of(value)
    items = list_of(answer.get("messages")) if answer else list_of(value)
    channel = text_of(answer, "channel.name", "channel_name", "name", "channel") or _channel_of(file)
    where = "messages" if answer else ""
    events: list[Event] = []
    people: list[Person] = [*_people(answer.get("users"))] if answer else []
    statements: list[Statement] = []
    problems: list[Problem] = []
    for number, item in _with_replies(items, where):
        origin = Origin(file=file, record=number)
        event = _event(item, origin, source, channel)
        if event is None:
            reason = "this message has no readable `ts`"
            problems.append(Problem(origin=origin, reason=reason, remedy="export the channel again"))
            continue
        events.append(event)
        people += _embedded(item)
        person = event.actor is not None and event.actor.kind is not ActorKind.TOOL
        if person:
            events += command_events(event)
        said = statements_in(
            event.text,
            origin=origin,
            source=source,
            at=event.at,
            actor=event.actor.name if event.actor and person else "",
            zone=context.zone,
        )
        statements += said if person else [statement for statement in said if _of_an_incident_bot(statement)]
    return Reading(
        events=tuple(events),
        people=tuple(dict.fromkeys(people)),
        statements=tuple(statements),
        problems=tuple(problems),
    )


def _of_an_incident_bot(statement: Statement) -> bool:
    """Whether a bot may state it: an alert's own severity and share of errors are not the incident's."""
    graded = statement.field == "summary.severity" and statement.value[:1] in {"S", "P"}
    if statement.field in {"root_cause.told", "root_cause.explained"}:
        return len(statement.value.split()) >= _EXPLAINED  # an agent that explains; an alert's text is shorter
    return graded or statement.field in {"summary.incident_id", "summary.title", "executive_summary.status_page"}


_EXPLAINED = 10
"""Words from which a bot's sentence with a reason is an explanation."""


def _with_replies(items: list[Any], where: str) -> Iterator[tuple[str, Any]]:
    """Yield each message with the name of its record; replies that a dump nests in their parent come after it."""
    for number, item in enumerate(items):
        record = f"{where}[{number}]"
        yield record, item
        for key in ("slackdump_thread_replies", "thread_replies"):
            for reply_number, reply in enumerate(list_of(value_of(item, key))):
                yield f"{record}.{key}[{reply_number}]", reply


def _channel_of(file: str) -> str:
    """Take the channel from the folder of a day file, else from the file's own name."""
    folder, _, name = file.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return folder.rpartition("/")[2] if folder and re.match(r"^\d{4}-\d\d-\d\d", stem) else stem


def _event(item: Any, origin: Origin, source: str, channel: str) -> Event | None:
    ts = text_of(item, "ts")
    stamp = parse_stamp(ts) if TS.match(ts) else None
    if stamp is None:
        return None
    reactions = [
        name + (f" x{count}" if (count := len(list_of(value_of(r, "users"))) or int(_count(r))) > 1 else "")
        for r in list_of(value_of(item, "reactions"))
        if (name := text_of(r, "name"))
    ]
    # old exports count messages in the fraction of a second, new ones give microseconds
    counter = ts.partition(".")[2].startswith("000")
    return Event(
        at=stamp.at,
        precision=Precision.SECOND if counter else stamp.precision,
        kind=EventKind.MESSAGE,
        text=message_text(item) or f"[{text_of(item, 'subtype') or 'empty message'}]",
        source=source,
        origin=origin,
        basis=Basis.REPORTED,
        actor=_actor(item),
        detail=Message(
            channel=channel,
            thread=text_of(item, "thread_ts"),
            reactions=tuple(reactions),
            edited=isinstance(value_of(item, "edited"), dict),
        ),
    )


def _count(reaction: Any) -> int:
    count = value_of(reaction, "count")
    return count if isinstance(count, int) else 0


def _actor(item: Any) -> Actor | None:
    bot = text_of(item, "bot_id", "bot_profile.id")
    if bot or text_of(item, "subtype") in _UNATTENDED:
        name = text_of(item, "username", "bot_profile.name") or bot or text_of(item, "user")
        return Actor(name=name, kind=ActorKind.TOOL) if name else None
    name = text_of(item, "user", "user_profile.real_name", "username", "comment.user")
    return Actor(name=name, kind=ActorKind.PERSON) if name else None


def _embedded(item: Any) -> Iterator[Person]:
    """Yield the author as the message itself describes them."""
    profile = value_of(item, "user_profile")
    if isinstance(profile, dict) and text_of(item, "user"):
        yield Person(
            id=text_of(item, "user"),
            name=text_of(profile, "display_name", "name"),
            real_name=text_of(profile, "real_name"),
            title=text_of(profile, "title"),
        )
    bot = value_of(item, "bot_profile")
    if isinstance(bot, dict) and text_of(bot, "id"):
        yield Person(id=text_of(bot, "id"), name=text_of(bot, "name"), bot=True)
