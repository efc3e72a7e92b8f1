"""The pages of throughput and fuzzing say what the bench wrote."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs"))
from make_robustness import DOCS, PAGES


@pytest.mark.parametrize("page", PAGES)
def test_a_page_holds_the_figures_of_the_bench(page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page](), "run python docs/make_robustness.py"
