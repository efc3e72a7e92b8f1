"""The page shows all that the document says, leads from every citation to its entry and back, and lets nothing run."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afteraction.export.page import to_html
from afteraction.export.page_markdown import inside
from afteraction.markdown import parse
from afteraction.model.origin import Basis
from afteraction.model.postmortem.actions import ActionItem, Actions
from afteraction.model.postmortem.appendix import LedgerEntry
from afteraction.model.postmortem.chronicle import Chronicle, TimelineRow
from afteraction.model.postmortem.document import Extra, PostMortem
from afteraction.model.postmortem.impact import Impact, TechnicalImpact
from afteraction.model.postmortem.summary import ExecutiveSummary, Summary
from afteraction.model.postmortem.value import Value

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("strategies", ROOT / "tests" / "markdown" / "strategies.py")
assert _spec is not None
assert _spec.loader is not None
strategies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(strategies)


class Page(HTMLParser):
    """What a browser would see: tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(html)
        self.ids = [value for _, name, value in self.attributes if name == "id"]
        self.targets = [v[1:] for tag, name, v in self.attributes if (tag, name) == ("a", "href") and v.startswith("#")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def entry(name: str, **given: str) -> LedgerEntry:
    told = {
        "time": "2025-10-15 14:02:11 UTC",
        "source": "alertmanager",
        "text": "HighErrorRate fires",
        "where": "a.json:12",
    }
    return LedgerEntry(id=name, basis=Basis.OBSERVED, **{**told, **given})


def titled(text: str, **given: object) -> PostMortem:
    return PostMortem(summary=Summary(title=Value(text=text)), **given)  # type: ignore[arg-type]


def extra(text: str) -> PostMortem:
    return parse("# Post-Mortem Template\n\n" + text).post_mortem


def test_every_citation_leads_to_its_entry_and_every_entry_back_to_each_citation() -> None:
    cited = Value(text="Checkout failed", basis=Basis.OBSERVED, citations=("e12", "f3"))
    again = Value(text="Two services", basis=Basis.INFERRED, citations=("e12",))
    pm = PostMortem(
        summary=Summary(title=cited),
        executive_summary=ExecutiveSummary(what_happened=again),
        ledger=(entry("e12"), entry("f3", text="errors went up")),
    )
    page = Page(to_html(pm))
    assert set(page.targets) <= set(page.ids)
    assert {"ledger-e12", "ledger-f3", "cite-e12-1", "cite-e12-2", "cite-f3-1"} <= set(page.targets)
    assert "HighErrorRate fires" in page.text
    assert "a.json:12" in page.text


def test_a_citation_without_an_entry_stays_text() -> None:
    page = Page(to_html(PostMortem(summary=Summary(title=Value(text="x", citations=("e99",))))))
    assert "[^e99]" in page.text
    assert "ledger-e99" not in page.targets


def test_footnotes_of_a_persons_own_work_beside_the_ledger() -> None:
    page = Page(to_html(extra("Seen before[^note].\n\n[^note]: In *March*.")))
    assert "In March." in page.text
    assert set(page.targets) <= set(page.ids)


@given(strategies.post_mortems)
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
def test_every_link_that_the_page_makes_leads_somewhere_and_no_anchor_stands_twice(pm: PostMortem) -> None:
    page = Page(to_html(pm))
    made = {target for target in page.targets if re.match(r"(ledger|cite|section|fn|fnref)-?\w", target)}
    assert made <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


RUNS = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[click](javascript:alert(1))",
    '<a href="javascript:alert(1)">x</a>',
    "</style><script>alert(1)</script>",
    "<svg onload=alert(1)>",
    '<iframe src="https://example.org"></iframe>',
    "<style>body{display:none}</style>",
    '<div style="position:fixed" onclick="x()">x</div>',
    "![x](data:text/html;base64,AAAA)",
    "![x](https://example.org/x.png)",
    '<img src="https://example.org/x.png">',
    "<img src='&#47;&#47;example.org'>",
    "<img src=x&colon;y>",
    '<a href="data:text/html,x">x</a>',
    "<details open ontoggle=alert(1)>x</details>",
    "<form action=/x><input name=y></form>",
    "<base href=//example.org>",
)


@given(st.lists(st.sampled_from(RUNS) | st.text(max_size=12), min_size=1, max_size=4).map("\n".join), st.booleans())
@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
def test_nothing_that_a_document_holds_can_run(text: str, blank: bool) -> None:
    html = to_html(titled(f"x {text}", extras=(Extra(after="summary", text="\n\n".join(RUNS) if blank else text),)))
    page = Page(html)
    assert page.tags["style"] == 1
    assert not {"script", "iframe", "svg", "form", "input", "base", "object", "embed"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name == "style"]
    assert not [
        src for _, name, src in page.attributes if name == "src" and not src.startswith(("data:image/png;", "x"))
    ]
    links = [value for _, name, value in page.attributes if name == "href"]
    assert not [link for link in links if re.match(r"\s*(javascript|data|vbscript):", link, re.IGNORECASE)]


@pytest.mark.parametrize(
    "text", ["run <tool-name> now", "a <b c", "List<String> x", "x && y < z > w", "<!doctype html> page"]
)
def test_text_in_angle_brackets_is_shown_and_not_swallowed(text: str) -> None:
    assert " ".join(text.split()) in " ".join(Page(to_html(titled(text))).text.split())
    assert " ".join(text.split()) in " ".join(Page(to_html(extra(f"So: {text}"))).text.split())


def test_harmless_html_of_a_person_is_kept() -> None:
    page = Page(
        to_html(extra("<details><summary>More</summary>\n\nHidden *text*.\n\n</details>\n\nPress <kbd>x</kbd>."))
    )
    assert page.tags["details"] == page.tags["summary"] == page.tags["kbd"] == 1


ELSEWHERE = (
    "https://e.org/x.png",
    "//e.org/x.png",
    "/x.png",
    r"\\e.org\x.png",
    " //e.org/x.png",
    "\t//e.org",
    "ftp:x",
    "",
)


@pytest.mark.parametrize("source", ELSEWHERE)
def test_a_picture_from_elsewhere_is_never_fetched(source: str) -> None:
    assert not inside(source)


def test_a_picture_from_elsewhere_becomes_a_link_and_one_that_is_here_is_shown() -> None:
    page = Page(
        to_html(extra("![the graph](https://e.org/x.png) ![near](img/y.png) ![in](data:image/png;base64,AAAA)"))
    )
    assert ("a", "href", "https://e.org/x.png") in page.attributes
    assert "the graph" in page.text
    shown = [value for tag, name, value in page.attributes if (tag, name) == ("img", "src")]
    assert shown == ["img/y.png", "data:image/png;base64,AAAA"]
    assert ("img", "alt", "near") in page.attributes


def test_a_picture_in_html_that_lies_elsewhere_is_shown_as_text() -> None:
    page = Page(to_html(extra('See <img src="https://e.org/x.png" alt="graph"> and <img src="y.png" width="200">.')))
    assert "https://e.org/x.png" in page.text
    assert [value for _, name, value in page.attributes if name == "src"] == ["y.png"]


def test_rows_of_the_timeline_keep_their_roles_and_say_where_nothing_was_done() -> None:
    row = TimelineRow(time=Value(text="14:02"), event=Value(text="deploy of cart"), action=Value(text="—"))
    page = Page(to_html(PostMortem(timeline=Chronicle(discovery=(row,)))))
    assert page.attributes.count(("table", "class", "timeline")) == 3
    assert page.attributes.count(("td", "class", "nothing")) == 1
    roles = Counter(value for _, name, value in page.attributes if name == "role")
    assert roles["table"] == 3
    assert roles["cell"] == page.tags["td"]


def test_prose_that_an_editor_wrapped_flows_and_other_lines_stay_lines() -> None:
    wrapped = "When an order is refused because of the credit limit, place() returns before\ngive_back() runs."
    listed = "14:02 ERROR orders.app - /orders failed for customer 72, no database connection free\n14:03 the same\nshort\nlines"
    told = ExecutiveSummary(what_happened=Value(text=f"{wrapped}\n{listed}"))
    page = Page(to_html(PostMortem(executive_summary=told)))
    assert wrapped.replace("\n", " ") in page.text
    assert f"\n{listed}" in page.text


def test_a_table_of_a_persons_own_is_no_timeline() -> None:
    page = Page(to_html(extra("| a | b |\n|---|---|\n| — | 2 |")))
    assert page.tags["table"] == 4
    assert page.attributes.count(("table", "class", "timeline")) == 3
    assert ("td", "class", "nothing") not in page.attributes


def test_comments_are_not_shown() -> None:
    assert "remember" not in Page(to_html(extra("<!-- remember the milk -->\n\nText."))).text


def test_gaps_are_shown_as_gaps_and_counted() -> None:
    page = Page(to_html(PostMortem()))
    assert "[Duration]" not in page.text
    assert page.attributes.count(("span", "class", "gap")) > 90
    assert "open questions" in page.text


def test_boxes_of_actions_say_whether_they_are_done() -> None:
    items = (ActionItem(text="Add an alert", owner="@anna", done=True), ActionItem(text="Raise the limit"))
    page = Page(to_html(PostMortem(actions=Actions(immediate=items))))
    assert page.attributes.count(("span", "aria-label", "done")) == 1
    assert "Add an alert - Owner: @anna" in page.text


def test_a_page_asks_for_nothing_and_is_the_same_every_time() -> None:
    pm = titled("Checkout failed")
    html = to_html(pm)
    assert html == to_html(replace(pm))
    assert not re.search(r"https?://|url\(|@import", html)
    assert "default-src 'none'" in html


def test_text_that_runs_from_right_to_left_finds_its_direction() -> None:
    loss = Value(text="אבד מידע")
    page = Page(to_html(PostMortem(impact=Impact(technical=TechnicalImpact(data_loss=loss)))))
    assert ("p", "dir", "auto") in page.attributes
