"""Logs of one JSON object a line, as zap, logrus, bunyan, structlog, ECS, OpenTelemetry or a container runtime write them.

Out comes the log as a file that can be streamed; its records are not turned into events. Which service wrote a record
stands in the record.
"""

from __future__ import annotations

from afteraction.formats.json_shapes import JsonShape, json_shape
from afteraction.formats.text_lines import measure
from afteraction.model.log import LogFile, LogShape
from afteraction.model.reading import Context, RawInput, Reading


class JsonLogs:
    """The source."""

    name = "json-log"
    summary = "Logs of one JSON object a line (zap, logrus, bunyan, structlog, ECS, journald): log evidence."

    def claims(self, raw: RawInput) -> bool:
        """Claim files whose lines are JSON objects with a text and a time or a level."""
        return json_shape(raw) is JsonShape.LOG

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Return the log and the number of its lines."""
        lines, size = measure(raw)
        log = LogFile(
            name=raw.name,
            open=raw.open,
            shape=LogShape.JSON_LINES,
            size=size,
            zone=context.zone,
            year_hint=raw.modified.year if raw.modified else context.year_hint,
        )
        return Reading(logs=(log,), lines=lines)
