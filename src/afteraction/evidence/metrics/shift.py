"""Which series left their baseline inside a window, and how surprisingly.

In: series, the window, and the same series from a quiet time if there is one. Out: one `Shift` per series that could
be judged, with an empirical probability. A series is judged against its own samples before the window and against the
baseline material; the weaker of the two counts, so that neither an old drift nor a noisy eve makes a culprit. The
statistic is the k-th most deviant sample of the window (k grows with the window: one spike is no shift), and its null
is the same statistic slid over quiet stretches of this series and of all series of the same name, so that a metric
that often jumps must jump further. Refuses nothing: too few samples give no shift.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from afteraction.evidence.metrics.nature import felt, nature_of
from afteraction.evidence.signals import Nature
from afteraction.model.series import Series, SeriesKind

FEWEST = 3
"""Samples below which a reference says nothing about variation."""
NEAR = 45
"""How many samples before the window count as its eve: enough for a spread, few enough not to hold the daily drift."""
TAIL = 2.0
"""Pareto index assumed beyond the largest null value seen: heavy, as metric noise is, so that surprise grows slowly."""
CLIP = 1e6
STANDING = 0.25
"""What is left of a deviation that stood through the whole window and has no eve: it may be as old as the baseline."""
ENOUGH = 50
"""Quiet stretches at which a series' own past and that of its namesakes count alike."""
FEWEST_NULL = 15
"""Quiet stretches that must remain when the worst one is left out of the null: an earlier incident must not hide this
one, but a short past has no stretch to spare."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How one series behaved in the window.

    Median `before` and extreme level `after`, z against its own variation,
    `p` the probability of as much in quiet times (0..1), the index range of the window's samples, and `gain`, by how
    much the window's mean exceeds its eve (without one: its own quiet part, or half the way to the baseline).
    """

    series: Series
    before: float
    after: float
    z: float
    p: float
    direction: int
    first: int
    last: int
    gain: float

    @property
    def strength(self) -> float:
        """-log10 of the probability."""
        return float(-np.log10(max(self.p, 1e-12)))


@dataclass(slots=True)
class _Judged:
    series: Series
    before: float
    after: float
    statistic: float
    direction: int
    null: Floats
    first: int
    last: int
    gain: float
    worth: float


def rates(series: Series) -> Series:
    """Turn a counter into a rate per second (a fall is a reset and gives no sample); a gauge is returned as it is."""
    if series.kind is not SeriesKind.COUNTER or len(series.values) < 2:
        return series
    step = np.diff(series.times)
    grown = np.diff(series.values)
    keep = (step > 0) & (grown >= 0)
    lines = series.lines[1:][keep] if series.lines is not None else None
    return Series(
        metric=series.metric, times=series.times[1:][keep], values=(grown[keep] / step[keep]), origin=series.origin,
        service=series.service, instance=series.instance, statistic=series.statistic, unit=series.unit,
        labels=series.labels, lines=lines,
    )  # fmt: skip


def _key(series: Series) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    return (series.service.casefold(), series.metric, series.statistic, series.labels)


def least_spread(series: Series, level: float) -> float:
    """The difference below which nothing is felt.

    An absolute amount, and a fiftieth of the level unless it is a share of success (there, failures are felt).
    """
    what = nature_of(series.metric, series.unit, series.statistic)
    success = what.nature is Nature.ERRORS and what.bad < 0
    amount = felt(series.metric, series.unit, series.statistic)
    if success and not amount:
        amount = 0.5 if abs(level) > 1.5 else 0.005
    return max(amount, 0.0 if success else 0.02 * abs(level), 1e-9)


def _spread(values: Floats, level: float, least: float) -> float:
    """A robust spread that is never zero.

    MAD, a share of the standard deviation for sparse series, and `least`, below which nobody feels a difference. Few samples know their own spread badly, so it grows as they get fewer.
    """
    mad = float(np.median(np.abs(values - level))) * 1.4826
    known = max(mad, 0.3 * float(values.std()), least)
    return known * (1.0 + 4.0 / len(values))


def _kth(z: Floats, k: int) -> tuple[Floats, Floats]:
    """The k-th largest and k-th smallest along the last axis."""
    ordered = np.sort(z, axis=-1)
    return ordered[..., -k], ordered[..., k - 1]


def persistence(samples: int) -> int:
    """How many samples of a window must deviate together before it is a shift: a third, at least two if there are."""
    return max(min(2, samples), samples // 3)


def _null(reference: Floats, level: float, spread: float, width: int, k: int) -> Floats:
    if len(reference) < max(width, FEWEST):
        return np.empty(0)
    z = np.clip((reference - level) / spread, -CLIP, CLIP)
    high, low = _kth(sliding_window_view(z, width), k)
    null = np.maximum(high, -low)
    worst = int(null.argmax())
    outside = np.concatenate((null[: max(0, worst - width)], null[worst + width + 1 :]))
    return np.asarray(outside if len(outside) >= FEWEST_NULL else null, dtype=np.float64)


def _against(series: Series, reference: Floats, window: Floats, k: int) -> tuple[float, float, float, Floats]:
    level = float(np.median(reference))
    spread = _spread(reference, level, least_spread(series, level))
    z = np.clip((window - level) / spread, -CLIP, CLIP)
    high, low = _kth(z, k)
    return level, float(high), float(-low), _null(reference, level, spread, len(window), k)


def _contrast(window: Floats, k: int, direction: int, spread: float) -> float:
    """How far the deviant samples stand out from the window's own quiet part, in spreads."""
    quiet = float(np.quantile(window, 0.2 if direction > 0 else 0.8))
    high, low = _kth(window, k)
    return float((high - quiet) if direction > 0 else (quiet - low)) / spread


def _judge(series: Series, start: float, end: float, baseline: Floats) -> _Judged | None:
    first, last = (int(i) for i in np.searchsorted(series.times, (start, end)))
    window = series.values[first:last]
    if not len(window):
        return None
    eve = series.values[max(0, first - NEAR) : first]
    references = [r for r in (eve, baseline) if len(r) >= FEWEST]
    if not references:
        return None
    k = persistence(len(window))
    seen = [_against(series, reference, window, k) for reference in references]
    high, low = min(s[1] for s in seen), min(s[2] for s in seen)
    direction = 1 if high >= low else -1
    statistic = max(high, low)
    level = seen[0][0]
    gain, worth = float(window.mean()) - level, 1.0
    if len(eve) < FEWEST and len(window) > k:
        contrast = float(window.mean() - np.quantile(window, 0.2 if direction > 0 else 0.8))
        gain = contrast if abs(contrast) >= 0.5 * abs(gain) else 0.5 * gain
    if len(eve) < FEWEST and len(window) > k:
        spread = _spread(references[0], level, least_spread(series, level))
        share = min(1.0, max(0.0, _contrast(window, k, direction, spread) / max(statistic, 1e-9)))
        worth = STANDING + (1 - STANDING) * share
    ordered = np.sort(window)
    after = float(ordered[-k] if direction > 0 else ordered[k - 1])
    null = np.concatenate([s[3] for s in seen])
    return _Judged(series, level, after, statistic, direction, null, first, last, gain, worth)


def _probability(statistic: float, null: Floats) -> float:
    """Empirical tail probability with a Pareto tail beyond the largest null value (at least one spread).

    However quiet the null, it is never below the third power of the statistic's inverse: spreads are estimates.
    """
    if statistic <= 1:
        return 1.0
    n = len(null)
    top = max(float(null.max()) if n else 0.0, 1.0)
    p = (1 + int((null >= statistic).sum())) / (n + 1) if statistic <= top else (top / statistic) ** TAIL / (n + 1)
    return float(max(p, statistic**-3.0))


def shifts(series: Iterable[Series], start: float, end: float, baseline: Sequence[Series] = ()) -> list[Shift]:
    """Judge every series inside `start <= t < end` (seconds since the epoch); order as given."""
    quiet: dict[object, list[Floats]] = defaultdict(list)
    for s in baseline:
        quiet[_key(s)].append(rates(s).values)
    judged = []
    for s in series:
        old = quiet.get(_key(s))
        found = _judge(rates(s), start, end, np.concatenate(old) if old else np.empty(0))
        if found is not None:
            judged.append(found)
    pooled: dict[tuple[str, str], list[Floats]] = defaultdict(list)
    for j in judged:
        pooled[j.series.metric, j.series.statistic].append(j.null)
    pools = {name: np.concatenate(nulls) for name, nulls in pooled.items()}
    out = []
    for j in judged:
        own = _probability(j.statistic, j.null)
        peers = max(own, _probability(j.statistic, pools[j.series.metric, j.series.statistic]))
        trust = len(j.null) / (len(j.null) + ENOUGH)
        out.append(
            Shift(
                series=j.series,
                before=j.before,
                after=j.after,
                z=j.statistic,
                p=(own**trust * peers ** (1 - trust)) ** j.worth,
                direction=j.direction,
                first=j.first,
                last=j.last,
                gain=j.gain,
            )
        )
    return out
