from __future__ import annotations

from datetime import UTC, datetime

from afteraction.model.event import Actor, ActorKind, Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Material, Person, Statement
from afteraction.timeline.people import resolve_people

HERE = Origin(file="general/2026-03-04.json", record="[0]")
AT = datetime(2026, 3, 4, 9, tzinfo=UTC)


def event(actor: str, text: str) -> Event:
    return Event(
        at=AT,
        precision=Precision.SECOND,
        kind=EventKind.MESSAGE,
        text=text,
        source="slack-export",
        origin=HERE,
        actor=Actor(name=actor, kind=ActorKind.PERSON),
    )


def test_ids_become_names_in_actors_mentions_and_statements() -> None:
    people = (
        Person(id="U1", name="anna", real_name="Anna Berg", title="Engineer"),
        Person(id="B1", name="pager", bot=True),
    )
    said = Statement(
        field="actions.short_term", value="fix it - Owner: @U1", origin=HERE, source="s", at=AT, actor="U1"
    )
    role = Statement(field="appendix.team.scribe", value="U1", origin=HERE, source="s", at=AT, actor="U9")
    material = Material(
        events=(event("U1", "ask @U1 or @U9"), event("B1", "x")), statements=(said, role), people=people
    )
    resolved = resolve_people(material)
    assert [e.actor for e in resolved.events] == [
        Actor(name="Anna Berg", kind=ActorKind.PERSON, role="Engineer"),
        Actor(name="pager", kind=ActorKind.TOOL),
    ]
    assert resolved.events[0].text == "ask @Anna Berg or @U9"
    assert [(s.value, s.actor) for s in resolved.statements] == [
        ("fix it - Owner: @Anna Berg", "Anna Berg"),
        ("Anna Berg", "U9"),
    ]


def test_material_without_people_is_left_alone() -> None:
    material = Material(events=(event("U1", "ask @U1"),))
    assert resolve_people(material) is material
