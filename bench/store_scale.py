"""How long a record of 10,000 incidents and 1,000,000 events takes to list, to open, to search: SQLite and PostgreSQL.

Each question is asked a few hundred times with other words, pages and incidents; the peer of each, in the same run, is a
bare `SELECT` of the same rows by the driver. One more incident holds 100,000 events. Figures go to
`bench/results/store_scale.json`.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from postgres import running
from sqlalchemy import text

from afteraction.model.event import Actor, ActorKind, Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.record import Incident, IncidentStatus, Indexed, Wanted
from afteraction.store.database import DatabaseStore
from afteraction.usecases.ask import timeline_page

RESULTS = Path(__file__).parent / "results"
START = datetime(2022, 1, 3, 8, 0, tzinfo=UTC)
BIG = "INC-BIG"
SUBJECTS = ("checkout", "payments", "search", "login", "cart", "mail", "billing", "catalogue", "stock", "gateway")
FAULTS = (
    "times out",
    "returns 500",
    "is slow",
    "loses messages",
    "restarts",
    "refuses connections",
    "runs out of memory",
)


def _event(chooser: random.Random, at: datetime, number: int) -> Event:
    words = f"{chooser.choice(SUBJECTS)} {chooser.choice(FAULTS)}, code {chooser.randrange(5000):04d}, seen by {chooser.choice(SUBJECTS)}"
    return Event(
        at=at, precision=Precision.SECOND, kind=EventKind.MESSAGE, text=words, source="slack-export",
        origin=Origin(file="channel.json", line=number), actor=Actor(name=f"person-{chooser.randrange(40)}", kind=ActorKind.PERSON),
    )  # fmt: skip


def _fill(store: DatabaseStore, incidents: int, each: int, big: int) -> float:
    chooser, began = random.Random(7), time.perf_counter()
    sizes = [(f"INC-{number:05d}", each) for number in range(incidents)] + [(BIG, big)]
    for first in range(0, len(sizes), 50):
        with store.begin() as record:
            for number, (name, count) in enumerate(sizes[first : first + 50], first):
                opened = START + timedelta(hours=3 * number)
                title = f"{chooser.choice(SUBJECTS)} {chooser.choice(FAULTS)}"
                status = IncidentStatus.CLOSED if number % 50 else IncidentStatus.OPEN
                record.put_incident(
                    Incident(
                        id=name, title=title, opened_at=opened, services=(title.split(maxsplit=1)[0],), status=status
                    )
                )
                record.index(name, Indexed.INCIDENT, "", f"{name} {title}")
                events = [_event(chooser, opened + timedelta(seconds=one), one + 1) for one in range(count)]
                added = record.add_events(name, events, known_at=opened)
                record.index_all(name, Indexed.EVENT, {str(one.number): one.event.text for one in added})
    return time.perf_counter() - began


def _timed(ask: Callable[[random.Random], object], times: int) -> dict[str, float]:
    chooser, taken = random.Random(3), []
    for _ in range(times):
        began = time.perf_counter()
        ask(chooser)
        taken.append(1000 * (time.perf_counter() - began))
    return {"p50_ms": round(statistics.median(taken), 2), "p99_ms": round(statistics.quantiles(taken, n=100)[98], 2)}


def _questions(store: DatabaseStore, incidents: int) -> dict[str, dict[str, Any]]:
    def within(ask: Callable[[Any, random.Random], object]) -> Callable[[random.Random], object]:
        def asked(chooser: random.Random) -> object:
            with store.begin() as record:
                return ask(record, chooser)

        return asked

    def bare(query: str, **given: Callable[[random.Random], object]) -> Callable[[random.Random], object]:
        def asked(chooser: random.Random) -> object:
            with store._engine.connect() as connection:  # noqa: SLF001  (the peer is the driver itself)
                return connection.execute(text(query), {key: make(chooser) for key, make in given.items()}).fetchall()

        return asked

    def some(chooser: random.Random) -> str:
        return f"INC-{chooser.randrange(incidents):05d}"

    def words(chooser: random.Random) -> str:
        return f"{chooser.choice(SUBJECTS)} code {chooser.randrange(5000):04d}"

    pages = "SELECT * FROM incident ORDER BY opened_at DESC, id DESC LIMIT 50"
    events = "SELECT * FROM event WHERE incident = :incident ORDER BY at, number LIMIT 50"
    asked = {
        "list the newest 50": (within(lambda r, _: r.incidents(Wanted())), bare(pages)),
        "list 50 behind any": (within(lambda r, c: r.incidents(Wanted(after=some(c)))), bare(pages)),
        "list the open ones of a service": (
            within(lambda r, c: r.incidents(Wanted(status=(IncidentStatus.OPEN,), service=c.choice(SUBJECTS)))), bare(pages),
        ),
        "open an incident: its document and first 50 events": (
            within(lambda r, c: (r.revision(some(c)), timeline_page(r, some(c)))), bare(events, incident=some),
        ),
        "open the one of 100,000 events": (
            within(lambda r, _: (r.revision(BIG), timeline_page(r, BIG))), bare(events, incident=lambda _: BIG),
        ),
        "its last 50 events": (
            within(lambda r, _: timeline_page(r, BIG, after=r.count_events(BIG) - 50)), bare(events, incident=lambda _: BIG),
        ),
        "search three words, one of them rare": (within(lambda r, c: r.search(words(c))), None),
        "search one word that 100,000 texts hold": (within(lambda r, c: r.search(c.choice(SUBJECTS))), None),
    }  # fmt: skip
    found: dict[str, dict[str, Any]] = {}
    for name, (ask, peer) in asked.items():
        times = 12 if "100,000 texts" in name else 300
        found[name] = _timed(ask, times)
        if peer is not None:
            found[name]["bare select"] = _timed(peer, 300)
            found[name]["times as slow"] = round(found[name]["p50_ms"] / found[name]["bare select"]["p50_ms"], 1)
        print(f"  {name}: {found[name]}", flush=True)
    return found


def _measure(url: str, incidents: int, each: int, big: int) -> dict[str, Any]:
    store = DatabaseStore(url)
    seconds = _fill(store, incidents, each, big)
    events = incidents * each + big
    print(f"filled with {events} events in {seconds:.0f} s", flush=True)
    if url.startswith("postgresql"):
        with store._engine.begin() as connection:  # noqa: SLF001  (what the server does by itself within a minute)
            connection.execute(text("ANALYZE"))
    found = {"events": events, "incidents": incidents + 1, "events written a second": round(events / seconds),
             "questions": _questions(store, incidents)}  # fmt: skip
    store.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=90)
    parser.add_argument("--big", type=int, default=100_000)
    given = parser.parse_args()
    size = (given.incidents, given.each, given.big)
    found: dict[str, Any] = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "command": "python bench/store_scale.py"}
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite")
        found["sqlite"] = _measure(f"sqlite:///{folder}/record.db", *size)
    with running() as url:
        print("PostgreSQL")
        found["postgresql"] = _measure(url, *size)
    (RESULTS / "store_scale.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
