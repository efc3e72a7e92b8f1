"""The services of an incident under one name each, however series, spans, logs and events spell them.

In: the material of an incident and of a quiet time. Out: names, those that anything measures, and those that are views of the
whole and no part of it. Refuses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from afteraction.evidence.callgraph import CallGraph
from afteraction.model.event import EventKind
from afteraction.model.reading import Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The services of the material; `of` maps a view's spelling to the service that it shows."""

    services: frozenset[str]
    of: dict[str, str]

    def __call__(self, name: str) -> str:
        """Return the service that a spelling means, or the spelling itself."""
        return self.of.get(name, name)


def canonical(material: Material, base: Material) -> Names:
    """Collect the services.

    Names that differ in case only are one service. A name that nothing runs, calls or logs under is a view: where the
    rest runs in instances, of the only running service that no service calls.
    """
    real = {s.service for s in (*material.series, *base.series) if s.instance and s.instance != s.service}
    real |= {n for spans in (*material.spans, *base.spans) for n in spans.services}
    real |= {n for e in (*material.edges, *base.edges) for n in (e.caller, e.callee)}
    real |= {log.service for log in material.logs}
    changed = {e.service for e in material.events if e.kind in {EventKind.ALERT_FIRING, EventKind.CHANGE}}
    seen = dict.fromkeys(n for n in (*(s.service for s in material.series), *changed, *real) if n)
    folded = {n.casefold(): n for n in sorted(real)}
    of = {n: one for n in seen if (one := folded.get(n.casefold(), n)) != n}
    running = {s.service for s in material.series if s.instance and s.instance != s.service}
    edges = (*material.edges, *base.edges)
    roots = running & ({e.caller for e in edges} - {e.callee for e in edges})
    if len(roots) == 1:
        of |= dict.fromkeys(
            (s.service for s in material.series if s.service and s.service not in real), next(iter(roots))
        )
    callees = {e.callee for e in material.edges}
    ours = {s.service for s in material.series} | {n for spans in material.spans for n in spans.services} | changed
    ours |= {e.caller for e in material.edges}
    return Names(services=frozenset(of.get(n, n) for n in seen if n not in callees or n in ours), of=of)


def heard_of(material: Material, names: Names) -> frozenset[str]:
    """Return the services that series, spans or edges tell of."""
    told = {s.service for s in material.series} | {n for spans in material.spans for n in spans.services}
    told |= {name for e in material.edges for name in (e.caller, e.callee)}
    return frozenset(names(name) for name in told if name)


def views_of(material: Material, graph: CallGraph, names: Names) -> list[str]:
    """Names under which only metrics without instance stand while all others run somewhere or are called."""
    running = {names(s.service) for s in material.series if s.instance and s.instance != s.service}
    if not running:
        return []
    real = running | {names(n) for spans in material.spans for n in spans.services}
    return [n for n in {names(s.service) for s in material.series} if n and n not in real and n not in graph]
