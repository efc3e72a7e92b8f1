"""Time stamps: text or numbers as machines write them come in, zone-aware UTC times come out.

A single value is read by `parse_stamp`; the lines of a log by a `Layout` that `detect` learns once from a sample. A
stamp that lacks a zone, a year or a date is completed from hints, and what was assumed is said in words. A stamp that
cannot be completed is refused (None), never guessed: no year without a hint, no date for a bare time without a hint.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from afteraction.model.origin import Precision

_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)  # noqa: SIM905
}
_ABBREVIATED = {
    "est": -5.0, "edt": -4.0, "cst": -6.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0,
    "cet": 1.0, "cest": 2.0, "bst": 1.0, "west": 1.0, "eet": 2.0, "eest": 3.0, "msk": 3.0, "ist": 5.5, "jst": 9.0,
    "kst": 9.0, "sgt": 8.0, "hkt": 8.0, "aest": 10.0, "aedt": 11.0,
}  # fmt: skip
_REGIONAL = {"pt": "America/Los_Angeles", "mt": "America/Denver", "ct": "America/Chicago", "et": "America/New_York"}
_NAMED_ZONES = "|".join(sorted([*_ABBREVIATED, *_REGIONAL], key=len, reverse=True))

_CLOCK = r"(?P<H>\d{1,2}):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,:](?P<f>\d{1,9}))?)?"
_HALF = r"(?:\s?(?P<half>[AaPp]\.?[Mm]\.?)(?![A-Za-z]))?"
_ZONE = rf"(?:\s?(?P<z>Z(?![A-Za-z])|(?i:UTC|GMT)(?:[+-]\d{{1,2}}(?!\d))?|[+-]\d\d:?\d\d(?!\d)|[+-]\d\d(?![\d:])|\(?(?i:{_NAMED_ZONES})\)?(?![A-Za-z])))?"
_MON = r"(?P<mon>(?i:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6})\.?"
_DAY = r"(?:(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s+)?"
_BEFORE = r"(?:(?<![\w.:/-])|(?<=\x1b\[\dm)|(?<=\x1b\[\d\dm))"
"""A stamp starts a word: `x2024-..` and `10.12:00:01` are parts of something else. A colour may stand before it."""

_FORMS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in (
        ("iso", r"(?:(?<![\w.:/])|(?<=\x1b\[\dm)|(?<=\x1b\[\d\dm))(?P<y>\d{4})[-/.](?P<m>\d\d)[-/.](?P<d>\d\d)(?:[T_ ]|\s+|-(?=\d\d[.:]\d\d))"
                r"(?P<H>\d\d)[:.](?P<M>\d\d)(?:[:.](?P<S>\d\d)(?:[.,:](?P<f>\d{1,9}))?)?" + _HALF + _ZONE),
        ("compact", rf"{_BEFORE}(?P<y>\d{{4}})(?P<m>\d\d)(?P<d>\d\d)[T_ -]?(?P<H>\d\d):?(?P<M>\d\d):?(?P<S>\d\d)"
                    r"(?:[.,:](?P<f>\d{1,9}))?(?!\d)" + _ZONE),
        ("clf", r"(?<![\w.:-])(?P<d>\d{1,2})[/-](?P<mon>[A-Za-z]{3})[/-](?P<y>\d{4})[: ](?P<H>\d\d):(?P<M>\d\d):"
                r"(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?" + _ZONE),
        ("ctime", (rf"{_BEFORE}{_DAY}{_MON}\s+(?P<d>\d{{1,2}})\s+{_CLOCK}(?:\s+(?P<z>UTC|GMT|[A-Z]{{3,4}}|[+-]\d{{4}}))?"
                  r"\s+(?P<y>\d{4})(?!\d)(?![:.-]\d)")),
        ("daymonth", rf"{_BEFORE}{_DAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MON},?[ -](?P<y>\d{{4}}),?\s+(?:at\s+|@\s+)?{_CLOCK}"
                     + _HALF + _ZONE),
        ("monthday", rf"{_BEFORE}{_DAY}{_MON}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}),?\s+(?:at\s+|@\s+)?{_CLOCK}"
                     + _HALF + _ZONE),
        ("numeric", rf"{_BEFORE}(?P<a>\d{{1,2}})(?P<sep>[/.-])(?P<b>\d{{1,2}})(?P=sep)(?P<c>\d{{4}}|\d\d)[,T ]\s*{_CLOCK}"
                    + _HALF + _ZONE),
        ("short", (rf"{_BEFORE}(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)[ T](?P<H>\d\d):?(?P<M>\d\d):?(?P<S>\d\d)"
                  r"(?:[.,](?P<f>\d{1,9}))?(?!\d)")),
        ("glog", r"(?<![A-Za-z0-9])[IWEF](?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d) (?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)(?:\.(?P<f>\d{1,9}))?"),
        ("klog", r"(?<![A-Za-z0-9])[IWEFD](?P<m>\d\d)(?P<d>\d\d) (?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)(?:\.(?P<f>\d{1,9}))?"),
        ("syslog", rf"{_BEFORE}{_DAY}{_MON}\s+(?P<d>\d{{1,2}})(?:,|\s+at)?\s+{_CLOCK}" + _HALF + _ZONE),
        ("daymonth-yearless", rf"{_BEFORE}(?P<d>\d{{1,2}}) {_MON} {_CLOCK}" + _HALF + _ZONE),
        ("dashed-yearless", rf"{_BEFORE}(?P<m>\d\d)[-/](?P<d>\d\d) {_CLOCK}" + _ZONE),
        ("epoch", r"(?:(?<![\w.:/-])|(?<=\":))(?P<e>[1-3]\d{9}(?:\d{3}){0,3})(?:\.(?P<f>\d{1,9}))?(?![\w-]|\.\d)"),
        ("time", rf"{_BEFORE}{_CLOCK}" + _HALF + _ZONE),
    )
}  # fmt: skip
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)$",
        r"(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)$",
        rf"{_DAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MON},?[ -](?P<y>\d{{4}})$",
        rf"{_DAY}{_MON}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})$",
        r"(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{4})$",
    )
)
_HEAD = 512
"""How far into a line a stamp is looked for, in characters (JSON lines carry theirs behind other fields)."""
_SHARE = 0.4
"""The share of sampled lines that must carry the stamp: stack traces are longer than the lines above them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time that was read. `zone` is the text's own zone or the assumed one; `assumed` says what was filled in."""

    at: datetime
    precision: Precision
    zone: str
    assumed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What completes a stamp: the zone of zone-less ones, the year of year-less ones, the day of bare times.

    `turn` is the month from which on year-less stamps belong to the year before (0: none). `order` is the order of the
    fields of a date that is written in numbers only (`ymd`, `dmy`, `mdy`; empty: decide by the value).
    """

    zone: str = "UTC"
    year: int | None = None
    day: date | None = None
    turn: int = 0
    order: str = ""


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo | None:
    """Return the zone called `name` (IANA name, `Z`, `UTC`, an offset such as `+0200`, an abbreviation), else None."""
    text = name.strip("() ")
    lower = text.lower()
    if lower in {"z", "utc", "gmt", ""}:
        return UTC
    if found := re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d\d)?", lower):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes)) if minutes < 24 * 60 else None
    if lower in _ABBREVIATED:
        return timezone(timedelta(hours=_ABBREVIATED[lower]))
    try:
        return ZoneInfo(_REGIONAL.get(lower, text))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def parse_stamp(
    text: str | float,
    *,
    zone: str = "UTC",
    year_hint: int | None = None,
    day_hint: date | None = None,
    order: str = "",
) -> Stamp | None:
    """Read one value of a field: a stamp in any layout, a date (precision `day`), or an epoch number.

    A number, or a text of digits, is seconds, milliseconds, microseconds or nanoseconds since 1970 by its size (years
    2001 to 2096). A bare time needs `day_hint`, a year-less stamp `year_hint` (`day_hint` gives it too). `order` is that of
    a date in numbers (`date_order`). The whole
    text must be the stamp; surrounding brackets, quotes and white space are ignored. None when it is no stamp.
    """
    if isinstance(text, bool):
        return None
    if isinstance(text, int | float):
        return _from_number(float(text), _number_precision(text)) if 1e9 <= text < 4e18 else None
    text = text.strip().strip("[]\"'<>").strip()
    if re.fullmatch(r"\d{10,19}(?:\.\d{1,9})?", text) and (found := _FORMS["epoch"].fullmatch(text)):
        return _read(found, Hints(zone=zone))
    year = year_hint if year_hint is not None else day_hint.year if day_hint else None
    hints = Hints(zone=zone, year=year, day=day_hint, order=order)
    for pattern in (*_FORMS.values(), *_DATES):
        if (found := pattern.fullmatch(text)) and (stamp := _read(found, hints)):
            return stamp
    return None


_IN_NUMBERS = re.compile(r"(?<![\w./:-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|[23]\d)(?![\w/]|[.-]\d)")


def date_order(text: str) -> str:
    """Return the order of the dates in numbers that a text holds, as far as a number above twelve shows it.

    `dmy`, `mdy`, or empty when nothing shows it or the text shows both.
    """
    shown = set()
    for first, _, second, year in itertools.islice(_IN_NUMBERS.findall(text[:65_536]), 2000):
        if (int(first) > 12) != (int(second) > 12) and first != year:
            shown.add("dmy" if int(first) > 12 else "mdy")
    return shown.pop() if len(shown) == 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where and how the lines of one file carry their time; made by `detect`.

    `columns` is the first and last character at which stamps start. `pictures` are the shapes of the stamp's text up
    to the minute: `0` a digit, `a` a letter, everything else itself; `ticks` (epoch numbers only) is how many units
    of the number are a second. `in_order` says that the sampled stamps never fell.
    """

    form: str
    columns: tuple[int, int]
    hints: Hints
    pictures: tuple[str, ...]
    precision: Precision
    assumed: str = ""
    ticks: int = 0
    in_order: bool = True

    @property
    def year_less(self) -> bool:
        """Whether the stamps give a day and no year, so that the year comes from elsewhere."""
        fields = _FORMS[self.form].groupindex
        return "d" in fields and "y" not in fields

    def parse(self, line: str) -> tuple[datetime, int] | None:
        """Return the line's time in UTC and the column behind its stamp; None for a line that carries none."""
        found = self.find(line)
        stamp = _read(found, self.hints) if found else None
        return (stamp.at, found.end()) if found and stamp else None

    def read(self, text: str) -> datetime | None:
        """Return the time of a text that begins with the stamp and may be cut off behind it."""
        found = _FORMS[self.form].match(text)
        stamp = _read(found, self.hints) if found else None
        return stamp.at if stamp else None

    def find(self, line: str) -> re.Match[str] | None:
        """Return the match of the stamp's text in `line`."""
        pattern = _FORMS[self.form]
        first, last = self.columns
        found = pattern.match(line, first)
        if found is None and last > first:
            found = pattern.search(line, first, min(len(line), _HEAD))
            if found and found.start() > last:
                return None
        return found


def detect(
    sample_lines: Sequence[str],
    *,
    year_hint: int | None = None,
    zone: str = "UTC",
    day_hint: date | None = None,
) -> Layout | None:
    """Learn from sampled lines (in file order; 200 are plenty) how a file writes its time; None when it writes none.

    Lines of stack traces may stand between. Of the layouts that enough lines carry, the one that stands furthest to
    the left and is read most often wins; `year_hint` is the year of the newest line (a file's modification time).
    """
    lines = [line[:_HEAD] for line in sample_lines if line.strip()]
    # what is indented continues a record (a stack trace), unless everything is
    lines = [line for line in lines if not line[0].isspace()] or lines
    if not lines:
        return None
    hints = Hints(
        zone=zone, year=year_hint if year_hint is not None else day_hint.year if day_hint else None, day=day_hint
    )
    best: tuple[tuple[float, ...], Layout] | None = None
    for rank, form in enumerate(_FORMS):
        found = [match for line in lines if (match := _FORMS[form].search(line))]
        if len(found) < max(1, _SHARE * len(lines)):
            continue
        layout = _learn(form, found, hints)
        if layout is None:
            continue
        share = len(found) / len(lines)
        score = (-round(share, 1), -layout.in_order, Counter(m.start() for m in found).most_common(1)[0][0], rank)
        if best is None or score < best[0]:
            best = (score, layout)
    return best[1] if best else None


def _learn(form: str, found: list[re.Match[str]], hints: Hints) -> Layout | None:
    """Make the layout that reads the matches `found`, or None when most of them are no valid time."""
    if form == "numeric":
        hints = replace(hints, order=_order(found, hints))
    fields = _FORMS[form].groupindex
    if "d" in fields and "y" not in fields:
        hints = replace(hints, turn=_turn([month for match in found if (month := _month(match))]))
    read = [(match, stamp) for match in found if (stamp := _read(match, hints))]
    if len(read) < 0.9 * len(found):
        return None
    times = [stamp.at for _, stamp in read]
    starts = Counter(match.start() for match, _ in read)
    common, lines = starts.most_common(1)[0]
    # a stray stamp further right (in a message) must not make every line a search
    columns = (common, common) if lines >= 0.95 * len(read) else (min(starts), max(starts))
    epoch = read[0][0]["e"] if form == "epoch" else ""
    return Layout(
        form=form,
        columns=columns,
        hints=hints,
        pictures=tuple(sorted({picture for match, _ in read for picture in _pictures(match)})),
        precision=min((stamp.precision for _, stamp in read), key=lambda precision: precision.seconds),
        assumed=read[0][1].assumed,
        ticks=10 ** (len(epoch) - 10) if epoch else 0,
        in_order=sum(a <= b for a, b in itertools.pairwise(times)) >= 0.98 * (len(times) - 1),
    )


def _pictures(match: re.Match[str]) -> set[str]:
    """Return the shapes that this stamp's text up to the minute can take (days and hours with one or two digits)."""
    names = match.re.groupindex
    if "e" in names:
        return {"0" * (match.end("e") - match.start())}
    whole = names.get("half") and match["half"]
    text = match[0] if whole else match.string[match.start() : match.end("M")]
    shape = re.sub(r"[A-Za-z]", "a", re.sub(r"\d", "0", text))
    shapes = {shape}
    if re.search(r"(?<!0)0(?!0)", shape):  # a field of one digit will have two later, and the other way round
        shapes.add(re.sub(r" ?(?<= )(?<!0)0(?!0)|(?<!0)0(?!0)", "00", shape))
    if "mon" in names:
        shapes |= {re.sub(r"(?<=a )00(?= )", " 0", s) for s in shapes} | {
            re.sub(r"(?<=a )00(?= )", "0", s) for s in shapes
        }
        shapes |= {re.sub(r"(?<=a)  0(?= )", " 00", s) for s in shapes}
    return shapes


def _month(match: re.Match[str]) -> int:
    groups = match.groupdict()
    return _MONTHS.get(groups["mon"][:3].lower(), 0) if groups.get("mon") else int(groups.get("m") or 0)


def _turn(months: list[int]) -> int:
    """Return the month from which on stamps belong to the year before, when the months show a turn of the year."""
    for before, after in itertools.pairwise(months):
        if before - after >= 6:
            return min(month for month in months if month > after + 5)
    return 0


def _order(found: list[re.Match[str]], hints: Hints) -> str:
    """Return the one order of fields in which all matches are valid dates, the likeliest when several are."""
    if len(found[0]["c"]) == 4:
        orders = ["dmy", "mdy"] if found[0]["sep"] != "/" else ["mdy", "dmy"]
    else:
        orders = ["ymd", "mdy", "dmy"] if found[0]["sep"] == "/" else ["dmy", "ymd", "mdy"]
        if hints.year and all(int(match["c"]) == hints.year % 100 for match in found):
            orders = [*[order for order in orders if order[2] == "y"], "ymd"]
    return next(
        (order for order in orders if all(_read(match, replace(hints, order=order)) for match in found)), orders[0]
    )


def _number_precision(value: float) -> Precision:
    digits = len(str(int(abs(value))))
    if digits <= 10:
        return Precision.SECOND if isinstance(value, int) or value == int(value) else Precision.MILLISECOND
    return Precision.MILLISECOND if digits <= 13 else Precision.MICROSECOND


def _from_number(value: float, precision: Precision) -> Stamp | None:
    """Read an epoch number by its size; years outside 2001 to 2096 are no stamp."""
    for unit in (1.0, 1e3, 1e6, 1e9):
        if 1e9 <= value / unit < 4e9:
            return Stamp(at=datetime.fromtimestamp(value / unit, UTC), precision=precision, zone="UTC")
    return None


def _read(match: re.Match[str], hints: Hints) -> Stamp | None:
    """Turn a match of one of the patterns into a time, completed from the hints; None when it is no real time."""
    return _read_once(match.re, match.groups(), hints)


@lru_cache(maxsize=8192)
def _read_once(pattern: re.Pattern[str], found: tuple[str | None, ...], hints: Hints) -> Stamp | None:
    """Read what a pattern found; lines that follow each other mostly have the same stamp."""
    groups = {name: found[number - 1] for name, number in pattern.groupindex.items()}
    if epoch := groups.get("e"):
        return _epoch(epoch, groups.get("f"))
    assumed: list[str] = []
    day = _date(groups, hints, assumed)
    if day is None:
        return None
    hour, precision = _hour(groups), _precision(groups)
    zone_name = (groups.get("z") or "").strip("() ")
    zone = zone_of(zone_name or hints.zone)
    if hour is None or zone is None:
        return None
    if not zone_name and "H" in groups:
        assumed.append(f"zone {hints.zone}")
    elif zone_name.lower() in _ABBREVIATED:
        assumed.append(f"{zone_name} read as {zone}")
    micro = int((groups.get("f") or "0")[:6].ljust(6, "0"))
    second = int(groups.get("S") or 0)
    try:
        # a leap second is the last moment of its minute
        local = datetime(day.year, day.month, day.day, hour, int(groups.get("M") or 0), min(second, 59), micro, zone)
        at = local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return (
        Stamp(at=at, precision=precision, zone=zone_name or hints.zone, assumed=", ".join(assumed))
        if second <= 60
        else None
    )


def _epoch(digits: str, fraction: str | None) -> Stamp:
    """Read the digits exactly: a float would lose microseconds."""
    whole, rest = divmod(int(digits), 10 ** (len(digits) - 10))
    micro = (str(rest).rjust(len(digits) - 10, "0") if len(digits) > 10 else fraction or "")[:6]
    at = datetime.fromtimestamp(whole, UTC) + timedelta(microseconds=int(micro.ljust(6, "0")))
    places = len(digits) - 10 or len(fraction or "")
    return Stamp(at=at, precision=_places(places), zone="UTC")


def _places(places: int) -> Precision:
    return Precision.SECOND if not places else Precision.MILLISECOND if places <= 3 else Precision.MICROSECOND


def _precision(groups: dict[str, str | None]) -> Precision:
    if groups.get("H") is None:
        return Precision.DAY
    return _places(len(groups.get("f") or "")) if groups.get("S") is not None else Precision.MINUTE


def _hour(groups: dict[str, str | None]) -> int | None:
    hour = int(groups.get("H") or 0)
    half = groups.get("half")
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return hour if hour > 12 and half.lower().startswith("p") else None
    return hour % 12 + (12 if half.lower().startswith("p") else 0)


def _date(groups: dict[str, str | None], hints: Hints, assumed: list[str]) -> date | None:
    """Return the stamp's day, completed from the hints; adds to `assumed` what was filled in."""
    if groups.get("a"):
        return _numeric_date(groups, hints, assumed)
    if not groups.get("d"):
        if hints.day is not None:
            assumed.append(f"day {hints.day.isoformat()}")
        return hints.day
    month = _MONTHS.get(str(groups["mon"])[:3].lower(), 0) if groups.get("mon") else int(groups.get("m") or 0)
    year = int(str(groups["y"])) if groups.get("y") else hints.year
    if year is None:
        return None
    if not groups.get("y"):
        year -= bool(hints.turn) and month >= hints.turn
        assumed.append(f"year {year}")
    return _checked(2000 + year if year < 100 else year, month, int(str(groups["d"])))


def _numeric_date(groups: dict[str, str | None], hints: Hints, assumed: list[str]) -> date | None:
    """Read a date of three numbers in the hinted order, else in the likeliest one that fits."""
    third, dotted = str(groups["c"]), groups["sep"] == "."
    first, second = int(str(groups["a"])), int(str(groups["b"]))
    order = hints.order
    if not order and len(third) == 2 and hints.year and first == hints.year % 100 != int(third):
        order = "ymd"
    order = order or ("dmy" if first > 12 or (dotted and second <= 12) else "mdy")
    if not hints.order and first <= 12 and second <= 12 and first != second:
        assumed.append(f"date order {order}")
    fields = dict(zip(order, (first, second, int(third)), strict=True))
    year = fields["y"] if len(third) == 4 and order[2] == "y" else 2000 + fields["y"]
    return _checked(year, fields["m"], fields["d"])


_YEARS = range(1970, 2201)
"""Years of a time that somebody lived through; Go's zero time and the end of the calendar are none."""


def _checked(year: int, month: int, day: int) -> date | None:
    if year not in _YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
