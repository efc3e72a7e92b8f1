"""The tables `[service]` and `[oidc]`: what can be used is read, what cannot is refused by its key; the secret stays a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from afteraction.assembly import load_settings
from afteraction.errors import BadSettings
from afteraction.model.account import Role

GOOD = """
[service]
public_url = "https://incidents.example.org/"
trusted_proxies = ["10.0.0.0/8", "192.0.2.7"]
hosts = ["afteraction.svc"]
session_days = 10
idle_days = 0.5

[oidc]
issuer = "https://login.example.org"
client_id = "afteraction"
client_secret_file = "secret"
role_claim = "realm_access.roles"
default_role = "reader"
allowed_domains = ["example.org"]
roles = { admins = "owner", sre = "editor" }
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AFTERACTION_OIDC_CLIENT_SECRET", raising=False)
    (tmp_path / "secret").write_text("hunter2hunter2\n")
    (tmp_path / "afteraction.toml").write_text(GOOD)
    return tmp_path / "afteraction.toml"


def test_both_tables_are_read(file: Path) -> None:
    found = load_settings(file)
    assert found.service.public_url == "https://incidents.example.org"
    assert found.service.trusted_proxies == ("10.0.0.0/8", "192.0.2.7")
    assert (found.service.session_days, found.service.idle_days) == (10, 0.5)
    assert found.openid.client_secret == "hunter2hunter2"
    assert found.openid.roles == (("admins", Role.OWNER), ("sre", Role.EDITOR))
    assert found.openid.default_role is Role.READER
    assert "hunter2" not in repr(found)


def test_the_secret_of_the_variable_wins(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERACTION_OIDC_CLIENT_SECRET", "of the variable")
    assert load_settings(file).openid.client_secret == "of the variable"


def test_without_the_tables_nothing_is_trusted_and_no_provider_is_there(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("")
    found = load_settings(tmp_path / "empty.toml")
    assert (found.service.public_url, found.service.trusted_proxies, found.openid.issuer) == ("", (), "")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('public_url = "https://incidents.example.org/"', 'public_url = "incidents.example.org"', "public_url"),
        ('public_url = "https://incidents.example.org/"', 'public_url = "https://example.org/path"', "public_url"),
        ('"10.0.0.0/8"', '"10.0.0.1/8"', "trusted_proxies"),
        ('"10.0.0.0/8"', '"*"', "trusted_proxies"),
        ("session_days = 10", "session_days = 0", "session_days"),
        ('issuer = "https://', 'issuer = "http://', "needs https"),
        ('client_id = "afteraction"', 'client_id = ""', "client_id is missing"),
        ('sre = "editor"', 'sre = "admin"', "roles"),
        ('role_claim = "realm_access.roles"', 'scopes = ["email"]', "scopes needs openid"),
        ('client_secret_file = "secret"', 'client_secret_file = "nowhere"', "client_secret_file"),
        ('client_secret_file = "secret"', 'client_secret = "in the file"', "client_secret"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_key(file: Path, old: str, new: str, why: str) -> None:
    file.write_text(GOOD.replace(old, new))
    assert new in file.read_text()
    with pytest.raises(BadSettings, match=why):
        load_settings(file)


def test_a_provider_with_which_nobody_could_sign_in_is_refused(file: Path) -> None:
    file.write_text('[oidc]\nissuer = "https://login.example.org"\nclient_id = "x"\n')
    with pytest.raises(BadSettings, match="nobody could sign in"):
        load_settings(file)
