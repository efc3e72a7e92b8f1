"""Where the shop runs: releases unpacked from git, one process a service, deploys and flags on record.

A process is replaced by starting anew on the same port after the old one has finished what it had in hand. Operators
reach this over HTTP (`/releases`, `/restart`, `/rollback`, `/flags`) with a token that is made up anew for every game day.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from history import Repository

PORTS = {"storefront": 18081, "orders": 18082, "pricing": 18083, "stock": 18084}
CONTROL = 18080
CUSTOMERS = 400
LOW_CREDIT = 10
"""Every customer whose number is divisible by this may order for little only: their large baskets are refused."""


def stamp() -> str:
    """Return the time of day, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class RefusedRequest(Exception):
    """What an operator asked for cannot be done; the text says why."""


@dataclass
class Running:
    """A service that runs: the short sha of its release, its process, and the releases that it had before."""

    release: str = ""
    process: subprocess.Popen[bytes] | None = None
    releases: list[str] = field(default_factory=list)


class Hosting:
    """Runs the services of a repository in `place`, which holds `repo`, `releases`, `logs` and `data`."""

    def __init__(self, place: Path, repository: Repository, token: str) -> None:
        self.place = place
        self.deploys: list[dict[str, str]] = []
        self.flag_changes: list[dict[str, str]] = []
        self._repository = repository
        self._token = token
        self._running = {name: Running() for name in PORTS}
        self._lock = threading.Lock()
        for folder in ("logs", "data/flags"):
            (place / folder).mkdir(parents=True)
        self._make_database()

    def _make_database(self) -> None:
        with sqlite3.connect(self.place / "data" / "orders.db") as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, credit INTEGER NOT NULL)")
            database.execute(
                "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, total INTEGER, placed_at REAL)"
            )
            rows = [(number, 5_000 if number % LOW_CREDIT == 0 else 10_000_000) for number in range(1, CUSTOMERS + 1)]
            database.executemany("INSERT INTO customers VALUES (?, ?)", rows)

    def deploy(self, service: str, sha: str, by: str, action: str = "deploy") -> None:
        """Put a release of a service into service and write it down."""
        release = sha[:7]
        folder = self.place / "releases" / service / release
        if not folder.exists():
            self._repository.export(sha, folder)
        with self._lock:
            running = self._running[service]
            self._replace(service, release)
            if release not in running.releases:
                running.releases.append(release)
            self.deploys.append(
                {
                    "timestamp": stamp(),
                    "service": service,
                    "commit": sha,
                    "version": release,
                    "action": action,
                    "by": by,
                }
            )

    def _replace(self, service: str, release: str) -> None:
        running = self._running[service]
        if running.process:
            running.process.terminate()
            running.process.wait(timeout=10)
        neighbours = [f"--neighbour={name}={port}" for name, port in PORTS.items() if name != service]
        command = [sys.executable, "-B", "-m", service, f"--port={PORTS[service]}", *neighbours]
        command += [f"--logs={self.place / 'logs'}", f"--data={self.place / 'data'}"]
        with (self.place / "logs" / f"{service}.stderr").open("ab") as errors:
            folder = self.place / "releases" / service / release
            running.process = subprocess.Popen(command, cwd=folder, stderr=errors)
        running.release = release
        _wait_for(f"http://127.0.0.1:{PORTS[service]}/metrics")

    def restart(self, service: str) -> str:
        """Restart a service with the release that it has."""
        running = self._known(service)
        with self._lock:
            start = time.monotonic()
            self._replace(service, running.release)
        return f"{service} restarted, release {running.release}, ready after {time.monotonic() - start:.1f} s"

    def rollback(self, service: str, release: str, by: str) -> str:
        """Go back to a release that the service had before."""
        running = self._known(service)
        if release not in running.releases:
            raise RefusedRequest(f"{service} never had release {release}; it had {', '.join(running.releases)}")
        before = running.release
        sha = self._repository.git("rev-parse", release).strip()
        self.deploy(service, sha, by, action="rollback")
        return f"{service} rolled back from {before} to {release}"

    def set_flag(self, flag: str, *, on: bool, by: str) -> str:
        """Turn a feature flag on or off for all services."""
        path = self.place / "data" / "flags" / flag
        before = path.exists()
        path.touch() if on else path.unlink(missing_ok=True)
        words = {True: "on", False: "off"}
        self.flag_changes.append({"timestamp": stamp(), "flag": flag, "from": words[before], "to": words[on], "by": by})
        return f"{flag} is {words[on]}"

    def log_lines(self, service: str, text: str, *, last: float) -> int:
        """Count the lines of a service's JSON log of the last seconds that contain a text."""
        since = datetime.fromtimestamp(time.time() - last, UTC).isoformat().replace("+00:00", "Z")
        lines = (self.place / "logs" / f"{service}.log").read_text(encoding="utf-8").splitlines()
        return sum(text in line and json.loads(line)["time"] >= since for line in lines)

    def _known(self, service: str) -> Running:
        if service not in self._running:
            raise RefusedRequest(f"no service {service}; there are {', '.join(self._running)}")
        return self._running[service]

    def end(self) -> None:
        """End all processes."""
        for running in self._running.values():
            if running.process:
                running.process.terminate()
                running.process.wait(timeout=10)

    def answer(self, path: str, asked: dict[str, Any]) -> object:
        """Do what an operator asked for over HTTP; raises RefusedRequest."""
        by = str(asked.get("by", "unknown"))
        match path:
            case "/releases":
                return [{"service": name, "release": r.release, "had": r.releases} for name, r in self._running.items()]
            case "/deploys":
                return self.deploys
            case "/restart":
                return self.restart(str(asked.get("service")))
            case "/rollback":
                return self.rollback(str(asked.get("service")), str(asked.get("release")), by)
            case "/flags":
                return self.set_flag(str(asked.get("flag")), on=bool(asked.get("on")), by=by)
        raise RefusedRequest(f"no {path} here")

    def listen(self) -> ThreadingHTTPServer:
        """Let operators in; the caller shuts the server down."""
        server = ThreadingHTTPServer(("127.0.0.1", CONTROL), _handler(self, self._token))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


def _handler(hosting: Hosting, token: str) -> type[BaseHTTPRequestHandler]:
    class Handling(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}"))

        def _answer(self, asked: dict[str, Any]) -> None:
            if self.headers.get("Authorization") != f"Bearer {token}":
                self._send(401, {"error": "a token is needed"})
                return
            try:
                self._send(200, {"result": hosting.answer(self.path, asked)})
            except RefusedRequest as error:
                self._send(422, {"error": str(error)})

        def _send(self, status: int, body: object) -> None:
            text = json.dumps(body).encode() + b"\n"
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the library's
            pass

    return Handling


def _wait_for(url: str, patience: float = 15.0) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
