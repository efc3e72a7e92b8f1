"""What cannot all be true is listed for the author, and what clocks explain is not."""

from __future__ import annotations

from typing import Any

import pytest

from afteraction.model.reading import Material
from afteraction.model.settings import Settings
from afteraction.timeline import build


def rules(*events: Any, statements: Any = (), settings: Any = None) -> list[str]:
    timeline = build(Material(events=tuple(events), statements=tuple(statements)), settings=settings)
    return [found.rule for found in timeline.contradictions]


def test_a_plain_incident_has_none(incident: Any) -> None:
    assert rules(*incident()) == []


@pytest.mark.parametrize(
    ("said", "expected"), [("47 minutes", []), ("40 min", ["stated-duration"]), ("about an hour", [])]
)
def test_a_stated_duration_is_held_against_its_own_rows(make: Any, said: str, expected: list[str]) -> None:
    rows = [make.note(0, "alert fired"), make.note(30, "looking at logs"), make.note(47, "service restored")]
    duration = make.stated(rows[0], "summary.duration", said)
    assert rules(*rows, statements=[duration]) == expected


def test_a_stated_duration_is_held_against_the_milestones_when_it_has_no_rows(make: Any, incident: Any) -> None:
    said = make.say(60, "we were down for 3 hours")
    found = rules(*incident(), said, statements=[make.stated(said, "summary.duration", "3 hours")])
    assert found == ["stated-duration"]


def test_an_alert_that_nobody_acknowledged_is_listed_where_acknowledgements_are_recorded(make: Any) -> None:
    first, second = make.alert(0, ends=9), make.alert(1, "Latency", ends=9)
    assert rules(*first, *second) == []
    assert rules(*first, *second, make.ack(2, first[0])) == ["alert-unacknowledged"]


def test_a_resolved_alert_that_fires_again_is_listed(make: Any) -> None:
    assert rules(*make.alert(0, ends=9), *make.alert(15, ends=20)) == ["alert-fires-again"]


def test_hours_of_silence_are_listed(make: Any) -> None:
    assert rules(*make.alert(0, ends=300)) == ["silent-hours"]
    assert rules(*make.alert(0, ends=300), make.say(110, "still on it"), make.say(200, "hm")) == []


def test_a_restoration_that_was_said_too_early_is_listed(make: Any) -> None:
    early = make.say(5, "service restored")
    found = rules(
        *make.alert(0, ends=4),
        early,
        *make.alert(9, "Again", ends=12),
        statements=[make.stated(early, "milestone.restored")],
    )
    assert found == ["restored-too-early"]


def test_an_order_that_cannot_be_is_listed(make: Any, incident: Any) -> None:
    said = make.stated(make.say(0, "x"), "milestone.confirmed", "2026-03-04T14:10:00Z")
    assert rules(*incident(), statements=[said]) == ["impossible-order"]


def test_two_severities_are_listed_unless_they_mean_the_same(make: Any, incident: Any) -> None:
    first, second, third = make.say(1, "SEV1"), make.say(9, "critical"), make.say(12, "SEV3")
    same = [make.stated(first, "summary.severity"), make.stated(second, "summary.severity")]
    assert rules(*incident(), statements=same, settings=Settings()) == []
    assert rules(*incident(), statements=[*same, make.stated(third, "summary.severity")]) == ["stated-twice"]


def test_an_alert_that_never_resolves_though_the_impact_is_over_is_listed(make: Any) -> None:
    said = make.say(30, "service restored")
    found = rules(
        *make.alert(0, ends=20), *make.alert(1, "Latency"), said, statements=[make.stated(said, "milestone.restored")]
    )
    assert found == ["alert-never-resolved"]


def test_a_severity_that_was_changed_in_the_open_is_no_contradiction(make: Any) -> None:
    first, second = make.say(1, "declaring SEV-3"), make.say(9, "raising this to SEV-1")
    said = [make.stated(first, "summary.severity", "SEV3"), make.stated(second, "summary.severity", "SEV1")]
    assert "stated-twice" not in rules(*make.alert(0, ends=20), first, second, statements=said)


def test_two_severities_that_nobody_reconciled_are_listed_with_the_messages_that_state_them(make: Any) -> None:
    first, second = make.say(1, "declaring SEV-3"), make.say(9, "this is a SEV-1")
    said = [make.stated(first, "summary.severity", "SEV3"), make.stated(second, "summary.severity", "SEV1")]
    events = (*make.alert(0, ends=20), first, second)
    timeline = build(Material(events=events, statements=tuple(said)))
    found = next(c for c in timeline.contradictions if c.rule == "stated-twice")
    stated = {e.id for e in timeline.events if e.text in {first.text, second.text}}
    assert set(found.events) == stated


@pytest.mark.parametrize(
    ("field", "said", "expected"),
    [
        ("duration.labelled", "0h 47m", []),
        ("duration.labelled", "1h 47m", ["stated-duration"]),
        ("duration.told", "17 minutes", []),
        ("duration.told", "38 minutes", ["stated-duration"]),
        ("duration.told", "three hours", []),
        ("duration.told", "over 40 minutes", []),
    ],
)
def test_what_a_page_says_of_its_length_is_held_against_its_rows(
    make: Any, field: str, said: str, expected: list[str]
) -> None:
    rows = [make.note(0, "alert fired"), make.note(30, "looking at logs"), make.note(47, "service restored")]
    assert rules(*rows, statements=[make.stated(rows[0], field, said)]) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("release 12 goes out", "sign-in recovered", ["stated-duration"]),
        ("alert fired", "sign-in recovered", []),
        ("release 12 goes out", "looking at logs again", []),
    ],
)
def test_a_told_length_may_exceed_the_rows_unless_they_tell_beginning_and_end(
    make: Any, first: str, last: str, expected: list[str]
) -> None:
    rows = [make.note(0, first), make.note(9, "page"), make.note(32, last)]
    found = rules(*rows, statements=[make.stated(rows[0], "duration.told", "47 minutes")])
    assert [rule for rule in found if rule == "stated-duration"] == expected


def test_a_duration_in_working_hours_is_measured_in_these(make: Any) -> None:
    rows = [make.note(0, "fault"), make.note(24 * 60, "fixed")]
    right = make.stated(rows[0], "duration.labelled", "7h (during support hours 10:00-17:00)")
    wrong = make.stated(rows[0], "duration.labelled", "9h (during support hours 10:00-17:00)")
    assert "stated-duration" not in rules(*rows, statements=[right])
    assert "stated-duration" in rules(*rows, statements=[wrong])


def test_a_sum_is_held_against_the_durations_that_it_adds_up(make: Any) -> None:
    rows = [make.note(0, "one"), make.note(20, "two"), make.note(30, "three"), make.note(70, "four")]
    parts = [make.stated(rows[0], "duration.labelled", "20 min"), make.stated(rows[2], "duration.labelled", "40 min")]
    total = make.stated(rows[3], "duration.total", "one hour across two incidents")
    wrong = make.stated(rows[3], "duration.total", "over 3 hours across two incidents")
    assert rules(*rows, statements=[*parts, total]) == []
    assert rules(*rows, statements=[*parts, wrong]) == ["stated-duration"]


@pytest.mark.parametrize(
    ("named", "expected"), [("2026-03-04", []), ("2026-03-05", []), ("2026-01-04", ["title-date"])]
)
def test_the_day_of_a_title_is_held_against_the_rows(make: Any, named: str, expected: list[str]) -> None:
    rows = [make.note(0, "alert fired"), make.note(47, "service restored")]
    assert rules(*rows, statements=[make.stated(rows[0], "date.title", named)]) == expected


def test_times_are_worded_in_the_zone_that_the_document_shows(make: Any) -> None:
    events = [*make.alert(0, ends=9), *make.alert(15, ends=20)]
    shown = Settings(timezone="Asia/Kolkata")
    (found,) = build(Material(events=tuple(events)), settings=shown).contradictions
    (plain,) = build(Material(events=tuple(events))).contradictions
    assert "IST" in found.text
    assert "UTC" in plain.text
    assert "UTC" not in found.text
