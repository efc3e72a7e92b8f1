"""The recording of the game day is complete, can be read and agrees with itself, and the check that says so can fail."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

GAMEDAY = Path(__file__).resolve().parents[2] / "examples" / "gameday"
RECORDED = GAMEDAY / "recorded"


@pytest.fixture(scope="module")
def checking() -> ModuleType:
    sys.path.insert(0, str(GAMEDAY))
    try:
        return importlib.import_module("checking")
    finally:
        sys.path.remove(str(GAMEDAY))


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return tomllib.loads((GAMEDAY / "truth.toml").read_text(encoding="utf-8"))


def test_the_recording_has_nothing_to_complain_of(checking: ModuleType) -> None:
    assert checking.complaints(RECORDED) == []


def _without_logs(folder: Path) -> None:
    (folder / "logs" / "orders.log").unlink()


def _torn(folder: Path) -> None:
    path = next((folder / "alerts").glob("*.json"))
    path.write_bytes(path.read_bytes()[:-20])


def _no_rollback(folder: Path) -> None:
    deploys = json.loads((folder / "deploys.json").read_text())
    (folder / "deploys.json").write_text(json.dumps([d for d in deploys if d["action"] != "rollback"]))


def _rollback_after_the_end(folder: Path) -> None:
    deploys = json.loads((folder / "deploys.json").read_text())
    for deploy in deploys:
        if deploy["action"] == "rollback":
            later = datetime.fromisoformat(deploy["timestamp"]) + timedelta(hours=1)
            deploy["timestamp"] = later.astimezone(UTC).isoformat()
    (folder / "deploys.json").write_text(json.dumps(deploys))


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (_without_logs, "logs/orders.log is missing"),
        (_torn, "json:"),
        (_no_rollback, "not among the deploys"),
        (_rollback_after_the_end, "the rollback does not come before the end of the alert"),
    ],
)
def test_harm_to_the_recording_is_noticed(
    checking: ModuleType, tmp_path: Path, harm: Callable[[Path], None], complaint: str
) -> None:
    folder = tmp_path / "recorded"
    shutil.copytree(RECORDED, folder)
    harm(folder)
    assert any(complaint in text for text in checking.complaints(folder))


def test_the_labels_name_the_commit_the_steps_and_the_failures_that_were_recorded(
    checking: ModuleType, truth: dict[str, Any]
) -> None:
    assert truth["culprit"] == checking.culprit(RECORDED)
    changing = [c for c in checking.calls(RECORDED) if c["tool"] in {"restart_service", "rollback_release", "set_flag"}]
    labelled = [step for step in truth["steps"] if step["automated"]]
    assert [(s["tool"], s["is_error"]) for s in labelled] == [(c["tool"], c["is_error"]) for c in changing]
    for step, call in zip(labelled, changing, strict=True):
        assert abs(datetime.fromisoformat(step["at"]) - call["at"]) <= timedelta(seconds=step["tolerance_seconds"])
    first = truth["milestones"]["impact_started"]
    failed = checking.failed_checkouts(RECORDED)
    tolerance = timedelta(seconds=first["tolerance_seconds"])
    assert abs(datetime.fromisoformat(first["at"]) - failed[0]) <= tolerance


def test_nothing_of_the_truth_lies_in_the_input() -> None:
    assert not any("truth" in path.name for path in RECORDED.rglob("*"))


def test_the_recording_names_no_folder_of_the_machine_it_was_made_on() -> None:
    for path in RECORDED.rglob("*"):
        if path.is_file() and path.suffix not in {".png", ".zip"}:
            text = path.read_text(encoding="utf-8")
            assert not any(word in text for word in ("/root/", "/tmp/", "/work/")), path
