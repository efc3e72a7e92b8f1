"""On every answer: what a browser may do with it. What a route says itself (a policy, how to cache) is left as it is.

Outside everything else, so that answers to faults carry them too.
"""

from __future__ import annotations

from typing import Any, cast

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from afteraction.model.settings import Settings
from afteraction.web.identity import is_secure

API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What pages may load: what this service serves itself. No script stands in a page; `data:` is for pictures in documents."""
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers would send `Origin: null` to our own forms
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_TRANSPORT = "max-age=31536000"


def surround(app: Starlette, settings: Settings) -> None:
    """Put the headers around all of an application, faults included, and outside them what trusted proxies tell."""
    build = app.build_middleware_stack
    # Its own middleware would stand inside the one that answers to faults.
    app.build_middleware_stack = lambda: surrounded(build(), settings)  # type: ignore[method-assign]


def surrounded(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Return an application with the headers around it, and outside them what trusted proxies tell."""
    inner: ASGIApp = SecurityHeaders(app, settings=settings)
    proxies = list(settings.service.trusted_proxies)
    return cast("ASGIApp", ProxyHeadersMiddleware(cast("Any", inner), trusted_hosts=proxies)) if proxies else inner


class SecurityHeaders:
    """Adds the headers."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and the headers with its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        secure = is_secure(HTTPConnection(scope), self._settings)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                is_page = headers.get("content-type", "").startswith("text/html")
                headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else API_POLICY)
                headers.setdefault("Cache-Control", "no-store")
                if secure:
                    headers.setdefault("Strict-Transport-Security", _TRANSPORT)
                del headers["server"]
            await send(message)

        await self._app(scope, receive, answer)
