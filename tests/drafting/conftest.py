"""Builders for the drafting's tests: messages, alerts, commands and what is stated in; a drafted post-mortem out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from afteraction.drafting import Case, Draft, draft
from afteraction.kpis import compute
from afteraction.model.event import Actor, ActorKind, Alert, Call, Change, ChangeKind, Effect, Event, EventKind
from afteraction.model.finding import Investigation
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.reading import Material, Statement
from afteraction.model.settings import Settings
from afteraction.timeline import build

START = datetime(2026, 2, 11, 22, 30, tzinfo=UTC)


class Record:
    """Collects what is on record of one incident, minutes after 22:30 UTC, and drafts it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.statements: list[Statement] = []
        self._line = count(1)

    def _event(self, minutes: float, kind: EventKind, text: str, **more: Any) -> Event:
        more.setdefault("precision", Precision.SECOND)
        origin = Origin(file=f"{kind}.txt", line=next(self._line))
        at = START + timedelta(minutes=minutes)
        self.events.append(Event(at=at, kind=kind, text=text, source=kind.value, origin=origin, **more))
        return self.events[-1]

    def say(self, minutes: float, text: str, who: str = "Mara Lindqvist", **stated: str) -> Record:
        """Add a message; each keyword is a field (`__` for the dot) with the words of it that state the field."""
        actor = Actor(name=who, kind=ActorKind.PERSON)
        event = self._event(minutes, EventKind.MESSAGE, text, actor=actor, basis=Basis.REPORTED)
        for field, value in stated.items():
            self.statements.append(
                Statement(field=field.replace("__", "."), value=value, origin=event.origin, source="chat", at=event.at)
            )
        return self

    def alert(self, minutes: float, ends: float) -> Record:
        detail = Alert(key="k", name="Errors", severity="critical")
        for at, kind in ((minutes, EventKind.ALERT_FIRING), (ends, EventKind.ALERT_RESOLVED)):
            self._event(at, kind, "Errors: many requests fail", detail=detail, service="cart")
        return self

    def run(self, minutes: float, command: str, result: str = "", *, changes: bool = False, **more: Any) -> Record:
        precision = more.pop("precision", Precision.SECOND)
        effect = Effect.STATE_CHANGING if changes else Effect.DIAGNOSTIC
        detail = Call(tool=command.split(maxsplit=1)[0], command=command, result=result, effect=effect, **more)
        actor = Actor(name="Tobias Weber", kind=ActorKind.PERSON)
        self._event(minutes, EventKind.COMMAND, command, detail=detail, actor=actor, precision=precision)
        return self

    def rolled_back(self, minutes: float) -> Record:
        detail = Change(kind=ChangeKind.ROLLBACK, ref="v1")
        self._event(minutes, EventKind.CHANGE, "rollback of cart v1", detail=detail, service="cart")
        return self

    def draft(self, investigation: Investigation | None = None, zone: str = "UTC") -> Draft:
        investigation = investigation or Investigation()
        material = Material(events=tuple(self.events), statements=tuple(self.statements))
        settings = Settings(timezone=zone)
        timeline = build(material, investigation, settings=settings)
        case = Case(
            material=material,
            timeline=timeline,
            investigation=investigation,
            kpis=compute(timeline),
            settings=settings,
        )
        return draft(case)


@pytest.fixture
def record() -> Record:
    return Record()
