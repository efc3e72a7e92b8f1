"""Chat exports of Discord and Microsoft Teams as JSON: messages with threads, edits and reactions, and what people state.

A command that a message says was run becomes an event of its own at the time of the message. A bot's message stays a
message. Records without a readable time become problems; what the product itself posts (joins, calls) is left out.
"""

from __future__ import annotations

from afteraction.formats.chat_shapes import ChatMessage, messages_of
from afteraction.formats.json_documents import decode_text, read_json
from afteraction.formats.json_origins import origin_of
from afteraction.formats.message_commands import command_events
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import Product, product_of
from afteraction.formats.stamps import Stamp, parse_stamp
from afteraction.formats.statements import statements_in
from afteraction.model.event import Actor, ActorKind, Event, EventKind, Message
from afteraction.model.origin import Basis, Origin
from afteraction.model.reading import Context, RawInput, Reading, Statement


class ChatExport:
    """The source."""

    name = "chat-export"
    summary = "Chat exports of Discord and Microsoft Teams (JSON): messages, commands said to be run, statements"

    def claims(self, raw: RawInput) -> bool:
        """Claim documents and lists of messages in Discord's or Teams' shape."""
        return product_of(raw) is Product.CHAT

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all messages."""
        problems = ProblemList(raw.name)
        records, faults = read_json(decode_text(raw.read()), raw.name)
        problems.extend(faults)
        events: list[Event] = []
        statements: list[Statement] = []
        for record in records:
            for path, message in messages_of(record.value):
                origin = origin_of(raw.name, record, path)
                stamp = parse_stamp(message.at, zone=context.zone) if 0 < len(message.at) <= 60 else None
                if stamp is None:
                    problems.add("the message has no readable time", record=origin.record, line=origin.line)
                    continue
                event = _event(message, stamp, origin, raw.name)
                events.append(event)
                if not message.bot:
                    events += command_events(event)
                    statements += statements_in(
                        event.text,
                        origin=origin,
                        source=self.name,
                        at=event.at,
                        actor=message.author,
                        zone=context.zone,
                    )
        return Reading(events=tuple(events), statements=tuple(statements), problems=problems.close(), lines=len(events))


def _event(message: ChatMessage, stamp: Stamp, origin: Origin, file: str) -> Event:
    kind = ActorKind.TOOL if message.bot else ActorKind.PERSON
    return Event(
        at=stamp.at,
        precision=stamp.precision,
        kind=EventKind.MESSAGE,
        text=message.text or "[empty message]",
        source=ChatExport.name,
        origin=origin,
        basis=Basis.REPORTED,
        actor=Actor(name=message.author, kind=kind) if message.author else None,
        zone=stamp.zone,
        detail=Message(
            channel=message.channel or file.rpartition("/")[2].rpartition(".")[0],
            thread=message.thread,
            reactions=message.reactions,
            edited=message.edited,
        ),
    )
