"""When a recording that tells no time took place, as far as anything around it says."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from afteraction.formats.stamps import Stamp
from afteraction.model.origin import Precision
from afteraction.model.reading import RawInput

_DATED = re.compile(r"(?<!\d)(20\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")


def day_in_name(name: str) -> date | None:
    """Return the date that stands in a file's name (`2026-11-23-session.txt`), or None."""
    for found in _DATED.finditer(name.rpartition("/")[2]):
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            continue
    return None


def fallback_time(raw: RawInput) -> Stamp | None:
    """Return the day of the file's name, else the time of capture, else when the file was last written.

    The first is exact to the day. The last two only say by when it was over, so their precision is unknown.
    """
    if day := day_in_name(raw.name):
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return Stamp(at=at, precision=Precision.DAY, zone="UTC", assumed="day from the file's name")
    known = raw.captured or raw.modified
    if known is None:
        return None
    return Stamp(at=known.astimezone(UTC), precision=Precision.UNKNOWN, zone="UTC", assumed="time of the file")
