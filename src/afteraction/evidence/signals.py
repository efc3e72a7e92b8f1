"""The signal: one thing that left its baseline, in one vocabulary for metrics, traces, logs and cluster state.

Detectors return signals; blame and ranking read nothing else, so that any subset of the material can be ranked with
the same rules. A signal carries its citations and its sentence, and becomes a finding when it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from afteraction.model.finding import FindingKind
from afteraction.model.origin import Basis, Origin


class Nature(StrEnum):
    """What a signal is about; the ranking weighs natures, never names of metrics or services."""

    LATENCY = "latency"
    ERRORS = "errors"
    SATURATION = "saturation"
    THROUGHPUT = "throughput"
    CAPACITY = "capacity"
    HOST = "host"
    FLOW = "flow"
    LOG = "log"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Something that left its baseline.

    `service` is where it was seen. `peer` is set when it was seen at the caller's end of a call to `peer` (then the
    callee or the network between them is meant); `outgoing` when it is the caller's view of callees that are not named.
    `strength` is -log10 of the probability that a quiet system shows as much (0: nothing, 2: one in a hundred).
    `at` is the onset in seconds since the epoch and `uncertainty` its half-width in seconds. `excess` is the extra
    load in its own unit (seconds, errors) that callers can feel; `terms` are the words by which changes are matched.
    """

    service: str
    nature: Nature
    strength: float
    kind: FindingKind
    summary: str
    citations: tuple[Origin, ...]
    rule: str
    direction: int = 1
    at: float | None = None
    uncertainty: float = 0.0
    peer: str = ""
    outgoing: bool = False
    instance: str = ""
    excess: float = 0.0
    count: int = 1
    excerpt: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    basis: Basis = Basis.OBSERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """What a service gave its callers beyond the usual.

    `amount` in seconds or failures per sample, which add up along calls, the `volume` of calls per sample, and how much each of them felt, 0..1.
    """

    amount: float
    volume: float
    felt: float
