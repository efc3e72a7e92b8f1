"""Causes that nobody's change brought: expiry, a provider's outage, a surge, a full disk, a bad record, a neighbour.

In: the incident as seen. Out: outside causes with points on the same scale as changes, each with the sentences and
citations behind it. Each needs its own positive evidence: that no change fits is never enough. Refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from afteraction.evidence.metrics.nature import nature_of
from afteraction.evidence.poison import bad_record
from afteraction.evidence.providers import failing_peer, provider_outage
from afteraction.evidence.records import Record, seconds_of
from afteraction.evidence.seen import Seen
from afteraction.evidence.surges import surge
from afteraction.evidence.weights import WEIGHTS, Weights
from afteraction.evidence.world import Outside, first_hurt, loud
from afteraction.model.finding import FindingKind, SuspectKind
from afteraction.model.origin import Origin
from afteraction.model.series import Series

_VALID = r"(?:certificate|cert|x509|tls|ssl|ca|chain|licen[cs]e|key|secret|password|credentials?|token|domain|subscription|signature)"
_EXPIRED = re.compile(
    rf"\b{_VALID}\b.{{0,60}}\bexpired?\b|\bexpired?\b.{{0,30}}\b{_VALID}\b|not yet valid|notAfter|no longer valid|past its validity",
    re.IGNORECASE,
)
"""A deadline, a lease or a cache entry expires every day; what others check the validity of does not."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?")
_WORLD = (
    ("disk-full", re.compile(r"no space left|disk (is )?full|enospc|disk quota exceeded|out of inodes|read-only file system", re.IGNORECASE),
     "df -h; df -i", "the disk is full"),
    ("host-failure", re.compile(r"i/o error|hardware error|machine check|mce:|node not ready|kernel panic|bad sector|\bnvme|\becc error|"
                                r"host (down|unreachable)|instance (terminated|retire)|spot interruption|preempted|host maintenance|"
                                r"hardware (fault|failure)|underlying hardware", re.IGNORECASE),
     "kubectl describe node; dmesg -T", "the host or its hardware failed"),
    ("failover", re.compile(r"read-only transaction|\bfail(ed|s|ing)? ?over to\b|promoted to primary|not (the )?(primary|master|leader)\b|"
                            r"--read-only option", re.IGNORECASE),
     "the database's events, and which instance is primary", "the database fell over to another instance"),
    ("neighbour", re.compile(r"\bsteal\b|noisy neighbo|cpu throttl|io ?wait|cfs throttl", re.IGNORECASE),
     "kubectl top pods --all-namespaces on that node", "another tenant of the same host takes its resources"),
    ("quota", re.compile(r"quota exceeded|limit exceeded for account|insufficient (capacity|quota)|billing (?:account )?(?:is )?(?:disabled|suspended|closed|not enabled)|subscription expired", re.IGNORECASE),
     "the provider's quota page", "a quota of the account is used up"),
    ("name-resolution", re.compile(r"no such host|nxdomain|servfail|name resolution|temporary failure in name", re.IGNORECASE),
     "dig the name from a pod", "names no longer resolve"),
    ("clock", re.compile(r"clock (skew|drift|offset|wrong|is wrong)|time (jump|drift)|skewed clock|\bntpd?\b|\bchronyd?\b|"
                         r"\b(iat|nbf|issued|timestamp)\b.{0,40}\bin the future", re.IGNORECASE), "chronyc tracking", "a clock is wrong"),
    ("attack", re.compile(r"\bddos\b|\b(?:syn |request )?flood|\bbot traffic|credential stuffing|\bscraper", re.IGNORECASE),
     "the busiest clients at the edge", "traffic that no customer sent"),
)  # fmt: skip


def outside_causes(
    seen: Seen, series: Sequence[Series], weights: Weights = WEIGHTS, records: Sequence[Record] = ()
) -> list[Outside]:
    """Every outside cause with positive points, best first; `records` are what the logs say."""
    found = [
        _expiry(seen, series, weights), provider_outage(seen, weights), surge(seen, series, weights),
        bad_record(seen, records, weights), *_world(seen, weights), failing_peer(seen, weights),
    ]  # fmt: skip
    return sorted((o for o in found if o is not None and o.points > 0), key=lambda o: -o.points)


def _expiry(seen: Seen, series: Sequence[Series], worth: Weights) -> Outside | None:
    out = Outside(
        name="expiry", ref="external/expiry", kind=SuspectKind.EXTERNAL, service=first_hurt(seen),
        look_next="openssl s_client -connect HOST:PORT </dev/null | openssl x509 -noout -dates",
    )  # fmt: skip
    said = [(w, t) for w, t in loud(seen) if _EXPIRED.search(t.text)]
    if said and max(w for w, _ in said) >= 0.3:
        _, text = max(said, key=lambda pair: pair[0])
        out.weigh(worth.expired, f"the errors say so: {text.text[:160]}", FindingKind.LOG, text.citation)
        for _, t in said:
            dates = [seconds_of(d) for d in _DATE.findall(t.text)]
            if seen.onset is not None and any(d and abs(d - seen.onset) <= 300 for d in dates):
                out.weigh(
                    worth.expired_at_onset,
                    "the end of validity that they name is the onset",
                    FindingKind.LOG,
                    t.citation,
                )
                break
    for s in series:
        crossed = _countdown(s)
        if crossed and seen.onset is not None and abs(crossed[0] - seen.onset) <= max(300.0, 3 * crossed[1]):
            out.weigh(
                worth.countdown,
                f"{s.metric} of {s.service} counts down and reaches zero at the onset",
                FindingKind.METRIC,
                crossed[2],
            )
            break
    return out


def _countdown(s: Series) -> tuple[float, float, Origin] | None:
    """When a series that falls at a constant rate (or is named an expiry) reaches zero: time, step, citation."""
    if len(s.values) < 5 or s.values[0] <= 0 or s.values.min() > 0:
        return None
    row = int(np.flatnonzero(s.values <= 0)[0])
    if row < 4:
        return None
    slopes = np.diff(s.values[:row]) / np.diff(s.times[:row])
    steady = slopes.max() < 0 and float(slopes.std()) < 0.05 * abs(float(slopes.mean()))
    if not steady and not nature_of(s.metric).expiry:
        return None
    return float(s.times[row]), float(s.times[row] - s.times[row - 1]), s.origin_of(row)


def _world(seen: Seen, worth: Weights) -> list[Outside]:
    """What the loud texts say of the world, and what series that rose before the symptoms or with them are named after."""
    said = [(weight, t.text, t.service, FindingKind.LOG, t.citation) for weight, t in loud(seen)]
    said += [
        (0.5, p.summary.replace("_", " "), p.service, FindingKind.METRIC, p.citation)
        for p in seen.precursors
        if p.after > 1.5 * p.before and (seen.onset is None or p.at <= seen.onset + 2 * p.step)
    ]
    out = []
    for name, pattern, look, why in _WORLD:
        hits = [hit for hit in said if hit[0] >= 0.2 and pattern.search(hit[1])]
        if not hits:
            continue
        _, text, service, kind, citation = max(hits, key=lambda hit: hit[0])
        found = Outside(
            name=name, ref=f"external/{name}", kind=SuspectKind.EXTERNAL, service=service or first_hurt(seen), look_next=look
        )  # fmt: skip
        found.weigh(worth.world_said, f"{why}: {text[:140]}", kind, citation)
        if other := next((hit for hit in hits if hit[3] is not kind), None):
            found.weigh(worth.world_measured, f"so says {other[1][:140]}", other[3], other[4])
        out.append(found)
    return out
