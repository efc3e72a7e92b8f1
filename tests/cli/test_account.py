"""`afteraction account`: who may use the service, at the keyboard of the record."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from afteraction.assembly import load_settings
from afteraction.assembly.record import now, open_record
from afteraction.cli import main
from afteraction.usecases.accounts import accept
from afteraction.usecases.identify import by_token


@pytest.fixture(autouse=True)
def _own_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{tmp_path}/record.db")
    monkeypatch.setenv("AFTERACTION_AUTHOR", "root")
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ("account", *arguments))


def joined(role: str, handle: str) -> str:
    """Invite somebody and let them make their account."""
    done = run("invite", "--role", role)
    assert done.exit_code == 0, done.output
    secret = re.fullmatch(r"http://127\.0\.0\.1:8973/setup\?secret=(\S+)\n", done.stdout)
    assert secret is not None, done.stdout
    store = open_record(load_settings())
    with store.begin() as record:
        accept(record, secret[1], handle=handle, name=handle.title(), password_hash="h", at=now())
    store.close()
    return secret[1]


def in_record(ask: Any) -> Any:
    store = open_record(load_settings())
    with store.begin() as record:
        found = ask(record)
    store.close()
    return found


def test_a_link_is_printed_on_stdout_and_makes_an_account_of_its_role() -> None:
    joined("owner", "anna")
    joined("responder", "ben")
    told = json.loads(run("list", "--json").stdout)
    assert [(one["id"], one["role"], one["signs_in_by"]) for one in told] == [
        ("anna", "owner", "password"), ("ben", "responder", "password"),
    ]  # fmt: skip
    assert "password" not in told[0]
    assert told[0].get("password") != "h"
    assert "HANDLE" in run("list").stdout


def test_the_link_stands_on_the_public_address(tmp_path: Path) -> None:
    (tmp_path / "afteraction.toml").write_text('[service]\npublic_url = "https://incidents.example.org/"\n')
    assert run("invite").stdout.startswith("https://incidents.example.org/setup?secret=")


def test_a_role_is_changed_and_somebody_disabled_and_enabled_but_never_the_last_owner() -> None:
    joined("owner", "anna")
    joined("reader", "ben")
    assert run("role", "ben", "editor").exit_code == 0
    assert run("disable", "ben").exit_code == 0
    told = {one["id"]: one for one in json.loads(run("list", "--json").stdout)}
    assert told["ben"]["role"] == "editor"
    assert told["ben"]["disabled_at"]
    assert run("enable", "ben").exit_code == 0
    for refused in (run("disable", "anna"), run("role", "anna", "reader")):
        assert refused.exit_code == 1
        assert "last owner" in refused.output
    assert run("disable", "nobody").exit_code == 2
    trail = in_record(lambda record: [(one.author.name, one.what) for one in record.audit()])
    assert ("root", "account changed: ben") in trail


def test_a_link_sets_a_password() -> None:
    joined("owner", "anna")
    done = run("password", "anna", "--hours", "1")
    assert "/setup?secret=" in done.stdout
    assert "works once, until" in done.stderr
    assert run("password", "nobody").exit_code == 2
    assert run("password", "anna", "--hours", "0").exit_code == 2


def test_a_token_is_printed_once_listed_without_its_secret_and_revoked() -> None:
    joined("editor", "ben")
    made = run("token", "ben", "--name", "ci", "--scope", "read", "--scope", "edit", "--days", "7")
    assert made.exit_code == 0, made.output
    secret = made.stdout.strip()
    assert secret.startswith("aar_")
    assert secret not in made.stderr
    assert sorted(in_record(lambda record: by_token(record, secret, at=now())).rights) == ["edit", "read"]
    (told,) = json.loads(run("tokens", "ben", "--json").stdout)
    assert "digest" not in told
    assert secret not in run("tokens").stdout
    assert run("revoke", told["id"]).exit_code == 0
    assert in_record(lambda record: by_token(record, secret, at=now())) is None
    assert run("revoke", "nothing").exit_code == 2


def test_a_token_for_what_the_role_does_not_allow_is_refused() -> None:
    joined("reader", "ben")
    refused = run("token", "ben", "--name", "x", "--scope", "own")
    assert refused.exit_code == 2
    assert "can have the scopes read" in refused.output


def test_a_token_of_no_days_does_not_end_by_itself() -> None:
    joined("reader", "ben")
    assert "until it is revoked" in run("token", "ben", "--name", "x", "--days", "0").stderr
