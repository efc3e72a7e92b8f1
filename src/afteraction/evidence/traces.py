"""Traces: which operations spend longer in themselves, which calls lose time on the way, and where errors begin.

In: spans as columns, the window, and spans of a quiet time. Out: signals on services and edges, and the calls that
were seen. An operation is judged by its self time (its own duration less the union of its children), so that a slow
callee does not make a slow caller; time between a client span and the only server span under it belongs to the edge.
An error belongs to the deepest failed span of its branch. One pass of sorts and bincounts: a million spans take
seconds. A span whose parent is not in its file counts as a root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from afteraction.evidence.signals import Nature, Signal
from afteraction.model.finding import FindingKind
from afteraction.model.origin import Origin
from afteraction.model.span import Spans

FELT = 1e-3
"""Seconds below which nobody feels a difference; added before logarithms, so that microseconds are no multiples."""
ENOUGH = 12
"""Samples after which more of them add no confidence: spans of one minute are not independent."""
TRIFLE, BULK = 0.5, 1.75
"""Factors for slowness that accounts for nothing, and for all, of the time lost."""
WOBBLE = 0.15
"""Spread of a quiet operation's log mean from one stretch to the next; keeps large counts from making trifles sure."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Structure:
    """What holds of each span, by row.

    `parent` is the row of the parent (-1: none), `self_time` in seconds; `edge` says that it is a call inside a service
    whose only child, at row `child`, is another service's span; `origin_of_error` that it failed with no failed child.
    """

    parent: Ints
    self_time: Floats
    edge: NDArray[np.bool_]
    child: Ints
    origin_of_error: NDArray[np.bool_]


def structure(spans: Spans) -> Structure:
    """Compute parents, self times and error origins of one file's spans."""
    n = len(spans)
    parent = _parents(spans)
    has = np.flatnonzero(parent >= 0)
    covered = np.bincount(parent[has], weights=_covered(spans, parent, has), minlength=n)
    self_time = np.maximum(spans.duration - covered, 0.0)
    children = np.bincount(parent[has], minlength=n)
    child = np.full(n, -1, dtype=np.int64)
    child[parent[has]] = has
    edge = (children == 1) & (child >= 0)
    edge &= spans.service[child] != spans.service
    edge &= (parent >= 0) & (spans.service[parent] == spans.service)  # A service's entry span does work of its own.
    failed_children = np.bincount(parent[has], weights=spans.error[has].astype(np.float64), minlength=n)
    return Structure(parent, self_time, edge, child, spans.error & (failed_children == 0))


def _parents(spans: Spans) -> Ints:
    width = np.int64(len(spans.ids) + 1)
    key = spans.trace.astype(np.int64) * width + spans.span_id
    order = np.argsort(key, kind="stable")
    wanted = spans.trace.astype(np.int64) * width + spans.parent_id
    at = np.minimum(np.searchsorted(key[order], wanted), max(len(key) - 1, 0))
    row = order[at]
    found = (spans.parent_id >= 0) & (key[row] == wanted) & (row != np.arange(len(key)))
    return np.where(found, row, -1).astype(np.int64)


def _covered(spans: Spans, parent: Ints, has: Ints) -> Floats:
    """Time of its parent that each child adds to the union of the children, clipped to the parent."""
    if not len(has):
        return np.empty(0)
    above = parent[has]
    start = np.clip(spans.start[has] - spans.start[above], 0.0, spans.duration[above])
    end = np.clip(spans.start[has] + spans.duration[has] - spans.start[above], 0.0, spans.duration[above])
    order = np.lexsort((start, above))
    _, rank = np.unique(above[order], return_inverse=True)
    lane = rank * (2.0 * float(spans.duration.max()) + 1.0)
    reach = np.maximum.accumulate(end[order] + lane)
    before = np.concatenate(([-np.inf], reach[:-1]))
    covered = np.empty(len(has))
    covered[order] = np.maximum(end[order] + lane - np.maximum(start[order] + lane, before), 0.0)
    return covered


@dataclass(slots=True)
class _Tally:
    """Sums per operation or edge: n, sum and sum of squares of log time, sum of seconds, errors, worst example."""

    n: float = 0.0
    log: float = 0.0
    squares: float = 0.0
    seconds: float = 0.0
    errors: float = 0.0
    example: tuple[float, Origin] | None = None
    first_error: tuple[float, Origin, str] | None = None


Key = tuple[str, str, str]
"""Service, peer (empty for an operation), operation name."""


def tally(files: Iterable[Spans], start: float, end: float) -> dict[Key, _Tally]:
    """Aggregate the spans that start inside `start <= t < end` by operation and by edge."""
    out: dict[Key, _Tally] = {}
    for spans in files:
        if len(spans):
            _tally_file(spans, structure(spans), start, end, out)
    return out


def _tally_file(spans: Spans, shape: Structure, start: float, end: float, out: dict[Key, _Tally]) -> None:
    rows = np.flatnonzero((spans.start >= start) & (spans.start < end))
    if not len(rows):
        return
    names, services = len(spans.names), len(spans.services)
    peer = np.where(shape.edge[rows], spans.service[shape.child[rows]], -1).astype(np.int64)
    key = (spans.service[rows].astype(np.int64) * (services + 1) + peer + 1) * names + spans.name[rows]
    unique, group = np.unique(key, return_inverse=True)
    value = shape.self_time[rows]
    logs = np.log(value + FELT)
    failed = shape.origin_of_error[rows]
    sums = [
        np.bincount(group, weights=w, minlength=len(unique))
        for w in (np.ones(len(rows)), logs, logs * logs, value, failed.astype(np.float64))
    ]
    order = np.lexsort((value, group))
    worst = order[np.flatnonzero(np.diff(np.append(group[order], -1)))]
    bad = np.flatnonzero(failed)
    bad = bad[np.lexsort((spans.start[rows[bad]], group[bad]))]
    _, firsts = np.unique(group[bad], return_index=True)
    first_bad = {int(group[bad[i]]): int(rows[bad[i]]) for i in firsts}
    said = dict(spans.messages)
    for i, k in enumerate(unique):
        names_of = _names(spans, int(k))
        sum_ = out.setdefault(names_of, _Tally())
        sum_.n += sums[0][i]
        sum_.log += sums[1][i]
        sum_.squares += sums[2][i]
        sum_.seconds += sums[3][i]
        sum_.errors += sums[4][i]
        row = int(rows[worst[i]])
        if sum_.example is None or shape.self_time[row] > sum_.example[0]:
            sum_.example = (float(shape.self_time[row]), _origin(spans, row))
        if i in first_bad and (sum_.first_error is None or spans.start[first_bad[i]] < sum_.first_error[0]):
            row = first_bad[i]
            sum_.first_error = (float(spans.start[row]), _origin(spans, row), said.get(row, ""))


def _names(spans: Spans, key: int) -> Key:
    name = spans.names[key % len(spans.names)]
    service, peer = divmod(key // len(spans.names), len(spans.services) + 1)
    return spans.services[service], spans.services[peer - 1] if peer else "", name


def _origin(spans: Spans, row: int) -> Origin:
    return Origin(file=spans.origin.file, line=int(spans.line[row]))


def calls(files: Iterable[Spans]) -> dict[tuple[str, str], int]:
    """Count the calls from service to service (caller, callee)."""
    out: dict[tuple[str, str], int] = {}
    for spans in files:
        if not len(spans):
            continue
        parent = _parents(spans)
        rows = np.flatnonzero(parent >= 0)
        caller, callee = spans.service[parent[rows]].astype(np.int64), spans.service[rows].astype(np.int64)
        across = caller != callee
        pairs, counts = np.unique(caller[across] * len(spans.services) + callee[across], return_counts=True)
        for pair, count in zip(pairs, counts, strict=True):
            one = (spans.services[pair // len(spans.services)], spans.services[pair % len(spans.services)])
            out[one] = out.get(one, 0) + int(count)
    return out


def trace_signals(
    files: Sequence[Spans], baseline: Sequence[Spans], start: float, end: float, *, least: float = 1.0
) -> list[Signal]:
    """Compare the window with what came before it and with the baseline; signals of at least `least` strength."""
    now = tally(files, start, end)
    then = tally(files, -np.inf, start)
    for key, sums in tally(baseline, -np.inf, np.inf).items():
        _add(then.setdefault(key, _Tally()), sums)
    signals = []
    for key, after in now.items():
        before = then.get(key)
        if before is not None and before.n >= 3:
            signals.append(_slower(key, before, after, end - start))
        if after.errors:
            signals.append(_failing(key, before, after))
    return _weighed([s for s in signals if s is not None], least)


def _weighed(signals: list[Signal], least: float) -> list[Signal]:
    """Let slowness count by its share of all the time lost: many operations are surprisingly slow by a trifle."""
    lost = sum(s.excess for s in signals if s.nature is Nature.LATENCY)
    out = []
    for s in signals:
        share = s.excess / lost if s.nature is Nature.LATENCY and lost > 0 else None
        weighed = s if share is None else replace(s, strength=s.strength * (TRIFLE + (BULK - TRIFLE) * share))
        if weighed.strength >= least:
            out.append(weighed)
    return out


def _add(into: _Tally, more: _Tally) -> None:
    into.n += more.n
    into.log += more.log
    into.squares += more.squares
    into.seconds += more.seconds
    into.errors += more.errors


def _slower(key: Key, before: _Tally, after: _Tally, seconds: float) -> Signal | None:
    service, peer, name = key
    change = after.log / after.n - before.log / before.n
    spread = max(before.squares / before.n - (before.log / before.n) ** 2, 0.0)
    error = spread * (1 / min(after.n, ENOUGH) + 1 / min(before.n, ENOUGH)) + WOBBLE**2
    z = change / float(np.sqrt(error))
    if z <= 1 or after.example is None:
        return None
    old, new = before.seconds / before.n, after.seconds / after.n
    where = f"the way from {service} to {peer} ({name})" if peer else f"{name} in {service} itself"
    return Signal(
        service=service, peer=peer, nature=Nature.LATENCY, strength=heavy(z), kind=FindingKind.TRACE,
        summary=f"{where} takes {_ms(new)} instead of {_ms(old)} ({int(after.n)} spans)",
        citations=(after.example[1],), rule="trace-self-time", count=int(after.n),
        excess=max(0.0, new - old) * after.n / max(seconds, 1.0), terms=(name,),
    )  # fmt: skip


def _failing(key: Key, before: _Tally | None, after: _Tally) -> Signal | None:
    service, peer, name = key
    old = 0.0 if before is None else before.errors
    n = 0.0 if before is None else before.n
    rate, base = after.errors / after.n, (old + 0.5) / (n + 1.0)
    z = (rate - base) / float(np.sqrt(base * (1 - base) / min(after.n, ENOUGH) + 0.01))
    if z <= 1 or after.first_error is None:
        return None
    before_text = f"{int(old)} of {int(n)} before" if n else "no such span before"
    return Signal(
        service=service, peer=peer, nature=Nature.ERRORS, strength=heavy(z), kind=FindingKind.TRACE,
        summary=f"{name} in {service} fails by itself: {int(after.errors)} of {int(after.n)} spans ({before_text})",
        citations=(after.first_error[1],), rule="trace-error-origin", count=int(after.errors),
        at=after.first_error[0], excess=after.errors, terms=(name,),
        excerpt=(after.first_error[2],) if after.first_error[2] else (),
    )  # fmt: skip


def heavy(z: float) -> float:
    """-log10 of a tail that falls with the third power of z: what z is worth when spreads are only roughly known."""
    return 3.0 * float(np.log10(max(z, 1.0)))


def _ms(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"
