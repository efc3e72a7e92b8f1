"""The incident timeline as the document shows it: three tables of open length."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from afteraction.model.chronology import PHASE_MILESTONES, MilestoneName, Phase
from afteraction.model.postmortem.value import Part, Shape, Value, asked, settle

MILESTONE_PLACEHOLDERS: dict[MilestoneName, tuple[str, str]] = {
    MilestoneName.DETECTED: ("[First detection/alert]", "[Initial response]"),
    MilestoneName.INVESTIGATING: ("[Investigation started]", "[Investigation actions]"),
    MilestoneName.CAUSE_IDENTIFIED: ("[Root cause identified]", "[Analysis actions]"),
    MilestoneName.RESPONDING: ("[Response initiated]", "[Response actions]"),
    MilestoneName.FIX_IMPLEMENTED: ("[Fix implemented]", "[Implementation details]"),
    MilestoneName.RESTORED: ("[Service restored]", "[Verification actions]"),
    MilestoneName.STABILISED: ("[Monitoring stabilized]", "[Monitoring actions]"),
    MilestoneName.CONFIRMED: ("[Full service confirmed]", "[Final verification]"),
    MilestoneName.CLOSED: ("[Incident closed]", "[Documentation completed]"),
}
"""The template's placeholders for the event and the action of each milestone that has a row of its own."""

TIME_PLACEHOLDER = "[HH:MM]"

MILESTONE_LABELS: dict[MilestoneName, str] = {
    MilestoneName.IMPACT_STARTED: "Impact started",
    MilestoneName.DETECTED: "Detected",
    MilestoneName.ACKNOWLEDGED: "Acknowledged",
    MilestoneName.INVESTIGATING: "Investigation started",
    MilestoneName.CAUSE_IDENTIFIED: "Cause identified",
    MilestoneName.RESPONDING: "Response started",
    MilestoneName.FIX_IMPLEMENTED: "Fix implemented",
    MilestoneName.RESTORED: "Restored",
    MilestoneName.STABILISED: "Stabilised",
    MilestoneName.CONFIRMED: "Confirmed",
    MilestoneName.CLOSED: "Closed",
}
"""How a milestone is called in the document, in front of its row's event."""


def label_of(text: str) -> tuple[MilestoneName, str] | None:
    """Split `**Detected**: what happened` into the milestone and the rest; None for a text without such a label."""
    for name, label in MILESTONE_LABELS.items():
        head = f"**{label}**: "
        if text.startswith(head) and text[len(head) :].strip():
            return name, text[len(head) :].strip()
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow(Part):
    """A row of the timeline.

    `time` is the text of the first column, in the display zone. A row whose three values are None stands for a
    milestone that nobody knows yet; without a milestone it is a blank row.
    """

    time: Value | None = asked("Time", TIME_PLACEHOLDER, "At what time was this?", Shape.CELL)
    event: Value | None = asked("Event", "[Event]", "What happened?", Shape.CELL)
    action: Value | None = asked("Action Taken", "[Action]", "What was done about it?", Shape.CELL)
    milestone: MilestoneName | None = None

    def __post_init__(self) -> None:
        settle(self)
        found = label_of(self.event.text) if self.event and self.milestone is None else None
        if found and self.event:
            object.__setattr__(self, "milestone", found[0])
            object.__setattr__(self, "event", replace(self.event, text=found[1]))


def blank_rows(phase: Phase) -> tuple[TimelineRow, ...]:
    """Return the template's rows of `phase`, all unknown."""
    return tuple(TimelineRow(milestone=name) for name in PHASE_MILESTONES[phase])


def _discovery() -> tuple[TimelineRow, ...]:
    return blank_rows(Phase.DISCOVERY)


def _response() -> tuple[TimelineRow, ...]:
    return blank_rows(Phase.RESPONSE)


def _recovery() -> tuple[TimelineRow, ...]:
    return blank_rows(Phase.RECOVERY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle(Part):
    """Section "Incident Timeline"; `contradictions` is rendered only when there are some."""

    discovery: tuple[TimelineRow, ...] = field(default_factory=_discovery)
    response: tuple[TimelineRow, ...] = field(default_factory=_response)
    recovery: tuple[TimelineRow, ...] = field(default_factory=_recovery)
    contradictions: tuple[Value, ...] = ()
