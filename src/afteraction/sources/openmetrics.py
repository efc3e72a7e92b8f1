"""Metrics as Prometheus exposes them: OpenMetrics and text exposition, also `promtool tsdb dump`, as series.

Samples with a time become series. Samples without one are a picture of one moment: they are placed at the time in the
file's name or of the capture, and refused with a problem when neither is known. Times are seconds or milliseconds by size.
"""

from __future__ import annotations

import io
from array import array
from dataclasses import dataclass, field

import numpy as np

from afteraction.formats.columns import numbers_of, seconds_of_numbers
from afteraction.formats.exposition import Sample, is_exposition, sample_of
from afteraction.formats.metric_names import service_and_instance
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.series_columns import make_series
from afteraction.formats.session_clock import time_in_name
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading
from afteraction.model.series import Series

_LONGEST = 1 << 20


@dataclass(slots=True)
class _Group:
    times: array[float] = field(default_factory=lambda: array("d"))
    values: list[str] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("q"))


class OpenMetrics:
    """The source."""

    name = "openmetrics"
    summary = "Prometheus text exposition, OpenMetrics, and promtool tsdb dump: series."

    def claims(self, raw: RawInput) -> bool:
        """Claim texts whose lines are samples."""
        return is_exposition(raw.head)

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all samples."""
        problems = ProblemList(raw.name)
        named = time_in_name(raw.name, context.zone)
        moment = raw.captured or (named.at if named else None)
        groups: dict[tuple[str, tuple[tuple[str, str], ...]], _Group] = {}
        untimed = count = 0
        with raw.open() as stream, io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline=None) as text:
            for number, line in enumerate(iter(lambda: text.readline(_LONGEST), ""), 1):
                count = number
                if not line.strip() or line.startswith("#"):
                    continue
                sample = sample_of(line)
                if sample is None:
                    problems.add("this line is no sample", line=number)
                elif sample.time or moment is not None:
                    _add(groups, sample, moment.timestamp() if moment else 0.0, number)
                else:
                    untimed += 1
        if untimed:
            remedy = "put the time of capture into the file's name, for instance metrics-2026-03-04T10-50Z.txt"
            problems.add(f"{untimed} samples carry no time, and nothing says when they were taken", remedy=remedy)
        series = tuple(
            made for (name, labels), group in groups.items() if (made := _series(raw.name, name, labels, group))
        )
        return Reading(series=series, problems=problems.close(), lines=count)


def _add(
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], _Group], sample: Sample, moment: float, line: int
) -> None:
    group = groups.setdefault((sample.metric, sample.labels), _Group())
    group.times.append(float(sample.time) if sample.time else moment)
    group.values.append(sample.value)
    group.lines.append(line)


def _series(file: str, metric: str, labels: tuple[tuple[str, str], ...], group: _Group) -> Series | None:
    service, instance = service_and_instance(dict(labels))
    return make_series(
        metric, seconds_of_numbers(np.array(group.times)), numbers_of(group.values), np.array(group.lines, dtype=np.int64),
        Origin(file=file), service=service, instance=instance, labels=labels,
    )  # fmt: skip
