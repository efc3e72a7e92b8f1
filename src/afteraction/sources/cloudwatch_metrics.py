"""Amazon CloudWatch: the JSON of `get-metric-data` and `get-metric-statistics` becomes series.

The label names the metric; where it also names what was measured, it is kept as it is. A series whose status says that
there is more data gets a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from afteraction.formats.columns import Clock, numbers_of
from afteraction.formats.json_documents import decode_text, list_of, mapping_of, read_json
from afteraction.formats.json_shapes import JsonShape, json_shape
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.series_columns import make_series
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading
from afteraction.model.series import Series


class CloudwatchMetrics:
    """The source."""

    name = "cloudwatch-metrics"
    summary = "CloudWatch get-metric-data and get-metric-statistics (JSON): series."

    def claims(self, raw: RawInput) -> bool:
        """Claim documents with metric data results or datapoints."""
        return json_shape(raw) is JsonShape.CLOUDWATCH

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all series."""
        problems = ProblemList(raw.name)
        records, faults = read_json(decode_text(raw.read()), raw.name)
        problems.extend(faults)
        clock = Clock(zone=context.zone)
        series: list[Series] = []
        for record in records:
            if isinstance(record.value, Mapping):
                series += _data(raw.name, record.value, clock, problems)
                series += _statistics(raw.name, record.value, clock)
        return Reading(series=tuple(series), problems=problems.close(), lines=len(series))


def _data(file: str, document: Mapping[str, Any], clock: Clock, problems: ProblemList) -> Iterator[Series]:
    for index, result in enumerate(list_of(document.get("MetricDataResults"))):
        told = mapping_of(result)
        path = f"MetricDataResults[{index}]"
        if told.get("StatusCode") not in (None, "Complete"):  # a torn value may be a list
            remedy = "fetch the following pages too"
            problems.add(f"the result is {told.get('StatusCode')}: data is missing", record=path, remedy=remedy)
        stamps, values = list_of(told.get("Timestamps")), list_of(told.get("Values"))
        if len(stamps) != len(values):
            problems.add("there are not as many times as values", record=path)
            stamps, values = stamps[: len(values)], values[: len(stamps)]
        made = make_series(
            str(told.get("Label") or told.get("Id") or "metric"),
            clock.column([str(stamp) for stamp in stamps]),
            numbers_of([str(value) for value in values]),
            None,
            Origin(file=file, record=path),
        )
        if made:
            yield made


def _statistics(file: str, document: Mapping[str, Any], clock: Clock) -> Iterator[Series]:
    points = [point for point in list_of(document.get("Datapoints")) if isinstance(point, Mapping)]
    names = dict.fromkeys(key for point in points for key in point if key not in {"Timestamp", "Unit"})
    times = clock.column([str(point.get("Timestamp", "")) for point in points]) if points else np.empty(0)
    for name in names:
        made = make_series(
            str(document.get("Label") or "metric"),
            times,
            numbers_of([str(point.get(name, "")) for point in points]),
            None,
            Origin(file=file, record="Datapoints"),
            statistic=name,
            unit=str(points[0].get("Unit", "")),
        )
        if made:
            yield made
