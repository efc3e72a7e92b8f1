"""From shifted series to signals: what shifted means in the vocabulary of the ranking, with onset and citation.

In: series, the window, baseline series, and the names of services. Out: signals, and the calls that edge series name.
A series without a service whose name joins two services (`caller_callee`) is the time of that call. Refuses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from afteraction.evidence.metrics.nature import MetricNature, nature_of, words_of
from afteraction.evidence.metrics.shift import Shift, shifts
from afteraction.evidence.signals import Excess, Nature, Signal
from afteraction.model.finding import FindingKind
from afteraction.model.origin import Origin
from afteraction.model.series import Series

IMPROVED = 0.25
"""What is left of a signal when the metric moved to the better side: still a change, hardly the cause of harm."""
_CALLS = frozenset(["request", "requests", "rps", "qps", "ops", "workload", "calls", "invocations", "throughput"])
_UNCALLED = frozenset(
    ["restart", "restarts", "oom", "killed", "crash", "crashes", "panic", "panics", "evicted", "evictions"]
)
"""Failures of a process, which are no failures of calls."""
NOTABLE = 0.3
"""Probability above which a shift is not worth a signal; weak ones still rank services when somebody saw trouble."""
STRONGEST = 6.0
"""One in a million; beyond it an extrapolated tail says nothing more."""


TRIFLE = 0.4
"""What is left of slowness that costs callers next to nothing beside what another service costs its callers."""
FELT_SLOWER, FELT_FAILING = 0.1, 0.01
"""A tenth slower, or one call in a hundred failing, is what everybody feels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSignals:
    """Signals, how many series were judged (for the correction of several testing), and the calls found in names."""

    signals: tuple[Signal, ...]
    judged: int
    calls: tuple[tuple[str, str], ...]
    excess: Mapping[tuple[str, Nature], Excess]
    """What a service gave its callers beyond the usual, where its volume is known."""


def metric_signals(
    series: Sequence[Series], start: float, end: float, baseline: Sequence[Series], services: Iterable[str]
) -> MetricSignals:
    """Judge all series inside `start <= t < end` (seconds since the epoch) and word the notable ones."""
    known = frozenset(services)
    judged = shifts(series, start, end, baseline)
    edges: dict[str, tuple[str, str]] = {}
    for s in series:
        if not s.service and s.metric not in edges and (pair := edge_of(s.metric, known)):
            edges[s.metric] = pair
    volume = _volumes(judged)
    excess = _excess(judged, volume)
    most = max((e.amount for (_, nature), e in excess.items() if nature is Nature.LATENCY), default=0.0)
    signals = []
    for shift in judged:
        if shift.p < NOTABLE:
            signal = _signal(shift, edges.get(shift.series.metric))
            if signal.nature is Nature.LATENCY and not signal.peer and most and signal.service in volume:
                own = excess.get((signal.service, Nature.LATENCY))
                amount = own.amount if own and not signal.outgoing else abs(shift.gain) * volume[signal.service]
                signal = replace(signal, strength=signal.strength * (TRIFLE + (1 - TRIFLE) * min(1.0, amount / most)))
            signals.append(signal)
    return MetricSignals(
        signals=tuple(signals), judged=len(judged), calls=tuple(dict.fromkeys(edges.values())), excess=excess
    )  # fmt: skip


def _volumes(judged: Sequence[Shift]) -> dict[str, float]:
    """Calls per sample of each service in the window, where a metric counts them."""
    volume: dict[str, float] = {}
    for shift in judged:
        words = frozenset(words_of(shift.series.metric))
        if words & _CALLS and nature_of(shift.series.metric).nature is Nature.THROUGHPUT:
            seen = float(shift.series.values[shift.first : shift.last].mean())
            volume[shift.series.service] = max(volume.get(shift.series.service, 0.0), seen)
    return volume


def _excess(judged: Sequence[Shift], volume: Mapping[str, float]) -> dict[tuple[str, Nature], Excess]:
    """What callers felt: extra seconds per call times calls, lost share of calls times calls."""
    best: dict[tuple[str, Nature], tuple[int, Excess]] = {}
    for shift in judged:
        s = shift.series
        what = nature_of(s.metric, s.unit, s.statistic)
        if what.nature not in {Nature.LATENCY, Nature.ERRORS} or what.outgoing or s.service not in volume:
            continue
        if what.nature is Nature.ERRORS and _UNCALLED & frozenset(words_of(s.metric)):
            continue
        if what.bad < 0 and not s.values.any():
            continue  # Nothing ever succeeded by this metric: it is not being counted.
        found = (_preference(s), _excess_of(shift, what, volume[s.service]))
        key = (s.service, what.nature)
        if key not in best or found[0] < best[key][0]:
            best[key] = found
    return {key: excess for key, (_, excess) in best.items()}


def _excess_of(shift: Shift, what: MetricNature, volume: float) -> Excess:
    gain = max(0.0, shift.gain * what.bad)
    if what.nature is Nature.LATENCY:
        slower = gain / abs(shift.before) if shift.before else 1.0
        return Excess(amount=gain * volume, volume=volume, felt=min(1.0, slower / FELT_SLOWER))
    if what.bad > 0 and not frozenset(words_of(shift.series.metric)) & {"ratio", "rate", "percent"}:
        return Excess(amount=gain, volume=volume, felt=min(1.0, gain / max(volume, 1e-9) / FELT_FAILING))
    share = gain / 100.0 if max(abs(shift.before), abs(shift.after)) > 1.5 else gain
    return Excess(amount=share * volume, volume=volume, felt=min(1.0, share / FELT_FAILING))


def _preference(s: Series) -> int:
    """Means add up, percentiles do not: the lower the better."""
    words = frozenset((*words_of(s.metric), s.statistic.lower()))
    order = ({"average", "avg", "mean"}, {"p50", "median"}, {"p75", "p90"}, {"p95"}, {"p99", "p999", "max", "maximum"})
    return next((i for i, some in enumerate(order) if words & some), 1)


def edge_of(metric: str, services: frozenset[str]) -> tuple[str, str] | None:
    """Split `caller_callee` at any separator so that both halves are services; None when none or several splits fit."""
    splits = {
        (metric[:i], metric[j:])
        for i in range(1, len(metric))
        if metric[i] in "_-.:/>|" and metric[:i] in services
        for j in range(i + 1, min(i + 3, len(metric)))
        if metric[j:] in services
    }
    return next(iter(splits)) if len(splits) == 1 else None


def onset_of(shift: Shift) -> tuple[float, float]:
    """When the window first passed half-way to its new level, and half the gap to the sample before (seconds)."""
    values, times = shift.series.values, shift.series.times
    half = (shift.before + shift.after) / 2
    inside = values[shift.first : shift.last]
    beyond = np.flatnonzero(inside >= half if shift.direction > 0 else inside <= half)
    row = shift.first + (int(beyond[0]) if len(beyond) else 0)
    step = float(times[row] - times[row - 1]) if row else (float(times[1] - times[0]) if len(times) > 1 else 0.0)
    return float(times[row]), step


def _signal(shift: Shift, edge: tuple[str, str] | None) -> Signal:
    series = shift.series
    what = nature_of(series.metric, series.unit, series.statistic)
    if edge:
        what = MetricNature(nature=Nature.LATENCY, bad=1, outgoing=False, expiry=False)
    strength = min(shift.strength, STRONGEST)
    if what.bad and what.bad != shift.direction:
        strength *= IMPROVED
    at, step = onset_of(shift)
    name = " ".join(part for part in (series.metric, series.statistic) if part)
    return Signal(
        service=edge[0] if edge else series.service, peer=edge[1] if edge else "", instance=series.instance,
        nature=what.nature, strength=strength, direction=shift.direction, kind=FindingKind.METRIC,
        outgoing=what.outgoing, at=at - step / 2, uncertainty=step / 2, rule="metric-shift",
        summary=f"{name} of {series.service or name} went {'up' if shift.direction > 0 else 'down'} from "
        f"{_number(shift.before)} to {_number(shift.after)}{_unit(series.unit)}{_worst(shift)}",
        citations=(_citation(shift, at),), count=shift.last - shift.first, terms=(series.metric,),
    )  # fmt: skip


def _worst(shift: Shift) -> str:
    """Tell the most extreme sample of the window where the level alone would hide it."""
    inside = shift.series.values[shift.first : shift.last]
    worst = _number(float(inside.max() if shift.direction > 0 else inside.min())) if inside.size else ""
    return f" (at worst {worst})" if worst and worst != _number(shift.after) else ""


def _citation(shift: Shift, at: float) -> Origin:
    return shift.series.origin_of(int(np.searchsorted(shift.series.times, at)))


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""


def _number(value: float) -> str:
    """Four figures are enough to compare by."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "unknown"
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"
