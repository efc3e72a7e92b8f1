"""Milestones as DESIGN.md defines them, as a table of incidents and what is known of each."""

from __future__ import annotations

from typing import Any

import pytest

from afteraction.model.chronology import MilestoneName as M
from afteraction.model.chronology import Timeline
from afteraction.model.event import ActorKind, ChangeKind, Event
from afteraction.model.finding import Investigation, Suspect, SuspectKind, Verdict
from afteraction.model.origin import Basis
from afteraction.model.reading import Material, Statement
from afteraction.timeline import build
from afteraction.timeline.phrases import milestones_told


def minutes(timeline: Timeline, make: Any) -> dict[str, float]:
    return {m.name.value: (m.at - make.at(0)).total_seconds() / 60 for m in timeline.milestones}


def made(
    make: Any, *events: Event, statements: tuple[Statement, ...] = (), investigation: Any = None
) -> dict[str, float]:
    return minutes(build(Material(events=events, statements=statements), investigation), make)


def test_an_incident_with_alerts_and_commands_yields_every_observed_milestone(make: Any, incident: Any) -> None:
    assert made(make, *incident()) == {
        "impact_started": -2,
        "detected": 0,
        "acknowledged": 2,
        "investigating": 5,
        "responding": 10,
        "fix_implemented": 22,
        "restored": 27,
    }


def test_nothing_is_known_of_empty_material(make: Any) -> None:
    assert made(make) == {}


def test_an_alert_without_a_start_of_its_condition_leaves_the_beginning_of_the_impact_unknown(make: Any) -> None:
    assert "impact_started" not in made(make, *make.alert(0, ends=5))


def test_the_onset_of_the_evidence_starts_the_impact(make: Any) -> None:
    found = made(make, *make.alert(0, ends=9), investigation=Investigation(onset=make.at(-7)))
    assert found["impact_started"] == -7


def test_a_customer_who_reports_before_the_alert_detects_it(make: Any) -> None:
    events = (make.say(-4, "customers report errors at checkout"), *make.alert(0, ends=9))
    timeline = build(Material(events=events))
    assert timeline.detection_source == "customer"
    assert minutes(timeline, make)["detected"] == -4


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("I'm seeing 500 errors on cart", "staff"),
        ("Support tickets: users cannot check out", "customer"),
        ("just got paged, cart is down", "monitor"),
    ],
)
def test_the_words_of_the_first_report_tell_who_noticed(make: Any, text: str, source: str) -> None:
    reported = make.say(0, text)
    timeline = build(Material(events=(reported,), statements=(make.stated(reported, "milestone.detected"),)))
    assert timeline.detection_source == source


def test_talk_about_something_else_before_the_alert_detects_nothing(make: Any) -> None:
    found = made(make, make.say(-20, "the build of the docs is broken on my branch"), *make.alert(0, ends=9))
    assert found["detected"] == 0


def test_people_name_a_service_by_a_word_of_its_name(make: Any) -> None:
    alert = make.alert(0, ends=9, service="cart-store")
    assert made(make, make.say(-2, "the cart page is broken for me"), *alert)["detected"] == -2
    assert made(make, make.say(-2, "the app store is broken for me"), *alert)["detected"] == 0


def test_a_statement_in_chat_acknowledges_where_no_pager_did(make: Any) -> None:
    said = make.say(3, "on it")
    found = made(make, *make.alert(0, ends=9), said, statements=(make.stated(said, "milestone.acknowledged"),))
    assert found["acknowledged"] == 3


def test_a_cause_that_was_taken_back_does_not_count(make: Any) -> None:
    wrong, back = make.say(5, "root cause is the cache"), make.say(8, "scratch that, it was not the cause")
    right = make.say(12, "root cause is the new release")
    statements = tuple(make.stated(e, "milestone.cause_identified") for e in (wrong, right))
    found = made(make, *make.alert(0, ends=20), wrong, back, right, statements=statements)
    assert found["cause_identified"] == 12


def test_a_cause_may_be_found_after_the_restoration(make: Any) -> None:
    late = make.say(300, "root cause found")
    found = made(make, *make.alert(0, ends=20), late, statements=(make.stated(late, "milestone.cause_identified"),))
    assert found["cause_identified"] == 300


def test_the_first_mention_of_the_suspected_change_is_a_weak_sign_of_the_cause(make: Any) -> None:
    suspect = Suspect(rank=1, kind=SuspectKind.CHANGE, ref="deadbeef", service="cart", score=0.9, why="")
    material = Material(events=(*make.alert(0, ends=20), make.say(9, "release deadbeef went out just before")))
    timeline = build(material, Investigation(verdict=Verdict.SUSPECT, suspects=(suspect,)))
    cause = timeline.milestone(M.CAUSE_IDENTIFIED)
    assert cause is not None
    assert (cause.basis, cause.confidence) == (Basis.INFERRED, 0.4)


def test_a_failed_call_and_a_call_that_only_notifies_are_no_fix(make: Any) -> None:
    found = made(
        make,
        *make.alert(0, ends=30),
        make.call(10, "kubectl rollout undo deploy/cart", changes=True),
        make.call(14, "kubectl apply -f cart.yaml", changes=True, exit_code=1),
        make.call(20, "amtool silence add alertname=Errors", changes=True),
    )
    assert found["fix_implemented"] == 10


def test_without_a_restoration_there_is_no_fix_unless_somebody_says_so(make: Any) -> None:
    assert "fix_implemented" not in made(make, *make.alert(0), make.call(10, "helm rollback cart", changes=True))


def test_the_change_that_people_say_was_the_fix_is_the_fix(make: Any) -> None:
    said = make.say(24, "rollback is complete")
    found = made(
        make,
        *make.alert(0, ends=30),
        make.call(22, "helm rollback cart", changes=True),
        said,
        make.call(28, "kubectl scale deploy/cart --replicas=3", changes=True),
        statements=(make.stated(said, "milestone.fix_implemented"),),
    )
    assert found["fix_implemented"] == 22


def test_an_attempt_that_people_tell_of_is_not_the_fix_when_a_later_change_ended_it(make: Any) -> None:
    said = make.say(12, "restarted the pods")
    found = made(
        make,
        *make.alert(0, ends=30),
        said,
        make.call(25, "helm rollback cart", changes=True),
        statements=(make.stated(said, "milestone.fix_implemented"),),
    )
    assert found["fix_implemented"] == 25


def test_a_rollback_from_a_list_of_changes_is_a_fix_too(make: Any) -> None:
    found = made(make, *make.alert(0, ends=30), make.change(20, "v1", ChangeKind.ROLLBACK))
    assert (found["responding"], found["fix_implemented"]) == (20, 20)


def test_the_impact_ends_when_the_last_alert_resolves(make: Any) -> None:
    found = made(make, *make.alert(0, ends=10), *make.alert(1, "Latency", ends=14))
    assert found["restored"] == 14


def test_an_alert_without_an_end_leaves_the_restoration_unknown(make: Any) -> None:
    assert "restored" not in made(make, *make.alert(0, ends=10), *make.alert(1, "Latency"))


def test_a_statement_of_restoration_before_another_alert_does_not_stand(make: Any) -> None:
    early, right = make.say(8, "service restored"), make.say(33, "service restored")
    statements = tuple(make.stated(e, "milestone.restored") for e in (early, right))
    events = (*make.alert(0, ends=7), early, *make.alert(20, ends=35), right)
    assert made(make, *events, statements=statements)["restored"] == 33


def test_a_time_that_a_message_names_is_the_time_of_the_restoration(make: Any) -> None:
    said = make.say(30, "recovered at 14:24")
    found = made(make, *make.alert(0), said, statements=(make.stated(said, "milestone.restored"),))
    assert found["restored"] == 24


def test_what_a_person_set_wins_over_everything(make: Any, incident: Any) -> None:
    setting = Statement(
        field="milestone.restored", value="2026-03-04T14:25:00Z", origin=make.say(0, "x").origin, source="person"
    )
    restored = build(Material(events=tuple(incident()), statements=(setting,))).milestone(M.RESTORED)
    assert restored is not None
    assert (restored.at, restored.confidence) == (make.at(25), 1.0)


def test_monitoring_is_quiet_from_the_last_stir_when_the_record_goes_on(make: Any) -> None:
    firing, resolved = make.alert(0, ends=20)
    later = make.alert(400, "Other", ends=410)
    found = made(make, firing, make.ack(1, firing), resolved, make.warning(24, "pod/a"), *later)
    assert found["stabilised"] == 24


def test_monitoring_is_not_called_quiet_when_the_record_ends_with_the_restoration(make: Any) -> None:
    assert "stabilised" not in made(make, *make.alert(0, ends=20), make.say(200, "good night"))


def test_a_confirmation_and_a_closure_are_taken_from_people(make: Any) -> None:
    sure, done = make.say(40, "all clear"), make.say(90, "closing the incident")
    statements = (make.stated(sure, "milestone.confirmed"), make.stated(done, "milestone.closed"))
    found = made(make, *make.alert(0, ends=20), sure, done, statements=statements)
    assert (found["confirmed"], found["closed"]) == (40, 90)


def test_rows_of_a_written_timeline_tell_the_milestones(make: Any) -> None:
    found = made(
        make,
        make.note(0, "Errors start to rise; impact started"),
        make.note(5, "PagerDuty alert fired"),
        make.note(7, "On-call engineer acknowledged the page"),
        make.note(12, "Investigating database connections"),
        make.note(30, "Root cause identified: connection limit"),
        make.note(41, "Rolled back the release"),
        make.note(47, "Service restored"),
        make.note(60, "Confirmed that all services are working normally"),
        make.note(80, "Incident closed"),
    )
    assert found == {
        "impact_started": 0,
        "detected": 5,
        "acknowledged": 7,
        "investigating": 12,
        "cause_identified": 30,
        "fix_implemented": 41,
        "restored": 47,
        "confirmed": 60,
        "closed": 80,
    }


def test_a_row_that_denies_or_supposes_tells_no_milestone(make: Any) -> None:
    found = made(
        make, make.note(0, "PagerDuty alert fired"), make.note(9, "Not resolved yet"), make.note(12, "Maybe fixed")
    )
    assert set(found) == {"detected"}


def test_an_alert_of_another_service_hours_before_moves_nothing(make: Any, incident: Any) -> None:
    before = made(make, *incident())
    noise = make.alert(-90, "DiskFull", ends=-80, service="batch", severity="warning", key="d")
    assert made(make, *noise, *incident()) == before


def test_a_bot_that_tells_of_alerts_stands_in_for_a_missing_export(make: Any) -> None:
    bot = {"who": "alertbot", "actor_kind": ActorKind.TOOL}
    found = made(make, make.say(0, "[FIRING:1] Errors cart", **bot), make.say(12, "[RESOLVED] Errors cart", **bot))
    assert (found["detected"], found["restored"]) == (0, 12)


def test_milestones_cite_events_that_exist(incident: Any) -> None:
    timeline = build(Material(events=tuple(incident())))
    ids = {event.id for event in timeline.events}
    assert all(set(m.events) <= ids and m.why for m in timeline.milestones)


def test_a_manual_acknowledgement_before_the_alert_is_not_the_acknowledgement(make: Any) -> None:
    firing, resolved = make.alert(0, ends=20)
    other = make.alert(-500, "Old", ends=-490, key="old")
    found = made(make, *other, make.ack(-498, other[0]), firing, make.ack(4, firing), resolved)
    assert found["acknowledged"] == 4


def _whole(make: Any, start: float, *, alerts: int) -> tuple[list[Event], list[Statement]]:
    """An incident that is told in chat, with so many alerts, beginning `start` minutes after the fixed moment."""
    said = {
        "milestone.acknowledged": make.say(start + 2, "on it"),
        "milestone.cause_identified": make.say(start + 15, "root cause found"),
        "milestone.restored": make.say(start + 30, "service restored"),
        "milestone.confirmed": make.say(start + 40, "all clear"),
        "milestone.closed": make.say(start + 50, "closing the incident"),
    }
    fired = [e for n in range(alerts) for e in make.alert(start + n, f"Alert{n}", key=f"{start}-{n}", ends=start + 32)]
    return [*fired, *said.values()], [make.stated(event, field) for field, event in said.items()]


@pytest.mark.parametrize("apart", [-1440, -400, 400, 1440])
def test_another_smaller_incident_in_the_same_material_moves_nothing(make: Any, apart: float) -> None:
    events, statements = _whole(make, 0, alerts=4)
    others, other_statements = _whole(make, apart, alerts=1)
    alone = made(make, *events, statements=tuple(statements))
    both = made(make, *events, *others, statements=(*statements, *other_statements))
    # That the record goes on shows that monitoring was quiet; nothing else may change.
    both.pop("stabilised", None)
    alone.pop("stabilised", None)
    assert both == alone
    assert alone["detected"] == 0
    assert alone["closed"] == 50


def test_an_alert_that_lasts_into_the_night_does_not_move_a_stated_restoration(make: Any) -> None:
    events, statements = _whole(make, 0, alerts=2)
    slow = make.alert(3, "ErrorBudget", severity="warning", ends=900)
    assert made(make, *events, *slow, statements=tuple(statements))["restored"] == 30


def test_a_row_of_a_written_timeline_may_be_days_after_the_others(make: Any) -> None:
    found = made(
        make,
        make.note(0, "Alert fired"),
        make.note(30, "Rolled back the deployment"),
        make.note(35, "Service restored"),
        make.note(4000, "Incident closed"),
    )
    assert (found["restored"], found["closed"]) == (35, 4000)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("@bo reports on Slack that something is wrong", {M.DETECTED}),
        ("A support engineer notices two customer reports", {M.DETECTED}),
        ("Begins looking at the logs", {M.INVESTIGATING}),
        ("Root cause identified: a missing index", {M.CAUSE_IDENTIFIED}),
        ("Formal incident declared", {M.RESPONDING}),
        ("Rolled the release back to r41", {M.FIX_IMPLEMENTED}),
        ("Node limit increased", {M.FIX_IMPLEMENTED}),
        ("Service fully restored", {M.RESTORED}),
        ("All systems verified operational", {M.RESTORED, M.CONFIRMED}),
        ("Incident closed, review begins", {M.CLOSED}),
        ("Rollback fails because of the pipeline", set()),
        ("Error rates remain elevated despite rollback", set()),
        ("Partial recovery as some instances are back online", set()),
        ("Most deployments are up and running again", set()),
        ("Error rates increased in one region", set()),
        ("It was confirmed that no login succeeded", set()),
        ("The team suspects that the root cause is the cache", set()),
        ("A change is planned for tomorrow", set()),
    ],
)
def test_a_row_tells_what_its_words_say_and_no_more(row: str, told: set[M]) -> None:
    assert milestones_told(row) == told


def test_a_customers_words_quoted_by_staff_detect_it(make: Any) -> None:
    said = 'two customers wrote in: they get "payment could not be processed" at checkout. Anyone aware?'
    timeline = build(Material(events=(make.say(-2, said, who="mara"), *make.alert(0, ends=9))))
    assert timeline.detection_source == "customer"
    assert minutes(timeline, make)["detected"] == -2


def test_a_command_that_only_keeps_the_shell_in_order_begins_no_investigation(make: Any) -> None:
    look = (make.call(2, "date", changes=False), make.call(4, "kubectl get pods", changes=False))
    assert made(make, *make.alert(0, ends=9), *look)["investigating"] == 4


def test_an_onset_that_rests_on_no_finding_cites_the_alert_that_it_was_taken_from(make: Any) -> None:
    found = Investigation(onset=make.at(0))
    timeline = build(Material(events=tuple(make.alert(0, ends=9))), found)
    began = timeline.milestone(M.IMPACT_STARTED)
    assert began is not None
    assert began.events == (timeline.events[0].id,)
