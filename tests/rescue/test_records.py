"""Records of incident management systems: each value of a record is in its document, and the known ones in our fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.formats.archived_incidents import archived_incidents, holds_archived_incident, outside
from afteraction.formats.html_text import markdown_of
from afteraction.formats.rich_text import is_rich_text, rich_text_to_markdown
from afteraction.markdown import render
from afteraction.model.postmortem.value import Value
from afteraction.rescue import KEPT, Rescued, rescue_record

CASES = Path(__file__).parents[1] / "sources" / "incident-archive"
NAMES = sorted(case.name for case in CASES.iterdir() if (case / "input.json").exists() and case.name != "damaged")


def load(name: str) -> Any:
    return json.loads((CASES / name / "input.json").read_text(encoding="utf-8"))


def rescued(name: str) -> list[Rescued]:
    return [rescue_record(incident, "input.json") for incident in archived_incidents(load(name))]


def text(value: Value | None) -> str:
    assert value is not None
    return value.text


def words(said: str) -> str:
    return " ".join(["", *re.findall(r"[^\W_]+", said.lower()), ""])


_IS_TIME = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:|^\d{10}$")


def leaves(value: Any) -> Iterator[str]:
    """Every text and number but times, which are shown in another way; a text with marks by its lines."""
    if is_rich_text(value):
        yield from rich_text_to_markdown(value).splitlines()
    elif isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and not _IS_TIME.match(str(value)):
        yield from markdown_of(str(value)).splitlines()


AROUND = {"took", "requestId", "paging", "pagination", "itemsPerPage", "page", "total"}
"""What an answer of an API holds around its records."""


@pytest.mark.parametrize("name", NAMES)
def test_every_value_of_a_record_is_in_its_document(name: str) -> None:
    value = load(name)
    if name == "incident-io":
        value["follow_ups"] = [item for item in value["follow_ups"] if item["id"] != "01R"]  # of another incident
    documents = words(" ".join(render(found.post_mortem) for found in rescued(name)))
    asked = {one.what for found in rescued(name) for one in found.placements if one.field != KEPT}
    inside = {key: item for key, item in value.items() if key not in AROUND} if isinstance(value, dict) else value
    headings_and_tables = re.compile(r"^#|^\|")
    missing = [leaf for leaf in leaves(inside) if words(leaf) not in documents and not headings_and_tables.match(leaf)]
    assert not set(missing) - asked, "what is no question or role that became a field must be in the document"


def test_a_post_mortem_of_opsgenie_is_read_from_its_rich_text() -> None:
    (found,) = rescued("opsgenie-postmortem")
    pm = found.post_mortem
    assert text(pm.summary.title) == "Orders could not be paid"
    assert text(pm.summary.severity) == "P1"
    assert "**too small**" in text(pm.executive_summary.what_happened)
    assert "[the change](https://git.example/pay/41)" in text(pm.root_cause.primary)
    assert [(one.text, one.done) for one in pm.actions.short_term] == [
        ("Alert on a pool above 80 % @bo", False),
        ("Roll back release 41", True),
    ]
    assert found.rows == 8
    assert any("It rained" in extra.text for extra in pm.extras)


def test_an_archive_of_many_gives_one_for_each() -> None:
    assert [text(found.post_mortem.summary.title) for found in rescued("opsgenie-incidents")] == [
        "Mail is delayed",
        "Search returns nothing",
    ]


def test_an_incident_of_dispatch_fills_our_fields() -> None:
    (found,) = rescued("dispatch")
    pm = found.post_mortem
    assert text(pm.executive_summary.resolution) == "The proxy's limit was raised again."
    assert text(pm.appendix.team.incident_commander) == "Cleo Diaz"
    (item,) = pm.actions.short_term
    assert (item.text, item.owner, item.due) == ("Test uploads of 50 MB before each release", "Eve Fors", "2026-02-01")


def test_an_event_of_morgue_gives_its_epoch_times_and_its_surprise() -> None:
    (found,) = rescued("morgue")
    pm = found.post_mortem
    assert text(pm.summary.date) == "2026-01-05"
    assert "Nobody knew" in text(pm.root_cause.primary)
    assert text(pm.executive_summary.what_happened) == "A bad certificate was deployed.\n\nIt was replaced by hand."
    assert [(one.text, one.owner, one.ticket) for one in pm.actions.short_term] == [
        ("Retire the old host", "frank", "OPS-7")
    ]


def test_lists_beside_an_incident_are_read_with_it_and_strangers_are_told() -> None:
    (found,) = rescued("incident-io")
    pm = found.post_mortem
    assert text(pm.summary.incident_id) == "INC-123"
    assert text(pm.appendix.team.scribe) == "Hugo Ivers"
    assert text(pm.executive_summary.impact.services_affected) == "database, reports"
    assert [(one.text, one.owner, one.ticket, one.done) for one in pm.actions.short_term] == [
        ("Raise the limit of the disk", "Gina Holm", "DB-9", False),
        ("Delete old reports", "", "", True),
    ]
    assert outside(load("incident-io")) == ["follow_ups[2]"]


def test_a_record_of_rootly_is_read_with_its_retrospective() -> None:
    (found,) = rescued("rootly")
    pm = found.post_mortem
    assert text(pm.summary.severity) == "SEV1"
    assert text(pm.root_cause.primary) == "Migration without a dry run"
    assert text(pm.impact.business.customer_impact) == "312 customers got empty files."
    assert [(one.label, text(one.value)) for one in pm.lessons.went_wrong.more] == [
        ("Testing", "the migration was tested on an empty table."),
    ]
    assert [(one.owner, one.due) for one in pm.actions.short_term] == [("Ida Jonas", "2026-06-01")]


def test_questions_of_firehydrant_are_headings() -> None:
    (found,) = rescued("firehydrant")
    pm = found.post_mortem
    assert text(pm.root_cause.factors[0].description) == "The replica was built without the index."
    assert [text(one.value) for one in pm.lessons.went_well.more] == ["The graph told us at once."]
    assert text(pm.appendix.team.incident_commander) == "Kim Lind"


_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.just("2026-03-04T09:12:00Z")
)
_KEYS = st.sampled_from(
    ["id", "title", "name", "summary", "status", "severity", "started_at", "resolved_at", "attributes", "data", "events", "timeline",
     "action_items", "incident_roles", "post_mortem", "content", "type", "user", "role", "value", "questions", "body"]
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_KEYS, inner, max_size=5)),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(_KEYS, _VALUES, max_size=8))
def test_any_record_gives_documents_never_an_exception(value: dict[str, Any]) -> None:
    value |= {"title": "Something broke", "incident_status": "closed", "mitigated_at": "2026-03-04T10:00:00Z"}
    assert holds_archived_incident(value) or "attributes" in value  # which may take the title away
    for incident in archived_incidents(value):
        assert render(rescue_record(incident, "a.json").post_mortem)
