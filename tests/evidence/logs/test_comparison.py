from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.evidence.logs import SignalKind, compare, excerpts, first_speakers, log_findings
from afteraction.evidence.logs.comparison import count_window
from afteraction.evidence.logs.reading import find_time, layout_of, lines_before, lines_from
from afteraction.model.finding import Window
from afteraction.model.log import LogFile, LogShape

START = datetime(2024, 12, 3, 10, 0, tzinfo=UTC)
STATEMENTS = (
    "user {} logged in",
    "sent {} bytes to queue",
    "cache miss for key {}",
    "job {} finished",
    "heartbeat {} ok",
    "page {} rendered",
)


def log(lines: list[str], name: str = "app.log", service: str = "") -> LogFile:
    data = "".join(f"{line}\n" for line in lines).encode()
    return LogFile(name=name, open=partial(BytesIO, data), shape=LogShape.PLAIN, service=service, year_hint=2024)


def usual(count: int, *, start: datetime = START, seed: int = 1) -> list[str]:
    rnd = random.Random(seed)
    return [
        f"{start + timedelta(seconds=number):%Y-%m-%d %H:%M:%S} INFO app: {rnd.choice(STATEMENTS).format(rnd.randrange(999))}"
        for number in range(count)
    ]


def with_lines(lines: list[str], at: int, more: list[str]) -> list[str]:
    stamp = lines[at][:19]
    return [*lines[:at], *(f"{stamp} {text}" for text in more), *lines[at:]]


def test_a_line_that_was_never_seen_comes_first() -> None:
    now = with_lines(usual(1000, seed=2), 500, ["WARN app: switching to read only mode"] * 3)
    signal = compare([log(now)], baseline=[log(usual(3000))]).signals[0]
    assert (signal.kind, signal.count, signal.before, signal.line) == (SignalKind.NEW, 3, 0, 500)


def test_a_pattern_gone_silent_and_a_burst_are_told() -> None:
    now = [line for line in usual(1000, seed=2) if "heartbeat" not in line]
    now = with_lines(now, 400, ["INFO app: cache miss for key 5"] * 900)
    found = compare([log(now)], baseline=[log(usual(4000))])
    kinds = {signal.pattern.template: signal.kind for signal in found.signals[:2]}
    assert kinds == {"heartbeat # ok": SignalKind.VANISHED, "cache miss for key #": SignalKind.RISING}


def test_a_quiet_stretch_has_no_findings() -> None:
    found = compare([log(usual(2000, seed=3))], baseline=[log(usual(4000))])
    assert log_findings(found) == ()


def test_a_window_is_compared_with_the_time_before_it_in_the_same_file() -> None:
    lines = with_lines(usual(3600), 3000, ["ERROR app: cannot reach the database"] * 40)
    window = Window(start=START + timedelta(seconds=2940), end=START + timedelta(seconds=3600))
    found = compare([log(lines)], window=window)
    assert found.signals[0].text == "cannot reach the database"
    assert found.signals[0].first_at == START + timedelta(seconds=3000)
    assert (found.lines, found.lines_before) == (700, 2940)


def test_lines_before_the_first_stamp_are_no_quiet_time() -> None:
    found = compare([log(["fetched by a tool", "with these options", *usual(300)])],
                    window=Window(start=START, end=START + timedelta(seconds=300)))  # fmt: skip
    assert (found.lines, found.has_baseline) == (302, False)


def test_one_pattern_is_shown_once_however_its_names_vary() -> None:
    rnd = random.Random(5)
    shops = ("payment", "inventory", "orders", "search")
    lines = [
        f"{START + timedelta(seconds=number):%Y-%m-%d %H:%M:%S} INFO {rnd.choice(shops)}-service - login failed - "
        f"User: user_{rnd.choice('abcdef')} - RequestID: {''.join(rnd.choices('abcdefghkmnp', k=9))}"
        for number in range(200)
    ]
    assert len(compare([log(lines)]).survey.patterns) == 1
    assert [len(e.text) for e in excerpts([log(sorted([*lines, *usual(200)]))], lines=12)] == [1]


def test_a_window_deep_in_a_file_is_entered_by_bisection_and_keeps_its_line_numbers() -> None:
    lines = with_lines(usual(40_000), 30_000, ["ERROR app: cannot reach the database"] * 5)
    window = Window(start=START + timedelta(seconds=29_900), end=START + timedelta(seconds=30_100))
    file = log(lines)
    counted = count_window(file, window)
    assert counted.counts.lines < 5000
    assert counted.start_line == lines_before(file, counted.start) > 20_000
    finding = log_findings(compare([file], window=window))[0]
    assert [origin.line for origin in finding.citations] == [30_001]
    assert finding.excerpt == (lines[30_000],)


@given(st.integers(0, 4000))
def test_bisection_finds_the_first_line_at_or_after_a_moment(seconds: int) -> None:
    lines = usual(3600)
    lines.insert(1800, "  a line without a stamp")
    file = log(lines)
    layout = layout_of(file)
    assert layout is not None
    offset = find_time(file, layout, START + timedelta(seconds=seconds))
    stamped = [f"{line}\n" for line in lines]
    number = sum(
        1 for line in lines if line[:19] < f"{START + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}" and line[0] == "2"
    )
    expected = "".join(stamped).encode()
    assert expected[offset:].split(b"\n")[0][:30] == (
        expected.split(b"\n")[number + (number > 1800)][:30] if number < 3600 else b""
    )


def test_a_stack_trace_stays_under_its_first_line() -> None:
    trace = ["java.lang.IllegalStateException: pool is empty", "\tat a.b.C.d(C.java:12)", "\tat a.b.E.f(E.java:9)"]
    lines = usual(600, seed=2)
    lines[300:300] = [f"{lines[300][:19]} ERROR app: order could not be saved", *trace]
    finding = log_findings(compare([log(lines)], baseline=[log(usual(3000))]))[0]
    assert (finding.citations[0].line, finding.citations[0].line_end) == (301, 304)
    assert finding.excerpt == tuple(lines[300:304])
    assert finding.rule == "log-new"


def test_who_speaks_first_is_found() -> None:
    quiet = [log(usual(2000), f"{name}.log", name) for name in ("a", "b")]
    late = with_lines(usual(2000, seed=2), 1500, ["ERROR app: upstream a failed"] * 9)
    early = with_lines(usual(2000, seed=3), 900, ["ERROR app: cannot open volume"] * 9)
    found = compare([log(late, "b.log", "b"), log(early, "a.log", "a")], baseline=quiet)
    assert [service for service, _ in first_speakers(found)] == ["a", "b"]


def test_excerpts_take_the_failing_block_and_leave_what_only_says_that_it_failed() -> None:
    lines = [f"ok package{n} done" for n in range(50)]
    lines += [
        "--- FAIL: TestSave",
        "    save_test.go:12: expected 3, got 4",
        "",
        "FAIL",
        "Process completed with exit code 1.",
    ]
    chosen = excerpts([log(lines)], [log([f"ok package{n} done" for n in range(60)])])
    assert [(one.line_start, one.line_end) for one in chosen] == [(51, 52)]
    assert [(one.line_start, one.line_end) for one in excerpts([log(lines)])] == [(51, 52)]


def test_lines_that_a_progress_bar_overwrites_are_not_worth_showing() -> None:
    data = b"start\n" + b"".join(b"error rate %d\r" % n for n in range(50)) + b"done\nError: disk is gone\n"
    file = LogFile(name="x", open=partial(BytesIO, data), shape=LogShape.PLAIN)
    assert [one.text for one in excerpts([file])] == [("Error: disk is gone",)]


@pytest.mark.parametrize("lines", [1, 10, 20])
def test_never_more_lines_than_asked_for(lines: int) -> None:
    body = [f"ERROR failure number {'abcdefgh'[n % 8]} in part {'xyz'[n % 3]}" for n in range(100)]
    chosen = excerpts([log(usual(100) + body)], lines=lines)
    assert 0 < sum(one.line_end - one.line_start + 1 for one in chosen) <= lines


PARTS = st.sampled_from(
    [
        b"ok\n",
        b"Error: boom 1\r\n",
        b"\tat x.y(Z.java:1)\n",
        b"\xff\xfe fail\r",
        b"\n",
        b"panic: no\n",
        b"x" * 5000 + b" failed\n",
    ]
)


@settings(max_examples=60)
@given(st.lists(PARTS, max_size=40).map(b"".join), st.lists(PARTS, max_size=10).map(b"".join))
def test_every_citation_read_again_equals_its_excerpt(data: bytes, normal: bytes) -> None:
    file = LogFile(name="x", open=partial(BytesIO, data), shape=LogShape.PLAIN)
    base = LogFile(name="y", open=partial(BytesIO, normal), shape=LogShape.PLAIN)
    rows = {"x": data.splitlines(), "y": normal.splitlines()}
    found = compare([file], baseline=[base] if normal else [])
    for one in excerpts([file], [base] if normal else []):
        cited = rows[one.file][one.line_start - 1 : one.line_end]
        assert tuple(line[:4096].decode("utf-8", "replace") for line in cited) == one.text
    for finding in log_findings(found):
        (origin,) = finding.citations
        assert origin.line is not None
        cited = rows[origin.file][origin.line - 1 : origin.line_end]
        assert tuple(line[:4096].decode("utf-8", "replace") for line in cited) == finding.excerpt


@given(st.lists(PARTS, max_size=60).map(b"".join))
def test_lines_are_read_as_python_splits_them(data: bytes) -> None:
    rows = list(lines_from(BytesIO(data), number=0, offset=0))
    assert [row.raw for row in rows] == [line[:4096] for line in data.splitlines()]
    for row in rows:
        assert data[row.offset :].startswith(row.raw)


def test_a_window_that_spans_the_calendar_is_counted() -> None:
    window = Window(start=datetime(1971, 1, 1, tzinfo=UTC), end=datetime(9999, 1, 1, tzinfo=UTC))
    assert count_window(log(usual(100)), window).counts.totals().sum() == 100
