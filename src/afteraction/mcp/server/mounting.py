"""The server as an ASGI application: alone, or beside another one that answers every other path.

A desk and a gate come in. Refused: requests without a good token where there is a gate, and, where there are names of this
host to go by, requests for another one (so that no page in a browser can reach a server on this machine by a name of its own).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Self

import anyio.to_thread
from mcp.server.transport_security import TransportSecuritySettings

from afteraction.mcp.server.app import server
from afteraction.mcp.server.desk import Desk
from afteraction.mcp.server.visitor import KEY, Gate

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
PATH = "/mcp"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def application(desk: Desk, *, gate: Gate | None = None, hosts: tuple[str, ...] = LOOPBACK) -> Application:
    """Return the MCP server as an ASGI application that answers `/mcp`.

    `hosts` are the names (without port) by which it may be reached; with none every name is good, for which there has to
    be a gate.
    """
    if not hosts and gate is None:
        raise ValueError("a server that any name reaches needs a gate")
    allowed = [form for host in hosts for form in (host, f"{host}:*")]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=bool(hosts),
        allowed_hosts=allowed,
        allowed_origins=[f"{scheme}://{form}" for scheme in ("http", "https") for form in allowed],
    )
    app: Application = server(desk).streamable_http_app(streamable_http_path=PATH, transport_security=security)
    return _guarded(app, gate) if gate else app


def beside(other: Application, desk: Desk, *, gate: Gate, hosts: tuple[str, ...] = ()) -> Application:
    """Return an application that answers `/mcp` as the MCP server and hands everything else to `other`.

    Both begin and end with it. Nothing at `/mcp` is answered without a token that the gate knows.
    """
    ours = application(desk, gate=gate, hosts=hosts)

    async def both(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _living(ours, other, scope, receive, send)
        elif scope["type"] == "http" and scope["path"].rstrip("/") == PATH:
            await ours({**scope, "path": PATH}, receive, send)
        else:
            await other(scope, receive, send)

    return both


def _guarded(app: Application, gate: Gate) -> Application:
    async def guarded(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        scheme, _, token = told.partition(" ")
        # The record is asked in a thread, for it may have to wait for its database.
        visitor = await anyio.to_thread.run_sync(gate, token.strip()) if scheme.lower() == "bearer" else None
        if visitor is None:
            await _refuse(send)
        else:
            await app({**scope, KEY: visitor}, receive, send)

    return guarded


async def _refuse(send: Send) -> None:
    body = json.dumps({"error": "send an API token that is still good as Authorization: Bearer TOKEN"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"www-authenticate", b"Bearer")]  # fmt: skip
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _living(
    ours: Application, other: Application, scope: MutableMapping[str, Any], receive: Receive, send: Send
) -> None:
    """Begin ours, then the other; end the other, then ours; tell of either's failure as the protocol wants it."""
    state = scope.get("state", {})
    async with anyio.create_task_group() as group:
        with _Life(ours, state) as first, _Life(other, state) as second:
            group.start_soon(first.live)
            group.start_soon(second.live)
            await receive()
            for life in (first, second):
                if failed := await life.turn("startup"):
                    await send(failed)
                    group.cancel_scope.cancel()
                    return
            await send({"type": "lifespan.startup.complete"})
            await receive()
            failures = [failed for life in (second, first) if (failed := await life.turn("shutdown"))]
            await send(failures[0] if failures else {"type": "lifespan.shutdown.complete"})


class _Life:
    """The beginning and the end of one application; one that knows neither is let be."""

    def __init__(self, app: Application, state: dict[str, Any]) -> None:
        self._app, self._state = app, state
        self._say, self._heard = anyio.create_memory_object_stream[Message](2)
        self._answer, self._answered = anyio.create_memory_object_stream[Message](2)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._say.close()
        self._answered.close()

    async def live(self) -> None:
        with self._answer, self._heard:
            try:
                await self._app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": self._state}, self._heard.receive, self._answer.send)  # fmt: skip
            except Exception as error:  # noqa: BLE001  (an application may refuse the whole protocol; servers go on then)
                await self._answer.send({"type": "refused", "message": str(error)})

    async def turn(self, what: str) -> Message | None:
        """Tell the application of its beginning or end and wait; returns the message when that failed."""
        try:
            await self._say.send({"type": f"lifespan.{what}"})
            answer = await self._answered.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return None
        return answer if answer["type"].endswith(".failed") else None
