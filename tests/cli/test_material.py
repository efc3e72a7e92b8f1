"""Raw material from a folder into the record and out again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from afteraction.cli import main

SEEN = (
    b"LAST SEEN   TYPE      REASON      OBJECT       MESSAGE\n4m          Warning   OOMKilling  pod/cart-1   Memory\n"
)


@pytest.fixture(autouse=True)
def _own_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{tmp_path}/record.db")
    monkeypatch.setenv("AFTERACTION_AUTHOR", "anna")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "captured"
    folder.mkdir()
    (folder / "events.txt").write_bytes(SEEN)
    (folder / "chat.txt").write_text(
        "[2026-03-04 10:40] anna: checkout fails\n[2026-03-04 10:41] bo: looking\n" * 3, encoding="utf-8"
    )
    (folder / ".captured.tsv").write_text("2026-03-04T10:41:00Z\tevents.txt\tkubectl get events -A\n", encoding="utf-8")
    assert run("incident", "new", "t", "--id", "INC-7").exit_code == 0


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_material_is_frozen_with_its_time_source_and_command() -> None:
    done = run("material", "add", "INC-7", "captured")
    assert done.stderr == "2 files kept for INC-7, 0 were kept before\n"
    assert run("material", "add", "INC-7", "captured").stderr == "0 files kept for INC-7, 2 were kept before\n"
    chat, events = json.loads(run("material", "list", "INC-7", "--json").stdout)
    assert (events["name"], events["command"], events["captured_at"]) == (
        "events.txt", "kubectl get events -A", "2026-03-04T10:41:00Z",
    )  # fmt: skip
    assert (events["source"], chat["source"]) == ("kubernetes", "chat-text")
    whats = [one["what"] for one in json.loads(run("incident", "audit", "INC-7", "--json").stdout)]
    assert whats == ["incident opened", "raw material kept: 2 files"]


def test_frozen_material_survives_its_folder() -> None:
    run("material", "add", "INC-7", "captured")
    Path("captured/events.txt").unlink()
    assert run("material", "get", "INC-7", "events.txt").stdout_bytes == SEEN
    (_, events) = json.loads(run("material", "list", "INC-7", "--json").stdout)
    assert run("material", "get", "INC-7", events["sha256"][:10], "-o", "again.txt").exit_code == 0
    assert Path("again.txt").read_bytes() == SEEN


def test_what_is_not_there_is_refused() -> None:
    assert "no incident NOPE" in run("material", "add", "NOPE", "captured").stderr
    assert "has no file x" in run("material", "get", "INC-7", "x").stderr


def test_what_will_vanish_is_shown_with_the_command_that_saves_it() -> None:
    done = run("material", "expiry", "INC-7")
    assert done.exit_code == 0
    assert "events of the cluster" in done.stdout
    assert "1 hour after they were seen" in done.stdout
    assert "save it with: afteraction capture" in done.stderr
    assert run("material", "expiry", "INC-9").exit_code == 2
