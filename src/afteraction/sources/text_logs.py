"""Logs as text: syslog, klog, logfmt, access logs, and lines with any leading stamp; also build logs without one.

Out comes the log as a file that can be streamed, its stack traces where they stand; its lines are not turned into
events. A file that lies in a pod's name belongs to that pod's service.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from afteraction.formats.pods import service_of_pod
from afteraction.formats.table_shapes import table_of
from afteraction.formats.tables import encoding_of, encoding_problem
from afteraction.formats.text_lines import measure
from afteraction.formats.text_shapes import log_shape
from afteraction.model.log import LogFile
from afteraction.model.reading import Context, RawInput, Reading

_ENDING = re.compile(r"(?:\.(?:log|txt|out|err|gz|zst|bz2|xz|\d+))+$")


class TextLogs:
    """The source."""

    name = "text-log"
    summary = "Logs as text (syslog, klog, logfmt, access logs, any leading stamp, build logs): log evidence."

    def claims(self, raw: RawInput) -> bool:
        """Claim texts whose lines begin as machines' lines do."""
        return table_of(raw) is None and log_shape(raw) is not None

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Return the log and the number of its lines."""
        shape = log_shape(raw)
        if shape is None:
            return Reading()
        lines, size = measure(raw)
        log = LogFile(
            name=raw.name, open=raw.open, shape=shape, size=size, service=_service(raw.name), zone=context.zone,
            year_hint=raw.modified.year if raw.modified else context.year_hint,
        )  # fmt: skip
        return Reading(logs=(log,), problems=tuple(encoding_problem(encoding_of(raw.head), raw.name)), lines=lines)


def _service(name: str) -> str:
    """Return the service of a pod whose name, as clusters generate them, is the file's or one of its folders'."""
    path = PurePosixPath(name)
    for part in (_ENDING.sub("", path.name), *(parent.name for parent in path.parents)):
        if (service := service_of_pod(part)) != part:
            return service
    return ""
