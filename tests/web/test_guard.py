"""What a page of another site sends is refused; the service answers under its own names; every answer carries its headers."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from afteraction.model.settings import Service
from afteraction.web.app import application

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def victim(staffed: Any, browser: Any) -> TestClient:  # noqa: ARG001  (everybody has a password then)
    """Return a browser that is signed in, and that says nothing of where its requests come from."""
    client: TestClient = browser()
    told = {"handle": "owner", "password": "four quiet otters sing"}
    assert client.post("/api/v1/sessions", json=told).status_code == 201
    del client.headers["Sec-Fetch-Site"]
    return client


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize(
    ("sent", "let_on"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": "http://testserver"}, True),
        ({"Origin": "http://TESTSERVER"}, True),
        ({"Origin": "http://testserver:8080"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://testserver.evil.example"}, False),
        ({"Origin": "http://evil.example/testserver"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({}, False),
        ({"Authorization": "Basic b3duZXI6eA=="}, False),
    ],
)
def test_a_change_with_a_cookie_comes_from_our_own_pages_or_not_at_all(
    victim: TestClient, method: str, sent: dict[str, str], let_on: bool
) -> None:
    answer = victim.request(method, "/api/v1/accounts/nobody", headers=sent, json={})
    if let_on:
        assert answer.status_code != 403
    else:
        assert answer.status_code == 403
        assert "another site" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/setup", "/account/password", "/api/v1/sessions"])
def test_forms_of_another_site_are_refused_even_without_a_cookie(browser: Any, path: str) -> None:
    """Else a stranger's page could sign somebody in as the stranger."""
    for sent in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}):
        assert browser().post(path, data={"handle": "a"}, headers=sent).status_code == 403
    plain = browser()
    del plain.headers["Sec-Fetch-Site"]
    assert plain.post(path, data={"handle": "a"}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert plain.post(path, data={"handle": "a"}).status_code != 403


def test_a_program_with_a_token_is_asked_for_no_origin(office: Any) -> None:
    assert office.owner.patch("/api/v1/accounts/reader", json={"name": "R"}).status_code == 200
    sent = {"Sec-Fetch-Site": "cross-site", "Origin": "https://dashboard.example"}
    assert office.owner.patch("/api/v1/accounts/reader", json={"name": "S"}, headers=sent).status_code == 200


def test_reading_from_a_link_on_another_site_is_let_on(victim: TestClient) -> None:
    assert victim.get("/api/v1/me", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_behind_a_proxy_that_changes_the_host_the_public_address_counts(staffed: Any, browser: Any) -> None:
    client = browser("http://10.0.0.7:8973", service=Service(public_url="https://incidents.example.org"))
    del client.headers["Sec-Fetch-Site"]
    told = {"handle": "owner", "password": "four quiet otters sing"}
    good = client.post("/api/v1/sessions", json=told, headers={"Origin": "https://incidents.example.org"})
    assert good.status_code == 201
    for origin in ("http://incidents.example.org", "https://incidents.example.org:444", "https://x.example.org"):
        assert client.post("/api/v1/sessions", json=told, headers={"Origin": origin}).status_code == 403
    assert staffed.reader.get("/api/v1/me").status_code == 200


def test_the_service_answers_under_its_own_names_and_probes_under_any(browser: Any) -> None:
    client = browser(service=Service(public_url="https://incidents.example.org", hosts=("afteraction.monitoring.svc",)))
    for host, status in (
        ("incidents.example.org", 401), ("INCIDENTS.example.org:443", 401), ("afteraction.monitoring.svc:8973", 401),
        ("evil.example", 421), ("", 421), ("incidents.example.org.evil.example", 421),
    ):  # fmt: skip
        assert client.get("/api/v1/me", headers={"Host": host}).status_code == status, host
    assert client.get("/healthz", headers={"Host": "10.1.2.3:8973"}).status_code == 200


STRICT = {
    "x-content-type-options": "nosniff", "referrer-policy": "same-origin", "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
}  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["/api/v1/me", "/api/v1/nothing", "/sign-in", "/setup", "/healthz", "/api/v1/openapi.json", "/assets/access.css", "/account"],
)  # fmt: skip
def test_every_answer_carries_the_headers(browser: Any, path: str) -> None:
    answer = browser().get(path)
    assert {name: answer.headers.get(name) for name in STRICT} == STRICT
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "server" not in answer.headers
    assert "strict-transport-security" not in answer.headers
    if path != "/assets/access.css":
        assert answer.headers["cache-control"] == "no-store"


def test_https_is_told_to_stay(browser: Any) -> None:
    assert "max-age=31536000" in browser("https://testserver").get("/sign-in").headers["strict-transport-security"]


def test_the_api_may_load_nothing_and_pages_nothing_from_elsewhere(office: Any, browser: Any) -> None:
    api = office.reader.get("/api/v1/me").headers["content-security-policy"]
    assert api == "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    page = browser().get("/sign-in").headers["content-security-policy"]
    sources = {part.split()[0]: part.split()[1:] for part in page.split("; ")}
    assert {one for named in sources.values() for one in named} == {"'none'", "'self'", "data:"}
    assert sources["script-src"] == sources["form-action"] == ["'self'"]
    assert sources["img-src"] == ["'self'", "data:"]


def test_an_answer_to_a_fault_carries_the_headers_and_no_internals(office: Any) -> None:
    app = application(office.desk)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("the password is hunter2")

    answer = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in STRICT} == STRICT
    assert "hunter2" not in answer.text


def test_over_real_http_the_headers_are_there_and_no_server_is_named(serving: Any, tmp_path: Any) -> None:
    with serving(f"sqlite:///{tmp_path}/record.db") as service:
        for path in ("/api/v1/me", "/sign-in", "/nothing", "/mcp"):
            answer = httpx2.get(f"{service.url}{path}")
            assert {name: answer.headers.get(name) for name in STRICT} == STRICT
            assert "server" not in answer.headers
        forged = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        assert "strict-transport-security" not in httpx2.get(f"{service.url}/sign-in", headers=forged).headers
