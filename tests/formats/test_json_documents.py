from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from afteraction.formats.json_documents import read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.lists(VALUES, max_size=3) | st.dictionaries(st.text(max_size=4), VALUES, max_size=3)


@given(st.lists(DOCUMENTS, max_size=5), st.sampled_from([None, 1]))
def test_documents_one_after_the_other_come_back_whole(values: list[object], indent: int | None) -> None:
    records, problems = read_json("\n".join(json.dumps(value, indent=indent) for value in values), "f")
    assert [record.value for record in records] == values
    assert all(record.whole for record in records)
    assert problems == []


@given(st.lists(DOCUMENTS, min_size=1, max_size=4), st.integers(0, 3))
def test_a_broken_line_costs_only_itself(values: list[object], at: int) -> None:
    lines = [json.dumps(value) for value in values]
    lines.insert(min(at, len(lines)), '{"broken": ')
    records, problems = read_json("\n".join(lines), "f")
    assert [record.value for record in records if record.whole] == values
    assert [problem.origin.line for problem in problems] == [min(at, len(values)) + 1]


@given(DOCUMENTS, st.data())
def test_a_document_that_breaks_off_is_a_problem_and_never_an_exception(value: object, data: st.DataObject) -> None:
    text = json.dumps(value)
    cut = data.draw(st.integers(0, len(text) - 1))
    records, problems = read_json(text[:cut], "f")
    assert not any(record.whole for record in records)
    assert bool(problems) == (cut > 0)


def test_hostile_documents_end_in_problems() -> None:
    for text in (
        "[" * 100_000,
        '{"a":' * 5_000,
        '{"a":' + "9" * 5_000 + "}",
        '"text"',
        "\x00\x01",
        '{"a":"' + '\\"' * 50_000,
    ):
        records, problems = read_json(text, "f")
        assert problems
        assert not any(record.whole for record in records)
