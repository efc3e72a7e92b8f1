"""When the trouble began: the change points of series, the first complaint, and the alert as the latest bound.

In: series, signals' times and alerts. Out: the onset with its uncertainty, and precursors: series that stepped or
began to climb earlier. Change points by CUSUM over clipped values (Page 1954), refined to the sample that first passed
half-way; a climb is a CUSUM over the slopes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afteraction.evidence.metrics.nature import nature_of
from afteraction.evidence.metrics.shift import rates
from afteraction.evidence.seen import Precursor
from afteraction.evidence.signals import Nature, Signal
from afteraction.model.finding import FindingKind
from afteraction.model.origin import Origin
from afteraction.model.series import Series

FEWEST = 8
"""Samples below which no change point is sought."""
SURE = 6.0
"""Spreads by which two levels must differ to be two levels: the best of many possible splits is always some way off."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """Where a series stepped: row of the first new sample, levels, and the difference in spreads."""

    row: int
    before: float
    after: float
    z: float


def change_point(values: Floats) -> ChangePoint | None:
    """The strongest step of `values`, or None when no step stands out of the noise."""
    n = len(values)
    if n < FEWEST:
        return None
    low, high = np.quantile(values, (0.01, 0.99))
    clipped = np.clip(values, low, high)
    reach = np.abs(np.cumsum(clipped - clipped.mean()))[: n - 1]
    row = int(reach.argmax()) + 1
    before, after = float(np.median(values[:row])), float(np.median(values[row:]))
    half = (before + after) / 2
    up = after > before
    head = values[max(0, row - 3) :]
    passed = np.flatnonzero(head > half if up else head < half)
    if len(passed):
        row = max(1, max(0, row - 3) + int(passed[0]))
    quiet = values[:row]
    spread = max(1.4826 * float(np.median(np.abs(quiet - before))), 0.3 * float(quiet.std()), 0.01 * abs(before), 1e-9)
    z = abs(after - before) / spread
    return ChangePoint(row=row, before=before, after=after, z=z) if z >= SURE else None


def climb_point(values: Floats) -> int | None:
    """The row from which `values` climb steadily to the end, or None; a drop in the last tenth does not matter."""
    n = len(values)
    if n < 20:
        return None
    end = int(values.argmax()) + 1
    if end < max(20, 0.9 * n):
        return None
    part = values[:end]
    slopes = np.diff(part)
    low, high = np.quantile(slopes, (0.02, 0.98))
    slopes = np.clip(slopes, low, high)
    row = int(np.abs(np.cumsum(slopes - slopes.mean())).argmax()) + 1
    row = row if slopes[row:].mean() > slopes[:row].mean() else 0
    rise = part[row:]
    if len(rise) < 12:
        return None
    _, rank = np.unique(rise, return_inverse=True)
    steady = float(np.corrcoef(rank, np.arange(len(rise)))[0, 1]) if rise.std() > 0 else 0.0
    noise = float(np.median(np.abs(np.diff(part)))) + 1e-9
    grown = float(rise[-3:].mean() - rise[:3].mean())
    return row if steady > 0.95 and grown > 8 * noise and grown > 0.2 * abs(float(rise[:3].mean())) else None


def precursors_of(series: Iterable[Series], end: float, onset: float | None = None) -> list[Precursor]:
    """Steps before `end`, and climbs that went on until `onset` (or `end`), both in seconds since the epoch."""
    out = []
    until = end if onset is None else onset
    for raw in series:
        s = rates(raw)
        before, last = (int(i) for i in np.searchsorted(s.times, (until, end)))
        values = s.values[:last]
        if len(values) < FEWEST:
            continue
        what = nature_of(s.metric, s.unit, s.statistic)
        if what.expiry:
            continue
        row = (
            climb_point(values[: before + 3])
            if what.nature in {Nature.SATURATION, Nature.OTHER, Nature.ERRORS}
            else None
        )
        if row is not None:
            top = float(values[: before + 3].max())
            out.append(_precursor(s, row, float(values[row]), top, 3.0, ramp=True))
            continue
        found = change_point(values)
        if found:
            out.append(_precursor(s, found.row, found.before, found.after, _surprise(found.z), ramp=False))
    return out


def _surprise(z: float) -> float:
    return 3.0 * float(np.log10(max(z, 1.0)))


def _precursor(s: Series, at: int, before: float, after: float, surprise: float, *, ramp: bool) -> Precursor:
    step = float(s.times[at] - s.times[at - 1]) if at else 0.0
    verb = "began to climb" if ramp else "stepped"
    return Precursor(
        service=s.service, metric=s.metric, at=float(s.times[at]), step=step, before=before, after=after, ramp=ramp,
        surprise=surprise, summary=f"{s.metric} of {s.service or 'the system'} {verb} from {before:.4g} to {after:.4g}",
        citation=s.origin_of(at),
    )  # fmt: skip


def recovery_of(series: Iterable[Series], onset: float, slack: float) -> tuple[float, Origin] | None:
    """When what users feel was back at its old level for good (seconds since the epoch), and the sample that says so.

    Only series that stepped at the onset count; all of them must be back, each for at least three samples.
    """
    back: list[tuple[float, Origin]] = []
    for raw in series:
        s = rates(raw)
        if nature_of(s.metric, s.unit, s.statistic).nature not in {Nature.LATENCY, Nature.ERRORS}:
            continue
        row = int(np.searchsorted(s.times, onset))
        before, after = s.values[:row], s.values[row:]
        if len(before) < FEWEST or len(after) < FEWEST:
            continue
        level, peak = float(np.median(before)), float(after[np.abs(after - np.median(before)).argmax()])
        spread = max(1.4826 * float(np.median(np.abs(before - level))), 0.02 * abs(level), 1e-9)
        if abs(peak - level) < SURE * spread:
            continue
        half = (level + peak) / 2
        beyond = np.flatnonzero(after >= half if peak > level else after <= half)
        if s.times[row + beyond[0]] > onset + max(slack, 300.0):
            continue
        last = int(beyond[-1])
        if last + 3 >= len(after):
            return None
        back.append((float(s.times[row + last + 1]), s.origin_of(row + last + 1)))
    return max(back, key=lambda pair: pair[0]) if back else None


def climb_signal(p: Precursor) -> Signal:
    """A climb that led up to the symptoms, as evidence that they are this service's own."""
    return Signal(
        service=p.service, nature=Nature.SATURATION, strength=4.0, kind=FindingKind.METRIC, at=p.at, uncertainty=p.step,
        summary=f"{p.summary} and went on until the symptoms", citations=(p.citation,), rule="metric-climb", terms=(p.metric,),
    )  # fmt: skip


def onset_of(
    precursors: Iterable[Precursor], complaints: Iterable[float], alert: float | None
) -> tuple[float, float] | None:
    """The onset and its half-width in seconds: the earliest of felt steps and complaints that agree with the alert.

    Steps of what users feel (latency, errors) and the first new complaint are candidates; those after the alert, or
    longer before it than the candidates' bulk, are left out. None when nothing was felt.
    """
    felt = [
        (p.at, max(p.step, 1.0), p.surprise)
        for p in precursors
        if not p.ramp and nature_of(p.metric).nature in {Nature.LATENCY, Nature.ERRORS} and p.surprise >= 2
    ]
    felt += [(at, 1.0, 2.0) for at in complaints]
    if alert is not None:
        felt = [f for f in felt if f[0] <= alert + 60] or ([(alert, 60.0, 1.0)])
    if not felt:
        return None
    felt.sort()
    times = np.array([f[0] for f in felt])
    weights = np.array([f[2] for f in felt])
    middle = float(times[int(np.searchsorted(np.cumsum(weights), weights.sum() / 2))])
    reach = max(300.0, 3 * float(np.median([f[1] for f in felt])))
    near = [f for f in felt if abs(f[0] - middle) <= reach]
    first = min(near)
    return first[0], first[1]
