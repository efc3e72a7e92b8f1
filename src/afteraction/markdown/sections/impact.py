"""The impact analysis and the metrics: labelled lists throughout."""

from __future__ import annotations

from afteraction.markdown.fields import items, labels, values
from afteraction.markdown.sheet import Found, Piece, Section
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.impact import BusinessImpact, Impact, TeamImpact, TechnicalImpact
from afteraction.model.postmortem.metrics import AutomationMetrics, Metrics, QualityMetrics, ResponseMetrics
from afteraction.model.postmortem.value import Shape

_IMPACT, _METRICS = "impact analysis", "metrics and kpis"

SECTIONS = (
    Section(anchor="impact", heading=_IMPACT),
    *(
        Section(anchor=f"impact.{name}", heading=f"{name} impact", parent=_IMPACT, items=labels(part, Shape.ITEM))
        for name, part in (("technical", TechnicalImpact), ("business", BusinessImpact), ("team", TeamImpact))
    ),
    Section(anchor="metrics", heading=_METRICS),
    *(
        Section(anchor=f"metrics.{name}", heading=f"{name} metrics", parent=_METRICS, items=labels(part, Shape.ITEM))
        for name, part in (
            ("response", ResponseMetrics),
            ("automation", AutomationMetrics),
            ("quality", QualityMetrics),
        )
    ),
)


def render_impact(pm: PostMortem) -> list[Piece]:
    """Render the impact analysis."""
    part = pm.impact
    return [
        Piece("impact", "## 📈 Impact Analysis"),
        Piece("impact.technical", "### Technical Impact"),
        *items("impact.technical", part.technical),
        Piece("impact.business", "### Business Impact"),
        *items("impact.business", part.business),
        Piece("impact.team", "### Team Impact"),
        *items("impact.team", part.team),
    ]


def parse_impact(found: Found) -> Impact:
    """Parse the impact analysis."""
    return Impact(
        technical=TechnicalImpact(**values("impact.technical", TechnicalImpact, found)),
        business=BusinessImpact(**values("impact.business", BusinessImpact, found)),
        team=TeamImpact(**values("impact.team", TeamImpact, found)),
    )


def render_metrics(pm: PostMortem) -> list[Piece]:
    """Render the metrics."""
    part = pm.metrics
    return [
        Piece("metrics", "## 📊 Metrics and KPIs"),
        Piece("metrics.response", "### Response Metrics"),
        *items("metrics.response", part.response),
        Piece("metrics.automation", "### Automation Metrics"),
        *items("metrics.automation", part.automation),
        Piece("metrics.quality", "### Quality Metrics"),
        *items("metrics.quality", part.quality),
    ]


def parse_metrics(found: Found) -> Metrics:
    """Parse the metrics."""
    return Metrics(
        response=ResponseMetrics(**values("metrics.response", ResponseMetrics, found)),
        automation=AutomationMetrics(**values("metrics.automation", AutomationMetrics, found)),
        quality=QualityMetrics(**values("metrics.quality", QualityMetrics, found)),
    )
