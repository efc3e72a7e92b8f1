from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from samples import EXPECTED, ROOT, Case, cases
from written import written

from afteraction.model.reading import Context
from afteraction.sources import SOURCES

CASES = cases()
BY_NAME = {source.name: source for source in SOURCES}
ACCOMPANYING = {"README.md", "LICENSE", "name.txt", EXPECTED}


def read_lines(case: Case) -> list[str]:
    """Read a case with the source that its folder names; further files of a folder go to whoever claims them."""
    lines: list[str] = []
    for raw in case.raws():
        source = BY_NAME[case.source]
        if not source.claims(raw):
            source = next(other for other in SOURCES if other.claims(raw))
        lines += written(raw.name, source.name, source.read(raw, Context()))
    return lines


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_source_reads_its_sample_as_written_down(case: Case, request: pytest.FixtureRequest) -> None:
    assert case.source in BY_NAME, f"no source is called {case.source}"
    lines = read_lines(case)
    if request.config.getoption("--update-golden"):
        case.expected.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert case.expected.exists(), "run pytest with --update-golden, then read what it wrote"
    assert lines == case.expected.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_named_source_claims_a_file_of_its_case(case: Case) -> None:
    assert any(BY_NAME[case.source].claims(raw) for raw in case.raws())


def test_every_source_has_a_sample() -> None:
    missing = {source.name for source in SOURCES} - {case.source for case in CASES}
    assert not missing, f"no folder under tests/sources for {sorted(missing)}"


def test_no_file_among_the_cases_lies_unused() -> None:
    unused = [
        path.relative_to(ROOT)
        for path in ROOT.glob("*/**/*")
        if path.is_file() and "__pycache__" not in path.parts and not _used(path)
    ]
    assert not unused


def _used(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    if len(parts) == 2:
        return parts[1] in {"README.md", "LICENSE"}
    name = parts[2]
    return name in ACCOMPANYING or name == "input" or (len(parts) == 3 and name.startswith(("input.", "beside.")))
