"""Lessons learned and prevention measures: numbered lists of labelled items that people may add to."""

from __future__ import annotations

from typing import Any

from afteraction.markdown.encoding import LABELLED, label, read, unlabel, written
from afteraction.markdown.fields import item, items, labels, values
from afteraction.markdown.sheet import NUMBERED, NUMBERED_LABELLED, Found, Piece, Section
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.lessons import Labelled, Learned, Lessons, WentWell, WentWrong
from afteraction.model.postmortem.prevention import (
    Prevention,
    ProcessImprovements,
    TechnicalImprovements,
    ToolImprovements,
)
from afteraction.model.postmortem.value import Shape, Value

_LESSONS, _PREVENTION = "lessons learned", "prevention measures"
_LUCKY, _QUESTIONS = "lessons.lucky", "lessons.questions"

_GROUPS: dict[str, tuple[str, str, Any]] = {
    "lessons.went_well": (_LESSONS, "What Went Well", WentWell),
    "lessons.went_wrong": (_LESSONS, "What Went Wrong", WentWrong),
    "lessons.learned": (_LESSONS, "What We Learned", Learned),
    "prevention.technical": (_PREVENTION, "Technical Improvements", TechnicalImprovements),
    "prevention.process": (_PREVENTION, "Process Improvements", ProcessImprovements),
    "prevention.tool": (_PREVENTION, "Tool Improvements", ToolImprovements),
}

SECTIONS = (
    Section(anchor="lessons", heading=_LESSONS),
    Section(anchor="prevention", heading=_PREVENTION),
    *(
        Section(
            anchor=anchor,
            heading=heading.lower(),
            parent=parent,
            items=labels(part, Shape.ITEM),
            open=NUMBERED_LABELLED,
        )
        for anchor, (parent, heading, part) in _GROUPS.items()
    ),
    Section(anchor=_LUCKY, heading="where we got lucky", parent=_LESSONS, open=NUMBERED, optional=True),
    Section(anchor=_QUESTIONS, heading="questions for the review", parent=_LESSONS, open=NUMBERED, optional=True),
)


def _group(anchor: str, part: Any) -> list[Piece]:  # any of the six groups
    pieces = [Piece(anchor, f"### {_GROUPS[anchor][1]}"), *items(anchor, part, numbered=True)]
    number = len(pieces)
    for n, more in enumerate(part.more):
        text = f"**{label(more.label)}**: {written(more.value) if more.value else ''}".rstrip()
        pieces.append(Piece(f"{anchor}.open.{n}", item(text, number + n), True))
    return pieces


def _parse_group(anchor: str, found: Found) -> Any:
    part = _GROUPS[anchor][2]
    more = tuple(_labelled(text) for text in found.opened.get(anchor, []))
    return part(**values(anchor, part, found), more=more)


def _labelled(text: str) -> Labelled:
    found = LABELLED.fullmatch(text)
    if found is None:
        return Labelled(label="", value=read(text))
    return Labelled(label=unlabel(found["label"]), value=read(found["rest"]))


def render_lessons(pm: PostMortem) -> list[Piece]:
    """Render the lessons."""
    part = pm.lessons
    pieces = [Piece("lessons", "## 📚 Lessons Learned")]
    pieces += _group("lessons.went_well", part.went_well)
    pieces += _group("lessons.went_wrong", part.went_wrong)
    pieces += _group("lessons.learned", part.learned)
    pieces += _said(_LUCKY, "Where We Got Lucky", part.lucky)
    return pieces + _said(_QUESTIONS, "Questions for the Review", part.questions)


def _said(anchor: str, heading: str, said: tuple[Value, ...]) -> list[Piece]:
    if not said:
        return []
    listed = [Piece(f"{anchor}.open.{n}", item(written(value), n + 1), True) for n, value in enumerate(said)]
    return [Piece(anchor, f"### {heading}"), *listed]


def parse_lessons(found: Found) -> Lessons:
    """Parse the lessons."""
    lucky = (read(text) for text in found.opened.get(_LUCKY, []))
    questions = (read(text) for text in found.opened.get(_QUESTIONS, []))
    return Lessons(
        went_well=_parse_group("lessons.went_well", found),
        went_wrong=_parse_group("lessons.went_wrong", found),
        learned=_parse_group("lessons.learned", found),
        lucky=tuple(value for value in lucky if value),
        questions=tuple(value for value in questions if value),
    )


def render_prevention(pm: PostMortem) -> list[Piece]:
    """Render the prevention measures."""
    part = pm.prevention
    pieces = [Piece("prevention", "## 🛠️ Prevention Measures")]
    pieces += _group("prevention.technical", part.technical)
    pieces += _group("prevention.process", part.process)
    return pieces + _group("prevention.tool", part.tool)


def parse_prevention(found: Found) -> Prevention:
    """Parse the prevention measures."""
    return Prevention(
        technical=_parse_group("prevention.technical", found),
        process=_parse_group("prevention.process", found),
        tool=_parse_group("prevention.tool", found),
    )
