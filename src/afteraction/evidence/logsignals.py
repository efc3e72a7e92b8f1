"""Logs too large to read record by record, and patterns that others counted, as signals; and excerpts as findings.

In: log files, the window, statements. Out: signals in the vocabulary of the ranking, made from the log engine's
comparison, and its best excerpts. It adds nothing to the engine's judgement.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence

from afteraction.evidence.complaints import WRONG
from afteraction.evidence.logs.comparison import Comparison, LogSignal, SignalKind, compare
from afteraction.evidence.logs.excerpts import Excerpt, excerpts_of
from afteraction.evidence.signals import Nature, Signal
from afteraction.evidence.traces import heavy
from afteraction.model.finding import FindingKind, Window
from afteraction.model.log import LogFile
from afteraction.model.origin import Origin
from afteraction.model.reading import Statement

PATTERN_FIELD = "evidence.pattern"
"""The statements that hold a pattern counted by another tool."""
SHOWN = 12
"""Lines of excerpts that become findings."""
COUNTED_ELSEWHERE = 0.7
"""What a pattern that another tool counted is worth beside one whose lines are at hand."""


def comparison_of(files: Sequence[LogFile], baseline: Sequence[LogFile], window: Window | None) -> Comparison | None:
    """Compare all lines of the files with a quiet time; None without files."""
    return compare(files, baseline=baseline, window=window) if files else None


def large_log_signals(found: Comparison, names: frozenset[str], *, most: int = 200) -> list[Signal]:
    """The comparison's signals of the files called `names`, strongest first."""
    out = []
    for s in found.signals[:most]:
        file = found.survey.counted[s.file].file.name
        if file in names and s.kind in {SignalKind.NEW, SignalKind.RISING}:
            out.append(_signal(s, file))
    return out


def _signal(s: LogSignal, file: str) -> Signal:
    at = s.first_at.timestamp() if s.first_at else None
    return Signal(
        service=s.service, nature=Nature.LOG, strength=heavy(s.score) * (1.0 if s.failing else 0.35), count=s.count,
        kind=FindingKind.LOG, summary=f"{s.service or 'the log'} says {s.count} times ({s.before} before): {s.text[:160]}",
        citations=(Origin(file=file, line=s.line + 1),), rule="log-pattern", at=at, uncertainty=30.0,
        excerpt=(s.text[:1000],), terms=(s.pattern.template,),
    )  # fmt: skip


def best_excerpts(found: Comparison) -> tuple[Excerpt, ...]:
    """The few lines that explain most."""
    return excerpts_of(found, lines=SHOWN)


def pattern_signals(statements: Iterable[Statement]) -> list[Signal]:
    """Patterns that another tool counted, where their count grew."""
    out = []
    for statement in statements:
        if statement.field != PATTERN_FIELD:
            continue
        try:
            record = json.loads(statement.value)
        except (ValueError, RecursionError):
            continue
        signal = _counted(record, statement.origin) if isinstance(record, dict) else None
        if signal is not None:
            out.append(signal)
    return out


def _counted(record: dict[str, object], origin: Origin) -> Signal | None:
    text = str(
        record.get("signature") or record.get("pattern") or record.get("template") or record.get("message") or ""
    )
    count, grown = _number(record.get("count")), _number(record.get("delta_vs_baseline", record.get("delta")))
    if not text or grown is None or grown <= 0 or count is None:
        return None
    before = max(0.0, count - grown)
    ratio = math.log((count + 0.5) / (before + 0.5))
    wrong = str(record.get("sentiment", "")).lower() == "negative" or bool(WRONG.search(text))
    z = ratio / math.sqrt(1 / (count + 0.5) + (1 / (before + 0.5) if before else 0.0) + 0.09)
    service = str(record.get("service") or "")
    return Signal(
        service=service, nature=Nature.LOG, strength=heavy(z) * COUNTED_ELSEWHERE * (1.0 if wrong else 0.35),
        kind=FindingKind.LOG, summary=f"{service or 'the log'} says {count:.0f} times ({before:.0f} before): {text[:160]}",
        citations=(origin,), rule="log-pattern-counted", count=int(count), excerpt=(text,), terms=(text,),
    )  # fmt: skip


def _number(value: object) -> float | None:
    try:
        return float(str(value).replace(",", "").replace("+", ""))
    except ValueError:
        return None
