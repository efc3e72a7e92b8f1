"""The script that saves what will vanish, run by a real shell against a cluster that is a script itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from afteraction.cli import main

CLUSTER = r"""#!/bin/sh
printf '%s\n' "$*" >> "$CALLS"
case "$*" in
  "get events"*) printf 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Event\n  metadata: {name: cart-1.a, namespace: shop}\n  type: Warning\n  reason: OOMKilling\n  message: Memory is out\n  count: 3\n  firstTimestamp: "2026-03-04T10:40:00Z"\n  lastTimestamp: "2026-03-04T10:42:00Z"\n  involvedObject: {kind: Pod, name: cart-1, namespace: shop}\n' ;;
  *jsonpath*) printf 'app 2 sidecar 0 |shop cart-1\n|shop waiting-1\n' ;;
  "logs"*--previous*) printf '2026-03-04T10:41:59Z ERROR out of memory\n' ;;
  "logs"*) printf '2026-03-04T10:43:00Z INFO started\n2026-03-04T10:43:01Z INFO ready\n' ;;
  "top nodes") echo "error: Metrics API not available" >&2; exit 1 ;;
  "describe nodes") ;;
  *) printf 'apiVersion: v1\nkind: List\nitems: []\n' ;;
esac
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def captured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Return how the script ended, and what it asked of the cluster; `captured/` holds what it saved."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{tmp_path}/record.db")
    (tmp_path / "bin").mkdir()
    kubectl = tmp_path / "bin" / "kubectl"
    kubectl.write_text(CLUSTER, encoding="utf-8")
    kubectl.chmod(0o755)
    assert run("capture", "-n", "shop", "--since", "30m", "-o", "capture.sh").exit_code == 0
    path = f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "capture.sh", "captured"], capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": path, "CALLS": f"{tmp_path}/calls"},
    )  # fmt: skip
    return done, (tmp_path / "calls").read_text(encoding="utf-8").splitlines()


def test_what_will_vanish_is_saved_and_what_fails_stops_nothing(
    captured: tuple[subprocess.CompletedProcess[str], list[str]],
) -> None:
    done, calls = captured
    names = sorted(re.sub(r"-\d{4}-.*Z", "", path.name) for path in Path("captured").iterdir())
    assert names == [
        ".captured.tsv", "describe-pods-shop.txt", "events-shop.yaml", "log-shop-cart-1-app.log", "log-shop-cart-1-sidecar.log",
        "pods-shop.yaml", "previous-shop-cart-1-app.log", "workloads-shop.yaml",
    ]  # fmt: skip
    assert done.returncode == 1
    assert "failed: kubectl top nodes: error: Metrics API not available" in done.stderr
    assert "logs -n shop cart-1 -c app --since=30m --timestamps" in calls
    assert Path("captured").stat().st_mode & 0o077 == 0


def test_the_script_only_reads(captured: tuple[subprocess.CompletedProcess[str], list[str]]) -> None:
    assert {call.split()[0] for call in captured[1]} == {"get", "describe", "logs", "top"}


def test_what_was_saved_is_frozen_and_drafted_from(
    captured: tuple[subprocess.CompletedProcess[str], list[str]],
) -> None:
    assert captured[0].returncode == 1
    assert run("incident", "new", "t", "--id", "INC-7").exit_code == 0
    assert run("material", "add", "INC-7", "captured").exit_code == 0
    kept = {one["command"]: one for one in json.loads(run("material", "list", "INC-7", "--json").stdout)}
    assert kept["kubectl get events -n shop -o yaml"]["source"] == "kubernetes"
    assert "kubectl logs -n shop cart-1 -c app --previous --timestamps" in kept
    drafted = run("draft", "captured", "--no-save", "--json")
    assert any("Memory is out" in event["text"] for event in json.loads(drafted.stdout)["events"])
    assert ".captured.tsv" not in drafted.stderr


def test_how_long_things_live_is_told() -> None:
    assert "events: lives 1 hour" in run("capture").stderr


@pytest.mark.parametrize("arguments", [("--since", "soon"), ("-n", "a;rm -rf b"), ("-n", "--all")])
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...]) -> None:
    assert run("capture", *arguments).exit_code == 2
