"""Before every request: is it meant for this service, and does it come from where it may come?

A request that changes something and that a browser sends for another site is refused (cross-site request forgery): by
`Sec-Fetch-Site`, which every browser of today sends, else by `Origin` and `Host`. Programs send neither and are let on,
unless they come with a session's cookie. Requests with an API token are not checked, since no browser adds one by itself.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from afteraction.model.settings import Settings
from afteraction.web.identity import session_secret
from afteraction.web.problems import problem

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_PROBES = ("/health", "/ready", "/metrics", "/live")
"""Asked by their address, not by a name, from inside a cluster."""


class Guard:
    """Lets on what is meant for this service and comes from its own pages or from a program."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        own = urlsplit(settings.service.public_url)
        self._own_origin = f"{own.scheme}://{own.netloc}".lower() if own.netloc else ""
        self._hosts = {host.lower() for host in settings.service.hosts}
        if self._hosts and own.hostname:
            self._hosts.add(own.hostname)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if not self._meant_for_us(connection):
            refusal = problem(Request(scope), 421, "this service does not answer under that name; see [service] hosts")
        elif self._forged(scope["method"], connection):
            refusal = problem(Request(scope), 403, "a page of another site sent this; send it from this service's own")
        else:
            await self._app(scope, receive, send)
            return
        await refusal(scope, receive, send)

    def _meant_for_us(self, connection: HTTPConnection) -> bool:
        if not self._hosts or connection.url.path.startswith(_PROBES):
            return True
        return (urlsplit(f"//{connection.headers.get('host', '')}").hostname or "") in self._hosts

    def _forged(self, method: str, connection: HTTPConnection) -> bool:
        if method in _SAFE:
            return False
        headers: Headers = connection.headers
        if headers.get("authorization", "").lower().startswith("bearer "):
            return False
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site not in {"same-origin", "none"}
        origin = headers.get("origin")
        if origin is None:
            return bool(session_secret(connection, self._settings))
        sent_from = urlsplit(origin.lower())
        here = headers.get("host", "").lower()
        return not sent_from.netloc or (sent_from.netloc != here and origin.lower() != self._own_origin)
