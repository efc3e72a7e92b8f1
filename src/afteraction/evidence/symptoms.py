"""What sort of trouble is seen, in words: the classes of symptoms and the mechanisms that can bring each about.

In: the words of logs, alerts, failed spans and shifted metrics. Out: classes with how strongly they are seen. The
table says which mechanism of a change can cause which class, and which class needs no change at all (an expired
certificate, a full disk, a provider that fails). It is engineering knowledge, one line each, and knows no system.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from afteraction.evidence.diffs import Mechanism as M


@dataclass(frozen=True, slots=True, kw_only=True)
class SymptomClass:
    """A class of trouble: how it reads, what kinds of change bring it about, and whether the world can without one."""

    name: str
    pattern: re.Pattern[str]
    causes: frozenset[M]
    outside: bool = False


def _class(name: str, pattern: str, *causes: M, outside: bool = False) -> SymptomClass:
    return SymptomClass(
        name=name, pattern=re.compile(pattern, re.IGNORECASE), causes=frozenset(causes), outside=outside
    )


CLASSES = (
    _class("null-dereference", r"nil pointer|null ?pointer|nullreference|nonetype|undefined is not|cannot read propert|"
           r"sigsegv|segfault|segmentation fault|invalid memory address|index out of (range|bounds)|keyerror|attributeerror|unwrap\(\)",
           M.GUARD_REMOVED, M.HANDLING_REMOVED, M.FORMAT_CHANGED),
    _class("data-race", r"concurrent map|data race|race condition|concurrentmodification|lost update|double (charge|spend|booking)|duplicate key|"
           r"inconsistent state", M.LOCK_REMOVED),
    _class("deadlock", r"deadlock|lock wait|waiting for lock|lock timeout", M.LOCK_REMOVED, M.NEW_QUERY, M.SCHEMA_CHANGED),
    _class("memory", r"oom|out of memory|heap|memory|\brss\b|gc pause|memoryerror|leak", M.UNBOUNDED_GROWTH, M.RELEASE_REMOVED,
           M.CACHE_CHANGED, M.LIMIT_LOWERED),
    _class("pool-exhausted", r"pool|too many (connections|clients)|acquir\w+ (a )?connection|max_?conn|connections? exhausted|"
           r"too many open files|file descriptor|thread(s)? exhausted|no (free|available) (connection|thread|worker)",
           M.LIMIT_LOWERED, M.RELEASE_REMOVED, M.CALL_IN_LOOP, M.WAIT_CHANGED),
    _class("query-load", r"slow quer|slow request|\bselect\b|quer(y|ies)_?(count|per)|n\+1|full (table )?scan|missing index|db\.calls|"
           r"queries", M.CALL_IN_LOOP, M.NEW_QUERY, M.CACHE_CHANGED, M.SCHEMA_CHANGED),
    _class("schema", r"does not exist|no such (table|column)|unknown column|undefined (table|column)|missing.table|relation |"
           r"column .{0,40} (unknown|missing)|constraint", M.NEW_QUERY, M.SCHEMA_CHANGED),
    _class("timeout", r"time(d)? ?out|deadline|slow|latency|duration|p9\d", M.CALL_IN_LOOP, M.WAIT_CHANGED, M.LIMIT_LOWERED,
           M.NEW_QUERY, M.HEAVY_WORK, M.LOCK_REMOVED, M.CACHE_CHANGED),
    _class("retry-storm", r"retry|retries|retrying|backoff|amplif", M.WAIT_CHANGED, M.HANDLING_REMOVED),
    _class("access", r"\b40[13]\b|unauthori[sz]ed|forbidden|permission denied|access denied|invalid (token|signature|audience|credential)|"
           r"jwt|cors", M.ACCESS_CHANGED, M.SETTING_REQUIRED),
    _class("setting", r"missing (env|config|setting|key|variable)|not configured|invalid config|no such file|undefined variable|"
           r"environment variable|feature flag", M.SETTING_REQUIRED, M.VALUE_CHANGED),
    _class("format", r"unmarshal|parse|pars(er|ing)|decod|invalid character|unexpected token|deseriali|schema mismatch|cannot convert|"
           r"type mismatch|malformed|unknown field|invalid json", M.FORMAT_CHANGED, M.HANDLING_REMOVED),
    _class("rate-limit", r"\b429\b|rate.?limit|too many requests|throttl|quota|slow ?down", M.LIMIT_LOWERED, M.WAIT_CHANGED, M.CALL_IN_LOOP),
    _class("cpu", r"\bcpu\b|backtrack|busy loop|throttled|load average", M.HEAVY_WORK, M.CALL_IN_LOOP, M.CACHE_CHANGED),
    _class("cache", r"cache (miss|hit|stamped)|hit.?(ratio|rate)|evict|stale", M.CACHE_CHANGED, M.LIMIT_LOWERED),
    _class("address", r"no such host|nxdomain|name resolution|servfail|connection refused|no route|lookup|unknown host",
           M.ADDRESS_CHANGED),
    _class("panic", r"panic|fatal|crash|exception|uncaught|unhandled", M.GUARD_REMOVED, M.LOCK_REMOVED, M.HANDLING_REMOVED),
    _class("wrong-result", r"mismatch|wrong|incorrect|negative|inconsistent|discrepan|unbalanced", M.VALUE_CHANGED, M.LOCK_REMOVED,
           M.GUARD_REMOVED, M.FORMAT_CHANGED),
    _class("queue", r"\blag\b|backlog|queue (depth|length|full)|rebalanc|unacked|consumer", M.LIMIT_LOWERED, M.HEAVY_WORK, M.CALL_IN_LOOP,
           M.HANDLING_REMOVED, M.WAIT_CHANGED),
)  # fmt: skip
"""Order means nothing; a text may belong to several classes."""


def classes_of(texts: list[tuple[str, float]]) -> dict[str, float]:
    """Which classes the texts (with weights) belong to; the share of the total weight, 0..1."""
    total = sum(weight for _, weight in texts) or 1.0
    out: dict[str, float] = {}
    for symptom in CLASSES:
        weight = sum(w for text, w in texts if symptom.pattern.search(text))
        if weight:
            out[symptom.name] = min(1.0, weight / total)
    return out


BY_NAME = {symptom.name: symptom for symptom in CLASSES}
