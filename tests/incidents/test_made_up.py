"""Incidents that were made up, with what their material supports: every field is filled and right, none is invented."""

from __future__ import annotations

import re
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from afteraction.assembly import new_masker, read_paths
from afteraction.markdown import parse, render
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.gaps import gaps
from afteraction.model.settings import Settings
from afteraction.usecases.draft import Drafted, draft_incident

HERE = Path(__file__).resolve().parent / "made-up"
sys.path.insert(0, str(HERE.parents[2] / "bench"))

from score_drafts import text_of  # noqa: E402  the bench is no package

CASES = sorted(path.name for path in HERE.iterdir() if path.is_dir())
COMPUTED = {
    "summary.incident_id", "summary.date", "summary.duration", "footer.next_review",
    "metrics.response.time_to_detection", "metrics.response.time_to_investigation", "metrics.response.time_to_resolution",
    *(f"followup.reviews[{n}]" for n in range(4)),
}  # fmt: skip
"""Fields that follow from the milestones, which are judged themselves."""


def truth_of(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name / "truth.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=CASES)
def incident(request: pytest.FixtureRequest) -> tuple[str, Drafted]:
    masker = new_masker()
    folder = HERE / request.param / "material"
    material = read_paths([folder], settings=Settings(), masker=masker, progress=lambda _: None)
    return request.param, draft_incident(material, settings=Settings(), masker=masker, progress=lambda _: None)


def test_the_document_is_the_approved_one(incident: tuple[str, Drafted], request: pytest.FixtureRequest) -> None:
    name, found = incident
    approved = HERE / name / "expected.md"
    if request.config.getoption("--update-golden"):
        approved.write_text(found.document, encoding="utf-8")
    assert found.document == approved.read_text(encoding="utf-8")
    assert render(parse(found.document).post_mortem) == found.document


def test_the_milestones_are_where_the_material_puts_them(incident: tuple[str, Drafted]) -> None:
    name, found = incident
    labels = truth_of(name)["milestones"]
    known = {str(m.name): m.at for m in found.case.timeline.milestones}
    assert not set(known) - set(labels), "a milestone that the material does not support"
    for milestone, label in labels.items():
        if milestone not in known:
            assert label.get("optional") or label.get("missed"), f"{milestone} is missing"
            continue
        off = abs((known[milestone] - datetime.fromisoformat(label["at"])).total_seconds())
        assert (off <= label["tol"]) != label.get("wrong", False), f"{milestone} is {off} s off"
        assert not label.get("missed"), f"{milestone} is no longer missed"


def test_every_supported_field_is_right_and_no_other_is_filled(incident: tuple[str, Drafted]) -> None:
    name, found = incident
    labels = truth_of(name)["fields"]
    texts = {gap.field: text_of(found.draft.post_mortem, gap.field) for gap in gaps(PostMortem())}
    groups = {field[:-1] for field in labels if field.endswith(".*")}
    for field in texts.keys() - COMPUTED - labels.keys():
        if not field.startswith(("timeline.", *groups)):
            assert not texts[field], f"{field} is not supported"
    for field, label in labels.items():
        told = [text for known, text in texts.items() if known == field or known.startswith(field.removesuffix("*"))]
        text = texts.get(field, "\n".join(told))
        stands = next((word for word in ("missed", "wrong") if label.get(word)), "right")
        assert verdict(label, text) == stands, f"{field}: {text!r}"


def verdict(label: dict[str, Any], text: str) -> str:
    low = " ".join(text.lower().split())
    if not low:
        return "right" if label.get("optional") else "missed"
    right = all(phrase.lower() in low for phrase in label.get("contains", []))
    right = right and (not label.get("any") or any(phrase.lower() in low for phrase in label["any"]))
    right = right and not any(phrase.lower() in low for phrase in label.get("excludes", []))
    right = right and (not label.get("matches") or re.search(label["matches"], text) is not None)
    return "right" if right else "wrong"
