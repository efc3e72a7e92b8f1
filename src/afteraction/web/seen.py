"""The record as a caller sees it: in every route, so that what is private is not there for those who are not named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from afteraction.ports.store import Transaction
from afteraction.usecases.visible import visible
from afteraction.web.desk import Desk
from afteraction.web.identity import Caller


@contextmanager
def seen(desk: Desk, caller: Caller) -> Iterator[Transaction]:
    """Begin a transaction in which the incidents that the caller may not see do not exist."""
    with desk.store.begin() as record:
        yield visible(record, caller.hidden(record))
