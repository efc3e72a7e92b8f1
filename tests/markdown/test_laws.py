"""Render and parse are bound by laws, with hostile text in every field."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from afteraction.markdown import parse, render
from afteraction.model.postmortem.document import Extra, PostMortem
from afteraction.model.postmortem.gaps import gaps
from afteraction.model.postmortem.summary import ExecutiveSummary, ImpactSummary, Summary
from afteraction.model.postmortem.value import Value

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from strategies import HOSTILE, blocks, post_mortems, texts  # noqa: E402  (the folder is no package)

TEMPLATE = (HERE / "identity" / "template.md").read_text(encoding="utf-8")


PHASES = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]


def unhurried(examples: int) -> settings:
    return settings(deadline=None, max_examples=examples, suppress_health_check=list(HealthCheck), phases=PHASES)


def misread(codec: str) -> str:
    return TEMPLATE.encode().decode(codec, "replace")


def test_an_empty_post_mortem_is_the_template_byte_for_byte() -> None:
    assert render(PostMortem()) == TEMPLATE


@pytest.mark.parametrize(
    "text",
    [
        TEMPLATE,
        misread("mac_roman"),
        misread("latin-1"),
        misread("cp1252"),
        re.sub(r"[^\x00-\x7f]", "", TEMPLATE),
        TEMPLATE.replace("\n", "\r\n"),
        "\ufeff" + TEMPLATE,
        TEMPLATE.rstrip("\n"),
    ],
    ids=["as it is", "mac roman", "latin-1", "cp1252", "no emoji", "crlf", "bom", "no final newline"],
)
def test_the_template_is_an_empty_post_mortem_however_it_was_mangled(text: str) -> None:
    assert parse(text).post_mortem == PostMortem()
    assert parse(text).missing == ()


@given(post_mortems)
@unhurried(150)
def test_what_was_rendered_parses_to_itself(pm: PostMortem) -> None:
    assert parse(render(pm)).post_mortem == pm


@given(
    st.lists(st.one_of(st.sampled_from(TEMPLATE.split("\n")), st.sampled_from(HOSTILE), texts), max_size=40).map(
        "\n".join
    )
)
@example("# Post-Mortem\n<!-- never closed")
@example("```\nnever closed\n## Incident Summary")
@unhurried(300)
def test_rendering_what_was_parsed_is_stable(text: str) -> None:
    once = render(parse(text).post_mortem)
    assert render(parse(once).post_mortem) == once


@given(st.text(max_size=400))
@unhurried(100)
def test_no_text_is_refused(text: str) -> None:
    assert parse(text).post_mortem is not None


LINES = TEMPLATE.split("\n")
PARTS = TEMPLATE.rstrip("\n").split("\n\n")
ADDED = (
    "A paragraph.",
    "Two\nlines of it.",
    "Broken  \nby hand",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "| Time | Event | Action Taken |\n|---|---|---|\n| 1 | 2 | 3 |",
    "## Costs\n\nMany.",
    "### Aside\n\n- one\n- two",
    "#### Deeper\n\n1. one\n2. two",
    "Underlined\n======",
    "![x](y.png)",
    "> quoted",
    "<!-- a comment -->",
    "<details>\n<summary>More</summary>\n</details>",
    "```python\n## no heading\n```",
    "**Bold**: no label of the template",
    "[^1]: a footnote",
)
"""What people add, none of it in the form of a slot."""


def added(place: int, text: str) -> str:
    return "\n\n".join([*PARTS[: place + 1], text, *PARTS[place + 1 :]]) + "\n"


@pytest.mark.parametrize("text", ADDED)
def test_what_a_person_adds_between_any_two_parts_stays_where_it_stands(text: str) -> None:
    for place in range(len(PARTS)):
        document = added(place, text)
        assert render(parse(document).post_mortem) == document


SLOT_LIKE = (
    "- bullet\n- another",
    "* star",
    "1. one\n2. two",
    "- [ ] a box",
    "**Title**: another title",
    "- **Downtime**: another one",
    "    code",
    "\ttabbed\tcode",
    "---",
)


@pytest.mark.parametrize("text", SLOT_LIKE)
def test_what_looks_like_a_slot_may_be_taken_as_one_but_is_not_lost(text: str) -> None:
    for place in range(len(PARTS)):
        once = parse(added(place, text)).post_mortem
        printed = render(once)
        assert parse(printed).post_mortem == once
        words = re.findall(r"[a-z]{2,}", text.lower())
        assert all(word in printed.lower() for word in words)


@given(
    post_mortems,
    st.lists(
        st.builds(
            Extra,
            after=st.sampled_from(["", "title", "summary.title", "timeline.discovery", "root_cause.primary", "footer",
                                   "actions.immediate.open.0", "footer.date", "last", "nowhere.at.all"]),
            text=blocks | st.lists(st.sampled_from([*LINES, *HOSTILE]), max_size=5).map("\n".join),
            tight_above=st.booleans(),
            tight_below=st.booleans(),
        ),
        max_size=4,
    ).map(tuple),
)  # fmt: skip
@example(PostMortem(), (Extra(after="", text="```\nnever closed"),))
@example(PostMortem(), (Extra(after="summary.title", text="<!-- never closed"),))
@example(PostMortem(), (Extra(after="actions.immediate.open.0", text="- [ ] taken for an action"),))
@unhurried(120)
def test_no_text_of_a_person_changes_what_the_fields_say(pm: PostMortem, extras: tuple[Extra, ...]) -> None:
    pm = replace(pm, extras=extras)
    text = render(pm)
    again = parse(text).post_mortem
    assert replace(again, extras=()) == replace(pm, extras=())
    assert parse(render(again)).post_mortem == again
    kept = [line.strip() for line in text.split("\n")]
    assert all(line.strip() in kept for extra in extras for line in extra.text.split("\n"))


STRANGER = """Checkout outage
===============

Written by *Bob*.

## Timeline (all times in UTC)
- 14:02 errors [^1]
* 14:05 `rollback`

## Lessons learned

### What went well

- the alert

### Where we got lucky

It was not Friday.

[^1]: 31 %
"""


def test_a_document_in_another_form_is_kept_whole() -> None:
    printed = render(parse(STRANGER).post_mortem)
    lines = printed.lower().split("\n")
    assert all(line.lower() in lines or line.startswith("## L") for line in STRANGER.split("\n"))
    assert render(parse(printed).post_mortem) == printed


def test_a_changed_language_of_a_fence_is_kept() -> None:
    document = TEMPLATE.replace(
        "```bash\n# Logs, metrics, and diagnostic information\n[", "```promql\nrate(x[5m])\n[", 1
    )
    assert render(parse(document).post_mortem) == document


@pytest.mark.parametrize("path", sorted((HERE / "identity").glob("*.md")), ids=lambda path: path.stem)
def test_a_document_in_our_form_prints_back_to_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert render(parse(text).post_mortem) == text


def test_a_field_of_a_hundred_kilobytes_comes_back_whole() -> None:
    text = "\n".join(f"line {n} | `x` **y** <z>" for n in range(4000))
    pm = PostMortem(summary=Summary(title=Value(text=text)))
    assert parse(render(pm)).post_mortem == pm


@pytest.mark.parametrize(
    "text",
    ["[^e1]" * 20_000 + "x", "[^e1]" * 20_000, "*(observed)*" * 8_000, "[" * 100_000, "`a" * 50_000, ">" * 100_000, "- " * 50_000],
    ids=["citations and a letter", "citations", "marks", "brackets", "code", "quotes", "bullets"],
)  # fmt: skip
def test_a_hundred_kilobytes_of_one_sign_come_back_whole(text: str) -> None:
    value = Value(text=text)
    pm = PostMortem(
        summary=Summary(title=value),
        executive_summary=ExecutiveSummary(what_happened=value, impact=ImpactSummary(downtime=value)),
        extras=(Extra(after="summary", text=text),),
    )
    again = parse(render(pm)).post_mortem
    assert replace(again, extras=()) == replace(pm, extras=())


@pytest.mark.parametrize("cited", ["", "12", "note", "e1]", "e 1", "E1", "e" + "1" * 40])
def test_a_citation_that_is_no_id_is_refused(cited: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        Value(text="x", citations=(cited,))


def test_an_extra_whose_place_is_gone_stands_behind_its_section() -> None:
    pm = PostMortem(extras=(Extra(after="actions.immediate.open.17", text="Kept."),))
    assert "### Short-term" in render(pm).split("Kept.")[1]


def test_every_gap_of_the_template_has_a_question() -> None:
    found = gaps(PostMortem())
    assert len(found) > 90
    assert all(gap.question.endswith("?") for gap in found)
    assert len({gap.field for gap in found}) == len(found)
