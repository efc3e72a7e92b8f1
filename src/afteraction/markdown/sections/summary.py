"""The title, the incident summary and the executive summary."""

from __future__ import annotations

from afteraction.markdown.fields import fence, fence_value, items, labels, lines, values
from afteraction.markdown.sheet import TITLE, Found, Piece, Section, slot
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.summary import ExecutiveSummary, ImpactSummary, Summary
from afteraction.model.postmortem.value import Shape, specs

_SUMMARY, _EXECUTIVE = "summary", "executive_summary"
_FENCED = dict(specs(ExecutiveSummary))

SECTIONS = (
    Section(anchor=_SUMMARY, heading="incident summary", lines=labels(Summary, Shape.LINE)),
    Section(
        anchor=_EXECUTIVE,
        heading="executive summary",
        lines=(*labels(ExecutiveSummary, Shape.FENCE), "impact"),
        fenced=labels(ExecutiveSummary, Shape.FENCE),
        items=labels(ImpactSummary, Shape.ITEM),
    ),
)


def render_heading(pm: PostMortem) -> list[Piece]:
    """Render the first heading."""
    return [Piece(TITLE, f"# {pm.heading}")]


def render(pm: PostMortem) -> list[Piece]:
    """Render both summaries."""
    summary_lines = lines(_SUMMARY, pm.summary)
    head = [Piece(_SUMMARY, "## 🚨 Incident Summary"), _loose(summary_lines[0]), *summary_lines[1:]]
    part = pm.executive_summary
    return [
        *head,
        Piece(_EXECUTIVE, "## 📊 Executive Summary"),
        *_fenced(part, "what_happened"),
        Piece(slot(_EXECUTIVE, "impact"), "**Impact**:"),
        *items(_EXECUTIVE, part.impact),
        *_fenced(part, "root_cause"),
        *_fenced(part, "resolution"),
        *(_fenced(part, "status_page") if part.status_page else []),
    ]


def _loose(piece: Piece) -> Piece:
    return Piece(piece.anchor, piece.text)


def _fenced(part: ExecutiveSummary, name: str) -> list[Piece]:
    spec = _FENCED[name]
    anchor = slot(_EXECUTIVE, spec.label)
    return [Piece(anchor, f"**{spec.label}**: "), *fence(anchor, getattr(part, name), spec)]


def parse_heading(found: Found) -> str:
    """Parse the first heading."""
    return found.headings.get(TITLE, PostMortem().heading).lstrip("# ").strip()


def parse_summary(found: Found) -> Summary:
    """Parse the incident summary."""
    return Summary(**values(_SUMMARY, Summary, found))


def parse_executive(found: Found) -> ExecutiveSummary:
    """Parse the executive summary."""
    fences = {name: fence_value(slot(_EXECUTIVE, spec.label), spec, found) for name, spec in _FENCED.items()}
    return ExecutiveSummary(impact=ImpactSummary(**values(_EXECUTIVE, ImpactSummary, found)), **fences)
