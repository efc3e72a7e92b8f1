"""The impact in full: on the system, on the business, on the team."""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.model.postmortem.value import Part, Value, asked


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicalImpact(Part):
    """Impact on services and data."""

    service_downtime: Value | None = asked(
        "Service Downtime", "[Duration and affected services]", "Which services were unavailable, and for how long?"
    )
    performance_degradation: Value | None = asked(
        "Performance Degradation",
        "[Metrics before/during/after]",
        "How did latency, errors and throughput compare before, during and after?",
    )
    data_loss: Value | None = asked(
        "Data Loss", "[Any data that was lost or corrupted]", "Was data lost or corrupted, and how was that checked?"
    )
    security_impact: Value | None = asked(
        "Security Impact", "[Any security implications]", "Was anything exposed or weakened, and who checked?"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessImpact(Part):
    """Impact on customers and on the organisation."""

    revenue_loss: Value | None = asked(
        "Revenue Loss", "[Estimated financial impact]", "What revenue was lost, and how was it estimated?"
    )
    customer_impact: Value | None = asked(
        "Customer Impact",
        "[Number and type of affected customers]",
        "Which customers were affected, how many, and what did they experience?",
    )
    reputation_impact: Value | None = asked(
        "Reputation Impact", "[Any reputation damage]", "Was there public or press attention, or lost trust?"
    )
    operational_impact: Value | None = asked(
        "Operational Impact", "[Impact on business operations]", "Which work inside the organisation stood still?"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamImpact(Part):
    """What the response took."""

    resources_used: Value | None = asked(
        "Resources Used", "[Team members and time spent]", "Who worked on it, and for how long?"
    )
    external_dependencies: Value | None = asked(
        "External Dependencies",
        "[Any external teams or services involved]",
        "Which other teams, vendors or providers were involved?",
    )
    escalation_required: Value | None = asked(
        "Escalation Required", "[Any escalations that were needed]", "Who had to be called in, when, and why?"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Section "Impact Analysis"."""

    technical: TechnicalImpact = field(default_factory=TechnicalImpact)
    business: BusinessImpact = field(default_factory=BusinessImpact)
    team: TeamImpact = field(default_factory=TeamImpact)
