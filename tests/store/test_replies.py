"""Replies to requests with an idempotency key: one effect, whoever asks at once; the same for every store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from afteraction.model.record import AuditEntry, Author, Reply
from afteraction.ports.store import Store

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
CLAIM = Reply(account="anna", key="k1", request="hash", at=NOW)
ANSWERED = replace(CLAIM, status=201, headers=(("ETag", '"1"'),), body='{"id": "INC-1"}')


def test_a_key_is_free_once_and_then_has_its_reply(store: Store) -> None:
    with store.begin() as record:
        assert record.claim_reply(CLAIM) is None
        record.put_reply(ANSWERED)
    with store.begin() as record:
        assert record.claim_reply(replace(CLAIM, request="other")) == ANSWERED
        assert record.claim_reply(replace(CLAIM, account="bert")) is None


def test_a_claim_that_is_undone_frees_the_key(store: Store) -> None:
    def undone() -> None:
        with store.begin() as record:
            record.claim_reply(CLAIM)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    with store.begin() as record:
        assert record.claim_reply(CLAIM) is None


def test_old_replies_are_forgotten(store: Store) -> None:
    with store.begin() as record:
        record.claim_reply(CLAIM)
        record.claim_reply(replace(CLAIM, key="k2", at=NOW + timedelta(hours=1)))
    with store.begin() as record:
        assert record.forget_replies(before=NOW + timedelta(minutes=1)) == 1
        assert record.claim_reply(CLAIM) is None
        assert record.claim_reply(replace(CLAIM, key="k2")) is not None


def test_of_two_at_once_one_has_the_effect_and_the_other_gets_its_reply(store: Store) -> None:
    ready = Barrier(4)

    def ask(number: int) -> Reply | None:
        ready.wait()
        with store.begin() as record:
            known = record.claim_reply(CLAIM)
            if known is None:
                record.add_audit(AuditEntry(at=NOW, author=Author(name=str(number)), what="effect"))
                record.put_reply(ANSWERED)
            return known

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))
    assert sorted(found, key=bool) == [None, ANSWERED, ANSWERED, ANSWERED]
    with store.begin() as record:
        assert len(record.audit()) == 1
