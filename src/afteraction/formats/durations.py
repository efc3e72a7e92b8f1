"""Durations as people write them: `3 h 05 min`, `about 2 hours`, `1h30`, `01:20:00`, `half an hour`.

A text comes in, seconds and the unit that it was counted in go out; a text that is no duration is refused (None). A
duration of several parts ("2 hours and 10 minutes") is one; the first duration of a text counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_UNITS: tuple[tuple[str, float], ...] = (
    (r"milliseconds?|msecs?|ms", 0.001),
    (r"seconds?|secs?|s", 1.0),
    (r"minutes?|mins?|min|m", 60.0),
    (r"hours?|hrs?|hr|h", 3600.0),
    (r"days?|d", 86400.0),
    (r"weeks?|wks?|w", 604800.0),
)
_WORDS = {
    "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0,
    "eight": 8.0, "nine": 9.0, "ten": 10.0, "eleven": 11.0, "twelve": 12.0, "half": 0.5, "half a": 0.5, "half an": 0.5,
    "a couple of": 2.0, "a few": 3.0, "thirteen": 13.0, "fourteen": 14.0, "fifteen": 15.0, "sixteen": 16.0,
    "seventeen": 17.0, "eighteen": 18.0, "nineteen": 19.0,
}  # fmt: skip
_TENS = {
    "twenty": 20.0,
    "thirty": 30.0,
    "forty": 40.0,
    "fifty": 50.0,
    "sixty": 60.0,
    "seventy": 70.0,
    "eighty": 80.0,
    "ninety": 90.0,
}
_WORDS |= _TENS
_WORDS |= {
    f"{ten}{dash}{one}": size + _WORDS[one]
    for ten, size in _TENS.items()
    for dash in "- "
    for one in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
}
_AMOUNT = r"(?:\d+(?:[.,]\d+)?|\b(?:" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")(?=[\s-]))"
_UNIT = "|".join(form for form, _ in _UNITS)
_PART = rf"(?P<amount>{_AMOUNT})\s?-?(?P<unit>{_UNIT})(?![A-Za-z])"
_PARTS = re.compile(
    rf"(?<![\w.:/-]){_AMOUNT}\s?-?(?:{_UNIT})(?![A-Za-z])(?:(?:\s|,|and|&)*{_AMOUNT}\s?-?(?:{_UNIT})(?![A-Za-z]))*",
    re.IGNORECASE,
)
_TIGHT = re.compile(
    r"(?<![\w.:/-])(?P<h>\d{1,3})\s?h(?:ours?|rs?)?\s?(?P<m>\d{1,2})(?:\s?m(?:in(?:utes?|s)?)?)?(?![\w.:])",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"(?<![\w.:/-])(?=\d)(?:(?P<d>\d+)d)?(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m(?:in)?)?(?:(?P<s>\d+)s)?(?![\w.:])",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<![\w.:/-])(?P<h>\d{1,3}):(?P<m>[0-5]\d):(?P<s>[0-5]\d)(?![\w:])")
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|approx\w*|circa|ca\.?|nearly|almost|over|more than|less than|under|at least|up to|some)\b|~|≈|[<>≤≥]",
    re.IGNORECASE,
)
_LEAST = re.compile(r"(?:\b(?:over|more than|at least|no less than|upwards of|exceed\w*)|[>≥])\s*$", re.IGNORECASE)
_MOST = re.compile(r"(?:\b(?:under|less than|at most|no more than|up to|within)|[<≤])\s*$", re.IGNORECASE)


class Bound(StrEnum):
    """On which side of the words the true duration lies."""

    NEITHER = ""
    LEAST = "at least"
    MOST = "at most"


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration that was read: `seconds`, the smallest `unit` in seconds that it was counted in, whether it is rough."""

    seconds: float
    unit: float
    rough: bool = False
    text: str = ""
    bound: Bound = Bound.NEITHER

    @property
    def slack(self) -> float:
        """How far the true duration may lie from the words: one unit, or a fifth of it where the words say "about"."""
        return max(self.unit, 0.2 * self.seconds if self.rough else 0.0)

    def meets(self, seconds: float, tick: float = 0.0) -> bool:
        """Whether a measured stretch is what the words say; `tick` is how exact the measure is.

        "At least 7 hours" and "under 2 hours" speak of about that size: who knows of half as much again, or of half, says so.
        """
        slack = self.slack + tick
        if self.bound is Bound.LEAST:
            return self.seconds - self.unit / 10 - tick <= seconds <= 1.5 * self.seconds + self.unit + tick
        if self.bound is Bound.MOST:
            return self.seconds / 2 - self.unit - tick <= seconds <= self.seconds + self.unit / 10 + tick
        return abs(seconds - self.seconds) <= slack


def parse_duration(text: str) -> Duration | None:
    """Return the first duration of a text, or None."""
    found = [read for reader in (_tight, _joined, _clock, _parts) if (read := reader(text))]
    if not found:
        return None
    position, duration = min(found, key=lambda pair: (pair[0], -len(pair[1].text)))
    ahead = text[max(0, position - 16) : position]
    bound = Bound.LEAST if _LEAST.search(ahead) else Bound.MOST if _MOST.search(ahead) else Bound.NEITHER
    return Duration(duration.seconds, duration.unit, bool(_ABOUT.search(ahead)), duration.text, bound)


Read = tuple[int, Duration]


def _tight(text: str) -> Read | None:
    match = _TIGHT.search(text)
    if match is None:
        return None
    return match.start(), Duration(int(match["h"]) * 3600.0 + int(match["m"]) * 60.0, 60.0, text=match[0])


def _joined(text: str) -> Read | None:
    for match in _JOINED.finditer(text):
        known = {unit: int(match[unit]) for unit in ("d", "h", "m", "s") if match[unit] is not None}
        if known:
            size = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
            seconds = sum(amount * size[unit] for unit, amount in known.items())
            return match.start(), Duration(seconds, min(size[unit] for unit in known), text=match[0])
    return None


def _clock(text: str) -> Read | None:
    match = _CLOCK.search(text)
    if match is None:
        return None
    return match.start(), Duration(
        int(match["h"]) * 3600.0 + int(match["m"]) * 60.0 + int(match["s"]), 1.0, text=match[0]
    )


def _parts(text: str) -> Read | None:
    match = _PARTS.search(text)
    if match is None:
        return None
    seconds, unit = 0.0, float("inf")
    for part in re.finditer(_PART, match[0], re.IGNORECASE):
        size = next(s for form, s in _UNITS if re.fullmatch(form, part["unit"], re.IGNORECASE))
        amount = part["amount"].lower()
        seconds += (_WORDS[amount] if amount in _WORDS else float(amount.replace(",", "."))) * size
        fraction = "." in amount or "," in amount or amount.startswith("half")
        unit = min(unit, size / 10 if fraction else size)
    return match.start(), Duration(seconds, unit, text=match[0])
