"""Accounts, sessions, tokens, invitations and attempts, alike in all three stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from afteraction.errors import AfteractionError, TooMany
from afteraction.model.account import Account, Invitation, Right, Role, Session, Token
from afteraction.model.record import Author
from afteraction.ports.store import Store
from afteraction.store.database import DatabaseStore
from afteraction.usecases import limits
from afteraction.usecases.accounts import accept, change_account, first_link, new_account

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
ANNA = Account(id="anna", name="Anna", role=Role.OWNER, created_at=NOW, password="hash", subject="https://idp 1")
BEN = Account(id="ben", name="Ben", role=Role.READER, created_at=NOW)


def session(digest: str, account: str, hours: float = 8) -> Session:
    return Session(digest=digest, account=account, created_at=NOW, expires_at=NOW + timedelta(hours=hours), seen_at=NOW)


def test_accounts_are_kept_changed_and_found_by_id_and_subject(store: Store) -> None:
    with store.begin() as record:
        record.put_account(BEN)
        record.put_account(ANNA)
    with store.begin() as record:
        assert record.accounts() == (ANNA, BEN)
        assert record.account_of_subject("https://idp 1") == ANNA
        assert record.account_of_subject("https://idp 2") is None
        record.put_account(replace(ANNA, role=Role.EDITOR, disabled_at=NOW))
    with store.begin() as record:
        assert record.account("anna") == replace(ANNA, role=Role.EDITOR, disabled_at=NOW)
        assert record.account("nobody") is None


def test_sessions_end_one_by_one_all_of_an_account_or_when_they_ran_out(store: Store) -> None:
    with store.begin() as record:
        record.put_account(ANNA)
        record.put_account(BEN)
        for one in (session("a", "anna"), session("b", "anna", 1), session("c", "anna"), session("d", "ben")):
            record.add_session(one)
    with store.begin() as record:
        record.see_session("a", at=NOW + timedelta(minutes=9))
        record.end_sessions(expired_by=NOW + timedelta(hours=1))
        assert record.session("b") is None
        assert record.session("a") == replace(session("a", "anna"), seen_at=NOW + timedelta(minutes=9))
        record.end_sessions(account="anna", keep="c")
        assert record.session("a") is None
        assert record.session("c") is not None
        assert record.session("d") is not None
        record.end_sessions()
        record.end_sessions(digest="d")
        assert record.session("c") is not None
        assert record.session("d") is None


def test_that_a_token_was_used_does_not_undo_that_it_was_revoked(store: Store) -> None:
    token = Token(id="t1", digest="d1", account="anna", name="ci", scopes=frozenset({Right.READ}), created_at=NOW)
    with store.begin() as record:
        record.put_account(ANNA)
        record.put_token(token)
        record.put_token(replace(token, revoked_at=NOW))
        record.see_token("t1", at=NOW)
        assert record.token("d1") == replace(token, revoked_at=NOW, used_at=NOW)
        assert [one.id for one in record.tokens("anna")] == ["t1"]
        assert record.tokens("ben") == ()


def test_invitations_are_kept_changed_and_dropped(store: Store) -> None:
    first = Invitation(digest="x", role=Role.EDITOR, created_at=NOW, expires_at=NOW, made_by="anna")
    later = replace(first, digest="a", created_at=NOW + timedelta(hours=1))
    with store.begin() as record:
        record.put_invitation(later)
        record.put_invitation(first)
        assert record.invitations() == (first, later)
        record.put_invitation(replace(first, used_at=NOW))
        assert record.invitation("x") == replace(first, used_at=NOW)
        record.drop_invitation("x")
        assert record.invitation("x") is None
        assert record.invitations() == (later,)


def test_attempts_are_counted_by_name_and_forgotten_by_name_and_time(store: Store) -> None:
    later = NOW + timedelta(minutes=1)
    with store.begin() as record:
        for who, at in (("a", later), ("a", NOW), ("b", NOW)):
            record.add_attempt(who, at=at)
        assert record.attempts("a", since=NOW) == (NOW, later)
        record.forget_attempts(who="a", at=later)
        assert record.attempts("a", since=NOW) == (NOW,)
        record.forget_attempts(before=later, who="a")
        assert record.attempts("a", since=NOW) == ()
        assert record.attempts("b", since=NOW) == (NOW,)
        record.forget_attempts()
        assert record.attempts("b", since=later) == ()
        assert record.attempts("b", since=NOW) == (NOW,)


def test_of_two_owners_who_demote_each_other_at_once_one_remains(url: str) -> None:
    """On both databases, with two connections that begin at the same moment."""
    store = DatabaseStore(url)
    with store.begin() as record:
        record.put_account(ANNA)
        record.put_account(replace(BEN, role=Role.OWNER))
    together = Barrier(2)

    def demote(other: str) -> str:
        together.wait()
        try:
            with store.begin() as record:
                change_account(record, other, role=Role.READER, author=_author(other), at=NOW)
        except AfteractionError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, ("anna", "ben"))) == ["Conflict", "done"]
    with store.begin() as record:
        assert [one.role for one in record.accounts()].count(Role.OWNER) == 1
    store.close()


def _author(name: str) -> Author:
    return Author(name=name)


def test_of_five_workers_that_start_at_once_one_link_works_and_makes_one_owner(url: str) -> None:
    store = DatabaseStore(url)
    together = Barrier(5)

    def start(_: int) -> str | None:
        together.wait()
        with store.begin() as record:
            return first_link(record, at=NOW)

    with ThreadPoolExecutor(5) as pool:
        secrets = list(pool.map(start, range(5)))
    assert len({secret for secret in secrets if secret}) == 5

    def use(number: int) -> str:
        together.wait()
        try:
            with store.begin() as record:
                accept(record, secrets[number] or "", handle=f"a{number}", name="A", password_hash="h", at=NOW)
        except AfteractionError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(use, range(5))) == ["NotInRecord"] * 4 + ["done"]
    with store.begin() as record:
        assert len(record.accounts()) == 1
        assert first_link(record, at=NOW) is None
    store.close()


def test_a_link_that_five_use_at_once_makes_one_account(url: str) -> None:
    store = DatabaseStore(url)
    with store.begin() as record:
        secret = first_link(record, at=NOW) or ""
    together = Barrier(5)

    def use(number: int) -> str:
        together.wait()
        try:
            with store.begin() as record:
                accept(record, secret, handle=f"a{number}", name="A", password_hash="h", at=NOW)
        except AfteractionError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(use, range(5))) == ["NotInRecord"] * 4 + ["done"]
    store.close()


def test_guesses_made_at_the_same_moment_do_not_slip_through_the_limit(url: str) -> None:
    store = DatabaseStore(url)
    limit = [limits.Limit(who="account anna", most=3)]
    together = Barrier(8)

    def guess(_: int) -> bool:
        together.wait()
        try:
            limits.spend(store, limit, at=NOW)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        let_on = list(pool.map(guess, range(8)))
    assert 0 <= let_on.count(True) <= 3
    with pytest.raises(TooMany):
        limits.spend(store, limit, at=NOW)
    store.close()


def test_a_handle_is_given_once(store: Store) -> None:
    with store.begin() as record:
        record.put_account(ANNA)
        with pytest.raises(AfteractionError, match="taken"):
            new_account(record, handle="anna", name="", role=Role.READER, at=NOW)
