"""A metric over time, as columns: what it measures, of which service, when and how much."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from afteraction.model.origin import Origin


class SeriesKind(StrEnum):
    """How a series' values are to be read."""

    GAUGE = "gauge"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One metric series.

    `times` are seconds since the epoch (UTC, float64, ascending), `values` float64 of the same shape; a gap is a
    missing sample, never a zero; NaN is not stored. `service` is the service as the material names it, `instance` the
    pod or host where the material tells them apart. `statistic` is what was aggregated (`p99`, `Average`), `unit` as
    stated. `origin.line` is the line of the first sample and `lines` the 1-based line of every sample when known.
    """

    metric: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    origin: Origin
    service: str = ""
    instance: str = ""
    statistic: str = ""
    unit: str = ""
    kind: SeriesKind = SeriesKind.GAUGE
    labels: tuple[tuple[str, str], ...] = ()
    lines: NDArray[np.int64] | None = None

    def origin_of(self, row: int) -> Origin:
        """Return the place of one sample: its line where lines are known, else the place of the series."""
        if self.lines is None or not len(self.lines):
            return self.origin
        return Origin(file=self.origin.file, line=int(self.lines[min(row, len(self.lines) - 1)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A stated dependency: `caller` calls (or depends on) `callee`."""

    caller: str
    callee: str
    origin: Origin
