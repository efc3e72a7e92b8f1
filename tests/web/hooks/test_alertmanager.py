"""A real Prometheus and a real Alertmanager fire at a running service, and the incident stands there with a right timeline."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hook_senders import SENDERS

from afteraction.model.event import Alert, Change, EventKind
from afteraction.model.record import Wanted
from afteraction.store.database import DatabaseStore

SECRET = "a secret that Alertmanager sends as its token"
SETTINGS = """
[hooks.alertmanager]
vendor = "alertmanager"
secret_file = "alertmanager.secret"

[hooks.github]
vendor = "github"
secret_env = "SECRET_OF_GITHUB"
"""
RULES = """
groups:
  - name: shop
    interval: 1s
    rules:
      - alert: BasketFailing
        expr: basket_errors > 0.05
        for: 2s
        labels: {severity: critical, service: basket}
        annotations: {summary: '{{ $value | humanizePercentage }} of requests to basket fail'}
      - alert: QueueLong
        expr: basket_errors > 0.01
        labels: {severity: warning, service: basket}
        annotations: {summary: 'the queue before basket is long'}
"""
PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]}}]}}
scrape_configs: [{{job_name: demo, static_configs: [{{targets: ["127.0.0.1:{exporter}"]}}]}}]
"""
ALERTMANAGER = """
route: {{receiver: aar, group_by: [alertname, service], group_wait: 1s, group_interval: 1s, repeat_interval: 4s}}
receivers:
  - name: aar
    webhook_configs:
      - url: "{url}/hooks/alertmanager"
        send_resolved: true
        http_config: {{authorization: {{credentials: "{secret}"}}}}
"""


class Exporter(BaseHTTPRequestHandler):
    errors = 0.0

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"basket_errors {Exporter.errors}\n".encode())

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def running(folder: Path, *command: str) -> Iterator[None]:
    with (folder / f"{command[0]}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stderr=log, stdout=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def until(found: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if told := found():
            return told
        time.sleep(0.2)
    raise AssertionError(f"{what} did not happen within {seconds} s")


@pytest.fixture
def exporter() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Exporter)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.mark.skipif(not shutil.which("prometheus-alertmanager"), reason="Debian: prometheus, prometheus-alertmanager")
def test_a_real_alertmanager_makes_an_incident_with_a_right_timeline(
    serving: Any, free: Callable[[], int], tmp_path: Path, exporter: int, database: str
) -> None:
    Exporter.errors = 0.0
    (tmp_path / "afteraction.toml").write_text(SETTINGS)
    (tmp_path / "alertmanager.secret").write_text(f"{SECRET}\n")
    ports = {"exporter": exporter, "alertmanager": free(), "prometheus": free()}
    with contextlib.ExitStack() as stack:
        service = stack.enter_context(serving(database, "--workers", "2", SECRET_OF_GITHUB="github's own"))
        (tmp_path / "rules.yml").write_text(RULES)
        (tmp_path / "prometheus.yml").write_text(PROMETHEUS.format(**ports))
        (tmp_path / "alertmanager.yml").write_text(ALERTMANAGER.format(url=service.url, secret=SECRET))
        for program, port, more in (
            ("prometheus-alertmanager", "alertmanager", ("--storage.path=am", "--cluster.listen-address=")),
            ("prometheus", "prometheus", ("--storage.tsdb.path=tsdb",)),
        ):
            config = f"--config.file={port}.yml"
            listen = f"--web.listen-address=127.0.0.1:{ports[port]}"
            stack.enter_context(running(tmp_path, program, config, listen, *more))
        began = datetime.now(UTC)
        deployed = _deploy(service.url, began - timedelta(minutes=3))
        store = DatabaseStore(database)
        stack.callback(store.close)

        Exporter.errors = 0.12
        incident = until(lambda: _incidents(store), "an incident")[0]
        fired = datetime.now(UTC)
        until(lambda: len(_deliveries(store, incident.id)) >= 3, "the other alert")
        taken = len(_answered(service))
        until(lambda: len(_answered(service)) >= taken + 2, "a repeat of both alerts")
        assert len(_deliveries(store, incident.id)) == 3
        Exporter.errors = 0.0
        until(lambda: any(e.source == "record" for e in _events(store, incident.id)), "a proposal")
        ended = datetime.now(UTC)

        events = _events(store, incident.id)
        assert len(_incidents(store)) == 1
        assert incident.title == "BasketFailing: 12% of requests to basket fail"
        assert (incident.severity, incident.services) == ("Critical", ("basket",))
        told = [(event.kind, _name(event)) for event in events]
        assert sorted(told) == sorted([
            (EventKind.CHANGE, deployed), (EventKind.ALERT_FIRING, "QueueLong"), (EventKind.ALERT_FIRING, "BasketFailing"),
            (EventKind.ALERT_RESOLVED, "QueueLong"), (EventKind.ALERT_RESOLVED, "BasketFailing"), (EventKind.NOTE, ""),
        ])  # fmt: skip
        at = {(event.kind, _name(event)): event.at for event in events}
        firing = at[EventKind.ALERT_FIRING, "BasketFailing"]
        assert incident.opened_at == firing
        assert began <= at[EventKind.ALERT_FIRING, "QueueLong"] <= firing <= fired
        assert at[EventKind.CHANGE, deployed] < firing
        assert firing < at[EventKind.ALERT_RESOLVED, "BasketFailing"] <= ended
        restored = max(at[EventKind.ALERT_RESOLVED, name] for name in ("BasketFailing", "QueueLong"))
        assert at[EventKind.NOTE, ""] == restored

        drafted = _drafted(tmp_path, database, incident.id)
        assert (
            drafted["milestones"]["detected"]["at"][:19]
            == min(at[EventKind.ALERT_FIRING, "QueueLong"], firing).isoformat()[:19]
        )
        assert drafted["milestones"]["restored"]["at"][:19] == restored.isoformat()[:19]
        assert drafted["milestones"]["restored"]["basis"] != "reported"
        assert [one["ref"] for one in drafted["suspects"]][:1] == [deployed]


def _incidents(store: DatabaseStore) -> Any:
    with store.begin() as record:
        return record.incidents(Wanted())


def _deliveries(store: DatabaseStore, incident: str) -> Any:
    with store.begin() as record:
        return record.deliveries(incident=incident)


def _answered(service: Any) -> list[Any]:
    return [line for line in service.lines() if line.get("route") == "/hooks/{vendor}" and line.get("status") == 200]


def _events(store: DatabaseStore, incident: str) -> Any:
    with store.begin() as record:
        return [known.event for known in record.events(incident)]


def _name(event: Any) -> str:
    if isinstance(event.detail, Alert):
        return event.detail.name
    return event.detail.ref if isinstance(event.detail, Change) else ""


def _deploy(url: str, at: datetime) -> str:
    value = json.loads(json.dumps(SENDERS["github"].value))
    value["deployment"]["created_at"] = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    body = json.dumps(value).encode()
    signature = hmac.new(b"github's own", body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}", "X-GitHub-Event": "deployment", "X-GitHub-Delivery": "d-1"}
    answer = httpx2.post(f"{url}/hooks/github", content=body, headers=headers)
    assert (answer.status_code, answer.json()["incident"]) == (200, "")
    return str(value["deployment"]["sha"])


def _drafted(folder: Path, database: str, incident: str) -> Any:
    command = [str(Path(sys.executable).parent / "afteraction"), "draft", "--incident", incident, "--json", "--no-save"]
    environment = {**os.environ, "AFTERACTION_DATABASE_URL": database, "SECRET_OF_GITHUB": "x"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
