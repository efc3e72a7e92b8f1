"""The commands on the record, as a person uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from afteraction.cli import main

CHAT = """[2026-03-04 10:40] anna: checkout fails, everybody gets 503
[2026-03-04 10:41] bo: looking. I declare a SEV2
[2026-03-04 10:52] bo: rolled back cart to 1.4, works again
"""


@pytest.fixture(autouse=True)
def _own_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{tmp_path}/record.db")
    monkeypatch.setenv("AFTERACTION_AUTHOR", "anna")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "material").mkdir()
    (tmp_path / "material" / "chat.txt").write_text(CHAT, encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def told(*arguments: str) -> object:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def drafted() -> str:
    assert run("draft", "material", "-o", "pm.md").exit_code in {0, 1}
    (found,) = told("incident", "list")  # type: ignore[misc]
    return str(found["id"])


def test_a_draft_is_saved_and_saved_again_is_nothing_new() -> None:
    name = drafted()
    assert drafted() == name
    shown = told("incident", "show", name)
    assert isinstance(shown, dict)
    assert shown["events"] == 3
    assert [one["number"] for one in shown["revisions"]] == [1]


def test_nothing_is_saved_when_asked_not_to() -> None:
    run("draft", "material", "--no-save")
    assert told("incident", "list") == []


def test_an_edited_document_is_saved_and_survives_the_next_draft() -> None:
    name = drafted()
    page = Path("pm.md")
    page.write_text(
        page.read_text(encoding="utf-8").replace("`[Financial or operational impact]`", "900 EUR"), encoding="utf-8"
    )
    assert run("save", "pm.md", "--incident", name).exit_code == 0
    assert "kept what people wrote in executive_summary.impact.business_impact" in run("draft", "material").stderr
    assert "900 EUR" in run("export", name, "--to", "md").stdout
    assert "+- **Business Impact**: 900 EUR" in run("incident", "diff", name, "1", "2").stdout
    assert run("incident", "restore", name, "1").exit_code == 0
    assert "900 EUR" not in run("export", name, "--to", "md").stdout


def test_an_incident_is_run_by_hand() -> None:
    assert run("incident", "new", "Search is slow", "--id", "INC-7", "--at", "2026-03-04T10:00:00Z").stdout == "INC-7\n"
    assert run("event", "add", "INC-7", "restarted the indexer", "--at", "2026-03-04T10:05:00Z").exit_code == 0
    assert run("action", "add", "INC-7", "Add an alert on the queue", "--owner", "bo").exit_code == 0
    assert run("incident", "status", "INC-7", "--status", "resolved", "--at", "2026-03-04T10:20:00Z").exit_code == 0
    (event,) = told("event", "list", "INC-7")  # type: ignore[misc]
    assert event["event"]["text"] == "restarted the indexer"
    assert told("event", "list", "INC-7", "--known-at", "2026-03-04T11:00:00Z") == []
    (action,) = told("action", "list")  # type: ignore[misc]
    assert (action["owner"], action["state"]) == ("bo", "open")
    assert run("action", "close", "INC-7", "1", "--evidence", "PR-7").exit_code == 0
    assert told("action", "list") == []
    assert [one["what"] for one in told("incident", "audit", "INC-7")] == [  # type: ignore[attr-defined]
        "incident opened", "event 1 added", "action 1 added", "status", "action 1 changed",
    ]  # fmt: skip


def test_words_are_found() -> None:
    name = drafted()
    assert {hit["incident"] for hit in told("search", "rolled", "back")} == {name}  # type: ignore[attr-defined]
    assert told("search", "nothing", "of", "the", "kind") == []


def test_a_secret_that_is_told_is_masked() -> None:
    run("incident", "new", "t", "--id", "INC-7")
    run("event", "add", "INC-7", "used password=hunter2hunter2 to log in")
    assert "hunter2" not in run("event", "list", "INC-7").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("incident", "show", "NOPE"), "no incident NOPE"),
        (("event", "list", "NOPE"), "no incident NOPE"),
        (("event", "add", "NOPE", "x"), "no incident NOPE"),
        (("export", "NOPE", "--to", "md"), "does not exist as a file"),
        (("action", "close", "NOPE", "1", "--evidence", "x"), "has no action 1"),
        (("event", "add", "NOPE", "x", "--at", "half past"), "is no time"),
        (("action", "update", "NOPE", "1"), "say what to change"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_is_not_there_is_refused_with_what_to_do(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_record_that_cannot_be_opened_loses_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{tmp_path}/file/record.db")
    done = run("draft", "material", "-o", "pm.md")
    assert done.exit_code == 1
    assert "record" in done.stderr
    assert Path("pm.md").read_text(encoding="utf-8").startswith("# Post-Mortem")


def test_what_is_told_while_it_runs_stands_in_the_draft() -> None:
    assert run("incident", "new", "Search is slow", "--id", "INC-7", "--at", "2026-03-04T10:00:00Z").exit_code == 0
    assert run("event", "add", "INC-7", "search answers in 9 s", "--at", "2026-03-04T10:00:00Z").exit_code == 0
    assert run("milestone", "INC-7", "detected", "alert fired", "--at", "2026-03-04T10:02:00Z").exit_code == 0
    assert run("milestone", "INC-7", "restored", "answers in 0.1 s", "--at", "2026-03-04T10:32:00Z").exit_code == 0
    assert run("note", "INC-7", "now", "watching").exit_code == 0
    done = run("draft", "--incident", "INC-7", "--json")
    told = json.loads(done.stdout)
    assert told["milestones"]["restored"]["at"].startswith("2026-03-04T10:32:00")
    assert told["milestones"]["detected"]["at"].startswith("2026-03-04T10:02:00")
    assert "answers in 0.1 s" in told["document"]
    assert "0 new events" in run("draft", "--incident", "INC-7").stderr
    assert run("incident", "close", "INC-7").exit_code == 0
    assert "closed" in run("incident", "list").stdout


def test_an_incident_is_drafted_again_from_its_frozen_material() -> None:
    name = drafted()
    assert "not frozen" in run("draft", "--incident", name).stderr
    assert run("material", "add", name, "material").exit_code == 0
    assert "nothing new, 0 new events" in run("draft", "--incident", name).stderr


def test_nothing_to_draft_from_is_wrong_usage() -> None:
    assert run("draft").exit_code == 2
    assert "no incident NOPE" in run("draft", "--incident", "NOPE").stderr


def test_a_step_is_moved_to_the_investigation_and_leaves_the_metrics() -> None:
    ask = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "restart_cart", "arguments": {}}}
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "it would be restarted"}]}}
    lines = [{"ts": f"2026-03-04T10:45:0{second}Z", "message": one} for second, one in enumerate((ask, answer))]
    Path("material/calls.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    name = drafted()
    assert "restart_cart" in Path("pm.md").read_text(encoding="utf-8").partition("## 📈 Impact Analysis")[0]
    (number,) = (one["number"] for one in told("event", "list", name) if "restart_cart" in one["event"]["text"])  # type: ignore[attr-defined]
    assert run("event", "move", name, str(number), "--to", "investigation").exit_code == 0
    again = json.loads(run("draft", "material", "--incident", name, "--json").stdout)
    assert again["steps"] == []
    assert "no call that changed the system" in again["kpis"]["automated_steps"]["reason"]
    assert "restart_cart" in again["document"].partition("## 📝 Appendix")[2]


def test_incidents_like_one_are_listed_with_what_they_share() -> None:
    for name, title in (
        ("A-1", "Checkout declines cards"),
        ("A-2", "Checkout declines cards again"),
        ("A-3", "Mail is late"),
    ):
        assert run("incident", "new", title, "--id", name, "--service", "payments").exit_code == 0
    (found,) = told("similar", "A-2")  # type: ignore[misc]
    assert found["incident"]["id"] == "A-1"
    assert found["words"] == ["cards", "checkout", "declines"]
