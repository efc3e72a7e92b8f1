"""How many events of webhooks the service takes in a second, durably, beside a bare loop that inserts the same rows.

    python bench/service_load.py [--deliveries 2000] [-o bench/results/service_load.json]

Clients post deliveries like Alertmanager's over connections that stay open: of one alert each, then of ten. Afterwards the
rows that the service wrote are inserted into an empty database of the same shape by the bare driver, in the same order, one
transaction for each delivery: the limit of that database on that machine, in the same run. SQLite is served by one process,
PostgreSQL by two, and its limit is taken with two connections.
"""

from __future__ import annotations

import argparse
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
    workers = 2 if kind == "postgresql" else 1
    opening = [delivery(number, services=SERVICES) for number in range(SERVICES)]
    bodies = [delivery(number, services=SERVICES, alerts=alerts) for number in range(1000, 1000 + count)]
    with tempfile.TemporaryDirectory() as name, databases(Path(name), kind) as url:
        service = Service(Path(name), url, workers)
        service.wait()
        posted(service.port, opening)  # from here on each delivery joins an incident that is open
        began = time.perf_counter()
        seconds = posted(service.port, bodies)
        wall = time.perf_counter() - began
        service.end()
        found: dict[str, Any] = figures(seconds, wall, alerts) | {
            "workers": workers,
            "clients": CLIENTS,
            "deliveries": count,
        }
        found["bare_insert_loop"] = _bare(url, Path(name), kind, count, alerts)
    found["share_of_the_limit"] = round(
        found["deliveries_per_second"] / found["bare_insert_loop"]["deliveries_per_second"], 3
    )
    return found


def _bare(url: str, folder: Path, kind: str, count: int, alerts: int) -> dict[str, float]:
    """Insert the rows that the service wrote into a fresh database, by the bare driver."""
    if kind == "sqlite":
        other = f"sqlite:///{folder}/bare.db"
    else:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("CREATE DATABASE bare TEMPLATE template0")
        other = url.replace("/postgres?", "/bare?")
    DatabaseStore(other).close()  # makes the tables
    source, connections = (
        _connected(url, kind),
        [_connected(other, kind) for _ in range(2 if kind == "postgresql" else 1)],
    )
    work = _work(source, connections[0], kind, count, alerts)
    taken: list[float] = []

    def run(connection: Any, some: list[Any]) -> None:
        for inserts in some:
            began = time.perf_counter()
            if kind == "sqlite":
                connection.execute("BEGIN IMMEDIATE")
            for statement, rows in inserts:
                connection.cursor().executemany(statement, rows)
            connection.commit()
            taken.append(time.perf_counter() - began)

    shares = [work[n :: len(connections)] for n in range(len(connections))]
    threads = [threading.Thread(target=run, args=pair) for pair in zip(connections, shares, strict=True)]
    began = time.perf_counter()
    if len(threads) == 1:
        run(connections[0], work)  # SQLite's connections stay in their thread
    else:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    wall = time.perf_counter() - began
    for connection in (source, *connections):
        connection.close()
    return figures(taken, wall, alerts)


def _connected(url: str, kind: str) -> Any:
    if kind == "postgresql":
        return psycopg.connect(url)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _work(source: Any, target: Any, kind: str, count: int, alerts: int) -> list[list[tuple[str, list[Any]]]]:
    """Return the inserts of each delivery, and copy to the target the incidents that they need."""
    columns = {name: _columns(source, name, kind) for name in ("incident", *TABLES)}

    def statement(table: str) -> str:
        names = columns[table]
        marks = ", ".join(["?" if kind == "sqlite" else "%s"] * len(names))
        return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"

    def rows(table: str, where: str) -> list[Any]:
        cursor = source.cursor()
        cursor.execute(f"SELECT {', '.join(columns[table])} FROM {table} {where}")
        return [tuple(_plain(one, kind) for one in row) for row in cursor.fetchall()]

    target.cursor().executemany(statement("incident"), rows("incident", ""))
    target.commit()
    made = {
        "delivery": rows("delivery", "ORDER BY at, id"), "alert": rows("alert", "ORDER BY at, key"),
        "event": rows("event", "ORDER BY known_at, incident, number"), "search": rows("search", "WHERE kind = 'event' ORDER BY id"),
        "audit": rows("audit", "WHERE what LIKE '%delivered%' ORDER BY number"),
    }  # fmt: skip
    sizes = {"delivery": 1, "alert": alerts + 1, "event": alerts, "search": alerts, "audit": 1}
    last = {name: found[-sizes[name] * count :] for name, found in made.items()}
    return [
        [(statement(name), last[name][n * size : (n + 1) * size]) for name, size in sizes.items()] for n in range(count)
    ]


def _columns(source: Any, table: str, kind: str) -> list[str]:
    cursor = source.cursor()
    cursor.execute(f"SELECT * FROM {table} LIMIT 0")
    names = [one[0] for one in cursor.description]
    counted = {"search": {"id", "vector"}, "audit": {"number"}}.get(table, set()) if kind else set()
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
