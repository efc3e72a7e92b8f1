"""The link of the first start, invitations and links that set a password: each works once, for a while, on a plain page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from afteraction.model.account import Role
from afteraction.model.record import Author
from afteraction.model.settings import Service
from afteraction.usecases import limits
from afteraction.usecases.accounts import SETUP_FOR, first_link, invite
from afteraction.usecases.identify import digest_of

GOOD = {"handle": "Anna.K", "name": "Anna  <K>", "password": "four quiet otters sing"}


@pytest.fixture
def empty(office: Any) -> Any:
    """Return the service before anybody has an account."""
    office.desk.store._record.accounts.accounts.clear()  # there is no way to take an account away
    office.desk.store._record.accounts.tokens.clear()
    return office


def first(office: Any) -> str:
    with office.desk.store.begin() as record:
        return first_link(record, at=office.clock()) or ""


def link(office: Any, **more: Any) -> str:
    with office.desk.store.begin() as record:
        return invite(record, role=Role.EDITOR, author=Author(name="owner"), at=office.clock(), **more)[1]


def test_the_first_one_makes_the_owners_account_and_is_signed_in(empty: Any, browser: Any) -> None:
    secret, client = first(empty), browser()
    shown = client.get(f"/setup?secret={secret}")
    assert shown.status_code == 200
    assert "own this record" in shown.text
    assert "<script" not in shown.text
    answer = client.post("/setup", data=GOOD | {"secret": secret})
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert "anna.k" in page
    assert "Anna &lt;K&gt;" in page
    assert client.get("/api/v1/me").json()["role"] == "owner"
    assert secret not in str(empty.desk.store._record)
    assert GOOD["password"] not in str(empty.desk.store._record)
    assert first(empty) == ""
    with empty.desk.store.begin() as record:
        assert [one.what for one in record.audit()] == ["account made: anna.k", "signed in"]


def test_a_link_works_once_and_looking_at_it_uses_nothing_up(empty: Any, browser: Any) -> None:
    secret, client = first(empty), browser()
    for _ in range(3):
        assert client.get(f"/setup?secret={secret}").status_code == 200
    assert client.post("/setup", data=GOOD | {"secret": secret}).status_code == 303
    assert client.get(f"/setup?secret={secret}").status_code == 404
    again = client.post("/setup", data=GOOD | {"secret": secret, "handle": "ben"})
    assert again.status_code == 404
    assert "does not work" in again.text
    with empty.desk.store.begin() as record:
        assert [one.id for one in record.accounts()] == ["anna.k"]


def test_a_new_start_makes_a_new_link_and_the_old_one_ends(empty: Any, browser: Any) -> None:
    old, new, client = first(empty), first(empty), browser()
    assert client.get(f"/setup?secret={old}").status_code == 404
    assert client.get(f"/setup?secret={new}").status_code == 200


def test_a_link_of_the_first_start_ends_after_a_day_and_once_there_is_an_account(empty: Any, browser: Any) -> None:
    secret, client = first(empty), browser()
    empty.clock.forward(seconds=SETUP_FOR.total_seconds())
    assert client.get(f"/setup?secret={secret}").status_code == 404
    secret = first(empty)
    with empty.desk.store.begin() as record:
        stray = first_link(record, at=empty.clock()) or ""
        record.put_invitation(record.invitation(digest_of(stray)))
    assert client.post("/setup", data=GOOD | {"secret": stray}).status_code == 303
    assert client.get(f"/setup?secret={secret}").status_code == 404


def test_somebody_invited_has_the_role_of_the_link_and_no_other(office: Any, browser: Any) -> None:
    secret, client = link(office), browser()
    assert "invited as <strong>editor</strong>" in client.get(f"/setup?secret={secret}").text
    client.post("/setup", data=GOOD | {"secret": secret, "role": "owner"})
    assert client.get("/api/v1/me").json()["role"] == "editor"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"handle": "A b"}, "is no handle"), ({"handle": ""}, "is no handle"), ({"handle": "afteraction"}, "is no handle"),
        ({"handle": "../x"}, "is no handle"), ({"handle": "reader"}, "is taken"), ({"password": "short"}, "at least 15"),
        ({"password": ""}, "at least 15"), ({"handle": "x" * 65}, "is no handle"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_on_the_page_and_the_link_stays_good(
    office: Any, browser: Any, wrong: dict[str, str], said: str
) -> None:
    secret, client = link(office), browser()
    answer = client.post("/setup", data=GOOD | {"secret": secret} | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert GOOD["password"] not in answer.text
    assert client.post("/setup", data=GOOD | {"secret": secret}).status_code == 303


def test_a_link_sets_a_new_password_ends_all_sessions_and_changes_no_role(staffed: Any, browser: Any) -> None:
    signed_in, client = browser(), browser()
    signed_in.post("/sign-in", data={"handle": "reader", "password": "four quiet otters sing"})
    earlier, secret = link(staffed, account="reader"), link(staffed, account="reader")
    assert client.get(f"/setup?secret={earlier}").status_code == 404
    shown = client.get(f"/setup?secret={secret}").text
    assert "<strong>reader</strong>" in shown
    assert 'id="handle"' not in shown
    form = {"secret": secret, "handle": "owner", "password": "six loud herons dance"}
    assert client.post("/setup", data=form).status_code == 303
    assert client.get("/api/v1/me").json() | {"version": ""} == {
        "id": "reader", "name": "Reader", "role": "reader", "rights": ["read"], "version": "",
    }  # fmt: skip
    assert signed_in.get("/api/v1/me").status_code == 401
    told = {"handle": "reader", "password": "four quiet otters sing"}
    assert browser().post("/api/v1/sessions", json=told).status_code == 401


def test_a_new_password_does_not_let_a_disabled_account_in(office: Any, browser: Any) -> None:
    secret, client = link(office, account="reader"), browser()
    office.owner.patch("/api/v1/accounts/reader", json={"disabled": True})
    client.post("/setup", data={"secret": secret, "password": "six loud herons dance"})
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/account").status_code == 303


def test_a_password_change_voids_the_links_to_set_it(staffed: Any, browser: Any) -> None:
    secret, client = link(staffed, account="reader"), browser()
    client.post("/sign-in", data={"handle": "reader", "password": "four quiet otters sing"})
    client.post("/account/password", data={"old": "four quiet otters sing", "new": "six loud herons dance"})
    assert client.get(f"/setup?secret={secret}").status_code == 404


def test_links_that_are_guessed_have_to_wait_and_a_good_one_does_not(office: Any, browser: Any) -> None:
    client = browser()
    for number in range(limits.PER_ADDRESS_OF_SECRETS):
        assert client.get(f"/setup?secret=guess{number}").status_code == 404
    refused = client.post("/setup", data={"secret": "guess"})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert client.get(f"/setup?secret={link(office)}").status_code == 200


def test_an_owner_invites_by_api_and_takes_the_link_back(office: Any, browser: Any) -> None:
    made = office.owner.post("/api/v1/invitations", json={"role": "responder", "hours": 1})
    assert made.status_code == 201
    told = made.json()
    assert told["url"].startswith("http://testserver/setup?secret=")
    assert told["expires_at"] == "2026-03-04T11:00:00Z"
    client, path = browser(), told["url"].removeprefix("http://testserver")
    assert client.get(path).status_code == 200
    assert [one["id"] for one in office.owner.get("/api/v1/invitations").json()["items"]] == [told["id"]]
    assert "url" not in office.owner.get("/api/v1/invitations").json()["items"][0]
    assert office.owner.delete(f"/api/v1/invitations/{told['id']}").status_code == 204
    assert client.get(path).status_code == 404
    assert office.owner.delete(f"/api/v1/invitations/{told['id']}").status_code == 404
    assert office.owner.post("/api/v1/invitations", json={"account": "nobody"}).status_code == 404
    with office.desk.store.begin() as record:
        assert [one.what for one in record.audit()] == ["invited", "invitation withdrawn"]


def test_a_link_names_the_public_address(office: Any, browser: Any) -> None:
    client = browser(service=Service(public_url="https://incidents.example.org"))
    sent = {"Authorization": office.owner.headers["authorization"]}
    made = client.post("/api/v1/invitations", json={}, headers=sent).json()
    assert made["url"].startswith("https://incidents.example.org/setup?secret=")


def test_an_invitation_lasts_a_month_at_most(office: Any) -> None:
    assert office.owner.post("/api/v1/invitations", json={"hours": 745}).status_code == 422
    assert office.owner.post("/api/v1/invitations", json={"hours": 0}).status_code == 422
    with pytest.raises(Exception, match="31 days"):
        link(office, lasts=timedelta(days=32))


def test_afteraction_serve_prints_a_link_that_a_real_browserless_client_follows(
    serving: Callable[..., Any], tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path}/record.db"
    with serving(database) as service:
        old = re.search(r"http\S+/setup\?secret=\S+", service.log.read_text())
        assert old is not None
    with serving(database, "--workers", "2") as service, httpx2.Client(base_url=service.url) as client:
        links = re.findall(r"http\S+/setup\?secret=\S+", service.log.read_text())
        assert len(links) == 1
        assert links[0].startswith(service.url)
        assert client.get(old[0].replace(old[0].partition("/setup")[0], service.url)).status_code == 404
        assert client.get(links[0]).status_code == 200
        secret = links[0].partition("secret=")[2]
        made = client.post("/setup", data=GOOD | {"secret": secret}, headers={"Origin": service.url})
        assert made.status_code == 303
        assert client.get("/api/v1/me").json()["role"] == "owner"
        assert {"server"} & set(made.headers) == set()
        wrong = {"handle": "anna.k", "password": "another password"}
        told = [httpx2.post(f"{service.url}/api/v1/sessions", json=wrong, timeout=60).status_code for _ in range(9)]
        assert told == [401] * limits.PER_ACCOUNT_AND_ADDRESS + [429]  # whichever of both workers was asked
    with serving(database) as service:
        assert "/setup?secret=" not in service.log.read_text()
