"""From what was seen where to who started it: the walk down the calls, with edge effects resolved.

In: signals and the call graph. Out: services with a score, best first, and what explained the ones that were hurt.
A caller's latency and errors are explained away by a callee that is at least as surprising; time lost on the way to a
callee speaks against the callee first; saturation, changed flow and self time are the service's own. Without a graph
nothing is explained away and the services rank by what was seen at them. Names mean nothing: ties keep the order in
which the material named the services.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from afteraction.evidence.callgraph import CallGraph
from afteraction.evidence.signals import Excess, Nature, Signal

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
FELT = (Nature.LATENCY, Nature.ERRORS)
"""What users feel; everything else is felt through these."""
UNFELT = 0.4
"""What is left of slowness (or errors) when the entries show only the other."""
CARRIED, CARRYING_NOTHING = 2.0, 0.3
"""How much more a service is blamed that accounts for all that the entries felt, and what is left of the blame of one
that accounts for nothing of it."""
UNNAMED = 0.3
"""What a caller's view of unnamed callees says about the caller itself."""
VIEW = 0.25
"""What is left of a name under which nothing runs, logs, calls or is called: a view of the whole, not a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blamed:
    """A service and its blame.

    `score` is its surprise after explaining away (0 upwards), `shown` before it; `signals` speak against it with their
    share, strongest first; `explained_by` are the callees that explain it.
    """

    service: str
    score: float
    signals: tuple[tuple[float, Signal], ...]
    explained_by: tuple[str, ...]
    shown: float


Excesses = Mapping[tuple[str, Nature], Excess]


def blame(
    signals: Sequence[Signal], graph: CallGraph, views: Iterable[str] = (), excess: Excesses | None = None
) -> list[Blamed]:
    """Rank the services; `views` are names that are no parts of the system, `excess` what each gave its callers."""
    excess = excess or {}
    carried = carriers(signals, graph, excess)
    borne = sum(carried.values())
    parts: dict[str, list[tuple[float, Signal]]] = defaultdict(list)
    for signal in signals:
        for service, share in _shares(signal):
            parts[service].append((share * WEIGHT[signal.nature] * signal.strength, signal))
    focus = focus_of(signals, graph, excess)
    for service, found in parts.items():
        parts[service] = [(weight * focus.get(signal.nature, 1.0), signal) for weight, signal in found]
    views = frozenset(views)
    for service in views & parts.keys():
        parts[service] = [(weight * VIEW, signal) for weight, signal in parts[service]]
    shown = {service: _total(found) for service, found in parts.items()}
    on_calls: dict[tuple[str, Nature], float] = defaultdict(float)
    for signal in signals:
        if signal.peer:
            key = (signal.service, signal.nature)
            on_calls[key] = max(on_calls[key], signal.strength)
    ranked = []
    for service, found in parts.items():
        causes = _causes(service, shown, graph)
        share = max((min(1.0, shown[c] / shown[service]) for c in causes), default=0.0) if shown[service] else 0.0
        left = []
        for weight, signal in found:
            explained = _explained(service, signal, share, graph, excess)
            if not signal.peer and signal.strength:
                explained = max(explained, min(1.0, on_calls[service, signal.nature] / signal.strength))
            left.append((weight * (1 - explained * _passed(signal, service)), signal))
        left.sort(key=lambda pair: -pair[0])
        by = tuple(sorted(causes, key=lambda c: -shown[c])[:3]) if share >= 0.5 else ()
        ranked.append(
            Blamed(
                service=service,
                score=_total(left) * _carrying(carried.get(service, 0.0), borne),
                signals=tuple(left),
                explained_by=by,
                shown=shown[service],
            )
        )
    return sorted(ranked, key=lambda b: -b.score)


def _carrying(carried: float, borne: float) -> float:
    """A factor: above one for who carries what the entries felt, below one for others if most of it is accounted for."""
    known = min(1.0, borne)
    return 1.0 + known * (CARRIED * carried - (1 - CARRYING_NOTHING) * (1 - min(1.0, carried)))


def felt_at_entries(signals: Sequence[Signal], graph: CallGraph, excess: Excesses) -> dict[Nature, float]:
    """How surprisingly the services that nobody calls suffer, by nature; empty without a graph or signals there.

    A busy entry counts in proportion to its calls.
    """
    at = [s for s in signals if s.nature in FELT and not s.peer and not s.outgoing
          and s.service in graph and not graph.callers.get(s.service)]  # fmt: skip
    volumes = {s.service: known.volume for s in at if (known := excess.get((s.service, s.nature)))}
    busiest = max(volumes.values(), default=0.0)
    out: dict[Nature, float] = {}
    for s in at:
        known = excess.get((s.service, s.nature))
        share = known.felt * known.volume / busiest if known and busiest else 1.0
        out[s.nature] = max(out.get(s.nature, 0.0), s.strength * share)
    return out


def focus_of(signals: Sequence[Signal], graph: CallGraph, excess: Excesses) -> dict[Nature, float]:
    """Weights of what is felt: when the entries fail but are not slow, slowness further down is beside the point."""
    felt = felt_at_entries(signals, graph, excess)
    top = max(felt.values(), default=0.0)
    return {nature: UNFELT + (1 - UNFELT) * felt.get(nature, 0.0) / top for nature in FELT} if top >= 1 else {}


def own_excess(service: str, nature: Nature, graph: CallGraph, excess: Excesses) -> float:
    """What of a service's excess its callees do not account for (time and failures add up along calls)."""
    theirs = sum(_amount(excess, callee, nature) for callee in graph.callees.get(service, ()))
    return max(0.0, _amount(excess, service, nature) - theirs)


def _amount(excess: Excesses, service: str, nature: Nature) -> float:
    known = excess.get((service, nature))
    return known.amount if known else 0.0


def carriers(signals: Sequence[Signal], graph: CallGraph, excess: Excesses) -> dict[str, float]:
    """How much of what the entries felt each service accounts for by itself, 0..1.

    An entry is a service that nobody calls. What an entry felt beyond the usual must come from somewhere below it; a
    service whose own excess is as large as the entry's carries it.
    """
    felt: dict[tuple[str, Nature], float] = defaultdict(float)
    for signal in signals:
        if signal.nature in {Nature.LATENCY, Nature.ERRORS} and not signal.peer and not signal.outgoing:
            felt[signal.service, signal.nature] = max(felt[signal.service, signal.nature], signal.strength)
    entries = [
        (service, nature, excess[service, nature].amount * strength)
        for (service, nature), strength in felt.items()
        if service in graph and not graph.callers.get(service) and _amount(excess, service, nature) > 0
    ]
    out: dict[str, float] = defaultdict(float)
    focus = focus_of(signals, graph, excess)
    for nature in FELT:
        weighed = [(service, weight) for service, one, weight in entries if one is nature]
        total = sum(weight for _, weight in weighed)
        for entry, weight in weighed:
            whole = excess[entry, nature].amount
            for service in (entry, *graph.below(entry)):
                strength = felt.get((service, nature), 0.0)
                own = min(1.0, own_excess(service, nature, graph, excess) / whole)
                out[service] = max(
                    out[service], focus.get(nature, 1.0) * weight / total * own * strength / (strength + 1.0)
                )
    return dict(out)


def _explained(service: str, signal: Signal, share: float, graph: CallGraph, excess: Excesses) -> float:
    """The part of a signal at `service` that callees account for: by what adds up if it is known, else by surprise."""
    mine = _amount(excess, service, signal.nature)
    known = any((callee, signal.nature) in excess for callee in graph.callees.get(service, ()))
    if mine > 0 and known and not signal.peer:
        return 1.0 - own_excess(service, signal.nature, graph, excess) / mine
    return share


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
