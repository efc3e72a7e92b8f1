"""What is kept of the day: copies of the real files and answers, in the layout of `recorded/`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from day import Day
from hosting import PORTS
from monitoring import QUERIES
from picture import draw

STEP_BACK = 10
"""Seconds that are left out at the start, while the first scrapes are under way."""


def traces(logs: Path) -> dict[str, object]:
    """Return the spans of all services as one OTLP export."""
    resources = []
    for service in PORTS:
        spans = [json.loads(line) for line in (logs / f"{service}.spans").read_text(encoding="utf-8").splitlines()]
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
        scope = {"scope": {"name": "shop.plumbing"}, "spans": spans}
        resources.append({"resource": resource, "scopeSpans": [scope]})
    return {"resourceSpans": resources}


def keep(day: Day, target: Path, start: float, end: float) -> None:
    """Write everything but the terminal and the transcript, which are there already."""
    for folder in ("alerts", "metrics", "logs"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    for delivery in day.monitoring.deliveries:
        name = f"{delivery.at:%Y%m%dT%H%M%S.%f}Z-{delivery.payload['groupLabels']['alertname']}.json"
        (target / "alerts" / name).write_bytes(delivery.body)
    (target / "alertmanager-alerts.json").write_bytes(day.open_alerts)
    for name, query in QUERIES.items():
        (target / "metrics" / f"{name}.json").write_bytes(day.monitoring.series(query, start + STEP_BACK, end))
    in_use = json.loads((target / "metrics" / "orders_db_connections_in_use.json").read_bytes())
    points = [float(value) for _, value in in_use["data"]["result"][0]["values"]]
    (target / "dashboard-screenshot.png").write_bytes(draw(points))
    logs = day.hosting.place / "logs"
    for service in PORTS:
        shutil.copyfile(logs / f"{service}.log", target / "logs" / f"{service}.log")
    (target / "traces.json").write_text(json.dumps(traces(logs), separators=(",", ":")) + "\n", encoding="utf-8")
    log = day.repository.git("log", "--date=iso-strict", "--stat", "--patch", "morning~1..")
    (target / "git-log.txt").write_text(log, encoding="utf-8")
    for name, records in (("deploys", day.hosting.deploys), ("flags", day.hosting.flag_changes)):
        (target / f"{name}.json").write_text(json.dumps(records, indent=2) + "\n", encoding="utf-8")
    day.chat.save(target / "slack-export.zip")
