"""Changes are told in the order of their numbers, each once, however they become visible."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.model.record import AuditEntry, Author
from afteraction.store.database import DatabaseStore
from afteraction.store.memory import MemoryStore
from afteraction.usecases.changes import Settling, begin_settling, look

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def entry(number: int) -> AuditEntry:
    return AuditEntry(number=number, at=NOW, author=Author(name="anna"), what=f"change {number}")


def entries(*numbers: int) -> list[AuditEntry]:
    return [entry(number) for number in numbers]


def numbers(told: list[AuditEntry]) -> list[int]:
    return [one.number for one in told]


def test_what_is_there_in_order_is_told_at_once() -> None:
    settling = Settling(settled=3)
    assert numbers(settling.take(entries(4, 5), (10, 10))) == [4, 5]
    assert settling.take(entries(4, 5), (10, 10)) == []
    assert settling.settled == 5


def test_what_stands_behind_a_missing_number_waits_for_it() -> None:
    settling = Settling(settled=0)
    assert numbers(settling.take(entries(1, 3), (7, 9))) == [1]
    for _ in range(20):
        assert settling.take(entries(3), (7, 9)) == []
    assert settling.waiting == {3}
    assert numbers(settling.take(entries(2, 3), (7, 9))) == [2, 3]


def test_a_number_whose_change_was_undone_is_not_waited_for() -> None:
    settling = Settling(settled=0)
    assert settling.take(entries(2), (7, 8)) == []
    assert settling.take(entries(2), (7, 9)) == []  # 8 began before the entry was missed, it may have the number
    assert settling.take(entries(2), (8, 9)) == []
    assert numbers(settling.take(entries(2), (9, 9))) == [2]


def test_a_change_that_hangs_for_ever_does_not_stop_the_others_for_ever() -> None:
    settling = Settling(settled=0)
    told = [settling.take(entries(2), (7, 9)) for _ in range(610)]
    assert [numbers(one) for one in told if one] == [[2]]


@given(st.permutations(range(1, 12)), st.sets(st.integers(1, 11)), st.data())
def test_in_whatever_order_they_become_visible_all_are_told_once_in_order(
    order: list[int], undone: set[int], data: st.DataObject
) -> None:
    """Every change runs under its number until it is visible or undone; looks happen at any time between."""
    settling, visible, told = Settling(settled=0), set[int](), list[int]()
    for place, number in enumerate(order):
        if number not in undone:
            visible.add(number)
        running = order[place + 1 :]
        for _ in range(data.draw(st.integers(0, 4))):
            seen = entries(*sorted(one for one in visible if one > settling.settled))
            told += numbers(settling.take(seen, (min(running, default=12), 12)))
    for _ in range(4):
        seen = entries(*sorted(one for one in visible if one > settling.settled))
        told += numbers(settling.take(seen, (12, 12)))
    assert told == sorted(visible)


def test_one_who_begins_to_follow_gets_what_comes_and_not_what_is_there() -> None:
    store = MemoryStore()
    with store.begin() as record:
        record.add_audit(entry(0))
        settling = begin_settling(record)
    with store.begin() as record:
        record.add_audit(entry(0))
        assert numbers(look(record, settling)) == [2]


@pytest.mark.parametrize("undone", [True, False])
def test_on_postgresql_an_entry_that_becomes_visible_late_is_told_before_later_ones(
    postgres_url: str, undone: bool
) -> None:
    store = DatabaseStore(postgres_url)

    def looked() -> list[int]:
        with store.begin() as record:
            return numbers(look(record, settling))

    try:
        with store.begin() as record:
            settling = begin_settling(record)
        slow = store.begin()
        record = slow.__enter__()
        record.add_audit(entry(0))
        with store.begin() as other:
            other.add_audit(entry(0))
        assert [looked() for _ in range(5)] == [[]] * 5
        if undone:
            slow.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
            assert looked() == [2]
        else:
            slow.__exit__(None, None, None)
            assert looked() == [1, 2]
        assert looked() == []
    finally:
        store.close()
