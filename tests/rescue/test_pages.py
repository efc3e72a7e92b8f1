"""Pages of others: what each outline's parts become, and that nothing of a page is lost."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from lost import lost_lines

from afteraction.formats.html_text import html_to_markdown
from afteraction.markdown import parse, render
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.value import Value
from afteraction.rescue import KEPT, Rescued, rescue_page

PAGES = Path(__file__).parent / "pages"
REAL = sorted((Path(__file__).parents[1] / "sources" / "notes").glob("real-*"))
HTML = Path(__file__).parents[1] / "sources" / "notes"


def rescued(name: str) -> Rescued:
    return rescue_page((PAGES / name).read_text(encoding="utf-8"), name)


def text(value: Value | None) -> str:
    assert value is not None
    return value.text


def rows(post_mortem: PostMortem) -> list[tuple[str, str]]:
    timeline = post_mortem.timeline
    every = (*timeline.discovery, *timeline.response, *timeline.recovery)
    return [(row.time.text, row.event.text) for row in every if row.time and row.event]


@pytest.mark.parametrize("folder", REAL, ids=lambda folder: folder.name)
def test_no_line_of_a_real_page_is_lost(folder: Path) -> None:
    page = (folder / "input.md").read_text(encoding="utf-8")
    name = (folder / "name.txt").read_text(encoding="utf-8").strip()
    found = rescue_page(page, name)
    assert not lost_lines(page, render(found.post_mortem))
    assert found.post_mortem.summary.title
    assert found.post_mortem.summary.date
    assert found.rows == len(rows(found.post_mortem))


@pytest.mark.parametrize("page", sorted(PAGES.glob("[a-z]*.md")), ids=lambda page: page.stem)
def test_no_line_of_an_outline_is_lost_and_the_document_reads_back(page: Path) -> None:
    source = page.read_text(encoding="utf-8")
    found = rescue_page(source, page.name).post_mortem
    document = render(found)
    assert not lost_lines(source, document)
    assert replace(parse(document).post_mortem, extras=()) == replace(found, extras=())


def test_the_outline_of_pagerduty_fills_our_fields() -> None:
    found = rescued("pagerduty.md").post_mortem
    assert text(found.summary.title) == "Notifications arrived late"
    assert "38 minutes" in text(found.executive_summary.what_happened)
    assert "ran out of memory" in text(found.executive_summary.what_happened)
    assert [text(factor.description) for factor in found.root_cause.factors] == [
        "The limit of memory was copied from a smaller cluster.",
        "The alert looked at the average of all nodes.",
    ]
    assert text(found.executive_summary.resolution) == "The limit was doubled on all nodes."
    assert [(one.name, one.role) for one in found.appendix.attendees] == [
        ("Rosa Nilsen", "Incident Commander"),
        ("Sven Olsen", "Scribe"),
    ]
    assert [text(one.value) for one in found.lessons.went_well.more] == ["The page came within seven minutes."]
    assert [text(one.value) for one in found.lessons.went_wrong.more] == ["Nobody knew who may change the limit."]
    first, second = found.actions.short_term
    assert (first.text, first.owner, first.due, first.done) == (
        "Alert on each node, not on the average", "@sven", "2026-07-20", False,
    )  # fmt: skip
    assert (second.text, second.done) == ("Double the limit", True)
    assert rows(found) == [
        ("10:02 UTC", "The queue of the first node grows"),
        ("10:09 UTC", "Sven Olsen is paged by the [queue alert](https://mon.example/q)"),
        ("10:40 UTC", "The limit is doubled; notifications are on time again"),
    ]
    assert "41,302" in text(found.impact.business.customer_impact)
    assert any("Internal Email" in extra.text for extra in found.extras)


def test_the_outline_of_gitlab_fills_our_fields() -> None:
    found = rescued("gitlab.md").post_mortem
    assert text(found.executive_summary.impact.services_affected) == "Service::CI Runners"
    assert "A change of the scheduler" in text(found.executive_summary.what_happened)
    assert "Jobs stayed pending" in text(found.impact.business.customer_impact)
    assert "label that no runner had" in text(found.root_cause.primary)
    assert [time for time, _ in rows(found)] == ["09:00 UTC", "09:21 UTC", "09:52 UTC"]
    assert [text(one.value) for one in found.lessons.learned.more] == ["Labels need a test."]
    assert [one.text for one in found.actions.short_term] == ["https://tracker.example/issues/99 test for labels"]


def test_the_outline_of_atlassian_fills_our_fields() -> None:
    found = rescued("atlassian.md").post_mortem
    assert text(found.summary.severity) == "2"
    assert text(found.summary.date) == "12 May 2026"
    assert text(found.root_cause.primary) == "The publishing step does not wait for the upload."
    assert text(found.executive_summary.resolution) == "The old bundle was published again."
    (item,) = found.actions.short_term
    assert (item.text, item.owner, item.ticket) == ("Wait for the upload (type: Prevent)", "Ulla", "WEB-12")
    assert len(rows(found)) == 3
    assert any("Anybody could have published it." in extra.text for extra in found.extras)


def test_an_export_of_a_word_processor_in_the_outline_of_the_sre_book_fills_our_fields() -> None:
    page = html_to_markdown((HTML / "html-google-docs" / "input.html").read_text(encoding="utf-8"))
    found = rescue_page(page.text, "postmortem.html").post_mortem
    assert text(found.summary.date) == "2026-10-21"
    assert text(found.footer.completed_by) == "nils, olga, pia"
    assert text(found.root_cause.trigger) == "A sudden rise of traffic."
    assert "file handles" in text(found.root_cause.primary)
    assert "1.21B" in text(found.impact.business.customer_impact)
    assert [one.owner for one in found.actions.short_term] == ["nils", "olga"]
    assert [value.text for value in found.lessons.lucky] == ["A list of readers had a copy of the sonnet."]
    assert len(rows(found)) == 4
    assert not lost_lines(page.text, render(found))


def test_an_export_of_a_wiki_fills_our_fields_and_names_its_lines() -> None:
    page = html_to_markdown((HTML / "html-confluence" / "input.html").read_text(encoding="utf-8"))
    found = rescue_page(page.text, "page.html", place=lambda number: f"line {page.line_of(number)}")
    assert text(found.post_mortem.summary.incident_id) == "HOT-31244"
    assert text(found.post_mortem.footer.completed_by) == "Lena Moe"
    assert [(one.text, one.done) for one in found.post_mortem.actions.short_term] == [
        ("Roll back", True),
        ("Put a version into the keys", False),
    ]
    assert [row.action.text for row in found.post_mortem.timeline.discovery if row.action and row.event] != []
    places = {one.what: one.place for one in found.placements}
    assert places["Root cause"] == "line 46"
    kept = {one.what for one in found.placements if one.field == KEPT}
    assert "What we told customers" in kept


def test_what_finds_its_field_taken_is_kept() -> None:
    page = "# Down\n\n**Severity**: SEV1\n\n## Impact\n\n**Severity**: SEV2 for most\n\nMany were hurt.\n"
    found = rescue_page(page, "a.md").post_mortem
    assert text(found.summary.severity) == "SEV1"
    assert any("SEV2 for most" in extra.text for extra in found.extras)


_LINES = st.sampled_from(
    [
        "# Title of it", "## Summary", "## Timeline", "## Root cause", "## Action items", "### What went well", "## Whatever",
        "- [ ] do this @bo", "- **Detection**: late", "14:02 something broke", "- 14:05 UTC fixed it", "| Time | Event |",
        "| --- | --- |", "| 14:10 | it came back |", "plain words here", "more *plain* words", "", "", "```", "kubectl get pods",
        "**Severity**: SEV1", "**Impact**: many", "Duration: 2 hours", "> quoted words", "---", "1. first thing", "   second line of it",
        "**References**: https://x.example/9", "**Attendees**: Anna, Bo", "## References", "## Attendees", "- https://x.example/8",
        "**Action items**: fix it", "**Lessons learned**: none of it", "## What went wrong", "## 5 whys", "## Lessons learned", "## Impact",
        "**Trigger**: a deploy", "## Contributing factors", "## Commands", "[a link](https://x.example/a_b)", "<div>raw</div>", "| one cell |", "\\# escaped", "=====", "title: front",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_LINES, max_size=25))
def test_no_line_is_lost_whatever_the_order_of_lines(lines: list[str]) -> None:
    page = "\n".join(lines)
    found = rescue_page(page, "2026-03-04-page.md").post_mortem
    document = render(found)
    assert replace(parse(document).post_mortem, extras=()) == replace(found, extras=())
    assert not lost_lines(page, document)
