"""The service as a process: workers that share their figures, a log of JSON lines, an end in good order."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from afteraction.model.account import Account, Right, Role
from afteraction.model.record import Incident
from afteraction.store.database import DatabaseStore
from afteraction.usecases.identify import give_token


def test_worker_processes_share_their_figures_and_end_in_good_order(serving: Any, tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/record.db", "--workers", "2") as service:
        for _ in range(20):
            assert httpx2.get(f"{service.url}/api/v1/me").status_code == 401
        told = httpx2.get(f"{service.url}/metrics").text
        assert 'afteraction_http_requests_total{method="GET",route="/api/v1/me",status="401"} 20.0' in told
        began = time.monotonic()
        service.process.terminate()
        service.process.wait(20)
        assert time.monotonic() - began < 15
    assert "Traceback" not in service.log.read_text()


def test_the_log_is_json_with_the_id_of_the_request_and_no_path(serving: Any, tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/record.db") as service:
        httpx2.get(f"{service.url}/api/v1/me?token=hunter2", headers={"X-Request-Id": "trace-me"})
        httpx2.get(f"{service.url}/api/v1/me", headers={"X-Request-Id": "bad id\tx"})
    told = [line for line in service.lines() if line.get("route") == "/api/v1/me"]
    assert [line["status"] for line in told] == [401, 401]
    assert told[0]["request_id"] == "trace-me"
    assert len(told[1]["request_id"]) == 16
    assert "hunter2" not in service.log.read_text()
    lines = [line for line in service.log.read_text().splitlines() if line and "/setup?secret=" not in line]
    assert len(lines) == len(service.lines())


def test_a_record_that_cannot_be_opened_is_told_at_once(serving: Any) -> None:
    with pytest.raises(AssertionError, match=r"folder /proc/nowhere of the record cannot be made"):
        serving("sqlite:////proc/nowhere/record.db").__enter__()


def test_what_runs_is_finished_and_streams_end_when_the_service_is_told_to_end(serving: Any, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/record.db"
    secret = with_an_editor(database)
    told, half = threading.Event(), threading.Event()

    def body() -> Iterator[bytes]:
        yield b"10:00 it broke\n"
        half.set()
        assert told.wait(20)
        yield b"10:05 it works\n"

    signed = {"Authorization": f"Bearer {secret}"}
    with (
        serving(database) as service,
        ThreadPoolExecutor(2) as pool,
        httpx2.Client(base_url=service.url, headers=signed, timeout=30) as client,
    ):
        sent = {"Content-Type": "application/octet-stream"}
        uploaded = pool.submit(
            client.post, "/api/v1/incidents/INC-1/material?name=notes.txt", content=body(), headers=sent
        )
        streamed = pool.submit(client.get, "/api/v1/stream")
        assert half.wait(20)
        time.sleep(1)  # the stream is open by now
        service.process.terminate()
        assert streamed.result(15).status_code == 200
        told.set()
        assert uploaded.result(20).status_code == 201
        assert service.process.wait(20) in {0, -signal.SIGTERM}
    store = DatabaseStore(database)
    with store.begin() as record:
        assert [one.name for one in record.material("INC-1")] == ["notes.txt"]
    store.close()


def with_an_editor(database: str) -> str:
    """Make an account with a token, and an incident."""
    store, now = DatabaseStore(database), datetime.now(UTC)
    with store.begin() as record:
        record.put_account(Account(id="anna", name="Anna", role=Role.EDITOR, created_at=now))
        record.put_incident(Incident(id="INC-1", title="Checkout fails", opened_at=now))
        _, secret = give_token(record, "anna", name="test", scopes=frozenset(Right), at=now)
    store.close()
    return secret
