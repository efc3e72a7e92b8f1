"""Owners change accounts; people and owners make and revoke tokens; all of it stands in the audit trail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from afteraction.model.account import Right
from afteraction.usecases.identify import digest_of, give_token


def trail(office: Any) -> list[Any]:
    with office.desk.store.begin() as record:
        return list(record.audit())


def test_everybody_sees_who_there_is_and_nobody_sees_a_hash(staffed: Any) -> None:
    told = staffed.reader.get("/api/v1/accounts").json()["items"]
    assert [one["id"] for one in told] == ["editor", "owner", "reader", "responder"]
    assert set(told[0]) == {"id", "name", "role", "disabled", "created_at"}
    assert staffed.reader.get("/api/v1/accounts/editor").json() == told[0]
    assert staffed.reader.get("/api/v1/accounts/nobody").status_code == 404


def test_a_role_is_changed_with_before_and_after_in_the_trail(office: Any) -> None:
    changed = office.owner.patch("/api/v1/accounts/reader", json={"role": "editor", "name": "Rea  Der"})
    assert changed.json()["role"] == "editor"
    assert changed.json()["name"] == "Rea Der"
    assert office.reader.get("/api/v1/me").json()["rights"] == ["edit", "read", "respond"]
    (entry,) = trail(office)
    assert (entry.author.name, entry.what, entry.at) == ("owner", "account changed: reader", office.clock())
    assert json.loads(entry.before) == {"role": "reader", "name": "Reader", "disabled": False}
    assert json.loads(entry.after) == {"role": "editor", "name": "Rea Der", "disabled": False}
    office.owner.patch("/api/v1/accounts/reader", json={"role": "editor"})
    assert len(trail(office)) == 1
    assert office.owner.patch("/api/v1/accounts/nobody", json={"role": "editor"}).status_code == 404


@pytest.mark.parametrize("change", [{"role": "editor"}, {"disabled": True}])
def test_the_last_owner_stays_one(office: Any, change: dict[str, Any]) -> None:
    refused = office.owner.patch("/api/v1/accounts/owner", json=change)
    assert refused.status_code == 409
    assert "last owner" in refused.json()["detail"]
    office.owner.patch("/api/v1/accounts/editor", json={"role": "owner"})
    assert office.owner.patch("/api/v1/accounts/owner", json=change).status_code == 200
    assert office.editor.patch("/api/v1/accounts/editor", json=change).status_code == 409


def test_a_disabled_owner_counts_as_none(office: Any) -> None:
    office.owner.patch("/api/v1/accounts/editor", json={"role": "owner"})
    office.owner.patch("/api/v1/accounts/editor", json={"disabled": True})
    assert office.owner.patch("/api/v1/accounts/owner", json={"role": "reader"}).status_code == 409


def test_a_token_is_shown_once_and_only_its_digest_is_kept(office: Any) -> None:
    made = office.owner.post("/api/v1/tokens", json={"name": "ci", "scopes": ["read", "respond"], "days": 1})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("aar_")
    assert len(secret) > 40
    assert secret not in str(office.desk.store._record)
    assert "secret" not in str(office.owner.get("/api/v1/tokens").json())
    assert digest_of(secret) not in str(office.owner.get("/api/v1/tokens?account=*").json())
    sent = {"Authorization": f"Bearer {secret}"}
    assert office.anonymous.get("/api/v1/me", headers=sent).json()["rights"] == ["read", "respond"]
    office.clock.forward(days=1)
    assert office.anonymous.get("/api/v1/me", headers=sent).status_code == 401


def test_a_revoked_token_does_nothing_from_then_on(office: Any) -> None:
    made = office.owner.post("/api/v1/tokens", json={"name": "ci", "scopes": ["read"], "account": "reader"}).json()
    sent = {"Authorization": f"Bearer {made['secret']}"}
    assert office.anonymous.get("/api/v1/me", headers=sent).json()["id"] == "reader"
    assert office.owner.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert office.anonymous.get("/api/v1/me", headers=sent).status_code == 401
    told = {one["id"]: one for one in office.owner.get("/api/v1/tokens?account=reader").json()["items"]}
    assert told[made["id"]]["revoked_at"] is not None
    assert [one.what for one in trail(office)] == [f"token made: {made['id']}", f"token revoked: {made['id']}"]
    assert json.loads(trail(office)[0].after)["account"] == "reader"


def test_a_token_has_no_scope_that_its_accounts_role_has_not(office: Any) -> None:
    refused = office.owner.post("/api/v1/tokens", json={"name": "x", "scopes": ["own"], "account": "reader"})
    assert refused.status_code == 422
    made = office.owner.post("/api/v1/tokens", json={"name": "x", "scopes": ["edit"], "account": "editor"}).json()
    office.owner.patch("/api/v1/accounts/editor", json={"role": "reader"})
    sent = {"Authorization": f"Bearer {made['secret']}"}
    assert office.anonymous.get("/api/v1/me", headers=sent).status_code == 403


def test_people_make_see_and_revoke_their_own_tokens_and_no_others(staffed: Any, browser: Any) -> None:
    client = browser()
    client.post("/api/v1/sessions", json={"handle": "reader", "password": "four quiet otters sing"})
    made = client.post("/api/v1/tokens", json={"name": "mine", "scopes": ["read"], "days": None})
    assert made.status_code == 201
    assert made.json()["expires_at"] is None
    others = staffed.owner.get("/api/v1/tokens").json()["items"][0]["id"]
    assert client.post("/api/v1/tokens", json={"name": "x", "scopes": ["read"], "account": "owner"}).status_code == 403
    assert client.get("/api/v1/tokens?account=owner").status_code == 403
    assert client.get("/api/v1/tokens?account=*").status_code == 403
    assert client.delete(f"/api/v1/tokens/{others}").status_code == 404
    assert client.delete(f"/api/v1/tokens/{made.json()['id']}").status_code == 204
    assert client.post("/api/v1/tokens", json={"name": "x", "scopes": ["edit"]}).status_code == 422


def test_a_token_that_leaked_leaves_no_other_behind_and_revokes_none_but_itself(office: Any) -> None:
    with office.desk.store.begin() as record:
        other, _ = give_token(record, "editor", name="other", scopes=frozenset({Right.READ}), at=office.clock())
    assert office.editor.post("/api/v1/tokens", json={"name": "x", "scopes": ["read"]}).status_code == 403
    assert office.editor.delete(f"/api/v1/tokens/{other.id}").status_code == 403
    mine = next(one for one in office.editor.get("/api/v1/tokens").json()["items"] if one["name"] == "test")
    assert office.editor.delete(f"/api/v1/tokens/{mine['id']}").status_code == 204
    assert office.editor.get("/api/v1/me").status_code == 401


def test_an_owners_token_makes_none_that_lasts_longer_than_itself(office: Any) -> None:
    made = office.owner.post("/api/v1/tokens", json={"name": "x", "scopes": ["own", "read"], "days": 2}).json()
    sent = {"Authorization": f"Bearer {made['secret']}"}
    ask = {"name": "y", "scopes": ["read"]}
    told = [
        office.anonymous.post("/api/v1/tokens", headers=sent, json=ask | {"days": days}).status_code
        for days in (1, 3, None)
    ]
    assert told == [201, 403, 403]
    more = office.anonymous.post("/api/v1/tokens", headers=sent, json={"name": "y", "scopes": ["edit"], "days": 1})
    assert more.status_code == 403


def test_a_secret_in_a_tokens_name_is_masked(office: Any) -> None:
    name = "deploy ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    made = office.owner.post("/api/v1/tokens", json={"name": name, "scopes": ["read"]}).json()
    assert "a1B2c3D4" not in made["name"]
