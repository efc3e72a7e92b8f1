"""What headings, labels and keys mean: the words of the public outlines and of the export formats."""

from __future__ import annotations

import pytest

from afteraction.formats.outline import _FORMS, TIMELINE, field_for
from afteraction.model.postmortem.document import PostMortem
from afteraction.rescue.gathered import Gathered


@pytest.mark.parametrize(
    ("words", "field"),
    [
        # Google's SRE book
        ("Authors", "footer.completed_by"), ("Root Causes", "root_cause.primary"), ("Trigger", "root_cause.trigger"),
        ("Where we got lucky", "lessons.lucky"), ("Action Items", "actions.short_term"), ("Detection", ""),
        # PagerDuty
        ("Post-Mortem Owner", "appendix.team.facilitator"), ("What Didn't Go So Well?", "lessons.went_wrong"),
        ("Contributing Factors", "root_cause.factors"), ("Responders", "appendix.attendees"), ("Overview", "executive_summary.what_happened"),
        # Atlassian
        ("Leadup", "executive_summary.what_happened"), ("Recovery", "executive_summary.resolution"),
        ("Corrective actions", "actions.short_term"), ("Affected services", "executive_summary.impact.services_affected"),
        ("Time to detect", "metrics.response.time_to_detection"), ("Incident severity", "summary.severity"),
        # GitLab
        ("Customer Impact", "impact.business.customer_impact"), ("What were the root causes?", "root_cause.primary"),
        ("Service(s) affected", "executive_summary.impact.services_affected"),
        # with numbers, signs, asides and times
        ("3. Root cause", "root_cause.primary"), ("🔥 Impact:", "impact.business.customer_impact"),
        ("Timeline (all times UTC)", TIMELINE), ("Timeline of events, 4 March", TIMELINE),
        ("Long-term Improvements (Target: Q4)", "actions.long_term"),
        # keys of exports
        ("customer impact summary", "impact.business.customer_impact"), ("executive summary", "executive_summary.what_happened"),
        ("incident status", "summary.status"), ("mitigation message", "executive_summary.resolution"),
        ("why surprised", "root_cause.primary"), ("Incident Lead", "appendix.team.incident_commander"),
        # none of ours
        ("Weather", ""), ("", ""), ("Netspace after the incident", ""), ("x" * 200, ""), ("!!!", ""),
    ],
)  # fmt: skip
def test_a_heading_means_a_field_or_none(words: str, field: str) -> None:
    assert field_for(words) == field


@pytest.mark.parametrize(
    "field", sorted({field for field, _ in _FORMS} - {TIMELINE, "appendix.attendees", "appendix.links"})
)
def test_every_field_of_the_table_is_one_of_ours(field: str) -> None:
    gathered = Gathered()
    if field.startswith("actions."):
        assert hasattr(PostMortem().actions, field.removeprefix("actions."))
        return
    gathered.texts[field].append("some words")
    found = gathered.post_mortem(PostMortem().timeline, "Post-Mortem")
    assert found != PostMortem(heading="Post-Mortem")
