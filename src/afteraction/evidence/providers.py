"""Outages of somebody else's service: what status feeds say of it, and calls to it that fail without any change of ours.

In: the incident as seen. Out: an outside cause with points and citations, or nothing. A provider is known by the
addresses and proper names in its notice and by hosts in failing calls that are no service of ours. Refuses nothing.
"""

from __future__ import annotations

import re

from afteraction.evidence.metrics.nature import words_of
from afteraction.evidence.seen import Seen
from afteraction.evidence.weights import Weights
from afteraction.evidence.world import Outside, first_hurt, loud
from afteraction.model.event import Alert, Event, EventKind, Warned
from afteraction.model.finding import FindingKind, SuspectKind

_NORMAL = re.compile(
    r"operat\w*[- ]normal|\bok\b|healthy|available\b|resolved|no issues|informational|completed|scheduled",
    re.IGNORECASE,
)

_HOST = re.compile(r"\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b", re.IGNORECASE)
_OURS = re.compile(r"\.(?:svc|local|internal|cluster|lan|corp|intra)\b|^localhost", re.IGNORECASE)
_REFUSES = re.compile(r"\b50[0234]\b|unavailable|bad gateway|internal server error|gateway time-?out", re.IGNORECASE)
_GENERIC = frozenset(
    ["service", "services", "simple", "cloud", "storage", "compute", "elastic", "managed", "voice", "messaging", "payments", "platform", "network", "database", "functions", "monitoring", "console", "amazon", "google", "azure", "microsoft"]
)  # fmt: skip
"""Words in the names of many products."""


def provider_outage(seen: Seen, worth: Weights) -> Outside | None:
    """Return the notice of a provider, not older than an hour, that fits best what fails."""
    best: Outside | None = None
    for event in seen.events:
        # A pager's own log (who was notified, what was snoozed) tells of our alert, not of somebody else's service.
        if event.kind is not EventKind.STATUS or isinstance(event.detail, Alert):
            continue
        state = event.detail.reason if isinstance(event.detail, Warned) else event.text
        if _NORMAL.search(state) or seen.onset is None or _is_ours(event.service, seen):
            continue
        distance = event.at.timestamp() - seen.onset
        if not -3600 <= distance <= 1800:
            continue
        out = _provider_event(seen, event, distance, worth)
        if out and (best is None or out.points > best.points):
            best = out
    return best


def _provider_event(seen: Seen, event: Event, distance: float, worth: Weights) -> Outside | None:
    names = _names_in(event)
    hits = []
    for weight, text in loud(seen):
        low = text.text.lower()
        shared = sorted(name for name in names if name in low or name == text.service.lower())
        if shared:
            hits.append((weight * min(3, len(shared)), shared, text))
    out = Outside(
        name="provider", ref=f"external/{event.service or 'provider'}", kind=SuspectKind.EXTERNAL, service=first_hurt(seen),
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
    peer = failing_peer(seen, worth)
    if peer and any(name in peer.ref.lower() for name in names):
        out.weigh(worth.provider_called, *peer.pro[0][1:])
    return out


def _is_ours(about: str, seen: Seen) -> bool:
    """Whether a notice is our own page's: all that its subject is called, one of our services is called too."""
    words = [word for word in words_of(about) if len(word) > 3 and word not in _GENERIC]
    ours = {word.rstrip("s") for service in seen.services for word in words_of(service)}
    return bool(words) and all(word.rstrip("s") in ours for word in words)


def _names_in(event: Event) -> set[str]:
    """The addresses, regions and proper names by which errors could speak of what a notice is about, in lower case."""
    about = f"{event.service} {event.text} {event.detail.object_ref if isinstance(event.detail, Warned) else ''}"
    names = {w for w in re.findall(r"[a-z][a-z0-9-]{1,}", about.lower()) if any(c.isdigit() for c in w) or "-" in w}
    names |= {w.lower() for w in re.findall(r"\b[A-Z][A-Za-z0-9]*[A-Z0-9][A-Za-z0-9]*\b", about)}
    names |= {host.lower() for host in _HOST.findall(about)}
    names |= {w.lower() for w in re.findall(r"\b[A-Z][a-z]{3,}\b", event.service) if w.lower() not in _GENERIC}
    return names


def failing_peer(seen: Seen, worth: Weights) -> Outside | None:
    """Return what is no service of ours and where calls fail, known from the call graph or from a host in the errors."""
    callers: dict[str, set[str]] = {}
    for caller, callees in seen.graph.callees.items():
        for callee in callees:
            if callee not in seen.services and caller in seen.services and seen.hurt(caller):
                callers.setdefault(callee, set()).add(caller)
    for callee, hurt in sorted(callers.items(), key=lambda kv: -len(kv[1])):
        words = {w for w in words_of(callee) if len(w) > 1} | set(re.findall(r"[a-z0-9]+", callee.lower()))
        named = [
            (w, t)
            for w, t in loud(seen)
            if w >= 0.3 and t.service in hurt and words & set(re.findall(r"[a-z0-9]+", t.text.lower()))
        ]
        if named:
            weight, text = max(named, key=lambda hit: hit[0])
            out = Outside(
                name="dependency", ref=f"external/{callee}", kind=SuspectKind.EXTERNAL, service=first_hurt(seen),
                look_next=f"the status of {callee}, and its answers from outside of our network",
            )  # fmt: skip
            out.weigh(
                worth.peer + weight * 0.5 + worth.peer_shared * (len(hurt) > 1),
                f"calls to {callee} fail: {text.text[:140]}",
                FindingKind.LOG,
                text.citation,
            )
            return out
    return _failing_host(seen, worth)


def _failing_host(seen: Seen, worth: Weights) -> Outside | None:
    """A host outside of our network that errors name and that answers that it is the one who fails."""
    for weight, text in loud(seen):
        if weight < 0.3 or not _REFUSES.search(text.text):
            continue
        for host in re.findall(r"https?://([\w.-]+)", text.text):
            if not _HOST.fullmatch(host) or _OURS.search(host) or host.split(".")[0] in seen.services:
                continue
            out = Outside(
                name="dependency", ref=f"external/{host}", kind=SuspectKind.EXTERNAL, service=text.service or first_hurt(seen),
                look_next=f"the status of {host}, and its answers from outside of our network",
            )  # fmt: skip
            out.weigh(
                worth.peer + weight * 0.5, f"calls to {host} fail: {text.text[:140]}", FindingKind.LOG, text.citation
            )
            return out
    return None
