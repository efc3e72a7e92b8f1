"""Decides the milestones, in the order in which one needs another.

Facts come in; the milestones that have a sign go out, in the template's order, with who noticed first. Unknown stays
unknown: a milestone without a sign is absent.
"""

from __future__ import annotations

from dataclasses import dataclass

from afteraction.model.chronology import Milestone, MilestoneName
from afteraction.timeline import beginning, ending
from afteraction.timeline.signs import Facts, Sign

M = MilestoneName


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The milestones that are known, and the detection source (empty when it is not)."""

    milestones: tuple[Milestone, ...]
    detection_source: str


def decide(facts: Facts) -> Decided:
    """Decide every milestone for which there is a sign."""
    detection = beginning.detected(facts)
    noticed = detection.sign.at if detection else None
    over = ending.restored(facts, noticed)
    signs: dict[MilestoneName, Sign | None] = {
        M.IMPACT_STARTED: beginning.impact_started(facts) or beginning.impact_by_duration(facts, over),
        M.DETECTED: detection.sign if detection else None,
        M.ACKNOWLEDGED: beginning.acknowledged(facts, noticed),
        M.INVESTIGATING: beginning.investigating(facts, noticed),
        M.CAUSE_IDENTIFIED: beginning.cause_identified(facts, noticed),
        M.RESPONDING: beginning.responding(facts, noticed),
        M.FIX_IMPLEMENTED: ending.fix_implemented(facts, noticed, over),
        M.RESTORED: over,
        M.STABILISED: ending.stabilised(facts, over),
        M.CONFIRMED: ending.confirmed(facts, over),
        M.CLOSED: ending.closed(facts, over),
    }
    found = tuple(sign.milestone(name) for name, sign in signs.items() if sign)
    return Decided(milestones=found, detection_source=detection.source if detection else "")
