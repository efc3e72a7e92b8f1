"""How long the timeline of many events takes, in how much memory, and whether that grows faster than the events do.

Events of six kinds, a third of them seen by two recordings, are built into a timeline at 25,000, 50,000 and 100,000. The
peer in the same run is what cannot be saved: sorting the same events by time. Figures go to
`bench/results/timeline_scale.json`.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from afteraction.kpis import compute
from afteraction.model.event import (
    Actor,
    ActorKind,
    Alert,
    Call,
    Change,
    ChangeKind,
    Detail,
    Effect,
    Event,
    EventKind,
    Warned,
)
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Material
from afteraction.timeline import build

START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
SIZES = (25_000, 50_000, 100_000)


def make(number: int) -> tuple[Event, ...]:
    """Make events over four hours; every third is recorded a second time, half a second later, in another file."""
    chooser = random.Random(11)
    found: list[Event] = []
    while len(found) < number:
        at = START + timedelta(seconds=len(found) * 14_400 / number)
        kind, text, detail, actor = _happening(chooser)
        for copy in range(2 if chooser.randrange(3) == 0 else 1):
            origin = Origin(file=f"{kind}-{copy}.json", line=len(found) + 1)
            found.append(
                Event(
                    at=at + timedelta(seconds=copy / 2), precision=Precision.MILLISECOND, kind=kind, text=text,
                    source=f"recording-{copy}", origin=origin, detail=detail, actor=actor,
                )
            )  # fmt: skip
    return tuple(found[:number])


def _happening(chooser: random.Random) -> tuple[EventKind, str, Detail | None, Actor | None]:
    person = Actor(name=f"person-{chooser.randrange(12)}", kind=ActorKind.PERSON)
    name = f"Alert{chooser.randrange(60)}"
    alert = Alert(key=f"{name}-{chooser.randrange(400)}", name=name, severity="critical")
    command = f"tool get item-{chooser.randrange(500)}"
    options: tuple[tuple[EventKind, str, Detail | None, Actor | None], ...] = (
        (EventKind.ALERT_FIRING, f"{name} fires", alert, None),
        (EventKind.ALERT_RESOLVED, f"{name} ends", alert, None),
        (EventKind.MESSAGE, f"errors on item {chooser.getrandbits(20)} for customers", None, person),
        (EventKind.WARNING, "BackOff", Warned(object_ref=f"pod/p-{chooser.randrange(900)}", reason="BackOff"), None),
        (EventKind.COMMAND, command, Call(tool="tool", command=command, effect=Effect.DIAGNOSTIC), person),
        (EventKind.CHANGE, "commit", Change(kind=ChangeKind.COMMIT, ref=f"{chooser.getrandbits(160):040x}"), None),
    )
    return chooser.choice(options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "timeline_scale.json")
    options = parser.parse_args()
    figures = []
    for number in SIZES:
        events = make(number)
        began = time.perf_counter()
        sorted(events, key=lambda event: event.at)
        sorting = time.perf_counter() - began
        began = time.perf_counter()
        timeline = build(Material(events=events))
        building = time.perf_counter() - began
        began = time.perf_counter()
        compute(timeline)
        computing = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        figures.append(
            {
                "events": number,
                "build_seconds": round(building, 3),
                "kpi_seconds": round(computing, 3),
                "sort_seconds": round(sorting, 4),
                "ratio_to_sort": round(building / sorting, 1),
                "microseconds_per_event": round(1e6 * building / number, 1),
                "peak_mib_so_far": peak,
                "merged_events": len(timeline.events),
                "rows": len(timeline.rows),
            }
        )
        print(figures[-1])
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
