"""Of all that a recorder kept, the calls of this incident are taken, and it is said how many were not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from afteraction.model.event import Actor, ActorKind, Alert, Call, Effect, Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import FileReport, Material
from afteraction.usecases.attach import attach

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
FRAME = count(1)


def recorded(hours: float, tool: str, **more: Any) -> Event:
    return Event(
        at=ZERO + timedelta(hours=hours),
        precision=Precision.MICROSECOND,
        kind=EventKind.TOOL_CALL,
        text=tool,
        source="mcp-spool",
        origin=Origin(file="run.spool", record=f"frame {next(FRAME)}"),
        actor=Actor(name="agent", kind=ActorKind.AGENT),
        detail=Call(tool=tool, effect=Effect.STATE_CHANGING, **more),
        unsorted=True,
    )


def alert(hours: float, kind: EventKind = EventKind.ALERT_FIRING) -> Event:
    return Event(
        at=ZERO + timedelta(hours=hours),
        precision=Precision.SECOND,
        kind=kind,
        text="Errors",
        source="alertmanager",
        origin=Origin(file="alerts.json", record=f"[{next(FRAME)}]"),
        detail=Alert(key="k", name="Errors", severity="critical"),
    )


def kept(*events: Event, incident: str = "") -> tuple[list[str], list[str]]:
    """Return the tools that stay and what is said about the others."""
    files = (FileReport(file="run.spool", source="mcp-spool"), FileReport(file="alerts.json", source="alertmanager"))
    found = attach(Material(events=events, files=files), incident)
    said = [problem.reason for report in found.files for problem in report.problems]
    return [event.text for event in found.events if event.source == "mcp-spool"], said


def test_calls_of_another_day_are_left_out_and_counted() -> None:
    calls = [recorded(n, f"old{n}") for n in (-300, -100)] + [recorded(0.5, "now")]
    tools, said = kept(alert(0), alert(1, EventKind.ALERT_RESOLVED), *calls)
    assert tools == ["now"]
    assert said == ["2 recorded calls or messages are another incident's, or of another time, and were left out"]


def test_many_calls_of_another_day_do_not_outweigh_the_alert() -> None:
    tools, _ = kept(alert(0), *(recorded(-50 + n / 100, f"old{n}") for n in range(200)), recorded(0.2, "now"))
    assert tools == ["now"]


def test_calls_recorded_for_the_named_incident_are_taken_at_any_time_and_those_of_others_at_none() -> None:
    mine, other = recorded(40, "mine", incident="INC-1"), recorded(0.1, "other", incident="INC-2")
    assert kept(alert(0), mine, other, incident="INC-1")[0] == ["mine"]


def test_an_incident_for_which_calls_were_recorded_at_the_time_is_the_one_that_is_meant() -> None:
    during, later = recorded(0.1, "during", incident="INC-1"), recorded(9, "later", incident="INC-1")
    other = recorded(9, "other", incident="INC-2")
    assert kept(alert(0), during, later, other)[0] == ["during", "later"]


def test_a_call_that_shares_a_trace_with_one_of_the_incident_belongs_to_it() -> None:
    named, same = recorded(0.1, "named", incident="INC-1", trace="a" * 32), recorded(30, "same", trace="a" * 32)
    strange = recorded(30, "strange", trace="b" * 32)
    assert kept(alert(0), named, same, strange, incident="INC-1")[0] == ["named", "same"]


def test_without_any_other_material_every_call_stays() -> None:
    assert kept(recorded(0, "a"), recorded(900, "b")) == (["a", "b"], [])
