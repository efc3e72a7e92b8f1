"""The page of the recorder's cost says what the bench wrote, and the bench found what was aimed at."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs"))
from make_recorder import DOCS, PAGES, RESULTS


@pytest.mark.parametrize("page", PAGES)
def test_a_page_holds_the_figures_of_the_bench(page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page](), "run python docs/make_recorder.py"


@pytest.mark.parametrize("way", ["stdio", "http"])
def test_the_figures_are_within_what_was_aimed_at(way: str) -> None:
    cost = json.loads((RESULTS / "recorder_cost.json").read_text(encoding="utf-8"))[way]["afteraction"]
    assert cost["small"]["added at the median ms"] <= 0.5
    assert cost["MiB"] <= 15
    soak = json.loads((RESULTS / "recorder_soak.json").read_text(encoding="utf-8"))[way]
    assert soak["answered"] == soak["calls"] >= 50_000
    assert soak["recorded but not readable"] == 0
