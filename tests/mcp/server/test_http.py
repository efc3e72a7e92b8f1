"""The server over HTTP: who is let in, what they see and may do, and how it stands beside another application."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from afteraction.assembly import load_settings, new_masker
from afteraction.mcp.server.desk import Desk
from afteraction.mcp.server.mounting import LOOPBACK, Application, application, beside
from afteraction.mcp.server.visitor import by_api_token, by_shared_token
from afteraction.model.account import Account, Right, Role
from afteraction.model.record import Incident
from afteraction.sources import SOURCES
from afteraction.store.memory import MemoryStore
from afteraction.usecases.identify import give_token

NOW = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
ASK = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


@pytest.fixture
def desk() -> Desk:
    settings = load_settings()
    return Desk(
        store=MemoryStore(), settings=settings, clock=lambda: NOW, masker=partial(new_masker, settings), sources=SOURCES
    )


@contextlib.contextmanager
def running(app: Application) -> Iterator[str]:
    """Serve an application on a free port in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


def talk(url: str, token: str, script: Callable[[Client], Awaitable[None]], mode: Any = "auto") -> None:
    async def run() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
        ):
            await script(client)

    anyio.run(run)


async def called(client: Client, tool: str, **arguments: Any) -> tuple[bool, str]:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    return bool(result.is_error), "".join(str(getattr(part, "text", "")) for part in result.content)


def token_for(desk: Desk, account: str, role: Role, *rights: Right) -> str:
    with desk.store.begin() as record:
        record.put_account(Account(id=account, name=account, role=role, created_at=NOW))
        return give_token(record, account, name="t", scopes=frozenset(rights or Right), at=NOW)[1]


def ask(url: str, **headers: str) -> int:
    return httpx2.post(f"{url}/mcp", json=ASK, headers={**HEADERS, **headers}, timeout=20).status_code


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_token_lets_in_and_says_who_wrote(desk: Desk, mode: Any) -> None:
    token = token_for(desk, "anna", Role.EDITOR)

    async def script(client: Client) -> None:
        assert (await called(client, "open_incident", title="Checkout fails"))[0] is False

    with running(application(desk, gate=by_api_token(desk.store, desk.clock))) as url:
        talk(url, token, script, mode)
        assert ask(url) == 401
        assert ask(url, Authorization="Bearer aar_guessed") == 401
        assert ask(url, Authorization=f"Basic {token}") == 401
    with desk.store.begin() as record:
        (entry,) = (one for one in record.audit() if one.incident)
    assert entry.author.name.endswith(" of anna")
    assert entry.author.kind == "agent"


def test_a_private_incident_is_not_there_for_those_whom_it_does_not_concern(desk: Desk) -> None:
    with desk.store.begin() as record:
        for name, members in (("INC-1", ("anna",)), ("INC-2", ("bo",))):
            record.put_incident(Incident(id=name, title="pool empty", opened_at=NOW, private=True, members=members))
    token = token_for(desk, "anna", Role.OWNER)

    async def script(client: Client) -> None:
        assert "INC-2" not in (await called(client, "find_incidents"))[1]
        assert "INC-1" in (await called(client, "find_incidents"))[1]
        assert "INC-2" not in (await called(client, "find_incidents", words="pool"))[1]
        for tool, more in (
            ("get_timeline", {}), ("get_findings", {}), ("get_gaps", {}), ("check_document", {}), ("find_similar_incidents", {}),
            ("add_event", {"text": "x"}), ("add_evidence", {"name": "a.txt", "content": "x"}), ("list_actions", {}),
            ("fill_field", {"field": "summary.title", "text": "x", "citations": ["event:1"]}), ("add_action", {"text": "x"}),
            ("update_action", {"number": 1, "owner": "x"}), ("complete_post_mortem", {}),
        ):  # fmt: skip
            failed, said = await called(client, tool, incident="INC-2", **more)
            assert failed, tool
            assert "INC-2" in said, tool
            assert "pool empty" not in said, tool
        with pytest.raises(Exception, match=r"INC-2|resource"):
            await client.read_resource("afteraction://incidents/INC-2/post-mortem")
        assert (await client.read_resource("afteraction://incidents/INC-1/post-mortem")).contents

    with running(application(desk, gate=by_api_token(desk.store, desk.clock))) as url:
        talk(url, token, script)


def test_a_token_does_what_it_allows_and_no_more(desk: Desk) -> None:
    with desk.store.begin() as record:
        record.put_incident(Incident(id="INC-1", title="t", opened_at=NOW))
    reader, responder = (
        token_for(desk, "anna", Role.READER),
        token_for(desk, "bo", Role.EDITOR, Right.READ, Right.RESPOND),
    )

    async def reads(client: Client) -> None:
        assert (await called(client, "get_timeline", incident="INC-1"))[0] is False
        failed, said = await called(client, "add_event", incident="INC-1", text="x")
        assert (failed, "right to respond" in said) == (True, True)

    async def responds(client: Client) -> None:
        assert (await called(client, "add_event", incident="INC-1", text="x"))[0] is False
        failed, said = await called(client, "complete_post_mortem", incident="INC-1")
        assert (failed, "right to edit" in said) == (True, True)

    with running(application(desk, gate=by_api_token(desk.store, desk.clock))) as url:
        talk(url, reader, reads)
        talk(url, responder, responds)


def test_only_by_its_own_names_can_a_server_without_a_token_be_reached(desk: Desk) -> None:
    with running(application(desk)) as url:
        assert ask(url, Host="evil.example") == 421
        assert ask(url, Origin="https://evil.example") == 403
        assert ask(url) != 421
    with running(application(desk, gate=by_shared_token("t"), hosts=(*LOOPBACK, "mcp.example"))) as url:
        assert ask(url, Host="evil.example", Authorization="Bearer t") == 421
        assert ask(url, Host="mcp.example", Authorization="Bearer t") != 421
    with pytest.raises(ValueError, match="needs a gate"):
        application(desk, hosts=())


def test_beside_another_application_both_live_and_each_answers_its_own_paths(desk: Desk) -> None:
    lived: list[str] = []

    async def other(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                turn = (await receive())["type"]
                lived.append(turn)
                await send({"type": f"{turn}.complete"})
                if turn.endswith("shutdown"):
                    return
        body = json.dumps({"path": scope["path"]}).encode()
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]}
        )
        await send({"type": "http.response.body", "body": body})

    async def script(client: Client) -> None:
        assert len((await client.list_tools()).tools) > 10

    with running(beside(other, desk, gate=by_shared_token("t"))) as url:
        assert httpx2.get(f"{url}/api/v1/me", timeout=20).json() == {"path": "/api/v1/me"}
        assert httpx2.get(f"{url}/mcpx", timeout=20).json() == {"path": "/mcpx"}
        talk(url, "t", script)
        talk(url, "t", script, "legacy")
        assert ask(url) == 401
    assert lived == ["lifespan.startup", "lifespan.shutdown"]


def test_an_application_that_knows_no_lifespan_or_fails_at_its_beginning(desk: Desk) -> None:
    async def knows_none(scope: Any, receive: Any, send: Any) -> None:
        del receive
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with running(beside(knows_none, desk, gate=by_shared_token("t"))) as url:
        assert httpx2.get(url, timeout=20).status_code == 204
        assert ask(url) == 401

    async def fails(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    anyio.run(beside(fails, desk, gate=by_shared_token("t")), {"type": "lifespan"}, receive, send)
    assert sent == [{"type": "lifespan.startup.failed", "message": "no database"}]


def test_the_command_asks_for_a_token_beyond_this_machine(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "afteraction", "mcp", "--http", "--listen", f"0.0.0.0:{port}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stderr is not None
        assert "to who has a token" in process.stderr.readline()
        deadline = time.monotonic() + 30
        status = 0
        while not status and time.monotonic() < deadline:
            with contextlib.suppress(httpx2.ConnectError):
                status = ask(f"http://127.0.0.1:{port}")
        assert status == 401
        process.terminate()
        assert process.wait(20) in {0, -15}
