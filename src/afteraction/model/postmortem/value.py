r"""The values of a post-mortem's fields, and what the template says about each field.

A value is Markdown text in a normal form, so that equal texts are equal values: line ends are `\n`, control characters
are gone, no white space stands at either end. A field that nobody knows holds None; the template's placeholder is
rendered for it and its question is asked.
"""

from __future__ import annotations

import re
from dataclasses import Field, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from afteraction.model.origin import Basis

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CITATION = re.compile(r"[efs]\d{1,18}")
_SPACES = re.compile(r"\s+")
_STRUCTURE = re.compile(r"^\s*(?:[#>\-*+`~|<=\[]|\d+[.)])|^ {4}", re.MULTILINE)


def normal_block(text: str) -> str:
    """Return `text` in the normal form of a text of several lines."""
    text = _LINE_END.sub("\n", text)
    lines = [_CONTROL.sub("", line) for line in text.split("\n")]
    return "\n".join(line if line.strip() else "" for line in lines).strip()


def normal_line(text: str) -> str:
    """Return `text` in the normal form of a text of one line: runs of white space are one space."""
    return _SPACES.sub(" ", normal_block(text))


def undashed(text: str) -> str:
    """Return `text` with each lone hyphen made a longer dash, for parts that a lone hyphen divides in the document."""
    return re.sub(r"(?:(?<=\s)|^)-(?=\s|$)", "–", normal_line(text))


def checked(citations: tuple[str, ...]) -> None:
    """Raise ValueError for an id that no ledger entry can have: `e12` is an event, `f3` a finding, `s1` a statement."""
    for cited in citations:
        if not _CITATION.fullmatch(cited):
            raise ValueError(f"{cited!r} is no id of a ledger entry, such as e12 or f3")


class Shape(StrEnum):
    """How a field stands in the document."""

    LINE = "line"
    """`**Label**: value` on a line of its own."""
    ITEM = "item"
    """A list item; further lines are indented below it."""
    CELL = "cell"
    """A table cell."""
    FENCE = "fence"
    """A fenced block of several lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What the template says about one field: its label, its placeholder, and the question that would fill it.

    `optional` fields have no slot in the template: they are rendered only when they are filled and are no gaps.
    `language` is what the template's fence says that it holds.
    """

    label: str
    placeholder: str
    question: str
    shape: Shape = Shape.ITEM
    optional: bool = False
    language: str = ""


def asked(
    label: str, placeholder: str, question: str, shape: Shape = Shape.ITEM, language: str = ""
) -> Any:  # a dataclass field
    """Declare a field that the template asks for."""
    spec = Spec(label=label, placeholder=placeholder, question=question, shape=shape, language=language)
    return field(default=None, metadata={"spec": spec})


def offered(label: str, shape: Shape = Shape.ITEM) -> Any:  # a dataclass field
    """Declare a field that the template has no slot for: rendered only when it is filled."""
    spec = Spec(label=label, placeholder="", question="", shape=shape, optional=True)
    return field(default=None, metadata={"spec": spec})


def spec_of(declared: Field[Any]) -> Spec | None:
    """Return what the template says about a declared field, or None for structure."""
    found = declared.metadata.get("spec")
    return found if isinstance(found, Spec) else None


def specs(part: Any) -> tuple[tuple[str, Spec], ...]:  # any part of the post-mortem, class or value
    """Return the (name, Spec) pairs of a part, in the template's order."""
    return tuple((f.name, spec) for f in fields(part) if (spec := spec_of(f)) is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The text of a filled field, what it rests on, and the ledger entries that it cites.

    `basis` None and no citations mean that a person wrote it. `prose` says that a field which the template fences stands
    as an ordinary paragraph instead, as people like to write it, and `language` what the fence says that it holds where
    people changed that. Raises ValueError for a text that is blank and for a citation that is no id.
    """

    text: str
    basis: Basis | None = None
    citations: tuple[str, ...] = ()
    prose: bool = False
    language: str | None = None

    def __post_init__(self) -> None:
        text = normal_block(self.text)
        if not text:
            raise ValueError("a value needs a text; a field that nobody knows is None")
        checked(self.citations)
        object.__setattr__(self, "text", text)
        if self.prose and ("\n\n" in text or _STRUCTURE.search(text)):
            object.__setattr__(self, "prose", False)


def settled(value: Value, spec: Spec) -> Value:
    """Return a value in the normal form of its field: only a fence has a language, only what was fenced can be prose."""
    fenced = spec.shape is Shape.FENCE
    language = normal_line(value.language).replace("`", "") if fenced and value.language is not None else None
    return replace(
        value,
        text=normal_line(value.text) if spec.shape in {Shape.LINE, Shape.CELL} else value.text,
        prose=value.prose and fenced,
        language=None if language == spec.language or value.prose else language,
    )


_LISTED = Spec(label="", placeholder="", question="")


def settle(part: Any) -> None:  # called by the parts' __post_init__
    """Bring all values of a part into the normal form of their fields."""
    for declared in fields(part):
        value = getattr(part, declared.name)
        if isinstance(value, Value):
            object.__setattr__(part, declared.name, settled(value, spec_of(declared) or _LISTED))
        elif isinstance(value, tuple) and any(isinstance(one, Value) for one in value):
            object.__setattr__(part, declared.name, tuple(settled(one, _LISTED) for one in value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the post-mortem whose values are in normal form."""

    def __post_init__(self) -> None:
        settle(self)
