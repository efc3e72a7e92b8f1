"""Who calls whom: stated edges, calls seen in spans, edge series, and who names whom in its complaints.

In: pairs of caller and callee with their origin of knowledge. Out: a graph that answers who is below a service, for
the walk from the hurt service to where the anomaly starts. Cycles are allowed. Names are compared without regard to
case and mean nothing beyond that.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class CallGraph:
    """A directed graph of services; `callees[caller]` and `callers[callee]` are kept in the order learnt."""

    callees: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    callers: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, caller: str, callee: str, weight: int = 1) -> None:
        """Add a call; a call to oneself says nothing and is left out."""
        if caller and callee and caller != callee:
            self.callees[caller][callee] = self.callees[caller].get(callee, 0) + weight
            self.callers[callee][caller] = self.callers[callee].get(caller, 0) + weight

    def below(self, service: str) -> dict[str, int]:
        """Every service reachable by calls from `service` (itself left out), with the distance in calls."""
        return _reach(self.callees, service)

    def above(self, service: str) -> dict[str, int]:
        """Every service from which `service` can be reached by calls, with the distance in calls."""
        return _reach(self.callers, service)

    def __contains__(self, service: str) -> bool:
        return service in self.callees or service in self.callers

    def __bool__(self) -> bool:
        return bool(self.callees)


def _reach(edges: dict[str, dict[str, int]], start: str) -> dict[str, int]:
    seen = {start: 0}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for there in edges.get(here, ()):
            if there not in seen:
                seen[there] = seen[here] + 1
                queue.append(there)
    del seen[start]
    return seen


def graph_of(pairs: Iterable[tuple[str, str, int]]) -> CallGraph:
    """Build a graph from (caller, callee, number of calls)."""
    graph = CallGraph()
    for caller, callee, weight in pairs:
        graph.add(caller, callee, weight)
    return graph
