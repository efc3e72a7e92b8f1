"""Each rule speaks where it must and nowhere else, names the line, and can be switched off."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.checks import RULES, Remark, check
from afteraction.markdown import parse, render
from afteraction.model.origin import Basis
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.summary import Summary
from afteraction.model.postmortem.value import Value
from afteraction.model.settings import Settings

GOOD = (Path(__file__).parent / "good.md").read_text(encoding="utf-8")
ALWAYS = {"AR201"}
"""The good page leaves fields open, so that it stays short."""


def remarks(text: str, settings: Settings | None = None) -> tuple[Remark, ...]:
    return check(parse(text).post_mortem, text, "pm.md", settings=settings)


def rules(text: str) -> set[str]:
    return {remark.rule for remark in remarks(text)} - ALWAYS


def test_a_good_page_gets_no_remark_but_its_open_fields() -> None:
    assert {remark.rule for remark in remarks(GOOD)} == ALWAYS


FACTOR = "1. **No limit**: the pool had no limit per client"
ACTION = "- [ ] Add a limit to the pool - Owner: @bo, Due: 2026-03-06"
CAUSE = "## 📚 Lessons Learned"
CASES: tuple[tuple[str, str, str, str], ...] = (
    ("AR101", "## 📚 Lessons Learned", "## Something Else", ""),
    ("AR102", "## 📝 Appendix", "## 🎯 Action Items\n\n## 📝 Appendix", "## 🎯 Action Items"),
    ("AR202", "**Severity**: High", "**Severity**: TBD", "**Severity**: TBD"),
    ("AR203", "rolled the release back", "rolled it back, see [the graph](#)", "[the graph](#)"),
    ("AR301", "**Date**: 2026-03-06", "**Date**: last Friday", "last Friday"),
    ("AR302", "| 14:05 UTC |", "| 13:30 UTC |", "| 13:30 UTC |"),
    ("AR303", "**Duration**: 29 min", "**Duration**: 3 h 05 min", "**Duration**: 3 h 05 min"),
    ("AR304", "**Time to Detection**: 2 min", "**Time to Detection**: 9 min", "**Time to Detection**: 9 min"),
    ("AR305", "**Total Downtime**: 12 min", "**Total Downtime**: 20 min", "**Total Downtime**: 20 min"),
    ("AR306", "**Total Downtime**: 12 min", "**Total Downtime**: 12 h", "**Downtime**: 12 min"),
    ("AR307", "**1 Week Review**: 2026-03-11", "**1 Week Review**: 2025-03-11", "2025-03-11"),
    ("AR401", "alert HighErrorRate [^e1]", "alert HighErrorRate [^e1] [^e9]", "[^e9]"),
    ("AR403", "alert HighErrorRate [^e1]", "alert HighErrorRate", "[^e1]:"),
    ("AR501", "Owner: @bo, ", "", "Add a limit"),
    ("AR502", ", Due: 2026-03-06", "", "Add a limit"),
    ("AR503", "Due: 2026-03-06", "Due: next sprint", "Add a limit"),
    ("AR504", "Due: 2026-03-06", "Due: 2025-03-06", "Add a limit"),
    ("AR505", ACTION, "", ""),
    ("AR506", "Add a limit to the pool", "Look into the pool", "Look into"),
    ("AR507", "Add a limit to the pool", "Be more careful with releases", "Be more careful"),
    ("AR508", "Add a limit to the pool", "Better dashboards", "Better dashboards"),
    ("AR601", "rolled the release back", "ran with AWS key AKIAQ3EGUZX7T2J5WBHN", "AKIA"),
    ("AR701", "the pool had no limit per client", "an engineer accidentally set no limit", "accidentally"),
    ("AR702", "the pool had no limit per client", "human error at the release", "human error"),
    ("AR703", "the pool had no limit per client", "this should have been caught in review", "should have"),
    ("AR704", "the pool had no limit per client", "the pool obviously had no limit", "obviously"),
    ("AR705", "the pool had no limit per client", "why did the engineer set no limit?", "why did"),
    ("AR706", "the pool had no limit per client", "a catastrophic lack of limits", "catastrophic"),
    ("AR707", FACTOR, "", "The release opened"),
    ("AR708", "the pool had no limit per client", "Anna Berg had set no limit", "Anna Berg"),
)


@pytest.mark.parametrize(("rule", "before", "after", "where"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_speaks_at_the_line_in_question(rule: str, before: str, after: str, where: str) -> None:
    assert before in GOOD
    text = GOOD.replace(before, after, 1) if before != "**Date**: 2026-03-06" else after.join(GOOD.rsplit(before, 1))
    found = [remark for remark in remarks(text) if remark.rule == rule]
    assert found
    if where:
        assert where in text.split("\n")[found[0].line - 1]


def test_every_rule_has_a_case() -> None:
    shown = {case[0] for case in CASES} | ALWAYS | {"AR402", "AR404", "AR103"}  # AR103 is for other outlines
    assert shown == {rule.id for rule in RULES}


def test_a_cause_without_evidence_is_remarked() -> None:
    text = GOOD.replace("```bash\nremaining connection slots are reserved\n```", "```bash\n```")
    assert "AR404" in rules(text)


def test_a_value_with_a_basis_and_no_citation_is_remarked() -> None:
    claimed = PostMortem(summary=Summary(title=Value(text="Carts failed", basis=Basis.OBSERVED)))
    text = render(claimed)
    assert [r.message for r in check(claimed, text, "pm.md") if r.rule == "AR402"] == [
        '"Carts failed" is marked as observed, but cites nothing.'
    ]


@pytest.mark.parametrize(
    "text",
    [
        "the process crashed because of a user error page",
        "`you should have been told`",
        "> we should have been told",
        "the disaster recovery site took over",
        "the panic was a nil dereference",
        "pods failed to start",
        "the job clearly logged the cause",
        "we forgot nothing that the runbook asks for",
        '"obviously" stood in the chat',
    ],
)
def test_ordinary_sentences_are_left_alone(text: str) -> None:
    page = GOOD.replace("the pool had no limit per client", f"the pool had no limit\n\n{text}\n")
    assert not {rule for rule in rules(page) if rule.startswith("AR7")}


def test_what_was_said_in_a_pasted_chat_is_left_alone() -> None:
    assert rules(GOOD + "\n## Slack transcript\n\nobviously someone forgot, what a disaster\n") == set()


def test_a_comment_and_the_settings_switch_a_rule_off() -> None:
    text = GOOD.replace("**Duration**: 29 min", "**Duration**: 3 h 05 min")
    assert rules(text) == {"AR303"}
    assert rules(text + "\n<!-- afteraction: off AR303 because the rows are incomplete -->\n") == set()
    assert {r.rule for r in remarks(text, Settings(checks_off=("AR303",)))} == ALWAYS


def test_an_incident_that_passes_midnight_is_in_order() -> None:
    text = GOOD.replace("13:58 UTC", "23:58 UTC")
    for minute in ("00", "05", "12", "10", "22", "27", "30", "40"):
        text = text.replace(f"| 14:{minute} UTC", f"| 00:{minute} UTC")
    text = text.replace("| 15:00 UTC", "| 01:00 UTC")
    assert rules(text) == set()


def test_a_page_of_another_outline_is_not_measured_by_the_template() -> None:
    assert (
        rules("# Outage of 4 March 2026\n\n## Summary\n\nThe cart failed.\n\n## Timeline\n\n- 14:00 alert\n") == set()
    )


def test_the_empty_template_gets_a_remark_per_section_and_not_per_field() -> None:
    text = render(PostMortem())
    found = [remark for remark in remarks(text) if remark.rule == "AR201"]
    assert len(found) == 12
    assert {remark.rule for remark in remarks(text)} == {"AR201", "AR203"}


def test_an_action_that_is_training_and_nothing_else_is_remarked() -> None:
    trained = "- [ ] Train the on-call engineers on the pool - Owner: @bo, Due: 2026-03-06"
    found = [remark for remark in remarks(GOOD.replace(ACTION, f"{ACTION}\n{trained}")) if remark.rule == "AR507"]
    assert [remark.message for remark in found] == [
        '"Train the on-call engineers on the pool" relies on people to know it the next time.'
    ]
    assert "AR507" not in rules(
        GOOD.replace(ACTION, f"{ACTION}\n{trained.replace('Train the on-call', 'Train the model')}")
    )


def test_a_lone_noun_is_no_action() -> None:
    assert "AR508" in rules(GOOD.replace("Add a limit to the pool", "Monitoring"))
    assert "AR508" not in rules(GOOD.replace("Add a limit to the pool", "Start monitoring"))


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("The outage went from 06:55 to 08:10 UTC (3 hours).", True),
        ("The outage went from 06:55 to 08:10 UTC (75 minutes).", False),
        ("For 42 minutes (09:58 - 10:40 UTC) carts failed.", False),
        ("For 24 minutes (09:58 - 10:40 UTC) carts failed.", True),
        ("It was down 11:50 PM - 12:20 AM (30 minutes).", False),
        ("It was down from 10:00 to 14:00 (about 4 hours).", False),
        ("It was down from 22:00 to 04:00 (30 h).", False),
        ("Between 10:00 and 10:30 it was slow (p95 8 s).", False),
    ],
)
def test_a_stretch_that_a_sentence_gives_twice_is_compared(sentence: str, wrong: bool) -> None:
    page = GOOD.replace("the pool had no limit per client", f"the pool had no limit\n\n{sentence}\n")
    assert ("AR303" in rules(page)) is wrong


@given(text=st.text(max_size=300), at=st.integers(0, len(GOOD)))
def test_no_text_makes_a_check_fail(text: str, at: int) -> None:
    page = GOOD[:at] + text + GOOD[at:]
    lines = len(page.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert all(1 <= remark.line <= lines for remark in remarks(page))


def test_ids_are_unique_and_rules_explain_themselves() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.title and len(rule.why) > 40 and rule.suggestion.endswith((".", "?", '"')) for rule in RULES)


def test_a_secret_is_named_by_its_own_kind_on_each_line() -> None:
    text = GOOD.replace(
        "rolled the release back", "ran AKIAQ3EGUZX7T2J5WBHN\n\nand password=hunter2 beside [masked:jwt:0001]"
    )
    found = [remark.message for remark in remarks(text) if remark.rule == "AR601"]
    assert found == ["This line holds something secret (aws-key).", "This line holds something secret (password)."]
