from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

RULES = """
groups:
- name: shop
  rules:
  - alert: CheckoutFails
    expr: sum by (service) (rate(http_requests_total{code=~"5.."}[10m])) / sum by (service) (rate(http_requests_total[10m])) > 0.05
    labels: {severity: critical}
    annotations: {summary: "checkouts fail"}
  - alert: AlwaysQuiet
    expr: vector(0) > 1
"""
CONFIG = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:%d"]}]}]}
scrape_configs:
- job_name: prometheus
  static_configs: [{targets: ["127.0.0.1:%d"]}]
"""
ALERTMANAGER = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


@dataclass(frozen=True)
class Monitoring:
    """A Prometheus whose service `checkout` fails since `began`, and the Alertmanager that it tells."""

    prometheus: str
    alertmanager: str
    began: datetime


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answered(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as response:
        return json.loads(response.read())


def until(found: Callable[[], Any], seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, ValueError):
            if result := found():
                return result
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.1)


def history(began: datetime, now: datetime) -> str:
    """Two hours of a service in OpenMetrics: 2 % of its requests fail, from `began` on 40 %, and each takes ten times as long."""
    first = now - timedelta(hours=2)
    lines: dict[str, list[str]] = {"requests": [], "seconds": [], "pool": []}
    good = bad = fast = slow = 0
    labels = 'service="checkout",instance="10.1.0.7:8080"'
    for step in range(int((now - first).total_seconds()) // 15 + 1):
        at = first + timedelta(seconds=15 * step)
        failing = at >= began
        good, bad = good + (90 if failing else 147), bad + (60 if failing else 3)
        fast, slow = fast + (10 if failing else 148), slow + (140 if failing else 2)
        stamp = f"{at.timestamp():.3f}"
        lines["requests"] += [
            f'http_requests_total{{{labels},code="200"}} {good} {stamp}', f'http_requests_total{{{labels},code="500"}} {bad} {stamp}'
        ]  # fmt: skip
        name = "http_request_duration_seconds"
        lines["seconds"] += [
            f'{name}_bucket{{{labels},le="0.1"}} {fast} {stamp}', f'{name}_bucket{{{labels},le="1.0"}} {fast + slow} {stamp}',
            f'{name}_bucket{{{labels},le="+Inf"}} {fast + slow} {stamp}', f"{name}_count{{{labels}}} {fast + slow} {stamp}",
            f"{name}_sum{{{labels}}} {fast * 0.05 + slow * 0.5:.2f} {stamp}",
        ]  # fmt: skip
        lines["pool"].append(f"db_pool_connections_in_use{{{labels}}} {20 if failing else 4 + step % 3} {stamp}")
    text = "# TYPE http_requests counter\n" + "\n".join(sorted(lines["requests"], key=lambda line: "500" in line))
    text += "\n# TYPE db_pool_connections_in_use gauge\n" + "\n".join(lines["pool"])
    buckets = sorted(lines["seconds"], key=lambda line: line.partition("} ")[2].split()[1])
    return text + "\n# TYPE http_request_duration_seconds histogram\n" + "\n".join(buckets) + "\n# EOF\n"


@pytest.fixture(scope="session")
def monitoring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monitoring]:
    """The real Prometheus with two hours of history, and the real Alertmanager; both of Debian's packages."""
    for program in ("prometheus", "promtool", "prometheus-alertmanager"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: prometheus, prometheus-alertmanager)")
    place = tmp_path_factory.mktemp("monitoring")
    now = datetime.now(UTC).replace(microsecond=0)
    began = now - timedelta(minutes=12)
    (place / "history.om").write_text(history(began, now))
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", "history.om", "data"], cwd=place, check=True, capture_output=True
    )  # fmt: skip
    ports = _free_port(), _free_port()
    (place / "prometheus.yml").write_text(CONFIG % ports[::-1])
    (place / "rules.yml").write_text(RULES)
    (place / "alertmanager.yml").write_text(ALERTMANAGER)
    made = Monitoring(f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}", began)
    # Prometheus finds its Alertmanager only after seconds, and would send again only after a minute.
    commands = (
        ["prometheus-alertmanager", "--config.file=alertmanager.yml", "--storage.path=am", f"--web.listen-address=127.0.0.1:{ports[1]}",
         "--cluster.listen-address="],
        ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--rules.alert.resend-delay=1s",
         f"--web.listen-address=127.0.0.1:{ports[0]}"],
    )  # fmt: skip
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((place / "log").open("wb"))
        processes = []
        try:
            for command in commands:
                processes.append(subprocess.Popen(command, cwd=place, stdout=log, stderr=log))
                until(lambda: answered(f"{made.alertmanager}/api/v2/status"))
            until(lambda: answered(f"{made.alertmanager}/api/v2/alerts"))
            until(lambda: answered(f"{made.prometheus}/api/v1/query?query=ALERTS")["data"]["result"])
            yield made
        finally:
            for process in processes:
                process.terminate()
                process.wait(timeout=20)
