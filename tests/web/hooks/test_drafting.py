"""What was delivered is material of the incident's next draft, and what a program proposed never outdoes a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hook_senders import SENDERS, Sender, alert, bearer, group

from afteraction.formats.secrets import Masker
from afteraction.model.chronology import MilestoneName
from afteraction.model.reading import Context, Material
from afteraction.model.record import Author
from afteraction.usecases.read import read
from afteraction.usecases.told import frozen_inputs, set_milestone, with_told


def material(hooked: Any, incident: str) -> Material:
    with hooked.desk.store.begin() as record:
        inputs = frozen_inputs(record, hooked.desk.blobs, incident)
        found = read(inputs, sources=hooked.desk.sources, context=Context(), masker=Masker(), progress=lambda _: None)
        return with_told(record, incident, found)


def test_a_draft_reads_what_was_delivered_as_files_of_lines_with_the_same_places(hooked: Any) -> None:
    hooked.send(SENDERS["github"])
    incident = str(hooked.send(SENDERS["alertmanager"])["incident"])
    hooked.send(Sender("alertmanager", group(alert("Latency"), externalURL="http://b"), bearer))
    hooked.send(Sender("alertmanager", group(alert("Latency"), externalURL="http://c"), bearer))  # a repeat
    found = material(hooked, incident)
    assert [(one.file, one.events) for one in found.files] == [
        ("hooks/alertmanager/alertmanager.jsonl", 2), ("hooks/github/change-product.jsonl", 1)
    ]  # fmt: skip
    read_again = {(event.text, str(event.origin)) for event in found.events}
    kept = {(known.event.text, str(known.event.origin)) for known in hooked.events(incident)}
    assert read_again == kept


def test_what_could_not_be_read_is_tried_again_with_each_draft(hooked: Any) -> None:
    incident = str(hooked.send(SENDERS["alertmanager"])["incident"])
    unread = hooked.post(SENDERS["github"], b'{"something": "new"}').json()
    path = f"/api/v1/deliveries/{unread['delivery']}/attach"
    assert hooked.office.responder.post(path, json={"incident": incident}).status_code == 200
    [report] = [one for one in material(hooked, incident).files if "github" in one.file]
    assert (report.file, report.source) == (f"hooks/github/{unread['delivery']}.json", "")


def test_a_later_proposal_does_not_take_the_place_of_what_a_person_said(hooked: Any) -> None:
    done = alert(status="resolved", endsAt="2026-03-04T09:40:00Z")
    hooked.send(SENDERS["alertmanager"])
    incident = str(hooked.send(Sender("alertmanager", group(done), bearer))["incident"])
    [proposed] = [one for one in material(hooked, incident).statements if one.field == "milestone.restored"]
    assert (proposed.source, proposed.basis) == ("record", "inferred")
    with hooked.desk.store.begin() as record:
        set_milestone(
            record, incident, MilestoneName.RESTORED, happened=hooked.clock.time, author=Author(name="anna"), at=hooked.clock.time
        )  # fmt: skip
    hooked.clock.forward(minutes=10)
    later = f"{hooked.clock.time - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"
    hooked.send(Sender("alertmanager", group(alert("Latency", status="resolved", endsAt=later)), bearer))
    [said] = [one for one in material(hooked, incident).statements if one.field == "milestone.restored"]
    assert (said.source, said.actor) == ("person", "anna")
