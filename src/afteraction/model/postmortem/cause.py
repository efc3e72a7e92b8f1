"""The root cause analysis: what people concluded, and the suspects and evidence that they had to go by."""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.model.postmortem.value import Part, Shape, Value, asked, normal_line, offered, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor(Part):
    """A contributing factor; `name` is its bold label (`Factor 1` until somebody names it)."""

    name: str
    description: Value | None = asked(
        "Factor", "[Description and why it contributed]", "Which condition contributed, and how?"
    )

    def __post_init__(self) -> None:
        settle(self)
        object.__setattr__(self, "name", normal_line(self.name) or "Factor")


def _factors() -> tuple[Factor, ...]:
    return tuple(Factor(name=f"Factor {n}") for n in (1, 2, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Whys(Part):
    """The four whys. The human one is worded as conditions that people met, never as a person's fault."""

    technical: Value | None = asked(
        "Technical Reason", "[Technical explanation]", "By which mechanism did the change or condition do its harm?"
    )
    process: Value | None = asked(
        "Process Reason", "[Process or procedure gaps]", "Which step of how you work let this through?"
    )
    human: Value | None = asked(
        "Human Reason",
        "[Human factors, if any]",
        "Under which conditions (load, information, tools, hand-overs) did people act?",
    )
    system: Value | None = asked(
        "System Reason", "[System or infrastructure issues]", "Which property of the system made it possible or worse?"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCause(Part):
    """Section "Root Cause Analysis". `suspects` and `ruled_out` are rendered only when there are some."""

    primary: Value | None = asked(
        "Primary Cause",
        "[Detailed explanation of the primary cause]",
        "Which cause do the people who were there conclude on, and what would prove it wrong?",
        Shape.FENCE,
    )
    trigger: Value | None = offered("Trigger", Shape.LINE)
    suspects: tuple[Value, ...] = ()
    factors: tuple[Factor, ...] = field(default_factory=_factors)
    evidence: Value | None = asked(
        "Evidence",
        "# Logs, metrics, and diagnostic information\n[Relevant log excerpts]\n[Error messages]\n[Monitoring data]",
        "Which log lines, error messages or graphs show it?",
        Shape.FENCE,
        language="bash",
    )
    ruled_out: tuple[Value, ...] = ()
    whys: Whys = field(default_factory=Whys)
