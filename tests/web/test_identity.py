"""Who asks is known by a token or a session; who is not is refused as a problem."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from afteraction.model.account import Right, Session
from afteraction.usecases.identify import digest_of, give_token
from afteraction.web.identity import COOKIE


def test_who_is_not_known_is_refused_as_a_problem(office: Any) -> None:
    answer = office.anonymous.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["instance"] == answer.headers["x-request-id"]


def test_a_token_tells_who_asks_and_what_they_may(office: Any) -> None:
    assert office.responder.get("/api/v1/me").json() | {"version": ""} == {
        "id": "responder", "name": "Responder", "role": "responder", "rights": ["read", "respond"], "version": "",
    }  # fmt: skip


def test_a_token_allows_no_more_than_its_scopes_and_ends(office: Any) -> None:
    with office.desk.store.begin() as record:
        expires = office.clock() + timedelta(hours=1)
        _, secret = give_token(
            record, "owner", name="ci", scopes=frozenset({Right.READ}), at=office.clock(), expires_at=expires
        )
    sent = {"Authorization": f"Bearer {secret}"}
    assert office.anonymous.get("/api/v1/me", headers=sent).json()["rights"] == ["read"]
    office.clock.forward(hours=1)
    assert office.anonymous.get("/api/v1/me", headers=sent).status_code == 401


def test_a_session_tells_who_asks_until_it_has_run_out(office: Any) -> None:
    with office.desk.store.begin() as record:
        record.add_session(
            Session(
                digest=digest_of("s3cret"),
                account="editor",
                created_at=office.clock(),
                expires_at=office.clock() + timedelta(hours=8),
                seen_at=office.clock(),
            )
        )
    sent = {"Cookie": f"{COOKIE}=s3cret"}
    assert office.anonymous.get("/api/v1/me", headers=sent).json()["id"] == "editor"
    office.clock.forward(hours=8)
    assert office.anonymous.get("/api/v1/me", headers=sent).status_code == 401
