"""The KPIs as the document states them."""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.model.postmortem.value import Part, Value, asked, offered


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseMetrics(Part):
    """Durations of the response; the optional ones have no slot in the template."""

    time_to_detection: Value | None = asked(
        "Time to Detection", "[Duration]", "When were users first hurt, and when did somebody or something notice?"
    )
    time_to_acknowledge: Value | None = offered("Time to Acknowledge")
    time_to_investigation: Value | None = asked(
        "Time to Investigation", "[Duration]", "When did somebody take the first diagnostic step?"
    )
    time_to_identify: Value | None = offered("Time to Identify")
    time_to_mitigate: Value | None = offered("Time to Mitigate")
    time_to_resolution: Value | None = asked("Time to Resolution", "[Duration]", "When was normal working confirmed?")
    total_downtime: Value | None = asked(
        "Total Downtime", "[Duration]", "During which intervals was a service unavailable, not merely slow?"
    )
    detection_source: Value | None = offered("Detection Source")


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationMetrics(Part):
    """Who or what did the steps."""

    automated_steps: Value | None = asked(
        "Automated Steps", "[Number and percentage]", "Which steps did a tool or agent take without a human command?"
    )
    manual_steps: Value | None = asked(
        "Manual Steps", "[Number and percentage]", "Which steps did people take themselves?"
    )
    ai_suggestions_used: Value | None = asked(
        "AI Suggestions Used", "[Number]", "Which suggestions of an agent were carried out?"
    )
    human_override_required: Value | None = asked(
        "Human Override Required",
        "[Yes/No - Details if yes]",
        "Did a person stop, reverse or replace an automated step?",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityMetrics(Part):
    """Counts that people know best."""

    customer_complaints: Value | None = asked("Customer Complaints", "[Number]", "How many customers complained?")
    internal_escalations: Value | None = asked("Internal Escalations", "[Number]", "How often was it escalated inside?")
    process_deviations: Value | None = asked(
        "Process Deviations", "[Number]", "Where did the response leave the agreed process?"
    )
    documentation_gaps: Value | None = asked(
        "Documentation Gaps", "[Number]", "How many runbooks or pages were missing or wrong?"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Section "Metrics and KPIs"."""

    response: ResponseMetrics = field(default_factory=ResponseMetrics)
    automation: AutomationMetrics = field(default_factory=AutomationMetrics)
    quality: QualityMetrics = field(default_factory=QualityMetrics)
