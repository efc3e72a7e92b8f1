"""Flows: within one request, which log statement follows which, and where the order broke.

In: log records that carry a trace id, from the window and from a quiet time. Out: signals on the service whose next
step changed: after statement A it used to say B and now says something else, or nothing. Because it is conditional on
A, more or fewer requests of a kind change nothing. A statement is known by its place in the code when the line names
one (`Class#31`, `file.py:31`), else by its words without values. Adapted from the event graphs of Nezha
(ESEC/FSE 2023), reduced to pairs of neighbours within one service.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from afteraction.evidence.signals import Nature, Signal
from afteraction.evidence.traces import ENOUGH
from afteraction.model.finding import FindingKind
from afteraction.model.origin import Origin

_PLACE = re.compile(r"[A-Za-z_$][\w.$/\[\]<>-]*[#:]\d+\b")
_VALUES = re.compile(r"\{.*\}|\[[^\]]*[=,{][^\]]*\]?|\"[^\"]*\"|'[^']*'|\S*\d\S*|\S+=\S*|\(.*\)")
_START, _END = "(begin)", "(end)"
FEWEST = 3
ORDERED = 0.02
"""Share of quiet requests with more than one record below which a service's log has no order to break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One log record as flows need it: `at` in seconds since the epoch, `level` in upper case or empty."""

    at: float
    service: str
    trace: str
    text: str
    origin: Origin
    level: str = ""


@lru_cache(maxsize=200_000)
def statement_of(text: str) -> str:
    """The logging statement behind a line: its place in the code if the first words name one, else its bare words."""
    head = text[:160]
    place = _PLACE.search(head)
    if place:
        return place[0]
    return " ".join(_VALUES.sub(" ", text[:400]).split()[:10])


@dataclass(slots=True)
class _Next:
    """What followed statement A: counts by next statement, and an example of each."""

    follows: Counter[str]
    example: dict[str, Origin]
    first_at: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What followed each statement of each service, and the share of a service's requests with more than one record."""

    following: dict[tuple[str, str], _Next]
    ordered: dict[str, float]


def steps(records: Iterable[Spoken]) -> Steps:
    """Count for every service and statement what came next in the same trace."""
    lanes: dict[tuple[str, str], list[tuple[float, int, str, Origin]]] = defaultdict(list)
    for i, record in enumerate(records):
        if record.trace:
            lanes[record.service, record.trace].append((record.at, i, statement_of(record.text), record.origin))
    out: dict[tuple[str, str], _Next] = {}
    for (service, _), lane in lanes.items():
        lane.sort()
        previous, where = _START, lane[0][3]
        for time, _, statement, origin in [*lane, (lane[-1][0], 0, _END, lane[-1][3])]:
            known = out.setdefault((service, previous), _Next(Counter(), {}, {}))
            known.follows[statement] += 1
            known.example.setdefault(statement, where if statement == _END else origin)
            known.first_at[statement] = min(known.first_at.get(statement, time), time)
            previous, where = statement, origin
    many = Counter(service for (service, _), lane in lanes.items() if len(lane) > 1)
    each = Counter(service for service, _ in lanes)
    return Steps(following=out, ordered={service: many[service] / n for service, n in each.items()})


def flow_signals(now: Steps, then: Steps, *, least: float = 1.0) -> list[Signal]:
    """Where the next step differs between the two: one signal per service and statement, the strongest difference."""
    signals = []
    for (service, statement), after in now.following.items():
        if then.ordered.get(service, 0.0) < ORDERED:
            continue
        before = then.following.get((service, statement))
        n = sum(after.follows.values())
        if before is None or n < FEWEST or (m := sum(before.follows.values())) < FEWEST:
            continue
        best = max(
            after.follows.keys() | before.follows.keys(),
            key=lambda b: _z(after.follows[b], n, before.follows[b], m),
        )
        strength = _tail(_z(after.follows[best], n, before.follows[best], m))
        if strength >= least:
            signals.append(_signal((service, statement), best, after, before, strength))
    return signals


def _z(a: int, n: int, b: int, m: int) -> float:
    p, q = a / n, b / m
    pool = (a + b + 1.0) / (n + m + 2.0)
    return abs(p - q) / math.sqrt(pool * (1 - pool) * (1 / min(n, ENOUGH) + 1 / min(m, ENOUGH)) + 0.01)


def _tail(z: float) -> float:
    """-log10 of the two-sided normal tail: the counts' own spread is known, and the wobble is already in z."""
    return -math.log10(max(math.erfc(z / math.sqrt(2.0)), 1e-12))


def _signal(key: tuple[str, str], best: str, after: _Next, before: _Next, strength: float) -> Signal:
    service, statement = key
    n, m = sum(after.follows.values()), sum(before.follows.values())
    origin = after.example.get(best) or next(iter(after.example.values()))
    new = after.follows[best] / n > before.follows[best] / m
    verb = "is now followed by" if new else "is no longer followed by"
    return Signal(
        service=service, nature=Nature.FLOW, strength=strength, kind=FindingKind.LOG,
        summary=f'in {service} "{statement}" {verb} "{best}": {after.follows[best]} of {n} times, '
        f"before {before.follows[best]} of {m}",
        citations=(origin,), rule="log-flow", count=n, at=after.first_at.get(best), terms=(statement, best),
    )  # fmt: skip
