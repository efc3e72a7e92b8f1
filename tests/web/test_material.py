"""Raw material over the API: frozen as it came, given back only as a file, and drafted from."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from afteraction.web.app import application
from afteraction.web.uploads import plain_name

PLACE = "/api/v1/incidents/INC-1"
MATERIAL = f"{PLACE}/material"
CHAT = b"""[2026-03-04 10:01] anna: checkout returns 500s, alert CartDown fired
[2026-03-04 10:05] bert: acknowledged, looking at the cart pods
[2026-03-04 10:20] anna: rolled back cart to v41
[2026-03-04 10:25] bert: orders flow again, resolved
"""


@pytest.fixture(autouse=True)
def _incident(office: Any) -> None:
    office.responder.post("/api/v1/incidents", json={"title": "Checkout fails", "id": "INC-1"})


def send(client: Any, content: bytes = CHAT, name: str = "chat.txt", **more: Any) -> Any:
    headers = {"Content-Type": "application/octet-stream", **more.pop("headers", {})}
    return client.post(MATERIAL, content=content, params={"name": name, **more}, headers=headers)


def test_a_file_is_frozen_as_it_came_and_given_back_as_a_file(office: Any) -> None:
    answer = send(office.editor, command="copied from the channel", captured_at="2026-03-04T11:00:00Z")
    assert answer.status_code == 201, answer.text
    told = answer.json()["material"][0]
    sha256 = hashlib.sha256(CHAT).hexdigest()
    assert told | {"source": ""} == {
        "sha256": sha256, "name": "chat.txt", "size": len(CHAT), "captured_at": "2026-03-04T11:00:00Z", "source": "",
        "command": "copied from the channel",
    }  # fmt: skip
    back = office.editor.get(f"{MATERIAL}/{sha256}")
    assert back.content == CHAT
    assert back.headers["content-type"] == "application/octet-stream"
    assert back.headers["x-content-type-options"] == "nosniff"
    assert back.headers["content-disposition"].startswith('attachment; filename="chat.txt"')
    assert back.headers["content-length"] == str(len(CHAT))


def test_several_files_come_in_one_form(office: Any) -> None:
    files = [("file", ("one.txt", b"one")), ("file", ("folder/two.txt", b"two")), ("other", ("x", b"x"))]
    told = office.editor.post(MATERIAL, files=files).json()
    assert [one["name"] for one in told["material"]] == ["folder/two.txt", "one.txt"]
    first = office.reader.get(MATERIAL, params={"limit": 1}).json()
    rest = office.reader.get(MATERIAL, params={"cursor": first["next"]}).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["folder/two.txt", "one.txt"]


def test_an_archive_is_opened_and_what_is_wrong_with_it_is_told(office: Any) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("events.txt", "nothing happened")
    told = send(office.editor, packed.getvalue(), "export.zip").json()
    assert [one["name"] for one in told["material"]] == ["export.zip/events.txt"]
    broken = send(office.editor, packed.getvalue()[:-30], "broken.zip").json()
    assert broken["problems"]


def test_the_same_file_is_kept_once(office: Any) -> None:
    send(office.editor)
    again = send(office.editor).json()
    assert (again["material"], again["before"]) == ([], 1)


def test_a_repeated_upload_gets_the_same_answer_and_another_one_is_refused(office: Any) -> None:
    key = {"Idempotency-Key": "k"}
    first, again = send(office.editor, headers=key), send(office.editor, headers=key)
    assert (again.json(), again.headers["idempotent-replay"]) == (first.json(), "true")
    assert send(office.editor, b"other", headers=key).status_code == 422


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "etc/passwd"), ("/abs/olute", "abs/olute"), ("C:\\temp\\x.log", "C_/temp/x.log"), ("a\x00b", "a_b"),
        ("..", ""), ("x" * 500, "x" * 120), ("<script>.html", "_script_.html"),
    ],
)  # fmt: skip
def test_a_name_leads_nowhere_else(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize("name", ["../../../x.txt", "..\\x.txt", "/x.txt"])
def test_a_file_lands_nowhere_else(office: Any, tmp_path: Path, name: str) -> None:
    assert send(office.editor, name=name).json()["material"][0]["name"] == "x.txt"
    assert not list(tmp_path.rglob("x.txt"))


def test_what_is_no_upload_is_refused(office: Any) -> None:
    assert send(office.editor, name="").status_code == 422
    assert send(office.editor, name="..").status_code == 422
    assert office.editor.post(MATERIAL, json={}).status_code == 415
    assert office.editor.post(MATERIAL, files=[("other", ("x", b"x"))]).status_code == 422
    assert office.editor.post(MATERIAL, files=[("file", ("x", b"x")), ("file", ("x", b"y"))]).status_code == 422
    broken = office.editor.post(MATERIAL, content=b"x", headers={"Content-Type": "multipart/form-data; boundary=y"})
    assert broken.status_code in {400, 422}
    assert send(office.responder).status_code == 403


@pytest.mark.parametrize("form", [True, False])
def test_an_upload_is_counted_while_it_comes(office: Any, form: bool) -> None:
    desk = replace(office.desk, settings=replace(office.desk.settings, largest_upload=100_000))
    client = TestClient(application(desk), headers=office.editor.headers)
    if form:
        answer = client.post(MATERIAL, files=[("file", ("x.log", b"x" * 200_000))])
    else:
        stream = iter([b"x" * 10_000] * 20)
        answer = client.post(
            MATERIAL, content=stream, params={"name": "x.log"}, headers={"Content-Type": "application/octet-stream"}
        )
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert send(client, b"x" * 90_000).status_code == 201


def test_a_draft_is_made_of_what_was_frozen_and_told_and_leaves_what_people_wrote(office: Any) -> None:
    assert office.editor.post(f"{PLACE}/draft").status_code == 422
    send(office.editor)
    office.responder.post(
        f"{PLACE}/milestones", json={"name": "detected", "happened": "2026-03-04T09:59:00Z", "text": "a customer called"}
    )  # fmt: skip
    answer = office.editor.post(f"{PLACE}/draft", headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["revision"], told["kept"]) == (1, [])
    assert told["events"] >= 4
    document = office.reader.get(f"{PLACE}/document").text
    assert "rolled back cart to v41" in document
    assert "a customer called" in document
    assert office.reader.get(f"{PLACE}/findings").json()["verdict"]
    assert office.reader.get(f"{PLACE}/reviews").json()["items"]
    edited = document.replace("Checkout", "Cart")
    headers = {"Content-Type": "text/markdown", "If-Match": '"1"'}
    office.editor.put(f"{PLACE}/document", content=edited.encode(), headers=headers)
    again = office.editor.post(f"{PLACE}/draft").json()
    assert again["events"] == 0
    assert office.editor.post(f"{PLACE}/draft", headers={"Idempotency-Key": "k"}).json() == told
    assert office.responder.post(f"{PLACE}/draft").status_code == 403
    whats = [one["what"] for one in office.editor.get(f"{PLACE}/audit").json()["items"]]
    assert "draft asked for" in whats


def test_what_will_vanish_is_told_with_how_long_it_lives(office: Any) -> None:
    told = office.reader.get("/api/v1/capture", params={"namespace": ["shop"], "since": "90m"}).json()
    assert told["vanishing"][0]["what"] == "events"
    assert "1 hour" in told["vanishing"][0]["lives"]
    assert "--since=90m" in told["script"]
    assert office.reader.get("/api/v1/capture", params={"namespace": ["Not a name"]}).status_code == 422


def test_the_clocks_of_what_will_vanish_are_shown(office: Any) -> None:
    office.clock.forward(minutes=30)
    send(office.editor, name="events.yaml")
    office.clock.forward(hours=2)
    told = office.reader.get(f"{MATERIAL}/expiry").json()
    events = next(one for one in told if one["what"] == "events of the cluster")
    assert (events["state"], events["vanishes_from"]) == ("partly kept", "2026-03-04T11:00:00Z")
    assert office.reader.get("/api/v1/incidents/INC-9/material/expiry").status_code == 404


def test_of_a_private_incident_no_material_is_there(office: Any) -> None:
    send(office.editor)
    office.editor.patch(PLACE, json={"private": True, "members": ["editor"]}, headers={"If-Match": "*"})
    sha256 = hashlib.sha256(CHAT).hexdigest()
    assert office.owner.get(MATERIAL).status_code == 404
    assert office.owner.get(f"{MATERIAL}/{sha256}").status_code == 404
    assert send(office.owner).status_code == 404
    assert office.owner.post(f"{PLACE}/draft").status_code == 404
    office.responder.post("/api/v1/incidents", json={"title": "Other", "id": "INC-2"})
    assert office.owner.get(f"/api/v1/incidents/INC-2/material/{sha256}").status_code == 404
    assert office.editor.get(f"{MATERIAL}/{sha256}").status_code == 200
