"""The JSON form comes back as it went, and its schema says what it is."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from afteraction.errors import BadDocument
from afteraction.export.post_mortem_json import from_json, schema, to_json
from afteraction.markdown import parse
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.gaps import gaps
from afteraction.model.postmortem.summary import Summary
from afteraction.model.postmortem.value import Value

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "docs" / "reference" / "post-mortem.schema.json"
_spec = importlib.util.spec_from_file_location("strategies", ROOT / "tests" / "markdown" / "strategies.py")
assert _spec is not None
assert _spec.loader is not None
strategies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(strategies)


@given(strategies.post_mortems)
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
def test_every_post_mortem_comes_back_from_json_and_fits_the_schema(pm: PostMortem) -> None:
    text = to_json(pm)
    assert from_json(text) == pm
    jsonschema.Draft202012Validator(schema()).validate(json.loads(text))


def test_the_published_schema_is_the_one_that_the_model_makes() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == schema(), "run docs/make_reference.py"


DOCUMENTS = [
    *(ROOT / "tests" / "markdown" / "identity").glob("*.md"),
    *(ROOT / "tests" / "incidents").glob("*/expected.md"),
]


@pytest.mark.parametrize("path", sorted(DOCUMENTS), ids=lambda path: "-".join(path.parts[-2:]))
def test_the_empty_the_filled_and_the_drafted_documents_fit_the_published_schema(path: Path) -> None:
    text = to_json(parse(path.read_text(encoding="utf-8")).post_mortem)
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(published).validate(json.loads(text))


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_fields_that_are_left_out_are_blank() -> None:
    pm = from_json('{"summary": {"title": {"text": "Checkout failed"}}}')
    assert pm == PostMortem(summary=Summary(title=Value(text="Checkout failed")))


def test_every_part_of_the_schema_refuses_unknown_keys() -> None:
    made = schema()
    parts = [made, *(part for part in made["$defs"].values() if part["type"] == "object")]
    assert len(parts) > 35
    assert all(part["additionalProperties"] is False for part in parts)


def test_the_descriptions_are_the_questions_of_the_gaps() -> None:
    made = json.dumps(schema(), ensure_ascii=False)
    asked = [gap for gap in gaps(PostMortem()) if gap.field.startswith(("summary.", "impact.", "lessons.", "metrics."))]
    assert len(asked) > 40
    assert all(json.dumps(gap.question, ensure_ascii=False)[1:-1] in made for gap in asked)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nope", "no JSON"),
        ('{"a":' * 5000, "no JSON"),
        ("[]", "document"),
        ('{"titel": 1}', "titel"),
        ('{"summary": {"titel": null}}', "summary.titel"),
        ('{"timeline": {"discovery": [{"who": "me"}]}}', "timeline.discovery.0.who"),
        ('{"summary": {"title": {"text": " "}}}', "summary.title"),
        ('{"summary": {"title": {"text": "x", "basis": "guessed"}}}', "summary.title.basis"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(BadDocument, match=told):
        from_json(text)
