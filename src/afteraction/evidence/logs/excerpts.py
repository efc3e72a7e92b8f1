"""Few lines that hold the cause: ranked signals come in, ranges of lines come out, best first, none twice.

Around the first line of each strong signal the file is read again. A block begins at a line that tells of something
and takes in what belongs to it: its stack trace, deeper indented lines, and lines that were never seen before. Blocks
are ranked by the strongest line in them and cut to the number of lines that was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from afteraction.evidence.logs.comparison import Comparison, LogSignal, SignalKind, compare
from afteraction.evidence.logs.masking import HEAD, cut_words, mask_lines
from afteraction.evidence.logs.reading import Line, read_regions
from afteraction.evidence.logs.records import Said
from afteraction.evidence.logs.severity import Severity, severity_of, tells_failure
from afteraction.model.finding import Window
from afteraction.model.log import LogFile

LINES = 40
"""How many lines are shown when nobody says how many."""
_AHEAD = 65_536
"""Bytes read from the first line of a signal on."""
_REACH = 1 << 20
"""Bytes of one file that are looked at together."""
_CUTOFF = 0.6
"""Blocks weaker than this share of the strongest one are not worth a reader's time."""
_OUTCOME = re.compile(
    r"(?i)\b(?:fail(?:ed|ure|s)?|error|errors|process|completed?|exit(?:ed|ing)?|with|code|status|the|a|an|build|job|task|step|"
    r"command|run|execution|returned?|non-?zero|test|tests|suite|make|target|aborted|terminated|finished|in|at|of|and|did|"
    r"not|has|have|was|were|be|due|to|previous)\b"
)
"""Words of a line that only says that something failed."""
_NAMES = re.compile(r"\S*[/\\]\S*[/\\]\S*|(?<!\w)\d[\d.,:]*[A-Za-z]{0,2}(?!\w)")
"""Paths and numbers in such a line: they name what failed."""
_FRAME = re.compile(
    r"\s+at\s|\s*\.\.\. \d+ more|(?:Caused by|Suppressed):|\s*File \"|Traceback|goroutine \d+|created by |"
    r"[\w./*()\[\]$-]+\(.*\)$|\s+\S+:\d+(?:\s|$)|#\d+\s"
)
"""Lines of stack traces, as Java, Python, Go, JavaScript and C write them."""
_STRONG = 5.0
"""The weight of a pattern that is new, or has left its rate by that many widths of wobble; more is not told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A range of lines (1-based, inclusive) of one file, its text as it stands there, and why it is shown."""

    file: str
    line_start: int
    line_end: int
    score: float
    why: str
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What holds for all lines of one masked form.

    `own` says that such a line starts a block by itself, `joins` that it may continue one.
    """

    weight: float
    joins: bool
    own: bool
    failing: bool
    outcome: bool
    indent: int
    why: str
    pattern: str = ""


_NOTHING = _Verdict(weight=0.0, joins=False, own=False, failing=False, outcome=False, indent=0, why="")


@dataclass(frozen=True, slots=True)
class _Judged:
    line: Line
    key: bytes
    verdict: _Verdict


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges the lines of one file: the numbers of its keys, signals by pattern and service, verdicts so far."""

    found: Comparison
    file: int
    numbers: dict[bytes, int]
    by_pattern: dict[tuple[str, str], LogSignal]
    verdicts: dict[bytes, _Verdict] = field(default_factory=dict)

    def judge(self, lines: Sequence[Line]) -> list[_Judged]:
        """Weigh lines by their patterns' signals and by what they say."""
        out = []
        for line, key in zip(lines, mask_lines([line.raw[:HEAD] for line in lines]), strict=True):
            if key not in self.verdicts:
                self.verdicts[key] = self._verdict(key, line.text)
            out.append(_Judged(line, key, _NOTHING if line.overwritten else self.verdicts[key]))
        return out

    def _verdict(self, key: bytes, text: str) -> _Verdict:
        said = self.found.survey.readers[self.file].read(text)
        signal = self._signal(key, said)
        new = signal is not None and signal.kind is SignalKind.NEW
        failing = severity_of(said.level, said.whole) >= Severity.ERROR or tells_failure(said.whole)
        outcome = failing and _is_outcome(said.whole)
        weight = _weight(self.found, signal, failing=failing) * (0.1 if outcome else 1.0)
        frame = _FRAME.match(" " * said.indent + said.message.lstrip())
        return _Verdict(
            weight=weight,
            joins=new or not said.message.strip() or frame is not None,
            own=weight > 0 and (failing or new) and not outcome and bool(said.message.strip()),
            failing=failing,
            outcome=outcome,
            indent=said.indent,
            why=_why(signal, failing) if signal else "",
            pattern=signal.pattern.id if signal else "",
        )

    def _signal(self, key: bytes, said: Said) -> LogSignal | None:
        survey = self.found.survey
        one = survey.counted[self.file]
        number = self.numbers.get(cut_words(key, one.counts.words))
        if number is None:
            return None
        pattern = survey.patterns[survey.of_key[self.file][number]]
        return self.by_pattern.get((pattern.id, said.service or one.file.service))


@dataclass(slots=True)
class _Block:
    file: int
    lines: list[_Judged] = field(default_factory=list)

    @property
    def score(self) -> float:
        return max(judged.verdict.weight for judged in self.lines)

    @property
    def why(self) -> str:
        return max(self.lines, key=lambda judged: judged.verdict.weight).verdict.why


def excerpts(
    files: Sequence[LogFile], baseline: Sequence[LogFile] = (), *, lines: int = LINES, window: Window | None = None
) -> tuple[Excerpt, ...]:
    """Return at most `lines` lines of `files` that explain most, as ranges, best first."""
    return excerpts_of(compare(files, baseline=baseline, window=window), lines=lines)


def excerpts_of(found: Comparison, *, lines: int = LINES) -> tuple[Excerpt, ...]:
    """Return the excerpts of a comparison that was already made."""
    blocks = [block for file in sorted(found.incident_files) for block in _blocks(found, file)]
    blocks.sort(key=lambda block: (-block.score, block.file, block.lines[0].line.number))
    chosen: list[Excerpt] = []
    shown: set[bytes | str] = set()
    left = lines
    for block in blocks:
        keys = {judged.verdict.pattern or judged.key for judged in block.lines if judged.verdict.own}
        if left <= 0 or block.score < _CUTOFF * blocks[0].score:
            break
        if keys <= shown:
            continue
        shown |= keys
        part = block.lines[:left]
        left -= len(part)
        chosen.append(
            Excerpt(
                file=found.survey.counted[block.file].file.name,
                line_start=part[0].line.number + 1,
                line_end=part[-1].line.number + 1,
                score=round(block.score, 3),
                why=block.why,
                text=tuple(judged.line.text for judged in part),
            )
        )
    return tuple(chosen)


def _blocks(found: Comparison, file: int) -> list[_Block]:
    """Return the blocks around the strongest signals of one file."""
    signals = [signal for signal in found.signals if signal.file == file and signal.count]
    signals.sort(key=lambda signal: -signal.score * (2 if signal.failing else 1))
    by_pattern = {(signal.pattern.id, signal.service): signal for signal in found.signals}
    one = found.survey.counted[file]
    judge = _Judge(found, file, {key: number for number, key in enumerate(one.counts.keys)}, by_pattern)
    out: list[_Block] = []
    for lines in read_regions(one.file, _regions(signals)):
        out += _grow(judge.judge(lines), file)
    return out


def _regions(signals: Sequence[LogSignal]) -> list[tuple[int, int, int]]:
    """Return number, offset and size of the regions behind the strongest signals' first lines, none overlapping."""
    out: list[tuple[int, int, int]] = []
    for signal in sorted(signals[: _REACH // _AHEAD], key=lambda signal: signal.offset):
        if out and signal.offset < out[-1][1] + out[-1][2]:
            number, offset, _ = out[-1]
            out[-1] = (number, offset, signal.offset + _AHEAD - offset)
        else:
            out.append((signal.line, signal.offset, _AHEAD))
    return out


def _weight(found: Comparison, signal: LogSignal | None, *, failing: bool) -> float:
    if signal is None or (not failing and not found.has_baseline):
        return 0.0
    if not found.has_baseline:
        return signal.score
    if signal.kind not in {SignalKind.NEW, SignalKind.RISING}:
        return 0.0
    strong = _STRONG if failing and signal.kind is SignalKind.NEW else min(signal.score, _STRONG)
    return strong * (2.0 if failing else 1.0)


def _is_outcome(text: str) -> bool:
    """Say whether the line only says that something failed, not what or why."""
    words = re.sub(r"[^A-Za-z]+", " ", _NAMES.sub(" ", text)).strip()
    return bool(words) and not _OUTCOME.sub("", words).strip()


def _grow(lines: Sequence[_Judged], file: int) -> list[_Block]:
    """Make blocks: each begins at a line of its own weight and goes on as long as lines belong to it."""
    out: list[_Block] = []
    block: _Block | None = None
    for judged in lines:
        verdict = judged.verdict
        indented = block is not None and verdict.indent > block.lines[0].verdict.indent
        if block is not None and not verdict.outcome and (verdict.own or verdict.joins or indented):
            block.lines.append(judged)
        elif verdict.own:
            block = _Block(file, [judged])
            out.append(block)
        else:
            block = None
    for block in out:
        while len(block.lines) > 1 and not block.lines[-1].line.raw.strip():
            block.lines.pop()
        begins = (number for number, judged in enumerate(block.lines) if judged.verdict.own and judged.verdict.failing)
        del block.lines[: next(begins, 0)]
    return out


def _why(signal: LogSignal, failing: bool) -> str:
    """Say in a few words why a line of this signal is shown."""
    words = {
        SignalKind.NEW: f"never seen before, {signal.count} times now",
        SignalKind.RISING: f"{signal.count} times now, {signal.before} times before",
        SignalKind.FALLING: f"{signal.count} times now, {signal.before} times before",
        SignalKind.VANISHED: f"silent now, {signal.before} times before",
        SignalKind.PRESENT: f"{signal.count} times",
    }[signal.kind]
    told = signal.sign.replace("_", " ") if signal.sign else "reports a failure" if failing else ""
    return f"{words}, {told}" if told else words
