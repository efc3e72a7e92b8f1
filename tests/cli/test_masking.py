"""Personal data is masked by option and by audience; a team's own rules hold for every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from afteraction.cli import main

PAGE = "# The cart failed\n\n2026-03-06\n\n## Summary\n\nanna@example.com saw it first, shopsess_9af3klm20xqz1, from 8.8.8.8.\n"
SETTINGS = """
[personal]
mask = ["ip"]
[personal.audiences]
public = ["email"]
[[secrets.rules]]
id = "shop-session"
keywords = ["shopsess_"]
pattern = 'shopsess_(?P<secret>[a-z0-9]{12,64})'
masks = [["shopsess_9af3klm20xqz1", "9af3klm20xqz1"]]
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("page.md").write_text(PAGE, encoding="utf-8")
    return "page.md"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words])


def test_without_settings_personal_data_stays(page: str) -> None:
    assert "anna@example.com saw it first, shopsess_9af3klm20xqz1, from 8.8.8.8" in run("import", page).stdout


def test_the_settings_mask_for_everybody(page: str) -> None:
    Path("afteraction.toml").write_text(SETTINGS, encoding="utf-8")
    result = run("import", page).stdout
    assert "anna@example.com saw it first, shopsess_[masked:shop-session:" in result
    assert "8.8.8.8" not in result


@pytest.mark.parametrize(
    "command", [("import",), ("export", "--to", "md"), ("export", "--to", "json"), ("export", "--to", "html")]
)
def test_an_audience_and_the_option_mask_more(page: str, command: tuple[str, ...]) -> None:
    Path("afteraction.toml").write_text(SETTINGS, encoding="utf-8")
    form = "document.md"
    Path(form).write_text(run("import", page).stdout, encoding="utf-8")
    for option in (("--audience", "public"), ("--mask-personal",)):
        result = run(*command, form, *option)
        assert result.exit_code == 0
        assert "anna@example.com" not in result.stdout
        assert "saw it first" in result.stdout
    assert "anna@example.com" in run(*command, form).stdout.replace("&#64;", "@")


def test_an_unknown_audience_is_refused(page: str) -> None:
    Path("afteraction.toml").write_text(SETTINGS, encoding="utf-8")
    result = run("import", page, "--audience", "pubic")
    assert result.exit_code == 2
    assert "'pubic'" in result.stderr
    assert "public" in result.stderr


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (SETTINGS.replace("{12,64})'", "{12,64}'"), "shop-session: the pattern is no regular expression"),
        (SETTINGS.replace('"9af3klm20xqz1"]', '"other"]'), "is not masked in its own example"),
        (SETTINGS.replace('["email"]', '["mail"]'), "personal.audiences.public"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_with_the_reason(page: str, settings: str, reason: str) -> None:
    Path("afteraction.toml").write_text(settings, encoding="utf-8")
    result = run("import", page)
    assert result.exit_code == 2
    assert reason in result.stderr


def test_a_secret_by_an_own_rule_is_remarked_by_the_check(page: str) -> None:
    assert "AR601" not in run("check", page).stdout
    Path("afteraction.toml").write_text(SETTINGS, encoding="utf-8")
    assert "page.md:7: AR601 error" in run("check", page).stdout


def test_a_secret_in_the_name_of_a_file_is_masked_wherever_the_name_is_shown(tmp_path: Path) -> None:
    secret = "ghp_x7Kq2mPz9LwV4tRb8NcYs1Qd6Wf0Gh3Jk5Tu"
    (tmp_path / f"notes-{secret}.md").write_text(
        "# Outage of 2026-03-04\n\n## Timeline (UTC)\n\n- 10:00 down\n- 10:20 up\n"
    )
    (tmp_path / f"broken-{secret}.json").write_text('{"a": ')
    done = CliRunner().invoke(main, ["draft", str(tmp_path), "--no-save", "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    assert secret not in done.output
    named = [source["file"] for source in json.loads(done.stdout)["sources"]]
    assert named == ["broken-[masked:github-token:0001].json", "notes-[masked:github-token:0001].md"]
