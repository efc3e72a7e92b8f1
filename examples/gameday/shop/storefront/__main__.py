"""Serve the storefront: `/quote` asks pricing, `/checkout` asks orders."""

from __future__ import annotations

import logging
import time
from typing import Any

from plumbing.calls import CallFailed, post
from plumbing.journal import JsonLayout, write_to
from plumbing.spans import SpanFile, current
from plumbing.start import place
from plumbing.web import Answer, App

log = logging.getLogger("storefront")


def main() -> None:
    here = place()
    write_to(here.logs / "storefront.log", JsonLayout("storefront"))
    spans = SpanFile(here.logs / "storefront.spans")
    app = App("storefront", spans)

    def tell(level: int, text: str, body: dict[str, Any], status: int, start: float) -> None:
        span = current.get()
        fields = {
            "status": status,
            "ms": round((time.monotonic() - start) * 1000),
            "customer": body.get("customer"),
            "trace_id": span.trace if span else "",
        }
        log.log(level, text, extra={"fields": fields})

    def ask(service: str, path: str, body: dict[str, Any], what: str) -> Answer:
        start = time.monotonic()
        try:
            status, answer = post(spans, service, here.ports[service], path, body)
        except CallFailed as error:
            tell(logging.ERROR, f"{what} failed: {error}", body, 502, start)
            return 502, {"error": "Please try again."}
        tell(logging.INFO, f"{what} {'refused' if status >= 400 else 'answered'}", body, status, start)
        return status, answer

    app.route("/quote", lambda body: ask("pricing", "/prices", body, "quote"))
    app.route("/checkout", lambda body: ask("orders", "/orders", body, "checkout"))
    app.serve(here.port)


if __name__ == "__main__":
    main()
