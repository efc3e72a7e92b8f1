"""The gaps of a post-mortem: every field that the template asks for and nobody filled, with its question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from afteraction.model.chronology import MilestoneName, Phase
from afteraction.model.postmortem.actions import Actions
from afteraction.model.postmortem.chronicle import MILESTONE_PLACEHOLDERS, Chronicle
from afteraction.model.postmortem.document import Gap, PostMortem
from afteraction.model.postmortem.value import spec_of

_ASKED: dict[MilestoneName, str] = {
    MilestoneName.DETECTED: "When was it first noticed, by whom or what?",
    MilestoneName.INVESTIGATING: "When was the first diagnostic step taken, and which was it?",
    MilestoneName.CAUSE_IDENTIFIED: "When was the cause identified, and on which evidence?",
    MilestoneName.RESPONDING: "When did the response start?",
    MilestoneName.FIX_IMPLEMENTED: "When was the change made that ended the impact, and which was it?",
    MilestoneName.RESTORED: "When did the impact end, and how was that verified?",
    MilestoneName.STABILISED: "Since when was the monitoring quiet?",
    MilestoneName.CONFIRMED: "When was normal working confirmed, and by whom?",
    MilestoneName.CLOSED: "When was the record closed?",
}
_PLAIN = {
    "resolution.steps": "Which steps were taken, with which tool and which result?",
    "appendix.attendees": "Who takes part in the review, in which role?",
    "root_cause.factors": "Which conditions contributed, and how?",
}


def gaps(pm: PostMortem) -> tuple[Gap, ...]:
    """Return the gaps of `pm` in the template's order; `field` is the dotted name of the field."""
    return tuple(_of_part(pm, ""))


def _of_part(part: Any, path: str) -> Iterator[Gap]:  # any part of the post-mortem
    if isinstance(part, Chronicle):
        yield from _of_chronicle(part, path)
        return
    if isinstance(part, Actions):
        yield from _of_actions(part, path)
        return
    for declared in fields(part):
        name, value = f"{path}.{declared.name}".lstrip("."), getattr(part, declared.name)
        spec = spec_of(declared)
        if spec is not None:
            if value is None and not spec.optional and spec.question:
                yield Gap(field=name, question=spec.question)
        elif name == "followup.reviews":
            yield from (
                Gap(field=f"{name}[{n}]", question=f"On which date is the {slot.name}?")
                for n, slot in enumerate(value)
                if not slot.date
            )
        elif isinstance(value, tuple):
            yield from _of_list(value, name)
        elif is_dataclass(value) and not isinstance(value, type):
            yield from _of_part(value, name)


def _of_list(parts: tuple[Any, ...], path: str) -> Iterator[Gap]:
    """Ask once for a list that holds nothing but blanks, else for the fields of its parts that are blank."""
    if path in _PLAIN and all(_blank(part) for part in parts):
        yield Gap(field=path, question=_PLAIN[path])
        return
    if path == "appendix.attendees":
        return
    for index, part in enumerate(parts):
        if is_dataclass(part) and not isinstance(part, type) and not _blank(part):
            yield from _of_part(part, f"{path}[{index}]")


def _blank(part: Any) -> bool:  # a step, a factor or an attendee
    if hasattr(part, "role"):
        return not part.name
    return all(getattr(part, f.name) is None for f in fields(part) if f.name != "name")


def _of_chronicle(part: Chronicle, path: str) -> Iterator[Gap]:
    for phase in Phase:
        for row in getattr(part, str(phase)):
            if row.milestone in MILESTONE_PLACEHOLDERS and row.time is None and row.event is None:
                yield Gap(field=f"{path}.{phase}.{row.milestone}", question=_ASKED[row.milestone])


def _of_actions(part: Actions, path: str) -> Iterator[Gap]:
    for name, (horizon, items) in zip(
        ("immediate", "short_term", "medium_term", "long_term"), part.horizons(), strict=True
    ):
        if all(item.blank for item in items):
            question = f"What will be done within the next {horizon}, by whom, and until when?"
            yield Gap(field=f"{path}.{name}", question=question)
