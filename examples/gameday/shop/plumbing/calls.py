"""Calls from one service to another: JSON there, JSON back, with a span around it."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

from plumbing.spans import CLIENT, SpanFile

RESTART = 2.0
"""Seconds for which a refused connection is tried again: a service that is being replaced is back by then."""


class CallFailed(Exception):
    """The other service did not answer, or answered that it failed."""


def _once(port: int, path: str, body: bytes, traceparent: str, patience: float) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        headers = {"Content-Type": "application/json", "traceparent": traceparent}
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def post(
    spans: SpanFile, service: str, port: int, path: str, body: object, *, patience: float = 4.0
) -> tuple[int, Any]:
    """Return status and answer of a POST; raises CallFailed for no answer and for every 5xx."""
    with spans.span(f"POST {service}{path}", CLIENT) as span:
        span.attributes |= {"peer.service": service, "url.path": path}
        until = time.monotonic() + RESTART
        while True:
            try:
                status, text = _once(port, path, json.dumps(body).encode(), span.traceparent, patience)
                break
            except (ConnectionRefusedError, ConnectionResetError, http.client.RemoteDisconnected):
                if time.monotonic() > until:
                    raise CallFailed(f"{service} refuses connections") from None
                time.sleep(0.05)
            except TimeoutError:
                raise CallFailed(f"{service} did not answer within {patience:g} s") from None
        span.attributes["http.response.status_code"] = status
        answer = json.loads(text)
        if status >= 500:
            raise CallFailed(f"{service} answered {status}: {answer.get('error', '')}")
        return status, answer
