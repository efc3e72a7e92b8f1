"""A small MCP server (revision 2025-06-18, stdio) with the tools by which an agent operates the shop."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hosting import CONTROL
from monitoring import PROMETHEUS, ask

AGENT = "ops-agent"


class ToolFailed(Exception):
    """A tool could not do what it was asked for; the text goes back as a result with `isError`."""


def _control(path: str, body: dict[str, Any]) -> str:
    request = urllib.request.Request(
        f"http://127.0.0.1:{CONTROL}{path}",
        json.dumps(body | {"by": AGENT}).encode(),
        {"Authorization": f"Bearer {os.environ['SHOP_TOKEN']}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            result = json.load(answer)["result"]
    except urllib.error.HTTPError as error:
        raise ToolFailed(json.load(error)["error"]) from None
    return result if isinstance(result, str) else json.dumps(result)


def query_metrics(asked: dict[str, Any]) -> str:
    """Return the values of an instant query, a line for each series."""
    found = json.loads(ask(PROMETHEUS, "/api/v1/query", query=asked["query"]))["data"]["result"]
    return "\n".join(f"{json.dumps(one['metric'])} {one['value'][1]}" for one in found) or "no data"


def tail_logs(asked: dict[str, Any]) -> str:
    """Return the last lines of a service's log that contain a text."""
    path = Path(os.environ["SHOP_LOGS"]) / f"{asked['service']}.log"
    with path.open(encoding="utf-8") as lines:
        wanted = (line for line in lines if asked.get("contains", "") in line)
        return "".join(deque(wanted, maxlen=int(asked.get("lines", 10))))


def list_deploys(asked: dict[str, Any]) -> str:
    """Return the deploys of a service, or all."""
    deploys = json.loads(_control("/deploys", {}))
    return "\n".join(json.dumps(one) for one in deploys if asked.get("service") in {None, one["service"]})


def _schema(*required: str, **kinds: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in kinds.items()},
        "required": list(required),
    }


def _hints(*, read_only: bool, destructive: bool = False, idempotent: bool = False) -> dict[str, bool]:
    return {"readOnlyHint": read_only, "destructiveHint": destructive, "idempotentHint": idempotent}


TOOLS: list[tuple[dict[str, Any], Callable[[dict[str, Any]], str]]] = [
    (
        {
            "name": "query_metrics",
            "description": "Ask Prometheus for the present value of an expression.",
            "inputSchema": _schema("query", query="string"),
            "annotations": _hints(read_only=True),
        },
        query_metrics,
    ),
    (
        {
            "name": "tail_logs",
            "description": "Show the last lines of a service's log, optionally only those that contain a text.",
            "inputSchema": _schema("service", service="string", lines="integer", contains="string"),
            "annotations": _hints(read_only=True),
        },
        tail_logs,
    ),
    (
        {
            "name": "list_deploys",
            "description": "List what was deployed, oldest first.",
            "inputSchema": _schema(service="string"),
            "annotations": _hints(read_only=True),
        },
        list_deploys,
    ),
    (
        {
            "name": "restart_service",
            "description": "Restart a service with the release that it has.",
            "inputSchema": _schema("service", service="string"),
            "annotations": _hints(read_only=False, idempotent=True),
        },
        lambda asked: _control("/restart", asked),
    ),
    (
        {
            "name": "rollback_release",
            "description": "Put a release back into service that the service had before.",
            "inputSchema": _schema("service", "release", service="string", release="string"),
            "annotations": _hints(read_only=False, destructive=True, idempotent=True),
        },
        lambda asked: _control("/rollback", asked),
    ),
    (
        {
            "name": "set_flag",
            "description": "Turn a feature flag on or off.",
            "inputSchema": _schema("flag", "on", flag="string", on="boolean"),
            "annotations": _hints(read_only=False, destructive=True, idempotent=True),
        },
        lambda asked: _control("/flags", asked),
    ),
]


def answer(method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """Return the result of a request, or None for a method that is not known."""
    if method == "initialize":
        return {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "shop-operations", "version": "1.2.0"},
        }
    if method == "tools/list":
        return {"tools": [described for described, _ in TOOLS]}
    if method != "tools/call":
        return None
    tool = next(do for described, do in TOOLS if described["name"] == params["name"])
    try:
        text, failed = tool(params.get("arguments", {})), False
    except ToolFailed as error:
        text, failed = str(error), True
    return {"content": [{"type": "text", "text": text}], "isError": failed}


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message:
            continue
        result = answer(message["method"], message.get("params", {}))
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        if result is None:
            reply["error"] = {"code": -32601, "message": "Method not found"}
        else:
            reply["result"] = result
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
