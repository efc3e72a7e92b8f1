from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import partial
from io import BufferedReader, BytesIO
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.evidence.logs import Severity, assign, patterns
from afteraction.evidence.logs.header import learn, take_apart
from afteraction.evidence.logs.merging import group, mask, template_of
from afteraction.evidence.logs.records import reader_of
from afteraction.evidence.logs.severity import Sign, severity_of, sign_of, tells_failure
from afteraction.model.log import LogFile, LogShape


def log(lines: list[str] | bytes, name: str = "app.log") -> LogFile:
    data = lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode()
    return LogFile(name=name, open=partial(BytesIO, data), shape=LogShape.PLAIN, year_hint=2024)


def service_log(count: int = 40) -> list[str]:
    lines = []
    for number in range(count):
        at = f"2024-12-03 10:{number % 60:02}:00,{number:03}"
        lines.append(f"{at} INFO [worker-{number}] net.http: request {number} from 10.0.0.{number} took {number} ms")
        lines.append(f"{at} WARN [worker-{number}] store.kv: retrying write to '{'abc'[number % 3]}' attempt {number}")
    return lines


def test_lines_of_one_statement_are_one_pattern_whatever_their_values() -> None:
    found = patterns([log(service_log())])
    assert [(pattern.count, pattern.severity) for pattern in found.patterns] == [
        (40, Severity.INFO),
        (40, Severity.WARNING),
    ]
    assert found.patterns[0].template == "request # from # took #"
    assert [(pattern.first_line, pattern.last_line) for pattern in found.patterns] == [(1, 79), (2, 80)]


def test_every_line_gets_the_id_of_its_pattern() -> None:
    found = patterns([log(service_log(3)), log(["one more line of words"], "other.log")])
    assert list(assign(found)) == ["p1", "p2", "p1", "p2", "p1", "p2", "p3"]
    assert found.patterns[2].file == "other.log"


def test_the_header_is_learnt_and_its_parts_are_kept() -> None:
    header = learn(service_log())
    parts = take_apart(service_log()[1], header)
    assert parts.message == "retrying write to 'a' attempt 0"
    assert (parts.severity, parts.component, parts.thread) == ("warn", "store.kv", "worker-0")


def test_lines_without_a_header_are_all_message() -> None:
    assert take_apart("just words", learn(["just words", "and other words"])).message == "just words"
    assert patterns([log([])]).patterns == ()


def test_json_lines_are_told_apart_by_their_message_and_keep_their_service() -> None:
    lines = [
        f'{{"ts":"2024-12-03T10:00:0{n}Z","level":"error","service":"cart","msg":"cannot reach stock {n}","trace":"{n}f{n}"}}'
        for n in range(5)
    ]
    found = patterns([log(lines)])
    assert [pattern.template for pattern in found.patterns] == ["cannot reach stock #"]
    assert found.said[0][0].service == "cart"
    assert found.patterns[0].severity is Severity.ERROR


def test_a_torn_json_line_still_tells_its_message() -> None:
    said = reader_of(['{"msg":"a"}']).read('{"level":"warn","msg":"half a record","stack":"at x')
    assert (said.message, said.level) == ("half a record", "warn")


def test_a_rare_error_is_never_absorbed_by_a_common_line() -> None:
    lines = [f"worker {n} finished job {n} ok" for n in range(200)]
    lines.insert(100, "worker 7 finished job 9 error out of memory")
    found = patterns([log(lines)])
    assert sorted(pattern.count for pattern in found.patterns) == [1, 200]


def test_colours_of_a_terminal_do_not_tell_lines_apart() -> None:
    found = patterns([log(["\x1b[31mError\x1b[0m: disk is full", "Error: disk is full"])])
    assert len(found.patterns) == 1


@given(st.lists(st.text(max_size=40), max_size=30))
def test_every_message_has_exactly_one_group_and_its_template_reads_like_it(messages: list[str]) -> None:
    masked = [mask(message) for message in messages]
    groups = group({message: masked.count(message) for message in masked})
    assert set(groups) == set(masked)
    for key in set(groups.values()):
        template_of([message for message in groups if groups[message] == key])


class _Forward(BufferedReader):
    """A stream that cannot seek, as an unpacked one."""

    def seekable(self) -> bool:
        return False


def _packed(data: bytes) -> Callable[[], BinaryIO]:
    return lambda: cast("BinaryIO", _Forward(gzip.open(BytesIO(data), "rb")))  # type: ignore[arg-type]


def test_a_packed_log_gives_the_same_patterns_and_assignments() -> None:
    data = "".join(f"{line}\n" for line in service_log()).encode()
    packed = LogFile(name="app.log", open=_packed(gzip.compress(data)), shape=LogShape.PLAIN)
    assert patterns([packed]).patterns == patterns([log(data)]).patterns
    assert list(assign(patterns([packed]))) == list(assign(patterns([log(data)])))


@pytest.mark.parametrize(
    ("text", "failing"),
    [
        ("connection refused", True),
        ("java.net.SocketTimeoutException: Read timed out", True),
        ("--- FAIL: TestX (0.00s)", True),
        ("NullPointerError raised", True),
        ("0 errors, 12 passed", False),
        ("error=null status=ok", False),
        ("downloading github.com/pkg/errors v0.9.1", False),
        ("downloading golang.org/x/xerrors v0.1", False),
        ('echo >&2 "ERROR: not up to date"', False),
        ("request completed", False),
    ],
)
def test_what_tells_of_a_failure(text: str, failing: bool) -> None:
    assert tells_failure(text) is failing


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("dial tcp 10.0.0.1:80: connect: connection refused", Sign.REFUSED),
        ("context deadline exceeded", Sign.TIMEOUT),
        ("Out of memory: Killed process 12", Sign.OUT_OF_MEMORY),
        ("x509: certificate has expired", Sign.CERTIFICATE),
        ("write /data: no space left on device", Sign.DISK),
        ("container exited with code 2", Sign.EXIT),
        ("hello", None),
    ],
)
def test_the_sign_of_a_well_known_way_to_fail(text: str, sign: Sign | None) -> None:
    assert sign_of(text) is sign


def test_the_lines_own_level_goes_before_its_words() -> None:
    assert severity_of("INFO", "error budget is fine") is Severity.INFO
    assert severity_of("", "it failed") is Severity.ERROR
