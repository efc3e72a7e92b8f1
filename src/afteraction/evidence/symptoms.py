"""What sort of trouble is seen, in words: the classes of symptoms and the mechanisms that can bring each about.

In: the words of logs, alerts, failed spans and shifted metrics. Out: classes with how strongly they are seen. The
table says which mechanism of a change can cause which class, and which class needs no change at all (an expired
certificate, a full disk, a provider that fails). It is engineering knowledge, one line each, and knows no system.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from afteraction.evidence.mechanisms import Mechanism


@dataclass(frozen=True, slots=True, kw_only=True)
class SymptomClass:
    """A class of trouble: how it reads, what kinds of change bring it about, and whether the world can without one."""

    name: str
    pattern: re.Pattern[str]
    causes: frozenset[Mechanism]
    outside: bool = False


def _class(name: str, pattern: str, *causes: Mechanism, outside: bool = False) -> SymptomClass:
    return SymptomClass(
        name=name, pattern=re.compile(pattern, re.IGNORECASE), causes=frozenset(causes), outside=outside
    )


CLASSES = (
    _class("null-dereference", r"nil pointer|null ?pointer|nullreference|nonetype|undefined is not|cannot read propert|"
           r"sigsegv|segfault|segmentation fault|invalid memory address|index out of (range|bounds)|keyerror|attributeerror|unwrap\(\)",
           Mechanism.GUARD_REMOVED, Mechanism.HANDLING_REMOVED, Mechanism.FORMAT_CHANGED),
    _class("data-race", r"concurrent map|data race|race condition|concurrentmodification|lost update|double (charge|spend|booking)|duplicate key|"
           r"inconsistent state", Mechanism.LOCK_REMOVED),
    _class("deadlock", r"deadlock|lock wait|waiting for \w*lock|lock timeout|\bblocked\b|contention|could not serialize|serialization failure",
           Mechanism.LOCK_REMOVED, Mechanism.LOCK_ADDED, Mechanism.NEW_QUERY, Mechanism.SCHEMA_CHANGED),
    _class("memory", r"oom|out of memory|heap|memory|\brss\b|gc pause|memoryerror|leak", Mechanism.UNBOUNDED_GROWTH, Mechanism.RELEASE_REMOVED,
           Mechanism.CACHE_CHANGED, Mechanism.LIMIT_LOWERED, Mechanism.BOUND_REMOVED),
    _class("pool-exhausted", r"pool|too many (connections|clients)|acquir\w+ (a )?connection|max_?conn|connections? exhausted|"
           r"too many open files|file descriptor|thread(s)? exhausted|no (free|available) (connection|thread|worker)",
           Mechanism.LIMIT_LOWERED, Mechanism.RELEASE_REMOVED, Mechanism.CALL_IN_LOOP, Mechanism.WAIT_CHANGED),
    _class("query-load", r"slow quer|slow request|\bselect\b|quer(y|ies)_?(count|per)|n\+1|full (table )?scan|missing index|db\.calls|"
           r"queries|rows (returned|scanned|read)", Mechanism.BOUND_REMOVED, Mechanism.CALL_IN_LOOP, Mechanism.NEW_QUERY, Mechanism.CACHE_CHANGED, Mechanism.SCHEMA_CHANGED),
    _class("schema", r"does not exist|no such (table|column)|unknown column|undefined (table|column)|missing.table|relation |"
           r"column .{0,40} (unknown|missing)|constraint", Mechanism.NEW_QUERY, Mechanism.SCHEMA_CHANGED),
    _class("timeout", r"time(d)? ?out|deadline|slow|latency|duration|p9\d", Mechanism.CALL_IN_LOOP, Mechanism.WAIT_CHANGED, Mechanism.LIMIT_LOWERED,
           Mechanism.NEW_QUERY, Mechanism.HEAVY_WORK, Mechanism.LOCK_REMOVED, Mechanism.CACHE_CHANGED, Mechanism.LOCK_ADDED,
           Mechanism.BOUND_REMOVED, Mechanism.REACH_CHANGED),
    _class("retry-storm", r"retry|retries|retrying|backoff|amplif|attempts? \S{1,5} ?(?:/|of) ?\S{1,5}|attempt <|next (?:try |attempt )?in \S+ ?m?s", Mechanism.WAIT_CHANGED, Mechanism.HANDLING_REMOVED),
    _class("access", r"\b40[13]\b|unauthori[sz]ed|forbidden|permission denied|access denied|invalid (token|signature|audience|credential)|"
           r"jwt|cors|\b4xx|\b(aud|audience|issuer|bearer|credentials?|claims?)\b|token (was |is )?(rejected|refused|not valid)", Mechanism.ACCESS_CHANGED, Mechanism.SETTING_REQUIRED),
    _class("setting", r"missing (env|config|setting|key|variable)|key not found|\b(is not|must be|not) set\b|required (env|setting|config|variable)|not configured|invalid config|no such file|undefined variable|"
           r"environment variable|feature flag", Mechanism.SETTING_REQUIRED, Mechanism.VALUE_CHANGED),
    _class("format", r"unmarshal|parse|pars(er|ing)|decod|invalid character|unexpected token|deseriali|schema mismatch|cannot convert|"
           r"type mismatch|malformed|unknown field|invalid json", Mechanism.FORMAT_CHANGED, Mechanism.HANDLING_REMOVED),
    _class("rate-limit", r"\b429\b|rate.?limit|too many requests|throttl|quota|slow ?down", Mechanism.LIMIT_LOWERED, Mechanism.WAIT_CHANGED, Mechanism.CALL_IN_LOOP),
    _class("cpu", r"\bcpu\b|backtrack|busy loop|throttled|load average", Mechanism.HEAVY_WORK, Mechanism.CALL_IN_LOOP, Mechanism.CACHE_CHANGED),
    _class("cache", r"cache (miss|hit|stamped)|hit.?(ratio|rate)|evict|stale", Mechanism.CACHE_CHANGED, Mechanism.LIMIT_LOWERED),
    _class("address", r"no such host|nxdomain|name resolution|servfail|connection refused|no route|lookup|unknown host|host unreachable",
           Mechanism.ADDRESS_CHANGED, Mechanism.REACH_CHANGED),
    _class("connection", r"connection (reset|timed out|timeout|closed)|connect(ion)? to \S+ (timed out|failed)|handshake|dial (tcp|udp)",
           Mechanism.REACH_CHANGED, Mechanism.ADDRESS_CHANGED),
    _class("breaker", r"circuit.?breaker|breaker .{0,30}open|calls? not permitted|short.?circuit", Mechanism.LIMIT_LOWERED,
           Mechanism.VALUE_CHANGED, Mechanism.WAIT_CHANGED),
    _class("panic", r"panic|fatal|crash|exception|uncaught|unhandled", Mechanism.GUARD_REMOVED, Mechanism.LOCK_REMOVED, Mechanism.HANDLING_REMOVED),
    _class("wrong-result", r"mismatch|wrong|incorrect|negative|inconsistent|discrepan|unbalanced", Mechanism.VALUE_CHANGED, Mechanism.LOCK_REMOVED,
           Mechanism.GUARD_REMOVED, Mechanism.FORMAT_CHANGED),
    _class("queue", r"\blag\b|backlog|queue (depth|length|full|size)|queued\b|in (the )?queue|messages ready|rebalanc|unacked|consumer", Mechanism.LIMIT_LOWERED, Mechanism.HEAVY_WORK, Mechanism.CALL_IN_LOOP,
           Mechanism.HANDLING_REMOVED, Mechanism.WAIT_CHANGED),
)  # fmt: skip
"""Order means nothing; a text may belong to several classes."""


def classes_of(texts: list[tuple[str, float]]) -> dict[str, float]:
    """Which classes the texts (with weights) belong to; the share of the weight of all that belong to any, 0..1."""
    classed = [
        (
            weight,
            {symptom.name for symptom in CLASSES if symptom.pattern.search(text) or symptom.pattern.search(spaced)},
        )
        for text, weight in texts
        for spaced in (text.replace("_", " "),)
    ]
    total = sum(weight for weight, names in classed if names) or 1.0
    out: dict[str, float] = {}
    for symptom in CLASSES:
        weight = sum(weight for weight, names in classed if symptom.name in names)
        if weight:
            out[symptom.name] = min(1.0, weight / total)
    return out


BY_NAME = {symptom.name: symptom for symptom in CLASSES}
