"""When nothing of a service worked: every probe read zero, or every request failed.

Metric series come in, stretches with a sentence and citations go out. A share of failures that is below one, and
requests whose service is not named, say nothing about an outage: that is degraded service, or nobody's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afteraction.evidence.metrics.nature import nature_of, words_of
from afteraction.evidence.signals import Nature
from afteraction.model.origin import Basis, Origin
from afteraction.model.series import Series, SeriesKind

FULL = 0.995
"""The share of failing requests from which all count as failing: retries and health checks still get through."""
QUIET = 0.05
"""The share of failing requests up to which a service counts as working."""

_PROBE = re.compile(r"(?:^|_)(?:up|probe_success|healthy|health|available|alive|reachable|is_up)$", re.IGNORECASE)
"""Metrics that by their name say whether something answers: one for yes, zero for no."""
_SHARE = frozenset(["share", "ratio", "fraction", "percent", "percentage", "pct", "rate"])
_GOOD = frozenset(["success", "successes", "successful", "availability", "available", "ok"])
_CODE_LABELS = ("code", "status_code", "status", "http_status", "http_status_code", "http_response_status_code",
                "http.response.status_code", "http.status_code", "response_code", "result", "outcome")  # fmt: skip
_FAILED = re.compile(r"5\d\d|5xx|error|fail\w*|unavailable|exception", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailability:
    """A stretch in which a service was unavailable, in seconds since the epoch; `end` is None when none was seen."""

    service: str
    start: float
    end: float | None
    why: str
    citations: tuple[Origin, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class _Share:
    """The share of a service's requests that failed, at ascending times; `spans` when a sample covers the time since the last."""

    service: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    series: tuple[Series, ...]
    spans: bool = False


def outages_of(series: Sequence[Series]) -> tuple[Unavailability, ...]:
    """Return every stretch in which a service was unavailable, by service and time; those of one sort do not overlap."""
    last = max((float(s.times[-1]) for s in series if s.times.size), default=0.0)
    found = [*_unreachable(series), *(o for share in _shares(series) for o in _all_failing(share, last))]
    return tuple(sorted(found, key=lambda o: (o.start, o.service, o.why)))


def _unreachable(series: Iterable[Series]) -> Iterator[Unavailability]:
    """Yield when every instance of a service read zero: one instance of several that is down is no outage."""
    probes: dict[str, list[Series]] = defaultdict(list)
    for one in series:
        if (
            one.service
            and one.times.size
            and _PROBE.search(one.metric)
            and np.all((one.values == 0) | (one.values == 1))
        ):
            probes[one.service].append(one)
    for service, instances in probes.items():
        common = _zeros(instances[0])
        for other in instances[1:]:
            common = _both(common, _zeros(other))
        for start, end in common:
            why = f"{instances[0].metric} of {service} reads 0"
            why += f" for all {len(instances)} instances" if len(instances) > 1 else ""
            yield Unavailability(
                service=service, start=start, end=end, why=why, citations=_cited(instances, start), basis=Basis.OBSERVED
            )


Stretch = tuple[float, float | None]


def _zeros(one: Series) -> list[Stretch]:
    return [
        (float(one.times[first]), float(one.times[last + 1]) if last + 1 < one.times.size else None)
        for first, last in _runs(one.values == 0)
    ]


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last index of every run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(first), int(after) - 1) for first, after in zip(edges[::2], edges[1::2], strict=True)]


def _both(first: list[Stretch], second: list[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    i = j = 0
    infinite = float("inf")
    while i < len(first) and j < len(second):
        a_end, b_end = (infinite if end is None else end for end in (first[i][1], second[j][1]))
        start, end = max(first[i][0], second[j][0]), min(a_end, b_end)
        if start < end:
            found.append((start, None if end == infinite else end))
        if a_end <= b_end:
            i += 1
        else:
            j += 1
    return found


def _shares(series: Iterable[Series]) -> Iterator[_Share]:
    """Yield the shares of failing requests that are stated, or computed from requests counted by their outcome."""
    counted: dict[tuple[str, str], list[tuple[Series, bool]]] = defaultdict(list)
    stated: dict[tuple[str, str], list[Series]] = defaultdict(list)
    for one in series:
        if not one.service or one.times.size < 2:
            continue
        code = next((value for name, value in one.labels if name in _CODE_LABELS), "")
        if code and _counts_requests(one.metric):
            counted[one.service, one.metric].append((one, bool(_FAILED.fullmatch(code))))
        elif not code and _is_share(one):
            stated[one.service, one.metric].append(one)
    for (service, _), members in stated.items():
        # Where a service has several (by route, by instance), the least says whether all of it failed.
        times, index = np.unique(np.concatenate([m.times for m in members]), return_inverse=True)
        least = np.full(times.size, np.inf)
        np.minimum.at(least, index, np.concatenate([_failing(m) for m in members]))
        yield _Share(service, times, least, tuple(members))
    for (service, _), outcomes in counted.items():
        if share := _computed(service, outcomes):
            yield share


def _counts_requests(metric: str) -> bool:
    nature = nature_of(metric)
    return not nature.outgoing and (nature.nature is Nature.THROUGHPUT or metric.endswith("_count"))


def _is_share(one: Series) -> bool:
    """Say whether a series gives the share of requests that failed (or succeeded), from 0 to 1 or to 100 per cent."""
    words = frozenset(words_of(one.metric))
    nature = nature_of(one.metric, one.unit, one.statistic)
    if nature.nature is not Nature.ERRORS or nature.outgoing or not (words & _SHARE or words & {"availability"}):
        return False
    return bool(one.values.min() >= 0 and one.values.max() <= _whole(one) * 1.0001)


def _whole(one: Series) -> float:
    percent = {"percent", "percentage", "pct"} & {*words_of(one.metric), one.unit.lower()}
    return 100.0 if percent or one.unit == "%" else 1.0


def _failing(one: Series) -> NDArray[np.float64]:
    share = one.values / _whole(one)
    return 1.0 - share if _GOOD & set(words_of(one.metric)) else share


def _computed(service: str, outcomes: list[tuple[Series, bool]]) -> _Share | None:
    if not any(failed for _, failed in outcomes) or all(failed for _, failed in outcomes):
        return None
    spans = outcomes[0][0].kind is SeriesKind.COUNTER
    parts = [(*(_increases(s) if spans else (s.times, s.values)), failed) for s, failed in outcomes]
    times, index = np.unique(np.concatenate([t for t, _, _ in parts]), return_inverse=True)
    total, bad = np.zeros(times.size), np.zeros(times.size)
    np.add.at(total, index, np.concatenate([v for _, v, _ in parts]))
    np.add.at(bad, index, np.concatenate([v if failed else np.zeros(v.size) for _, v, failed in parts]))
    used = total > 0
    if not used.any():
        return None
    return _Share(service, times[used], bad[used] / total[used], tuple(s for s, _ in outcomes), spans)


def _increases(one: Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what a counter gained up to each sample; a counter that fell was reset and began at zero."""
    gained = np.diff(one.values)
    return one.times[1:], np.where(gained < 0, one.values[1:], gained)


def _all_failing(share: _Share, last: float) -> Iterator[Unavailability]:
    """Yield the stretches in which every request failed, freed from the smear of a rolling rate.

    A share that is taken over a rolling window of length w climbs for w after everything began to fail, and falls for
    w after it works again. When it climbed as long as it fell, the failing began where the climb did and ended where
    the fall begins. A climb of another length may be the trouble itself; then only the full samples count.
    """
    times, values = share.times, share.values
    full = values >= FULL
    if times.size < 3 or full.all():
        return
    step = float(np.median(np.diff(times)))
    for first, final in _runs(full):
        climb, fall = (
            _climb(times, values, first, step),
            _climb(-times[::-1], values[::-1], times.size - 1 - final, step),
        )
        smeared = climb >= 2 * step and fall >= 2 * step and abs(climb - fall) <= max(2 * step, 0.25 * max(climb, fall))
        if not smeared and final - first < 1:
            continue
        start, end = float(times[first]), float(times[final])
        over: float | None = end
        if smeared:
            start -= climb
        elif share.spans:
            start -= step
        elif final + 1 < times.size and times[final + 1] - end <= 1.5 * step and fall <= step:
            over = float(times[final + 1])
        if final + 1 == times.size and last - end <= 2 * step:
            over = None
        why = f"every request of {share.service} failed"
        cited = _cited(share.series, times[first])
        yield Unavailability(
            service=share.service, start=start, end=over, why=why, citations=cited, basis=Basis.INFERRED
        )


def _climb(times: NDArray[np.float64], values: NDArray[np.float64], at: int, step: float) -> float:
    """Return for how many seconds the share climbed to the sample `at` from where the service still worked; 0 when unknown."""
    i = at
    while i > 0 and values[i - 1] > QUIET and values[i - 1] <= values[i] and times[i] - times[i - 1] <= 1.5 * step:
        i -= 1
    # No sample at all before the climb: a share of failures has none while nothing fails.
    worked = i == 0 or values[i - 1] <= QUIET or times[i] - times[i - 1] > 1.5 * step
    return float(times[at] - times[i]) + step if worked else 0.0


def _cited(series: Iterable[Series], at: float) -> tuple[Origin, ...]:
    found = dict.fromkeys(one.origin_of(int(np.searchsorted(one.times, at))) for one in series)
    return tuple(found)[:4]
