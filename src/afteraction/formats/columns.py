"""Columns of text become arrays: stamps in any usual form become seconds, numbers become floats, gaps become NaN.

Cells that are neither a value nor a known word for a gap become NaN too; the caller sees how many there were.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from afteraction.formats.stamps import parse_stamp, zone_of

Floats = NDArray[np.float64]

TIME_NAMES = (
    "timestamp", "time", "ts", "datetime", "date", "eventtime", "timeunixnano", "unixtimestamp", "unixtime", "epoch",
    "starttime", "startedat", "createdat", "occurredat", "at", "when", "start", "timeunixms", "unixtimestampms",
    "asctime", "created", "t", "realtimetimestamp", "observedtimestamp", "timestampms", "deployedat", "releasedat",
    "mergedat", "committedat", "commitdate", "committerdate", "commitcommitterdate", "authoredat", "authordate",
    "commitauthordate", "publishedat", "finishedat", "changedat", "updatedat",
)  # fmt: skip
"""What fields of time are called, folded, likeliest first."""

_GAPS = frozenset({"", "nan", "null", "none", "na", "n/a", "-", "nil", "inf", "+inf", "-inf", "?"})
_UNITS = (1.0, 1e3, 1e6, 1e9)
_MONOTONIC = re.compile(r"(?<=[+-]\d{4}) [A-Z]{3,5}\b|\s+m=[+-][\d.]+$")
"""What Go's `Time.String()` writes behind the offset: the zone's abbreviation and the monotonic clock."""


def is_number(cell: str) -> bool:
    """Whether a cell holds a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def float_or_none(cell: str) -> float | None:
    """Return a cell's number, or None when it holds none; NaN and infinities are none."""
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if isfinite(number) else None


_QUANTITY = re.compile(
    r"(?P<number>[+-]?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?P<unit>[A-Za-zµμ%]{1,10})(?P<rate>/s(?:ec)?)?$"
)
_SCALES = {
    **dict.fromkeys(("ns",), ("s", 1e-9)), **dict.fromkeys(("us", "µs", "μs"), ("s", 1e-6)), "ms": ("s", 1e-3), "s": ("s", 1.0),
    **dict.fromkeys(("sec", "secs", "seconds"), ("s", 1.0)), **dict.fromkeys(("min", "mins", "minutes"), ("s", 60.0)),
    **dict.fromkeys(("hour", "hours", "h"), ("s", 3600.0)), **dict.fromkeys(("day", "days"), ("s", 86400.0)),
    **dict.fromkeys(("B", "bytes"), ("B", 1.0)), **dict.fromkeys(("kB", "KB"), ("B", 1e3)), "MB": ("B", 1e6), "GB": ("B", 1e9), "TB": ("B", 1e12),
    "KiB": ("B", 1024.0), "MiB": ("B", 1024.0**2), "GiB": ("B", 1024.0**3), "TiB": ("B", 1024.0**4), "%": ("%", 1.0),
    "b": ("b", 1.0), "kb": ("b", 1e3), "Mb": ("b", 1e6), "Gb": ("b", 1e9), "K": ("", 1e3), "Mil": ("", 1e6), "Bil": ("", 1e9),
    **dict.fromkeys(("req", "reqs", "ops", "rps", "rpm", "cps", "iops", "wps", "rd", "wr"), ("", 1.0)),
}  # fmt: skip
"""Units that Grafana writes behind a number, with their base unit and how many of it they are."""


def quantity_of(cell: str) -> tuple[float, str] | None:
    """Read `12 ms`, `1.2 GiB`, `99.5%`, `3.4 Mil` as a number of the base unit and that unit; None for anything else."""
    found = _QUANTITY.match(cell.strip())
    scale = _SCALES.get(found["unit"]) if found else None
    if found is None or scale is None:
        return None
    return float(found["number"].replace(",", "")) * scale[1], scale[0] + (found["rate"] or "")


def is_measure(cell: str) -> bool:
    """Whether a cell holds a number, also one with its unit behind it."""
    return is_number(cell) or _COMMA.fullmatch(cell.strip()) is not None or quantity_of(cell) is not None


def is_gap(cell: str) -> bool:
    """Whether a cell is empty or says that there is no value."""
    return cell.strip().lower() in _GAPS


def numbers_of(cells: Sequence[str]) -> Floats:
    """Return the cells as floats; a cell without a finite number is NaN."""
    try:
        values = np.array(cells, dtype=np.float64)
    except ValueError:
        decimal = decimal_commas(cells)
        values = np.fromiter((_number(cell, decimal) for cell in cells), dtype=np.float64, count=len(cells))
    values[~np.isfinite(values)] = np.nan
    return values


_COMMA = re.compile(r"[+-]?\d{1,3}(?:\.?\d{3})*,\d+|[+-]?\d+,\d+")
"""A number with a comma: of thousands, or before the decimals."""
_DECIMAL = re.compile(r"[+-]?\d+,(?!\d{3}$)\d+|[+-]?0,\d+|[+-]?\d{1,3}(?:\.\d{3})+,\d+")
"""A comma that can only stand before decimals."""


def decimal_commas(cells: Sequence[str]) -> bool:
    """Whether a column writes its decimals behind a comma."""
    return any(_DECIMAL.fullmatch(cell.strip()) for cell in cells)


def written_number(cell: str, decimal: bool) -> float | None:
    """Return the number of a cell with commas or a unit, or None; `decimal` is what `decimal_commas` says of its column."""
    number = _number(cell, decimal)
    return number if isfinite(number) else None


def _number(cell: str, decimal: bool = False) -> float:
    """Return a cell's number; `decimal` says that the column writes its decimals behind a comma."""
    try:
        return float(cell)
    except ValueError:
        if decimal and _COMMA.fullmatch(cell.strip()):
            return float(cell.strip().replace(".", "").replace(",", "."))
        text = cell.strip().rstrip("%").replace(",", "") if cell.strip().lower() not in _GAPS else ""
        if is_number(text):
            return float(text)
        quantity = quantity_of(cell) if text else None
        return quantity[0] if quantity else np.nan


def seconds_of_numbers(values: Floats) -> Floats:
    """Read epoch numbers in s, ms, us or ns by the size of their middle one; NaN where that gives no time."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.full(values.shape, np.nan)
    middle = float(np.median(finite))
    unit = next((unit for unit in _UNITS if 1e8 <= middle / unit < 1e10), None)
    return values / unit if unit else np.full(values.shape, np.nan)


class Clock:
    """Reads one column's stamps, remembering those that repeat; `zone` is that of stamps without one.

    `order` is that of dates in numbers, as `stamps.date_order` finds it in the file.
    """

    def __init__(self, zone: str = "UTC", year_hint: int | None = None, order: str = "") -> None:
        self._order = order
        self._zone = zone
        self._tzinfo = zone_of(zone)
        self._year = year_hint
        self._known: dict[str, float] = {}
        self.zoneless = False
        """Whether a stamp without a zone was read."""

    def seconds(self, cell: str) -> float:
        """Return a stamp in seconds since the epoch; NaN when it is none."""
        at = self._known.get(cell)
        if at is None:
            if len(self._known) > 200_000:
                self._known.clear()
            at = self._known[cell] = self._read(cell)
        return at

    def _read(self, cell: str) -> float:
        if is_number(cell):
            number = float(cell)
            return next((number / unit for unit in _UNITS if 1e8 <= number / unit < 1e10), np.nan)
        text = _MONOTONIC.sub("", _MONOTONIC.sub("", cell.strip())).replace(" @ ", " ")
        try:
            at = datetime.fromisoformat(text) if len(text) > 15 and text[4] in "-/" else None
        except ValueError:
            at = None
        if at is not None:
            self.zoneless |= at.tzinfo is None
            return (at if at.tzinfo else at.replace(tzinfo=self._tzinfo)).timestamp()
        stamp = parse_stamp(text, zone=self._zone, year_hint=self._year, order=self._order) if text else None
        if stamp is None:
            return np.nan
        self.zoneless |= "zone" in stamp.assumed
        return stamp.at.timestamp()

    def column(self, cells: Sequence[str]) -> Floats:
        """Return a column of stamps as seconds; a column of numbers is read with one unit."""
        try:
            return seconds_of_numbers(np.array(cells, dtype=np.float64))
        except ValueError:
            return np.fromiter((self.seconds(cell) for cell in cells), dtype=np.float64, count=len(cells))


def looks_like_times(cells: Sequence[str], share: float = 0.9) -> bool:
    """Whether a share of the filled cells of a column are stamps (or epoch numbers of s to ns, all of them)."""
    filled = [cell for cell in cells if not is_gap(cell)]
    if not filled:
        return False
    times = Clock(year_hint=2000).column(filled)
    known = times[np.isfinite(times)]
    return bool(
        known.size >= share * len(filled) and (not is_number(filled[0]) or np.all((known > 3e8) & (known < 4e9)))
    )
