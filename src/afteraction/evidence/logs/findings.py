"""Signals become findings: a sentence, a weight, and the cited lines as they stand in the file.

A finding cites the first line of its pattern in the incident with the lines that belong to it (a stack trace stays
under its first line); for a pattern that fell silent, its first line in the baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from afteraction.evidence.logs.comparison import Comparison, LogSignal, SignalKind
from afteraction.evidence.logs.reading import Line, read_regions
from afteraction.evidence.logs.severity import Severity
from afteraction.model.finding import Finding, FindingKind
from afteraction.model.origin import Origin

_REGION = 16_384
"""Bytes read at a signal's first line: enough for a stack trace."""
_TRACE = 30
"""Lines of a stack trace that are cited."""
_HALF = 4.0
"""The score at which a finding weighs one half."""
_LEAST = 2.0
"""A score below this is ordinary wobble."""


def log_findings(found: Comparison, *, limit: int = 20) -> tuple[Finding, ...]:
    """Return findings for the strongest signals, numbered `f1`, `f2`, ... in order of weight.

    A line inside the stack trace of an earlier finding makes no finding of its own. Without a baseline only lines that
    report a failure are findings.
    """
    strong = [
        signal
        for signal in found.signals
        if signal.score >= _LEAST and (found.has_baseline or signal.failing) and signal.text.strip()
    ]
    lines = _lines_of(found, strong[: 4 * limit])
    out: list[Finding] = []
    taken: set[tuple[int, int]] = set()
    for signal, cited in zip(strong, lines, strict=False):
        if len(out) == limit:
            break
        if not cited or (signal.file, signal.line) in taken:
            continue
        taken |= {(signal.file, line.number) for line in cited}
        out.append(_finding(found, signal, cited, f"f{len(out) + 1}"))
    return tuple(out)


def citation(found: Comparison, signal: LogSignal, lines: Sequence[Line]) -> Origin:
    """Return where the lines stand; `lines` as the signal's first line and what belongs to it."""
    first = signal.line + 1
    return Origin(file=found.survey.counted[signal.file].file.name, line=first, line_end=first + len(lines) - 1)


def _lines_of(found: Comparison, signals: Sequence[LogSignal]) -> list[list[Line]]:
    """Return the cited lines of each signal, every file read in one pass."""
    out: dict[int, list[Line]] = {}
    for number, one in enumerate(found.survey.counted):
        here = sorted((signal.offset, index) for index, signal in enumerate(signals) if signal.file == number)
        places = [(signals[index].line, offset, _REGION) for offset, index in here]
        with one.file.open() as stream:
            apart = stream.seekable()
        for (_, index), region in zip(here, _regions_of(found, number, places, apart=apart), strict=True):
            out[index] = _record(found, number, region)
    return [out[index] for index in range(len(signals))]


def _regions_of(found: Comparison, number: int, places: list[tuple[int, int, int]], *, apart: bool) -> list[list[Line]]:
    file = found.survey.counted[number].file
    if apart:
        return read_regions(file, places)
    joined: list[tuple[int, int, int]] = []
    for line, offset, size in places:
        if joined and offset < joined[-1][1] + joined[-1][2]:
            joined[-1] = (joined[-1][0], joined[-1][1], offset + size - joined[-1][1])
        else:
            joined.append((line, offset, size))
    lines = [line for region in read_regions(file, joined) for line in region]
    return [[line for line in lines if offset <= line.offset < offset + size] for _, offset, size in places]


def _record(found: Comparison, number: int, region: Sequence[Line]) -> list[Line]:
    """Return the first line of the region and the lines without a stamp behind it, which belong to it."""
    one = found.survey.counted[number]
    if not region or one.layout is None or found.survey.readers[number].is_json:
        return list(region[:1])
    layout = one.layout
    rest = takewhile(lambda line: layout.parse(line.raw[:512].decode("latin-1")) is None, region[1:_TRACE])
    return [region[0], *rest]


def _finding(found: Comparison, signal: LogSignal, lines: Sequence[Line], name: str) -> Finding:
    return Finding(
        id=name,
        kind=FindingKind.LOG,
        summary=summary(found, signal),
        citations=(citation(found, signal, lines),),
        rule=f"log-{signal.kind}",
        service=signal.service,
        at=signal.first_at,
        weight=round(signal.score / (signal.score + _HALF), 3),
        count=max(signal.count, 1),
        excerpt=tuple(line.text for line in lines),
    )


def summary(found: Comparison, signal: LogSignal) -> str:
    """Say in a sentence what the pattern does."""
    who = f"{signal.service} " if signal.service else ""
    text = signal.pattern.template if len(signal.pattern.template) <= 120 else f"{signal.pattern.template[:117]}..."
    what = {
        SignalKind.NEW: f"logs a line that was never seen before, {signal.count} times",
        SignalKind.RISING: f"logs a line {_times(found, signal)} as often as before ({signal.count} against {signal.before})",
        SignalKind.FALLING: f"logs a line less often than before ({signal.count} against {signal.before})",
        SignalKind.VANISHED: f"no longer logs a line that stood {signal.before} times in the baseline",
        SignalKind.PRESENT: f"logs a line {signal.count} times",
    }[signal.kind]
    sign = f" [{signal.sign.replace('_', ' ')}]" if signal.sign else ""
    level = f" at level {signal.severity.name.lower()}" if signal.severity >= Severity.WARNING else ""
    sentence = f"{who}{what}{level}{sign}: {text}"
    return sentence[0].upper() + sentence[1:] if not who else sentence


def _times(found: Comparison, signal: LogSignal) -> str:
    rate = signal.count / max(found.lines, 1) * max(found.lines_before, 1) / max(signal.before, 1)
    return f"{rate:.1f} times" if rate < 10 else f"{rate:.0f} times"


def first_speakers(found: Comparison) -> tuple[tuple[str, LogSignal], ...]:
    """Return each service's first failing new or rising signal, the earliest first: who speaks up before the others.

    Times are minutes; within one minute of one file the order of lines decides.
    """
    best: dict[str, LogSignal] = {}
    for signal in found.signals:
        if not signal.service or not signal.failing or signal.first_at is None or signal.score < _LEAST:
            continue
        if signal.kind not in {SignalKind.NEW, SignalKind.RISING}:
            continue
        held = best.get(signal.service)
        if held is None or held.first_at is None or signal.first_at < held.first_at:
            best[signal.service] = signal
    return tuple(sorted(best.items(), key=lambda item: (item[1].first_at, item[1].file, item[1].line)))
