"""The document over the API: two people edit it, nobody's words are lost; revisions are read, compared and restored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from afteraction.markdown import parse, render
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.merge import with_leaves
from afteraction.model.postmortem.value import Value

PLACE = "/api/v1/incidents/INC-1"
DOCUMENT = f"{PLACE}/document"
TITLE, CAUSE = "summary.title", "executive_summary.root_cause"


@pytest.fixture(autouse=True)
def _incident(office: Any) -> None:
    office.responder.post("/api/v1/incidents", json={"title": "Checkout fails", "id": "INC-1"})


def text(**fields: str) -> str:
    """Return the template with some fields filled, dots written as two underscores."""
    return render(
        with_leaves(PostMortem(), {path.replace("__", "."): Value(text=said) for path, said in fields.items()})
    )


def write(client: Any, markdown: str, if_match: str = '"0"', **more: Any) -> Any:
    headers = {"Content-Type": "text/markdown; charset=utf-8", "If-Match": if_match}
    return client.put(DOCUMENT, content=markdown.encode(), headers=headers, **more)


def test_before_there_is_a_document_it_is_the_template(office: Any) -> None:
    answer = office.reader.get(DOCUMENT)
    assert (answer.headers["etag"], answer.headers["vary"]) == ('"0"', "Accept")
    assert answer.headers["content-type"].startswith("text/markdown")
    assert answer.text == render(PostMortem())


def test_a_document_is_written_and_read_in_both_forms(office: Any) -> None:
    answer = write(office.editor, text(summary__title="Checkout fails"), params={"reason": "first words"})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert answer.json() == {"revision": 1, "changed": [TITLE], "merged": False}
    read = office.reader.get(DOCUMENT, headers={"Accept": "application/json"})
    assert read.headers["etag"] == '"1;json"'
    assert read.json()["summary"]["title"]["text"] == "Checkout fails"
    assert "Checkout fails" in office.reader.get(DOCUMENT).text
    assert office.reader.get(DOCUMENT, headers={"If-None-Match": '"1"'}).status_code == 304
    assert office.reader.get(DOCUMENT, headers={"If-None-Match": '"1;json"'}).status_code == 200


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/markdown"), ("text/*", "text/markdown"), ("application/json;q=0.5, text/markdown;q=0.2", "application/json"),
        ("text/html, */*;q=0.1", "text/markdown"), ("application/json", "application/json"), ("rubbish;q=x, */*", "text/markdown"),
    ],
)  # fmt: skip
def test_the_client_chooses_the_form(office: Any, accept: str, kind: str) -> None:
    assert office.reader.get(DOCUMENT, headers={"Accept": accept}).headers["content-type"].startswith(kind)


def test_a_form_that_there_is_not_is_refused(office: Any) -> None:
    answer = office.reader.get(DOCUMENT, headers={"Accept": "image/png"})
    assert (answer.status_code, answer.headers["content-type"]) == (406, "application/problem+json")


def test_what_two_people_change_in_different_fields_is_merged(office: Any) -> None:
    write(office.editor, text(summary__title="Checkout fails"))
    write(office.editor, text(summary__title="Checkout fails", executive_summary__root_cause="A full disk."), '"1"')
    answer = write(office.owner, text(summary__title="Checkout failed for an hour"), '"1"')
    assert (answer.status_code, answer.json()["merged"], answer.json()["revision"]) == (200, True, 3)
    told = parse(office.reader.get(DOCUMENT).text).post_mortem
    assert told.summary.title
    assert told.executive_summary.root_cause
    assert (told.summary.title.text, told.executive_summary.root_cause.text) == ("Checkout failed for an hour", "A full disk.")  # fmt: skip


def test_what_two_people_change_in_the_same_field_is_refused_with_both_texts(office: Any) -> None:
    write(office.editor, text(summary__title="Checkout fails"))
    write(office.editor, text(summary__title="Checkout failed"), '"1"')
    answer = write(office.owner, text(summary__title="Cart fails"), '"1"')
    assert answer.status_code == 409
    assert answer.json()["errors"] == [{"at": [TITLE], "yours": "Cart fails", "theirs": "Checkout failed"}]
    assert office.reader.get(DOCUMENT).headers["etag"] == '"2"'


def test_two_who_began_without_a_document_are_merged_too(office: Any) -> None:
    write(office.editor, text(summary__title="Checkout fails"))
    assert write(office.owner, text(executive_summary__root_cause="A full disk.")).json()["merged"] is True
    assert write(office.owner, text(summary__title="Cart fails")).status_code == 409


def test_a_document_names_the_revision_that_it_was_begun_with(office: Any) -> None:
    headers = {"Content-Type": "text/markdown"}
    assert office.editor.put(DOCUMENT, content=text(), headers=headers).status_code == 428
    assert write(office.editor, text(summary__title="x"), '"7"').status_code == 412
    assert write(office.editor, text(summary__title="x"), "*").status_code == 200
    assert write(office.editor, text(summary__title="y"), '"1;json"').status_code == 200


def test_a_document_of_another_form_or_size_is_refused(office: Any) -> None:
    on = {"If-Match": "*"}
    assert office.editor.put(DOCUMENT, json={}, headers=on).status_code == 415
    assert office.editor.put(DOCUMENT, content=b"\xff", headers={**on, "Content-Type": "text/markdown"}).status_code == 422  # fmt: skip
    large = office.editor.put(DOCUMENT, content=b"x" * (3 << 20), headers={**on, "Content-Type": "text/markdown"})
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")
    assert write(office.responder, text()).status_code == 403


def test_secrets_in_a_document_are_masked(office: Any) -> None:
    write(office.editor, text(executive_summary__root_cause="the key AKIAIOSFODNN7EXAMPLQ leaked"))
    assert "AKIAIOSFODNN7EXAMPLQ" not in office.reader.get(DOCUMENT).text


def test_revisions_are_listed_read_compared_and_restored(office: Any) -> None:
    write(office.editor, text(summary__title="One"))
    write(office.owner, text(summary__title="Two"), '"1"', params={"reason": "better words"})
    listed = office.reader.get(f"{PLACE}/revisions", params={"limit": 1}).json()
    assert [(one["number"], one["author"]["name"], one["reason"]) for one in listed["items"]] == [(2, "owner", "better words")]  # fmt: skip
    rest = office.reader.get(f"{PLACE}/revisions", params={"cursor": listed["next"]}).json()
    assert ([one["number"] for one in rest["items"]], rest["next"]) == ([1], None)
    assert office.reader.get(f"{PLACE}/revisions/1").headers["etag"] == '"1"'
    as_json = office.reader.get(f"{PLACE}/revisions/1", headers={"Accept": "application/json"}).json()
    assert as_json["summary"]["title"]["text"] == "One"
    assert office.reader.get(f"{PLACE}/revisions/3").status_code == 404
    diff = office.reader.get(f"{PLACE}/revisions/2/diff")
    assert diff.headers["content-type"].startswith("text/plain")
    assert [line[0] for line in diff.text.splitlines() if "One" in line or "Two" in line] == ["-", "+"]
    assert "revision 0" in office.reader.get(f"{PLACE}/revisions/1/diff").text
    assert office.reader.get(f"{PLACE}/revisions/2/diff", params={"against": 2}).text == ""
    assert office.responder.post(f"{PLACE}/revisions/1/restore").status_code == 403
    restored = office.editor.post(f"{PLACE}/revisions/1/restore", headers={"Idempotency-Key": "k"})
    assert (restored.status_code, restored.headers["etag"], restored.json()["revision"]) == (201, '"3"', 3)
    assert office.editor.post(f"{PLACE}/revisions/1/restore", headers={"Idempotency-Key": "k"}).json()["revision"] == 3
    assert "One" in office.reader.get(DOCUMENT).text


def test_a_document_is_checked(office: Any) -> None:
    remarks = office.reader.get(f"{DOCUMENT}/check").json()
    assert remarks
    assert {"rule", "severity", "line", "message", "suggestion"} == set(remarks[0])


@pytest.mark.parametrize(("to", "kind", "begins"), [("md", "text/markdown", "#"), ("json", "application/json", "{"), ("html", "text/html", "<!doctype html>")])  # fmt: skip
def test_a_document_is_taken_away_as_a_file(office: Any, to: str, kind: str, begins: str) -> None:
    write(office.editor, text(summary__title="Checkout fails"))
    answer = office.reader.get(f"{DOCUMENT}/export", params={"to": to})
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="INC-1.{to}"')
    assert answer.text.startswith(begins)
    assert "Checkout fails" in (json.dumps(answer.json()) if to == "json" else answer.text)


@pytest.mark.parametrize(
    "what", ["document", "document/check", "document/export?to=md", "revisions", "revisions/1", "revisions/1/diff"]
)
def test_of_a_private_incident_no_document_is_there(office: Any, what: str) -> None:
    write(office.editor, text(summary__title="Secret"))
    office.editor.patch(PLACE, json={"private": True, "members": ["editor"]}, headers={"If-Match": "*"})
    assert office.editor.get(f"{PLACE}/{what}").status_code == 200
    assert office.owner.get(f"{PLACE}/{what}").status_code == 404
    assert write(office.owner, text(), "*").status_code == 404
    assert office.owner.post(f"{PLACE}/revisions/1/restore").status_code == 404
