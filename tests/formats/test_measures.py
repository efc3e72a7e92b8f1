"""What people want to be different next time lands in the measure that it belongs to; the next step of a response in none."""

from __future__ import annotations

import pytest

from afteraction.formats.measures import measure_of
from afteraction.formats.phrases import phrases_in

GAPS = "metrics.quality.documentation_gaps"


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ("write the runbook for the pool alert", "process.documentation"),
        ("document how to fail over", "process.documentation"),
        ("add a regression test for the empty basket", "technical.testing"),
        ("load test checkout before the sale", "technical.testing"),
        ("alert when the pool is 80 % used", "technical.alerting"),
        ("page on queue age instead of length", "technical.alerting"),
        ("lower the alarm threshold for queue age", "technical.alerting"),
        ("dashboard for the cache hit rate", "technical.monitoring"),
        ("export a metric for refused orders", "technical.monitoring"),
        ("automate the certificate renewal", "technical.automation"),
        ("add a second replica of the session store", "technical.infrastructure"),
        ("put a circuit breaker before the tax provider", "technical.infrastructure"),
        ("run a game day for the region failover", "process.training"),
        ("put the database team on the escalation path", "process.escalation"),
        ("prepare a status page template for slow payments", "process.communication"),
        ("agree on severity levels with support", "process.incident_response"),
        ("give the MCP server a dry run", "tool.mcp"),
        ("use the test account of the bank", ""),
        ("fix the leak in the pool", ""),
    ],
)
def test_an_action_belongs_to_the_measure_that_its_object_names(action: str, field: str) -> None:
    assert measure_of(action) == (f"prevention.{field}" if field else "")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Someone should update the playbook for this", "prevention.process.documentation"),
        ("we should really add an alert for that", "prevention.technical.alerting"),
        ("we need to write a test for it", "prevention.technical.testing"),
        ("the runbook is out of date", GAPS),
        ("the docs don't mention the second cluster", GAPS),
        ("there was no runbook for this", GAPS),
        ("missing playbook, so I improvised", GAPS),
    ],
)
def test_a_wish_or_a_gap_is_stated_in_the_words_that_were_used(text: str, field: str) -> None:
    assert (field, text) in [(p.field, p.value) for p in phrases_in(text)]


@pytest.mark.parametrize(
    "text",
    [
        "we should add replicas",
        "we need to check the dashboard",
        "should we write a runbook?",
        "we don't need to write a runbook",
        "no runbook change needed",
        "following the runbook now",
        "the runbook is here",
        "we should look at the alert",
    ],
)
def test_the_next_step_a_question_and_a_denial_are_no_measure(text: str) -> None:
    assert [p.field for p in phrases_in(text) if p.field.startswith("prevention") or p.field == GAPS] == []
