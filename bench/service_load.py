"""How many events of webhooks the service takes in a second, durably, beside a bare loop that inserts the same rows.

    python bench/service_load.py [--deliveries 2000] [-o bench/results/service_load.json]

Clients post deliveries like Alertmanager's over connections that stay open: of one alert each, then of ten. In turns with
that, the rows that the service wrote are inserted into another database of the same shape by the bare driver, one transaction
for each delivery: the limit of that database on that machine, in the same run and under the same other load. SQLite is served by one process,
PostgreSQL by two, and its limit is taken with two connections.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import sqlite3
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from serving import HEADERS, PATH, Service, databases, delivery, machine

from afteraction.store.database import DatabaseStore

CLIENTS = 8
SERVICES = 50
ROUNDS = 10
TABLES = ("delivery", "alert", "event", "search", "audit")
"""What a delivery writes, for an incident that is open."""


def posted(port: int, bodies: Sequence[bytes], clients: int = CLIENTS) -> list[float]:
    """Post bodies from several clients at once; returns the seconds that each took until it was acknowledged."""
    seconds: list[float] = []
    numbers = itertools.count()
    lock = threading.Lock()

    def run() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            with lock:
                number = next(numbers)
            if number >= len(bodies):
                return
            began = time.perf_counter()
            connection.request("POST", PATH, bodies[number], HEADERS)
            answer = connection.getresponse()
            answer.read()
            taken = time.perf_counter() - began
            if answer.status != 200:
                raise RuntimeError(f"answered {answer.status}")
            with lock:
                seconds.append(taken)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds


def figures(seconds: Sequence[float], wall: float, alerts: int) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "deliveries_per_second": round(len(ordered) / wall, 1),
        "events_per_second": round(alerts * len(ordered) / wall, 1),
        "p50_ms": round(1000 * ordered[len(ordered) // 2], 1),
        "p99_ms": round(1000 * ordered[int(len(ordered) * 0.99)], 1),
    }


def measured(kind: str, count: int, alerts: int) -> dict[str, Any]:
    workers, part = (2 if kind == "postgresql" else 1), max(20, count // ROUNDS)
    opening = [delivery(number, services=SERVICES) for number in range(SERVICES)]
    served: list[float] = []
    bare: list[float] = []
    walls = [0.0, 0.0]
    with tempfile.TemporaryDirectory() as name, databases(Path(name), kind) as url:
        service = Service(Path(name), url, workers)
        service.wait()
        posted(service.port, opening)  # from here on each delivery joins an incident that is open
        with contextlib.ExitStack() as stack:
            limit = Bare(url, Path(name), kind, alerts, stack)
            for turn in range(ROUNDS):
                numbers = range(1000 + turn * part, 1000 + (turn + 1) * part)
                bodies = [delivery(number, services=SERVICES, alerts=alerts) for number in numbers]
                began = time.perf_counter()
                served += posted(service.port, bodies)
                walls[0] += time.perf_counter() - began
                work = limit.work(part)
                began = time.perf_counter()
                bare += limit.insert(work)
                walls[1] += time.perf_counter() - began
        service.end()
    found: dict[str, Any] = figures(served, walls[0], alerts)
    found |= {"workers": workers, "clients": CLIENTS, "deliveries": len(served), "turns": ROUNDS}
    found["bare_insert_loop"] = figures(bare, walls[1], alerts)
    limit_rate = found["bare_insert_loop"]["deliveries_per_second"]
    return found | {"share_of_the_limit": round(found["deliveries_per_second"] / limit_rate, 3)}


class Bare:
    """Inserts the rows that the service wrote last into another database, by the bare driver."""

    def __init__(self, url: str, folder: Path, kind: str, alerts: int, stack: contextlib.ExitStack) -> None:
        if kind == "sqlite":
            other = f"sqlite:///{folder}/bare.db"
        else:
            with psycopg.connect(url, autocommit=True) as admin:
                admin.execute("CREATE DATABASE bare TEMPLATE template0")
            other = url.replace("/postgres?", "/bare?")
        DatabaseStore(other).close()  # makes the tables
        self._kind, self._alerts = kind, alerts
        self._source = _connected(url, kind)
        self._targets = [_connected(other, kind) for _ in range(2 if kind == "postgresql" else 1)]
        for connection in (self._source, *self._targets):
            stack.callback(connection.close)
        self._columns = {name: _columns(self._source, name) for name in ("incident", *TABLES)}
        self._targets[0].cursor().executemany(self._statement("incident"), self._rows("incident", "", 10**6))
        self._targets[0].commit()
        self._source.commit()

    def _statement(self, table: str) -> str:
        names = self._columns[table]
        marks = ", ".join(["?" if self._kind == "sqlite" else "%s"] * len(names))
        return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"

    def _rows(self, table: str, order: str, count: int) -> list[Any]:
        cursor = self._source.cursor()
        cursor.execute(f"SELECT {', '.join(self._columns[table])} FROM {table} {order} LIMIT {count}")
        return [tuple(_plain(one, self._kind) for one in row) for row in cursor.fetchall()][::-1]

    def work(self, count: int) -> list[list[tuple[str, list[Any]]]]:
        """Return the inserts of each of the last deliveries."""
        sizes = {"delivery": 1, "alert": self._alerts + 1, "event": self._alerts, "search": self._alerts, "audit": 1}
        last = {
            "delivery": self._rows("delivery", "ORDER BY at DESC, id DESC", count),
            "alert": self._rows("alert", "ORDER BY at DESC, key DESC", sizes["alert"] * count),
            "event": self._rows("event", "ORDER BY known_at DESC, incident DESC, number DESC", sizes["event"] * count),
            "search": self._rows("search", "WHERE kind = 'event' ORDER BY id DESC", sizes["search"] * count),
            "audit": self._rows("audit", "WHERE what LIKE '%delivered%' ORDER BY number DESC", count),
        }
        self._source.commit()
        return [
            [(self._statement(name), last[name][n * size : (n + 1) * size]) for name, size in sizes.items()]
            for n in range(count)
        ]

    def insert(self, work: list[list[tuple[str, list[Any]]]]) -> list[float]:
        """Insert, one transaction for each delivery; returns the seconds that each took."""
        taken: list[float] = []

        def run(connection: Any, some: list[list[tuple[str, list[Any]]]]) -> None:
            for inserts in some:
                began = time.perf_counter()
                if self._kind == "sqlite":
                    connection.execute("BEGIN IMMEDIATE")
                for statement, rows in inserts:
                    connection.cursor().executemany(statement, rows)
                connection.commit()
                taken.append(time.perf_counter() - began)

        if len(self._targets) == 1:
            run(self._targets[0], work)  # SQLite's connections stay in their thread
            return taken
        shares = [work[n :: len(self._targets)] for n in range(len(self._targets))]
        threads = [threading.Thread(target=run, args=pair) for pair in zip(self._targets, shares, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return taken


def _connected(url: str, kind: str) -> Any:
    if kind == "postgresql":
        return psycopg.connect(url)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _columns(source: Any, table: str) -> list[str]:
    cursor = source.cursor()
    cursor.execute(f"SELECT * FROM {table} LIMIT 0")
    names = [one[0] for one in cursor.description]
    counted = {"search": {"id", "vector"}, "audit": {"number"}}.get(table, set())  # the database counts, or makes it
    return [name for name in names if name not in counted]


def _plain(value: Any, kind: str) -> Any:
    return json.dumps(value) if kind == "postgresql" and isinstance(value, dict | list) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=2000)
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("-o", type=Path)
    given = parser.parse_args()
    found: dict[str, Any] = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "command": "python bench/service_load.py"}
    for kind in given.database:
        for alerts in (1, 10):
            name = f"{kind}, {alerts} event{'s' if alerts > 1 else ''} a delivery"
            found[name] = measured(kind, max(200, given.deliveries // alerts), alerts)
            print(name, json.dumps(found[name]), flush=True)
    found["machine"] = machine()
    if given.o:
        given.o.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
