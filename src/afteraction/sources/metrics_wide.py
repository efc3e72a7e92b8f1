"""Metrics, one column each: a table with columns of time, columns that say of what, and a column for every metric.

Several rows of header (service, metric, statistic) are read as well, and tables without a header. Where two columns
give the time and disagree, the one that states its zone wins and a problem says so. Out come series with the line of
every sample; which service a column belongs to is taken from a column, from labels in its name, from the grid that the
names form, or left open.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from afteraction.formats.columns import Clock, is_gap, is_measure, is_number, numbers_of, quantity_of
from afteraction.formats.event_records import CLOCK
from afteraction.formats.json_documents import decode_text
from afteraction.formats.metric_names import parse_selector, service_and_instance, split_edges, split_grid
from afteraction.formats.pods import service_of_pod
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.series_columns import make_series
from afteraction.formats.stamps import date_order
from afteraction.formats.table_shapes import INSTANCE, METRIC, SERVICE, STATISTIC, Table, TableShape, table_of
from afteraction.formats.tables import folded, name_and_unit, rows_of
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading
from afteraction.model.series import Series

_CHUNK = 8192
_BARE_NAMES = frozenset({"value", "val", "v", "count", "y", "reading", "column2"})
"""Names of a lone column of values that say nothing; the file's name says more."""
_NEAR = 2.0
"""Seconds by which two clocks of one row may differ: one is read a moment after the other and rounded."""
_PART = re.compile(r"(?:[._-](?:metrics?|values?|data|series|export))+$", re.IGNORECASE)

Floats = NDArray[np.float64]


class MetricsWide:
    """The source."""

    name = "metrics-wide"
    summary = "Metrics as CSV, one column each, with one or several header rows: series."

    def claims(self, raw: RawInput) -> bool:
        """Claim tables of time and numbers."""
        table = table_of(raw)
        return table is not None and table.shape in {TableShape.WIDE, TableShape.STACKED}

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all series."""
        table = table_of(raw)
        if table is None or table.shape not in {TableShape.WIDE, TableShape.STACKED}:
            return Reading()
        problems = ProblemList(raw.name)
        headers, cells = _load(raw, table, context, problems)
        times = _decide_time(cells, table, problems)
        columns = _stacked(headers) if table.shape is TableShape.STACKED else _described(raw.name, table, cells)
        series = tuple(_series(raw.name, columns, cells, times))
        if not series:
            problems.add("no column held a number with a readable time")
        return Reading(series=series, problems=problems.close(), lines=cells.count)


@dataclass(slots=True)
class _Cells:
    """The table column by column: times and numbers as floats, what names things as text."""

    clocks: dict[int, Clock]
    header: tuple[str, ...]
    numeric: tuple[int, ...]
    texts: tuple[int, ...]
    hours: int | None = None
    """The column of the time of day that stands beside a column of dates."""
    units: dict[int, str] = field(default_factory=dict)
    time_parts: dict[int, list[Floats]] = field(default_factory=dict)
    parts: list[Floats] = field(default_factory=list)
    names: list[tuple[str, ...]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """What one column measures."""

    metric: str
    service: str = ""
    instance: str = ""
    statistic: str = ""
    unit: str = ""
    labels: tuple[tuple[str, str], ...] = ()


def _load(raw: RawInput, table: Table, context: Context, problems: ProblemList) -> tuple[list[list[str]], _Cells]:
    width = table.head.width
    body = [row for row in table.head.rows[table.header_rows :] if len(row) == width]
    texts = tuple(
        index for index in range(width) if index not in table.times and not _numeric([row[index] for row in body])
    )
    order = date_order(decode_text(raw.head))
    hours = _hours(table, texts, body)
    cells = _Cells(
        header=table.columns,
        clocks={index: Clock(context.zone, context.year_hint, order) for index in table.times},
        hours=hours,
        numeric=tuple(index for index in range(width) if index not in {*table.times, *texts}),
        texts=tuple(index for index in texts if index != hours),
        units={index: unit for index in range(width) if (unit := _written_unit([row[index] for row in body]))},
    )
    faults: list[Problem] = []
    rows = _counted(rows_of(raw, table.head, faults), cells)
    headers = [row for _, row in itertools.islice(rows, table.header_rows)]
    while chunk := list(itertools.islice(rows, _CHUNK)):
        good = [(line, row) for line, row in chunk if len(row) == width]
        for line, row in chunk:
            if len(row) != width:
                problems.add(f"the row has not {width} cells as the others have", line=line)
        if good:
            _append(cells, good)
    problems.extend(faults)
    return headers, cells


def _hours(table: Table, texts: tuple[int, ...], body: Sequence[Sequence[str]]) -> int | None:
    """Return the column that holds the time of day beside a column of dates, where the table has one."""
    for index in texts:
        filled = [row[index] for row in body if not is_gap(row[index])]
        if filled and all(CLOCK.match(cell) for cell in filled) and any(":" not in body[0][at] for at in table.times):
            return index
    return None


def _counted(rows: Iterator[tuple[int, list[str]]], cells: _Cells) -> Iterator[tuple[int, list[str]]]:
    for line, row in rows:
        cells.count += 1
        yield line, row


def _append(cells: _Cells, rows: list[tuple[int, list[str]]]) -> None:
    columns = list(zip(*(row for _, row in rows), strict=True))
    for index, clock in cells.clocks.items():
        column = columns[index]
        if cells.hours is not None and not any(":" in cell for cell in column):
            column = tuple(f"{day} {hour}" for day, hour in zip(column, columns[cells.hours], strict=True))
        cells.time_parts.setdefault(index, []).append(clock.column(column))
    if cells.numeric:
        cells.parts.append(np.stack([numbers_of(columns[index]) for index in cells.numeric]))
    cells.names += zip(*(columns[index] for index in cells.texts), strict=True) if cells.texts else [()] * len(rows)
    cells.lines += [line for line, _ in rows]


def _numeric(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if not is_gap(cell)]
    return all(is_measure(cell) for cell in filled[:20])


def _written_unit(cells: Sequence[str]) -> str:
    """Return the base unit that stands behind the numbers of a column (Grafana exports `1.2 s`), else nothing."""
    found = (quantity_of(cell) for cell in cells if not is_gap(cell) and not is_number(cell))
    return next((quantity[1] for quantity in found if quantity), "")


def _decide_time(cells: _Cells, table: Table, problems: ProblemList) -> Floats:
    """Choose between the columns of time: equal ones are one; where they differ the better founded one wins."""
    columns = {index: np.concatenate(parts) for index, parts in cells.time_parts.items() if parts}
    if not columns:
        return np.empty(0)
    first = table.head.rows[table.header_rows]
    written = [index for index in columns if index < len(first) and not is_number(first[index])]
    stated = [index for index in written if not cells.clocks[index].zoneless]
    best = next(iter([*stated, *(index for index in columns if index not in written), *written]))
    times = columns[best]
    for index, other in columns.items():
        apart = np.abs(times - other)
        if index != best and np.nanmax(apart, initial=0.0) > _NEAR:
            reason = (
                f"the columns {table.columns[best]} and {table.columns[index]} disagree about the time by "
                f"{float(np.nanmedian(times - other)):+,.0f} s; {table.columns[best]} was used"
            )
            problems.add(reason, line=cells.lines[0], remedy="correct the other column, or drop it")
        times = np.where(np.isfinite(times), times, other)
    if bad := int(np.sum(~np.isfinite(times))):
        at = cells.lines[int(np.argmax(~np.isfinite(times)))]
        problems.add(f"{bad} rows have no readable time", line=at, remedy="give the time as ISO 8601 or epoch")
    return times


def _stacked(headers: list[list[str]]) -> dict[int, _Column]:
    """Describe columns under several rows of header by the words that stand before the rows."""
    roles = {_role(row[0], place): row for place, row in enumerate(row for row in headers if any(row[1:]))}
    blank = [""] * max(len(row) for row in headers)
    return {
        index: _Column(
            metric=roles.get("metric", blank)[index].strip(),
            service=roles.get("service", blank)[index].strip(),
            statistic=roles.get("statistic", blank)[index].strip(),
        )
        for index in range(1, min(len(row) for row in roles.values()))
    }


def _role(word: str, place: int) -> str:
    name = folded(word)
    if name in {"fulllabel", "label", "id"}:  # CloudWatch's console
        return "id" if name == "id" else "metric"
    for role, names in (("service", (*SERVICE, *INSTANCE)), ("metric", METRIC), ("statistic", STATISTIC)):
        if name in names:
            return role
    return ("service", "metric", "statistic")[min(place, 2)]


def _described(file: str, table: Table, cells: _Cells) -> dict[int, _Column]:
    """Describe columns under one row of header by their names."""
    names = {index: table.columns[index].strip() for index in cells.numeric}
    stem = _PART.sub("", PurePosixPath(file).name.split(".")[0])
    if len(names) == 1 and (only := next(iter(names))) is not None and folded(names[only]) in _BARE_NAMES:
        return {only: _Column(metric=PurePosixPath(file).name.split(".")[0] or file)}
    named = bool(cells.texts)
    edges = {} if named else split_edges(list(names.values()))
    grid = {} if named or edges else split_grid(list(names.values()))
    of_file = service_of_pod(stem) if not named and service_of_pod(stem) != stem else ""
    return {index: _column(name, edges.get(name), grid.get(name), of_file) for index, name in names.items()}


def _column(name: str, edge: tuple[str, str] | None, grid: tuple[str, str] | None, of_file: str) -> _Column:
    if selected := parse_selector(name):
        metric, labels = selected
        service, instance = service_and_instance(labels)
        return _Column(metric=metric, service=service, instance=instance, labels=tuple(sorted(labels.items())))
    metric, unit = name_and_unit(name)
    if edge:
        told = (("caller", edge[0]), ("callee", edge[1])) if edge[0] else ()
        return _Column(metric=metric, unit=unit, labels=(("edge", "1"), *told))
    if grid:
        return _Column(metric=name_and_unit(grid[1])[0], unit=unit, service=grid[0])
    return _Column(metric=metric, unit=unit, service=of_file)


def _series(file: str, columns: dict[int, _Column], cells: _Cells, times: Floats) -> Iterator[Series]:
    if not times.size or not cells.parts:
        return
    values = np.concatenate(cells.parts, axis=1)
    lines = np.array(cells.lines, dtype=np.int64)
    stem = PurePosixPath(file).name.split(".")[0]
    groups: dict[tuple[str, ...], list[int]] = {}
    for at, name in enumerate(cells.names):
        groups.setdefault(name, []).append(at)
    for name, rows in groups.items():
        chosen = np.array(rows) if len(groups) > 1 else slice(None)
        service, instance, labels = _identity(name, cells)
        for place, index in enumerate(cells.numeric):
            column = columns.get(index)
            if column is None:
                continue
            made = make_series(
                column.metric or stem, times[chosen], values[place, chosen], lines[chosen], Origin(file=file),
                service=column.service or service, instance=column.instance or instance, statistic=column.statistic, unit=column.unit or cells.units.get(index, ""),
                labels=(*column.labels, *labels),
            )  # fmt: skip
            if made is not None:
                yield made


def _identity(name: tuple[str, ...], cells: _Cells) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return service, instance and labels from the text cells that a group of rows has in common."""
    told = {cells.header[index]: cell.strip() for index, cell in zip(cells.texts, name, strict=True) if cell.strip()}
    by_name = {folded(key): key for key in told}
    service_key = next((by_name[key] for key in SERVICE if key in by_name), "")
    instance_key = next((by_name[key] for key in INSTANCE if key in by_name), "")
    service, instance = told.get(service_key, ""), told.get(instance_key, "")
    if not service and instance and ("pod" in folded(instance_key) or service_of_pod(instance) != instance):
        service = service_of_pod(instance)
    labels = tuple(sorted((key, cell) for key, cell in told.items() if key not in {service_key, instance_key}))
    return service, instance, labels
