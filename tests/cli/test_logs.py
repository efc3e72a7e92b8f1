from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from afteraction.cli import main

USUAL = "".join(f"2024-12-03 10:00:{n:02} INFO app: request {n} done\n" for n in range(60))
BROKEN = USUAL + "2024-12-03 10:01:00 ERROR app: cannot reach stock\n"


def run(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["logs", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_patterns_print_one_object_with_an_assignment_for_every_line(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(BROKEN)
    out = json.loads(run("patterns", str(path), "--assign", "--json"))
    assert {"id", "template", "count", "first_line", "last_line"} <= set(out["patterns"][0])
    assert [pattern["count"] for pattern in out["patterns"]] == [60, 1]
    assert out["assignments"] == ["p1"] * 60 + ["p2"]


def test_patterns_as_text_put_the_most_frequent_first(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(BROKEN)
    assert run("patterns", str(path)).splitlines()[0].split() == ["60", "p1", "request", "#", "done"]


def test_excerpts_name_file_lines_score_and_reason(tmp_path: Path) -> None:
    fail, passing = tmp_path / "fail.log", tmp_path / "pass.log"
    fail.write_text(BROKEN)
    passing.write_text(USUAL)
    out = json.loads(run("excerpts", str(fail), "--baseline", str(passing), "--json"))
    (one,) = out["excerpts"]
    assert (one["file"], one["line_start"], one["line_end"]) == ("fail.log", 61, 61)
    assert "never seen before" in one["why"]
    assert "cannot reach stock" in run("excerpts", str(fail))


def test_nothing_worth_showing_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(USUAL)
    assert json.loads(run("excerpts", str(path), "--json")) == {"excerpts": []}


def test_neither_patterns_nor_excerpts_print_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "app-ghp_x7Kq2mPz9LwV4tRb8NcYs1Qd6Wf0Gh3Jk5Tu.log"
    secret = "wXoIIXGvOoNZYW"
    path.write_text(USUAL + f"2024-12-03 10:01:00 ERROR amqp://guest:{secret}@mq/ refused\n")
    for command in (["patterns"], ["patterns", "--json"], ["excerpts"], ["excerpts", "--json"]):
        printed = run(*command, str(path))
        assert secret not in printed
        assert "ghp_x7" not in printed
    assert "[masked:url-password" in run("patterns", str(path))
