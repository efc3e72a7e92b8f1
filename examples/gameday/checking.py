"""Looks over a recording: is everything there, can it be read, and do its parts agree on what came after what."""

from __future__ import annotations

import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from chat import read as read_chat

FILES = (
    "agent-transcript.jsonl",
    "alertmanager-alerts.json",
    "dashboard-screenshot.png",
    "deploys.json",
    "flags.json",
    "git-log.txt",
    "logs/orders.log",
    "logs/pricing.log",
    "logs/stock.log",
    "logs/storefront.log",
    "slack-export.zip",
    "traces.json",
    "typescript",
    "typescript.timing",
)
CULPRIT = "orders: do not hold a connection while stock is asked"
LARGEST = 3_000_000
MOST_LINES = 5_000


def time_of(text: str) -> datetime:
    """Read an ISO time that names its zone; Prometheus and Alertmanager write up to nine digits of a second."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))


def deliveries(folder: Path) -> list[dict[str, Any]]:
    """Return the payloads of all webhook deliveries, in the order of arrival."""
    return [json.loads(path.read_bytes()) for path in sorted((folder / "alerts").glob("*.json"))]


def transcript(folder: Path) -> list[dict[str, Any]]:
    """Return the messages between agent and operations server, in order."""
    lines = (folder / "agent-transcript.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def calls(folder: Path) -> list[dict[str, Any]]:
    """Return the tool calls: `at`, `tool`, `arguments`, `text` and `is_error`."""
    messages = transcript(folder)
    replies = {m["message"]["id"]: m["message"] for m in messages if m["dir"] == "server->client"}
    found = []
    for one in messages:
        message = one["message"]
        if message.get("method") == "tools/call" and one["dir"] == "client->server":
            result = replies[message["id"]]["result"]
            found.append(
                {
                    "at": time_of(one["ts"]),
                    "tool": message["params"]["name"],
                    "arguments": message["params"]["arguments"],
                    "text": result["content"][0]["text"],
                    "is_error": result["isError"],
                }
            )
    return found


def failed_checkouts(folder: Path) -> list[datetime]:
    """Return the times at which the storefront logged a failed checkout."""
    lines = (folder / "logs" / "storefront.log").read_text(encoding="utf-8").splitlines()
    records = (json.loads(line) for line in lines)
    return [time_of(r["time"]) for r in records if r["message"].startswith("checkout failed")]


def culprit(folder: Path) -> str:
    """Return the sha of the bad release as the git log has it, or nothing."""
    text = (folder / "git-log.txt").read_text(encoding="utf-8")
    found = re.search(rf"^commit (\w+)\n(?:\w+:.*\n)+\n    {re.escape(CULPRIT)}$", text, re.MULTILINE)
    return found[1] if found else ""


def _missing(folder: Path) -> Iterator[str]:
    for name in FILES:
        if not (folder / name).is_file():
            yield f"{name} is missing"
    for name in ("alerts", "metrics"):
        if not any((folder / name).glob("*.json")):
            yield f"{name} holds no JSON"


def _sizes(folder: Path) -> Iterator[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    if size > LARGEST:
        yield f"{size} bytes are more than {LARGEST}"
    for path in files:
        if path.suffix == ".log" and path.read_bytes().count(b"\n") > MOST_LINES:
            yield f"{path.name} has more than {MOST_LINES} lines"


def _unreadable(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.json")):
        try:
            json.loads(path.read_bytes())
        except ValueError as error:
            yield f"{path.name}: {error}"
    for path in sorted((folder / "metrics").glob("*.json")):
        if not json.loads(path.read_bytes())["data"]["result"]:
            yield f"{path.name} has no series"
    with zipfile.ZipFile(folder / "slack-export.zip") as archive:
        if broken := archive.testzip():
            yield f"slack-export.zip: {broken} is broken"
    if "Traceback (most recent call last):" not in (folder / "logs" / "orders.log").read_text(encoding="utf-8"):
        yield "orders.log holds no stack trace"


def _untold(folder: Path) -> Iterator[str]:
    told = deliveries(folder)
    if any(payload["version"] != "4" for payload in told):
        yield "a delivery is not of version 4"
    states = [p["status"] for p in told if p["groupLabels"]["alertname"] == "CheckoutFailing"]
    if states != ["firing", "resolved", "firing", "resolved"]:
        yield f"CheckoutFailing went {', '.join(states)}"
    if not re.search(r"Bearer [0-9a-f]{40}", (folder / "typescript").read_text(encoding="utf-8")):
        yield "the terminal shows no token"
    if [call["is_error"] for call in calls(folder) if call["tool"] == "rollback_release"] != [True, False]:
        yield "there is no failed rollback before the one that worked"
    if any(call["arguments"].get("service") == "stock" for call in calls(folder)):
        yield "the refused call was made"


def _order(folder: Path) -> Iterator[str]:
    deploys = json.loads((folder / "deploys.json").read_bytes())
    sha = culprit(folder)
    bad = next((d for d in deploys if d["commit"] == sha and d["action"] == "deploy"), None)
    back = next((d for d in deploys if d["action"] == "rollback"), None)
    if bad is None or back is None:
        yield "the bad release or its rollback is not among the deploys"
        return
    failures = failed_checkouts(folder)
    told = [p for p in deliveries(folder) if p["groupLabels"]["alertname"] == "CheckoutFailing"]
    said = [(float(m["ts"]), m["text"]) for m in read_chat(folder / "slack-export.zip")]
    all_clear = next((at for at, text in said if text.startswith("All clear")), 0.0)
    course = (
        ("the bad release", time_of(bad["timestamp"]).timestamp()),
        ("the first failed checkout", failures[0].timestamp()),
        ("the alert", time_of(told[0]["alerts"][0]["startsAt"]).timestamp()),
        ("the rollback", time_of(back["timestamp"]).timestamp()),
        ("the end of the alert", time_of(told[-1]["alerts"][0]["endsAt"]).timestamp()),
        ("the all-clear", all_clear),
    )
    for (earlier, one), (later, other) in itertools.pairwise(course):
        if one >= other:
            yield f"{earlier} does not come before {later}"
    if (failures[-1] - time_of(back["timestamp"])).total_seconds() > 5:
        yield "checkouts failed after the rollback"


def complaints(folder: Path) -> list[str]:
    """Return what is wrong with a recording; nothing when all is well."""
    missing = list(_missing(folder))
    if missing:
        return missing
    unreadable = list(_unreadable(folder))
    return unreadable or [*_sizes(folder), *_untold(folder), *_order(folder)]
