"""What the flight recorder costs: latency per call, start-up and memory, direct, recorded, and through a fastmcp proxy.

A server and a client of the standard library speak JSON-RPC, so that nothing but the path between them is measured: 500
`tools/call` with a small result and 100 with 256 KiB, over stdio and over HTTP with keep-alive, in one run and in turns.
The peer, fastmcp's proxy, lives in an environment of its own (`bench/.recorder-peer`, made on first use).

`--soak N` sends N calls through the recorder instead, while its spool's disk fills and empties and its reader is killed,
and counts answers and decoded calls. Figures go to `bench/results/recorder_cost.json` and `recorder_soak.json`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from afteraction.formats.spool_frames import EXCHANGE, EXCHANGE_NUMBER, TO_CLIENT, frames

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
PEER = ROOT / "bench" / ".recorder-peer"
PEER_PACKAGES = ("fastmcp==4.1.2",)
RECORDER = [sys.executable, "-m", "afteraction", "record"]
SMALL, LARGE = 100, 256 * 1024

STDIO_SERVER = """
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    if "id" not in m: continue
    method = m["method"]
    if method == "initialize":
        r = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}
    elif method == "tools/list":
        r = {"tools": [{"name": "echo", "inputSchema": {"type": "object", "properties": {"n": {"type": "integer"}}}}]}
    elif method == "tools/call":
        r = {"content": [{"type": "text", "text": "x" * m["params"]["arguments"]["n"]}]}
    else:
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "error": {"code": -32601, "message": method}}), flush=True)
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}), flush=True)
"""
HTTP_SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class H(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"; disable_nagle_algorithm = True; wbufsize = 1 << 20
    def do_POST(self):
        m = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        method = m.get("method")
        if "id" not in m:
            self.send_response(202); self.send_header("Content-Length", "0"); self.end_headers(); return
        if method == "initialize":
            r = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}
        elif method == "tools/list":
            r = {"tools": [{"name": "echo", "inputSchema": {"type": "object", "properties": {"n": {"type": "integer"}}}}]}
        else:
            r = {"content": [{"type": "text", "text": "x" * m["params"]["arguments"]["n"]}]}
        body = json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": r}).encode()
        self.send_response(200); self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body); self.wfile.flush()
    def do_GET(self):
        self.send_response(405); self.send_header("Content-Length", "0"); self.end_headers()
    do_DELETE = do_GET
    def log_message(self, *a): pass
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), H).serve_forever()
"""
PROXY = """
import sys
from fastmcp.server import create_proxy
kind, target, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
if kind == "stdio":
    create_proxy({"mcpServers": {"s": {"command": sys.executable, "args": ["-c", target]}}}).run(show_banner=False)
else:
    create_proxy(target).run(transport="http", host="127.0.0.1", port=port, show_banner=False, log_level="error")
"""
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}


def peer_python() -> str | None:
    """Return the Python of the peer's environment, made on first use; None when it cannot be had."""
    python = PEER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(PEER)], check=True)
        command = [
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            "--python",
            str(python),
            "install",
            *PEER_PACKAGES,
        ]
        if subprocess.run(["python3", *command], check=False).returncode:
            shutil.rmtree(PEER)
            return None
    return str(python)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def memory_mb(pid: int) -> float:
    """Return the peak resident memory of a process, and of the shell by which the recorder watches itself, in MiB."""
    return sum(_peak_mb(one) for one in (pid, *_shells(pid)))


def _shells(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [
        int(child) for child in children if "read -r _" in Path(f"/proc/{child}/cmdline").read_text(errors="replace")
    ]


def _peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


class StdioClient:
    """A client over the pipes of a process."""

    def __init__(self, command: list[str]) -> None:
        began = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._id = 0
        self.ask("initialize", HELLO)
        self.start_ms = (time.perf_counter() - began) * 1000
        self.tell("notifications/initialized")

    def tell(self, method: str) -> None:
        """Send a notification."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", "method": method}).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: dict[str, Any]) -> bytes:
        """Send a request and return the line that answers it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._id += 1
        self.process.stdin.write(
            json.dumps({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}).encode() + b"\n"
        )
        self.process.stdin.flush()
        mark = f'"id": {self._id}'.encode(), f'"id":{self._id}'.encode()
        while line := self.process.stdout.readline():
            if mark[0] in line or mark[1] in line:
                return line
        raise RuntimeError("the server is gone")

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(20)


class HttpClient:
    """A client over one kept connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._id = 0
        self._session: dict[str, str] = {}
        self.ask("initialize", HELLO)

    def ask(self, method: str, params: dict[str, Any]) -> bytes:
        """Post a request and return the body that answers it."""
        self._id += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **self._session}
        self._connection.request("POST", "/mcp", body, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {data[:200]!r}")
        if session := answer.headers.get("Mcp-Session-Id"):
            self._session = {"Mcp-Session-Id": session}
        return data

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def call(client: StdioClient | HttpClient, size: int) -> float:
    """Return the milliseconds of one call whose result has `size` bytes."""
    began = time.perf_counter()
    data = client.ask("tools/call", {"name": "echo", "arguments": {"n": size}})
    took = (time.perf_counter() - began) * 1000
    if len(data) < size or b'"isError":true' in data.replace(b" ", b""):
        raise RuntimeError(f"not the result: {data[:200]!r}")
    return took


@contextmanager
def listening(command: list[str], port: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """Run a server until the block ends; gives the process and the milliseconds until it listened."""
    began = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[:4]} ended with {process.returncode}") from None
                time.sleep(0.005)
        try:
            yield process, (time.perf_counter() - began) * 1000
        finally:
            process.send_signal(signal.SIGTERM)


def figures(took: list[float]) -> dict[str, float]:
    """Return median and p99 in milliseconds."""
    ordered = sorted(took)
    return {
        "median ms": round(statistics.median(ordered), 3),
        "p99 ms": round(ordered[int(0.99 * (len(ordered) - 1))], 3),
    }


def measured(clients: dict[str, StdioClient | HttpClient], small: int, large: int) -> dict[str, dict[str, Any]]:
    """Call all clients in turns, so that what else the machine does hits them alike."""
    took: dict[str, dict[str, list[float]]] = {name: {"small": [], "256 KiB": []} for name in clients}
    for kind, size, count in (("small", SMALL, small), ("256 KiB", LARGE, large)):
        for n in range(count + 10):
            for name, client in clients.items():
                ms = call(client, size)
                if n >= 10:
                    took[name][kind].append(ms)
    return {name: {kind: figures(found) for kind, found in kinds.items()} for name, kinds in took.items()}


def over_stdio(peer: str | None, small: int, large: int, folder: Path) -> dict[str, Any]:
    """Measure the three paths over stdio."""
    server = [sys.executable, "-c", STDIO_SERVER]
    paths = {"direct": server, "afteraction": [*RECORDER, "--spool", str(folder), "--", *server]}
    if peer:
        paths["fastmcp proxy"] = [peer, "-c", PROXY, "stdio", STDIO_SERVER, "0"]
    clients: dict[str, StdioClient | HttpClient] = {name: StdioClient(command) for name, command in paths.items()}
    found = measured(clients, small, large)
    for name, client in clients.items():
        assert isinstance(client, StdioClient)
        found[name] |= {"start ms": round(client.start_ms, 1), "MiB": round(memory_mb(client.process.pid), 1)}
        client.close()
    return found


def over_http(peer: str | None, small: int, large: int, folder: Path) -> dict[str, Any]:
    """Measure the three paths over HTTP."""
    direct, recorded, proxied = free_port(), free_port(), free_port()
    url = f"http://127.0.0.1:{direct}/mcp"
    with ExitStack() as stack:
        ports = {"direct": direct, "afteraction": recorded}
        running = {"direct": stack.enter_context(listening([sys.executable, "-c", HTTP_SERVER, str(direct)], direct))}
        command = [*RECORDER, "--spool", str(folder), "--listen", f"127.0.0.1:{recorded}", "--url", url]
        running["afteraction"] = stack.enter_context(listening(command, recorded))
        if peer:
            ports["fastmcp proxy"] = proxied
            running["fastmcp proxy"] = stack.enter_context(
                listening([peer, "-c", PROXY, "http", url, str(proxied)], proxied)
            )
        clients: dict[str, StdioClient | HttpClient] = {name: HttpClient(port) for name, port in ports.items()}
        found = measured(clients, small, large)
        for name, (process, start_ms) in running.items():
            found[name] |= {"start ms": round(start_ms, 1), "MiB": round(memory_mb(process.pid), 1)}
        for client in clients.values():
            client.close()
    return found


def with_added(found: dict[str, Any]) -> dict[str, Any]:
    """Add to each path what it adds to a direct call, and how many times less the recorder adds than the peer."""
    for name, figures_of in found.items():
        for kind in ("small", "256 KiB"):
            added = figures_of[kind]["median ms"] - found["direct"][kind]["median ms"]
            if name != "direct":
                figures_of[kind]["added at the median ms"] = round(added, 3)
    if "fastmcp proxy" in found:
        ours, peers = (found[name]["small"]["added at the median ms"] for name in ("afteraction", "fastmcp proxy"))
        found["times less added than the fastmcp proxy"] = round(peers / max(ours, 0.001), 1)
    return found


def soak(calls: int) -> dict[str, Any]:
    """Send calls over stdio and HTTP while the spool's folder comes and goes and a reader is killed now and then."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        for kind in ("stdio", "http"):
            disk = Path(name) / kind
            disk.mkdir()
            found[kind] = _soaked(kind, calls // 2, disk)
    return found


def _soaked(kind: str, calls: int, folder: Path) -> dict[str, Any]:
    with ExitStack() as stack:
        if kind == "stdio":
            server = [sys.executable, "-c", STDIO_SERVER]
            # A limit on file size is a disk that is full for one file and has room again for the next.
            starved = ["bash", "-c", 'trap "" XFSZ; ulimit -f 2048; exec "$@"', "-"]
            client: StdioClient | HttpClient = StdioClient([*starved, *RECORDER, "--spool", str(folder), "--", *server])
        else:
            direct, recorded = free_port(), free_port()
            stack.enter_context(listening([sys.executable, "-c", HTTP_SERVER, str(direct)], direct))
            command = ["bash", "-c", 'trap "" XFSZ; ulimit -f 2048; exec "$@"', "-", *RECORDER, "--spool", str(folder),
                       "--listen", f"127.0.0.1:{recorded}", "--url", f"http://127.0.0.1:{direct}/mcp"]  # fmt: skip
            stack.enter_context(listening(command, recorded))
            client = HttpClient(recorded)
        began = time.perf_counter()
        answered = sum(call(client, SMALL) >= 0 for _ in _disturbed(range(calls), folder))
        seconds = time.perf_counter() - began
        client.close()
    decoded, unreadable = _decoded(sorted(folder.parent.glob(f"{kind}*/*.spool")))
    return {
        "calls": calls,
        "answered": answered,
        "answers recorded": decoded,
        "recorded but not readable": unreadable,
        "seconds": round(seconds, 1),
    }


def _disturbed(numbers: range, folder: Path) -> Iterator[int]:
    """Give the numbers, and between them take the spool's folder away, bring it back, and kill a reader of its files."""
    reader: subprocess.Popen[bytes] | None = None
    for n in numbers:
        yield n
        if n % 1000 == 500:
            reading = ["tail", "-f", "-c", "+0", *map(str, folder.glob("*.spool"))]
            reader = subprocess.Popen(reading, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if n % 1000 == 900 and reader:
            reader.kill()
            reader.wait()
        # The recorder stays away from a bad disk for a second, so the folder may not be back yet.
        if n % 7000 == 6500 and folder.is_dir():
            folder.rename(folder.with_name(f"{folder.name}-{n}"))
            folder.write_text("a file where the folder was", encoding="utf-8")
        if n % 7000 == 6900 and folder.is_file():
            folder.unlink()


def _decoded(spools: list[Path]) -> tuple[int, int]:
    """Count the answers to calls in some spools, and the messages that are not whole."""
    decoded = unreadable = 0
    for frame in (frame for file in spools for frame in frames(file.read_bytes())):
        exchange = bool(frame.direction & EXCHANGE)
        if frame.direction & ~EXCHANGE != TO_CLIENT or (exchange and frame.data[4:5] == b"H"):
            continue
        try:
            decoded += "result" in json.loads(frame.data[EXCHANGE_NUMBER.size if exchange else 0 :])
        except ValueError:
            unreadable += 1
    return decoded, unreadable


def main() -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=500)
    parser.add_argument("--large", type=int, default=100)
    parser.add_argument("--soak", type=int, default=0)
    options = parser.parse_args()
    os.chdir(ROOT)
    dated = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "command": "python bench/recorder_cost.py" + (f" --soak {options.soak}" if options.soak else ""),
    }
    found: dict[str, Any]
    if options.soak:
        found, name = soak(options.soak), "recorder_soak"
    else:
        peer = peer_python()
        runs: dict[str, Callable[..., dict[str, Any]]] = {"stdio": over_stdio, "http": over_http}
        with tempfile.TemporaryDirectory() as folder:
            found = {
                kind: with_added(run(peer, options.small, options.large, Path(folder))) for kind, run in runs.items()
            }
        name = "recorder_cost"
    text = json.dumps(found | dated, indent=1)
    print(text)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
