"""Render and parse are bound by laws, with hostile text in every field."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from afteraction.markdown import parse, render
from afteraction.model.postmortem.document import Extra, PostMortem
from afteraction.model.postmortem.gaps import gaps
from afteraction.model.postmortem.summary import Summary
from afteraction.model.postmortem.value import Value

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from strategies import HOSTILE, post_mortems, texts  # noqa: E402  (the folder is no package)

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


ADDED = (
    "A paragraph.",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "## Costs\n\nMany.",
    "### Aside\n\n- one\n- two",
    "![x](y.png)",
)


@given(st.lists(st.tuples(st.integers(0, len(TEMPLATE.split("\n\n")) - 1), st.sampled_from(ADDED)), max_size=4))
@unhurried(100)
def test_what_a_person_adds_survives_wherever_it_stands(added: list[tuple[int, str]]) -> None:
    parts = TEMPLATE.rstrip("\n").split("\n\n")
    for place, text in added:
        parts[place] += "\n\n" + text
    edited = render(parse("\n\n".join(parts)).post_mortem)
    for _, text in added:
        assert text in edited


@pytest.mark.parametrize("path", sorted((HERE / "identity").glob("*.md")), ids=lambda path: path.stem)
def test_a_document_in_our_form_prints_back_to_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert render(parse(text).post_mortem) == text


def test_a_field_of_a_hundred_kilobytes_comes_back_whole() -> None:
    text = "\n".join(f"line {n} | `x` **y** <z>" for n in range(4000))
    pm = PostMortem(summary=Summary(title=Value(text=text)))
    assert parse(render(pm)).post_mortem == pm


def test_an_extra_whose_place_is_gone_stands_behind_its_section() -> None:
    pm = PostMortem(extras=(Extra(after="actions.immediate.open.17", text="Kept."),))
    assert "### Short-term" in render(pm).split("Kept.")[1]


def test_every_gap_of_the_template_has_a_question() -> None:
    found = gaps(PostMortem())
    assert len(found) > 90
    assert all(gap.question.endswith("?") for gap in found)
    assert len({gap.field for gap in found}) == len(found)
