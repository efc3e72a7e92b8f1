"""What a metric measures, from the words of its name, unit and statistic: latency, errors, saturation, throughput.

The words are the common ones of Prometheus, OpenTelemetry, CloudWatch and StatsD naming guides. Unknown words give
`OTHER`, which still counts, only less. Names of services are never looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from afteraction.evidence.signals import Nature

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[a-z]*")

_EXPIRY = frozenset(["expiry", "expires", "expiration", "expire", "notafter"])
_HOST = frozenset(["node", "host", "machine", "hypervisor", "vm", "steal"])
_OUTGOING = frozenset(["client", "upstream", "outbound", "egress", "outgoing", "downstream", "dependency"])
_GOOD = frozenset(["success", "successes", "available", "availability", "uptime", "healthy", "ready", "ok", "hit"])
_CAPACITY = frozenset(
    ["limit", "limits", "max", "maximum", "capacity", "quota", "desired", "replicas", "configured", "size"]
)
_ERRORS = frozenset(
    [
        "error",
        "errors",
        "fail",
        "fails",
        "failed",
        "failure",
        "failures",
        "exception",
        "exceptions",
        "panic",
        "panics",
        "timeout",
        "timeouts",
        "reject",
        "rejected",
        "rejects",
        "refused",
        "drop",
        "drops",
        "dropped",
        "5xx",
        "4xx",
        "429",
        "502",
        "504",
        "500",
        "503",
        "fault",
        "faults",
        "unavailable",
        "abort",
        "aborted",
        "deadlock",
        "deadlocks",
        "retransmit",
        "retransmits",
        "oom",
        "killed",
        "crash",
        "crashes",
        "restart",
        "restarts",
        "missing",
        "unhealthy",
        "retry",
        "retries",
        "dlq",
        "invalid",
        "evicted",
        "evictions",
        "throttle",
        "throttled",
        "throttles",
        "not",
        "denied",
    ]
)
_LATENCY = frozenset(
    [
        "latency",
        "latencies",
        "duration",
        "durations",
        "delay",
        "elapsed",
        "rtt",
        "response",
        "wait",
        "waited",
        "p50",
        "p75",
        "p90",
        "p95",
        "p99",
        "p999",
        "quantile",
        "seconds",
        "ms",
        "milliseconds",
        "time",
    ]
)
_SATURATION = frozenset(
    [
        "cpu",
        "memory",
        "mem",
        "rss",
        "heap",
        "gc",
        "disk",
        "queue",
        "depth",
        "pool",
        "connections",
        "connection",
        "threads",
        "thread",
        "fd",
        "fds",
        "utilization",
        "usage",
        "utilisation",
        "saturation",
        "lag",
        "backlog",
        "pending",
        "inflight",
        "goroutines",
        "load",
        "swap",
        "iowait",
        "inodes",
        "free",
        "used",
    ]
)
_THROUGHPUT = frozenset(
    [
        "requests",
        "request",
        "rps",
        "qps",
        "ops",
        "workload",
        "throughput",
        "calls",
        "count",
        "bytes",
        "packets",
        "receive",
        "received",
        "transmit",
        "transmitted",
        "syscall",
        "messages",
        "rate",
        "hits",
        "invocations",
        "queries",
        "sent",
        "network",
        "write",
        "writes",
        "read",
        "reads",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricNature:
    """What a metric measures.

    `bad` is the direction that hurts (+1, -1, 0 when either may); `outgoing` when the
    caller measured its callees, `expiry` when it counts down to an end of validity.
    """

    nature: Nature
    bad: int
    outgoing: bool
    expiry: bool


def words_of(text: str) -> tuple[str, ...]:
    """Split a name in camel, snake, kebab or dotted case into lower-case words (`PodClientLatencyP90` -> 4 words)."""
    return tuple(word.lower() for word in _WORD.findall(text))


def felt(metric: str, unit: str = "", statistic: str = "") -> float:
    """The smallest difference that anybody can feel, in the metric's own unit: a millisecond, half a per cent, a millicore."""
    nature = nature_of(metric, unit, statistic).nature
    words, unit = frozenset(words_of(metric)), unit.lower()
    if unit in {"%", "percent"} or words & {"percent", "percentage", "pct"}:
        return 0.5
    if nature is Nature.LATENCY:
        thousandths = unit in {"ms", "milliseconds"} or words & {"ms", "milliseconds", "millis"}
        return 1.0 if thousandths else 1000.0 if unit in {"us", "microseconds"} or "us" in words else 0.001
    if words & {"ratio", "fraction"}:
        return 0.005
    return 1.0 if unit in {"m", "ops"} else 0.0


@lru_cache(maxsize=65_536)
def nature_of(metric: str, unit: str = "", statistic: str = "") -> MetricNature:
    """Classify a metric by the words of its name, then of its unit and statistic."""
    split = words_of(metric)
    words = frozenset(split)
    outgoing = bool(words & _OUTGOING)
    if words & _EXPIRY:
        return MetricNature(nature=Nature.CAPACITY, bad=-1, outgoing=False, expiry=True)
    if words & _HOST:
        return MetricNature(nature=Nature.HOST, bad=1, outgoing=False, expiry=False)
    if words & {"per"} and words & _THROUGHPUT and not words & (_ERRORS | {"sec", "second", "minute", "min", "s"}):
        return MetricNature(nature=Nature.OTHER, bad=1, outgoing=outgoing, expiry=False)
    for nature, vocabulary, bad in (
        (Nature.ERRORS, _GOOD | ({"up"} if split[-1:] == ("up",) else frozenset()), -1),
        (Nature.ERRORS, _ERRORS, 1),
        (Nature.CAPACITY, _CAPACITY, 0),
        (Nature.LATENCY, _LATENCY, 1),
        (Nature.SATURATION, _SATURATION, 1),
        (Nature.THROUGHPUT, _THROUGHPUT, 0),
    ):
        if words & vocabulary:
            return MetricNature(nature=nature, bad=bad, outgoing=outgoing, expiry=False)
    if unit.lower() in {"s", "ms", "us", "seconds", "milliseconds"} or statistic.lower().startswith("p9"):
        return MetricNature(nature=Nature.LATENCY, bad=1, outgoing=outgoing, expiry=False)
    return MetricNature(nature=Nature.OTHER, bad=0, outgoing=outgoing, expiry=False)
