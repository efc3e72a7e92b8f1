"""From what was seen where to who started it: the walk down the calls, with edge effects resolved.

In: signals and the call graph. Out: services with a score, best first, and what explained the ones that were hurt.
A caller's latency and errors are explained away by a callee that is at least as surprising; time lost on the way to a
callee speaks against the callee first; saturation, changed flow and self time are the service's own. Without a graph
nothing is explained away and the services rank by what was seen at them. Names mean nothing: ties keep the order in
which the material named the services.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from afteraction.evidence.callgraph import CallGraph
from afteraction.evidence.signals import Nature, Signal

WEIGHT = {
    Nature.SATURATION: 1.0, Nature.LATENCY: 1.0, Nature.ERRORS: 1.0, Nature.FLOW: 1.2, Nature.LOG: 1.0,
    Nature.OTHER: 0.5, Nature.THROUGHPUT: 0.4, Nature.CAPACITY: 0.4, Nature.HOST: 0.3,
}  # fmt: skip
"""What one unit of surprise is worth as evidence that this service is the cause. Volumes and hosts are shared with
others; a broken flow can hardly be."""
PASSED_ON = {Nature.LATENCY: 0.85, Nature.ERRORS: 0.85, Nature.LOG: 0.7, Nature.FLOW: 0.5, Nature.THROUGHPUT: 0.6}
"""The share of a signal that a callee can cause in its caller."""
OWN = frozenset({"trace-self-time", "trace-error-origin"})
"""Rules whose signals already leave the callees out."""
AT_CALLEE, AT_CALLER = 0.85, 0.45
"""How the time lost on a call is shared: the callee's end is guilty more often than the caller's."""
UNNAMED = 0.3
"""What a caller's view of unnamed callees says about the caller itself."""
VIEW = 0.25
"""What is left of a name under which nothing runs, logs, calls or is called: a view of the whole, not a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blamed:
    """A service with its score (surprise after explaining away, 0 upwards), the signals that speak against it with
    their share, strongest first, the callees that explain it, and what it showed before explaining away."""

    service: str
    score: float
    signals: tuple[tuple[float, Signal], ...]
    explained_by: tuple[str, ...]
    shown: float


def blame(signals: Sequence[Signal], graph: CallGraph, views: Iterable[str] = ()) -> list[Blamed]:
    """Rank the services; `views` are names that are no parts of the system."""
    parts: dict[str, list[tuple[float, Signal]]] = defaultdict(list)
    for signal in signals:
        for service, share in _shares(signal):
            parts[service].append((share * WEIGHT[signal.nature] * signal.strength, signal))
    views = frozenset(views)
    for service in views & parts.keys():
        parts[service] = [(weight * VIEW, signal) for weight, signal in parts[service]]
    shown = {service: _total(found) for service, found in parts.items()}
    ranked = []
    for service, found in parts.items():
        causes = _causes(service, shown, graph)
        share = max((min(1.0, shown[c] / shown[service]) for c in causes), default=0.0) if shown[service] else 0.0
        left = [(weight * (1 - share * _passed(signal, service)), signal) for weight, signal in found]
        left.sort(key=lambda pair: -pair[0])
        by = tuple(sorted(causes, key=lambda c: -shown[c])[:3]) if share >= 0.5 else ()
        ranked.append(
            Blamed(service=service, score=_total(left), signals=tuple(left), explained_by=by, shown=shown[service])
        )
    return sorted(ranked, key=lambda b: -b.score)


def _shares(signal: Signal) -> list[tuple[str, float]]:
    if signal.peer:
        return [(signal.peer, AT_CALLEE), (signal.service, AT_CALLER)]
    return [(signal.service, UNNAMED if signal.outgoing else 1.0)] if signal.service else []


def _passed(signal: Signal, service: str) -> float:
    """The share of `signal` at `service` that callees of `service` can have caused."""
    if signal.rule in OWN and signal.service == service and not signal.peer:
        return 0.0
    if signal.peer == service:
        return 0.3
    return PASSED_ON.get(signal.nature, 0.0)


def _total(found: Sequence[tuple[float, Signal]]) -> float:
    """The strongest signal of each nature counts; natures add with falling weight, because they fall ill together."""
    best: dict[Nature, list[float]] = defaultdict(list)
    for weight, signal in found:
        best[signal.nature].append(weight)
    tops = []
    for weights in best.values():
        weights.sort(reverse=True)
        tops.append(weights[0] + 0.15 * sum(weights[1:3]))
    tops.sort(reverse=True)
    return sum(top * 0.5**i for i, top in enumerate(tops))


def _causes(service: str, shown: dict[str, float], graph: CallGraph) -> list[str]:
    """Callees below `service` that show something, unless `service` is below them too (a cycle explains nothing)."""
    below = graph.below(service)
    above = graph.above(service)
    return [callee for callee in below if callee in shown and callee not in above]
