"""How far the clocks of recordings differ, from happenings that two of them recorded.

Pairs of events come in, the skew of each recording against the others goes out. A difference counts as skew only when
several pairs agree on it and it is larger than transport explains; it is reported, never taken out of the times.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from afteraction.model.chronology import Skew
from afteraction.model.event import Change, Event

LEAST_SECONDS = 5.0
"""A smaller difference is what transport and rounding explain."""
LEAST_PAIRS = 2
"""One pair alone cannot tell a skewed clock from a late notice."""
_AGREEING = 0.6
"""The share of pairs that must lie near the median; below it the differences are delays, not a clock."""
_CHANGE_SECONDS = 300.0
"""A deploy is stamped when it begins or when it is done; minutes between two lists of deploys are no skew."""
_LONGEST = 26 * 3600.0
"""No zone mistake is larger; pairs further apart are two happenings."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One happening as two clocks recorded it."""

    first: Event
    second: Event

    @property
    def seconds(self) -> float:
        """How much later the second clock put it."""
        return (self.second.at - self.first.at).total_seconds()

    @property
    def slack(self) -> float:
        """How far two right clocks may differ on it."""
        ticks = (self.first.precision.seconds, self.second.precision.seconds)
        takes_time = _CHANGE_SECONDS if isinstance(self.first.detail, Change) else 0.0
        return takes_time + sum(tick for tick in ticks if tick <= 3600)


def _agreed(pairs: Sequence[Pair]) -> float | None:
    """Return the difference that the pairs of two clocks agree on, or None."""
    apart = [pair.seconds for pair in pairs if abs(pair.seconds) <= _LONGEST]
    if len(apart) < LEAST_PAIRS:
        return None
    middle = median(apart)
    near = max(2.0, 0.05 * abs(middle), *(pair.slack for pair in pairs))
    close = sum(abs(seconds - middle) <= near for seconds in apart)
    if close < max(LEAST_PAIRS, _AGREEING * len(apart)):
        return None
    return middle if abs(middle) > max(LEAST_SECONDS, *(pair.slack for pair in pairs)) else 0.0


def clock_offsets(pairs: Sequence[Pair]) -> dict[str, float]:
    """Return how many seconds each clock runs ahead of the best connected one; clocks without pairs are absent."""
    between: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        between[pair.first.origin.file, pair.second.origin.file].append(pair)
    apart = {clocks: seconds for clocks, found in between.items() if (seconds := _agreed(found)) is not None}
    neighbours: dict[str, list[tuple[str, float]]] = defaultdict(list)
    weight: Counter[str] = Counter()
    for (first, second), seconds in sorted(apart.items()):
        neighbours[first].append((second, seconds))
        neighbours[second].append((first, -seconds))
        for clock in (first, second):
            weight[clock] += len(between[first, second])
    offsets: dict[str, float] = {}
    for root in sorted(neighbours, key=lambda clock: (-len(neighbours[clock]), -weight[clock], clock)):
        if root in offsets:
            continue
        offsets[root] = 0.0
        waiting = deque([root])
        while waiting:
            clock = waiting.popleft()
            for other, seconds in neighbours[clock]:
                if other not in offsets:
                    offsets[other] = offsets[clock] + seconds
                    waiting.append(other)
    return offsets


def skews(pairs: Sequence[Pair], offsets: Mapping[str, float]) -> tuple[Skew, ...]:
    """Return the skews worth a report, largest first; a source that one file alone makes up is named by itself."""
    files: dict[str, set[str]] = defaultdict(set)
    counted: Counter[str] = Counter()
    source_of: dict[str, str] = {}
    for pair in pairs:
        for event in (pair.first, pair.second):
            files[event.source].add(event.origin.file)
            source_of[event.origin.file] = event.source
            counted[event.origin.file] += 1
    found = [
        Skew(source=source_of[c] if len(files[source_of[c]]) == 1 else c, seconds=round(s, 3), pairs=counted[c])
        for c, s in offsets.items()
        if abs(s) > LEAST_SECONDS
    ]
    return tuple(sorted(found, key=lambda skew: (-abs(skew.seconds), skew.source)))
