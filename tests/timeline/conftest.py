"""Builders of events for the timeline's tests: minutes from a fixed moment in, events out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from afteraction.model.event import Actor, ActorKind, Alert, Call, Change, ChangeKind, Effect, Event, EventKind, Warned
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.reading import Statement

START = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


class Maker:
    """Makes events `minutes` after 14:00 UTC; every event stands on a line of its own."""

    def __init__(self) -> None:
        self._line = count(1)

    def at(self, minutes: float) -> datetime:
        return START + timedelta(minutes=minutes)

    def event(self, minutes: float, kind: EventKind, text: str, **more: Any) -> Event:
        file = more.pop("file", f"{kind}.json")
        more.setdefault("precision", Precision.SECOND)
        more.setdefault("source", kind.value)
        origin = Origin(file=file, line=next(self._line))
        return Event(at=self.at(minutes), kind=kind, text=text, origin=origin, **more)

    def alert(self, minutes: float, name: str = "Errors", *, ends: float | None = None, **more: Any) -> list[Event]:
        service = more.pop("service", "cart")
        detail = Alert(
            key=more.pop("key", name + service),
            name=name,
            severity=more.pop("severity", "critical"),
            labels=more.pop("labels", ()),
            active_at=self.at(active) if (active := more.pop("active", None)) is not None else None,
        )
        found = [self.event(minutes, EventKind.ALERT_FIRING, f"{name} fires", detail=detail, service=service, **more)]
        if ends is not None:
            found.append(
                self.event(ends, EventKind.ALERT_RESOLVED, f"{name} ends", detail=detail, service=service, **more)
            )
        return found

    def ack(self, minutes: float, event: Event, who: str = "anna") -> Event:
        actor = Actor(name=who, kind=ActorKind.PERSON)
        return self.event(
            minutes, EventKind.ALERT_ACKNOWLEDGED, "acknowledged", detail=event.detail, actor=actor, source=event.source
        )

    def say(self, minutes: float, text: str, who: str = "anna", **more: Any) -> Event:
        kind = more.pop("actor_kind", ActorKind.PERSON)
        return self.event(minutes, EventKind.MESSAGE, text, actor=Actor(name=who, kind=kind), **more)

    def call(self, minutes: float, command: str, *, changes: bool, **more: Any) -> Event:
        who = more.pop("who", "anna")
        kind = more.pop("actor_kind", ActorKind.PERSON)
        origin = {key: more.pop(key) for key in ("file", "source") if key in more}
        effect = Effect.STATE_CHANGING if changes else Effect.DIAGNOSTIC
        detail = Call(tool=command.split(maxsplit=1)[0], command=command, effect=effect, **more)
        actor = Actor(name=who, kind=kind)
        return self.event(minutes, EventKind.COMMAND, command, detail=detail, actor=actor, **origin)

    def change(
        self, minutes: float, ref: str, kind: ChangeKind = ChangeKind.DEPLOY, service: str = "cart", **more: Any
    ) -> Event:
        detail = Change(kind=kind, ref=ref)
        return self.event(minutes, EventKind.CHANGE, f"{kind} {ref}", detail=detail, service=service, **more)

    def note(self, minutes: float, text: str, **more: Any) -> Event:
        return self.event(
            minutes, EventKind.NOTE, text, basis=Basis.REPORTED, precision=Precision.MINUTE, file="notes.md", **more
        )

    def warning(self, minutes: float, ref: str, reason: str = "BackOff") -> Event:
        return self.event(minutes, EventKind.WARNING, reason, detail=Warned(object_ref=ref, reason=reason))

    def stated(self, event: Event, field: str, value: str | None = None) -> Statement:
        return Statement(
            field=field,
            value=value if value is not None else event.text,
            origin=event.origin,
            source="chat",
            at=event.at,
        )


@pytest.fixture(scope="session")
def make() -> Maker:
    return Maker()


@pytest.fixture(scope="session")
def incident(make: Maker) -> Callable[[], list[Event]]:
    """An incident with a failed step, a step that changed nothing, and the fix."""

    def build() -> list[Event]:
        firing, resolved = make.alert(0, active=-2, ends=27)
        return [
            make.change(-12, "deadbeef"),
            firing,
            make.ack(2, firing),
            make.call(5, "kubectl get pods", changes=False),
            make.call(10, "kubectl rollout restart deploy/cart", changes=True),
            make.call(15, "kubectl scale deploy/cart --replicas=9", changes=True, is_error=True),
            make.call(22, "kubectl rollout undo deploy/cart", changes=True),
            resolved,
        ]

    return build
