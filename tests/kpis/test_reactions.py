"""A reaction is an answer too, when nobody answered in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from afteraction.kpis.suggestions import suggestions_in
from afteraction.model.chronology import Timeline
from afteraction.model.event import Actor, ActorKind, Event, EventKind, Message
from afteraction.model.origin import Origin, Precision


def offered(*reactions: str) -> Timeline:
    event = Event(
        at=datetime(2026, 3, 4, tzinfo=UTC), precision=Precision.SECOND, kind=EventKind.MESSAGE, source="x", id="e1",
        text="Suggestion 1: roll back the last deploy", origin=Origin(file="x", line=1),
        actor=Actor(name="helper", kind=ActorKind.AGENT), detail=Message(channel="inc", reactions=reactions),
    )  # fmt: skip
    return Timeline(events=(event,), milestones=())


@pytest.mark.parametrize(
    ("reactions", "accepted"),
    [(("white_check_mark",), True), (("+1::skin-tone-3 x2",), True), (("x",), False), (("eyes",), None), ((), None), (("+1", "-1"), None)],
)  # fmt: skip
def test_a_reaction_says_whether_a_suggestion_was_taken(reactions: tuple[str, ...], accepted: bool | None) -> None:
    assert [suggestion.accepted for suggestion in suggestions_in(offered(*reactions))] == [accepted]
