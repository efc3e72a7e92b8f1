"""Ages as kubectl prints them (`5m30s`, `2d3h`, `3m (x5 over 10m)`) become durations with the precision they carry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from afteraction.model.origin import Precision

_UNITS = {"y": 365 * 86400.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_PRECISION = {
    "y": Precision.DAY,
    "d": Precision.DAY,
    "h": Precision.HOUR,
    "m": Precision.MINUTE,
    "s": Precision.SECOND,
}
_AGE = re.compile(r"(?:(\d+)y)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:\s+ago)?")
_SEEN = re.compile(r"(?P<last>\S+)\s+\(x(?P<count>\d+)\s+over\s+(?P<first>\S+)\)")


@dataclass(frozen=True, slots=True)
class Age:
    """How long ago something was, and the tick of the clock that says so."""

    span: timedelta
    precision: Precision


@dataclass(frozen=True, slots=True)
class Seen:
    """When an event was seen last and first, and how often, as ages; an age that could not be read is None."""

    last: Age | None
    first: Age | None
    count: int | None


_OLDEST = 100 * 366 * 86_400
"""Seconds; nothing in a cluster is a hundred years old, and a longer span has no place in a calendar."""


def parse_age(text: str) -> Age | None:
    """Read `5m30s`, `2d`, `38s ago`; None when it is no age. kubectl drops small units, so `2d` is exact to a day."""
    word = text.strip()
    found = _AGE.fullmatch(word)
    if not word or found is None or not any(found.groups()):
        return None
    parts = [(unit, int(digits)) for unit, digits in zip(_UNITS, found.groups(), strict=True) if digits is not None]
    seconds = sum(_UNITS[unit] * number for unit, number in parts)
    if seconds > _OLDEST:
        return None
    return Age(timedelta(seconds=seconds), _PRECISION[parts[-1][0]])


def parse_seen(text: str) -> Seen:
    """Read the age column of an event: a plain age, or `LAST (xCOUNT over FIRST)`; unread parts are None."""
    found = _SEEN.match(text.strip())
    if found is None:
        age = parse_age(text)
        return Seen(last=age, first=None, count=None)
    return Seen(last=parse_age(found["last"]), first=parse_age(found["first"]), count=int(found["count"]))
