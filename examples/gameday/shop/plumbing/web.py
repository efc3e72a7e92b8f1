"""A small HTTP server for JSON in and out, with metrics, spans and an orderly end on SIGTERM."""

from __future__ import annotations

import json
import logging
import signal
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from plumbing.measures import Measures
from plumbing.spans import SERVER, SpanFile

DRAIN = 4.0
"""Seconds that requests under way are given when the process is told to end."""

Answer = tuple[int, dict[str, Any]]
Handler = Callable[[dict[str, Any]], Answer]


class App:
    """The routes of one service; `failures` are the errors that answer 503 and are logged with their trace."""

    def __init__(self, name: str, spans: SpanFile, failures: tuple[type[Exception], ...] = ()) -> None:
        self.name = name
        self.measures = Measures()
        self.spans = spans
        self.log = logging.getLogger(f"{name}.app")
        self._routes: dict[str, Handler] = {}
        self._failures = failures
        self._busy = 0
        self._lock = threading.Lock()
        self.measures.gauge("http_requests_in_progress", lambda: self._busy)

    def route(self, path: str, handler: Handler) -> None:
        """Answer POSTs to `path` with `handler`."""
        self._routes[path] = handler

    def answer(self, path: str, body: dict[str, Any], traceparent: str) -> Answer:
        """Answer one request, measured."""
        handler = self._routes.get(path)
        if handler is None:
            return 404, {"error": f"no {path} here"}
        start = time.monotonic()
        with self._lock:
            self._busy += 1
        try:
            with self.spans.span(f"POST {path}", SERVER, traceparent) as span:
                span.attributes["url.path"] = path
                try:
                    status, answer = handler(body)
                except self._failures as error:
                    self.log.exception("%s failed for customer %s", path, body.get("customer"))
                    status, answer = 503, {"error": str(error)}
                span.attributes["http.response.status_code"] = status
                if status >= 500:
                    span.error = str(answer.get("error", ""))
        finally:
            with self._lock:
                self._busy -= 1
        self.measures.count("http_requests_total", route=path, code=str(status))
        self.measures.observe("http_request_duration_seconds", time.monotonic() - start, route=path)
        return status, answer

    def serve(self, port: int) -> None:
        """Serve until SIGTERM; then take no more requests, finish those under way, return."""
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        server.daemon_threads = True
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        self.log.info("%s listens on port %d", self.name, port)
        server.serve_forever(poll_interval=0.05)
        server.server_close()
        until = time.monotonic() + DRAIN
        while self._busy and time.monotonic() < until:
            time.sleep(0.02)
        self.log.info("%s ends", self.name)


def _handler(app: App) -> type[BaseHTTPRequestHandler]:
    class Handling(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._send(200, "text/plain; version=0.0.4", app.measures.page().encode())
            else:
                self._send(404, "application/json", b'{"error": "not found"}')

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            status, answer = app.answer(self.path, body, self.headers.get("traceparent", ""))
            self._send(status, "application/json", json.dumps(answer).encode())

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the library's
            pass

    return Handling
