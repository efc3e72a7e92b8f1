"""Incidents that the rules were not written with: what the engine once named right it names right still."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
sys.path.insert(0, str(Path(__file__).parents[2] / "bench" / "heldout"))
from building import Build
from evidence_cases import answer, judge_change
from evidence_heldout import BATCHES, case_of

from afteraction.evidence.investigate import Parts

CASES = [make for batch in BATCHES.values() for make in batch]


@pytest.mark.parametrize("make", CASES, ids=[make.__name__ for make in CASES])
def test_the_guilty_change_or_none_is_named_and_no_innocent_deploy(make: Callable[[], Build], tmp_path: Path) -> None:
    case = case_of(make(), tmp_path)

    outcome = judge_change(case, *answer(case, Parts()))

    assert not outcome.decoy, outcome.detail
    assert outcome.rank == 1, outcome.detail
