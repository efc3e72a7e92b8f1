"""The real Prometheus and Alertmanager of Debian's packages, and a receiver that keeps what Alertmanager delivers."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hosting import PORTS

PROMETHEUS, ALERTMANAGER, RECEIVER = 19090, 19093, 19101

_CHECKOUT_FAILURES = """sum(rate(http_requests_total{job="storefront",route="/checkout",code=~"5.."}[30s]))
            / sum(rate(http_requests_total{job="storefront",route="/checkout"}[30s]))"""

RULES = f"""
groups:
  - name: shop
    rules:
      - alert: CheckoutFailing
        expr: |
          {_CHECKOUT_FAILURES} > 0.05
        for: 15s
        labels: {{severity: critical, service: storefront}}
        annotations:
          summary: 'Checkouts fail: {{{{ $value | humanizePercentage }}}} in the last 30 s'
          runbook_url: https://wiki.shop.example/runbooks/checkout-failing
      - alert: OrdersSlow
        expr: |
          histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{{job="orders"}}[30s]))) > 1
        for: 15s
        labels: {{severity: warning, service: orders}}
        annotations:
          summary: 'Orders answers slowly: 95th percentile {{{{ $value | humanizeDuration }}}}'
      - alert: RecentlyStarted
        expr: time() - process_start_time_seconds{{job!="prometheus"}} < 20
        labels: {{severity: info, service: '{{{{ $labels.job }}}}'}}
        annotations:
          summary: '{{{{ $labels.job }}}} was started a moment ago'
"""

PROMETHEUS_CONFIG = """
global: {scrape_interval: 5s, evaluation_interval: 5s}
rule_files: [rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:%d"]}]}]}
scrape_configs:
"""

ALERTMANAGER_CONFIG = f"""
route: {{receiver: chat, group_by: [alertname, service], group_wait: 2s, group_interval: 5s, repeat_interval: 1h}}
receivers:
  - name: chat
    webhook_configs: [{{url: "http://127.0.0.1:{RECEIVER}/hook", send_resolved: true}}]
"""

QUERIES = {
    "checkouts_per_second": 'sum by (code) (rate(http_requests_total{job="storefront",route="/checkout"}[30s]))',
    "requests_per_second": "sum by (job, route) (rate(http_requests_total[30s]))",
    "failed_share": "sum by (job) (rate(http_requests_total{code=~'5..'}[30s])) "
    "/ sum by (job) (rate(http_requests_total[30s]))",
    "request_seconds_p95": "histogram_quantile(0.95, "
    "sum by (job, le) (rate(http_request_duration_seconds_bucket[30s])))",
    "orders_db_connections_in_use": "orders_db_connections_in_use",
    "orders_db_connections_max": "orders_db_connections_max",
    "http_requests_in_progress": "http_requests_in_progress",
    "process_start_time_seconds": 'process_start_time_seconds{job!="prometheus"}',
    "up": 'up{job!="prometheus"}',
}


@dataclass(frozen=True)
class Delivery:
    """What Alertmanager posted, byte for byte, and when it arrived."""

    at: datetime
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        """The body as JSON."""
        return dict(json.loads(self.body))

    def tells(self, alert: str, status: str) -> bool:
        """Say whether this is about `alert` and says `status` ("firing" or "resolved")."""
        return bool(self.payload["groupLabels"]["alertname"] == alert and self.payload["status"] == status)


class Monitoring:
    """Prometheus, Alertmanager and the receiver, with their files in `place`."""

    def __init__(self, place: Path, told: Callable[[Delivery], None]) -> None:
        self.deliveries: list[Delivery] = []
        self._place = place
        self._told = told
        self._news = threading.Condition()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", RECEIVER), _receiver(self._receive))

    def begin(self) -> None:
        """Start everything; the services need not run yet."""
        self._place.mkdir(parents=True)
        jobs = [
            f'  - {{job_name: {name}, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}\n'
            for name, port in PORTS.items()
        ]
        (self._place / "prometheus.yml").write_text(PROMETHEUS_CONFIG % ALERTMANAGER + "".join(jobs))
        (self._place / "rules.yml").write_text(RULES)
        (self._place / "alertmanager.yml").write_text(ALERTMANAGER_CONFIG)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._run(
            "prometheus-alertmanager",
            "--config.file=alertmanager.yml",
            "--storage.path=alertmanager",
            f"--web.listen-address=127.0.0.1:{ALERTMANAGER}",
            "--web.external-url=http://alertmanager.shop.example",
            "--cluster.listen-address=",
        )
        self._run(
            "prometheus",
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=prometheus",
            f"--web.listen-address=127.0.0.1:{PROMETHEUS}",
            "--web.external-url=http://prometheus.shop.example",
        )

    def _run(self, program: str, *options: str) -> None:
        with (self._place / f"{program}.log").open("ab") as log:
            self._processes.append(subprocess.Popen([program, *options], cwd=self._place, stderr=log, stdout=log))

    def end(self) -> None:
        """End everything."""
        for process in self._processes:
            process.terminate()
            process.wait(timeout=15)
        self._server.shutdown()

    def _receive(self, body: bytes) -> None:
        delivery = Delivery(datetime.now(UTC), body)
        with self._news:
            self.deliveries.append(delivery)
            self._news.notify_all()
        self._told(delivery)

    def await_alert(self, alert: str, status: str, *, since: int = 0, patience: float = 300) -> Delivery:
        """Wait for a delivery after the first `since`; raises TimeoutError when none comes in `patience` seconds."""
        until = time.monotonic() + patience
        with self._news:
            while True:
                for delivery in self.deliveries[since:]:
                    if delivery.tells(alert, status):
                        return delivery
                if not self._news.wait(max(0.0, until - time.monotonic())):
                    raise TimeoutError(f"{alert} was not {status} within {patience:g} s")

    def await_quiet(self, patience: float = 120) -> None:
        """Wait until no alert is open, but for those that are for information only."""
        until = time.monotonic() + patience
        while any(one["labels"]["severity"] != "info" for one in json.loads(self.open_alerts())):
            if time.monotonic() > until:
                raise TimeoutError("alerts are still open")
            time.sleep(1)

    def value(self, query: str) -> float:
        """Return the value of an instant query, 0 when there is none."""
        answer = json.loads(ask(PROMETHEUS, "/api/v1/query", query=query))
        found = answer["data"]["result"]
        return float(found[0]["value"][1]) if found else 0.0

    def checkout_failures(self) -> float:
        """Return the share of checkouts that failed in the last 30 s, 0 to 1."""
        share = self.value(_CHECKOUT_FAILURES)
        return share if share == share else 0.0  # noqa: PLR0124  # NaN where nobody checked out

    def open_alerts(self) -> bytes:
        """Return what Alertmanager's API says about the alerts that are open now."""
        return ask(ALERTMANAGER, "/api/v2/alerts")

    def series(self, query: str, start: float, end: float) -> bytes:
        """Return Prometheus' answer to a range query, a point every 5 s."""
        return ask(PROMETHEUS, "/api/v1/query_range", query=query, start=f"{start:.0f}", end=f"{end:.0f}", step="5")


def ask(port: int, path: str, **parameters: str) -> bytes:
    """Return the answer to a GET on this machine."""
    url = f"http://127.0.0.1:{port}{path}?{urllib.parse.urlencode(parameters)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())


def _receiver(receive: Callable[[bytes], None]) -> type[BaseHTTPRequestHandler]:
    class Receiving(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            receive(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the library's
            pass

    return Receiving
