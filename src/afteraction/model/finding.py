"""What the evidence engine says: findings with their citations, and suspects ranked by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from afteraction.model.origin import Basis, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open stretch of time, zone-aware: `start <= t < end`."""

    start: datetime
    end: datetime


class FindingKind(StrEnum):
    """What sort of claim a finding makes."""

    LOG = "log"
    METRIC = "metric"
    TRACE = "trace"
    CLUSTER = "cluster"
    CHANGE = "change"
    ALERT = "alert"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim with its evidence.

    `id` is `f1`, `f2`, ... in order of weight; `rule` names the rule or method that made it; `weight` 0..1 says how
    much of the incident it explains; `excerpt` holds the cited lines, as they stand in the file, for printing.
    """

    id: str
    kind: FindingKind
    summary: str
    citations: tuple[Origin, ...]
    rule: str = ""
    service: str = ""
    at: datetime | None = None
    weight: float = 0.0
    count: int = 1
    excerpt: tuple[str, ...] = ()
    basis: Basis = Basis.OBSERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A stretch in which a service was unavailable, with the id of the finding that says so.

    `end` is None when the material does not show one.
    """

    service: str
    start: datetime
    end: datetime | None
    finding: str
    basis: Basis


class SuspectKind(StrEnum):
    """What sort of thing is suspected."""

    CHANGE = "change"
    SERVICE = "service"
    RESOURCE = "resource"
    HOST = "host"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A ranked candidate cause, for people to judge.

    `ref` is a commit sha for a change and `kind/name` for a cluster resource. `score` is 0..1, calibrated: of the
    suspects with 0.8 about eight in ten are right. `evidence` and `against` are ids of findings; `ruled_out` and
    `look_next` are sentences.
    """

    rank: int
    kind: SuspectKind
    ref: str
    service: str
    score: float
    why: str
    evidence: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    ruled_out: tuple[str, ...] = ()
    look_next: str = ""
    cause_class: str = ""
    at: datetime | None = None


class Verdict(StrEnum):
    """What the evidence allows to say about the cause."""

    SUSPECT = "suspect"
    NO_CODE_CAUSE = "no_code_cause"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigation:
    """The evidence engine's whole answer.

    `onset` and `recovered` are when the symptoms began and ended according to the material, with the findings that
    say so; `outages` are the stretches in which a service was unavailable; `blast_radius` are the services that were hurt.
    """

    verdict: Verdict = Verdict.INCONCLUSIVE
    suspects: tuple[Suspect, ...] = ()
    findings: tuple[Finding, ...] = ()
    onset: datetime | None = None
    onset_findings: tuple[str, ...] = ()
    recovered: datetime | None = None
    recovered_findings: tuple[str, ...] = ()
    outages: tuple[Outage, ...] = ()
    blast_radius: tuple[str, ...] = ()
    reason: str = ""
    """Why the verdict is what it is, in a sentence."""
