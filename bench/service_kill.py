"""The service is killed with SIGKILL again and again under load: is every acknowledged event there, once?

    python bench/service_kill.py [--kills 200] [--database sqlite postgresql] [-o FILE]

Clients post deliveries of one alert each and send one again until it is acknowledged, as Alertmanager does; some that were
acknowledged are sent once more. The service is killed at a random moment, up to 1 s after it answers, and started again by
`bench/forked.py`. At the end every delivery that
was acknowledged has to be in the record once, with its event, its place in the search and its entry of the audit trail.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import random
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from serving import HEADERS, PATH, Forked, databases, delivery, machine
from sqlalchemy import create_engine, text

from afteraction.model.record import Wanted
from afteraction.store.database import DatabaseStore

CLIENTS = 4
SERVICES = 10
LONGEST = 1.0
"""Seconds after which the service is killed at the latest, counted from when it answers."""


class Load:
    """Clients that post until they are told to stop; each delivery is sent until it is acknowledged."""

    def __init__(self, port: int) -> None:
        self.acknowledged: list[int] = []
        self.attempts = 0
        self.doubled: list[int] = []
        self._port = port
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(seed,)) for seed in range(CLIENTS)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, after what is under way was acknowledged."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self._stop.is_set():
            with self._lock:
                number = next(self._numbers)
            body = delivery(number, services=SERVICES)
            self._post(body)
            with self._lock:
                self.acknowledged.append(number)
            if chance.random() < 0.05 and self._post(body)["new"]:
                self.doubled.append(number)

    def _post(self, body: bytes) -> Any:
        """Send until it is acknowledged; what is under way when all stop is sent to its end, too."""
        while True:
            with self._lock:
                self.attempts += 1
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
            with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
                connection.request("POST", PATH, body, HEADERS)
                answer = connection.getresponse()
                told = answer.read()
                if answer.status == 200:
                    return json.loads(told)
                if answer.status not in {409, 503}:
                    raise RuntimeError(f"{answer.status}: {told!r}")
            time.sleep(0.05)


def killed(kind: str, kills: int, seed: int = 1) -> dict[str, Any]:
    chance = random.Random(seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, databases(Path(name), kind) as url:
        service = Forked(Path(name), url)
        service.start()
        load = Load(service.port)
        load.start()
        for _ in range(kills):
            time.sleep(chance.uniform(0.0, LONGEST))
            service.kill()
            service.start()
        time.sleep(1)
        load.stop()
        service.end()
        return judged(url, load) | {
            "kills": kills, "acknowledged": len(load.acknowledged), "attempts": load.attempts, "clients": CLIENTS,
            "seconds": round(time.monotonic() - began),
        }  # fmt: skip


def judged(url: str, load: Load) -> dict[str, Any]:
    """Compare what was acknowledged with what is in the record."""
    store = DatabaseStore(url)
    with store.begin() as record:
        incidents = record.incidents(Wanted(limit=100_000))
        events = [known for one in incidents for known in record.events(one.id)]
        numbers = [sorted(known.number for known in record.events(one.id)) for one in incidents]
    store.close()
    told = Counter(known.event.text.split("event-")[1].split("x")[0] for known in events)
    wanted = {str(number) for number in load.acknowledged}
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        deliveries = connection.scalar(text("SELECT count(*) FROM delivery"))
        found = connection.scalar(text("SELECT count(*) FROM search WHERE kind = 'event'"))
        trail = connection.scalar(text("SELECT count(*) FROM audit WHERE what LIKE '%delivered%'"))
    engine.dispose()
    return {
        "lost": len(wanted - told.keys()),
        "doubled": sum(count - 1 for count in told.values()) + len(load.doubled),
        "events": len(events), "incidents": len(incidents), "deliveries": deliveries, "in_search": found, "in_audit_trail": trail,
        "numbers_without_gap": all(one == list(range(1, len(one) + 1)) for one in numbers),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("-o", type=Path)
    given = parser.parse_args()
    found: dict[str, Any] = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "command": "python bench/service_kill.py"}
    for kind in given.database:
        found[kind] = killed(kind, given.kills)
        print(kind, json.dumps(found[kind]), flush=True)
    found["machine"] = machine()
    if given.o:
        given.o.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
