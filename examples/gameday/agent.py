"""The scripted agent: a real MCP client of `operations.py`, whose traffic is written down line by line as it passes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosting import stamp

OPERATIONS = Path(__file__).with_name("operations.py")


@dataclass(frozen=True)
class ToolResult:
    """What a tool call came back with."""

    text: str
    is_error: bool


class Agent:
    """A session with the operations server; `transcript` gets `{"ts", "dir", "message"}` a line, both directions."""

    def __init__(self, transcript: Path, variables: dict[str, str]) -> None:
        self._transcript = transcript.open("a", encoding="utf-8")
        self._server = subprocess.Popen(
            [sys.executable, "-B", str(OPERATIONS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | variables,
            text=True,
        )
        self._number = 0
        client = {"name": "ops-agent", "version": "0.3.1"}
        self._request("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client})
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        self._request("tools/list", {})

    def _note(self, direction: str, message: dict[str, Any]) -> None:
        self._transcript.write(json.dumps({"ts": stamp(), "dir": direction, "message": message}) + "\n")
        self._transcript.flush()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._server.stdin is not None
        self._note("client->server", message)
        self._server.stdin.write(json.dumps(message) + "\n")
        self._server.stdin.flush()

    def _request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        assert self._server.stdout is not None
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        reply = json.loads(self._server.stdout.readline())
        self._note("server->client", reply)
        return dict(reply["result"])

    def call(self, tool: str, **arguments: object) -> ToolResult:
        """Call a tool and return its result."""
        result = self._request("tools/call", {"name": tool, "arguments": arguments})
        return ToolResult(result["content"][0]["text"], bool(result["isError"]))

    def end(self) -> None:
        """End the session."""
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(timeout=10)
        self._transcript.close()
