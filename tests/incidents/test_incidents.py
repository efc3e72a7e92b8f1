"""Whole incidents: raw material in, the final Markdown out, compared with what was read and approved by a person."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from afteraction.assembly import new_masker, read_paths
from afteraction.markdown import parse, render
from afteraction.model.settings import Settings
from afteraction.usecases.draft import Drafted, draft_incident

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
CASES = {"gameday": EXAMPLES / "gameday" / "recorded", "frozen-incident": EXAMPLES / "frozen-incident" / "material"}


def drafted(folder: Path) -> Drafted:
    masker = new_masker()
    material = read_paths([folder], settings=Settings(), masker=masker, progress=lambda _: None)
    return draft_incident(material, settings=Settings(), masker=masker, progress=lambda _: None)


@pytest.fixture(scope="module", params=sorted(CASES))
def incident(request: pytest.FixtureRequest) -> tuple[str, Drafted]:
    return request.param, drafted(CASES[request.param])


def test_the_document_is_the_approved_one(incident: tuple[str, Drafted], request: pytest.FixtureRequest) -> None:
    name, found = incident
    approved = HERE / name / "expected.md"
    if request.config.getoption("--update-golden"):
        approved.write_text(found.document, encoding="utf-8")
    assert found.document == approved.read_text(encoding="utf-8")


def test_the_document_parses_to_the_post_mortem_that_it_was_made_from(incident: tuple[str, Drafted]) -> None:
    _, found = incident
    assert parse(found.document).post_mortem == found.draft.post_mortem
    assert render(parse(found.document).post_mortem) == found.document


def test_a_second_draft_is_the_same_byte_for_byte(incident: tuple[str, Drafted]) -> None:
    name, found = incident
    assert drafted(CASES[name]).document == found.document


def test_every_citation_leads_to_an_entry_and_every_entry_is_cited(incident: tuple[str, Drafted]) -> None:
    _, found = incident
    body = found.document
    for entry in found.draft.post_mortem.ledger:
        assert f"[^{entry.id}]" in body.split(f"[^{entry.id}]: ")[0], f"{entry.id} is cited nowhere"


def test_the_milestones_of_the_game_day_are_where_they_really_were() -> None:
    truth = tomllib.loads((EXAMPLES / "gameday" / "truth.toml").read_text(encoding="utf-8"))
    stated = {name: expected for name, expected in truth["milestones"].items() if "at" in expected}
    found = {str(m.name): m.at for m in drafted(CASES["gameday"]).case.timeline.milestones}
    assert set(found) == set(stated)
    for name, at in found.items():
        off = abs((at - datetime.fromisoformat(stated[name]["at"])).total_seconds())
        assert off <= stated[name]["tolerance_seconds"], f"{name} is {off} s off"


def test_the_culprit_of_each_example_is_the_first_suspect_and_no_innocent_change_is() -> None:
    for name, folder in CASES.items():
        truth = tomllib.loads((EXAMPLES / name / "truth.toml").read_text(encoding="utf-8"))
        suspects = drafted(folder).case.investigation.suspects
        assert suspects[0].ref == truth["culprit"]
