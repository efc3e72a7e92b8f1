from __future__ import annotations

import pytest

from afteraction.fetch.promql import MOST, measured, questions, quoted


@pytest.mark.parametrize(
    ("expression", "side"),
    [
        ('sum(rate(a{code=~"5.."}[5m])) / sum(rate(a[5m])) > 0.05', 'sum(rate(a{code=~"5.."}[5m])) / sum(rate(a[5m]))'),
        ("up == 0", "up"),
        ("histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m]))) >= 1.5", "histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))"),
        ('absent(up{job="a > b"})', ""),
        ("a > 1 and b > 2", ""),
        ("a > bool 1 > 0", ""),
        ('label_replace(a, "x", ") > 1", "", "") > 2', 'label_replace(a, "x", ") > 1", "", "")'),
        ('a{x="\\\\"} > 3', 'a{x="\\\\"}'),
        ("a{b!='c'} < 3", "a{b!='c'}"),
        ("vector(1)", ""),
        ("a)) > 1", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_what_an_alert_measures_stands_before_its_one_comparison(expression: str, side: str) -> None:
    assert measured(expression) == side


def test_the_signals_are_told_by_the_conventions_of_names() -> None:
    names = [
        "http_server_request_duration_seconds_bucket", "http_server_request_duration_seconds_count",
        "http_server_request_duration_seconds_sum", "rpc_seconds_sum", "rpc_seconds_count", "orders_failed_total",
        "queue_depth", "process_cpu_seconds_total", "build_info", "orders_created",
    ]  # fmt: skip
    asked = {
        one.name: one.expression
        for one in questions(names, "app", "orders", width="120s", labels_of=lambda _m: ["app", "status_code"])
    }
    assert asked == {
        "http_server_request_duration_seconds_count-rate": 'sum by (app, status_code) (rate(http_server_request_duration_seconds_count{app="orders"}[120s]))',
        "rpc_seconds_count-rate": 'sum by (app, status_code) (rate(rpc_seconds_count{app="orders"}[120s]))',
        "orders_failed_total-rate": 'sum by (app, status_code) (rate(orders_failed_total{app="orders"}[120s]))',
        "http_server_request_duration_seconds-p50": 'histogram_quantile(0.5, sum by (app, le) (rate(http_server_request_duration_seconds_bucket{app="orders"}[120s])))',
        "http_server_request_duration_seconds-p95": 'histogram_quantile(0.95, sum by (app, le) (rate(http_server_request_duration_seconds_bucket{app="orders"}[120s])))',
        "http_server_request_duration_seconds-p99": 'histogram_quantile(0.99, sum by (app, le) (rate(http_server_request_duration_seconds_bucket{app="orders"}[120s])))',
        "rpc_seconds-mean": 'sum by (app) (rate(rpc_seconds_sum{app="orders"}[120s])) / sum by (app) (rate(rpc_seconds_count{app="orders"}[120s]))',
        "queue_depth": 'queue_depth{app="orders"}',
        "process_cpu_seconds_total-rate": 'sum by (app, status_code) (rate(process_cpu_seconds_total{app="orders"}[120s]))',
    }  # fmt: skip


def test_a_service_with_countless_metrics_is_asked_for_some() -> None:
    names = [f"queue_{number}_depth" for number in range(500)]
    assert len(list(questions(names, "app", "orders", width="1m", labels_of=lambda _m: []))) == MOST


def test_a_name_is_quoted_so_that_it_stays_a_name() -> None:
    assert quoted('a"\\\n') == '"a\\"\\\\\\n"'
