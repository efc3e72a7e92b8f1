"""From weighed evidence to the answer: scores, verdict, findings with ids, and sentences for a tired engineer.

In: the incident as seen, weighed changes, outside causes, and how many series were judged. Out: an `Investigation`.
The scores of changes and outside causes are their chances by their points when one of them or none is the cause.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from afteraction.evidence.blame import Blamed
from afteraction.evidence.candidates import Candidate
from afteraction.evidence.cluster import ClusterEvidence
from afteraction.evidence.logs.excerpts import Excerpt
from afteraction.evidence.look_next import history_of, look_at
from afteraction.evidence.outages import Unavailability
from afteraction.evidence.seen import Seen
from afteraction.evidence.signals import Nature, Signal
from afteraction.evidence.weights import WEIGHTS, Weights
from afteraction.evidence.world import Outside
from afteraction.formats.log_fields import read_fields
from afteraction.model.event import ChangeKind
from afteraction.model.finding import (
    Finding,
    FindingKind,
    Investigation,
    Outage,
    Suspect,
    SuspectKind,
    Verdict,
)
from afteraction.model.origin import Basis, Origin

MOST = 40
"""Findings and suspects beyond this many nobody reads."""
EVEN_OUTSIDE = 2.0
"""Points at which an outside cause is as likely right as wrong: it needs fewer than a change, for it was looked for by name."""
FELT_AT_LEAST = 0.3
"""-log10 of the chance at which an entry's suffering is even odds of being real, nobody having said so."""


@dataclass(slots=True)
class _Draft:
    weight: float
    kind: FindingKind
    summary: str
    citations: tuple[Origin, ...]
    rule: str
    service: str = ""
    at: float | None = None
    count: int = 1
    excerpt: tuple[str, ...] = ()
    basis: Basis = Basis.OBSERVED


@dataclass(slots=True)
class _SuspectDraft:
    kind: SuspectKind
    ref: str
    service: str
    score: float
    why: str
    cause_class: str
    look_next: str
    at: float | None = None
    evidence: list[int] = field(default_factory=list)
    against: list[int] = field(default_factory=list)
    ruled_out: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Report:
    """Builds the answer; one use."""

    seen: Seen
    changes: Sequence[Candidate]
    outside: Sequence[Outside]
    judged: int
    cluster: ClusterEvidence | None = None
    excerpts: Sequence[Excerpt] = ()
    recovered: tuple[float, Origin] | None = None
    outages: Sequence[Unavailability] = ()
    weights: Weights = WEIGHTS
    drafts: list[_Draft] = field(default_factory=list)
    _ids: dict[int, int] = field(default_factory=dict)

    def investigation(self) -> Investigation:
        """Put the answer together."""
        verdict, reason = self._verdict()
        suspects = self._suspects(verdict)
        suspects = _merged(suspects, self._resources())
        suspects.sort(key=lambda s: (verdict is Verdict.NO_CODE_CAUSE and s.kind is not SuspectKind.EXTERNAL, -s.score))
        onset = [self._claim(3.0, "the symptoms begin", FindingKind.METRIC, (o,), rule="onset", at=self.seen.onset)
                 for o in self._onset_origins()[:1]]  # fmt: skip
        recovered = []
        if self.recovered:
            when, origin = self.recovered
            recovered = [self._claim(2.0, "what users feel is back at its old level", FindingKind.METRIC, (origin,),
                                     rule="recovery", at=when)]  # fmt: skip
        down = [self._unavailability(o) for o in self.outages]
        for excerpt in self.excerpts:
            self._excerpt(excerpt)
        for signal in self.seen.signals:
            if signal.strength >= 2 and len(self.drafts) < 3 * MOST:
                self._signal(signal, 0.0)
        order = sorted(range(len(self.drafts)), key=lambda i: -self.drafts[i].weight)
        names = {old: f"f{new}" for new, old in enumerate(order, 1)}
        return Investigation(
            verdict=verdict,
            suspects=tuple(self._finish(s, rank, names) for rank, s in enumerate(suspects, 1)),
            findings=tuple(self._finding(self.drafts[i], names[i]) for i in order),
            onset=_time(self.seen.onset), reason=reason, onset_findings=tuple(names[i] for i in onset),
            recovered=_time(self.recovered[0]) if self.recovered else None,
            recovered_findings=tuple(names[i] for i in recovered),
            outages=tuple(
                Outage(service=o.service, start=_moment(o.start), end=_time(o.end), finding=names[i], basis=o.basis)
                for o, i in zip(self.outages, down, strict=True)
            ),
            blast_radius=self._hurt(suspects[0].service if suspects else ""),
        )  # fmt: skip

    def _onset_origins(self) -> list[Origin]:
        """The places that show the onset: the precursor or signal nearest to it."""
        onset = self.seen.onset
        if onset is None:
            return []
        near = [(abs(p.at - onset), p.citation) for p in self.seen.precursors if abs(p.at - onset) <= 2 * p.step + 1]
        near += [(abs(s.at - onset), s.citations[0]) for s in self.seen.signals if s.at and abs(s.at - onset) <= 90]
        return [origin for _, origin in sorted(near, key=lambda pair: pair[0])]

    def _resources(self) -> list[_SuspectDraft]:
        """What the state of the cluster accuses, with its findings taken over."""
        if self.cluster is None:
            return []
        index = {}
        for f in self.cluster.findings[:MOST]:
            at = f.at.timestamp() if f.at else None
            self.drafts.append(
                _Draft(f.weight, f.kind, f.summary, f.citations, f.rule, f.service, at, f.count, f.excerpt, f.basis)
            )
            index[f.id] = len(self.drafts) - 1
        return [
            _SuspectDraft(
                kind=s.kind, ref=s.ref, service=s.service, score=s.score, why=s.why, cause_class=s.cause_class,
                look_next=s.look_next, evidence=[index[e] for e in s.evidence if e in index],
                against=[index[e] for e in s.against if e in index], ruled_out=list(s.ruled_out),
                at=s.at.timestamp() if s.at else None,
            )
            for s in self.cluster.suspects[:10]
        ]  # fmt: skip

    def _excerpt(self, e: Excerpt) -> None:
        origin = Origin(file=e.file, line=e.line_start, line_end=e.line_end)
        summary = f"{e.why}: {_told_by(e.text[0])[:160]}" if e.text else e.why
        self.drafts.append(
            _Draft(min(1.0, e.score / 12), FindingKind.LOG, summary, (origin,), "log-excerpt", count=1, excerpt=e.text)
        )

    def _unavailability(self, o: Unavailability) -> int:
        until = f" until {_moment(o.end):%H:%M:%S} UTC" if o.end is not None else ", and no end of it is on record"
        self.drafts.append(
            _Draft(0.6, FindingKind.METRIC, o.why + until, o.citations, "outage", o.service, o.start, basis=o.basis)
        )
        return len(self.drafts) - 1

    def _best_change(self) -> Candidate | None:
        return next((c for c in self.changes if not c.ruled_out), None)

    def _chance(self, log_odds: float) -> float:
        """The chance of one cause among all that compete: one caused it or none, and not two."""
        rivals = [c.points - self.weights.even for c in self.changes if not c.ruled_out]
        rivals += [o.points - EVEN_OUTSIDE for o in self.outside]
        return math.exp(log_odds) / (1.0 + sum(math.exp(rival) for rival in rivals))

    def _weight(self, c: Candidate) -> float:
        return c.points if c.specific >= 1 else min(c.points, self.weights.unspecific)

    def _verdict(self) -> tuple[Verdict, str]:
        change, outside = self._best_change(), (self.outside[0] if self.outside else None)
        weight = self._weight(change) if change else -math.inf
        if (
            outside
            and outside.points >= self.weights.outside_at_least
            and outside.points + self.weights.margin > weight
        ):
            return (
                Verdict.NO_CODE_CAUSE,
                f"nothing that people changed explains it as well as this: {outside.pro[0][1]}",
            )
        if change and weight >= self.weights.accused:
            return Verdict.SUSPECT, f"one change fits what is seen better than all others: {change.title or change.ref}"
        if self.cluster and self.cluster.suspects and self.cluster.suspects[0].score >= 0.5:
            return Verdict.SUSPECT, f"the state of the cluster: {self.cluster.suspects[0].why}"
        services = self._services()
        if services and self._real(services[0][0].score) >= 0.5:
            return Verdict.SUSPECT, f"the trouble starts at {services[0][0].service}"
        return Verdict.INCONCLUSIVE, "too little stands out to name a cause"

    def _services(self) -> list[tuple[Blamed, float]]:
        """Blamed services with their scores: how sure that anything is wrong, times its share of the blame."""
        found = [b for b in self.seen.blamed if b.signals and b.score > 0]
        if not found:
            return []
        total = sum(b.score**2 for b in found)
        real = self._real(found[0].score)
        return [(b, real * b.score**2 / total) for b in found]

    def _real(self, score: float) -> float:
        """How sure it is that anything is wrong at all: the best of many series is always somewhat off.

        Where entries are measured they must suffer, unless somebody said that there is an incident.
        """
        tests = math.log10(1 + self.judged)
        if self.seen.told:
            return _logistic(1.5 * (score - tests))
        if self.seen.felt is None:
            return _logistic(1.5 * (score - 1.5 * tests))
        return _logistic(0.7 * (score - 1.1 * tests) + 2.0 * (self.seen.felt - FELT_AT_LEAST))

    def _suspects(self, verdict: Verdict) -> list[_SuspectDraft]:
        out = [self._outside(o) for o in self.outside if o.points >= 1.5]
        if verdict is not Verdict.NO_CODE_CAUSE:
            out += [self._change(c) for c in self.changes if not c.ruled_out and c.points >= 1.0]
        out.sort(key=lambda s: -s.score)
        if verdict is Verdict.NO_CODE_CAUSE:
            out.sort(key=lambda s: s.kind is not SuspectKind.EXTERNAL)
            late = [c for c in self.changes if c.kind is not ChangeKind.COMMIT or c.deployed]
            out[0].ruled_out += [self._excuse(c) for c in late[:6]]
        if verdict is Verdict.INCONCLUSIVE and not self.seen.told:
            return []
        services = [self._service(b, min(0.95, score), verdict) for b, score in self._services()[:10] if score >= 0.005]
        change = self._best_change()
        # A change that is too weak to be accused does not stand before the place where the trouble starts either.
        if verdict is Verdict.NO_CODE_CAUSE or (change and self._weight(change) >= self.weights.accused):
            top = out[0].score if out else 1.0
            for s in services:
                s.score = min(s.score, 0.5 * top)
        out += services
        out.sort(key=lambda s: (verdict is Verdict.NO_CODE_CAUSE and s.kind is not SuspectKind.EXTERNAL, -s.score))
        return out[:MOST]

    def _excuse(self, c: Candidate) -> str:
        why = c.ruled_out or (min(c.contra)[1] if c.contra else "its content does not explain the symptoms")
        return f"{c.ref[:12]} ({c.title[:60]}): {why}"

    def _change(self, c: Candidate) -> _SuspectDraft:
        pro = sorted(c.pro, key=lambda p: -p[0])
        why = "; ".join(text for _, text in pro[:3]) or "it is the change nearest to the onset"
        draft = _SuspectDraft(
            kind=SuspectKind.CHANGE, ref=c.ref, service=c.service or self._first(), score=self._chance(c.points - self.weights.even),
            why=f"{c.title[:100]}: {why}", cause_class=c.kind.value, at=c.at,
            look_next=history_of(c),
        )  # fmt: skip
        for points, text in pro:
            draft.evidence.append(
                self._claim(points, text, FindingKind.CHANGE, c.origins, rule="change-fit", service=c.service, at=c.at)
            )
        for points, text in sorted(c.contra):
            draft.against.append(
                self._claim(
                    points, text, FindingKind.CHANGE, c.origins, rule="change-misfit", service=c.service, at=c.at
                )
            )
        for blamed in self.seen.blamed[:2]:
            if blamed.service == c.service:
                draft.evidence += [self._signal(s, w) for w, s in blamed.signals[:4]]
        return draft

    def _outside(self, o: Outside) -> _SuspectDraft:
        draft = _SuspectDraft(
            kind=o.kind, ref=o.ref, service=o.service, score=self._chance(o.points - EVEN_OUTSIDE), cause_class=o.name,
            why="; ".join(text for _, text, _, _ in o.pro[:3]), look_next=o.look_next, at=self.seen.onset,
        )  # fmt: skip
        draft.evidence = [
            self._claim(p, text, kind, (origin,), rule=f"outside-{o.name}", service=o.service)
            for p, text, kind, origin in o.pro
        ]
        return draft

    def _service(self, b: Blamed, score: float, verdict: Verdict) -> _SuspectDraft:
        # An address (host:port) is where a series was scraped, and no name by which anybody finds a pod.
        instances = {
            s.instance for _, s in b.signals if s.instance and s.instance != b.service and ":" not in s.instance
        }
        ref = f"pod/{instances.pop()}" if len(instances) == 1 else f"service/{b.service}"
        top = b.signals[0][1]
        why = f"{top.summary}"
        if len(b.signals) > 1 and b.signals[1][1].nature is not top.nature:
            why += f"; {b.signals[1][1].summary}"
        if b.explained_by:
            why += f" (part of it comes from {', '.join(b.explained_by)})"
        del verdict
        return _SuspectDraft(
            kind=SuspectKind.SERVICE, ref=ref, service=b.service, score=score, why=why, cause_class=top.nature.value,
            look_next=look_at(top), at=top.at, evidence=[self._signal(s, w) for w, s in b.signals[:6]],
        )  # fmt: skip

    def _first(self) -> str:
        return self.seen.blamed[0].service if self.seen.blamed else ""

    def _hurt(self, origin: str) -> tuple[str, ...]:
        felt = {Nature.LATENCY, Nature.ERRORS, Nature.LOG}
        hurt: dict[str, float] = {}
        for s in self.seen.signals:
            if s.nature in felt and s.strength >= 2 and s.service and s.service != origin and s.direction > 0:
                hurt[s.service] = max(hurt.get(s.service, 0.0), s.strength)
        return tuple(sorted(hurt, key=lambda name: -hurt[name]))

    def _signal(self, s: Signal, weight: float) -> int:
        if id(s) in self._ids:
            return self._ids[id(s)]
        size = min(1.0, max(s.strength, weight) / 6)
        self.drafts.append(
            _Draft(size, s.kind, s.summary, s.citations, s.rule, s.service, s.at, s.count, s.excerpt, s.basis)
        )
        self._ids[id(s)] = len(self.drafts) - 1
        return self._ids[id(s)]

    def _claim(
        self, points: float, text: str, kind: FindingKind, origins: tuple[Origin, ...], *, rule: str, service: str = "",
        at: float | None = None,
    ) -> int:  # fmt: skip
        at = at if at is not None and math.isfinite(at) else None
        self.drafts.append(
            _Draft(min(1.0, abs(points) / 6), kind, text, origins, rule, service, at, basis=Basis.INFERRED)
        )
        return len(self.drafts) - 1

    def _finish(self, s: _SuspectDraft, rank: int, names: dict[int, str]) -> Suspect:
        return Suspect(
            rank=rank, kind=s.kind, ref=s.ref, service=s.service, score=round(s.score, 3), why=s.why,
            evidence=tuple(names[i] for i in s.evidence), against=tuple(names[i] for i in s.against),
            ruled_out=tuple(s.ruled_out), look_next=s.look_next, cause_class=s.cause_class, at=_time(s.at),
        )  # fmt: skip

    def _finding(self, d: _Draft, name: str) -> Finding:
        return Finding(
            id=name, kind=d.kind, summary=d.summary, citations=d.citations, rule=d.rule, service=d.service,
            at=_time(d.at), weight=round(d.weight, 3), count=d.count, excerpt=d.excerpt, basis=d.basis,
        )  # fmt: skip


def _merged(found: list[_SuspectDraft], resources: list[_SuspectDraft]) -> list[_SuspectDraft]:
    """Make one suspect of a service that metrics, logs or traces accuse and of its workload that the cluster accuses.

    The workload's ref and cause stay, for they say more; the score is the higher of the two, for both may rest on one symptom.
    """
    by_app = {r.ref.partition("/")[2].casefold(): r for r in reversed(resources) if r.ref.startswith("app/")}
    kept: list[_SuspectDraft] = []
    for suspect in found:
        same = by_app.get(suspect.service.casefold()) if suspect.kind is SuspectKind.SERVICE else None
        if same is None:
            kept.append(suspect)
            continue
        same.score = max(same.score, suspect.score)
        same.why = f"{same.why}; {suspect.why}"
        same.evidence += [i for i in suspect.evidence if i not in same.evidence]
        same.at = min((at for at in (same.at, suspect.at) if at is not None), default=None)
    return kept + resources


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _time(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and math.isfinite(seconds) else None


def _told_by(line: str) -> str:
    """Return the message of a structured record, with the service that says it; other lines as they stand."""
    if not line.startswith("{"):
        return line
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return line
    fields = read_fields(value) if isinstance(value, dict) else None
    if fields is None or not fields.message:
        return line
    return f"{fields.service}: {fields.message}" if fields.service else fields.message
