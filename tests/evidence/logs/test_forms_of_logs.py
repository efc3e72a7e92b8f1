"""What the log engine finds in one record of each usual form: the gravest line of each sample under tests/sources."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "sources"))

from samples import Case, cases, raw_of

from afteraction.evidence.logs.reading import layout_of
from afteraction.evidence.logs.records import Said, reader_of
from afteraction.evidence.logs.severity import severity_of, tells_failure
from afteraction.evidence.records import Record, records
from afteraction.formats.log_fields import read_fields
from afteraction.formats.log_lines import pairs_of, peel
from afteraction.model.log import LogFile
from afteraction.model.reading import Context
from afteraction.sources import SOURCES

CASES = {case.id: case for case in cases()}
FORMS = [
    # case, time, severity, service, component, thread, beginning of the message
    ("json-log/bunyan", "11:50:11.229", "FATAL", "basket-api", "", "", "giving up"),
    ("json-log/cloudwatch-insights", "10:40:03.123", "ERROR", "", "", "", "ERROR order failed"),
    ("json-log/cloudwatch-logs", "10:40:03.123", "ERROR", "", "", "", "ERROR order failed"),
    ("json-log/datadog-logs", "10:40:03.123", "ERROR", "basket", "", "", "order failed"),
    ("json-log/docker-json", "10:40:03.123", "ERROR", "", "", "", "order failed"),
    ("json-log/ecs", "10:40:03.123", "ERROR", "basket", "shop.basket.Api", "http-nio-8080-exec-2", "order failed"),
    ("json-log/ecs-array", "10:40:03.123", "ERROR", "basket", "", "", "order failed"),
    ("json-log/ecs-nested", "10:40:03.123", "ERROR", "basket", "shop.basket.Api", "", "order failed"),
    ("json-log/elastic-hits", "10:40:03.123", "ERROR", "basket", "", "", "order failed"),
    ("json-log/gelf", "10:40:03.123", "ERROR", "basket", "", "", "order failed"),
    ("json-log/journald", "10:40:03.123", "ERROR", "kernel", "", "", "Out of memory: Killed process"),
    ("json-log/log4j2-json", "10:40:03.000", "ERROR", "", "shop.basket.Api", "main", "order failed"),
    ("json-log/logback-json", "10:40:03.123", "ERROR", "basket", "shop.basket.Api", "http-nio-8080-exec-2", "order failed"),
    ("json-log/logcli", "10:40:03.123", "ERROR", "basket", "", "", 'level=error msg="order failed"'),
    ("json-log/logrus", "10:40:03.000", "ERROR", "basket", "", "", "order failed"),
    ("json-log/loguru-json", "11:50:11.326", "ERROR", "", "__main__", "MainThread", "order failed"),
    ("json-log/loki-query", "10:40:03.123", "ERROR", "basket", "", "", 'level=error msg="order failed"'),
    ("json-log/otel-flat", "10:40:03.123", "ERROR", "basket", "", "", "order failed"),
    ("json-log/otlp-logs", "10:40:03.123", "ERROR", "payment", "payment", "", "charge failed"),
    ("json-log/pino", "11:50:11.227", "ERROR", "basket-api", "", "", "order failed"),
    ("json-log/py-json", "11:50:11.319", "ERROR", "", "basket.api", "MainThread", "order failed"),
    ("json-log/rust-json", "10:40:03.123", "ERROR", "", "basket::store", "", "query failed"),
    ("json-log/serilog", "10:40:03.123", "ERROR", "", "Shop.Basket.Api", "", "Order failed"),
    ("json-log/slog", "10:40:03.123", "ERROR", "basket", "", "", "order failed"),
    ("json-log/stackdriver", "10:40:03.123", "ERROR", "basket", "", "", "order failed"),
    ("json-log/structlog", "11:50:11.319", "ERROR", "basket-api", "", "", "order_failed"),
    ("json-log/zap", "10:40:03.323", "ERROR", "", "basket.store", "", "query failed"),
    ("json-log/journald-pretty", "10:40:03.123", "ERROR", "kernel", "", "", "Out of memory: Killed process"),
    ("json-log/mongod", "10:40:03.123", "ERROR", "", "REPL", "conn12", "Lost contact with primary"),
    ("text-log/alb", "10:40:03.123", "ERROR", "", "", "", "502 - 34 366"),
    ("text-log/es", "10:40:03.123", "ERROR", "", "", "node-3", "fatal error"),
    ("text-log/haproxy", "10:40:03.000", "ERROR", "", "", "", "503 157 - -"),
    ("text-log/kafka", "10:40:03.123", "ERROR", "", "", "", "Error while writing"),
    ("text-log/mysql-error", "10:40:03.123", "ERROR", "", "", "InnoDB", "Operating system error number 28"),
    ("text-log/rails", "10:40:03.123", "ERROR", "", "", "1f2e", "PG::ConnectionBad"),
    ("text-log/zap-dev", "10:40:03.123", "ERROR", "", "basket/store.go:41", "", "query failed"),
    ("text-log/apache-error", "10:40:03.123", "ERROR", "", "proxy", "pid 9:tid 141", "(111)Connection refused"),
    ("text-log/compose", "10:40:03.123", "ERROR", "payment", "", "", "charge failed"),
    ("text-log/cri", "10:40:03.123", "ERROR", "", "", "", "order failed"),
    ("text-log/dmesg", "10:40:03.000", "ERROR", "", "", "", "Out of memory: Killed process"),
    ("text-log/go-std", "10:40:03.000", "ERROR", "", "", "", "server.go:88: order failed"),
    ("text-log/istio-access", "10:40:03.123", "ERROR", "", "", "", '"POST /order HTTP/1.1" 503'),
    ("text-log/klog-levels", "10:40:03.123", "ERROR", "", "leaderelection.go:330", "", "error retrieving"),
    ("text-log/kubectl-prefix", "10:40:03.123", "ERROR", "payment", "shop.payment.Api", "", "charge failed"),
    ("text-log/kubectl-prefix-json", "10:40:03.100", "ERROR", "payment", "", "", "charge failed"),
    ("text-log/kubectl-timestamps", "10:40:03.123", "ERROR", "", "store.go:41", "", '"Order failed"'),
    ("text-log/kubectl-timestamps-json", "10:40:03.123", "ERROR", "basket", "", "", "order failed"),
    ("text-log/log4j1", "10:40:03.123", "ERROR", "", "shop.basket.Api", "main", "order failed"),
    ("text-log/logback", "10:40:03.123", "ERROR", "", "shop.basket.Api", "http-nio-8080-exec-2", "order failed"),
    ("text-log/logcli", "10:40:03.000", "ERROR", "basket", "", "", "order failed"),
    ("text-log/logfmt-errors", "10:40:03.123", "ERROR", "store", "store", "", "query failed"),
    ("text-log/logrus-text", "10:40:03.000", "ERROR", "basket", "", "", "order failed"),
    ("text-log/loguru", "11:50:11.326", "ERROR", "", "__main__:<lambda>:36", "", "order failed"),
    ("text-log/nginx-access", "10:40:03.000", "ERROR", "", "", "", '"POST /order HTTP/1.1" 502'),
    ("text-log/nginx-error", "10:40:03.000", "ERROR", "", "", "", "*7 connect() failed"),
    ("text-log/postgres", "10:40:03.123", "FATAL", "", "", "", "app@shop FATAL:  sorry"),
    ("text-log/py-asctime", "11:50:11.318", "ERROR", "", "basket.api", "MainThread", "order failed"),
    ("text-log/py-basic", "", "ERROR", "", "basket.api", "", "order failed"),
    ("text-log/py-dash", "11:50:11.318", "ERROR", "", "basket.api", "", "order failed"),
    ("text-log/py-gunicorn", "11:50:11.000", "ERROR", "", "", "", "order failed"),
    ("text-log/redis", "10:40:03.123", "ERROR", "", "", "", "# Can't save in background"),
    ("text-log/rotated-gz", "10:40:03.123", "ERROR", "", "shop.basket.Api", "http-nio-8080-exec-2", "order failed"),
    ("text-log/rust-tracing", "10:40:03.123", "ERROR", "", "basket::store", "", "query failed"),
    ("text-log/spring", "10:40:03.123", "ERROR", "", "o.a.c.c.C.[.[.[/].[dispatcherServlet]", "http-nio-8080-exec-2", "Servlet"),
    ("text-log/structlog-console", "11:50:11.320", "ERROR", "", "", "", "order_failed"),
    ("text-log/structlog-logfmt", "11:50:11.320", "ERROR", "basket-api", "", "", "order failed"),
    ("text-log/syslog3164", "10:40:03.000", "ERROR", "", "kernel", "", "[12345.678901] Out of memory"),
    ("text-log/syslog3164-pri", "10:40:03.000", "ERROR", "basket", "basket", "", "order failed"),
    ("text-log/syslog5424", "10:40:03.123", "ERROR", "basket", "", "", "order failed"),
]  # fmt: skip


def log_of(case: Case) -> LogFile:
    raw = next(case.raws())
    return next(source for source in SOURCES if source.claims(raw)).read(raw, Context()).logs[0]


def gravest(log: LogFile) -> tuple[str, Said]:
    """Return the time and content of the line that is worst by its level and words, stamped ones first."""
    layout = layout_of(log)
    with log.open() as stream:
        lines = [line for line in stream.read().decode("utf-8").splitlines() if line.strip()]
    reader = reader_of(lines, layout)
    read = [(layout.parse(line) if layout else None, reader.read(line)) for line in lines]
    worst = max(
        read,
        key=lambda one: (one[0] is not None, severity_of(one[1].level, one[1].whole) + tells_failure(one[1].whole)),
    )
    return worst[0][0].strftime("%H:%M:%S.%f")[:12] if worst[0] else "", worst[1]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_time_severity_service_component_thread_and_message_are_found(form: tuple[str, ...]) -> None:
    time, said = gravest(log_of(CASES[form[0]]))
    severity = severity_of(said.level, said.whole).name
    assert (time, severity, said.service, said.component, said.thread) == form[1:6]
    assert said.message.startswith(form[6])


@pytest.mark.parametrize("form", [form for form in FORMS if form[1]], ids=lambda form: form[0])
def test_single_records_carry_the_same_time_and_a_failure(form: tuple[str, ...]) -> None:
    log = log_of(CASES[form[0]])
    found = list(records(log))
    assert found
    assert all(record.at is not None for record in found)
    assert any(_failing(record) for record in found)


def _failing(record: Record) -> bool:
    return (
        record.level in {"ERROR", "FATAL", "CRITICAL", "SEVERE", "WARNING"}
        or tells_failure(record.text)
        or " 50" in record.text
    )


@pytest.mark.parametrize("name", ["text-log/logback", "text-log/rotated-gz", "text-log/py-dash", "text-log/go-std"])
def test_the_lines_of_a_stack_trace_stay_with_the_record_above_them(name: str) -> None:
    with_trace = [record for record in records(log_of(CASES[name])) if "\n" in record.text]
    assert len(with_trace) == 1
    assert with_trace[0].text.count("\n") >= 4


@pytest.mark.parametrize(
    ("number", "word"), [({"level": 30}, "info"), ({"level": 50, "pid": 1}, "error"), ({"levelno": 50}, "critical"),
                         ({"PRIORITY": "3"}, "error"), ({"severityNumber": 17}, "error"), ({"severityLevel": 3}, "error"),
                         ({"level_value": 40000}, "error"), ({"level": 4}, "warning"), ({"severityNumber": 99}, "99")],
)  # fmt: skip
def test_a_level_that_is_a_number_becomes_the_word_of_its_library(number: dict[str, object], word: str) -> None:
    assert read_fields({**number, "msg": "x"}).level == word


@pytest.mark.parametrize(
    "line", ["plain text", "a = b", "[main] started", "{not json", "x=1", "INFO nothing", "name | value", "<html>"]
)
def test_a_line_without_a_prefix_stays_as_it_is(line: str) -> None:
    assert peel(line).text == line or line.startswith("name")
    assert pairs_of(line) == {}


def test_records_of_a_document_are_cited_by_the_line_on_which_they_begin() -> None:
    data = b'[\n {"time": "2026-03-04T10:00:00Z",\n  "level": "info", "msg": "one"},\n {"time": "2026-03-04T10:00:01Z", "level": "error", "msg": "two"}\n]'
    raw = raw_of(data, "export.json")
    log = next(source for source in SOURCES if source.claims(raw)).read(raw, Context()).logs[0]
    assert [(record.origin.file, record.origin.line, record.text) for record in records(log)] == [
        ("export.json", 2, "one"), ("export.json", 4, "two")
    ]  # fmt: skip


def test_records_that_share_a_line_are_counted_instead() -> None:
    data = b'[{"time": "2026-03-04T10:00:00Z", "level": "info", "msg": "one"}, {"time": "2026-03-04T10:00:01Z", "level": "error", "msg": "two"}]'
    raw = raw_of(data, "export.json")
    log = next(source for source in SOURCES if source.claims(raw)).read(raw, Context()).logs[0]
    assert [(record.origin.file, record.origin.line) for record in records(log)] == [
        ("export.json#records", 1), ("export.json#records", 2)
    ]  # fmt: skip
