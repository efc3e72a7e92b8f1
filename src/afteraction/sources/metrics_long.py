"""Metrics, one sample a row: a table with columns of time, metric and value, under any usual names in any order.

Out come series, one for each metric of each service and instance, with the line of every sample. Text columns beside
the known ones become labels. Rows without a readable time become problems; rows without a value are gaps.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import numpy as np

from afteraction.formats.columns import Clock, decimal_commas, float_or_none, is_gap, is_number, written_number
from afteraction.formats.json_documents import decode_text
from afteraction.formats.metric_names import service_and_instance
from afteraction.formats.pods import service_of_pod
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.series_columns import make_series
from afteraction.formats.stamps import date_order
from afteraction.formats.table_shapes import INSTANCE, METRIC, SERVICE, STATISTIC, VALUE, Table, TableShape, table_of
from afteraction.formats.tables import find_column, folded, rows_of
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading
from afteraction.model.series import Series

_UNIT = ("unit", "units")
_MOST_LABELS = 4
"""A column with more text than this per series is no label; it would tear the series apart."""


@dataclass(slots=True)
class _Samples:
    times: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))
    lines: array[int] = field(default_factory=lambda: array("q"))


class MetricsLong:
    """The source."""

    name = "metrics-long"
    summary = "Metrics as CSV, one sample a row (time, service, metric, value): series."

    def claims(self, raw: RawInput) -> bool:
        """Claim tables in which a row is one sample."""
        table = table_of(raw)
        return table is not None and table.shape is TableShape.LONG

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all series."""
        table = table_of(raw)
        if table is None or table.shape is not TableShape.LONG:
            return Reading()
        problems = ProblemList(raw.name)
        columns = _Columns.of(table)
        samples, lines = _collect(raw, table, columns, context, problems)
        series = tuple(made for key, group in samples.items() if (made := _series(raw.name, columns, key, group)))
        return Reading(series=series, problems=problems.close(), lines=lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    time: int
    value: int
    metric: int
    keys: tuple[int, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, table: Table) -> _Columns:
        value, metric = find_column(table.columns, VALUE), find_column(table.columns, METRIC)
        assert value is not None
        assert metric is not None
        known = {find_column(table.columns, names) for names in (SERVICE, INSTANCE, STATISTIC, _UNIT)}
        body = table.head.rows[1:]
        labels = [
            index
            for index in range(len(table.columns))
            if index not in {*known, value, metric, *table.times} and _is_label(body, index)
        ]
        keys = (
            metric,
            *sorted(index for index in known if index is not None and index not in {metric, value}),
            *labels,
        )
        return cls(time=table.times[0], value=value, metric=metric, keys=keys, names=table.columns)


def _is_label(body: tuple[tuple[str, ...], ...], index: int) -> bool:
    cells = [row[index] for row in body if index < len(row) and not is_gap(row[index])]
    return bool(cells) and not is_number(cells[0]) and len(set(cells)) <= max(_MOST_LABELS, len(cells) // 4)


def _collect(
    raw: RawInput, table: Table, columns: _Columns, context: Context, problems: ProblemList
) -> tuple[dict[tuple[str, ...], _Samples], int]:
    clock = Clock(context.zone, context.year_hint, date_order(decode_text(raw.head)))
    samples: dict[tuple[str, ...], _Samples] = {}
    by_cells: dict[Any, _Samples] = {}
    cells_of = itemgetter(*columns.keys)
    seconds, time, value = clock.seconds, columns.time, columns.value
    decimal = decimal_commas([row[value] for row in table.head.rows[1:] if value < len(row)])
    count = 0
    faults: list[Problem] = []
    for line, row in rows_of(raw, table.head, faults):
        count += 1
        if count == 1:
            continue
        try:
            at, cells, told = seconds(row[time]), cells_of(row), row[value]
        except IndexError:
            problems.add("the row has too few cells", line=line)
            continue
        number = float_or_none(told)
        if number is None:
            number = written_number(told, decimal)
        if number is None:
            if not is_gap(told):
                problems.add("the value is no number", line=line)
        elif at != at:  # noqa: PLR0124  # NaN is the one value that differs from itself, and this runs for every row
            problems.add("the row has no readable time", line=line, remedy="give the time as ISO 8601 or epoch")
        else:
            group = by_cells.get(cells)
            if group is None:
                key = tuple(row[index].strip() for index in columns.keys)
                group = by_cells[cells] = samples.setdefault(key, _Samples())
            group.times.append(at)
            group.values.append(number)
            group.lines.append(line)
    problems.extend(faults)
    return samples, count


def _series(file: str, columns: _Columns, key: tuple[str, ...], group: _Samples) -> Series | None:
    told = {folded(columns.names[index]): cell for index, cell in zip(columns.keys, key, strict=True)}
    metric = key[0]
    service = next((told[name] for name in SERVICE if told.get(name)), "")
    where = next((name for name in INSTANCE if told.get(name)), "")
    if not service and where:
        service = service_of_pod(told[where]) if "pod" in where or where == "cmdbid" else ""
    known = {folded(columns.names[columns.metric]), *SERVICE, *INSTANCE, *STATISTIC, *_UNIT}
    labels = tuple((name, cell) for name, cell in sorted(told.items()) if name not in known and cell)
    if not service and labels:
        service = service_and_instance(dict(labels))[0]
    return make_series(
        metric, np.array(group.times), np.array(group.values), np.array(group.lines, dtype=np.int64), Origin(file=file),
        service=service, instance=told.get(where, ""), labels=labels,
        statistic=next((told[name] for name in STATISTIC if told.get(name)), ""),
        unit=next((told[name] for name in _UNIT if told.get(name)), ""),
    )  # fmt: skip
