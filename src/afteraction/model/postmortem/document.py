"""The post-mortem: all sections, what people added between them, and the ledger below.

An empty `PostMortem()` is the template. Nothing here knows Markdown; `afteraction.markdown` renders and parses it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.model.postmortem.actions import Actions
from afteraction.model.postmortem.appendix import Appendix, Footer, LedgerEntry
from afteraction.model.postmortem.cause import RootCause
from afteraction.model.postmortem.chronicle import Chronicle
from afteraction.model.postmortem.followup import FollowUp
from afteraction.model.postmortem.impact import Impact
from afteraction.model.postmortem.lessons import Lessons
from afteraction.model.postmortem.metrics import Metrics
from afteraction.model.postmortem.prevention import Prevention
from afteraction.model.postmortem.resolution import Resolution
from afteraction.model.postmortem.summary import ExecutiveSummary, Summary
from afteraction.model.postmortem.value import normal_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """Something a person added that the template does not know, kept as it was written.

    `after` is the anchor of the template's slot behind which it stands (empty: before everything); `tight_above` and
    `tight_below` say that no blank line stands between it and its neighbour.
    """

    after: str
    text: str
    tight_above: bool = False
    tight_below: bool = False

    def __post_init__(self) -> None:
        lines = self.text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
        filled = [number for number, line in enumerate(lines) if line.strip()]
        text = "\n".join(lines[filled[0] : filled[-1] + 1]) if filled else ""
        object.__setattr__(self, "text", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMortem:
    """A post-mortem in the form of the template, version 1.0. `heading` is the text of its first heading."""

    heading: str = "Post-Mortem Template"

    summary: Summary = field(default_factory=Summary)
    executive_summary: ExecutiveSummary = field(default_factory=ExecutiveSummary)
    timeline: Chronicle = field(default_factory=Chronicle)
    root_cause: RootCause = field(default_factory=RootCause)
    resolution: Resolution = field(default_factory=Resolution)
    impact: Impact = field(default_factory=Impact)
    lessons: Lessons = field(default_factory=Lessons)
    actions: Actions = field(default_factory=Actions)
    prevention: Prevention = field(default_factory=Prevention)
    metrics: Metrics = field(default_factory=Metrics)
    followup: FollowUp = field(default_factory=FollowUp)
    appendix: Appendix = field(default_factory=Appendix)
    footer: Footer = field(default_factory=Footer)
    extras: tuple[Extra, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "heading", normal_line(self.heading).rstrip("# ") or "Post-Mortem")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A field that the template asks for and nobody knows yet: the question that would fill it, and whom to ask."""

    field: str
    question: str
    ask: str = ""
