"""Which questions to ask Prometheus: names of metrics that a service has go in, expressions for its four signals come out.

Rate, errors, latency and saturation are told by the naming conventions of Prometheus and OpenTelemetry; no product's names are
known here. Of an alert's expression the measured side is found, so that its course before the alert shows too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

MOST = 12
"""Questions of one kind for one service."""
_LATENCY = re.compile(r"duration|latency|seconds|milliseconds|response_time|processing_time")
_TRAFFIC = re.compile(r"request|calls?(_|$)|handled|messages|quer(y|ies)|operations|transactions|jobs(_|$)")
_ERRORS = re.compile(r"error|fail|exception|reject|dropped|timeout|refused|5xx|panic|abort")
_FULL = re.compile(
    r"cpu|memory|heap|rss|queue|pool|connections|in_?flight|pending|backlog|lag(_|$)|threads|goroutines|open_fds|throttl|"
    r"utili[sz]ation|saturation|restarts|evict|disk|gc_"
)
_STATUS = ("code", "status", "status_code", "http_status_code", "http_response_status_code", "grpc_code", "grpc_status")
_OPEN, _CLOSE, _QUOTES = "({[", ")}]", "\"'`"
_COMPARED = re.compile(r"(==|!=|>=|<=|>|<)")
_JOINED = re.compile(r"\b(and|or|unless)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An expression, and the name that its answer is saved under."""

    name: str
    expression: str


def selector(label: str, service: str) -> str:
    """Return a selector of all series of a service."""
    return "{%s=%s}" % (label, quoted(service))  # noqa: UP031  (braces read better so)


def quoted(text: str) -> str:
    """Return a text as a string of PromQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def questions(
    metrics: Sequence[str], label: str, service: str, *, width: str, labels_of: Callable[[str], Sequence[str]]
) -> Iterator[Question]:
    """Yield what to ask of one service. `labels_of` returns the labels of a metric; `width` is the window of rates."""
    where, names = selector(label, service), sorted(set(metrics))
    kinds = (_rates(names), _errors(names), _latencies(names), _saturations(names))
    for kind in kinds:
        for metric, what in islice(kind, MOST):
            if what == "value":
                yield Question(name=metric, expression=f"{metric}{where}")
                continue
            status = next((one for one in _STATUS if one in labels_of(metric)), "") if what == "rate" else ""
            by = ", ".join(part for part in (label, status) if part)
            yield from _rated(metric, what, where, by, width)


def _rates(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    held = set(names)
    for name in names:
        base = name.removesuffix("_count")
        if (
            name.endswith("_count") and (f"{base}_sum" in held or f"{base}_bucket" in held) and _LATENCY.search(base)
        ) or (name.endswith("_total") and _TRAFFIC.search(name) and not _ERRORS.search(name)):
            yield name, "rate"


def _errors(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from ((name, "rate") for name in names if name.endswith("_total") and _ERRORS.search(name))


def _latencies(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    held = set(names)
    for name in names:
        if name.endswith("_bucket") and _LATENCY.search(name):
            yield name, "quantiles"
        base = name.removesuffix("_sum")
        if name.endswith("_sum") and f"{base}_count" in held and f"{base}_bucket" not in held and _LATENCY.search(base):
            yield name, "mean"


def _saturations(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if _FULL.search(name) and not name.endswith(("_bucket", "_sum", "_count", "_created", "_info")):
            yield name, "rate" if name.endswith("_total") else "value"


def _rated(metric: str, what: str, where: str, by: str, width: str) -> Iterator[Question]:
    """Yield the questions about a counter, a sum or the buckets of a histogram."""
    rate = f"rate({metric}{where}[{width}])"
    if what == "rate":
        yield Question(name=f"{metric}-rate", expression=f"sum by ({by}) ({rate})")
    elif what == "mean":
        base = metric.removesuffix("_sum")
        count = f"sum by ({by}) (rate({base}_count{where}[{width}]))"
        yield Question(name=f"{base}-mean", expression=f"sum by ({by}) ({rate}) / {count}")
    else:
        base = metric.removesuffix("_bucket")
        for share, called in (("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99")):
            quantile = f"histogram_quantile({share}, sum by ({by}, le) ({rate}))"
            yield Question(name=f"{base}-{called}", expression=quantile)


def measured(expression: str) -> str:
    """Return what an alert's expression compares with a threshold, or an empty text where that is not plain.

    `rate(errors[5m]) / rate(all[5m]) > 0.05` measures what stands before the `>`. Of expressions that join several
    conditions nothing is said.
    """
    plain = _outside(expression)
    if _JOINED.search(plain):
        return ""
    compared = list(_COMPARED.finditer(plain))
    return expression[: compared[0].start()].strip() if len(compared) == 1 else ""


def _outside(expression: str) -> str:
    """Return the expression with all that stands in brackets and quotes blanked, character for character."""
    shown, depth, quote = [], 0, ""
    skip = False
    for character in expression:
        inside = bool(depth or quote)
        if skip:
            skip = False
        elif quote:
            skip = character == "\\" and quote != "`"
            quote = "" if character == quote else quote
        elif character in _QUOTES:
            quote = character
        elif character in _OPEN:
            depth += 1
        elif character in _CLOSE:
            depth -= 1
        shown.append(" " if inside or quote or depth else character)
    return "".join(shown)
