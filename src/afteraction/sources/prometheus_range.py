"""Answers of Prometheus' HTTP API (`query_range`, `query`): every result becomes a series with its labels.

Also read: the bare `data` object, a bare list of results, and several answers one after the other. The metric's name is
its `__name__`; an expression has none, and the file's name stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from afteraction.formats.columns import numbers_of
from afteraction.formats.json_documents import decode_text, list_of, mapping_of, read_json
from afteraction.formats.json_shapes import JsonShape, json_shape
from afteraction.formats.metric_names import service_and_instance
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.series_columns import make_series
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading
from afteraction.model.series import Series


class PrometheusRange:
    """The source."""

    name = "prometheus-range"
    summary = "Prometheus query_range and query answers (JSON): series."

    def claims(self, raw: RawInput) -> bool:
        """Claim answers whose result is a matrix or a vector."""
        return json_shape(raw) is JsonShape.PROMETHEUS

    def read(self, raw: RawInput, context: Context) -> Reading:  # noqa: ARG002  # the stamps are epoch numbers
        """Read all series."""
        problems = ProblemList(raw.name)
        records, faults = read_json(decode_text(raw.read()), raw.name)
        problems.extend(faults)
        series: list[Series] = []
        count = 0
        for number, record in enumerate(records):
            for path, result in _results(record.value, f"[{number}]." if len(records) > 1 else ""):
                count += 1
                made = _series(raw.name, path, result, problems)
                series += [made] if made else []
        return Reading(series=tuple(series), problems=problems.close(), lines=count)


def _results(value: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        path, results = prefix.rstrip("."), value
    else:
        inner = mapping_of(value).get("data")
        path = f"{prefix}data.result" if isinstance(inner, Mapping) else f"{prefix}result"
        results = list_of((inner if isinstance(inner, Mapping) else mapping_of(value)).get("result"))
    for index, result in enumerate(results):
        yield f"{path}[{index}]", result


def _series(file: str, path: str, result: Any, problems: ProblemList) -> Series | None:
    labels = {str(key): str(value) for key, value in mapping_of(mapping_of(result).get("metric")).items()}
    pairs = list_of(mapping_of(result).get("values")) or [mapping_of(result).get("value")]
    good = [pair for pair in pairs if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], int | float)]
    if len(good) < len(pairs):
        problems.add("a sample is no pair of time and value", record=path)
    if not good:
        return None
    name = labels.pop("__name__", "") or PurePosixPath(file).name.split(".")[0]
    service, instance = service_and_instance(labels)
    return make_series(
        name,
        np.array([float(pair[0]) for pair in good]),
        numbers_of([str(pair[1]) for pair in good]),
        None,
        Origin(file=file, record=path),
        service=service,
        instance=instance,
        labels=tuple(sorted(labels.items())),
    )
