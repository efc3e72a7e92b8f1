"""Lists of commits, deploys and flag changes, as JSON, JSON lines or CSV under any usual names: changes.

One record, one event. A record without a readable time becomes a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from afteraction.formats.change_events import change_event
from afteraction.formats.json_documents import decode_text
from afteraction.formats.json_items import flat
from afteraction.formats.json_shapes import JsonShape, json_records, json_shape
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.stamps import date_order
from afteraction.formats.table_shapes import TableShape, table_of
from afteraction.formats.tables import folded, rows_of
from afteraction.model.event import Event
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, Problem, RawInput, Reading


class ChangeLists:
    """The source."""

    name = "change-list"
    summary = "Lists of commits, deploys and flags as JSON or CSV: changes."

    def claims(self, raw: RawInput) -> bool:
        """Claim lists whose records have a time and a commit, a release or a flag."""
        table = table_of(raw)
        return json_shape(raw) is JsonShape.CHANGES if table is None else table.shape is TableShape.CHANGES

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all changes."""
        problems = ProblemList(raw.name)
        context = replace(context, date_order=date_order(decode_text(raw.head)))
        events: list[Event] = []
        count = 0
        for origin, record in _records(raw, problems):
            count += 1
            event = change_event(record, source=self.name, origin=origin, context=context)
            if event is not None:
                events.append(event)
            else:
                reason = "the change has no readable time"
                problems.add(
                    reason, line=origin.line, record=origin.record, remedy="give the time as ISO 8601 or epoch"
                )
        return Reading(events=tuple(events), problems=problems.close(), lines=count)


def _records(raw: RawInput, problems: ProblemList) -> Iterator[tuple[Origin, Mapping[str, Any]]]:
    table = table_of(raw)
    if table is not None:
        names = [folded(column) for column in table.columns]
        faults: list[Problem] = []
        for at, (line, row) in enumerate(rows_of(raw, table.head, faults)):
            if len(row) != len(names):
                problems.add("the row has another number of cells than the header", line=line)
            elif at:
                yield Origin(file=raw.name, line=line), dict(zip(names, row, strict=True))
        problems.extend(faults)
        return
    for origin, value in json_records(raw, problems):
        yield origin, flat(value)
