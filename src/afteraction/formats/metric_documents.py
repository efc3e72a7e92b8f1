"""JSON answers of metric stores: what makes one, and the series that it holds, in one form.

Datadog's query (version 1 and 2), OTLP metrics, Grafana's data frames, InfluxDB's and Graphite's query come in; out go
name, labels, times as written, values and unit of each series. What has another shape yields nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from afteraction.formats.json_documents import list_of, mapping_of, text_of, value_of

_OTLP = ("resourceMetrics", "resource_metrics")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSeries:
    """One series: `times` and `values` as they stand in the document, equally many; `path` says where."""

    path: str
    metric: str
    times: tuple[Any, ...]
    values: tuple[Any, ...]
    labels: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    statistic: str = ""


def is_metric_document(top: Any) -> bool:
    """Whether a document is the answer of a metric store that is known here."""
    if isinstance(top, list):
        return bool(top) and all("target" in mapping_of(item) and "datapoints" in mapping_of(item) for item in top[:3])
    told = mapping_of(top)
    if any(isinstance(told.get(key), list) for key in _OTLP):
        return True
    if any("pointlist" in mapping_of(item) for item in list_of(told.get("series"))[:3]):
        return True
    if isinstance(value_of(told, "data.attributes.times"), list) and isinstance(
        value_of(told, "data.attributes.values"), list
    ):
        return True
    results = told.get("results")
    if isinstance(results, Mapping):
        return any(isinstance(mapping_of(answer).get("frames"), list) for answer in results.values())
    return any(
        "columns" in mapping_of(s) for r in list_of(results)[:3] for s in list_of(mapping_of(r).get("series"))[:3]
    )


def series_of(top: Any) -> Iterator[StoredSeries]:
    """Yield the series of one document."""
    if isinstance(top, list):
        yield from _graphite(top)
        return
    told = mapping_of(top)
    yield from _datadog(told)
    yield from _datadog_two(told)
    yield from _otlp(told)
    results = told.get("results")
    if isinstance(results, Mapping):
        yield from _frames(results)
    else:
        yield from _influx(list_of(results))


def _pairs(points: list[Any], *, value: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Split pairs of time and value, the value at the given place."""
    good = [point for point in points if isinstance(point, list) and len(point) == 2]
    return tuple(point[1 - value] for point in good), tuple(point[value] for point in good)


def _graphite(targets: list[Any]) -> Iterator[StoredSeries]:
    for index, target in enumerate(map(mapping_of, targets)):
        times, values = _pairs(list_of(target.get("datapoints")), value=0)
        labels = tuple(sorted((str(k), str(v)) for k, v in mapping_of(target.get("tags")).items() if k != "name"))
        yield StoredSeries(
            path=f"[{index}]", metric=text_of(target, "target"), times=times, values=values, labels=labels
        )


def _tags(tags: list[Any]) -> tuple[tuple[str, str], ...]:
    """Split `service:basket` into label and value."""
    return tuple(
        sorted((key, value) for tag in tags if isinstance(tag, str) for key, _, value in [tag.partition(":")] if value)
    )


def _datadog(told: Mapping[str, Any]) -> Iterator[StoredSeries]:
    for index, series in enumerate(map(mapping_of, list_of(told.get("series")))):
        times, values = _pairs(list_of(series.get("pointlist")), value=1)
        unit = mapping_of(next(iter(list_of(series.get("unit"))), None))
        yield StoredSeries(
            path=f"series[{index}]", metric=text_of(series, "metric", "display_name", "expression"), times=times, values=values,
            labels=_tags(list_of(series.get("tag_set")) or text_of(series, "scope").split(",")), unit=text_of(unit, "name"),
            statistic=text_of(series, "aggr"),
        )  # fmt: skip


def _datadog_two(told: Mapping[str, Any]) -> Iterator[StoredSeries]:
    answer = mapping_of(value_of(told, "data.attributes"))
    times = tuple(list_of(answer.get("times")))
    for index, values in enumerate(list_of(answer.get("values"))):
        series = mapping_of(next(iter(list_of(answer.get("series"))[index : index + 1]), None))
        unit = mapping_of(next(iter(list_of(series.get("unit"))), None))
        labels = _tags(list_of(series.get("group_tags")))
        metric = text_of(series, "metric", "expression") or f"query {series.get('query_index', index)}"
        if len(list_of(values)) == len(times):
            yield StoredSeries(
                path=f"data.attributes.values[{index}]", metric=metric, times=times, values=tuple(values), labels=labels,
                unit=text_of(unit, "name"),
            )  # fmt: skip


def _frames(results: Mapping[str, Any]) -> Iterator[StoredSeries]:
    """Read Grafana's data frames: one column of times, one or more of values."""
    for ref, answer in results.items():
        for number, frame in enumerate(map(mapping_of, list_of(mapping_of(answer).get("frames")))):
            fields = [mapping_of(item) for item in list_of(value_of(frame, "schema.fields"))]
            columns = list_of(value_of(frame, "data.values"))
            clock = next((at for at, item in enumerate(fields) if item.get("type") == "time"), None)
            if clock is None or clock >= len(columns):
                continue
            for at, (item, column) in enumerate(zip(fields, columns, strict=False)):
                if at == clock or item.get("type") != "number" or len(list_of(column)) != len(list_of(columns[clock])):
                    continue
                labels = {str(key): str(value) for key, value in mapping_of(item.get("labels")).items()}
                name = text_of(item, "config.displayNameFromDS", "config.displayName") or labels.pop("__name__", "")
                yield StoredSeries(
                    path=f"results.{ref}.frames[{number}]", times=tuple(list_of(columns[clock])), values=tuple(list_of(column)),
                    metric=name or text_of(frame, "schema.name") or text_of(item, "name") or ref,
                    labels=tuple(sorted(labels.items())), unit=text_of(item, "config.unit"),
                )  # fmt: skip


def _influx(results: list[Any]) -> Iterator[StoredSeries]:
    for number, result in enumerate(map(mapping_of, results)):
        for index, series in enumerate(map(mapping_of, list_of(result.get("series")))):
            columns = [str(name) for name in list_of(series.get("columns"))]
            rows = [row for row in list_of(series.get("values")) if isinstance(row, list) and len(row) == len(columns)]
            labels = tuple(sorted((str(k), str(v)) for k, v in mapping_of(series.get("tags")).items()))
            if "time" not in columns:
                continue
            times = tuple(row[columns.index("time")] for row in rows)
            for at, column in enumerate(columns):
                values = tuple(row[at] for row in rows)
                if column != "time" and any(isinstance(value, int | float) for value in values):
                    name = f"{text_of(series, 'name')} {column}".strip()
                    path = f"results[{number}].series[{index}]"
                    yield StoredSeries(path=path, metric=name, times=times, values=values, labels=labels)


def _otlp(told: Mapping[str, Any]) -> Iterator[StoredSeries]:
    batches = [mapping_of(item) for key in _OTLP for item in list_of(told.get(key))]
    for number, batch in enumerate(batches):
        resource = _attributes(mapping_of(batch.get("resource")).get("attributes"))
        for scope in [*list_of(batch.get("scopeMetrics")), *list_of(batch.get("scope_metrics"))]:
            for metric in map(mapping_of, list_of(mapping_of(scope).get("metrics"))):
                yield from _otlp_metric(metric, resource, f"resourceMetrics[{number}].{text_of(metric, 'name')}")


def _otlp_metric(metric: Mapping[str, Any], resource: dict[str, str], path: str) -> Iterator[StoredSeries]:
    """Read the points of a sum or gauge; of a histogram its count and its sum."""
    name, unit = text_of(metric, "name"), text_of(metric, "unit")
    for kind in ("sum", "gauge", "histogram", "exponentialHistogram", "summary"):
        body = mapping_of(metric.get(kind))
        suffix = "_total" if kind == "sum" and body.get("isMonotonic") is True and body.get("aggregationTemporality") in (2, "AGGREGATION_TEMPORALITY_CUMULATIVE") else ""  # fmt: skip
        for point in map(mapping_of, list_of(body.get("dataPoints"))):
            labels = tuple(sorted((resource | _attributes(point.get("attributes"))).items()))
            at = point.get("timeUnixNano")
            parts = {suffix: point.get("asDouble", point.get("asInt"))} if kind in {"sum", "gauge"} else {
                "_count": point.get("count"), "_sum": point.get("sum")
            }  # fmt: skip
            for ending, value in parts.items():
                if value is not None and at:
                    full = name if name.endswith(ending) else name + ending
                    yield StoredSeries(path=path, metric=full, times=(at,), values=(value,), labels=labels, unit=unit)


def _attributes(value: Any) -> dict[str, str]:
    told = [mapping_of(item) for item in list_of(value)]
    return {text_of(item, "key"): str(next(iter(mapping_of(item.get("value")).values()), "")) for item in told}
