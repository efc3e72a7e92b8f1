"""The pre-commit hook and the GitHub Action run on files as these programs would run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GOOD = (ROOT / "tests" / "checks" / "good.md").read_text(encoding="utf-8") + "\n<!-- afteraction: off AR201 -->\n"
BAD = GOOD.replace("**Duration**: 29 min", "**Duration**: 3 h 05 min")
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"] if "name" in step}
bash = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are written for bash")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "post-mortems" / "2026").mkdir(parents=True)
    (tmp_path / "post-mortems" / "good.md").write_text(GOOD, encoding="utf-8")
    return tmp_path


def program() -> str:
    """Return the installed command of this environment."""
    return str(Path(sys.executable).with_name("afteraction"))


# --- the hook -----------------------------------------------------------------------------------------------------


def run_hook(work: Path, *files: str) -> subprocess.CompletedProcess[str]:
    entry = shlex.split(HOOK["entry"])
    assert entry[0] == "afteraction"
    return subprocess.run(
        [program(), *entry[1:], *files], cwd=work, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_the_hook_has_what_pre_commit_asks_for() -> None:
    assert {"id", "name", "entry", "language"} <= set(HOOK)
    assert (HOOK["language"], HOOK["types"]) == ("python", ["markdown"])


@pytest.mark.parametrize(
    ("file", "chosen"),
    [
        ("post-mortems/2026-03-06.md", True),
        ("docs/postmortems/a/b.md", True),
        ("incidents/cart.md", True),
        ("post-mortems/README.md", False),
        ("incidents/template-incident.md", False),
        ("docs/quickstart.md", False),
    ],
)
def test_the_hook_chooses_the_files_of_folders_with_post_mortems(file: str, chosen: bool) -> None:
    assert bool(re.search(HOOK["files"], file) and not re.search(HOOK["exclude"], file)) is chosen


def test_the_hook_passes_a_good_page_and_stops_a_bad_one(work: Path) -> None:
    assert run_hook(work, "post-mortems/good.md").returncode == 0
    (work / "post-mortems" / "bad page.md").write_text(BAD, encoding="utf-8")
    stopped = run_hook(work, "post-mortems/good.md", "post-mortems/bad page.md")
    assert stopped.returncode == 1
    assert "post-mortems/bad page.md:8: AR303 error" in stopped.stdout


def test_the_hook_obeys_the_settings_of_the_repository_that_it_runs_in(work: Path) -> None:
    (work / "post-mortems" / "bad.md").write_text(BAD, encoding="utf-8")
    (work / "afteraction.toml").write_text('checks_off = ["AR303"]\n', encoding="utf-8")
    assert run_hook(work, "post-mortems/bad.md").returncode == 0


# --- the action ---------------------------------------------------------------------------------------------------


def run_step(name: str, work: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step's script as the runner does: `bash --noprofile --norc -eo pipefail`."""
    env = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": str(work / "temp"),
        "GITHUB_ACTION_PATH": str(ROOT),
        **environment,
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]]
    return subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, encoding="utf-8", check=False)


def run_check(work: Path, files: str, strict: str = "false", sarif: str = "") -> subprocess.CompletedProcess[str]:
    installed = work / "temp" / "afteraction" / "bin"
    installed.mkdir(parents=True, exist_ok=True)
    if not (installed / "afteraction").exists():
        (installed / "afteraction").symlink_to(program())
    return run_step("Check", work, FILES=files, STRICT=strict, SARIF_FILE=sarif)


def expressions(value: Any) -> list[str]:
    return re.findall(r"\$\{\{\s*(.+?)\s*\}\}", json.dumps(value))


def test_the_action_has_the_shape_of_a_composite_action() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert all(given["description"] and isinstance(given["default"], str) for given in ACTION["inputs"].values())
    for step in ACTION["runs"]["steps"]:
        assert ("uses" in step) != ("run" in step)
        assert "run" not in step or step["shell"] == "bash"
        assert not expressions(step.get("run", "")), "inputs reach a script through its environment only"


def test_the_action_names_only_inputs_and_steps_that_exist() -> None:
    steps = {step["id"] for step in ACTION["runs"]["steps"] if "id" in step}
    for expression in expressions(ACTION["runs"]):
        kind, name = expression.split(".")[:2]
        assert name in {"inputs": set(ACTION["inputs"]), "steps": steps}[kind]
    assert {name for name in ACTION["inputs"] if f"inputs.{name}" in json.dumps(ACTION["runs"])} == set(
        ACTION["inputs"]
    )


@bash
def test_the_step_that_installs_makes_an_environment_of_its_own(work: Path) -> None:
    """Python is played by a script that writes down how it was called: a real installation would need the network."""
    stub = work / "python"
    stub.write_text(
        '#!/bin/bash\necho "$@" >> "$RUNNER_TEMP/calls"\n'
        'if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; fi\n',
        encoding="utf-8",
    )
    stub.chmod(0o755)
    (work / "temp").mkdir()
    assert run_step("Install", work, PYTHON=str(stub)).returncode == 0
    made, installed = (work / "temp" / "calls").read_text(encoding="utf-8").splitlines()
    assert made == f"-m venv {work}/temp/afteraction"
    assert installed.endswith(f"pip-version-check {ROOT}")


@bash
def test_the_step_that_checks_prints_annotations_and_fails_on_an_error(work: Path) -> None:
    passed = run_check(work, ACTION["inputs"]["files"]["default"])
    assert (passed.returncode, passed.stdout) == (0, "")
    (work / "post-mortems" / "2026" / "bad page.md").write_text(BAD, encoding="utf-8")
    failed = run_check(work, ACTION["inputs"]["files"]["default"])
    assert failed.returncode == 1
    assert failed.stdout.startswith("::error file=post-mortems/2026/bad page.md,line=8,title=AR303::")


@bash
def test_notes_fail_the_step_only_when_it_is_strict(work: Path) -> None:
    (work / "post-mortems" / "good.md").write_text(GOOD + "\nThis was obviously slow.\n", encoding="utf-8")
    assert run_check(work, "post-mortems/*.md").returncode == 0
    assert run_check(work, "post-mortems/*.md", strict="true").returncode == 1


@bash
def test_the_step_writes_sarif_beside_the_annotations(work: Path) -> None:
    (work / "post-mortems" / "bad.md").write_text(BAD, encoding="utf-8")
    assert run_check(work, "post-mortems/*.md", sarif="remarks.sarif").returncode == 1
    log = json.loads((work / "remarks.sarif").read_text(encoding="utf-8"))
    assert [found["ruleId"] for found in log["runs"][0]["results"]] == ["AR303"]


@bash
def test_patterns_that_match_nothing_are_told_and_do_not_fail(work: Path) -> None:
    told = run_check(work, "elsewhere/**/*.md\n\n")
    assert told.returncode == 0
    assert told.stdout.startswith("::warning")


@bash
def test_what_stands_in_a_pattern_is_never_run(work: Path) -> None:
    run_check(work, "$(touch run.txt)`touch run.txt`; touch run.txt\npost-mortems/*.md")
    assert not (work / "run.txt").exists()
