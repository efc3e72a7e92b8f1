"""A KPI that explains itself: a value with the points it runs between, or the reason why it is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from afteraction.model.origin import Basis, Precision


class KpiName(StrEnum):
    """The KPIs of DESIGN.md; the names are part of the stable surface."""

    TIME_TO_DETECTION = "time_to_detection"
    TIME_TO_ACKNOWLEDGE = "time_to_acknowledge"
    TIME_TO_INVESTIGATION = "time_to_investigation"
    TIME_TO_IDENTIFY = "time_to_identify"
    TIME_TO_MITIGATE = "time_to_mitigate"
    TIME_TO_RESOLUTION = "time_to_resolution"
    TIME_TO_RESOLUTION_FROM_DETECTION = "time_to_resolution_from_detection"
    TOTAL_DOWNTIME = "total_downtime"
    AUTOMATED_STEPS = "automated_steps"
    MANUAL_STEPS = "manual_steps"
    AI_SUGGESTIONS_USED = "ai_suggestions_used"
    HUMAN_OVERRIDE_REQUIRED = "human_override_required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One KPI.

    A duration has `seconds`, a count or a yes/no has `value`; both are None when it is unknown, and `reason` says why.
    `start` and `end` name the milestones it runs between. `events` are ids of events. `detail` carries what the number
    alone would hide (the percentage, each override, downtime per service).
    """

    name: KpiName
    seconds: float | None = None
    value: int | bool | None = None
    start: str = ""
    end: str = ""
    basis: Basis = Basis.UNKNOWN
    precision: Precision = Precision.UNKNOWN
    reason: str = ""
    detail: str = ""
    events: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the KPI has a value."""
        return self.seconds is not None or self.value is not None
