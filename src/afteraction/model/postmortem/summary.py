"""The head of the document: what happened, to whom, for how long, in a form that fits on one screen."""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.model.postmortem.value import Part, Shape, Value, asked, offered


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Part):
    """Section "Incident Summary"."""

    incident_id: Value | None = asked(
        "Incident ID", "INCIDENT-YYYY-MM-DD-HHMM", "Under which id is this incident known?", Shape.LINE
    )
    title: Value | None = asked("Title", "[Incident title]", "What is this incident called in one line?", Shape.LINE)
    date: Value | None = asked("Date", "[Incident date]", "On which date did the impact begin?", Shape.LINE)
    duration: Value | None = asked("Duration", "[Total duration]", "How long did the impact last?", Shape.LINE)
    severity: Value | None = asked(
        "Severity", "[Critical/High/Medium/Low]", "Which severity was agreed on, and who agreed?", Shape.LINE
    )
    status: Value | None = asked("Status", "[Resolved/Closed]", "Is the incident resolved, or closed?", Shape.LINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactSummary(Part):
    """The four impact lines of the executive summary."""

    users_affected: Value | None = asked(
        "Users Affected", "[Number or percentage]", "How many users, or which share of them, were affected?"
    )
    downtime: Value | None = asked("Downtime", "[Duration]", "For how long was a service unavailable?")
    business_impact: Value | None = asked(
        "Business Impact", "[Financial or operational impact]", "What did this cost, in money or in work?"
    )
    services_affected: Value | None = asked(
        "Services Affected", "[List of affected services]", "Which services were affected?"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutiveSummary(Part):
    """Section "Executive Summary"."""

    what_happened: Value | None = asked(
        "What Happened",
        "[Brief 2-3 sentence summary of the incident]",
        "What happened, in two or three sentences that somebody outside the team understands?",
        Shape.FENCE,
    )
    impact: ImpactSummary = field(default_factory=ImpactSummary)
    root_cause: Value | None = asked(
        "Root Cause",
        "[Brief description of the root cause]",
        "Which cause do you, the people who were there, agree on?",
        Shape.FENCE,
    )
    resolution: Value | None = asked(
        "Resolution", "[Brief description of how it was resolved]", "Which change ended the impact?", Shape.FENCE
    )
    status_page: Value | None = offered("Status Page Text", Shape.FENCE)
