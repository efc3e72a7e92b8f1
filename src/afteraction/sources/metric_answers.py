"""JSON answers of metric stores: Datadog, OpenTelemetry (OTLP metrics), Grafana frames, InfluxDB and Graphite, as series.

Points of one metric with the same labels, spread over several documents or lines, are one series. A damaged document
yields what stood before the break, and a problem.
"""

from __future__ import annotations

from typing import Any

from afteraction.formats.columns import Clock, numbers_of
from afteraction.formats.json_documents import decode_text, read_json
from afteraction.formats.json_shapes import JsonShape, json_shape
from afteraction.formats.metric_documents import StoredSeries, series_of
from afteraction.formats.metric_names import parse_selector, service_and_instance
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.series_columns import make_series
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading
from afteraction.model.series import Series

_Key = tuple[str, tuple[tuple[str, str], ...], str]


class MetricAnswers:
    """The source."""

    name = "metric-answers"
    summary = "Answers of metric stores (JSON): Datadog, OTLP metrics, Grafana frames, InfluxDB, Graphite: series."

    def claims(self, raw: RawInput) -> bool:
        """Claim documents in the shape of one of these stores."""
        return json_shape(raw) is JsonShape.METRICS

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all series."""
        problems = ProblemList(raw.name)
        records, faults = read_json(decode_text(raw.read()), raw.name)
        problems.extend(faults)
        parts: dict[_Key, list[tuple[StoredSeries, int]]] = {}
        for record in records:
            for found in series_of(record.value):
                parts.setdefault((found.metric, found.labels, found.statistic), []).append((found, record.line))
        clock = Clock(zone=context.zone)
        series = tuple(made for group in parts.values() if (made := _series(raw.name, group, clock)))
        if len(series) < len(parts):
            problems.add(f"{len(parts) - len(series)} series have no sample with a readable time and value")
        return Reading(series=series, problems=problems.close(), lines=sum(len(group) for group in parts.values()))


def _series(file: str, group: list[tuple[StoredSeries, int]], clock: Clock) -> Series | None:
    first = group[0][0]
    selector = parse_selector(first.metric)
    metric, more = selector or (first.metric, {})
    labels = {**more, **dict(first.labels)}
    service, instance = service_and_instance(labels)
    times: list[Any] = [at for part, _ in group for at in part.times]
    values: list[Any] = [value for part, _ in group for value in part.values]
    return make_series(
        metric or "value", clock.column([str(at) for at in times]), numbers_of([str(value) for value in values]), None,
        Origin(file=file, record=first.path), service=service or labels.get("service.name", ""), instance=instance,
        labels=tuple(sorted(labels.items())), unit=first.unit, statistic=first.statistic,
    )  # fmt: skip
