"""The timeline and its milestones: what mattered, in order, with what each point rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from afteraction.model.event import Event
from afteraction.model.origin import Basis, Origin, Precision


class MilestoneName(StrEnum):
    """The milestones of DESIGN.md, in the order of the template (the order in time is never forced)."""

    IMPACT_STARTED = "impact_started"
    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    CAUSE_IDENTIFIED = "cause_identified"
    RESPONDING = "responding"
    FIX_IMPLEMENTED = "fix_implemented"
    RESTORED = "restored"
    STABILISED = "stabilised"
    CONFIRMED = "confirmed"
    CLOSED = "closed"


class Phase(StrEnum):
    """The three phases of the template's timeline."""

    DISCOVERY = "discovery"
    RESPONSE = "response"
    RECOVERY = "recovery"


PHASE_MILESTONES: dict[Phase, tuple[MilestoneName, ...]] = {
    Phase.DISCOVERY: (MilestoneName.DETECTED, MilestoneName.INVESTIGATING, MilestoneName.CAUSE_IDENTIFIED),
    Phase.RESPONSE: (MilestoneName.RESPONDING, MilestoneName.FIX_IMPLEMENTED, MilestoneName.RESTORED),
    Phase.RECOVERY: (MilestoneName.STABILISED, MilestoneName.CONFIRMED, MilestoneName.CLOSED),
}
"""The milestones that have a row of their own in the template, by phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A point that KPIs are computed from.

    `at` is in UTC; `confidence` 0..1; `events` are ids of events or findings; `why` names the rule in a sentence.
    """

    name: MilestoneName
    at: datetime
    basis: Basis
    precision: Precision
    confidence: float
    events: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One happening of the timeline: the first of its events, all events that tell of it, and what it counts.

    `folded` is how many events stand behind the row (forty alerts of one storm are one row).
    """

    event: Event
    phase: Phase
    events: tuple[str, ...]
    folded: int = 1
    milestone: MilestoneName | None = None
    important: bool = False
    """Whether the row belongs in the document; the others stay in the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two statements of the material that cannot both be right, or a hole in it, for the author to settle."""

    rule: str
    text: str
    events: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """How far a source's clock runs ahead of the others (seconds; negative: behind), and how many pairs say so."""

    source: str
    seconds: float
    pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A stretch in which a service was unavailable (`down`) or degraded; `end` is None while it lasts.

    `events` are ids of the events, or of the findings, that it rests on.
    """

    service: str
    start: datetime
    end: datetime | None
    down: bool
    events: tuple[str, ...] = ()
    basis: Basis = Basis.OBSERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All events in order (numbered `e1`, `e2`, ...), the rows made of them, milestones and contradictions."""

    events: tuple[Event, ...] = ()
    rows: tuple[Row, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    skews: tuple[Skew, ...] = ()
    intervals: tuple[Interval, ...] = ()
    detection_source: str = ""
    """Who or what noticed first: monitor, staff or customer; empty when unknown."""

    def milestone(self, name: MilestoneName) -> Milestone | None:
        """Return the milestone called `name`, or None when it is unknown."""
        return next((m for m in self.milestones if m.name is name), None)
