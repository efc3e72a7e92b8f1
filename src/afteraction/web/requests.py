"""Around every request: an id that the answer, the log and every problem carry; a line of the log; its figures."""

from __future__ import annotations

import logging
import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from afteraction.web.logs import REQUEST_ID
from afteraction.web.metrics import REQUESTS, SECONDS

HEADER = "X-Request-Id"
_GOOD = re.compile(rb"[\w.-]{1,64}")
_LOG = logging.getLogger("afteraction.requests")


class Attended:
    """Gives each request an id, the client's own where it sent a good one, and tells what became of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its id, and the id on with the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER.lower().encode(), b"")
        request_id = given.decode() if _GOOD.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        status, began = 500, time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER.lower().encode(), request_id.encode())]
            await send(message)

        before = REQUEST_ID.set(request_id)
        try:
            await self._app(scope, receive, answer)
        finally:
            _tell(scope, status, time.perf_counter() - began)
            REQUEST_ID.reset(before)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    """Write the line of the log and count. A path is told only as its route: it may hold what nobody should read."""
    route = _route(scope)
    REQUESTS.labels(scope["method"], route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)
    told = {"method": scope["method"], "route": route, "status": status, "seconds": round(seconds, 4)}
    account = scope.get("state", {}).get("account", "")
    _LOG.info("%s %s %s", scope["method"], route, status, extra=told | ({"account": account} if account else {}))


def _route(scope: Scope) -> str:
    """Return the route as it is described (`/api/v1/incidents/{id}`); the route itself knows no prefix of its router."""
    whole = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return getattr(whole, "path", "(none)")
