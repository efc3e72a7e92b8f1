"""Whatever happens to a file on its way (cut, doubled, another encoding, NULs, hostile values), it is read without an exception."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from targets import TARGETS, draft_of, packed, pages, read_with, samples  # noqa: E402  (the folder is no package)

SAMPLES = samples()
PAGES = list(pages())
PACKED = list(packed({"a/log.txt": b"2026-01-01T00:00:00Z ERROR it fell\n" * 30, "b.json": b'[{"ts": 1}]'}).values())
LONGEST = 6_000
STAMPS = [
    b"9999-12-31T23:59:59Z", b"0001-01-01T00:00:00+23:59", b"2026-02-30T25:61:61Z", b"1e308", b"-1", b"99999999999999999999",
    b"2026-03-29T02:30:00 Europe/Berlin", b"2026-01-01T00:00:60Z", b"NaN", b"Infinity", b"24:00:00", b"0", b"1969-12-31T23:59:59Z",
]  # fmt: skip
TOKENS = [
    b"null", b"[]", b"{}", b'"\\ud800"', b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\r\r\n", b"\x1b[2J\x1b[999999999C", b"[" * 300,
    b'{"a":' * 300, b"<" * 300, b"`" * 300, b"|" * 300, b"\xe2\x80\xae", b"\xf0\x9f\x92\xa5", b"\\" * 300, b"%s%n", b"\x85\xe2\x80\xa8", b"0x1p9999",
]  # fmt: skip

unhurried = settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def reencoded(data: bytes, way: str) -> bytes:
    text = data.decode("utf-8", "replace")
    match way:
        case "cr":
            return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r")
        case "crlf":
            return data.replace(b"\n", b"\r\n")
        case "bom":
            return b"\xef\xbb\xbf" + data
        case "mixed":
            return text[: len(text) // 2].encode() + text[len(text) // 2 :].encode("utf-16-le")
        case _:
            return text.encode(way, "replace")


def stamped(data: bytes, at: int, stamp: bytes) -> bytes:
    """Put a hostile time in the place of what stands there up to the next mark."""
    end = min((p for p in (data.find(c, at) for c in (b'"', b",", b"\n", b" ")) if p > at), default=at)
    return data[:at] + stamp + data[end:]


EDITS = {
    "cut": lambda data, at, _size, _pick: data[:at],
    "flip": lambda data, at, size, _pick: data[:at] + bytes(byte ^ 1 << size % 8 for byte in data[at : at + 1]) + data[at + 1 :],
    "double": lambda data, at, size, _pick: data[: at + size] + data[at:],
    "drop": lambda data, at, size, _pick: data[:at] + data[at + size :],
    "token": lambda data, at, _size, pick: data[:at] + TOKENS[pick % len(TOKENS)] + data[at:],
    "stamp": lambda data, at, _size, pick: stamped(data, at, STAMPS[pick % len(STAMPS)]),
    "nuls": lambda data, at, _size, _pick: data[:at] + b"\0" * 8 + data[at + 8 :],
    "whole": lambda data, _at, _size, _pick: data + data,
}  # fmt: skip
WAYS = ["cr", "crlf", "bom", "mixed", "utf-16", "utf-32", "latin-1", "cp037"]


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    if draw(st.integers(0, 3)) == 0:
        data = reencoded(data, draw(st.sampled_from(WAYS)))
    data = data[:LONGEST]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        edit = EDITS[draw(st.sampled_from(sorted(EDITS)))]
        data = edit(data, at, draw(st.integers(1, 500)), draw(st.integers(0, 99)))
    return data


@unhurried
@given(st.data())
def test_a_mutated_sample_is_read_without_an_exception(data: st.DataObject) -> None:
    name, sample = data.draw(st.sampled_from(SAMPLES))
    read_with(data.draw(mutated(sample)), name, data.draw(st.integers(0, 99)))


@pytest.mark.parametrize("way", WAYS)
def test_every_sample_is_read_in_every_encoding_and_with_every_line_end(way: str) -> None:
    for name, sample in SAMPLES:
        read_with(reencoded(sample[:LONGEST], way), name)


@pytest.mark.parametrize("part", [0, 1, 2, 3, 5, 7])
def test_every_sample_is_read_when_it_is_cut_off(part: int) -> None:
    for name, sample in SAMPLES:
        read_with(sample[: len(sample) * part // 8], name)


@settings(unhurried, max_examples=150)
@given(st.data())
def test_a_mutated_sample_is_drafted_without_an_exception(data: st.DataObject) -> None:
    name, sample = data.draw(st.sampled_from(SAMPLES))
    draft_of(data.draw(mutated(sample)), name)


@unhurried
@given(st.data())
def test_a_mutated_archive_is_opened_without_an_exception(data: st.DataObject) -> None:
    TARGETS["archives"].run(data.draw(mutated(data.draw(st.sampled_from(PACKED)))))


@settings(unhurried, max_examples=60)
@given(st.data())
def test_a_mutated_page_is_parsed_checked_and_rendered_to_itself(data: st.DataObject) -> None:
    page = data.draw(st.sampled_from(PAGES))
    start = data.draw(st.integers(0, max(0, len(page) - 1)))
    TARGETS["markdown"].run(data.draw(mutated(page[start : start + 1_500])))


@settings(unhurried, max_examples=80)
@given(st.data())
def test_a_mutated_page_or_record_is_imported_without_an_exception(data: st.DataObject) -> None:
    seeds = data.draw(st.sampled_from(TARGETS["rescue"].seeds()))
    TARGETS["rescue"].run(data.draw(mutated(seeds[:3_000])))


@unhurried
@given(st.data())
def test_a_mutated_session_is_judged_and_masked_without_an_exception(data: st.DataObject) -> None:
    TARGETS["commands"].run(data.draw(mutated(data.draw(st.sampled_from(TARGETS["commands"].seeds())))))
