"""`afteraction check`: forms and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from afteraction.cli import main

GOOD = Path(__file__).parents[1] / "checks" / "good.md"
QUIET = "\n<!-- afteraction: off AR201 -->\n"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["check", *words])


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "pm.md"
    file.write_text(GOOD.read_text(encoding="utf-8") + QUIET, encoding="utf-8")
    return file


def test_a_page_without_remarks_passes(page: Path) -> None:
    result = run(str(page), "--strict")
    assert (result.exit_code, result.stdout) == (0, "1 file: nothing to remark\n")


def test_a_note_fails_only_a_strict_check(page: Path) -> None:
    page.write_text(page.read_text(encoding="utf-8") + "\nThis was obviously slow.\n", encoding="utf-8")
    assert run(str(page)).exit_code == 0
    strict = run(str(page), "--strict")
    assert strict.exit_code == 1
    assert "AR704 note" in strict.stdout


def test_an_error_fails_and_json_sarif_and_github_agree_on_it(page: Path) -> None:
    page.write_text(page.read_text(encoding="utf-8").replace("29 min", "3 h 05 min"), encoding="utf-8")
    as_json = run(str(page), "--format", "json")
    assert as_json.exit_code == 1
    (remark,) = json.loads(as_json.stdout)["remarks"]
    (result,) = json.loads(run(str(page), "--format", "sarif").stdout)["runs"][0]["results"]
    assert (remark["rule"], remark["line"]) == ("AR303", 8)
    assert result["ruleId"] == "AR303"
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 8}
    assert "::error file=" in run(str(page), "--format", "github").stdout


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    assert run(str(tmp_path / "none.md")).exit_code == 2


def test_a_file_that_is_no_text_is_checked_without_failing(tmp_path: Path) -> None:
    file = tmp_path / "pm.md"
    file.write_bytes(bytes(range(256)) * 8)
    assert run(str(file)).exit_code in {0, 1}


def test_a_rule_that_does_not_exist_cannot_be_switched_off(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(page.parent)
    (page.parent / "afteraction.toml").write_text('checks_off = ["AR999"]\n', encoding="utf-8")
    result = run(page.name)
    assert result.exit_code == 2
    assert "AR999 is no rule" in result.stderr


def test_sarif_names_a_file_as_a_uri(page: Path) -> None:
    odd = page.rename(page.with_name("the cart, é.md"))
    odd.write_text(odd.read_text(encoding="utf-8").replace("29 min", "3 h 05 min"), encoding="utf-8")
    (result,) = json.loads(run(str(odd), "--format", "sarif").stdout)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("/the%20cart%2C%20%C3%A9.md")
