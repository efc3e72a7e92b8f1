from __future__ import annotations

import pkgutil
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from samples import cases, raw_of

import afteraction.sources
from afteraction.model.reading import Context, RawInput, Reading, Source
from afteraction.sources import SOURCES

SAMPLES: list[tuple[str, RawInput]] = [(case.id, raw) for case in cases() for raw in case.raws()]
IDS = [f"{case}:{raw.name}" for case, raw in SAMPLES]
SMALL = 20_000
"""Longer samples are mutated by their first bytes: the tail only repeats their shapes."""


def check(reading: Reading, raw: RawInput) -> None:
    """What holds for everything that any source reads, from good input and from bad."""
    for event in reading.events:
        assert event.at.tzinfo is not None
        for origin in (event.origin, *event.also):
            assert origin.file == raw.name
            assert origin.line is not None or origin.record is not None
        assert event.source
    for statement in reading.statements:
        assert statement.origin.file == raw.name
        assert statement.value.strip()
        assert statement.at is None or statement.at.tzinfo is not None
    for problem in reading.problems:
        assert problem.origin.file == raw.name
        assert problem.reason
    for series in reading.series:
        assert series.times.shape == series.values.shape


@pytest.mark.parametrize(("case", "raw"), SAMPLES, ids=IDS)
def test_exactly_one_source_claims_each_sample(case: str, raw: RawInput) -> None:
    claiming = [source.name for source in SOURCES if source.claims(raw)]
    assert len(claiming) == 1, f"{raw.name} of {case} is claimed by {claiming}"


@pytest.mark.parametrize("raw", [raw for _, raw in SAMPLES], ids=IDS)
def test_reading_twice_gives_the_same_and_every_fact_has_its_place(raw: RawInput) -> None:
    source = next(source for source in SOURCES if source.claims(raw))
    reading = source.read(raw, Context())
    check(reading, raw)
    again = source.read(raw, Context())
    assert reading.events == again.events
    assert reading.statements == again.statements
    assert reading.problems == again.problems


def test_every_module_of_the_folder_is_listed() -> None:
    modules = {f"afteraction.sources.{m.name}" for m in pkgutil.iter_modules(afteraction.sources.__path__)}
    assert modules == {type(source).__module__ for source in SOURCES}


def test_names_are_unique_and_every_source_says_what_it_reads() -> None:
    assert len({source.name for source in SOURCES}) == len(SOURCES)
    assert all(source.name and 20 <= len(source.summary) <= 160 and "\n" not in source.summary for source in SOURCES)


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\x00", b"{", b"[", b"[]", b"{}", b"null", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\r\r"]
)
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_next_to_nothing_raises_nothing(source: Source, data: bytes) -> None:
    raw = raw_of(data, "empty.json")
    source.claims(raw)
    check(source.read(raw, Context()), raw)


HOSTILE_TOKENS = [
    b"null", b"[]", b"{}", b"-1", b"1e999", b"NaN", b"99999999999999999999999999", b'"\\ud800"', b'""', b"true",
    b'"9999-99-99T99:99:99Z"', b"0001-01-01T00:00:00Z", b"\x00", b"\xff", b"\r", b"\n\n", b"[[[[[[[[", b'"', b"\x1b[999999999C",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A sample cut short, with bytes exchanged, a stretch doubled or dropped, or a value replaced by a hostile one."""
    _, raw = draw(st.sampled_from(SAMPLES))
    data = bytearray(raw.read()[:SMALL])
    for _ in range(draw(st.integers(1, 4))):
        if not data:
            break
        at = draw(st.integers(0, len(data) - 1))
        match draw(st.sampled_from(["cut", "byte", "double", "drop", "token", "value"])):
            case "cut":
                del data[at:]
            case "byte":
                data[at] = draw(st.integers(0, 255))
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 300))]
            case "drop":
                del data[at : at + draw(st.integers(1, 300))]
            case "token":
                data[at:at] = draw(st.sampled_from(HOSTILE_TOKENS))
            case "value":
                colon = data.find(b":", at)
                end = min((p for p in (data.find(b",", colon), data.find(b"\n", colon)) if p > 0), default=-1)
                if 0 < colon < end:
                    data[colon + 1 : end] = draw(st.sampled_from(HOSTILE_TOKENS))
    return raw.name, bytes(data)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(mutated())
def test_torn_and_mutated_input_gives_problems_never_an_exception(sample: tuple[str, bytes]) -> None:
    name, data = sample
    raw = raw_of(data, name)
    for source in SOURCES:
        if source.claims(raw):
            check(source.read(raw, Context()), raw)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(mutated(), st.sampled_from(SOURCES))
def test_a_source_that_is_given_what_it_did_not_claim_raises_nothing(sample: tuple[str, bytes], source: Source) -> None:
    name, data = sample
    raw = raw_of(data, name)
    check(source.read(raw, Context()), raw)
