"""Running text that tells what happened when becomes rows; what only mentions times does not."""

from __future__ import annotations

from afteraction.formats.markdown_lines import lines_of
from afteraction.formats.page_prose import author_of, stated_in_prose
from afteraction.formats.timelines import read_timeline

MAIL = """From: Ada Obi <ada@example.org>
Date: Wed, 29 Jul 2026 09:45:00 +0000
Subject: Outage

Colleagues, all times are UTC.

At 08:03 the session went down. At 08:10 Saga Lind opened an incident. At 08:58 I
updated the filter, and the traffic moved at 09:01. From then on everybody had a route
again. The line came back at 09:28 and at 09:31 the alarm closed.

About 400 households were without a route.
"""


def test_each_part_of_a_sentence_with_a_time_of_its_own_is_a_row() -> None:
    rows = read_timeline(MAIL, "mail.txt").rows
    assert [(f"{row.at:%H:%M}", row.text) for row in rows] == [
        ("08:03", "the session went down."),
        ("08:10", "Saga Lind opened an incident."),
        ("08:58", "I updated the filter"),
        ("09:01", "the traffic moved. From then on everybody had a route again."),
        ("09:28", "The line came back"),
        ("09:31", "the alarm closed."),
    ]
    assert [row.line for row in rows] == [7, 7, 7, 8, 9, 9]


def test_a_list_of_stamped_lines_stays_a_list() -> None:
    text = "2026-07-29\n\n08:03 down, back at 08:09\n08:10 up again at 08:11\n08:12 quiet\n"
    assert len(read_timeline(text, "notes.txt").rows) == 3


def test_what_paragraphs_state_of_the_whole_incident_is_read_and_plans_are_not() -> None:
    text = "Calls were many. The hotline took 263 calls.\n\n# To do\n\n5 clients were affected by the drill.\n"
    told = [(field, value) for field, value, _, _ in stated_in_prose(lines_of(text), frozenset())]
    assert told == [("metrics.quality.customer_complaints", "263 calls")]


def test_the_head_of_a_page_names_who_writes() -> None:
    assert author_of(lines_of(MAIL)) == "Ada Obi"
    assert author_of(lines_of("From: the NOC\n")) == ""
