"""Episodes: when long series left their own habits, with no window, alert or baseline to go by.

In: series with a long past. Out: at most a few episodes for each, with onset, level and surprise. The daily habit is
taken off where two days or more show one; what is left is judged sample by sample and as a level over the next stretch,
against the stretch before it, in spreads of that stretch. The bar rises with the series' own worst ordinary hour, so
that a series that often jumps must jump further, and a peak that an earlier one nearly reached is none. A short or steady series yields nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from afteraction.evidence.metrics.shift import least_spread, rates
from afteraction.evidence.signals import Nature, Signal
from afteraction.model.finding import FindingKind
from afteraction.model.series import Series

PAST = 144
"""Samples before a moment that say what is usual then (half a day of five-minute samples)."""
NEXT = 24
"""Samples after a moment over which a new level must hold."""
FEWEST = 2 * PAST
DAY = 86_400.0
BAR, ORDINARY = 6.0, 3.0
"""Spreads, and times the series' own ninetieth centile of deviation, that an episode must reach."""
MOST = 3
"""Episodes of one series beyond this many nobody looks at."""
AS_BEFORE = 1.1
"""By how much a peak must exceed all earlier ones: what a series did before is its habit."""
WATCHED = 400
"""Series beyond this many are not searched one by one for episodes; a window or an alert makes them cheap to judge."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A stretch in which a series was not itself.

    `row` is its first sample, `before` and `after` are levels, `surprise` how many times the bar it deviates.
    """

    series: Series
    row: int
    before: float
    after: float
    surprise: float


def episodes(series: Series) -> list[Episode]:
    """Find the episodes of one series, most surprising first."""
    s = rates(series)
    if len(s.values) < FEWEST:
        return []
    rest = _without_habit(s.times, s.values)
    past = sliding_window_view(rest, PAST)[:-1]
    level = np.median(past, axis=1)
    spread = 1.4826 * np.median(np.abs(past - level[:, None]), axis=1)
    overall = 1.4826 * float(np.median(np.abs(rest - np.median(rest))))
    spread = np.maximum(
        spread, max(overall, least_spread(s, float(np.median(s.values))), 0.1 * float(rest.std()), 1e-12)
    )
    alone = np.abs(rest[PAST:] - level) / spread
    ahead = np.concatenate((rest[PAST:], np.full(NEXT - 1, rest[-1])))
    held = np.abs(np.median(sliding_window_view(ahead, NEXT), axis=1) - level) / spread
    score = np.maximum(alone, 2.0 * held)
    bar = max(BAR, ORDINARY * float(np.quantile(score, 0.9)))
    return _peaks(s, score, level, bar)


def _peaks(s: Series, score: Floats, level: Floats, bar: float) -> list[Episode]:
    """The peaks above the bar, most surprising first, without those that an earlier one nearly reached: these are a habit."""
    found: list[Episode] = []
    left = score.copy()
    while left.size and left[top := int(left.argmax())] >= bar:
        if found and left[top] < 0.5 * found[0].surprise * bar:
            break
        first = top
        while first > 0 and left[first - 1] >= 0.5 * bar:
            first -= 1
        found.append(
            Episode(
                series=s,
                row=PAST + first,
                before=float(level[first]),
                after=float(s.values[PAST + top]),
                surprise=float(score[top]) / bar,
            )
        )
        left[max(0, first - PAST) : top + PAST] = 0.0
    return [e for e in found if not any(o.row < e.row and o.surprise * AS_BEFORE >= e.surprise for o in found)][:MOST]


def _without_habit(times: Floats, values: Floats) -> Floats:
    """Take the median of each time of day off, where it explains a fifth of the spread or more."""
    if times[-1] - times[0] < 2 * DAY:
        return values
    phase = ((times % DAY) / 1800.0).astype(np.int64)
    habit = np.zeros(48)
    for slot in range(48):
        inside = values[phase == slot]
        habit[slot] = np.median(inside) if len(inside) else np.median(values)
    rest = np.asarray(values - habit[phase] + np.median(values), dtype=np.float64)
    before, after = np.median(np.abs(values - np.median(values))), np.median(np.abs(rest - np.median(rest)))
    return rest if after < 0.8 * before else values


def episode_signals(series: list[Series]) -> list[Signal]:
    """Word the episodes of every series, of the first `WATCHED` at most."""
    out = []
    for one in series[:WATCHED]:
        for e in episodes(one):
            at = float(e.series.times[e.row])
            origin = e.series.origin_of(e.row)
            name = e.series.service or "the system"
            out.append(
                Signal(
                    service=e.series.service, nature=Nature.OTHER, strength=2.0 + 2.0 * float(np.log10(e.surprise)), at=at,
                    kind=FindingKind.METRIC, rule="metric-episode", citations=(origin,), terms=(one.metric,),
                    summary=f"{one.metric} of {name} is not itself: {e.after:.4g}, where {e.before:.4g} was usual",
                )
            )  # fmt: skip
    return out
