"""Causes that nobody's change brought: expiry, a provider's outage, a surge, a full disk, a bad record, a neighbour.

In: the incident as seen. Out: outside causes with points on the same scale as changes, each with the sentences and
citations behind it. Each needs its own positive evidence: that no change fits is never enough. Refuses nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from afteraction.evidence.metrics.nature import nature_of, words_of
from afteraction.evidence.records import seconds_of
from afteraction.evidence.seen import Precursor, Seen, Text
from afteraction.evidence.signals import Nature
from afteraction.evidence.weights import WEIGHTS, Weights
from afteraction.model.event import Alert, Event, EventKind, Warned
from afteraction.model.finding import FindingKind, SuspectKind
from afteraction.model.origin import Origin
from afteraction.model.series import Series


@dataclass(slots=True)
class Outside:
    """A cause outside of what people changed, with points (log-odds) and where the evidence stands."""

    name: str
    ref: str
    kind: SuspectKind
    service: str
    look_next: str
    points: float = 0.0
    pro: list[tuple[float, str, FindingKind, Origin]] = field(default_factory=list)

    def weigh(self, points: float, why: str, kind: FindingKind, origin: Origin) -> None:
        """Add a piece of evidence with its citation."""
        if not points:
            return
        self.points += points
        self.pro.append((points, why, kind, origin))


_EXPIRED = re.compile(r"\bexpired?\b|not yet valid|notAfter|no longer valid|past its validity", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?")
_NORMAL = re.compile(
    r"operat\w*[- ]normal|\bok\b|healthy|available\b|resolved|no issues|informational|completed|scheduled",
    re.IGNORECASE,
)
_WORLD = (
    ("disk-full", re.compile(r"no space left|disk (is )?full|enospc|disk quota exceeded|out of inodes|read-only file system", re.IGNORECASE),
     "df -h; df -i", "the disk is full"),
    ("host-failure", re.compile(r"i/o error|hardware error|machine check|mce:|node not ready|kernel panic|bad sector|nvme|ecc error|"
                                r"host (down|unreachable)|instance (terminated|retire)|spot interruption|preempt", re.IGNORECASE),
     "kubectl describe node; dmesg -T", "the host or its hardware failed"),
    ("neighbour", re.compile(r"steal|noisy neighbo|cpu throttl|io ?wait|cfs throttl", re.IGNORECASE),
     "kubectl top pods --all-namespaces on that node", "another tenant of the same host takes its resources"),
    ("quota", re.compile(r"quota exceeded|limit exceeded for account|insufficient (capacity|quota)|billing|subscription expired", re.IGNORECASE),
     "the provider's quota page", "a quota of the account is used up"),
    ("name-resolution", re.compile(r"no such host|nxdomain|servfail|name resolution|temporary failure in name", re.IGNORECASE),
     "dig the name from a pod", "names no longer resolve"),
    ("clock", re.compile(r"clock skew|time (jump|drift)|skewed clock|ntp", re.IGNORECASE), "chronyc tracking", "a clock is wrong"),
    ("attack", re.compile(r"ddos|flood|bot traffic|credential stuffing|scraper|syn flood", re.IGNORECASE),
     "the busiest clients at the edge", "traffic that no customer sent"),
)  # fmt: skip
_RECORD = re.compile(
    r"(?:offset|record|message|msg|id|key|order|row|event|document|object|seq|partition)[\w.]*\s*[=:#]?\s*[\"']?([\w-]*\d[\w-]*)",
    re.IGNORECASE,
)
_UNREADABLE = re.compile(
    r"unmarshal|pars(e|ing)|decod|deseriali|invalid (character|utf|payload|record|json)|malformed|poison|dead.?letter|corrupt|"
    r"unexpected token|cannot convert|truncated|checksum", re.IGNORECASE
)  # fmt: skip


def outside_causes(seen: Seen, series: Sequence[Series], weights: Weights = WEIGHTS) -> list[Outside]:
    """Every outside cause with positive points, best first."""
    found = [
        _expiry(seen, series, weights), _provider(seen, weights), _surge(seen, series, weights), _record(seen, weights),
        *_world(seen, weights), _peer(seen, weights),
    ]  # fmt: skip
    return sorted((o for o in found if o is not None and o.points > 0), key=lambda o: -o.points)


def _loud(seen: Seen) -> list[tuple[float, Text]]:
    """The symptoms' texts with their weight beside the loudest, 0..1."""
    top = max((t.weight for t in seen.texts), default=0.0)
    return [(t.weight / top, t) for t in seen.texts[:60]] if top else []


def _expiry(seen: Seen, series: Sequence[Series], worth: Weights) -> Outside | None:
    out = Outside(
        name="expiry", ref="external/expiry", kind=SuspectKind.EXTERNAL, service=_first(seen),
        look_next="openssl s_client -connect HOST:PORT </dev/null | openssl x509 -noout -dates",
    )  # fmt: skip
    said = [(w, t) for w, t in _loud(seen) if _EXPIRED.search(t.text)]
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


def _provider(seen: Seen, worth: Weights) -> Outside | None:
    best: Outside | None = None
    for event in seen.events:
        # A pager's own log (who was notified, what was snoozed) tells of our alert, not of somebody else's service.
        if event.kind is not EventKind.STATUS or isinstance(event.detail, Alert):
            continue
        state = event.detail.reason if isinstance(event.detail, Warned) else event.text
        if _NORMAL.search(state) or seen.onset is None:
            continue
        distance = event.at.timestamp() - seen.onset
        if not -3600 <= distance <= 1800:
            continue
        out = _provider_event(seen, event, distance, worth)
        if out and (best is None or out.points > best.points):
            best = out
    return best


def _provider_event(seen: Seen, event: Event, distance: float, worth: Weights) -> Outside | None:
    about = f"{event.service} {event.text} {event.detail.object_ref if isinstance(event.detail, Warned) else ''}"
    names = {w for w in re.findall(r"[a-z][a-z0-9-]{1,}", about.lower()) if any(c.isdigit() for c in w) or "-" in w}
    names |= {w.lower() for w in re.findall(r"\b[A-Z][A-Za-z0-9]*[A-Z0-9][A-Za-z0-9]*\b", about)}
    hits = []
    for weight, text in _loud(seen):
        low = text.text.lower()
        shared = sorted(name for name in names if name in low)
        if shared:
            hits.append((weight * min(3, len(shared)), shared, text))
    out = Outside(
        name="provider", ref=f"external/{event.service or 'provider'}", kind=SuspectKind.EXTERNAL, service=_first(seen),
        look_next="the provider's status page; fail over to a healthy region if there is one",
    )  # fmt: skip
    out.weigh(
        worth.provider * (1.0 if abs(distance) <= 600 else 0.3),
        f"{event.text[:160]} since {event.at:%H:%M} UTC",
        FindingKind.EXTERNAL,
        event.origin,
    )
    if hits:
        weight, shared, text = max(hits, key=lambda hit: hit[0])
        out.weigh(
            worth.provider_named * min(3.0, 1.0 + weight),
            f"the errors name the same: {', '.join(shared[:4])}",
            FindingKind.LOG,
            text.citation,
        )
        services = {t.service for _, _, t in hits if t.service}
        if len(services) > 1:
            out.weigh(
                worth.provider_shared,
                f"{len(services)} services that use it fail together",
                FindingKind.LOG,
                text.citation,
            )
    return out


def _surge(seen: Seen, series: Sequence[Series], worth: Weights) -> Outside | None:
    """Demand that grew before or with the symptoms, at a service whose callers (if any) grew as well."""
    if seen.onset is None:
        return None
    top = _first(seen)
    grown: dict[str, Precursor] = {}
    for p in seen.precursors:
        what = nature_of(p.metric)
        if (
            what.nature is Nature.THROUGHPUT
            and p.before > 0
            and p.after > 1.5 * p.before
            and p.at <= seen.onset + 2 * p.step
        ):
            grown[p.service] = p
    below = seen.graph.below(top)
    path = [p for service, p in grown.items() if service == top or top in seen.graph.below(service)]
    if not path or any(c in grown and grown[c].at < min(p.at for p in path) for c in below):
        return None
    measured = {s.service for s in series if nature_of(s.metric).nature is Nature.THROUGHPUT}
    callers = {c for c in seen.graph.above(top) if c in measured}
    p = max(path, key=lambda p: p.after / p.before)
    out = Outside(
        name="surge", ref="external/traffic", kind=SuspectKind.EXTERNAL, service=top,
        look_next="requests by client, route and region at the edge since the onset",
    )  # fmt: skip
    ratio = p.after / p.before
    out.weigh(
        min(2.5, worth.surge * ratio),
        f"{p.summary} ({ratio:.1f} times) before the symptoms",
        FindingKind.METRIC,
        p.citation,
    )
    if callers and not any(c in grown for c in callers):
        out.points += worth.surge_not_above
    for weight, text in _loud(seen):
        if re.search(
            r"overload|surge|spike|too many requests|429|shedding|queue full|capacity", text.text, re.IGNORECASE
        ):
            out.weigh(
                worth.surge_said * weight, f"the logs speak of load: {text.text[:120]}", FindingKind.LOG, text.citation
            )
            break
    return out


def _record(seen: Seen, worth: Weights) -> Outside | None:
    """One record that cannot be read, again and again."""
    ids: Counter[str] = Counter()
    where: dict[str, Text] = {}
    for weight, text in _loud(seen):
        if weight >= 0.3 and _UNREADABLE.search(text.text):
            for found in _RECORD.findall(text.text):
                ids[found] += 1
                where.setdefault(found, text)
    repeated = [s for s in seen.signals if s.nature is Nature.LOG and s.count >= 3 and s.excerpt
                and _UNREADABLE.search(s.excerpt[0]) and _RECORD.search(s.excerpt[0])]  # fmt: skip
    if not ids or not repeated:
        return None
    record = ids.most_common(1)[0][0]
    out = Outside(
        name="bad-record", ref=f"external/record-{record}", kind=SuspectKind.EXTERNAL, service=_first(seen),
        look_next=f"the record {record} at its source; park it and let the consumer go on",
    )  # fmt: skip
    same = max(repeated, key=lambda s: s.count)
    out.weigh(
        worth.bad_record,
        f"{same.count} times the same record {record} cannot be read",
        FindingKind.LOG,
        where[record].citation,
    )
    return out


def _world(seen: Seen, worth: Weights) -> list[Outside]:
    out = []
    for name, pattern, look, why in _WORLD:
        hits = [(w, t) for w, t in _loud(seen) if pattern.search(t.text)]
        if hits and max(w for w, _ in hits) >= 0.2:
            _, text = max(hits, key=lambda hit: hit[0])
            found = Outside(
                name=name,
                ref=f"external/{name}",
                kind=SuspectKind.EXTERNAL,
                service=text.service or _first(seen),
                look_next=look,
            )
            found.weigh(worth.world_said, f"{why}: {text.text[:140]}", FindingKind.LOG, text.citation)
            out.append(found)
    return out


def _peer(seen: Seen, worth: Weights) -> Outside | None:
    """Calls that fail at something that is no service of ours, from several services at once."""
    callers: dict[str, set[str]] = {}
    for caller, callees in seen.graph.callees.items():
        for callee in callees:
            if callee not in seen.services and caller in seen.services and seen.hurt(caller):
                callers.setdefault(callee, set()).add(caller)
    for callee, hurt in sorted(callers.items(), key=lambda kv: -len(kv[1])):
        words = {w for w in words_of(callee) if len(w) > 1} | set(re.findall(r"[a-z0-9]+", callee.lower()))
        named = [
            (w, t)
            for w, t in _loud(seen)
            if w >= 0.3 and t.service in hurt and words & set(re.findall(r"[a-z0-9]+", t.text.lower()))
        ]
        if named:
            weight, text = max(named, key=lambda hit: hit[0])
            out = Outside(
                name="dependency", ref=f"external/{callee}", kind=SuspectKind.EXTERNAL, service=_first(seen),
                look_next=f"the status of {callee}, and its answers from outside of our network",
            )  # fmt: skip
            out.weigh(
                worth.peer + weight * 0.5 + worth.peer_shared * (len(hurt) > 1),
                f"calls to {callee} fail: {text.text[:140]}",
                FindingKind.LOG,
                text.citation,
            )
            return out
    return None


def _first(seen: Seen) -> str:
    return seen.blamed[0].service if seen.blamed else (seen.alerts[0].service if seen.alerts else "")
