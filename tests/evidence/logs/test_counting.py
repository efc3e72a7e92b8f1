from __future__ import annotations

import itertools
from functools import partial
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.evidence.logs import kernel
from afteraction.evidence.logs.counting import GIANT, count
from afteraction.evidence.logs.counts import UNSTAMPED, Counts, Limits, merge_all
from afteraction.evidence.logs.fallback import Fallback
from afteraction.evidence.logs.kernel import Kernel
from afteraction.evidence.logs.masking import HEAD, cut_words, mask_line, mask_lines
from afteraction.evidence.logs.stretch import LineCounter, stamp_rule
from afteraction.formats.stamps import Layout, detect
from afteraction.model.log import LogFile, LogShape

needs_kernel = pytest.mark.skipif(kernel.library() is None, reason="the C kernel was not built here")

PIECES = (
    b"a", b"7", b".", b"..", b"-", b"_", b"\x00", b"\r", b"\n", b"\r\n", b" ", b"#", b"\xff\xc3", b"status=500 ", b"Code: 404",
    b'" 200 ', b"exit code 137\n", b"x" * 70, b"0x1f", b"beef12", b"\t", b'"', b"=", b"word ", b"503", b'STATUS":"503',
)  # fmt: skip
STAMPED = st.builds(
    lambda minute, second, rest: b"2024-12-03 10:%02d:%02d %s\n" % (minute, second, rest),
    st.integers(0, 99),
    st.integers(0, 59),
    st.sampled_from([b"INFO up", b"ERROR down 12", b"WARN x"]),
)
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), STAMPED, st.binary(max_size=12)), max_size=60).map(b"".join)
LAYOUT = detect(["2024-12-03 10:00:00 INFO up", "2024-12-03 10:01:00 INFO up"])
WANDERING = detect([f'{{"a":"{"x" * n}","ts":"2024-12-03T10:0{n}:00Z"}}' for n in range(5)])
EPOCH = detect(["1733216707 a", "1733216777 b"])
SMALL = Limits(keys=6, key_bytes=200, minutes=4)


def log(data: bytes) -> LogFile:
    return LogFile(name="x.log", open=partial(BytesIO, data), shape=LogShape.PLAIN, size=len(data))


def counted(data: bytes, layout: Layout | None, counter: type[LineCounter], limits: Limits, cuts: list[int]) -> Counts:
    """Count `data` fed in pieces that end at `cuts`, as a reader of blocks would feed it."""
    lines = counter(stamp_rule(layout), limits)  # type: ignore[call-arg]
    carry, edges = b"", [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        offered = carry + data[start:end]
        carry = offered[lines.feed(offered, final=False) :]
    if carry:
        lines.feed(carry, final=True)
    return lines.result()


CUTS = st.lists(st.integers(0, 300), max_size=4)
LAYOUTS = st.sampled_from([None, LAYOUT, WANDERING, EPOCH])
LIMITS = st.sampled_from([Limits(), SMALL])


@needs_kernel
@settings(max_examples=400)
@given(HOSTILE, LAYOUTS, LIMITS, CUTS, CUTS)
def test_kernel_and_fallback_give_the_same_counts_however_they_are_fed(
    data: bytes, layout: Layout | None, limits: Limits, one: list[int], other: list[int]
) -> None:
    assert counted(data, layout, Kernel, limits, one) == counted(data, layout, Fallback, limits, other)


@needs_kernel
@settings(max_examples=100)
@given(HOSTILE, LAYOUTS, LIMITS)
def test_tables_that_fill_up_change_nothing(data: bytes, layout: Layout | None, limits: Limits) -> None:
    tiny = Kernel(stamp_rule(layout), limits, (3, 3, 3, 10_000))
    tiny.feed(data, final=True)
    often = Fallback(stamp_rule(layout), limits, drain=2)
    often.feed(data, final=True)
    assert tiny.result() == often.result() == counted(data, layout, Fallback, limits, [])


@settings(max_examples=200)
@given(HOSTILE, LAYOUTS, LIMITS, st.lists(st.integers(0, 30), max_size=3))
def test_counts_of_parts_merge_into_the_counts_of_the_whole(
    data: bytes, layout: Layout | None, limits: Limits, cuts: list[int]
) -> None:
    lines = data.splitlines(keepends=True)
    edges = [0, *sorted(min(cut, len(lines)) for cut in cuts), len(lines)]
    parts = [counted(b"".join(lines[a:b]), layout, Fallback, limits, []) for a, b in itertools.pairwise(edges)]
    assert merge_all(parts, limits) == counted(data, layout, Fallback, limits, [])


@given(HOSTILE)
def test_the_state_says_for_every_key_where_its_lines_stand(data: bytes) -> None:
    counts = counted(data, None, Fallback, Limits(), [])
    lines = data.splitlines()
    ends = data.splitlines(keepends=True)
    masked = [mask_line(line) for line in lines]
    assert (counts.lines, counts.size) == (len(lines), len(data))
    assert set(counts.keys) == set(masked)
    for cell in counts.cells:
        key = counts.keys[cell["key"]]
        assert cell["count"] == masked.count(key)
        assert cell["first"] == masked.index(key)
        assert cell["last"] == len(masked) - 1 - masked[::-1].index(key)
        assert cell["offset"] == sum(map(len, ends[: cell["first"]]))


@given(st.lists(HOSTILE.map(lambda text: text.replace(b"\n", b"").replace(b"\r", b"")[:HEAD]), min_size=1, max_size=8))
def test_the_fast_mask_is_the_readable_one(lines: list[bytes]) -> None:
    assert mask_lines(lines) == [mask_line(line) for line in lines]


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        (b"took 12ms at 10.0.0.1:8080", b"took # at #:#"),
        (b"blk_-1608999687919862906 terminating", b"# terminating"),
        (b"address parity check..0", b"address parity check..#"),
        (b'"GET /x HTTP/1.1" 503 99', b'"GET /x HTTP/#" 503 #'),
        (b'{"status":404,"took":404}', b'{"status":404,"took":#}'),
        (b"exit code 137", b"exit code 137"),
        (b"dead beef", b"dead beef"),
    ],
)
def test_a_token_with_a_digit_vanishes_whole_and_a_status_stays(line: bytes, masked: bytes) -> None:
    assert mask_line(line) == masked


def test_words_are_cut_before_the_next_word() -> None:
    assert cut_words(b"[a] # c: d", 2) == b"[a] # "
    assert cut_words(b"[a] # c: d", None) == b"[a] # c: d"


COUNTERS = [Fallback, pytest.param(Kernel, marks=needs_kernel)]


@pytest.mark.parametrize("counter", COUNTERS)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b""])
def test_a_giant_line_is_one_line_and_what_follows_keeps_its_place(counter: type[LineCounter], end: bytes) -> None:
    data = b"first\n" + b"x" * (3_000_000 + GIANT) + end + (b"last\nlast\n" if end else b"")
    counts = count(log(data), None, counter=lambda _: counter(None))  # type: ignore[call-arg]
    assert counts.size == len(data)
    assert counts.lines == (4 if end else 2)
    if end:
        cell = counts.cells[counts.keys.index(b"last")]
        assert (cell["first"], cell["offset"]) == (2, data.index(b"last"))


@pytest.mark.parametrize("counter", COUNTERS)
def test_lines_without_a_stamp_belong_to_the_minute_of_the_line_before(counter: type[LineCounter]) -> None:
    data = b"head\n2024-12-03 10:00:00 boom\n\tat a.b\n2024-12-03 10:01:00 ok\n"
    counts = counted(data, LAYOUT, counter, Limits(), [])
    minute = {counts.keys[cell["key"]]: int(cell["minute"]) for cell in counts.cells}
    assert minute[b"head"] == UNSTAMPED
    assert minute[b"\tat a.b"] == minute[b"# #:#:# boom"] == minute[b"# #:#:# ok"] - 1


def test_a_stretch_is_counted_from_its_own_beginning() -> None:
    data = b"one\ntwo\nthree\ntwo\n"
    counts = count(log(data), None, start=4, stop=14)
    assert (counts.lines, counts.size, counts.keys) == (2, 10, (b"two", b"three"))
