"""Which patterns behave otherwise during the incident than before: surveyed counts come in, ranked signals go out.

The score is an over-dispersed log ratio: the width of ordinary wobble is measured on the file's own common patterns,
so that with millions of lines an everyday change of rate is no news (a G-test calls all of them significant). What
never stood in the baseline and what tells of a failure weighs more.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median

import numpy as np

from afteraction.evidence.logs.counting import count
from afteraction.evidence.logs.counts import UNREADABLE
from afteraction.evidence.logs.patterns import Counted, Pattern, Survey, count_file, survey
from afteraction.evidence.logs.reading import find_time, layout_of, lines_before
from afteraction.evidence.logs.severity import Severity, Sign, severity_of, sign_of, tells_failure
from afteraction.model.finding import Window
from afteraction.model.log import LogFile

_COMMON = 40
"""Lines that a pattern must have to say how much rates wobble."""
_DEFAULT_WOBBLE = 0.3
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""No stamp is read as earlier, and no window that spans years looks back further."""
_LOOKBACK = 4
"""How many lengths of the window before it serve as its baseline in a file that is entered by bisection."""


class SignalKind(StrEnum):
    """What a pattern does."""

    NEW = "new"
    RISING = "rising"
    FALLING = "falling"
    VANISHED = "vanished"
    PRESENT = "present"
    """There is no baseline to compare with."""


@dataclass(slots=True)
class Tally:
    """Lines of one pattern and service on both sides, and where the first stands."""

    count: int = 0
    before: int = 0
    place: tuple[int, int, int] | None = None
    """File number, line and offset of the first line in the incident, else in the baseline."""
    in_incident: bool = False
    first: int = UNREADABLE
    last: int = UNREADABLE
    key: int = 0


@dataclass(frozen=True, slots=True)
class Sides:
    """Lines of the incident and of the baseline; the middle and the width of ordinary changes between them."""

    lines: int
    before: int
    middle: float
    wobble: float

    def ratio(self, count: int, before: int) -> float:
        """Return the log ratio of a pattern's rates, less that of the ordinary pattern."""
        return _ratio(count, before, self.lines, self.before) - self.middle


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSignal:
    """A pattern of one service that behaves otherwise; the highest score first.

    `count` are its lines in the incident, `before` those in the baseline. `file` numbers the survey's files; `line`
    (0-based) and `offset` are the first line in the incident (of a vanished pattern: in the baseline). `first_at` and
    `last_at` are minutes. `text` is what the first line says.
    """

    kind: SignalKind
    pattern: Pattern
    service: str
    score: float
    count: int
    before: int
    file: int
    line: int
    offset: int
    text: str
    severity: Severity
    sign: Sign | None
    first_at: datetime | None
    last_at: datetime | None

    @property
    def failing(self) -> bool:
        """Whether the line reports a failure in its words or by its level."""
        return self.severity >= Severity.ERROR or tells_failure(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Signals of a survey, ranked; lines of both sides; whether there was a baseline at all."""

    survey: Survey
    signals: tuple[LogSignal, ...]
    lines: int
    lines_before: int
    incident_files: frozenset[int] = field(default_factory=frozenset)

    @property
    def has_baseline(self) -> bool:
        """Whether anything was compared."""
        return self.lines_before > 0


def compare(files: Sequence[LogFile], *, baseline: Sequence[LogFile] = (), window: Window | None = None) -> Comparison:
    """Compare the incident with normal times.

    The incident are the lines of `files`, inside `window` where one is given and the file has stamps. The baseline
    are the files of `baseline`; without any, the earlier lines of `files`. Without both there is nothing to compare
    with, and patterns are ranked by how rare and how bad they are.
    """
    counted = [count_window(file, window) if window else count_file(file) for file in files]
    counted += [count_file(file) for file in baseline]
    return compare_counted(survey(counted), incident=len(files), window=window)


def count_window(file: LogFile, window: Window) -> Counted:
    """Count the window and the stretch before it, entered by bisection where the file can seek and is in order."""
    layout = layout_of(file)
    with file.open() as stream:
        seekable = stream.seekable()
    if layout is None or not layout.in_order or not seekable:
        return Counted(file=file, layout=layout, counts=count(file, layout))
    before = min(max(_LOOKBACK * (window.end - window.start), timedelta(hours=1)), window.start - _EARLIEST)
    start = find_time(file, layout, window.start - before)
    stop = find_time(file, layout, window.end)
    counts = count(file, layout, start=start, stop=stop)
    return Counted(
        file=file, layout=layout, counts=counts, start=start, start_line=lines_before(file, start) if start else 0
    )


def compare_counted(found: Survey, *, incident: int, window: Window | None = None) -> Comparison:
    """Compare within a survey whose first `incident` files are the incident's and the rest the baseline's."""
    tallies, lines, before = _tally(found, incident, window)
    sides = sides_of(tallies.values(), lines, before)
    signals = [_signal(found, unit, tally, sides) for unit, tally in tallies.items()]
    signals.sort(key=lambda signal: (-signal.score, signal.file, signal.line))
    return Comparison(
        survey=found,
        signals=tuple(signals),
        lines=lines,
        lines_before=before,
        incident_files=frozenset(range(incident)),
    )


def _tally(found: Survey, incident: int, window: Window | None) -> tuple[dict[tuple[int, str], Tally], int, int]:
    """Add up the cells of both sides by pattern and service."""
    tallies: dict[tuple[int, str], Tally] = {}
    totals = [0, 0]
    for number, one in enumerate(found.counted):
        cells = one.counts.cells
        now = np.full(len(cells), number < incident)
        if window is not None and number < incident and one.layout is not None:
            minute = cells["minute"]
            width = one.counts.width
            now = (minute + width > window.start.timestamp() // 60) & (minute < math.ceil(window.end.timestamp() / 60))
            timed = minute > UNREADABLE
            # Lines without a time stand before the file's first stamp, so that they are on its side.
            now |= ~timed & bool(not timed.any() or now[timed & (minute == minute[timed].min())].all())
            after = ~now & (minute * 60 >= window.end.timestamp())
            cells, now = cells[~after], now[~after]
        said, of_key = found.said[number], found.of_key[number]
        for (key, minute, lines, first, _, offset), inside in zip(cells.tolist(), now.tolist(), strict=True):
            unit = (of_key[key], said[key].service or one.file.service)
            tally = tallies.get(unit)
            if tally is None:
                tally = tallies[unit] = Tally()
            totals[not inside] += lines
            if inside:
                tally.count += lines
                if minute > UNREADABLE:
                    tally.first = minute if tally.first == UNREADABLE else min(tally.first, minute)
                    tally.last = max(tally.last, minute)
            else:
                tally.before += lines
            place = (number, first + one.start_line, offset + one.start)
            if tally.place is None or (inside, *(-part for part in place)) > (
                tally.in_incident,
                *(-part for part in tally.place),
            ):
                tally.place, tally.in_incident, tally.key = place, inside, key
    return tallies, totals[0], totals[1]


def _ratio(count: int, before: int, lines: int, lines_before: int) -> float:
    return math.log((count + 0.5) / max(lines, 1) * max(lines_before, 1) / (before + 0.5))


def sides_of(tallies: Collection[Tally], lines: int, before: int) -> Sides:
    """Measure ordinary change on common patterns: the middle of their log ratios and 1.48 median absolute deviations.

    The middle is not zero when one pattern floods the log: then all others make up a smaller share of it.
    """
    ratios = [
        _ratio(tally.count, tally.before, lines, before)
        for tally in tallies
        if tally.count + tally.before * lines / max(before, 1) > _COMMON
    ]
    if len(ratios) < 5:
        return Sides(lines, before, 0.0, _DEFAULT_WOBBLE)
    middle = median(ratios)
    return Sides(lines, before, middle, 1.4826 * median(abs(ratio - middle) for ratio in ratios))


def score(count: int, before: int, sides: Sides) -> float:
    """Return how far the pattern's rate left its baseline, in widths of ordinary wobble; 0 without any baseline."""
    if not sides.before:
        return 0.0
    ratio = abs(sides.ratio(count, before))
    spread = math.sqrt(1 / (count + 0.5) + (1 / (before + 0.5) if before else 0.0) + sides.wobble**2 + 1e-4)
    if before or not count:
        return ratio / spread
    return max(ratio / spread, 2.0) * (1.5 if count > 1 else 1.0)


def _signal(found: Survey, unit: tuple[int, str], tally: Tally, sides: Sides) -> LogSignal:
    assert tally.place is not None
    file, line, offset = tally.place
    said = found.said[file][tally.key]
    severity, failing = severity_of(said.level, said.whole), tells_failure(said.whole)
    if sides.before:
        value = score(tally.count, tally.before, sides)
        value *= 1.3 if tally.count and (failing or severity >= Severity.ERROR) else 1.0
        rising = sides.ratio(tally.count, tally.before) > 0
        kind = SignalKind.RISING if rising else SignalKind.FALLING
        kind = SignalKind.NEW if not tally.before else SignalKind.VANISHED if not tally.count else kind
    else:
        rare = math.log(max(sides.lines, 2) / max(tally.count, 1)) / math.log(max(sides.lines, 2))
        value, kind = (severity + 2 * failing) * rare, SignalKind.PRESENT
    return LogSignal(
        kind=kind,
        pattern=found.patterns[unit[0]],
        service=unit[1],
        score=value,
        count=tally.count,
        before=tally.before,
        file=file,
        line=line,
        offset=offset,
        text=said.whole,
        severity=severity,
        sign=sign_of(said.whole) if failing or severity >= Severity.WARNING else None,
        first_at=_moment(tally.first),
        last_at=_moment(tally.last),
    )


def _moment(minute: int) -> datetime | None:
    return datetime.fromtimestamp(minute * 60, UTC) if minute > UNREADABLE else None
