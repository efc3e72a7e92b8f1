"""How fast the API answers over a large record: lists, one incident of many events, search. In process, so without the network.

    .venv/bin/python bench/api_speed.py [DATABASE-URL]

Makes 10,000 incidents with 10 events each and one with 100,000, in a new SQLite file or in the (empty) database that is named. Beside
each answer stands the bare query of the same rows, in the same run.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import text

from afteraction.assembly import new_masker
from afteraction.model.account import Account, Right, Role
from afteraction.model.event import Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.record import Incident, Indexed, TrackedAction
from afteraction.model.settings import Settings
from afteraction.sources import SOURCES
from afteraction.store.blobs import MemoryBlobs
from afteraction.store.database import DatabaseStore, engine_for
from afteraction.usecases.follow import reviews_from
from afteraction.usecases.identify import give_token
from afteraction.web.app import application
from afteraction.web.desk import Desk

INCIDENTS, EACH, LARGE = 10_000, 10, 100_000
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST: str | None = ""
WORDS = ("timeout", "refused", "restarted", "queue", "latency", "rollback", "certificate", "disk", "memory", "deploy")


def happened(incident: str, count: int, begin: datetime) -> list[Event]:
    return [
        Event(at=begin + timedelta(seconds=n), precision=Precision.SECOND, kind=EventKind.NOTE, source="notes",
              text=f"{WORDS[n % 10]} {WORDS[n % 7]} of pod {incident.lower()}-{n}", origin=Origin(file="notes.md", line=n + 1))
        for n in range(count)
    ]  # fmt: skip


def fill(store: DatabaseStore) -> None:
    for begin in range(0, INCIDENTS, 500):
        with store.begin() as record:
            for number in range(begin, min(begin + 500, INCIDENTS)):
                name, at = f"INC-{number:05}", BEGAN + timedelta(minutes=30 * number)
                add(record, name, at, EACH)
                record.put_actions(name, [TrackedAction(incident=name, number=1, text="Add an alert", horizon="week", owner=f"o{number % 50}")])  # fmt: skip
                record.put_reviews(name, reviews_from(name, at, (7, 30, 91, 182)))
    with store.begin() as record:
        add(record, "INC-LARGE", BEGAN, LARGE)


def add(record: Any, name: str, at: datetime, count: int) -> None:
    record.put_incident(
        Incident(id=name, title=f"It broke: {name}", opened_at=at, services=(f"s{sum(name.encode()) % 40}",))
    )
    added = record.add_events(name, happened(name, count, at), known_at=at)
    record.index_all(name, Indexed.EVENT, {str(one.number): one.event.text for one in added})


def timed(ask: Callable[[], Any], times: int = 100) -> tuple[float, float]:
    """Return median and 99th percentile in milliseconds."""
    ask()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=100)[98]


def main(url: str) -> None:
    store = DatabaseStore(url)
    began = time.perf_counter()
    fill(store)
    print(f"{INCIDENTS} incidents and {INCIDENTS * EACH + LARGE} events written in {time.perf_counter() - began:.0f} s")
    with store.begin() as record:
        record.put_account(Account(id="owner", name="Owner", role=Role.OWNER, created_at=BEGAN))
        _, secret = give_token(record, "owner", name="bench", scopes=frozenset(Right), at=BEGAN)
    desk = Desk(
        store=store, blobs=MemoryBlobs(), settings=Settings(), clock=lambda: BEGAN, masker=new_masker, sources=SOURCES
    )
    client = TestClient(
        application(desk), headers={"Authorization": f"Bearer {secret}"}, base_url="http://bench/api/v1/"
    )

    def get(path: str, **asked: Any) -> Any:
        answer = client.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    large = "incidents/INC-LARGE"
    pages, cursor, last = 0, _FIRST, ""
    while cursor is not None:
        page = get(f"{large}/events", limit=500, cursor=cursor)
        last, cursor, pages = cursor, page["next"], pages + 1
    engine = engine_for(url)

    def bare(query: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(query)).all()

    rows: list[tuple[str, Callable[[], Any], int]] = [
        ("GET /me (what every answer costs)", lambda: get("me"), 100),
        ("GET /incidents, 50 of 10,001", lambda: get("incidents"), 100),
        ("  bare query", lambda: bare("SELECT * FROM incident ORDER BY opened_at DESC, id DESC LIMIT 51"), 100),
        ("GET /incidents?service=, 50", lambda: get("incidents", service="s7"), 100),
        (f"GET an incident of {LARGE} events", lambda: get(large), 100),
        ("  bare query", lambda: bare("SELECT count(*) FROM event WHERE incident = 'INC-LARGE'"), 100),
        ("its first 100 events", lambda: get(f"{large}/events"), 100),
        ("its last 500 events", lambda: get(f"{large}/events", limit=500, cursor=last), 50),
        ("GET /search, 20 of 30,000 hits", lambda: get("search", q="timeout"), 20),
        ("GET /search, two words, one hit", lambda: get("search", q="pod 99999"), 20),
        ("GET /actions?owner=, 100", lambda: get("actions", owner="o7"), 50),
        ("GET /reviews?held=false, 100", lambda: get("reviews", held=False), 50),
    ]
    figures = {}
    for name, ask, times in rows:
        figures[name] = timed(ask, times)
        print(f"{name:42} p50 {figures[name][0]:8.1f} ms   p99 {figures[name][1]:8.1f} ms")
    print(f"all {LARGE} events in {pages} pages")
    kind = url.partition(":")[0]
    told = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "milliseconds": figures}
    (Path(__file__).parent / "results" / f"api_speed_{kind}.json").write_text(json.dumps(told, indent=1) + "\n")
    store.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(f"sqlite:///{folder}/record.db")
