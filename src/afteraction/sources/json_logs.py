"""Logs as JSON: one object a line as logging libraries and container runtimes write them, or documents that hold records.

Out comes the log as a file that can be streamed; its records are not turned into events. Which service wrote a record
stands in the record. Documents are the answers of log stores (CloudWatch, Loki, Elasticsearch, Datadog, Google Cloud),
OpenTelemetry's OTLP logs, and arrays of records.
"""

from __future__ import annotations

from afteraction.formats.json_shapes import JsonShape, json_shape
from afteraction.formats.log_documents import document_shape, read_log_document
from afteraction.formats.text_lines import measure
from afteraction.model.log import LogFile, LogShape
from afteraction.model.reading import Context, RawInput, Reading


class JsonLogs:
    """The source."""

    name = "json-log"
    summary = "Logs as JSON lines (zap, pino, logrus, structlog, ECS, journald) or answers of log stores: log evidence."

    def claims(self, raw: RawInput) -> bool:
        """Claim files whose lines are JSON objects with a text and a time or a level, and documents of such records."""
        return json_shape(raw) in {JsonShape.LOG, JsonShape.LOG_DOCUMENT}

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Return the log and the number of its lines."""
        year = raw.modified.year if raw.modified else context.year_hint
        shape = document_shape(raw) if json_shape(raw) is JsonShape.LOG_DOCUMENT else None
        if shape is not None:
            found = read_log_document(raw, shape)
            log = LogFile(
                name=found.name, open=found.open, shape=LogShape.JSON_LINES, zone=context.zone, year_hint=year
            )
            return Reading(logs=(log,) if found.records else (), problems=found.problems, lines=found.records)
        lines, size = measure(raw)
        log = LogFile(
            name=raw.name, open=raw.open, shape=LogShape.JSON_LINES, size=size, zone=context.zone, year_hint=year
        )
        return Reading(logs=(log,), lines=lines)
