"""A log file: never its lines as values, only the way to stream them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from afteraction.model.origin import Origin


class LogShape(StrEnum):
    """How one record of a log file is written."""

    JSON_LINES = "json_lines"
    SYSLOG = "syslog"
    KLOG = "klog"
    CSV = "csv"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """A log that can be streamed as often as needed.

    `open` returns a fresh binary stream of the decompressed bytes. `size` is the number of those bytes when it is
    known. `service` is the service that wrote the whole file, when the material tells (a pod's log, a file per
    service); empty when records of several services are mixed. `year_hint` serves year-less stamps.
    """

    name: str
    open: Callable[[], BinaryIO]
    shape: LogShape
    size: int | None = None
    service: str = ""
    zone: str = "UTC"
    year_hint: int | None = None

    @property
    def origin(self) -> Origin:
        """The file as a whole."""
        return Origin(file=self.name)
