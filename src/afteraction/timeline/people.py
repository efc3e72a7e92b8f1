"""Ids of people become names, over all files of an incident.

Material whose files were read one at a time comes in, and goes out with every actor, mention and statement bearing the
name that a list of people (a chat export's `users.json`) gives it. Nobody is guessed: an id that no list holds stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from afteraction.model.event import ActorKind, Event
from afteraction.model.reading import Material, Person, Statement

MENTION = re.compile(r"@([A-Za-z0-9_]{2,64})\b")
"""How sources write a mention whose name they do not know: an at sign and the raw id."""


def resolve_people(material: Material) -> Material:
    """Return `material` with the ids of `material.people` replaced by names in actors, texts and statements."""
    known = {person.id: person for person in material.people if person.id}
    if not known:
        return material
    return replace(
        material,
        events=tuple(_event(event, known) for event in material.events),
        statements=tuple(_statement(statement, known) for statement in material.statements),
    )


def _text(text: str, known: Mapping[str, Person]) -> str:
    if "@" not in text:
        return text

    def named(match: re.Match[str]) -> str:
        person = known.get(match[1])
        return f"@{person.shown}" if person is not None else match[0]

    return MENTION.sub(named, text)


def _event(event: Event, known: Mapping[str, Person]) -> Event:
    text = _text(event.text, known)
    actor = event.actor
    person = known.get(actor.name) if actor is not None else None
    if actor is not None and person is not None:
        kind = ActorKind.TOOL if person.bot else ActorKind.PERSON
        actor = replace(actor, name=person.shown, kind=kind, role=actor.role or person.title or None)
    if actor is event.actor and text == event.text:
        return event
    return replace(event, actor=actor, text=text)


def _statement(statement: Statement, known: Mapping[str, Person]) -> Statement:
    person = known.get(statement.actor)
    whole = known.get(statement.value)
    value = whole.shown if whole is not None else _text(statement.value, known)
    return replace(statement, actor=person.shown if person is not None else statement.actor, value=value)
