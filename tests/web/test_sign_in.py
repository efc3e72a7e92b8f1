"""Signing in and out: with a password, on the page and by API; sessions that end; guesses that have to wait."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from afteraction.model.job import Job
from afteraction.model.settings import Service
from afteraction.usecases import limits
from afteraction.usecases.identify import digest_of
from afteraction.usecases.passwords import Cost, hashed, outdated
from afteraction.usecases.schedule import handlers

pytestmark = pytest.mark.usefixtures("staffed")
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
PASSWORD = "four quiet otters sing"


def sign_in(client: Any, handle: str = "editor", password: str = PASSWORD, **headers: str) -> Any:
    return client.post("/api/v1/sessions", json={"handle": handle, "password": password}, headers=headers)


def audited(office: Any) -> list[str]:
    with office.desk.store.begin() as record:
        return [f"{one.author.name}: {one.what}" for one in record.audit()]


def test_who_signs_in_has_a_cookie_that_no_script_reads_and_of_which_only_the_digest_is_kept(
    staffed: Any, browser: Any
) -> None:
    client = browser()
    answer = sign_in(client, " Editor ")
    assert answer.status_code == 201
    assert answer.json() == {"id": "editor", "name": "Editor", "role": "editor"}
    name, _, rest = answer.headers["set-cookie"].partition("=")
    secret, _, attributes = rest.partition("; ")
    assert name == "afteraction_session"
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(attributes.split("; "))
    assert "Secure" not in attributes
    with staffed.desk.store.begin() as record:
        assert record.session(digest_of(secret)).account == "editor"
        assert record.session(secret) is None
    assert client.get("/api/v1/me").json()["id"] == "editor"
    assert audited(staffed) == ["editor: signed in"]


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(browser: Any) -> None:
    client = browser("https://testserver")
    cookie = sign_in(client).headers["set-cookie"]
    assert cookie.startswith("__Host-afteraction_session=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert client.get("/api/v1/me").status_code == 200
    plain = {"Cookie": client.cookies.get("__Host-afteraction_session") or ""}
    assert browser("https://testserver").get("/api/v1/me", headers=plain).status_code == 401


def test_behind_a_proxy_the_public_address_says_that_it_is_https(browser: Any) -> None:
    client = browser(service=Service(public_url="https://incidents.example.org"))
    assert "Secure" in sign_in(client).headers["set-cookie"]


def test_forwarded_headers_are_believed_of_trusted_proxies_alone(staffed: Any, browser: Any) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    assert "Secure" not in sign_in(browser(), **told).headers["set-cookie"]
    trusting = browser(service=Service(trusted_proxies=("testclient", "10.0.0.0/8")))
    assert "Secure" in sign_in(trusting, **told).headers["set-cookie"]
    with staffed.desk.store.begin() as record:
        assert [json.loads(one.after)["address"] for one in record.audit()] == ["testclient", "203.0.113.9"]


def test_each_sign_in_makes_a_new_session_and_ends_the_one_before(browser: Any) -> None:
    client = browser()
    sign_in(client)
    before = client.cookies["afteraction_session"]
    sign_in(client)
    assert client.cookies["afteraction_session"] != before
    stale = browser()
    stale.cookies.set("afteraction_session", before)
    assert stale.get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/me").status_code == 200


def test_a_cookie_that_somebody_else_chose_becomes_no_session(browser: Any) -> None:
    client = browser()
    client.cookies.set("afteraction_session", "chosen")
    chosen = client.post("/api/v1/sessions", json={"handle": "editor", "password": PASSWORD})
    assert chosen.status_code == 201
    assert "=chosen" not in chosen.headers["set-cookie"]
    other = browser()
    other.cookies.set("afteraction_session", "chosen")
    assert other.get("/api/v1/me").status_code == 401


def test_a_session_ends_when_it_is_not_used_and_at_its_end_whatever_its_use(staffed: Any, browser: Any) -> None:
    client = browser(service=Service(session_days=10, idle_days=2))
    sign_in(client)
    for _ in range(5):
        staffed.clock.forward(hours=47)
        assert client.get("/api/v1/me").status_code == 200
    staffed.clock.forward(hours=4)
    assert client.get("/api/v1/me").status_code == 200
    staffed.clock.forward(hours=1)
    assert client.get("/api/v1/me").status_code == 401
    sign_in(client)
    staffed.clock.forward(hours=48)
    assert client.get("/api/v1/me").status_code == 401


def test_sessions_that_ran_out_are_forgotten_at_the_next_sign_in(staffed: Any, browser: Any) -> None:
    client = browser()
    sign_in(client)
    old = digest_of(client.cookies["afteraction_session"])
    staffed.clock.forward(days=31)
    sign_in(browser(), "reader")
    with staffed.desk.store.begin() as record:
        assert record.session(old) is None


def test_who_signs_out_is_out_here_and_on_demand_everywhere(staffed: Any, browser: Any) -> None:
    here, there = browser(), browser()
    sign_in(here)
    sign_in(there)
    kept = here.cookies["afteraction_session"]
    answer = here.delete("/api/v1/sessions/current")
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    here.cookies.set("afteraction_session", kept)
    assert here.get("/api/v1/me").status_code == 401
    sign_in(here)
    assert there.delete("/api/v1/sessions").status_code == 204
    assert here.get("/api/v1/me").status_code == 401
    assert audited(staffed)[-1] == "editor: signed out everywhere: editor"


def test_a_token_is_no_session_that_could_end(staffed: Any) -> None:
    assert staffed.editor.delete("/api/v1/sessions/current").status_code == 409
    assert staffed.editor.delete("/api/v1/sessions").status_code == 409


def test_an_owner_signs_somebody_out_everywhere(staffed: Any, browser: Any) -> None:
    client = browser()
    sign_in(client)
    assert staffed.owner.delete("/api/v1/accounts/editor/sessions").status_code == 204
    assert client.get("/api/v1/me").status_code == 401
    assert staffed.owner.delete("/api/v1/accounts/nobody/sessions").status_code == 404


def test_neither_words_nor_status_tell_whether_the_handle_or_the_password_was_wrong(browser: Any) -> None:
    client = browser()
    told = [sign_in(client, *pair) for pair in (("editor", "wrong" * 4), ("nobody", PASSWORD), ("", ""))]
    assert {answer.status_code for answer in told} == {401}
    assert len({answer.json()["detail"] for answer in told}) == 1
    assert all("set-cookie" not in answer.headers for answer in told)


def test_a_disabled_account_is_let_in_by_nothing(staffed: Any, browser: Any) -> None:
    client = browser()
    sign_in(client)
    assert staffed.owner.patch("/api/v1/accounts/editor", json={"disabled": True}).status_code == 200
    assert client.get("/api/v1/me").status_code == 401
    assert staffed.editor.get("/api/v1/me").status_code == 401
    assert sign_in(client).status_code == 401
    assert staffed.owner.patch("/api/v1/accounts/editor", json={"disabled": False}).status_code == 200
    assert client.get("/api/v1/me").status_code == 401  # the old session does not come back
    assert staffed.editor.get("/api/v1/me").status_code == 200
    assert sign_in(client).status_code == 201


def test_a_hash_of_an_older_cost_is_renewed_when_its_owner_signs_in(staffed: Any, browser: Any) -> None:
    with staffed.desk.store.begin() as record:
        old = hashed(PASSWORD, cost=Cost(ln=3, r=8, p=1))
        for one in ("editor", "reader"):
            record.put_account(replace(record.account(one), password=old))
    sign_in(browser())
    with staffed.desk.store.begin() as record:
        assert not outdated(record.account("editor").password)
        assert outdated(record.account("reader").password)


def test_guesses_at_an_account_have_to_wait_and_lock_nobody_else_out(staffed: Any, browser: Any) -> None:
    client = browser()
    for _ in range(limits.PER_ACCOUNT_AND_ADDRESS):
        assert sign_in(client, password="a wrong password").status_code == 401
        staffed.clock.forward(seconds=10)
    refused = sign_in(client)
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert sign_in(client, "reader").status_code == 201
    staffed.clock.forward(seconds=int(refused.headers["retry-after"]))
    assert sign_in(client).status_code == 201
    with staffed.desk.store.begin() as record:
        told = [one for one in record.audit() if "refused for a while" in one.what]
        signed_in = [json.loads(one.after) for one in record.audit() if one.what == "signed in"]
    assert len(told) == 1
    assert signed_in[-1]["failed just before"] == limits.PER_ACCOUNT_AND_ADDRESS - 1


def test_guesses_from_many_addresses_lock_out_strangers_but_not_where_the_account_signed_in_before(
    browser: Any,
) -> None:
    trusting = browser(service=Service(trusted_proxies=("testclient",)))
    home = {"X-Forwarded-For": "198.51.100.7"}
    assert sign_in(trusting, **home).status_code == 201
    for number in range(limits.PER_ACCOUNT):
        guess = {"X-Forwarded-For": f"203.0.113.{number}"}
        assert sign_in(trusting, password="a wrong password", **guess).status_code == 401
    assert sign_in(trusting, **{"X-Forwarded-For": "192.0.2.1"}).status_code == 429
    assert sign_in(trusting, **home).status_code == 201
    assert sign_in(trusting, "reader", **{"X-Forwarded-For": "192.0.2.1"}).status_code == 201


def test_guesses_at_many_accounts_from_one_address_have_to_wait_and_others_do_not(staffed: Any, browser: Any) -> None:
    trusting = browser(service=Service(trusted_proxies=("testclient",)))
    guess = {"X-Forwarded-For": "2001:db8::1"}
    with staffed.desk.store.begin() as record:
        for number in range(limits.PER_ADDRESS):
            record.add_attempt(
                f"address {limits.network_of('2001:db8::ffff')}", at=staffed.clock() - timedelta(seconds=number)
            )
    assert sign_in(trusting, **guess).status_code == 429
    assert sign_in(trusting, **{"X-Forwarded-For": "2001:db8:0:1::1"}).status_code == 201


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.9", "203.0.113.9"), ("::ffff:203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"), ("testclient", "testclient"), ("", ""),
    ],
)  # fmt: skip
def test_an_ipv6_customer_is_counted_by_their_network(address: str, counted_as: str) -> None:
    assert limits.network_of(address) == counted_as


def test_tokens_that_are_guessed_have_to_wait_and_good_ones_do_not(office: Any) -> None:
    guess = {"Authorization": "Bearer aar_guessed"}
    for _ in range(limits.PER_ADDRESS_OF_SECRETS):
        assert office.anonymous.get("/api/v1/me", headers=guess).status_code == 401
    refused = office.anonymous.get("/api/v1/me", headers=guess)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert office.reader.get("/api/v1/me").status_code == 200


def test_a_password_is_changed_on_proof_of_the_old_one_and_other_sessions_end(staffed: Any, browser: Any) -> None:
    here, there = browser(), browser()
    sign_in(here)
    sign_in(there)
    new = "six loud herons dance"
    wrong = here.put("/api/v1/me/password", json={"old": "something else here", "new": new})
    assert wrong.status_code == 401
    weak = here.put("/api/v1/me/password", json={"old": PASSWORD, "new": "short"})
    assert weak.status_code == 422
    assert "15" in weak.json()["detail"]
    assert here.put("/api/v1/me/password", json={"old": PASSWORD, "new": new}).status_code == 204
    assert here.get("/api/v1/me").status_code == 200
    assert there.get("/api/v1/me").status_code == 401
    assert sign_in(there).status_code == 401
    assert sign_in(there, password=new).status_code == 201
    assert "editor: password changed: editor" in audited(staffed)


def test_the_page_signs_in_without_a_script_and_goes_on_where_it_was_asked_to(browser: Any) -> None:
    client = browser()
    shown = client.get("/account")
    assert shown.status_code == 303
    assert shown.headers["location"] == "/sign-in?next=/account"
    form = client.get("/sign-in?next=/account%3Fdone%3D1").text
    assert "<script" not in form
    assert 'name="next" value="/account?done=1"' in form
    wrong = client.post("/sign-in", data={"handle": '<b>"x', "password": "no"})
    assert wrong.status_code == 401
    assert 'role="alert"' in wrong.text
    assert "&lt;b&gt;&#34;x" in wrong.text
    right = client.post("/sign-in", data={"handle": "editor", "password": PASSWORD, "next": "/account?done=1"})
    assert right.status_code == 303
    assert right.headers["location"] == "/account?done=1"
    assert "Editor" in client.get("/account").text
    assert client.get("/sign-in").headers["location"] == "/account"
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/\tevil", "/%0a\nx",
        "evil", "/a\\b",
    ],
)  # fmt: skip
def test_signing_in_leads_to_no_other_site(browser: Any, elsewhere: str) -> None:
    answer = browser().post("/sign-in", data={"handle": "editor", "password": PASSWORD, "next": elsewhere})
    assert answer.headers["location"] == "/account"


def test_the_page_tells_who_guesses_too_much_to_wait(browser: Any) -> None:
    client = browser()
    for _ in range(limits.PER_ACCOUNT_AND_ADDRESS):
        client.post("/sign-in", data={"handle": "editor", "password": "no"})
    refused = client.post("/sign-in", data={"handle": "editor", "password": PASSWORD})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Too many attempts" in refused.text


def test_the_account_page_changes_the_password_and_signs_out_everywhere(browser: Any) -> None:
    client, other = browser(), browser()
    sign_in(client)
    sign_in(other)
    wrong = client.post("/account/password", data={"old": "wrong wrong wrong", "new": "six loud herons dance"})
    assert wrong.status_code == 401
    assert "is not right" in wrong.text
    assert client.post("/account/password", data={"old": PASSWORD, "new": "x"}).status_code == 422
    done = client.post("/account/password", data={"old": PASSWORD, "new": "six loud herons dance"})
    assert done.status_code == 303
    assert "The password is changed." in client.get(done.headers["location"]).text
    assert other.get("/account").status_code == 303
    sign_in(other, password="six loud herons dance")
    client.post("/sign-out", data={"everywhere": "yes"})
    assert other.get("/account").status_code == 303
    assert browser().post("/account/password", data={"old": "a", "new": "b"}).status_code == 303


def test_tidying_up_keeps_where_somebody_signed_in_and_forgets_links_that_are_of_no_use(
    staffed: Any, browser: Any
) -> None:
    client = browser()
    sign_in(client)
    made = staffed.owner.post("/api/v1/invitations", json={"hours": 1}).json()
    tidy = handlers(staffed.desk.store, staffed.desk.settings)["tidy"]

    def tidied() -> Any:
        with staffed.desk.store.begin() as record:
            tidy(Job(kind="tidy", run_at=staffed.clock()), staffed.clock()).write(record)
            return record.invitations(), record.attempts("known editor at testclient", since=NOW - timedelta(days=60))

    staffed.clock.forward(days=2)
    links, known = tidied()
    assert links == ()
    assert made["role"] == "reader"
    assert known == (NOW,)
    staffed.clock.forward(days=29)
    assert tidied()[1] == ()
