"""Lessons learned: people's conclusions. The machine only brings questions to them."""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.model.postmortem.value import Part, Value, asked, normal_line, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled(Part):
    """An item that a person added to a list of labelled items, with a label of its own."""

    label: str
    value: Value | None = asked("", "", "")

    def __post_init__(self) -> None:
        settle(self)
        object.__setattr__(self, "label", normal_line(self.label) or "Note")


@dataclass(frozen=True, slots=True, kw_only=True)
class WentWell(Part):
    """What went well."""

    detection: Value | None = asked(
        "Detection", "[What worked well in detection]", "What made it possible to notice this as early as you did?"
    )
    response: Value | None = asked(
        "Response", "[What worked well in response]", "Which part of the response would you want to keep?"
    )
    communication: Value | None = asked(
        "Communication", "[What worked well in communication]", "Who knew what they needed to know in time, and how?"
    )
    resolution: Value | None = asked(
        "Resolution", "[What worked well in resolution]", "What made the fix possible, safe or quick?"
    )
    teamwork: Value | None = asked(
        "Teamwork", "[What worked well in team coordination]", "Where did people help each other across roles?"
    )
    more: tuple[Labelled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WentWrong(Part):
    """What went wrong."""

    detection: Value | None = asked(
        "Detection", "[What didn't work well in detection]", "What could have told you earlier, and why did it not?"
    )
    response: Value | None = asked(
        "Response", "[What didn't work well in response]", "Where did the response wait, and for what?"
    )
    communication: Value | None = asked(
        "Communication",
        "[What didn't work well in communication]",
        "Who learnt of it too late, or from the wrong place?",
    )
    resolution: Value | None = asked(
        "Resolution",
        "[What didn't work well in resolution]",
        "Which steps did not help, and what had made them look right?",
    )
    process: Value | None = asked(
        "Process", "[What process issues occurred]", "Which process did not fit what was happening?"
    )
    more: tuple[Labelled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned(Part):
    """What we learned."""

    technical: Value | None = asked(
        "Technical Insights",
        "[New technical knowledge gained]",
        "What do you now know about the system that you did not?",
    )
    process: Value | None = asked(
        "Process Insights", "[Process improvements identified]", "What do you now know about how you work?"
    )
    tool: Value | None = asked(
        "Tool Insights", "[Tool or automation improvements needed]", "Which tool was missing, in the way, or decisive?"
    )
    team: Value | None = asked(
        "Team Insights", "[Team dynamics or coordination learnings]", "What do you now know about working together?"
    )
    more: tuple[Labelled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons(Part):
    """Section "Lessons Learned". `lucky` and `questions` are rendered only when there are some."""

    went_well: WentWell = field(default_factory=WentWell)
    went_wrong: WentWrong = field(default_factory=WentWrong)
    learned: Learned = field(default_factory=Learned)
    lucky: tuple[Value, ...] = ()
    questions: tuple[Value, ...] = ()
