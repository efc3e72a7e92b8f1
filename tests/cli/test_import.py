from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from afteraction.cli import main

SOURCES = Path(__file__).parents[1] / "sources"
TWO = SOURCES / "incident-archive" / "opsgenie-incidents" / "input.json"
PAGE = SOURCES / "notes" / "html-confluence" / "input.html"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["import", *map(str, words)])


def test_a_page_becomes_a_document_on_stdout_and_a_report_on_stderr() -> None:
    result = run(PAGE)
    assert result.exit_code == 0
    assert result.stdout.startswith("# Post-Mortem: 2026-03-04 Carts were emptied\n")
    assert "**Incident ID**: HOT-31244" in result.stdout
    assert "Root cause" in result.stderr
    assert "-> root_cause.primary (36 characters)" in result.stderr
    assert "kept as text" in result.stderr


def test_the_report_in_json_says_what_went_where() -> None:
    (document,) = json.loads(run(PAGE, "--json").stdout)["documents"]
    assert document["title"] == "Carts were emptied"
    assert document["rows"] == 3
    assert {"place": "line 46", "what": "Root cause", "field": "root_cause.primary", "characters": 36} in document[
        "placements"
    ]
    assert document["markdown"].startswith("# Post-Mortem")


def test_an_archive_of_many_needs_a_folder_and_fills_it(tmp_path: Path) -> None:
    refused = run(TWO)
    assert refused.exit_code == 2
    assert "name a folder for them with -o DIR" in refused.stderr
    folder = tmp_path / "rescued"
    assert run(TWO, "-o", folder).exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "2026-02-01-mail-is-delayed.md",
        "2026-02-09-search-returns-nothing.md",
    ]


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "kept.md"
    target.write_text("a person wrote this", encoding="utf-8")
    result = run(PAGE, "-o", target)
    assert result.exit_code == 1
    assert "was left as it is" in result.stderr
    assert target.read_text(encoding="utf-8") == "a person wrote this"


def test_secrets_are_masked_before_anything_is_mapped(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Down\n\n## Root cause\n\nThe key AKIAIOSFODNN7ABCDEFG was in the log.\n", encoding="utf-8")
    assert "AKIAIOSFODNN7ABCDEFG" not in run(page).output


def test_damaged_json_gives_what_stood_before_the_break_and_exit_code_1() -> None:
    result = run(SOURCES / "incident-archive" / "damaged" / "input.json")
    assert result.exit_code == 1
    assert "Our database is sad" in result.stdout
    assert "problem: input.json:1: this is not valid JSON" in result.stderr


def test_a_file_without_a_post_mortem_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"colour": "blue"}', encoding="utf-8")
    result = run(other)
    assert result.exit_code == 2
    assert "no post-mortem was found in it" in result.stderr
