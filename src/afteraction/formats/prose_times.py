"""Dates, times of day and zones as people write them in documents.

Machines' stamps are read by `stamps.py`; people write `Oct 30th`, `2:14 pm`, `ca. 18:30`, `23:00 AM`, `5-26-21` and say
the zone once for a whole page (`all times PST`). In come short stretches of text; out go dates, clocks and zones, each
with what is missing left open, to be completed from the document. Nothing is guessed here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo

from afteraction.formats.stamps import zone_of
from afteraction.model.origin import Precision

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<mon>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+(?:the\s+)?)?"
_NUMERIC_FORM = r"(?<![\d/.:])(?<!\d-)(?P<a>[0-3]?\d)(?P<sep>[/.-])(?P<b>[0-3]?\d)(?P=sep)(?P<c>\d{4}|(?<!\.)\d\d|(?<=/)\d{3})(?![\d/]|\.\d)"
_NUMERIC = re.compile(_NUMERIC_FORM)
_DATES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # a digit too many in the year (20202-01-16) is a slip of the finger
        r"(?<![\d/.-])(?P<y>(?:19|20)\d\d)\d?[-/.](?P<m>[01]?\d)[-/.](?P<d>[0-3]?\d)(?![\d/-]|\.\d)",
        rf"(?<![\w:/.])(?P<y>(?:19|20)\d\d)[ /-]{_MONTH}[ /-](?P<d>[0-3]?\d)(?:st|nd|rd|th)?(?![\d/-])",
        rf"(?<![\w/]){_WEEKDAY}{_MONTH}\s+(?P<d>[0-3]?\d)(?:st|nd|rd|th)?(?:,?\s+(?P<y>(?:19|20)\d\d))?(?!\d|:\d)",
        rf"(?<![\w:/.])(?P<d>[0-3]?\d)(?P<sep>[/-]){_MONTH}(?P=sep)(?P<y>(?:19|20)?\d\d)(?![\d/-])",
        rf"(?<![\w:/.])(?P<d>[0-3]?\d)(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<y>(?:19|20)\d\d))?(?!\d|:\d)",
        _NUMERIC_FORM,
        r"(?<![\d/.:-])(?P<m>[01]\d)-(?P<d>[0-3]\d)(?=\s+\d\d:\d\d)",
    )
)
_CLOCK = re.compile(
    r"(?:(?<![\d:.,/\w-])|(?<=\dT))(?P<h>[0-2]?\d)(?:(?::|\.(?=\d\d\s?[ap]\.?m\b))(?P<mi>[0-5]\d)(?::(?P<s>[0-5]\d)(?:[.,]\d+)?)?\s?(?P<half>[ap]\.?m\b\.?)?|\s?(?P<whole>[ap]\.?m\b\.?)|(?P<bare>h[0-5]\d)\b|(?P<four>[0-5]\d)(?=\s?(?:Z|UTC|GMT|hrs)\b))(?!\d|:\d)",
    re.IGNORECASE,
)
_ABOUT = r"(?:~\s?|≈\s?|ca?\.?\s?|circa\s|approx(?:imately|\.)?\s?|about\s|around\s|at\s)?"
LEADING_CLOCK = re.compile(rf"^{_ABOUT}(?={_CLOCK.pattern})", re.IGNORECASE)

_WALLS = {
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles", "pacific": "America/Los_Angeles",
    "mst": "America/Denver", "mdt": "America/Denver", "mt": "America/Denver",
    "cst": "America/Chicago", "cdt": "America/Chicago", "ct": "America/Chicago",
    "est": "America/New_York", "edt": "America/New_York", "et": "America/New_York", "eastern": "America/New_York",
    "cet": "Europe/Berlin", "cest": "Europe/Berlin", "eet": "Europe/Athens", "eest": "Europe/Athens", "bst": "Europe/London",
    "londontime": "Europe/London", "uktime": "Europe/London", "britishtime": "Europe/London", "berlintime": "Europe/Berlin",
    "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
}  # fmt: skip
_ABBREVIATION = r"(?:UTC|GMT|Z|[PMCE][SD]?T|CES?T|EES?T|BST|IST|JST|KST|SGT|HKT|AE[SD]T|WES?T|MSK)"
_OFFSET = r"(?:(?:UTC|GMT)\s?[+-]\s?\d{1,2}(?::?\d\d)?)"
_IANA = r"(?:(?:Africa|America|Asia|Atlantic|Australia|Europe|Pacific|US)/[A-Z]\w+(?:/\w+)?)"
_NAMED = r"(?:(?i:(?:U\w/)?pacific(?:\s(?:standard|daylight))?(?:\stime)?|eastern(?:\s(?:standard|daylight))?\stime|central european(?:\ssummer)?\stime|coordinated universal time|(?:london|uk|british|berlin)\stime))"
ZONE = re.compile(rf"(?<![\w/])(?:{_OFFSET}|{_IANA}|{_NAMED}|{_ABBREVIATION})(?![\w/])")
_BEHIND = re.compile(rf"^\s?\(?(?P<zone>{_OFFSET}|{_ABBREVIATION}|\+\d\d:?\d\d)\)?(?![A-Za-z0-9]|/[A-Za-z])")
_ISO_BEHIND = re.compile(r"^(?P<zone>Z|[+-]\d\d:?\d\d)(?![\w:])")
"""The offset of `2026-03-04T10:00-07:00`; behind any other clock such a sign begins the end of a range."""
_TOLD = re.compile(
    r"\b(?:(?:all|the|these)\s)?(?:times?(?:stamps?|\s?zones?)?|timeline|chronology|dates?)\b[^.|\n]{0,40}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date as written: `year` is None when the text does not say it. `other` is the other order of a numeric date.

    `day_first` says how a numeric date was read: with the day before the month.
    """

    month: int
    day: int
    year: int | None
    start: int
    end: int
    other: tuple[int, int] | None = None
    day_first: bool = False


@dataclass(frozen=True, slots=True)
class WrittenClock:
    """A time of day as written, with the zone that stands right behind it (else empty)."""

    hour: int
    minute: int
    second: int
    precision: Precision
    zone: str
    start: int
    end: int


_MOST_DATES = 200
"""Nobody writes more dates into one line; further ones would only make a hostile line slow."""


def dates_in(text: str) -> list[WrittenDate]:
    """Return the dates of a text in order; stretches that look alike but are none (versions, addresses) are left out."""
    found: list[WrittenDate] = []
    for form in _DATES:
        for match in islice(form.finditer(text), _MOST_DATES):
            written = _date(match)
            if written and not any(written.start < other.end and other.start < written.end for other in found):
                found.append(written)
    return sorted(found, key=lambda written: written.start)


def _date(match: re.Match[str]) -> WrittenDate | None:
    groups = match.groupdict()
    year = int(groups["y"]) + (2000 if len(groups["y"]) == 2 else 0) if groups.get("y") else None
    other: tuple[int, int] | None = None
    day_first = False
    if groups.get("a"):
        first, second = int(groups["a"]), int(groups["b"])
        third = groups["c"]
        # the last digit of a year may be lost (11/03/202); such a year is left open
        year = int(third) if len(third) == 4 else 2000 + int(third) if len(third) == 2 else None
        day_first = first > 12 or groups["sep"] == "."
        month, day = (second, first) if day_first else (first, second)
        if first <= 12 and second <= 12:
            other = (day, month)
    else:
        month = _MONTHS.index(groups["mon"][:3].lower()) + 1 if groups.get("mon") else int(groups["m"])
        day = int(groups["d"])
    if not 1 <= month <= 12 or not 1 <= day <= 31 or (year is not None and not 1990 <= year <= 2100):
        return None
    return WrittenDate(month, day, year, match.start(), match.end(), other, day_first)


_ORDER_TOLD = re.compile(r"\b(?P<day>DD[/.-]MM)\b|\b(?P<month>MM[/.-]DD)\b", re.IGNORECASE)


def day_first_told(text: str) -> bool | None:
    """Return whether numeric dates of a text put the day first, as the text itself shows; None when it does not.

    `DD/MM/YYYY` says it, a number above twelve shows it. When neither is there, several dates that lie within weeks of
    each other in one order and months apart in the other were written in the first.
    """
    if told := _ORDER_TOLD.search(text):
        return told["day"] is not None
    numeric = [match for match in islice(_NUMERIC.finditer(text), _MOST_DATES) if match["sep"] != "."]
    shown = {int(match["a"]) > 12 for match in numeric if (int(match["a"]) > 12) != (int(match["b"]) > 12)}
    if len(shown) == 1:
        return shown.pop()
    open_ones = {(int(match["a"]), int(match["b"]), match["c"]) for match in numeric}
    if len(open_ones) < 2 or shown or len({year for _, _, year in open_ones}) > 1:
        return None
    day_first = _spread([(b, a) for a, b, _ in open_ones])
    month_first = _spread([(a, b) for a, b, _ in open_ones])
    if day_first < _NEAR <= month_first - day_first:
        return True
    return False if month_first < _NEAR <= day_first - month_first else None


_NEAR = 21
"""Days within which an incident's dates lie, and by which the other order must be worse to be ruled out."""


def _spread(days: list[tuple[int, int]]) -> int:
    """Return about how many days lie between the first and the last of dates given as month and day."""
    counted = [31 * month + day for month, day in days]
    return max(counted) - min(counted)


def clock_at(text: str, position: int = 0) -> WrittenClock | None:
    """Return the clock that begins at or right behind `position` (`~` and `ca.` may stand before), or None."""
    lead = re.compile(_ABOUT, re.IGNORECASE).match(text, position)
    match = _CLOCK.match(text, lead.end() if lead else position) or _CLOCK.match(text, position)
    return _clock(match) if match else None


def clocks_in(text: str) -> list[WrittenClock]:
    """Return the clocks of a text in order."""
    return [clock for match in _CLOCK.finditer(text) if (clock := _clock(match))]


def _clock(match: re.Match[str]) -> WrittenClock | None:
    hour = int(match["h"])
    half = (match["half"] or match["whole"] or "").lower()
    minute = int(match["mi"] or match["four"] or (match["bare"] or "h0")[1:])
    if hour > 24 or (hour == 24 and minute):
        return None
    if 1 <= hour <= 12 and half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)  # `23:00 AM` is 23:00, whatever its half says
    rest = match.string[match.end() : match.end() + 60]
    iso = match.start() > 0 and match.string[match.start() - 1] == "T"
    behind = (_ISO_BEHIND.match(rest) if iso else None) or _BEHIND.match(rest)
    precision = Precision.SECOND if match["s"] else Precision.HOUR if match["whole"] else Precision.MINUTE
    end = match.end() + (behind.end() if behind else 0)
    zone = re.sub(r"\s", "", behind["zone"]) if behind else ""
    return WrittenClock(hour % 24, minute, int(match["s"] or 0), precision, zone, match.start(), end)


def zone_told(text: str) -> str:
    """Return the zone that a line declares for a page or table (`All times in CET (GMT+1)`, `Time (UTC)`), else empty.

    An offset wins over an abbreviation beside it, since it says what the abbreviation was meant to.
    """
    found = [zone for zone in ZONE.finditer(text) if _TOLD.search(text[: zone.start()].replace("|", " "))]
    if not found:
        return ""
    offset = next((zone for zone in found if re.match(_OFFSET, zone[0])), None)
    return (offset or found[0])[0]


def offset_on(zone: str, moment: datetime) -> tzinfo | None:
    """Return the zone that holds for the naive local time `moment`.

    People who write the abbreviation of standard time (`PST`) in summer mean the clock on the wall, so that on a day on
    which the region keeps daylight saving time its own offset is taken. An abbreviation of summer time is literal.
    """
    name = re.sub(r"\s", "", zone).lower()
    if name.startswith(("utc", "gmt")) and len(name) > 3:
        return zone_of(name)
    if "pacific" in name:
        name = "pt"
    elif name.startswith("eastern"):
        name = "et"
    elif name.startswith("centraleuropean"):
        name = "cet"
    elif name.startswith("coordinated"):
        return UTC
    region = _WALLS.get(name)
    if region is None:
        return zone_of(zone.strip())
    wall = ZoneInfo(region)
    saving = wall.dst(moment)
    summer_name = re.fullmatch(r"[pmce]dt|cest|eest|aedt|bst", name)
    if summer_name and not saving:
        standard = wall.utcoffset(moment) or timedelta()
        return timezone(standard + timedelta(hours=1))
    return wall


def placed(day: date, clock: WrittenClock, zone: str) -> datetime | None:
    """Return the UTC time of a clock on a day in a zone; None when there is no such zone or time."""
    try:
        local = datetime(day.year, day.month, day.day, clock.hour, clock.minute, clock.second)  # noqa: DTZ001  see below
        holds = offset_on(zone, local)
        return local.replace(tzinfo=holds).astimezone(UTC) if holds else None
    except (ValueError, OverflowError):
        return None
