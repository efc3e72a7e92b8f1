"""What the record supports is drafted and cited; what it does not say stays a gap; nobody is blamed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from afteraction.model.chronology import MilestoneName as M
from afteraction.model.origin import Precision
from afteraction.model.postmortem.value import Value


def values(node: Any) -> Iterator[Value]:
    """Yield every value of a document."""
    if isinstance(node, Value):
        yield node
    elif isinstance(node, tuple):
        for item in node:
            yield from values(item)
    elif is_dataclass(node) and not isinstance(node, type):
        for field in fields(node):
            yield from values(getattr(node, field.name))


def cited_by(node: Any) -> Iterator[str]:
    """Yield every citation of a document, those of the action items too."""
    if isinstance(node, tuple):
        for item in node:
            yield from cited_by(item)
    elif is_dataclass(node) and not isinstance(node, type):
        yield from getattr(node, "citations", ())
        for field in fields(node):
            if field.name != "citations":
                yield from cited_by(getattr(node, field.name))


def whole(record: Any) -> Any:
    """An incident with everything that the builders know."""
    return (
        record.say(-2, "customers are getting errors at checkout", milestone__detected="customers are getting errors")
        .alert(0, ends=40)
        .say(1, "looking", who="Tobias Weber", milestone__acknowledged="looking")
        .run(3, "kubectl get pods", "NAME READY\ncart-1 0/1")
        .run(10, "kubectl rollout restart deploy/cart", "restarted", changes=True)
        .say(30, "root cause is a pool of 4", root_cause__primary="a pool of 4", milestone__cause_identified="found")
        .run(35, "kubectl rollout undo deploy/cart", "rolled back", changes=True)
        .say(41, "TODO alert on the pool", actions__short_term="alert on the pool - Owner: @bo, Due: 2026-02-18")
    )


def test_every_citation_leads_to_the_ledger_and_the_ledger_holds_nothing_else(record: Any) -> None:
    drafted = whole(record).draft().post_mortem
    entered = {entry.id for entry in drafted.ledger}
    cited = set(cited_by(drafted)) - {""}
    assert cited
    assert cited == entered


def test_every_value_on_the_record_is_cited(record: Any) -> None:
    drafted = whole(record).draft().post_mortem
    bare = [v.text for row in drafted.timeline.discovery for v in values(row.event) if not v.citations]
    assert bare == []
    assert all(v.citations for v in values((drafted.executive_summary, drafted.root_cause, drafted.metrics.response)))


def test_nothing_is_drafted_from_nothing(record: Any) -> None:
    drafted = record.draft()
    assert [v.text for v in values(drafted.post_mortem.summary)] == []
    assert [v.text for v in values(drafted.post_mortem.executive_summary)] == []
    assert [v.text for v in values(drafted.post_mortem.root_cause)] == []
    assert len(drafted.gaps) > 80


def test_no_person_is_named_in_causes_and_factors(record: Any) -> None:
    drafted = whole(record).draft().post_mortem
    told = " ".join(v.text for v in values(drafted.root_cause))
    assert "pool of 4" in told
    assert "Tobias" not in told
    assert "Mara" not in told


def test_without_a_stated_cause_the_cause_is_a_gap(record: Any) -> None:
    drafted = record.alert(0, ends=20).run(10, "kubectl rollout undo deploy/cart", changes=True).draft()
    assert drafted.post_mortem.root_cause.primary is None
    assert drafted.post_mortem.executive_summary.root_cause is None


def test_what_happened_is_told_in_at_most_three_lines(record: Any) -> None:
    text = whole(record).draft().post_mortem.executive_summary.what_happened.text
    assert 1 <= len(text.splitlines()) <= 3


def test_a_row_of_a_milestone_quotes_the_words_that_state_it(record: Any) -> None:
    message = "hm, five hundreds everywhere. declaring an incident, SEV-3. can you join, Bo? I am in the call."
    record.alert(0, ends=9).say(2, message, milestone__responding="declaring an incident, SEV-3")
    row = next(r for r in record.draft().post_mortem.timeline.response if r.milestone is M.RESPONDING)
    assert row.event.text == "Mara Lindqvist: declaring an incident, SEV-3"


def test_a_pasted_block_does_not_stand_in_a_row(record: Any) -> None:
    pasted = "found it, the cause is this:\n```\nTraceback\n  at a.b.C\n```"
    record.alert(0, ends=9).say(3, pasted, milestone__cause_identified="(see above)")
    row = next(r for r in record.draft().post_mortem.timeline.discovery if r.milestone is M.CAUSE_IDENTIFIED)
    assert row.event.text == "Mara Lindqvist: found it, the cause is this: …"


def test_the_row_of_an_acknowledgement_has_no_blank_action(record: Any) -> None:
    drafted = whole(record).draft().post_mortem
    row = next(r for r in drafted.timeline.discovery if r.milestone is M.ACKNOWLEDGED)
    assert row.action
    assert row.action.text == "—"


def test_dates_show_where_the_incident_passes_midnight_in_the_display_zone(record: Any) -> None:
    record.alert(0, ends=65)
    abroad, home = record.draft(zone="Europe/Berlin"), record.draft(zone="America/New_York")
    assert abroad.post_mortem.timeline.discovery[0].time.text == "2026-02-11 23:30 CET"
    assert home.post_mortem.timeline.discovery[0].time.text == "17:30 EST"


def in_vain(record: Any) -> list[str]:
    questions = record.draft().post_mortem.lessons.questions
    return [q.text.split("`")[1] for q in questions if "did not end the impact" in q.text or "failed" in q.text]


def test_a_step_that_ended_nothing_raises_a_question_and_the_fix_does_not(record: Any) -> None:
    assert in_vain(whole(record)) == ["kubectl rollout restart deploy/cart"]


def test_the_command_behind_a_pipelines_rollback_is_not_said_to_have_been_in_vain(record: Any) -> None:
    record.alert(0, ends=30).run(10, "kubectl rollout restart deploy/cart", changes=True)
    record.run(24, "kubectl rollout undo deploy/cart", changes=True).rolled_back(25)
    assert in_vain(record) == ["kubectl rollout restart deploy/cart"]


def test_a_step_whose_clock_may_reach_the_fix_is_not_said_to_have_been_in_vain(record: Any) -> None:
    record.alert(0, ends=30).run(5, "kubectl rollout undo deploy/a", changes=True, precision=Precision.HOUR)
    record.run(25, "kubectl rollout undo deploy/cart", changes=True)
    assert in_vain(record) == []


def test_a_step_that_failed_raises_a_question_at_any_precision(record: Any) -> None:
    record.alert(0, ends=30)
    record.run(5, "kubectl scale deploy/a --replicas=3", changes=True, is_error=True, precision=Precision.HOUR)
    record.run(25, "kubectl rollout undo deploy/cart", changes=True)
    assert in_vain(record) == ["kubectl scale deploy/a --replicas=3"]


def test_the_appendix_shows_the_command_its_place_and_its_result_and_no_housekeeping(record: Any) -> None:
    record.alert(0, ends=30).run(1, "date", "Wed").run(2, "export A=1").run(
        3, "kubectl get pods", "NAME\ncart-1 0/1\nb"
    )
    assert record.draft().post_mortem.appendix.commands.splitlines()[1:] == [
        "# 22:33:00 UTC Tobias Weber (command.txt:5)",
        "kubectl get pods",
        "# -> NAME / cart-1 0/1 …",
    ]


@pytest.mark.parametrize(("changes", "milestone"), [(False, M.INVESTIGATING), (True, M.RESPONDING)])
def test_a_blank_action_is_the_commands_on_record(record: Any, changes: bool, milestone: M) -> None:
    record.alert(0, ends=30).run(3, "kubectl apply -f x" if changes else "kubectl get pods", changes=changes)
    timeline = record.draft().post_mortem.timeline
    row = next(r for r in (*timeline.discovery, *timeline.response) if r.milestone is milestone)
    assert row.action.text == ("`kubectl apply -f x`" if changes else "`kubectl get pods`")


def test_a_long_text_is_cut_where_a_sentence_ends(record: Any) -> None:
    long = " ".join(f"Sentence {number} tells what went on in some detail." for number in range(30))
    record.alert(0, ends=9).say(1, long, executive_summary__what_happened=long)
    text = record.draft().post_mortem.executive_summary.what_happened.text
    assert text.endswith("in some detail.")
    assert 300 < len(text) <= 600
