"""One record that fails again and again is told from a busy one, a status code and a change of form that breaks all."""

from __future__ import annotations

import pytest

from afteraction.evidence.callgraph import CallGraph
from afteraction.evidence.poison import bad_record
from afteraction.evidence.records import Record
from afteraction.evidence.seen import Seen
from afteraction.evidence.weights import WEIGHTS
from afteraction.model.origin import Origin

SEEN = Seen(
    onset=1000.0, slack=1.0, blamed=(), signals=(), texts=(), alerts=(), precursors=(), graph=CallGraph(), services=frozenset({"eater"}),
)  # fmt: skip


def said(at: float, level: str, text: str) -> Record:
    return Record(
        at=at, service="eater", level=level, text=text, trace="", origin=Origin(file="eater.log", line=int(at))
    )


def failing(text: str, times: int = 12) -> list[Record]:
    return [said(1000.0 + i, "ERROR", text.replace("#", str(55000 + 7 * i))) for i in range(times)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("failed to unmarshal message offset=883120 partition=4: invalid character", "883120"),
        ("worker crashed on delivery tag 77120: codec can't decode byte 0xff in position 212", "77120"),
        ("parcel P-5583921 is malformed", "P-5583921"),
        ("message 8f21c7d0-55aa-4be2-9c1e-7b2f0a9d4411: zip file is corrupt", "8f21c7d0-55aa-4be2-9c1e-7b2f0a9d4411"),
        ("giving up on message 551902 for now", "551902"),
    ],
)
def test_the_record_that_fails_again_and_again_is_named(text: str, name: str) -> None:
    found = bad_record(SEEN, failing(text), WEIGHTS)

    assert found is not None
    assert found.ref == f"external/record-{name}"


@pytest.mark.parametrize(
    "text",
    [
        "POST https://api.provider.example/v2/messages: 500 Internal Server Error",
        "failed to decode message offset=#: unknown field",
        "cannot parse reply of ledger:50051 after 30000ms",
        "order of customer_id 55121 was refused",
    ],
)
def test_a_status_a_port_and_records_that_all_differ_are_no_bad_record(text: str) -> None:
    assert bad_record(SEEN, failing(text), WEIGHTS) is None


def test_a_record_that_was_spoken_of_before_anything_failed_is_busy_and_not_bad() -> None:
    before = [said(900.0 + i, "INFO", "message 551902 moved on") for i in range(20)]

    assert bad_record(SEEN, [*before, *failing("giving up on message 551902 for now")], WEIGHTS) is None
