"""Where a statement came from and how far it can be trusted: the ground that every other noun stands on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """What a value rests on."""

    OBSERVED = "observed"
    """A machine recorded it at the time: an alert, a log line, a metric, an executed command."""
    REPORTED = "reported"
    """A person said or wrote it."""
    INFERRED = "inferred"
    """It was computed from observed or reported facts by a rule that the document names."""
    UNKNOWN = "unknown"
    """The material does not say."""


class Precision(StrEnum):
    """How exactly the clock behind a time was read."""

    MICROSECOND = "microsecond"
    MILLISECOND = "millisecond"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    UNKNOWN = "unknown"

    @property
    def seconds(self) -> float:
        """The width of one tick of such a clock, in seconds; infinite when it is unknown."""
        return _TICK[self]


_TICK = {
    Precision.MICROSECOND: 1e-6,
    Precision.MILLISECOND: 1e-3,
    Precision.SECOND: 1.0,
    Precision.MINUTE: 60.0,
    Precision.HOUR: 3600.0,
    Precision.DAY: 86400.0,
    Precision.UNKNOWN: float("inf"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The place in the raw material that a fact was read from.

    `file` is the name within the material (a member of an archive reads `export.zip/general/2025-10-15.json`),
    `line` and `line_end` are 1-based and inclusive; `record` names a part of a file that has no useful lines
    (a JSON path, an id). Either `line` or `record` is set where the format allows it.
    """

    file: str
    line: int | None = None
    line_end: int | None = None
    record: str | None = None

    def __str__(self) -> str:
        if self.line is not None:
            last = f"-{self.line_end}" if self.line_end is not None and self.line_end != self.line else ""
            return f"{self.file}:{self.line}{last}"
        return f"{self.file}#{self.record}" if self.record is not None else self.file
