"""A record moves from one place to another."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from afteraction.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture(autouse=True)
def _records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{tmp_path}/old/record.db")
    Path("notes.txt").write_bytes(b"as it was\x00\xff\n")
    run("incident", "new", "Search is slow", "--id", "INC-7")
    run("material", "add", "INC-7", "notes.txt")


def test_a_record_moves_with_its_raw_material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("backup", "all.zip")
    assert (done.exit_code, done.stderr.split(",")[0]) == (0, "all.zip: 1 incidents")
    assert run("restore", "all.zip", "--check").exit_code == 0
    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{tmp_path}/new/record.db")
    assert run("restore", "all.zip").exit_code == 0
    assert "Search is slow" in run("incident", "list").stdout
    assert run("material", "get", "INC-7", "notes.txt").stdout_bytes == b"as it was\x00\xff\n"
    again = run("restore", "all.zip")
    assert again.exit_code == 1
    assert "holds 1 incidents; restore into an empty one" in again.stderr


def test_lost_raw_material_is_told_and_the_rest_is_backed_up(tmp_path: Path) -> None:
    (lost,) = (path for path in (tmp_path / "old" / "material").rglob("*") if path.is_file())
    lost.unlink()
    done = run("backup", "all.zip")
    assert done.exit_code == 1
    assert f"raw material {lost.name} is noted but not kept" in done.stderr
    assert run("restore", "all.zip", "--check").exit_code == 0


def test_a_file_that_is_no_backup_is_refused() -> None:
    done = run("restore", "notes.txt")
    assert done.exit_code == 2
    assert "is no backup" in done.stderr
    assert "cannot be written" in run("backup", "nowhere/all.zip").stderr
