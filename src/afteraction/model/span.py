"""Spans as columns, so that a million of them fit and are computed with as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from afteraction.model.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spans:
    """The spans of one file.

    Every array has the length n. `start` is seconds since the epoch (UTC), `duration` seconds. `service` and `name`
    index into `services` and `names`. `trace`, `span_id` and `parent_id` index into `ids` (parent -1 for a root or an
    unknown parent). `error` is True for a failed span. `line` is the 1-based line (or record number) in `origin.file`.
    `messages` holds what failed spans said, as pairs of the span's index and text, in rising order of the index.
    """

    origin: Origin
    start: NDArray[np.float64]
    duration: NDArray[np.float64]
    service: NDArray[np.int32]
    name: NDArray[np.int32]
    trace: NDArray[np.int32]
    span_id: NDArray[np.int32]
    parent_id: NDArray[np.int32]
    error: NDArray[np.bool_]
    line: NDArray[np.int64]
    services: tuple[str, ...]
    names: tuple[str, ...]
    ids: tuple[str, ...]
    messages: tuple[tuple[int, str], ...] = ()

    def __len__(self) -> int:
        return int(self.start.shape[0])
