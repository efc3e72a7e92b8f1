"""Prevention measures: what would make the next one less likely, shorter or smaller."""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.model.postmortem.lessons import Labelled
from afteraction.model.postmortem.value import Part, Value, asked


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicalImprovements(Part):
    """Improvements of the system."""

    monitoring: Value | None = asked("Monitoring", "[Monitoring improvements needed]", "Which signal was missing?")
    alerting: Value | None = asked(
        "Alerting", "[Alerting improvements needed]", "Which alert was missing, late or noisy?"
    )
    automation: Value | None = asked(
        "Automation", "[Automation improvements needed]", "Which step should a machine do?"
    )
    infrastructure: Value | None = asked(
        "Infrastructure", "[Infrastructure improvements needed]", "Which limit, redundancy or isolation was missing?"
    )
    testing: Value | None = asked("Testing", "[Testing improvements needed]", "Which test would have caught it?")
    more: tuple[Labelled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessImprovements(Part):
    """Improvements of how people work."""

    incident_response: Value | None = asked(
        "Incident Response", "[Process improvements needed]", "What should the next responder find prepared?"
    )
    communication: Value | None = asked(
        "Communication", "[Communication process improvements]", "Who should be told earlier, and by which way?"
    )
    documentation: Value | None = asked(
        "Documentation", "[Documentation improvements needed]", "Which runbook or page was missing or wrong?"
    )
    training: Value | None = asked("Training", "[Training improvements needed]", "What should be practised, by whom?")
    escalation: Value | None = asked(
        "Escalation", "[Escalation process improvements]", "Was the right person reached in time?"
    )
    more: tuple[Labelled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolImprovements(Part):
    """Improvements of the tools."""

    mcp: Value | None = asked("MCP Tools", "[MCP tool enhancements needed]", "Which tool call failed or was missing?")
    monitoring: Value | None = asked(
        "Monitoring Tools", "[Monitoring tool improvements]", "What took too long to find in the monitoring tools?"
    )
    communication: Value | None = asked(
        "Communication Tools", "[Communication tool improvements]", "What was in the way of talking to each other?"
    )
    documentation: Value | None = asked(
        "Documentation Tools", "[Documentation tool improvements]", "What was in the way of writing this down?"
    )
    more: tuple[Labelled, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevention:
    """Section "Prevention Measures"."""

    technical: TechnicalImprovements = field(default_factory=TechnicalImprovements)
    process: ProcessImprovements = field(default_factory=ProcessImprovements)
    tool: ToolImprovements = field(default_factory=ToolImprovements)
