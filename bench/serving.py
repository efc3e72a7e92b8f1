"""A running service for the benches: `afteraction serve` over SQLite or a PostgreSQL of its own, and what is posted to it.

PostgreSQL keeps its promises here (fsync and synchronous commits are on, as they are by default); SQLite runs as the program
opens it (WAL, synchronous=FULL).
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

BIN = Path(sys.executable).parent
SECRET = "the secret of the bench"
SETTINGS = f'[hooks.alertmanager]\nvendor = "alertmanager"\nsecret = "{SECRET}"\n'
PATH = "/hooks/alertmanager"
HEADERS = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Start a PostgreSQL in a folder of its own and yield its address."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = Path(tempfile.mkdtemp(prefix="afteraction-bench-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    data = str(folder / "data")
    run(f"{binaries}/initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    run(f"{binaries}/pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run(f"{binaries}/pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@contextlib.contextmanager
def databases(folder: Path, kind: str) -> Iterator[str]:
    """Yield the address of an empty database: `sqlite` or `postgresql`."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/record.db"
        return
    with postgres() as url:
        yield url


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Forked:
    """The service, forked from a process that has loaded it: started in a moment, as often as one likes."""

    def __init__(self, folder: Path, database: str) -> None:
        (folder / "afteraction.toml").write_text(SETTINGS)
        self.port = free_port()
        self._log = folder / "serve.log"
        self._pid = 0
        command = [sys.executable, str(Path(__file__).with_name("forked.py")), str(self.port)]
        environment = {**os.environ, "AFTERACTION_DATABASE_URL": database}
        self._parent = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write("start\n")
        self._parent.stdin.flush()
        self._pid = int(self._parent.stdout.readline())
        await_ready(self.port, lambda: _there(self._pid), self._log)

    def kill(self) -> None:
        """Kill it, so that it can do nothing more."""
        os.kill(self._pid, signal.SIGKILL)
        while _there(self._pid):
            time.sleep(0.005)

    def end(self) -> None:
        """Tell it to end, and wait for that."""
        os.kill(self._pid, signal.SIGTERM)
        while _there(self._pid):
            time.sleep(0.05)
        self._parent.communicate()


def _there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Service:
    """The service as `afteraction serve` starts it."""

    def __init__(self, folder: Path, database: str, workers: int = 1) -> None:
        (folder / "afteraction.toml").write_text(SETTINGS)
        self.port = free_port()
        self._log = folder / "serve.log"
        command = [str(BIN / "afteraction"), "serve", "--listen", f"127.0.0.1:{self.port}", "--workers", str(workers)]
        environment = {**os.environ, "AFTERACTION_DATABASE_URL": database}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)

    def wait(self) -> None:
        """Wait until it answers."""
        await_ready(self.port, lambda: self.process.poll() is None, self._log)

    def end(self) -> None:
        """Tell it to end, and wait for that."""
        self.process.terminate()
        self.process.wait(60)


def await_ready(port: int, there: Callable[[], bool], log: Path) -> None:
    """Wait until a service answers. Raises RuntimeError with its log when it ends before, or takes too long."""
    until = time.monotonic() + 120
    while time.monotonic() < until and there():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.02)
    raise RuntimeError(log.read_text()[-2000:])


def delivery(number: int, *, services: int = 40, alerts: int = 1) -> bytes:
    """Return the body of a delivery like Alertmanager's; each alert has a name of its own."""
    service = f"service-{number % services}"
    told = [
        {
            "status": "firing",
            "labels": {"alertname": f"Alert{number}x{n}", "service": service, "severity": "critical", "instance": f"10.0.0.{n}:9100"},
            "annotations": {"summary": f"event-{number}x{n} of {service} is above its threshold", "runbook_url": "https://r.example/a"},
            "startsAt": f"2026-03-04T09:{number // 60 % 60:02d}:{number % 60:02d}.{n:03d}Z", "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus:9090/graph",
            "fingerprint": hashlib.sha256(f"{number}x{n}".encode()).hexdigest()[:16],
        }
        for n in range(alerts)
    ]  # fmt: skip
    body = {
        "version": "4", "groupKey": f'{{}}:{{alertname="Alert{number}"}}', "truncatedAlerts": 0, "status": "firing", "receiver": "aar",
        "groupLabels": {"alertname": f"Alert{number}"}, "commonLabels": {"service": service}, "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093", "alerts": told,
    }  # fmt: skip
    return json.dumps(body).encode()


def machine() -> str:
    """Say on what it runs, and how busy that was."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
