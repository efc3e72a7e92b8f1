"""Who calls whom: an adjacency matrix or a list of edges as CSV becomes dependencies.

In a matrix the row calls the column where the cell is neither empty nor zero. Weights are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from afteraction.formats.columns import is_gap, is_number
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.table_shapes import CALLEE, CALLER, Table, TableShape, table_of
from afteraction.formats.tables import find_column, rows_of
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading
from afteraction.model.series import Edge


class CallGraphs:
    """The source."""

    name = "call-graph"
    summary = "Call graphs as CSV, an adjacency matrix or a list of edges: dependencies."

    def claims(self, raw: RawInput) -> bool:
        """Claim matrices whose rows and columns have the same names, and tables of two columns of names."""
        table = table_of(raw)
        return table is not None and table.shape in {TableShape.EDGES, TableShape.MATRIX}

    def read(self, raw: RawInput, context: Context) -> Reading:  # noqa: ARG002  # a graph has no times
        """Read all edges."""
        table = table_of(raw)
        if table is None or table.shape not in {TableShape.EDGES, TableShape.MATRIX}:
            return Reading()
        problems = ProblemList(raw.name)
        faults: list[Problem] = []
        count = 0
        edges: dict[tuple[str, str], Edge] = {}
        places = find_column(table.columns, CALLER), find_column(table.columns, CALLEE)
        for line, row in rows_of(raw, table.head, faults):
            count += 1
            if count == 1:
                continue
            if len(row) < table.head.width:
                problems.add("the row has too few cells", line=line)
                continue
            for caller, callee in _pairs(row, table, places):
                origin = Origin(file=raw.name, line=line)
                edges.setdefault((caller, callee), Edge(caller=caller, callee=callee, origin=origin))
        problems.extend(faults)
        return Reading(edges=tuple(edges.values()), problems=problems.close(), lines=count)


def _pairs(row: list[str], table: Table, places: tuple[int | None, int | None]) -> Iterator[tuple[str, str]]:
    if table.shape is TableShape.MATRIX:
        for name, cell in zip(table.columns[1:], row[1:], strict=False):
            if not is_gap(cell) and cell.lower() != "false" and not (is_number(cell) and float(cell) == 0.0):
                yield row[0].strip(), name
        return
    caller, callee = places
    if caller is not None and callee is not None and row[caller].strip() and row[callee].strip():
        yield row[caller].strip(), row[callee].strip()
