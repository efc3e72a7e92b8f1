"""Signing in with OpenID Connect, at a real provider: its redirects, its form, its refusals."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from afteraction.model.account import Account, Role
from afteraction.model.settings import OpenId

SECRET = "a secret of the test, long enough"


@pytest.fixture(autouse=True)
def _of_today(office: Any) -> None:
    """The provider's clock is the real one."""
    office.clock.time = datetime.now(UTC)


ROLES = (("staff", Role.READER), ("sre", Role.EDITOR), ("admins", Role.OWNER))


def settings(provider: Any, **changed: Any) -> OpenId:
    told: dict[str, Any] = {
        "issuer": provider.issuer, "client_id": "afteraction", "client_secret": SECRET, "name": "Example ID",
        "scopes": ("openid", "profile", "email", "groups"), "roles": ROLES,
    }  # fmt: skip
    return OpenId(**told | changed)


def at_provider(address: str, who: str) -> str:
    """Follow the provider's redirects, fill in its form, and return where it sends the browser at last."""
    with httpx2.Client(follow_redirects=False) as browser:
        for _ in range(10):
            answer = browser.get(address)
            if answer.status_code == 200:
                action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
                assert action is not None, answer.text
                form = {"prompt": "login", "login": who, "password": "any"}
                answer = browser.post(str(httpx2.URL(address).join(action[1])), data=form)
            assert answer.status_code in {302, 303}, answer.text
            address = str(httpx2.URL(address).join(answer.headers["location"]))
            if "/sign-in/openid/callback" in address:
                return address
    raise AssertionError(address)


def signed_in(client: Any, who: str, then: str = "") -> Any:
    """Go the whole way, and return the service's answer at its end."""
    return client.get(path_of(at_provider(client.get(f"/sign-in/openid?next={then}").headers["location"], who)))


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def accounts(office: Any) -> dict[str, Account]:
    with office.desk.store.begin() as record:
        return {account.id: account for account in record.accounts()}


def test_somebody_new_gets_an_account_with_the_highest_role_of_their_groups(
    office: Any, browser: Any, provider: Any
) -> None:
    client = browser(openid=settings(provider))
    assert (
        '<a class="button" href="/sign-in/openid?next=/account">Sign in with Example ID</a>'
        in client.get("/sign-in").text
    )
    answer = signed_in(client, "anna", "/account%3Fx")
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/account?x"
    assert client.get("/api/v1/me").json()["role"] == "editor"
    made = accounts(office)["anna"]
    assert (made.name, made.subject, made.password) == ("Anna K", f"{provider.issuer} anna", "")
    with office.desk.store.begin() as record:
        assert [(one.author.name, one.what) for one in record.audit()] == [
            ("anna", "account made: anna"),
            ("anna", "signed in"),
        ]
        assert json.loads(record.audit()[1].after)["by"] == provider.issuer


def test_what_is_asked_of_the_provider_is_the_code_flow_with_pkce_state_and_nonce(browser: Any, provider: Any) -> None:
    sent = browser(openid=settings(provider)).get("/sign-in/openid")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://testserver/sign-in/openid/callback"
    assert asked["scope"] == "openid profile email groups"
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    cookie = sent.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    again = browser(openid=settings(provider)).get("/sign-in/openid").headers["location"]
    assert all(asked[name] not in again for name in ("state", "nonce", "code_challenge"))


def test_who_comes_again_has_the_same_account_with_the_role_of_today(office: Any, browser: Any, provider: Any) -> None:
    signed_in(browser(openid=settings(provider)), "anna")
    signed_in(browser(openid=settings(provider, roles=(("sre", Role.RESPONDER),))), "anna")
    assert accounts(office)["anna"].role is Role.RESPONDER
    assert len(accounts(office)) == 5
    with office.desk.store.begin() as record:
        changed = next(one for one in record.audit() if one.what == "account changed: anna")
    assert (json.loads(changed.before)["role"], json.loads(changed.after)["role"]) == ("editor", "responder")
    signed_in(browser(openid=settings(provider, roles=(), default_role=Role.READER)), "anna")
    assert accounts(office)["anna"].role is Role.RESPONDER  # where the provider says no roles, owners do


def test_the_last_owner_stays_one_whatever_the_provider_says(office: Any, browser: Any, provider: Any) -> None:
    signed_in(browser(openid=settings(provider)), "owen")
    assert accounts(office)["owen"].role is Role.OWNER
    office.owner.patch("/api/v1/accounts/owner", json={"role": "reader"})
    answer = signed_in(browser(openid=settings(provider, roles=(("sre", Role.READER),))), "owen")
    assert answer.status_code == 303
    assert accounts(office)["owen"].role is Role.OWNER


@pytest.mark.parametrize(
    ("who", "domains", "why"),
    [
        ("ben", (), "in no group"),
        ("eve", ("example.org",), "domain"),
        ("uma", ("example.org",), "not verified"),
        ("x@example.org.evil.example", ("example.org",), "domain"),
    ],
)
def test_who_may_not_is_refused_and_gets_no_account(
    browser: Any, provider: Any, who: str, domains: tuple[str, ...], why: str
) -> None:
    client = browser(openid=settings(provider, allowed_domains=domains))
    answer = signed_in(client, who)
    assert answer.status_code == 403
    assert why in answer.text
    assert client.get("/api/v1/me").status_code == 401
    assert len(client.app.state.desk.store._record.accounts.accounts) == 4


def test_who_is_in_no_group_gets_the_default_role_where_there_is_one(office: Any, browser: Any, provider: Any) -> None:
    told = settings(provider, default_role=Role.READER, allowed_domains=("Example.org",))
    assert signed_in(browser(openid=told), "ben").status_code == 303
    assert accounts(office)["ben"].role is Role.READER


def test_who_bears_the_name_of_an_account_does_not_become_it(office: Any, browser: Any, provider: Any) -> None:
    """The provider says that Eve's preferred name is `owner`."""
    client = browser(openid=settings(provider))
    assert signed_in(client, "eve").status_code == 303
    assert client.get("/api/v1/me").json()["id"] == "owner-2"
    assert accounts(office)["owner"].subject is None


def test_a_disabled_account_is_refused(office: Any, browser: Any, provider: Any) -> None:
    signed_in(browser(openid=settings(provider)), "anna")
    office.owner.patch("/api/v1/accounts/anna", json={"disabled": True})
    client = browser(openid=settings(provider))
    answer = signed_in(client, "anna")
    assert answer.status_code == 403
    assert "disabled" in answer.text
    assert client.get("/api/v1/me").status_code == 401


def test_an_answer_works_once_and_in_the_browser_that_asked(browser: Any, provider: Any) -> None:
    told = settings(provider)
    client, other = browser(openid=told), browser(openid=told)
    answer = path_of(at_provider(client.get("/sign-in/openid").headers["location"], "anna"))
    assert other.get(answer).status_code == 403
    other.get("/sign-in/openid")
    assert "belongs to no question" in other.get(answer).text
    question = client.cookies["afteraction_openid"]
    assert client.get(answer).status_code == 303
    assert "afteraction_openid" not in client.cookies
    assert client.get(answer).status_code == 403
    client.cookies.set("afteraction_openid", question)
    assert client.get(answer).status_code == 403  # the provider takes a code once


@pytest.mark.parametrize(("place", "why"), [(0, "belongs to no question"), (1, "not good"), (2, "code back")])
def test_another_state_nonce_or_verifier_lets_nobody_in(browser: Any, provider: Any, place: int, why: str) -> None:
    client = browser(openid=settings(provider))
    answer = path_of(at_provider(client.get("/sign-in/openid").headers["location"], "anna"))
    question = json.loads(urlsafe_b64decode(client.cookies["afteraction_openid"]))
    question[place] = "x" * 64
    client.cookies.clear()
    client.cookies.set("afteraction_openid", urlsafe_b64encode(json.dumps(question).encode()).decode())
    refused = client.get(answer)
    assert refused.status_code == 403
    assert why in refused.text
    assert client.get("/api/v1/me").status_code == 401


def test_an_answer_of_another_issuer_or_without_one_is_refused(browser: Any, provider: Any) -> None:
    client = browser(openid=settings(provider))
    answer = path_of(at_provider(client.get("/sign-in/openid").headers["location"], "anna"))
    assert "&iss=" in answer
    for mixed_up in (
        re.sub(r"&iss=[^&]*", "", answer),
        re.sub(r"&iss=[^&]*", "&iss=https%3A%2F%2Fevil.example", answer),
    ):
        question = client.cookies["afteraction_openid"]
        assert "another provider" in client.get(mixed_up).text
        client.cookies.set("afteraction_openid", question)


def test_what_the_provider_refuses_is_told_without_its_markup(browser: Any, provider: Any) -> None:
    client = browser(openid=settings(provider))
    asked = parse_qs(urlsplit(client.get("/sign-in/openid").headers["location"]).query)
    state = asked["state"][0]
    refused = client.get(
        f"/sign-in/openid/callback?error=<script>alert(1)</script>&state={state}&iss={provider.issuer}"
    )
    assert refused.status_code == 403
    assert "<script" not in refused.text


@pytest.mark.parametrize("junk", ["", "x", "e30=", "WzEsMl0=", "////", "\u00e9"])
def test_a_cookie_that_is_junk_is_no_question(browser: Any, provider: Any, junk: str) -> None:
    client = browser(openid=settings(provider))
    answer = client.get(
        "/sign-in/openid/callback?code=a&state=b", headers={"Cookie": f"afteraction_openid={junk}".encode()}
    )
    assert answer.status_code == 403


def test_a_wrong_client_secret_is_told_as_a_refusal(browser: Any, provider: Any) -> None:
    client = browser(openid=settings(provider, client_secret="another"))
    answer = signed_in(client, "anna")
    assert answer.status_code == 403
    assert "another" not in answer.text


def test_a_provider_that_is_not_there_or_calls_itself_otherwise_is_told(browser: Any, provider: Any) -> None:
    for issuer, why in (("http://127.0.0.1:9", "cannot be used"), (f"{provider.issuer}/", "calls itself otherwise")):
        answer = browser(openid=settings(provider, issuer=issuer)).get("/sign-in/openid")
        assert answer.status_code == 502
        assert why in answer.text
    assert browser().get("/sign-in/openid").status_code == 404


def test_a_provider_that_puts_all_into_the_id_token_and_takes_secrets_in_the_body(
    office: Any, browser: Any, start_provider: Callable[..., Any]
) -> None:
    variables = {"PLAIN": "yes", "ONLY_POST": "yes"}
    with start_provider("http://testserver/sign-in/openid/callback", _free_port(), **variables) as running:
        assert signed_in(browser(openid=settings(running)), "anna").status_code == 303
    assert accounts(office)["anna"].role is Role.EDITOR


def test_the_whole_way_over_real_http_with_settings_from_a_file(
    serving: Callable[..., Any], start_provider: Callable[..., Any], tmp_path: Path
) -> None:
    port = _free_port()
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    (tmp_path / "afteraction.toml").write_text(
        f'[oidc]\nissuer = "http://127.0.0.1:{port}"\nclient_id = "afteraction"\nclient_secret_file = "secret"\n'
        'scopes = ["openid", "profile", "email", "groups"]\nallowed_domains = ["example.org"]\n'
        '[oidc.roles]\nadmins = "owner"\nsre = "editor"\n'
    )
    with serving(f"sqlite:///{tmp_path}/record.db") as service:
        back = f"{service.url}/sign-in/openid/callback"
        with start_provider(back, port), httpx2.Client(base_url=service.url) as client:
            answer = client.get(at_provider(client.get("/sign-in/openid").headers["location"], "owen"))
            assert answer.status_code == 303, answer.text
            assert client.get("/api/v1/me").json()["role"] == "owner"
            assert "Sign out everywhere" in client.get("/account").text
        assert SECRET not in service.log.read_text()


def _free_port() -> int:
    import socket  # noqa: PLC0415  (used here alone)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
