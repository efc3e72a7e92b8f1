"""The template and export commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from afteraction.cli import main

TEMPLATE = Path(__file__).resolve().parents[1] / "markdown" / "identity" / "template.md"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_template_prints_the_empty_post_mortem() -> None:
    assert run("template").stdout_bytes == TEMPLATE.read_bytes()


def test_exporting_the_template_to_markdown_gives_the_template() -> None:
    assert run("export", TEMPLATE, "--to", "md").stdout_bytes == TEMPLATE.read_bytes()


def test_markdown_to_json_and_back_is_the_same_document(tmp_path: Path) -> None:
    source = TEMPLATE.read_text(encoding="utf-8").replace("`[Incident title]`", "Zahlung — ☂ schlug fehl")
    (tmp_path / "pm.md").write_text(source, encoding="utf-8")
    assert run("export", tmp_path / "pm.md", "--to", "json", "-o", tmp_path / "pm.json").exit_code == 0
    assert json.loads((tmp_path / "pm.json").read_text(encoding="utf-8"))["summary"]["title"]["text"].startswith(
        "Zahlung"
    )
    assert run("export", tmp_path / "pm.json", "--to", "md").stdout_bytes.decode() == source


def test_html_is_written_as_a_whole_page(tmp_path: Path) -> None:
    assert run("export", TEMPLATE, "--to", "html", "-o", tmp_path / "pm.html").exit_code == 0
    page = (tmp_path / "pm.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")


def test_a_file_that_is_not_utf_8_is_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "pm.md").write_bytes(TEMPLATE.read_bytes().replace(b"`[Incident title]`", b"Caf\xe9"))
    result = run("export", tmp_path / "pm.md", "--to", "json")
    assert result.exit_code == 0
    assert "Caf" in json.loads(result.stdout)["summary"]["title"]["text"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("missing.md", "--to", "md"), "does not exist"),
        ((str(TEMPLATE),), "--to"),
        ((str(TEMPLATE), "--to", "xls"), "xls"),
        ((str(TEMPLATE), "--to", "md", "-o", "no/such/folder/x.md"), "no/such/folder"),
    ],
)
def test_a_request_that_cannot_be_carried_out_is_wrong_usage(arguments: tuple[str, ...], told: str) -> None:
    result = run("export", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_json_that_is_no_post_mortem_is_refused_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "pm.json").write_text('{"summary": {"titel": 1}}', encoding="utf-8")
    result = run("export", tmp_path / "pm.json", "--to", "md")
    assert result.exit_code == 2
    assert "summary.titel" in result.stderr
