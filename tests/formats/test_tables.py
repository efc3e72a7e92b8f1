from __future__ import annotations

import io
from functools import partial

import numpy as np
import pytest

from afteraction.formats.columns import Clock, looks_like_times, numbers_of
from afteraction.formats.metric_names import parse_selector, service_and_instance, split_edges, split_grid
from afteraction.formats.pods import service_of_pod
from afteraction.formats.series_columns import kind_of
from afteraction.formats.span_columns import SpanColumns, is_failed, seconds_of_quantity, unit_of
from afteraction.formats.table_shapes import TableShape, table_of
from afteraction.formats.tables import name_and_unit, peek_table, rows_of
from afteraction.model.reading import SAMPLE_BYTES, Context, Problem, RawInput
from afteraction.model.series import SeriesKind
from afteraction.sources.metrics_wide import MetricsWide


def raw_of(data: bytes, name: str = "x.csv") -> RawInput:
    return RawInput(name=name, head=data[:SAMPLE_BYTES], open=partial(io.BytesIO, data), size=len(data))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tables_are_read_whatever_their_delimiter_encoding_and_line_ends(
    delimiter: str, encoding: str, end: str
) -> None:
    rows = [["time", "naïve name"], ["2026-03-04T09:00:00Z", 'a "quoted" cell'], ["2026-03-04T09:01:00Z", "b"]]
    lines = [delimiter.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows]
    raw = raw_of((end.join(lines) + end).encode(encoding))
    head = peek_table(raw)
    assert head is not None
    problems: list[Problem] = []
    assert list(rows_of(raw, head, problems)) == list(enumerate(rows, 1))
    assert problems == []


def test_a_cell_over_several_lines_keeps_the_lines_of_the_following_rows() -> None:
    raw = raw_of(b'a,b\n1,"two\nlines"\n3,4\n')
    head = peek_table(raw)
    assert head is not None
    assert [line for line, _ in rows_of(raw, head, [])] == [1, 2, 4]


def test_text_that_is_not_utf8_is_read_as_latin1_and_that_is_said() -> None:
    raw = raw_of("zeit,größe\n1,2\n".encode("latin-1"))
    head = peek_table(raw)
    assert head is not None
    problems: list[Problem] = []
    assert next(rows_of(raw, head, problems))[1] == ["zeit", "größe"]
    assert "Latin-1" in problems[0].reason


def test_a_cell_that_is_too_long_is_a_problem_and_the_next_row_is_read() -> None:
    raw = raw_of(b"a,b\n1," + b"x" * 300_000 + b"\n3,4\n")
    head = peek_table(raw)
    assert head is not None
    problems: list[Problem] = []
    assert [row for _, row in rows_of(raw, head, problems)][-1] == ["3", "4"]
    assert problems[0].origin.line == 2


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("2022-08-22 03:51:19.607158889 +0000 UTC m=+0.113112869", 1661140279.607158),
        ("2026-03-04T09:00:00+01:00", 1772611200.0),
        ("1772611200", 1772611200.0),
        ("1772611200000", 1772611200.0),
        ("1772611200000000", 1772611200.0),
        ("1772611200000000000", 1772611200.0),
        ("Mar 4, 2026 @ 08:00:00.000", 1772611200.0),
    ],
)
def test_stamps_of_every_kind_become_seconds(cell: str, seconds: float) -> None:
    assert Clock().seconds(cell) == pytest.approx(seconds, abs=1e-3)


def test_what_is_no_time_and_no_number_is_not_a_number() -> None:
    assert np.isnan(Clock().column(["soon", "later"])).all()
    assert np.isnan(numbers_of(["", "NaN", "+Inf", "x"])).all()
    assert numbers_of(["1", "2.5%", "1,000"]).tolist() == [1.0, 2.5, 1000.0]
    assert not looks_like_times(["1", "2", "3"])


def test_a_local_time_without_zone_gives_way_to_the_epoch_beside_it() -> None:
    raw = raw_of(b"time,timestamp,cpu\n2026-03-04 16:00:00,1772611200,1\n2026-03-04 16:01:00,1772611260,2\n")
    reading = MetricsWide().read(raw, Context())
    assert reading.series[0].times.tolist() == [1772611200.0, 1772611260.0]
    assert "disagree" in reading.problems[0].reason


def test_more_columns_than_the_sample_holds_are_read() -> None:
    names = [f"a_rather_long_name_of_a_metric_{n}" for n in range(4000)]
    rows = [",".join(["time", *names]), *(",".join([str(1_772_611_200 + t), *["1"] * 4000]) for t in range(3))]
    raw = raw_of("\n".join(rows).encode())
    assert MetricsWide().claims(raw)
    assert len(MetricsWide().read(raw, Context()).series) == 4000


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (
            "time,event,actor\n2026-03-04T09:00:00Z,The site went down,Dana\n2026-03-04T09:05:00Z,It is back,Dana\n",
            TableShape.EVENTS,
        ),
        ("name,colour\nx,red\ny,blue\n", None),
        ("a,b\nb,c\n", None),
        ("caller,callee\nweb,cart\n", TableShape.EDGES),
        ("1772611200,5\n1772611260,6\n1772611320,7\n", TableShape.WIDE),
        ("timestamp,level,message\n2026-03-04T09:00:00Z,ERROR,it broke badly\n", TableShape.LOG),
        ("sha,author,date,subject\nda38a650,Dana,2026-03-04T09:00:00Z,Shrink the pool\n", TableShape.CHANGES),
        ("traceID,spanID,startTime,duration,serviceName\nab,cd,1772611200000000,5,web\n", TableShape.SPANS),
    ],
)
def test_tables_are_told_apart_by_what_they_hold(text: str, shape: TableShape | None) -> None:
    table = table_of(raw_of(text.encode()))
    assert (table.shape if table else None) is shape


def test_pods_become_services_and_other_names_stay() -> None:
    assert service_of_pod("cart-579f59597d-wc2lz") == "cart"
    assert service_of_pod("node-exporter-x7k2q") == "node-exporter"
    for name in ("cart", "front-end", "orders-db-0", "my-api"):
        assert service_of_pod(name) == name


def test_labels_name_the_workload_before_whoever_was_scraped() -> None:
    assert service_and_instance({"job": "kubelet", "service": "kubelet", "pod": "cart-579f59597d-wc2lz"}) == (
        "cart",
        "cart-579f59597d-wc2lz",
    )
    assert service_and_instance({"job": "cart", "instance": "10.0.0.1:80"}) == ("cart", "10.0.0.1:80")
    assert service_and_instance({}) == ("", "")


def test_names_are_split_only_when_they_form_a_grid() -> None:
    grid = ["q1_cpu", "q1_mem", "zz_cpu", "zz_mem", "k_cpu", "k_mem"]
    assert split_grid(grid)["zz_mem"] == ("zz", "mem")
    assert split_grid(["http_requests", "db_pool_size", "queue_length", "cpu_usage"]) == {}


def test_names_are_calls_when_one_name_stands_on_both_sides() -> None:
    assert split_edges(["q1_zz", "zz_k", "q1_k"])["zz_k"] == ("zz", "k")
    assert split_edges(["q1_cpu", "zz_cpu", "k_mem"]) == {}


def test_units_and_selectors_are_taken_off_names() -> None:
    assert name_and_unit("CpuUsage(m)") == ("CpuUsage", "m")
    assert name_and_unit("plain") == ("plain", "")
    assert parse_selector('up{app="a\\"b"}') == ("up", {"app": 'a"b'})
    assert parse_selector("up") is None


def test_a_counter_is_named_so_and_hardly_ever_falls() -> None:
    rising, wobbling = np.arange(50.0), np.tile([5.0, 1.0], 25)
    assert kind_of("requests_total", rising) is SeriesKind.COUNTER
    assert kind_of("requests_total", wobbling) is SeriesKind.GAUGE
    assert kind_of("panic_count", wobbling[:6]) is SeriesKind.GAUGE
    assert kind_of("panic_count", rising) is SeriesKind.COUNTER
    assert kind_of("memory_bytes", rising) is SeriesKind.GAUGE


def test_units_of_durations_are_read_from_names_and_texts() -> None:
    names = {"duration_ms": 1e-3, "durationMs": 1e-3, "elapsed_us": 1e-6, "startTimeUnixNano": 1e-9, "duration": None}
    assert {name: unit_of(name) for name in names} == names
    assert seconds_of_quantity("1m2.5s") == 62.5
    assert seconds_of_quantity("12ms") == pytest.approx(0.012)
    assert seconds_of_quantity("soon") is None


def test_what_products_call_a_failed_span_is_known() -> None:
    assert all(is_failed(x) for x in (True, "ERROR", 2, "STATUS_CODE_ERROR", {"code": 2}, 503, "true"))
    assert not any(is_failed(x) for x in (False, "OK", 0, 1, "UNSET", {"code": 1}, 404, None, ""))


def test_a_trace_id_that_stands_for_the_one_before_is_resolved() -> None:
    columns = SpanColumns("f")
    for trace, span, parent in (
        ("t1", "a", ""),
        ("same", "b", "a"),
        ("same", "c", "b"),
        ("t2", "a", ""),
        ("same", "b", "a"),
    ):
        columns.add(
            trace=trace, span=span, parent=parent, service="s", name="n", start=1.0, duration=1.0, error=False, line=1
        )
    spans = columns.close()
    assert [spans.ids[trace] for trace in spans.trace] == ["t1", "t1", "t1", "t2", "t2"]
    assert [spans.ids[p] if p >= 0 else "" for p in spans.parent_id] == ["", "a", "b", "", "a"]
