"""Action items: what will be done, by whom, until when, in four horizons."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from afteraction.model.postmortem.value import checked, normal_line


class Horizon(StrEnum):
    """By when an action is due; the words are those of DESIGN.md."""

    IMMEDIATE = "24 hours"
    SHORT_TERM = "week"
    MEDIUM_TERM = "month"
    LONG_TERM = "quarter"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItem:
    """One action.

    `text` empty stands for the template's blank line. `owner` and `due` are as written (`@anna`, `2026-12-01`), empty
    when missing; `done_when` is the finish test; `ticket` a reference in a tracker; `citations` are ledger ids.
    """

    text: str = ""
    owner: str = ""
    due: str = ""
    done: bool = False
    done_when: str = ""
    ticket: str = ""
    citations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checked(self.citations)
        for name in ("text", "owner", "due", "done_when", "ticket"):
            object.__setattr__(self, name, normal_line(getattr(self, name)))
        if not self.text:
            for name, empty in (("owner", ""), ("due", ""), ("done", False), ("done_when", ""), ("ticket", "")):
                object.__setattr__(self, name, empty)
            object.__setattr__(self, "citations", ())

    @property
    def blank(self) -> bool:
        """Whether this is the template's unfilled line."""
        return not self.text


def _blank() -> tuple[ActionItem, ...]:
    return (ActionItem(), ActionItem(), ActionItem())


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """Section "Action Items"."""

    immediate: tuple[ActionItem, ...] = field(default_factory=_blank)
    short_term: tuple[ActionItem, ...] = field(default_factory=_blank)
    medium_term: tuple[ActionItem, ...] = field(default_factory=_blank)
    long_term: tuple[ActionItem, ...] = field(default_factory=_blank)

    def horizons(self) -> tuple[tuple[Horizon, tuple[ActionItem, ...]], ...]:
        """Return the items of each horizon, nearest first."""
        return (
            (Horizon.IMMEDIATE, self.immediate),
            (Horizon.SHORT_TERM, self.short_term),
            (Horizon.MEDIUM_TERM, self.medium_term),
            (Horizon.LONG_TERM, self.long_term),
        )
