"""What an incident cost, in sentences that state it and in sentences that only look like it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from afteraction.formats.phrases import phrases_in
from afteraction.formats.sessions import prompt_at
from afteraction.formats.statements import statements_in
from afteraction.model.origin import Origin

USERS = "executive_summary.impact.users_affected"
MONEY = "impact.business.revenue_loss"
OUTSIDE = "impact.team.external_dependencies"


def fields(text: str, speaker: str = "Ada") -> dict[str, str]:
    return {phrase.field: phrase.value for phrase in phrases_in(text, speaker=speaker)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Tally: about 1,900 fans lost their cart.", "about 1,900 fans"),
        ("~23k players in eu could not start a match, 22 min", "~23k players in eu"),
        ("Roughly 11,400 households were without internet.", "Roughly 11,400 households"),
        ("Clients affected: 389", "389"),
        ("two warehouses were affected, 118 pickers", "118 pickers"),
    ],
)
def test_whoever_was_hurt_is_counted_beside_the_harm(text: str, value: str) -> None:
    assert fields(text)[USERS] == value


@pytest.mark.parametrize(
    "text",
    [
        "3 pods were affected by the drain",
        "120 seconds were lost in the handover",
        "If it goes on, 500 clients would be affected",
        "Is it 40 clients that were affected?",
        "no 3 guests were affected last week",
    ],
)
def test_other_numbers_are_nobody_who_was_hurt(text: str) -> None:
    assert USERS not in fields(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Finance puts missed sales at roughly $14,500.", "$14,500"),
        ("Estimated lost consultation fees: DKK 96,000", "DKK 96,000"),
        ("The penalty of the carrier is about 5,100 EUR.", "5,100 EUR"),
        ("We expect to pay SLA credits of about NOK 180,000.", "NOK 180,000"),
    ],
)
def test_money_is_a_loss_beside_a_word_for_one(text: str, amount: str) -> None:
    assert amount in fields(text)[MONEY]


@pytest.mark.parametrize(
    "text",
    [
        "The new cluster costs $14,500 per month, no loss for us",
        "That would be a loss of $9,000 if it lasted",
        "order EUR 120 was shipped",
        "last year we lost $4,000 on this",
    ],
)
def test_other_money_is_no_loss(text: str) -> None:
    assert MONEY not in fields(text)


def test_a_case_with_somebody_outside_is_a_dependency_and_an_escalation() -> None:
    found = fields("raised a P1 case with the cloud provider too (case 90417755)")
    assert "cloud provider" in found[OUTSIDE]
    assert "90417755" in found["impact.team.escalation_required"]
    assert OUTSIDE not in fields("opened our ticket OPS-311 for the cleanup")


@pytest.mark.parametrize(
    ("text", "role", "name"),
    [
        ("Rahim leads the incident", "incident_commander", "Rahim"),
        ("Ada Obi keeps the notes", "scribe", "Ada Obi"),
        (
            "@Gus Amato please lead the technical side, @Bo you own comms, @Mia can you scribe?",
            "technical_lead",
            "Gus Amato",
        ),
        (
            "@Gus Amato please lead the technical side, @Bo you own comms, @Mia can you scribe?",
            "communications_lead",
            "Bo",
        ),
        ("Saga Lind opened a major incident and took the role of incident manager", "incident_commander", "Saga Lind"),
        ("taking this one. i'll run point", "incident_commander", "Ada"),
        ("scribing", "scribe", "Ada"),
    ],
)
def test_roles_are_told_in_many_ways(text: str, role: str, name: str) -> None:
    assert fields(text)[f"appendix.team.{role}"] == name


@pytest.mark.parametrize("text", ["I'll inform support", "Redis keeps the keys", "@Mia can you scribe?"])
def test_these_give_nobody_a_role(text: str) -> None:
    assert not [field for field in fields(text, "") if field.startswith("appendix.team.")]


@pytest.mark.parametrize(
    ("line", "stamp", "command"),
    [
        ("tobias@netops 2026-10-01T12:51:20Z $ terraform plan", "2026-10-01T12:51:20Z", "terraform plan"),
        ("2026-02-11 10:29:40 CET ottoline@ledger-db ~ $ psql ledger", "2026-02-11 10:29:40 CET", "psql ledger"),
    ],
)
def test_a_prompt_may_hold_its_stamp_anywhere(line: str, stamp: str, command: str) -> None:
    found = prompt_at(line)
    assert found is not None
    assert (found.stamp, found.command) == (stamp, command)


def test_a_drawn_sign_between_words_ends_a_sentence() -> None:
    assert (
        fields("ok got it 💡 the vectors fill the cart store")["root_cause.told"] == "the vectors fill the cart store"
    )


@pytest.mark.parametrize(
    ("text", "severity"),
    [("Priority 1 please, I open the incident", "P1"), ("Severity set to 1 because money is involved", "SEV1")],
)
def test_a_severity_may_be_a_priority_or_a_bare_number(text: str, severity: str) -> None:
    assert fields(text)["summary.severity"] == severity


def test_harm_between_two_times_began_with_the_first() -> None:
    said = phrases_in("about 1,900 fans lost their cart between 6:48 and 7:31")
    assert ("milestone.impact_started", "6:48") in [(phrase.field, phrase.clock) for phrase in said]


def test_a_clock_without_its_half_of_the_day_is_of_the_evening_in_which_it_is_said() -> None:
    at = datetime(2026, 3, 14, 19, 55, tzinfo=UTC)
    told = statements_in("fans lost carts from 6:48 to 7:31", origin=Origin(file="a.txt"), source="chat-text", at=at)
    assert datetime(2026, 3, 14, 18, 48, tzinfo=UTC) in [statement.at for statement in told]


def test_a_change_and_what_came_of_it_tell_the_cause() -> None:
    said = "The provider changed its answer to gzip without notice, so every page with a banner fails"
    assert fields(said)["root_cause.explained"] == said
    assert "root_cause.explained" not in fields("we changed the limit, so it is fixed and nothing fails")
    assert "root_cause.explained" not in fields("they changed the plan, so we meet at noon")
