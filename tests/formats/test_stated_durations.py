from __future__ import annotations

import pytest

from afteraction.formats.durations import parse_duration
from afteraction.formats.markdown_lines import lines_of
from afteraction.formats.stated_durations import stated_durations


def stated(text: str) -> list[tuple[str, float, int]]:
    found = []
    for one in stated_durations(lines_of(text)):
        read = parse_duration(one.text)
        assert read is not None
        found.append((one.kind.value, read.seconds / 60, one.line.number))
    return found


@pytest.mark.parametrize(
    ("line", "kind", "minutes"),
    [
        ("- **Time to repair**: 4h 9m", "labelled", 249),
        ("**Duration:** 21:45 to 23:28 UTC (103 minutes)", "labelled", 103),
        ("Downtime: about 2 hours", "labelled", 120),
        ("The outage lasted for 47 minutes, during which nothing ran.", "told", 47),
        ("This went unnoticed and caused 40min of total outage.", "told", 40),
        ("# Nightly import, 30min outage during an upgrade", "told", 30),
        ("Orders were failing for just over nine hours, while nobody was awake.", "told", 540),
        ("We had four incidents totalling over 14 hours of impact.", "total", 840),
        ("**Total impact:** Over 14 hours across four incidents", "total", 840),
    ],
)
def test_a_page_says_how_long_it_took(line: str, kind: str, minutes: float) -> None:
    assert stated(line) == [(kind, minutes, 1)]


@pytest.mark.parametrize(
    "line",
    [
        "We page if there is a 5 minute outage of the cart.",
        "The pool has a timeout of 10 minutes and fails for 10 minutes afterwards each time.",
        "Alert if the service is down for 5 minutes.",
        "Outages of 10-30 minutes followed.",
        "It usually takes about an hour until the change is out.",
        "Peers would get banned for 10 seconds.",
        "Data is kept for 30 days.",
        "> the outage lasted 3 hours",
        "We deployed at 14:02.",
    ],
)
def test_settings_habits_and_quotations_are_no_statements_about_the_incident(line: str) -> None:
    assert stated(line) == []


def test_a_sentence_over_two_lines_stands_where_its_number_is() -> None:
    assert stated("Beta was unusable for\nabout 1h50m in the end.") == [("told", 110, 2)]


def test_what_is_planned_says_nothing_about_the_incident() -> None:
    assert stated("## Action items\n\n- Find out why the queue was down for 3 hours") == []
