"""Pages in other people's outlines are checked, too: nothing to remark on a good one, each planted fault is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.assembly import check_pages
from afteraction.checks import Remark
from afteraction.model.settings import Settings

PAGES = {file.stem: file.read_text(encoding="utf-8") for file in (Path(__file__).parent / "outlines").glob("*.md")}


def remarks(text: str, team: Settings | None = None) -> list[Remark]:
    return list(check_pages([("pm.md", text)], settings=team or Settings()))


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_good_page_in_another_outline_gets_no_remark(name: str) -> None:
    assert [(r.rule, r.line, r.message) for r in remarks(PAGES[name])] == []


FAULTS = (
    ("google", "66 minutes", "50 minutes", "AR303", "50 minutes"),
    ("google", "# Search Outage Postmortem", "# Search Outage of 6 May 2026", "AR307", "6 May"),
    ("google", "- 15:21 Traffic", "- 14:30 Traffic", "AR302", "- 14:30 Traffic"),
    ("google", "| bo | 2026-03-13 | #5554825", "| | 2026-03-13 |", "AR501", "Fix the leak"),
    ("google", "| anna | 2026-03-20 |", "| anna | |", "AR502", "Add an alert"),
    ("google", "| anna | 2026-03-20 |", "| anna | when there is time |", "AR503", "Add an alert"),
    ("google", "| anna | 2026-03-20 |", "| anna | 2025-03-20 |", "AR504", "Add an alert"),
    ("google", "Fix the leak in the index server | prevent | bo | 2026-03-13 | #5554825", "Improve monitoring | prevent | bo | 2026-03-13 |", "AR506", "Improve"),
    ("google", "Fix the leak in the index server", "Be more careful with the cache", "AR507", "Be more careful"),
    ("google", "Fix the leak in the index server", "Better dashboards", "AR508", "Better dashboards"),
    ("google", "The spare cluster was there.", "TBD", "AR202", "TBD"),
    ("google", "- The spare cluster was there.\n", "", "AR201", "### Where we got lucky"),
    ("google", "anna, bo", "anna, [^e3]", "AR401", "[^e3]"),
    ("google", "Traffic was sent to", "With token=ghp_16C7e42F292c6912E7710c838347Ae178B4a traffic went to", "AR601", "ghp_"),
    ("pagerduty", "- The queue had no alert on the number of its connections.", "- An engineer forgot to add an alert.", "AR701", "forgot"),
    ("pagerduty", "The alert came eleven", "It was human error that the alert came eleven", "AR702", "human error"),
    ("pagerduty", "The alert came eleven", "The alert should have fired eleven", "AR703", "should have"),
    ("pagerduty", "The alert came eleven", "Obviously the alert came eleven", "AR704", "Obviously"),
    ("pagerduty", "The alert came eleven", "Why did the engineer not look? The alert came eleven", "AR705", "Why did"),
    ("pagerduty", "The alert came eleven", "What a disaster: the alert came eleven", "AR706", "disaster"),
    ("pagerduty", "- The scheduler opened", "- Dana Ruiz opened", "AR708", "Dana Ruiz opened"),
    ("atlassian", "Rates need an owner.", "Rates need an owner {{name}}.", "AR202", "{{name}}"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after", "rule", "where"), FAULTS)
def test_a_planted_fault_is_found_at_its_line(name: str, before: str, after: str, rule: str, where: str) -> None:
    assert before in PAGES[name]
    text = PAGES[name].replace(before, after)
    found = [remark for remark in remarks(text) if remark.rule == rule]
    assert found
    assert where in text.split("\n")[found[0].line - 1]


def test_items_without_owners_are_one_remark_for_a_page_of_another_outline() -> None:
    text = PAGES["google"].replace("| anna |", "| |").replace("| bo | 2026-03-13 | #5554825", "| | 2026-03-13 |")
    (found,) = [remark for remark in remarks(text) if remark.rule == "AR501"]
    assert found.message.startswith("2 of 2 action items have no owner")


def test_an_item_that_leads_to_a_ticket_needs_no_owner_on_the_page() -> None:
    text = PAGES["google"].replace("| bo | 2026-03-13 |", "| | |")
    assert "AR501" not in {remark.rule for remark in remarks(text)}


def test_a_page_without_timeline_cause_or_action_is_told_once() -> None:
    text = "# Outage of 2026-03-06\n\n## Summary\n\nThe cart failed.\n\n## Impact\n\nNobody could pay.\n"
    assert [(r.rule, r.line) for r in remarks(text)] == [("AR103", 1)]
    assert remarks("# How we work\n\n## Policy\n\nWe write things down.\n") == []


def test_a_row_for_which_the_page_gives_no_day_is_remarked() -> None:
    text = "# The cart failed\n\n## Summary\n\nIt failed because of a full disk.\n\n## Timeline\n\n- 14:00 alert\n- 14:20 over\n"
    assert [(r.rule, r.line) for r in remarks(text) if r.rule == "AR301"] == [("AR301", 9), ("AR301", 10)]


def test_a_cause_in_one_sentence_with_nothing_to_show_it_is_remarked_twice() -> None:
    text = (
        "# Outage\n\n2026-03-06\n\n## Root cause\n\nThe disk was full.\n\n## Timeline\n\n- 2026-03-06 14:00 UTC alert\n"
        "- 2026-03-06 15:00 UTC over\n\n## Action items\n\n- Add an alert at 80 % (#12)\n"
    )
    assert [(r.rule, r.line) for r in remarks(text)] == [("AR404", 7), ("AR707", 7)]
    shown = text.replace("full.", "full: https://graphs.example.org/disk. The alert on it was also switched off.")
    assert remarks(shown) == []


@pytest.mark.parametrize(
    "line",
    [
        "> TODO: ask the database team",
        'The log said "TODO: remove this before release".',
        "The comment `# TODO` stood above the line.",
        "They found a TODO in the code.",
        "The TODO list was long.",
        "See https://example.org/?q=TODO for more.",
    ],
)
def test_a_placeholder_that_is_quoted_was_not_left_in(line: str) -> None:
    assert remarks(PAGES["google"].replace("The spare cluster was there.", f"It was there.\n\n{line}\n")) == []


def test_a_comment_and_the_settings_switch_a_rule_off_in_any_outline() -> None:
    text = PAGES["google"].replace("66 minutes", "50 minutes")
    assert {remark.rule for remark in remarks(text)} == {"AR303"}
    assert remarks(text + "\n<!-- afteraction: off AR303 -->\n") == []
    assert remarks(text, Settings(checks_off=("AR303",))) == []


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200), at=st.integers(0, 2000), name=st.sampled_from(sorted(PAGES)))
def test_no_text_in_another_outline_makes_a_check_fail(text: str, at: int, name: str) -> None:
    page = PAGES[name][:at] + text + PAGES[name][at:]
    lines = len(page.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert all(1 <= remark.line <= lines for remark in remarks(page))
