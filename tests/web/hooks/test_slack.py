"""Slack: the slash command while an incident runs, and the messages of its channel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hook_senders import SENDERS, Sender, slack

from afteraction.model.event import ActorKind
from afteraction.model.record import IncidentStatus

CHANNEL = "C2147483705"
MESSAGES = SENDERS["slack"]


def typed(hooked: Any, text: str, user: str = "anna", channel: str = CHANNEL) -> dict[str, str]:
    form = {
        "token": "t", "team_id": "T1", "channel_id": channel, "channel_name": "incident", "user_id": "U1", "user_name": user,
        "command": "/aar", "text": text, "response_url": "https://hooks.slack.example/x", "trigger_id": "13345224609.738474920",
    }  # fmt: skip
    body = urlencode(form).encode()
    answer = hooked.post(MESSAGES, body, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 200, answer.text
    said: dict[str, str] = answer.json()
    return said


def message(**more: Any) -> Sender:
    number = more.pop("number", 1)
    event = MESSAGES.value["event"] | {"ts": f"177261570{number}.000005"} | more
    return Sender("slack", MESSAGES.value | {"event_id": f"Ev{number}", "event": event}, slack)


def test_slack_gets_its_challenge_back_when_it_is_signed(hooked: Any) -> None:
    greeting = Sender(
        "slack", {"type": "url_verification", "token": "t", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CYXP"}, slack
    )
    assert hooked.post(greeting).json() == {"challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CYXP"}
    assert hooked.client.post("/hooks/slack", json=greeting.value).status_code == 401


def test_an_incident_is_opened_told_of_and_closed_from_chat(hooked: Any) -> None:
    assert typed(hooked, "open sev1 Basket fails for everybody") == {
        "response_type": "in_channel", "text": "INCIDENT-2026-03-04-1000 is open: Basket fails for everybody"
    }  # fmt: skip
    assert typed(hooked, "note rolled back to v2.4.0")["text"] == "noted in INCIDENT-2026-03-04-1000"
    hooked.clock.forward(minutes=5)
    assert typed(hooked, "milestone detected 09:51 a customer called")["text"].endswith("2026-03-04 09:51 UTC")
    assert typed(hooked, "milestone impact-started 23:58")["text"].endswith("2026-03-03 23:58 UTC")
    assert typed(hooked, "milestone restored")["text"].endswith("2026-03-04 10:05 UTC")
    assert typed(hooked, "status")["text"] == "INCIDENT-2026-03-04-1000 is open, Critical: Basket fails for everybody"
    assert typed(hooked, "status Resolved")["text"] == "INCIDENT-2026-03-04-1000 is resolved"
    [incident] = hooked.incidents()
    assert (incident.status, incident.closed_at) == (IncidentStatus.RESOLVED, hooked.clock.time)
    told = [known.event for known in hooked.events(incident.id)]
    assert [event.text for event in told if "rolled" in event.text] == ["rolled back to v2.4.0"]
    assert {(event.actor.name, event.actor.kind) for event in told if event.actor} == {("anna", ActorKind.PERSON)}
    assert [event.text for event in told if "customer" in event.text] == ["Detected: a customer called"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "open [SEVERITY] TITLE"), ("help", "note WORDS"), ("shout", "no command 'shout'"), ("open", "give a title"),
        ("note hello", "tied to no incident"), ("link INC-9", "no incident 'INC-9'"), ("milestone soon", "no milestone 'soon'"),
        ("status", "tied to no incident"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_answered_to_who_typed_it_alone(hooked: Any, text: str, said: str) -> None:
    answer = typed(hooked, text)
    assert answer["response_type"] == "ephemeral"
    assert said in answer["text"]


def test_a_channel_is_linked_to_an_incident_that_is_there_but_not_to_a_private_one(hooked: Any) -> None:
    first = hooked.send(SENDERS["alertmanager"])["incident"]
    assert typed(hooked, f"link {first}")["response_type"] == "in_channel"
    with hooked.desk.store.begin() as record:
        known = record.incident(str(first))
        assert known is not None
        record.put_incident(replace(known, private=True, members=("bo",)))
    assert "no incident" in typed(hooked, f"link {first}", channel="C2")["text"]
    assert "belongs to" in typed(hooked, f"link {first}", user="bo", channel="C2")["text"]


def test_an_account_that_may_only_read_changes_nothing_from_chat_either(hooked: Any) -> None:
    assert "may read" in typed(hooked, "open Basket fails", user="reader")["text"]
    assert hooked.incidents() == []
    assert "is open" in typed(hooked, "open Basket fails", user="responder")["text"]


def test_messages_of_a_tied_channel_are_kept_once_and_those_of_others_are_not(hooked: Any) -> None:
    assert hooked.send(MESSAGES)["delivery"] == ""
    typed(hooked, "open Basket fails")
    [incident] = hooked.incidents()
    told = hooked.send(message(number=2, text="<@U7> the database is full"))
    assert (told["incident"], told["events"], told["new"]) == (incident.id, 1, True)
    assert hooked.send(message(number=2, text="<@U7> the database is full"))["new"] is False
    edited = {
        "subtype": "message_changed",
        "message": {"type": "message", "user": "U1", "text": "now with more", "ts": "1772615703.000005"},
    }
    assert hooked.send(message(number=3, **edited))["events"] == 1
    assert hooked.send(message(number=4, subtype="message_deleted"))["delivery"] == ""
    assert hooked.send(message(number=5, channel="C9"))["delivery"] == ""
    assert (
        hooked.send(
            Sender("slack", {"type": "event_callback", "event_id": "Ev6", "event": {"type": "app_mention"}}, slack)
        )["delivery"]
        == ""
    )
    texts = [known.event.text for known in hooked.events(incident.id)]
    assert len(texts) == 2
    assert "the database is full" in texts[0]


def test_secrets_typed_in_chat_are_masked(hooked: Any) -> None:
    typed(hooked, "open Basket fails")
    typed(hooked, "note used password=hunter2hunter2 to log in")
    [incident] = hooked.incidents()
    assert "hunter2" not in " ".join(known.event.text for known in hooked.events(incident.id))
