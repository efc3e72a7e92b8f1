"""The plain pages: usable by keyboard, on a phone, with a screen reader and a password manager, and without a script."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from afteraction.model.settings import OpenId


class Page(HTMLParser):
    """The elements of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def pages(staffed: Any, browser: Any) -> dict[str, Page]:
    """Return every page: the forms, each also with what went wrong, and the refusals."""
    client, signed_in = browser(openid=OpenId(issuer="https://login.example.org", client_id="x")), browser()
    url = staffed.owner.post("/api/v1/invitations", json={}).json()["url"]
    reset = staffed.owner.post("/api/v1/invitations", json={"account": "reader"}).json()["url"]
    secret = url.partition("secret=")[2]
    signed_in.post("/sign-in", data={"handle": "editor", "password": "four quiet otters sing"})
    found = {
        "setup": client.get(url), "setup, refused": client.post("/setup", data={"secret": secret}), "reset": client.get(reset),
        "no link": client.get("/setup?secret=x"), "sign in": client.get("/sign-in"),
        "sign in, refused": client.post("/sign-in", data={"handle": "a"}), "account": signed_in.get("/account"),
        "account, refused": signed_in.post("/account/password", data={"old": "x", "new": "y"}),
    }  # fmt: skip
    return {name: Page(answer.text) for name, answer in found.items()}


def test_every_field_has_a_label_and_says_what_a_password_manager_may_fill_in(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        labels = {one["for"] for one in page.all("label")}
        for field in page.all("input"):
            if field.get("type") == "hidden":
                continue
            assert field["id"] in labels, name
            assert field["autocomplete"] in {"username", "name", "new-password", "current-password"}, name
            assert "required" in field
        described = [one["aria-describedby"] for _, one in page.found if "aria-describedby" in one]
        ids = [one["id"] for _, one in page.found if "id" in one]
        assert set(described) <= set(ids), name
        assert len(ids) == len(set(ids)), name


def test_every_page_names_its_language_its_title_and_its_one_heading_and_fits_a_phone(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert page.all("html")[0]["lang"] == "en", name
        assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1, name
        assert "width=device-width" in str(page.all("meta")), name


def test_no_page_needs_a_script_or_anything_from_elsewhere(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert not {"script", "style", "iframe", "img"} & {tag for tag, _ in page.found}, name
        assert not [a for _, one in page.found for a in one if a.startswith("on") or a == "style"], name
        links = [one.get("href", one.get("action", "/")) for _, one in page.found]
        assert all(re.match(r"/(?!/)", link) for link in links), name


def test_what_went_wrong_is_said_at_once_to_a_screen_reader(pages: dict[str, Page]) -> None:
    told = {name: [one["role"] for _, one in page.found if one.get("id") == "wrong"] for name, page in pages.items()}
    assert {name for name, roles in told.items() if roles} == {"setup, refused", "sign in, refused", "account, refused"}
    assert all(roles in ([], ["alert"]) for roles in told.values())


def test_a_password_is_never_sent_back(staffed: Any, browser: Any) -> None:
    secret = staffed.owner.post("/api/v1/invitations", json={}).json()["url"].partition("secret=")[2]
    client = browser()
    for answer in (
        client.post("/setup", data={"secret": secret, "handle": "!", "password": "hunter2hunter2hunter2"}),
        client.post("/sign-in", data={"handle": "reader", "password": "hunter2hunter2hunter2"}),
    ):
        assert answer.status_code in {401, 422}
        assert "hunter2" not in answer.text
