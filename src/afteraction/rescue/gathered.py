"""What was gathered for each field on the way through a foreign post-mortem, and how much of it the result holds.

Texts come in with the field that they are for; out goes a `PostMortem` whose fields hold them in their shapes: a line takes
the first text, a block takes all of them, a list takes one item for each. What finds its field taken is kept as text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from typing import Any

from afteraction.model.postmortem.actions import ActionItem, Actions
from afteraction.model.postmortem.appendix import Attendee, Link
from afteraction.model.postmortem.cause import Factor
from afteraction.model.postmortem.chronicle import Chronicle
from afteraction.model.postmortem.document import Extra, PostMortem
from afteraction.model.postmortem.lessons import Labelled
from afteraction.model.postmortem.value import Shape, Value, spec_of
from afteraction.rescue.placement import KEPT, Placement

LISTS = ("lessons.went_well", "lessons.went_wrong", "lessons.learned", "prevention.technical", "prevention.process",
         "prevention.tool")  # fmt: skip
_WORD = re.compile(r"\w+")
_LABELLED = re.compile(r"^\*\*(?P<label>[^*\n]{2,60}?):?\*\*\s*:?\s*(?P<rest>\S.*)$", re.DOTALL)
_MARKER = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")


def tokens(text: str) -> list[str]:
    """Return the words of a text, without its marks, for comparing."""
    return _WORD.findall(text.lower())


@dataclass(slots=True)
class Gathered:
    """The texts by field, in the order in which they came, the structured parts, and where everything went."""

    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    actions: dict[str, list[ActionItem]] = field(default_factory=lambda: defaultdict(list))
    attendees: list[Attendee] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    """(anchor behind which it stands, Markdown)"""
    placements: list[Placement] = field(default_factory=list)

    def put(self, target: str, text: str, place: str, what: str) -> None:
        """Give a text to a field; a line that is filled already keeps its first text, and this one is kept as text."""
        text = text.strip()
        if not text:
            return
        if target in {"", "appendix.attendees", "appendix.links"} or (
            _is_line(target) and self.texts[target] and tokens(self.texts[target][0]) != tokens(text)
        ):
            self.keep(f"**{what}**: {text}" if what else text, place, what)
            return
        if not (_is_line(target) and self.texts[target]):
            self.texts[target].append(text)
        self.told(place, what, target, text)

    def keep(self, text: str, place: str, what: str, after: str = "appendix") -> None:
        """Keep a text as a person's."""
        if text.strip():
            self.kept.append((after, text.strip("\n")))
            self.told(place, what, KEPT, text)

    def told(self, place: str, what: str, target: str, text: str) -> None:
        """Note where a text went."""
        self.placements.append(Placement(place=place, what=what, field=target, characters=len(text.strip())))

    def post_mortem(self, chronicle: Chronicle, heading: str) -> PostMortem:
        """Return what was gathered as a post-mortem."""
        found = PostMortem(heading=heading, timeline=chronicle)
        for target, texts in self.texts.items():
            if texts:
                found = _filled(found, target.split("."), texts, target)
        given = {name: (*items,) for name, items in self.actions.items() if items}
        found = replace(found, actions=replace(Actions(), **given)) if given else found
        appendix = found.appendix
        if self.attendees:
            appendix = replace(appendix, attendees=tuple(self.attendees))
        if self.links:
            appendix = replace(appendix, links=tuple(self.links))
        extras = tuple(Extra(after=after, text=text) for after, text in self.kept)
        return replace(found, appendix=appendix, extras=extras)


def _is_line(target: str) -> bool:
    declared = _declared(target)
    return declared is not None and declared in {Shape.LINE, Shape.CELL}


@cache
def _declared(target: str) -> Shape | None:
    part: Any = PostMortem()
    *path, last = target.split(".")
    for name in path:
        part = getattr(part, name, None)
    if not is_dataclass(part):
        return None
    spec = next((spec_of(one) for one in fields(part) if one.name == last), None)
    return spec.shape if spec else None


def _filled(part: Any, path: list[str], texts: list[str], target: str) -> Any:
    """Return a part of the post-mortem with the texts in the field at `path`."""
    name, rest = path[0], path[1:]
    if rest:
        return replace(part, **{name: _filled(getattr(part, name), rest, texts, target)})
    if target in LISTS:
        inner = getattr(part, name)
        return replace(part, **{name: replace(inner, more=tuple(labelled(text) for text in texts))})
    if target == "root_cause.factors":
        return replace(part, factors=tuple(_factor(text, n) for n, text in enumerate(texts, 1)))
    if target == "lessons.lucky":
        return replace(part, lucky=tuple(Value(text=text) for text in texts))
    if target == "appendix.commands":
        return replace(part, commands="\n\n".join(texts))
    joined = "\n\n".join(texts)
    prose = "\n\n" not in joined
    return replace(part, **{name: Value(text=joined, prose=prose)})


def labelled(text: str) -> Labelled:
    """Return a lesson with its own label, where it begins with one."""
    found = _LABELLED.match(text)
    if found and "\n\n" not in found["label"]:
        return Labelled(label=found["label"].rstrip(": "), value=Value(text=found["rest"]))
    return Labelled(label="Note", value=Value(text=text))


def _factor(text: str, number: int) -> Factor:
    found = _LABELLED.match(text)
    if found:
        return Factor(name=found["label"].rstrip(": "), description=Value(text=found["rest"]))
    return Factor(name=f"Factor {number}", description=Value(text=text))


def bare(text: str) -> str:
    """Return an item's text without its marker, its further lines moved to the left."""
    found = _MARKER.match(text)
    if not found:
        return text.strip()
    width = found.end()
    first, *rest = text.split("\n")
    moved = [line[width:] if not line[:width].strip() else line.lstrip() for line in rest]
    return "\n".join([first[width:], *moved]).strip()


def all_texts(value: Any) -> Iterable[str]:
    """Yield every text in a part of a post-mortem."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from all_texts(getattr(value, one.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from all_texts(item)


def is_list(target: str) -> bool:
    """Whether a field holds items."""
    lists = {"appendix.attendees", "appendix.links", "root_cause.factors", "lessons.lucky", *LISTS}
    return target in lists or target.startswith("actions.")
