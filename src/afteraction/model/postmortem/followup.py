"""The follow-up plan: four reviews, success criteria, and what is communicated."""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.model.postmortem.value import normal_line, undashed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSlot:
    """A review: `name` and `purpose` as in the template, `date` as written, empty while it is not set."""

    name: str
    purpose: str
    date: str = ""

    def __post_init__(self) -> None:
        for name in ("name", "purpose", "date"):
            object.__setattr__(self, name, normal_line(getattr(self, name)))
        object.__setattr__(self, "name", self.name or "Review")
        object.__setattr__(self, "date", undashed(self.date))


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A checklist line. `confirmed` turns the template's placeholder (in backticks) into a statement of the team."""

    text: str
    done: bool = False
    confirmed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", normal_line(self.text))


def _reviews() -> tuple[ReviewSlot, ...]:
    return (
        ReviewSlot(name="1 Week Review", purpose="Review immediate actions"),
        ReviewSlot(name="1 Month Review", purpose="Review short-term actions"),
        ReviewSlot(name="3 Month Review", purpose="Review long-term actions"),
        ReviewSlot(name="6 Month Review", purpose="Comprehensive review"),
    )


def _success() -> tuple[Criterion, ...]:
    texts = (
        "All immediate actions completed",
        "All short-term actions completed",
        "All medium-term actions completed",
        "All long-term actions completed",
        "No similar incidents occurred",
        "Process improvements implemented",
    )
    return tuple(Criterion(text=text) for text in texts)


def _communication() -> tuple[Criterion, ...]:
    texts = (
        "Stakeholder notification completed",
        "Team debrief conducted",
        "Lessons learned shared",
        "Best practices updated",
    )
    return tuple(Criterion(text=text) for text in texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Section "Follow-up Plan"."""

    reviews: tuple[ReviewSlot, ...] = field(default_factory=_reviews)
    success: tuple[Criterion, ...] = field(default_factory=_success)
    communication: tuple[Criterion, ...] = field(default_factory=_communication)
