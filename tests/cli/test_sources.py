from __future__ import annotations

import json

from click.testing import CliRunner

from afteraction.cli import main
from afteraction.sources import SOURCES


def test_the_list_shows_every_format_with_a_sample_and_what_it_yields() -> None:
    result = CliRunner().invoke(main, ["sources", "--json"])
    assert result.exit_code == 0
    listed = json.loads(result.stdout)
    assert [one["name"] for one in listed] == [source.name for source in SOURCES]
    assert all(one["summary"] and one["sample"].strip() and one["yields"] and one["file"] for one in listed)


def test_the_text_names_what_a_source_yields_above_its_sample() -> None:
    result = CliRunner().invoke(main, ["sources", "git-log"])
    first, second, third, fourth, *_ = result.stdout.splitlines()
    assert first.startswith("git-log  ")
    assert second.strip() == "yields events (change)"
    assert third.strip().startswith("such as ")
    assert fourth.startswith("    ")


def test_the_brief_list_has_a_line_for_each_source() -> None:
    result = CliRunner().invoke(main, ["sources", "--brief"])
    assert [line.split()[0] for line in result.stdout.splitlines()] == [source.name for source in SOURCES]


def test_a_name_that_no_source_has_is_refused() -> None:
    result = CliRunner().invoke(main, ["sources", "tea-leaves"])
    assert result.exit_code == 2
    assert "no source is called tea-leaves" in result.stderr
