"""What belongs together stands in one row, and nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from afteraction.model.event import ChangeKind
from afteraction.model.reading import Material
from afteraction.timeline import build


def rows(*events: Any) -> list[int]:
    """Return how many events each row stands for."""
    return [row.folded for row in build(Material(events=tuple(events))).rows]


def test_a_release_of_several_services_is_one_row(make: Any) -> None:
    assert rows(*(make.change(n / 10, "abc1234", service=f"s{n}") for n in range(4))) == [4]


@pytest.mark.parametrize(
    ("minutes", "ref", "kind"),
    [(0.1, "other12", ChangeKind.DEPLOY), (5, "abc1234", ChangeKind.DEPLOY), (0.1, "abc1234", ChangeKind.ROLLBACK)],
    ids=["another version", "later", "another kind of change"],
)
def test_another_release_is_another_row(make: Any, minutes: float, ref: str, kind: ChangeKind) -> None:
    assert rows(make.change(0, "abc1234"), make.change(minutes, ref, kind, service="other")) == [1, 1]


def test_commits_and_flags_are_told_one_by_one(make: Any) -> None:
    for kind in (ChangeKind.COMMIT, ChangeKind.FLAG, ChangeKind.CONFIG):
        assert rows(make.change(0, "same", kind), make.change(0.1, "same", kind, service="other")) == [1, 1]
