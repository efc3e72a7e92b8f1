"""Times as the document words them: in the display zone, no finer than they are known, with the date where needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from afteraction.model.origin import Precision

_COARSE = {Precision.HOUR, Precision.DAY, Precision.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Clock:
    """How one document words its times.

    `dated` puts the date before each time (an incident that passes midnight), `seconds` shows seconds (one that lasts
    less than an hour, where minutes would hide the order).
    """

    zone: ZoneInfo
    dated: bool
    seconds: bool

    @classmethod
    def spanning(cls, times: list[datetime], zone: str) -> Clock:
        """Choose how to word times from the times that the document shows."""
        where = ZoneInfo(zone)
        local = [t.astimezone(where) for t in times]
        dated = len({t.date() for t in local}) > 1
        spread = (max(local) - min(local)).total_seconds() if local else 0.0
        return cls(zone=where, dated=dated, seconds=spread < 3600)

    def time(self, at: datetime, precision: Precision = Precision.SECOND) -> str:
        """Word a time of the incident, such as `14:02 UTC` or `2025-10-15 00:02:11 CEST`."""
        local = at.astimezone(self.zone)
        if precision is Precision.DAY:
            return f"{local:%Y-%m-%d}"
        about = "about " if precision in _COARSE else ""
        shape = "%H:%M:%S" if self.seconds and precision.seconds < 60 else "%H:%M"
        day = "%Y-%m-%d " if self.dated else ""
        return about + local.strftime(f"{day}{shape} %Z").strip()

    def date(self, at: datetime) -> date:
        """Return the date of a time in the display zone."""
        return at.astimezone(self.zone).date()
