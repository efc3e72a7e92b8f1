"""Decides the milestones, in the order in which one needs another.

Facts come in; the milestones that have a sign go out, in the template's order, with who noticed first. Unknown stays
unknown: a milestone without a sign is absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from afteraction.model.chronology import Milestone, MilestoneName
from afteraction.model.origin import Basis
from afteraction.timeline import beginning, ending
from afteraction.timeline.signs import Facts, Sign

M = MilestoneName

_TICK = timedelta(minutes=2)
"""Metrics and pages are stamped a scrape or two apart; an onset that lies further behind the detection is none."""


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
    began = beginning.impact_started(facts)
    if began and began.basis is Basis.INFERRED and detection and began.at > detection.sign.at + _TICK:
        began = None  # nobody notices what has not begun: evidence of another change is no onset
    signs: dict[MilestoneName, Sign | None] = {
        M.IMPACT_STARTED: began or beginning.impact_by_duration(facts, over),
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
