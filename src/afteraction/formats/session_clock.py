"""When a recording that tells no time took place, as far as anything around it says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

from afteraction.formats.stamps import Stamp, parse_stamp
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


_TIMED = re.compile(
    r"(?<!\d)(?P<y>20\d\d)[-_.]?(?P<m>[01]\d)[-_.]?(?P<d>[0-3]\d)[-_.T ]+(?P<H>[0-2]\d)(?P<sep>[-_.:h]?)(?P<M>[0-5]\d)"
    r"(?:(?P=sep)(?P<S>[0-5]\d))?(?P<zone>Z|[+-]\d\d:?\d\d|(?:[-_ ]?(?:UTC|GMT)))?(?!\d)"
)


def time_in_name(name: str, zone: str = "UTC") -> Stamp | None:
    """Return the time that stands in a file's name, to the minute or second (`events-2026-03-04T10-50Z.txt`), or None.

    A zone-less time is read in `zone`; `GMT` before the date, as Zoom writes it, is a zone.
    """
    last = name.rpartition("/")[2]
    for found in _TIMED.finditer(last):
        told = (found["zone"] or "").strip("-_ ") or (
            "UTC" if last[: found.start()].upper().endswith(("GMT", "UTC")) else ""
        )
        clock = f"{found['H']}:{found['M']}:{found['S'] or '00'}"
        stamp = parse_stamp(f"{found['y']}-{found['m']}-{found['d']} {clock}", zone=told or zone)
        if stamp is not None:
            precision = Precision.SECOND if found["S"] else Precision.MINUTE
            return replace(stamp, precision=precision, zone=told or zone, assumed="time from the file's name")
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
