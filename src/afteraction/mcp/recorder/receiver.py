"""Listens for what agents send of their own accord (hooks, OTLP/HTTP JSON) and keeps it in the spool's folder.

It stands beside the recorders and not between an agent and its tools: what is refused or cannot be kept is answered all the
same, and to a hook with nothing that would decide anything. Judging a request is `usecases.receive`'s work.
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from afteraction.fetch.received import keep
from afteraction.usecases.receive import LONGEST, Received, receive

_PATIENCE = 30.0
"""Seconds for which a slow sender is waited for."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], folder: Path, incident: str, token: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)
        self.folder, self.incident, self.token = folder, incident, token
        self.lost = 0
        self.told_at = 0.0

    def kept(self, found: Received, at: datetime) -> bool:
        """Keep what is to be kept; says on stderr, once a minute, that the disk does not take it."""
        try:
            keep(self.folder, found.kind, found.lines, at)
        except OSError as error:
            self.lost += 1
            if time.monotonic() - self.told_at > 60 or not self.told_at:
                self.told_at = time.monotonic()
                sys.stderr.write(
                    f"afteraction record receive: {self.lost} not kept in {self.folder}: {error.strerror}\n"
                )
            return False
        return True


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE

    def do_POST(self) -> None:
        """Take a request of a known length, or one in chunks."""
        body = self._body()
        at = datetime.now(UTC)
        if body is None:
            self._answer(Received(status=413, body=b'{"error": "the body is too long, or breaks off"}'), close=True)
            return
        server = self.server
        found = receive(self.path, dict(self.headers), body, at=at, incident=server.incident, token=server.token)
        if not server.kept(found, at) and found.kind != "hooks":
            # An exporter tries again; a hook would only be told of a trouble that is not the agent's.
            found = Received(status=503, body=b'{"error": "the disk does not take it now"}')
        self._answer(found)

    def do_GET(self) -> None:
        """Say what this is for."""
        self._answer(receive("/", {"authorization": f"Bearer {self.server.token}"}, b"", at=datetime.now(UTC)))

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LONGEST:
            return None
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _chunks(self) -> bytes | None:
        body = b""
        while True:
            try:
                size = int(self.rfile.readline(1024).partition(b";")[0], 16)
            except ValueError:
                return None
            if not 0 <= size <= LONGEST - len(body):
                return None
            body += self.rfile.read(size)
            while (line := self.rfile.readline(1024)).strip() and size == 0:
                pass
            if size == 0:
                return body if line else None

    def _answer(self, found: Received, *, close: bool = False) -> None:
        self.close_connection = self.close_connection or close
        self.send_response(found.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(found.body)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(found.body)

    def log_message(self, *_: object) -> None:
        """Say nothing of every request."""


def listen(address: tuple[str, int], folder: Path, *, incident: str, token: str) -> int:
    """Receive until a signal comes; returns the exit code."""
    signals = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    try:
        server = _Server(address, folder, incident, token)
    except OSError as error:
        sys.stderr.write(f"afteraction record receive: cannot listen on {address[0]}:{address[1]}: {error.strerror}\n")
        return 2
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    at = f"http://{host}:{server.server_address[1]}"
    sys.stderr.write(f"receiving hooks at {at}/hooks and OTLP/HTTP JSON at {at}/v1/logs and {at}/v1/traces\n")
    sys.stderr.flush()
    signal.sigwait(signals)
    server.shutdown()
    server.server_close()
    return 0
