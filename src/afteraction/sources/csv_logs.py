"""Logs as CSV, with a column of text beside time, service, pod or level: a log that can be streamed.

A text column may hold a container runtime's JSON envelope. Which service wrote a record stands in its row.
"""

from __future__ import annotations

from afteraction.formats.table_shapes import TableShape, table_of
from afteraction.formats.tables import encoding_problem
from afteraction.formats.text_lines import measure
from afteraction.model.log import LogFile, LogShape
from afteraction.model.reading import Context, RawInput, Reading


class CsvLogs:
    """The source."""

    name = "csv-log"
    summary = "Logs as CSV with a column of text: log evidence."

    def claims(self, raw: RawInput) -> bool:
        """Claim tables with a time and a column of messages."""
        table = table_of(raw)
        return table is not None and table.shape is TableShape.LOG

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Return the log and the number of its lines."""
        table = table_of(raw)
        if table is None or table.shape is not TableShape.LOG:
            return Reading()
        lines, size = measure(raw)
        log = LogFile(
            name=raw.name, open=raw.open, shape=LogShape.CSV, size=size, zone=context.zone,
            year_hint=raw.modified.year if raw.modified else context.year_hint,
        )  # fmt: skip
        problems = tuple(encoding_problem(table.head.encoding, raw.name))
        return Reading(logs=(log,), problems=problems, lines=lines)
