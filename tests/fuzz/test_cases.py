"""Findings of the fuzzer that were mended, each as small as it could be made: `cases/<target>/<what it was>`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from afteraction.sources import SOURCES

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from targets import TARGETS, Target, draft_of, read_with  # noqa: E402  (the folder is no package)

CASES = sorted(path for path in HERE.glob("cases/*/*") if path.is_file())


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_the_fuzzer_found_stays_mended(path: Path) -> None:
    data = path.read_bytes()
    if path.parent.name == "drafts":
        draft_of(data, path.name)
    elif path.parent.name != "sources":
        TARGETS[path.parent.name].run(data)
    else:
        for number in range(len(SOURCES)):
            read_with(data, path.name, number)


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)
def test_every_target_holds_on_its_own_seeds(target: Target) -> None:
    for seed in target.seeds()[::10]:
        target.run(seed)
