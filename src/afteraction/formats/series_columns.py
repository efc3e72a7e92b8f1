"""Samples become series: times and values as they stood in a file go in, a clean `Series` comes out.

Gaps are dropped, samples are put in order of time, and of several samples with one time the last is kept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from afteraction.model.origin import Origin
from afteraction.model.series import Series, SeriesKind

_COUNTER_ENDINGS = ("_total", "_count", "_sum", "_bucket", "_created")


def make_series(
    metric: str,
    times: NDArray[np.float64],
    values: NDArray[np.float64],
    lines: NDArray[np.int64] | None,
    origin: Origin,
    *,
    service: str = "",
    instance: str = "",
    statistic: str = "",
    unit: str = "",
    labels: tuple[tuple[str, str], ...] = (),
) -> Series | None:
    """Return the series, or None when no sample has both a time and a value. `origin.line` becomes the first sample's."""
    good = np.isfinite(times) & np.isfinite(values)
    if not good.any():
        return None
    if not good.all():
        times, values, lines = times[good], values[good], lines[good] if lines is not None else None
    if times.size > 1 and not bool(np.all(times[1:] > times[:-1])):
        order = np.argsort(times, kind="stable")
        times, values, lines = times[order], values[order], lines[order] if lines is not None else None
        last = np.append(times[1:] != times[:-1], True)
        times, values, lines = times[last], values[last], lines[last] if lines is not None else None
    if lines is not None:
        origin = Origin(file=origin.file, line=int(lines[0]), record=origin.record)
    return Series(
        metric=metric, times=times, values=values, origin=origin, service=service, instance=instance,
        statistic=statistic, unit=unit, kind=kind_of(metric, values), labels=labels, lines=lines,
    )  # fmt: skip


def kind_of(metric: str, values: NDArray[np.float64]) -> SeriesKind:
    """Judge whether a metric counts up: its name says so, and its values hardly ever fall.

    `_total` is enough of a name for a short series (Prometheus' naming rules); the weaker endings need many samples.
    """
    name = metric.lower()
    if not name.endswith(_COUNTER_ENDINGS) or values.size < 2:
        return SeriesKind.COUNTER if name.endswith("_total") else SeriesKind.GAUGE
    falls = float(np.mean(values[1:] < values[:-1]))
    enough = name.endswith("_total") or values.size >= 20
    return SeriesKind.COUNTER if enough and falls <= 0.05 else SeriesKind.GAUGE
