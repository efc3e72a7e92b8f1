"""What other programs send: proved, kept once, given to the right incident."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from hook_senders import SECRET, SENDERS, Sender, alert, bearer, group

from afteraction.model.record import Author, IncidentStatus
from afteraction.usecases.incident import set_status

ALERTS = SENDERS["alertmanager"]
BY_HEADER = [name for name, sender in SENDERS.items() if not sender.query]


def alertmanager(value: Any) -> Sender:
    return Sender("alertmanager", value, bearer)


@pytest.mark.parametrize("name", SENDERS)
def test_what_a_vendor_documents_is_taken_and_its_redelivery_changes_nothing(hooked: Any, name: str) -> None:
    sender = SENDERS[name]
    told = hooked.send(sender)
    if sender.vendor == "slack":  # a channel that is tied to nothing
        assert told["delivery"] == ""
        return
    assert told["new"] is True
    assert told["problems"] == []
    assert told["events"] >= 1
    with hooked.desk.store.begin() as record:
        before = record.last_audit()
        assert SECRET not in record.deliveries()[0].body
    hooked.clock.forward(minutes=2)
    again = hooked.send(sender)
    assert again == told | {"new": False}
    with hooked.desk.store.begin() as record:
        assert record.last_audit() == before
        assert len(record.deliveries()) == 1


@pytest.mark.parametrize("name", SENDERS)
def test_the_secret_before_this_one_is_good_while_both_are_set(hooked: Any, name: str) -> None:
    sender = SENDERS[name]
    with_both = {hook.name: hook.secrets for hook in hooked.desk.settings.hooks}
    assert with_both[sender.vendor] == ("the-old-one", SECRET)
    assert hooked.post(sender).status_code == 200


@pytest.mark.parametrize("name", BY_HEADER)
def test_without_a_proof_nothing_is_kept(hooked: Any, name: str) -> None:
    answer = hooked.client.post(SENDERS[name].path, content=SENDERS[name].body)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "missing" in answer.json()["detail"]
    with hooked.desk.store.begin() as record:
        assert record.deliveries() == ()


@pytest.mark.parametrize("name", SENDERS)
def test_a_wrong_proof_is_refused(hooked: Any, name: str) -> None:
    sender = SENDERS[name]
    signed = sender.headers(sender.body, hooked.clock.time)
    path = sender.path.replace(SECRET, "wrong")
    wrong = {
        key: value.replace(SECRET, "wrong") if SECRET in value else "Basic eDp5" if value.startswith("Basic") else value
        for key, value in signed.items()
    }
    answer = hooked.client.post(path, content=sender.body + b" ", headers=wrong)  # another body breaks each signature
    assert answer.status_code == 401, name
    assert answer.json()["detail"]


@pytest.mark.parametrize("name", [name for name, sender in SENDERS.items() if sender.timed])
@pytest.mark.parametrize("minutes", [-6, 6])
def test_what_was_signed_too_long_ago_or_ahead_is_refused(hooked: Any, name: str, minutes: int) -> None:
    sender = SENDERS[name]
    old = sender.headers(sender.body, hooked.clock.time - timedelta(minutes=minutes))
    answer = hooked.client.post(sender.path, content=sender.body, headers=old)
    assert answer.status_code == 401
    assert "360 s from now" in answer.json()["detail"]
    fresh = sender.headers(sender.body, hooked.clock.time - timedelta(minutes=minutes / 2))
    assert hooked.client.post(sender.path, content=sender.body, headers=fresh).status_code == 200


@pytest.mark.parametrize("name", [name for name, sender in SENDERS.items() if sender.timed])
@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", "١٢٣", "9" * 40])
def test_a_time_that_is_none_is_refused(hooked: Any, name: str, stamp: str) -> None:
    sender = SENDERS[name]
    headers = sender.headers(sender.body, hooked.clock.time)
    timed = next(key for key in headers if "timestamp" in key.lower())
    answer = hooked.client.post(sender.path, content=sender.body, headers=headers | {timed: stamp.encode()})
    assert answer.status_code == 401


def test_a_name_for_basic_authentication_has_to_fit_when_it_is_set(hooked: Any) -> None:
    sender = SENDERS["alertmanager-basic"]
    hooks = hooked.desk.settings.hooks
    object.__setattr__(hooks[0], "user", "prometheus")
    assert hooked.post(sender).status_code == 200
    object.__setattr__(hooks[0], "user", "somebody-else")
    assert hooked.post(sender).status_code == 401


def test_an_endpoint_that_is_not_set_is_not_there(hooked: Any) -> None:
    for path in ("/hooks/zabbix", "/hooks/alertmanager/other", "/hooks/other/alertmanager"):
        answer = hooked.client.post(path, content=b"{}", headers=bearer(b"", hooked.clock.time))
        assert answer.status_code == 404, path


def test_a_critical_alert_opens_an_incident_and_repeats_and_others_of_its_group_and_service_join_it(
    hooked: Any,
) -> None:
    told = hooked.send(ALERTS)
    [incident] = hooked.incidents()
    assert told["incident"] == incident.id == "INCIDENT-2026-03-04-0912"
    assert (incident.severity, incident.services) == ("Critical", ("basket",))
    assert incident.title == "HighErrorRate: basket answers 12% of requests with errors"
    repeat = group(alert(), truncatedAlerts=0, externalURL="http://am-2:9093")  # the other one of a pair
    assert hooked.send(alertmanager(repeat))["incident"] == incident.id
    same_group = group(alert("Latency", "web", "warning"))
    assert hooked.send(alertmanager(same_group))["incident"] == incident.id
    same_service = group(alert("Memory", "basket", "warning"), key='{}:{alertname="Memory"}')
    assert hooked.send(alertmanager(same_service))["incident"] == incident.id
    other = group(alert("Disk", "orders", "warning"), key='{}:{alertname="Disk"}')
    assert hooked.send(alertmanager(other))["incident"] == ""
    texts = [known.event.text for known in hooked.events(incident.id)]
    assert len(texts) == 3  # the repeat added nothing
    assert len(hooked.incidents()) == 1


def test_the_group_of_all_alerts_ties_nothing_together(hooked: Any) -> None:
    hooked.send(alertmanager(group(alert(), key="{}:{}")))
    assert hooked.send(alertmanager(group(alert("Disk", "orders", "warning"), key="{}:{}")))["incident"] == ""


def test_the_last_resolution_proposes_when_it_was_restored_and_a_person_confirms(hooked: Any) -> None:
    hooked.send(alertmanager(group(alert(), alert("Latency"))))
    done = {"status": "resolved", "endsAt": "2026-03-04T09:40:00Z"}
    told = hooked.send(alertmanager(group(alert(**done), alert("Latency"))))
    told_of = [known.event for known in hooked.events(str(told["incident"])) if known.event.source == "record"]
    assert told_of == []
    hooked.send(alertmanager(group(alert(**done), alert("Latency", **done | {"endsAt": "2026-03-04T09:44:00Z"}))))
    hooked.send(
        alertmanager(group(alert(**done), alert("Latency", **done | {"endsAt": "2026-03-04T09:44:00Z"}), receiver="b"))
    )
    told_of = [known.event for known in hooked.events(str(told["incident"])) if known.event.source == "record"]
    [proposal] = told_of
    assert proposal.text == "Restored: proposed, since all 2 alerts are resolved; a person has to confirm it"
    assert f"{proposal.at:%H:%M}" == "09:44"
    assert proposal.basis == "inferred"
    assert proposal.actor is not None
    assert (proposal.actor.kind, proposal.actor.name) == ("tool", "hook:alertmanager")


def test_an_alert_after_the_end_opens_a_new_incident_and_a_repeat_of_the_old_one_does_not(hooked: Any) -> None:
    first = hooked.send(ALERTS)["incident"]
    hooked.clock.forward(minutes=30)
    with hooked.desk.store.begin() as record:
        set_status(
            record, str(first), IncidentStatus.CLOSED, ended=hooked.clock.time, author=Author(name="anna"), at=hooked.clock.time
        )  # fmt: skip
    assert hooked.send(alertmanager(group(alert(), externalURL="http://again")))["incident"] == first
    assert (
        hooked.send(alertmanager(group(alert(status="resolved", endsAt="2026-03-04T10:20:00Z"))))["incident"] == first
    )
    hooked.clock.forward(minutes=30)
    later = hooked.send(alertmanager(group(alert(startsAt="2026-03-04T10:55:00Z"))))["incident"]
    assert later == "INCIDENT-2026-03-04-1055"


def test_what_came_before_the_incident_is_taken_along_when_it_is_of_its_service_or_alert(hooked: Any) -> None:
    assert hooked.send(SENDERS["github"])["incident"] == ""
    assert hooked.send(alertmanager(group(alert("Disk", "orders", "warning"), key='{}:{a="b"}')))["incident"] == ""
    done = group(alert(status="resolved", endsAt="2026-03-04T09:40:00Z"))
    assert hooked.send(alertmanager(done))["incident"] == ""  # which overtook the one below
    incident = str(hooked.send(ALERTS)["incident"])
    kinds = [known.event.kind.value for known in hooked.events(incident)]
    assert kinds == ["change", "alert_firing", "alert_resolved", "note"]
    with hooked.desk.store.begin() as record:
        assert len(record.deliveries(incident="")) == 1
        assert len(record.deliveries(incident=incident)) == 3


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no JSON"), (b"not json", "no JSON"), (b"\xff\xfe\x00", "JSON"), (b"[" * 100_000, "nested"), (b"7", "neither"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested"), (b'{"a":' * 300 + b"1" + b"}" * 300, "nested"), (b'{"hello": "there"}', "no source"),
        (b'{"n": ' + b"9" * 5000 + b"}", "JSON"), (b'{"version": "4", "alerts": [{"labels": {}, "startsAt": "never"}]}', "no readable start"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_kept_with_the_reason_and_answered_so_that_nobody_tries_for_ever(
    hooked: Any, body: bytes, said: str
) -> None:
    answer = hooked.post(ALERTS, body)
    assert answer.status_code == 202
    told = answer.json()
    assert said in " ".join(told["problems"])
    with hooked.desk.store.begin() as record:
        kept = record.delivery(told["delivery"])
    assert kept is not None
    assert kept.incident == ""
    assert hooked.post(ALERTS, body).json() == told | {"new": False}


def test_secrets_in_a_body_are_masked_before_it_is_kept(hooked: Any) -> None:
    leaky = group(alert(annotations={"summary": "down", "password": "hunter2hunter2"}))
    hooked.send(alertmanager(leaky | {"note": "token=ghp_16C7e42F292c6912E7710c838347Ae178B4a"}))
    hooked.post(ALERTS, b"password: hunter2hunter2 and no JSON")
    with hooked.desk.store.begin() as record:
        bodies = [one.body for one in record.deliveries()]
    assert len(bodies) == 2
    assert not any("hunter2" in body or "ghp_16" in body for body in bodies)


def test_a_packed_body_is_unpacked_up_to_a_limit(hooked: Any) -> None:
    packed = gzip.compress(ALERTS.body)
    assert hooked.post(ALERTS, packed, **{"Content-Encoding": "gzip"}).json()["events"] == 1
    bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    refused = hooked.post(ALERTS, bomb, **{"Content-Encoding": "gzip"})
    assert refused.status_code == 413
    assert hooked.post(ALERTS, packed, **{"Content-Encoding": "br"}).status_code == 415
    torn = hooked.post(ALERTS, packed[:-20], **{"Content-Encoding": "gzip"})
    assert (torn.status_code, torn.json()["problems"]) == (202, ["what is packed in it breaks off"])
    none = hooked.post(ALERTS, b"plain", **{"Content-Encoding": "gzip"})
    assert (none.status_code, none.json()["problems"]) == (202, ["it says that it is packed as gzip, and is not"])


def test_a_body_that_is_too_large_is_refused(hooked: Any) -> None:
    assert hooked.post(ALERTS, b" " * (4 * 1024 * 1024 + 1)).status_code == 413

    def chunks() -> Any:
        yield from (b" " * 1_000_000 for _ in range(5))

    answer = hooked.client.post(ALERTS.path, content=chunks(), headers=bearer(b"", hooked.clock.time))
    assert answer.status_code == 413


def test_a_delivery_that_two_get_at_once_has_one_effect(hooked: Any) -> None:
    told: list[Any] = []
    threads = [Thread(target=lambda: told.append(hooked.send(ALERTS))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one["new"] for one in told) == 1
    assert len({one["delivery"] for one in told}) == 1
    [incident] = hooked.incidents()
    assert len(hooked.events(incident.id)) == 1


def test_github_may_send_forms_and_its_ping_is_answered(hooked: Any) -> None:
    sender = SENDERS["github"]
    form = urlencode({"payload": json.dumps(sender.value)}).encode()
    told = hooked.post(sender, form, **{"Content-Type": "application/x-www-form-urlencoded"}).json()
    assert told["events"] == 1
    ping = hooked.post(sender, b'{"zen": "Speak like a human."}', **{"X-GitHub-Event": "ping"})
    assert (ping.status_code, ping.json()["delivery"]) == (200, "")


def test_deliveries_are_listed_shown_and_given_to_an_incident(hooked: Any) -> None:
    office = hooked.office
    told = hooked.send(SENDERS["github"])
    listed = office.reader.get("/api/v1/deliveries", params={"unattached": True}).json()
    assert [one["id"] for one in listed["items"]] == [told["delivery"]]
    assert "service:basket" in listed["items"][0]["marks"]
    shown = office.reader.get(f"/api/v1/deliveries/{told['delivery']}").json()
    assert json.loads(shown["body"])["body"]["deployment"]["ref"] == "v2.4.1"
    incident = hooked.send(alertmanager(group(alert("Disk", "orders"))))["incident"]
    path = f"/api/v1/deliveries/{told['delivery']}/attach"
    assert office.reader.post(path, json={"incident": incident}).status_code == 403
    assert office.responder.post(path, json={"incident": "INC-0"}).status_code == 404
    assert office.responder.post(path, json={"incident": incident}).json()["incident"] == incident
    assert office.responder.post(path, json={"incident": incident}).status_code == 200
    assert [known.event.kind.value for known in hooked.events(str(incident))] == ["change", "alert_firing"]
    other = hooked.send(alertmanager(group(alert("Queue", "mail"), key='{}:{q="1"}')))["incident"]
    assert office.responder.post(path, json={"incident": other}).status_code == 409
    assert office.reader.get("/api/v1/deliveries/nothing").status_code == 404
    page = office.reader.get("/api/v1/deliveries", params={"limit": 2}).json()
    rest = office.reader.get("/api/v1/deliveries", params={"limit": 2, "cursor": page["next"]}).json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)


def test_what_belongs_to_a_private_incident_is_not_shown_to_others(hooked: Any) -> None:
    told = hooked.send(ALERTS)
    with hooked.desk.store.begin() as record:
        known = record.incident(str(told["incident"]))
        assert known is not None
        record.put_incident(replace(known, private=True, members=("owner",)))
    assert hooked.send(ALERTS)["incident"] == ""
    assert hooked.office.reader.get(f"/api/v1/deliveries/{told['delivery']}").status_code == 404
    assert hooked.office.reader.get("/api/v1/deliveries").json()["items"] == []
    assert hooked.office.owner.get(f"/api/v1/deliveries/{told['delivery']}").status_code == 200
    change = hooked.send(
        Sender("gitlab", SENDERS["gitlab"].value | {"project": {"name": "other"}}, SENDERS["gitlab"].sign)
    )
    path = f"/api/v1/deliveries/{change['delivery']}/attach"
    assert hooked.office.responder.post(path, json={"incident": told["incident"]}).status_code == 404


def test_a_clock_that_jumps_refuses_signed_times_and_takes_the_redelivery_when_it_is_right_again(hooked: Any) -> None:
    sender, right = SENDERS["generic"], hooked.clock.time
    hooked.clock.forward(hours=1)
    signed = sender.headers(sender.body, right)
    assert hooked.client.post(sender.path, content=sender.body, headers=signed).status_code == 401
    hooked.clock.forward(hours=-1)
    assert hooked.client.post(sender.path, content=sender.body, headers=signed).json()["new"] is True
    hooked.clock.forward(seconds=-30)
    assert hooked.client.post(sender.path, content=sender.body, headers=signed).json()["new"] is False


def test_what_comes_while_the_clock_is_set_back_keeps_its_order(hooked: Any) -> None:
    incident = str(hooked.send(ALERTS)["incident"])
    hooked.clock.forward(seconds=-20)
    hooked.send(alertmanager(group(alert("Latency"))))
    first, second = sorted(hooked.events(incident), key=lambda known: known.number)
    assert first.known_at == second.known_at
    assert len(hooked.incidents()) == 1
