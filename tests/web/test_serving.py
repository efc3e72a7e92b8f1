"""The service as a process: workers that share their figures, a log of JSON lines, an end in good order."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx2
import pytest


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
