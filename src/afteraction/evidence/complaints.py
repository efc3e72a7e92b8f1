"""What the logs newly complain about: statements that are new, burst or fell silent, by service.

In: records of the window and of a quiet time. Out: signals with an exemplar, its fields, count and first time. Rates
are compared by an over-dispersed log ratio, so that an ordinary wobble is nothing however many lines there are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from afteraction.evidence.flows import statement_of
from afteraction.evidence.records import Record
from afteraction.evidence.signals import Nature, Signal
from afteraction.evidence.traces import heavy
from afteraction.model.finding import FindingKind
from afteraction.model.origin import Origin

WRONG = re.compile(
    r"error|exception|fail|fatal|panic|denied|refused|timeout|timed out|exceeded|exhausted|unavailable|unable|cannot|"
    r"killed|oom|expired|invalid|unauthori[sz]ed|forbidden|reset|crash|deadlock|abort|not found|no such|unhealthy|"
    r"does not exist|slow request|retry|retrying|throttl|too many|no space|corrupt|mismatch|lost|dropped|rejected",
    re.IGNORECASE,
)
"""Words of things going wrong, in the languages of runtimes and servers."""
BAD_LEVEL = frozenset({"ERROR", "ERR", "CRITICAL", "CRIT", "FATAL", "PANIC", "ALERT", "EMERG", "SEVERE"})
UNEASY_LEVEL = frozenset({"WARN", "WARNING"})
QUIET = 0.35
"""What an ordinary statement's change of rate is worth beside a complaint's."""


@dataclass(slots=True)
class Count:
    """One statement of one service: lines before and in the window, and its first record in the window."""

    before: int = 0
    after: int = 0
    first: Record | None = None
    level: str = ""


Counts = dict[tuple[str, str], Count]


def count(counts: Counts, records: Iterable[Record], start: float, end: float, *, baseline: bool = False) -> None:
    """Add records to `counts`; what lies before `start`, or is `baseline`, is quiet time; later than `end` is left."""
    for record in records:
        entry = counts.setdefault((record.service, statement_of(record.text)), Count())
        if baseline or (record.at is not None and record.at < start):
            entry.before += 1
        elif record.at is None or record.at < end:
            entry.after += 1
            if entry.first is None or (record.at or 0.0) < (entry.first.at or 0.0):
                entry.first = record
            entry.level = entry.level or record.level


SILENCE = 60.0
"""Seconds that the material must go on without a complaint before its last one counts as the end."""


def last_complaint(records: Sequence[Record], onset: float) -> tuple[float, Origin] | None:
    """When the complaints that the onset brought were last heard, with that record; None when they had not ended.

    Only statements that are wrong in themselves, were never said before the onset, and were said several times count.
    """
    timed = [r for r in records if r.at is not None]
    counts: Counts = {}
    count(counts, timed, onset - 1.0, math.inf)
    wrong = {key for key, c in counts.items() if not c.before and _wrong_in_itself(c)}
    heard = [r for r in timed if (r.service, statement_of(r.text)) in wrong]
    if not heard:
        return None
    last = max(heard, key=lambda r: r.at or 0.0)
    # The one who complained must go on speaking: a service that died is silent too.
    ends = max(r.at or 0.0 for r in timed if r.service == last.service)
    return (last.at or 0.0, last.origin) if ends - (last.at or 0.0) >= SILENCE else None


def _wrong_in_itself(c: Count) -> bool:
    """Whether a statement of the trouble is a complaint: by its level, or, said often, by its words."""
    if c.level in BAD_LEVEL:
        return c.after >= FEWEST
    worded = c.first is not None and WRONG.search(c.first.text) is not None
    return c.after >= OFTEN and (c.level in UNEASY_LEVEL or (not c.level and worded))


OFTEN = 4 * 5
"""Times that a mere warning, or a line without a level, must be heard before its silence says anything."""
FEWEST = 5
"""Times that a complaint must be heard before its silence says anything."""


def complaint_signals(counts: Counts, *, least: float = 0.5) -> list[Signal]:
    """Word the statements whose rate changed; new complaints first in weight."""
    na, nb = sum(c.after for c in counts.values()), sum(c.before for c in counts.values())
    if not na:
        return []
    signals = []
    for key, c in counts.items():
        if c.first is None:
            continue
        strength = _strength(c, na, nb)
        if strength >= least:
            signals.append(_signal(key, c, c.first, strength, compared=bool(nb)))
    return signals


def _strength(c: Count, na: int, nb: int) -> float:
    wrong = c.level in BAD_LEVEL or (c.first is not None and bool(WRONG.search(c.first.text)))
    if not nb:
        return heavy(1 + math.log2(1 + c.after)) if wrong and c.level in BAD_LEVEL else 0.0
    ratio = math.log((c.after + 0.5) / na * nb / (c.before + 0.5))
    z = ratio / math.sqrt(1 / (c.after + 0.5) + (1 / (c.before + 0.5) if c.before else 0.0) + 0.09)
    if not c.before and c.after > 1:
        z = max(z, 2.0) * 1.5
    if c.level in UNEASY_LEVEL and not wrong:
        return heavy(z) * 0.6
    return heavy(z) * (1.0 if wrong else QUIET)


def _signal(key: tuple[str, str], c: Count, first: Record, strength: float, *, compared: bool) -> Signal:
    service, statement = key
    was = f"{c.before} before" if compared else "nothing to compare with"
    beside = "; ".join(f"{key}={value}" for key, value in first.fields[:12])
    return Signal(
        service=service, nature=Nature.LOG, strength=strength, kind=FindingKind.LOG, at=first.at,
        summary=f"{service or 'the log'} says {c.after} times ({was}): {first.text[:160]}",
        citations=(first.origin,), rule="log-complaint", count=c.after,
        excerpt=(f"{first.text} {beside}".strip(),), terms=(statement,),
    )  # fmt: skip
