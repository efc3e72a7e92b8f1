"""The reference pages say what the program says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
assert _spec is not None
assert _spec.loader is not None
make_reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_reference)


@pytest.mark.parametrize("page", sorted(make_reference.PAGES))
def test_a_generated_page_is_up_to_date(page: str) -> None:
    written = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert written == make_reference.PAGES[page](), f"run .venv/bin/python docs/make_reference.py ({page} is stale)"


def test_the_samples_that_the_program_shows_are_up_to_date() -> None:
    shown = make_reference.SAMPLES_FILE.read_text(encoding="utf-8")
    assert shown == make_reference.written(), "run .venv/bin/python docs/make_reference.py (samples.json is stale)"


def test_every_source_has_a_sample_and_says_what_it_yields() -> None:
    shown = make_reference.samples()
    bare = [source.name for source in make_reference.SOURCES if not shown.get(source.name, {}).get("yields")]
    assert not bare, f"no case under tests/sources yields anything for {bare}"


def _links() -> list[tuple[Path, str]]:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    found = []
    for page in pages:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        found += [(page, target) for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)]
    return found


@pytest.mark.parametrize(("page", "target"), _links(), ids=lambda value: str(value).rsplit("/", 1)[-1])
def test_a_link_of_the_docs_leads_somewhere(page: Path, target: str) -> None:
    assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}, which is not there"
