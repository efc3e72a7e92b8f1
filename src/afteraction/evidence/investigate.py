"""One answer out of everything: findings, ranked suspects, verdict, onset, blast radius and recovery.

In: the material of an incident, a window if it is known, and the material of a quiet time if there is some. Out: an
`Investigation`. Any subset of the material will do; nothing at all gives `inconclusive`. Refuses nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

from afteraction.evidence.blame import Blamed, Excesses, blame, felt_at_entries
from afteraction.evidence.callgraph import CallGraph, graph_of
from afteraction.evidence.candidates import candidates_of
from afteraction.evidence.changes import weigh_changes
from afteraction.evidence.cluster import cluster_evidence
from afteraction.evidence.cluster.recorded import objects_in_calls
from afteraction.evidence.complaints import Counts, complaint_signals, count, last_complaint
from afteraction.evidence.flows import Spoken, flow_signals, steps
from afteraction.evidence.logsignals import best_excerpts, comparison_of, large_log_signals, pattern_signals
from afteraction.evidence.metrics.episodes import episode_signals
from afteraction.evidence.metrics.nature import nature_of
from afteraction.evidence.metrics.readings import metric_signals
from afteraction.evidence.names import Names, canonical, heard_of, views_of
from afteraction.evidence.onset import climb_signal, onset_of, precursors_of, recovery_of
from afteraction.evidence.outages import outages_of
from afteraction.evidence.outside import outside_causes
from afteraction.evidence.records import LIMIT, Record, records
from afteraction.evidence.report import Report
from afteraction.evidence.seen import Seen, classify, texts_of
from afteraction.evidence.signals import Nature, Signal
from afteraction.evidence.traces import calls, trace_signals
from afteraction.evidence.weights import WEIGHTS, Weights
from afteraction.model.event import Alert, Event, EventKind
from afteraction.model.finding import Investigation, Window
from afteraction.model.log import LogFile
from afteraction.model.origin import Origin
from afteraction.model.reading import Material
from afteraction.model.series import Series

EMPTY = Material()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Which parts of the engine take part, and what evidence is worth; the ablations of the bench change one at a time."""

    metrics: bool = True
    traces: bool = True
    logs: bool = True
    flows: bool = True
    graph: bool = True
    changes: bool = True
    outside: bool = True
    weights: Weights = WEIGHTS


def investigate(
    material: Material,
    *,
    window: Window | None = None,
    baseline: Material | None = None,
    parts: Parts | None = None,
    progress: Callable[[str], None] | None = None,
) -> Investigation:
    """Say what may have caused the incident in `material`, with evidence for and against.

    `window` is the stretch of the incident; without one it is found from alerts, change points and complaints.
    `baseline` is material of a quiet time. `parts` switches parts of the engine off, `progress` hears what is done.
    """
    parts = parts or Parts()
    tell = progress or (lambda _: None)
    base = baseline or EMPTY
    material, base = _with_log_services(material), _with_log_services(base)
    names = canonical(material, base)
    tell("reading log records")
    spoken = _said_once(material) if parts.logs or parts.flows else []
    quiet = _said_once(base) if parts.logs or parts.flows else []
    tell("looking for the onset")
    stretch = _stretch(material, base, window, spoken)
    alerts = _alerts(material)
    told = bool(window or alerts)
    strange = episode_signals(list(material.series)) if parts.metrics and not told and base == EMPTY else []
    if strange:
        stretch = _from_episode(stretch, max(strange, key=lambda s: s.strength))
    graph = _graph(material, base, names) if parts.graph else CallGraph()
    tell("comparing with the quiet time")
    signals, judged, excess = _signals(
        material, base, stretch, spoken=(spoken, quiet), names=names, graph=graph, parts=parts
    )
    signals += strange
    seen = _seen(material, stretch, signals, graph=graph, excess=excess, names=names, parts=parts, told=told)
    tell("weighing changes and outside causes")
    window = window or _as_window(stretch)
    compared = comparison_of(material.logs, base.logs, window) if parts.logs else None
    objects = material.objects or objects_in_calls(material.events)
    cluster = cluster_evidence(objects, material.events, material.logs) if objects else None
    changes = (
        weigh_changes(candidates_of(material.events, names.services), seen, parts.weights) if parts.changes else []
    )
    outside = outside_causes(seen, material.series, parts.weights, spoken) if parts.outside else []
    recovered = _recovered(material, spoken, seen)
    return Report(
        seen=seen, changes=changes, outside=outside, judged=judged, cluster=cluster, recovered=recovered,
        excerpts=best_excerpts(compared) if compared else (), outages=outages_of(material.series), weights=parts.weights,
    ).investigation()  # fmt: skip


def _seen(
    material: Material, stretch: _Stretch, signals: list[Signal], *, graph: CallGraph, excess: Excesses, names: Names,
    parts: Parts, told: bool,
) -> Seen:  # fmt: skip
    """Put together what changes and outside causes are weighed against; climbs become signals of their services."""
    alerts = _alerts(material)
    precursors = precursors_of(material.series, stretch.end, stretch.start) if parts.metrics else []
    signals = [*signals, *(climb_signal(p) for p in precursors if p.ramp and p.service and p.at < stretch.start)]
    blamed = _with_alerts(tuple(blame(signals, graph, views_of(material, graph, names), excess)), alerts)
    texts = texts_of(tuple(signals), alerts, blamed)
    return Seen(
        onset=stretch.onset, slack=stretch.slack, blamed=blamed, signals=tuple(signals), texts=texts, alerts=alerts,
        precursors=tuple(precursors), graph=graph, services=names.services, classes=classify(texts),
        heard=heard_of(material, names), events=material.events, felt=_felt(signals, graph, excess, names, material), told=told,
    )  # fmt: skip


def _as_window(stretch: _Stretch) -> Window | None:
    """The stretch as a window, when it has both ends."""
    if not (math.isfinite(stretch.start) and math.isfinite(stretch.end) and stretch.start < stretch.end):
        return None
    return Window(start=datetime.fromtimestamp(stretch.start, UTC), end=datetime.fromtimestamp(stretch.end, UTC))


def _said_once(material: Material) -> list[Record]:
    """The records of the small logs; what a second file has once more (the same log saved twice) is left out of it."""
    told: dict[tuple[str, float, str], str] = {}
    out = []
    for log in _small(material):
        for record in records(log):
            if record.at is not None:
                key = (record.service, record.at, record.text)
                if told.setdefault(key, record.origin.file) != record.origin.file:
                    continue
            out.append(record)
    return out


def _small(material: Material) -> list[LogFile]:
    """The logs that are read record by record: the smallest first, until the limit for all of them is reached."""
    left, out = LIMIT, []
    for log in sorted(material.logs, key=lambda f: f.size or LIMIT):
        size = log.size or LIMIT
        if size <= left:
            left -= size
            out.append(log)
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """The window in seconds since the epoch, the onset in it and its half-width."""

    start: float
    end: float
    onset: float | None
    slack: float


def _graph(material: Material, base: Material, names: Names) -> CallGraph:
    pairs = [(names(e.caller), names(e.callee), 1) for e in (*material.edges, *base.edges)]
    pairs += [(names(a), names(b), n) for (a, b), n in calls((*material.spans, *base.spans)).items()]
    return graph_of(pairs)


def _felt(signals: list[Signal], graph: CallGraph, excess: Excesses, names: Names, material: Material) -> float | None:
    """The worst that entries felt, if any entry's latency or errors were measured."""
    entries = {n for n in graph.callees if not graph.callers.get(n)}
    natures = {Nature.LATENCY, Nature.ERRORS}
    if not any(names(s.service) in entries and nature_of(s.metric).nature in natures for s in material.series):
        return None
    return max(felt_at_entries(signals, graph, excess).values(), default=0.0)


def _stretch(material: Material, base: Material, window: Window | None, spoken: list[Record]) -> _Stretch:
    """Where to look: the window if one is given, all of it beside a baseline, else from the onset to the end."""
    first, last = _extent(material, spoken)
    found = _onset(material, window, spoken, first, last)
    onset, slack = found or (None, 60.0)
    if window:
        start, end = window.start.timestamp(), window.end.timestamp()
        if onset is None or not start - slack <= onset < end:
            onset, slack = start, 60.0
        return _Stretch(start=start, end=end, onset=onset, slack=slack)
    if base.series or base.logs or base.spans:
        return _Stretch(start=-math.inf, end=math.inf, onset=onset, slack=slack)
    start = first if onset is None else onset - slack / 2
    return _Stretch(start=start, end=math.nextafter(last, math.inf), onset=onset, slack=slack)


def _onset(
    material: Material, window: Window | None, spoken: list[Record], first: float, last: float
) -> tuple[float, float] | None:
    """When the symptoms began, with its half-width, as far as alerts, steps of series and complaints say so."""
    alerts = _alerts(material)
    alert = min((e.at.timestamp() for e in alerts), default=None)
    if window is not None:
        last = min(last, window.end.timestamp())
    precursors = precursors_of(
        material.series, min(last, alert + 600) if alert else math.nextafter(last, math.inf), alert
    )
    return onset_of(precursors, _first_complaints(spoken, alert, first), alert)


def _from_episode(stretch: _Stretch, strongest: Signal) -> _Stretch:
    """Nobody said when: the most surprising episode does."""
    if strongest.at is None:
        return stretch
    return replace(stretch, start=strongest.at, onset=strongest.at, slack=max(60.0, strongest.uncertainty))


def _extent(material: Material, spoken: list[Record]) -> tuple[float, float]:
    times = [float(s.times[i]) for s in material.series if len(s.times) for i in (0, -1)]
    times += [r.at for r in spoken if r.at is not None]
    times += [float(t) for s in material.spans if len(s) for t in (s.start.min(), s.start.max())]
    return (min(times), max(times)) if times else (0.0, 0.0)


def _first_complaints(spoken: list[Record], alert: float | None, first: float) -> list[float]:
    """When each service first said something wrong that it had not said in the first third of the stretch."""
    timed = sorted((r for r in spoken if r.at is not None), key=lambda r: r.at or 0.0)
    if not timed:
        return []
    until = alert if alert is not None else (timed[-1].at or 0.0)
    early = first + (until - first) / 3
    counts: Counts = {}
    count(counts, timed, early, math.inf)
    starts: dict[str, float] = {}
    for signal in complaint_signals(counts, least=1.0):
        if signal.at is not None and signal.at >= early:
            starts[signal.service] = min(starts.get(signal.service, math.inf), signal.at)
    return list(starts.values())


def _signals(
    material: Material, base: Material, stretch: _Stretch, *, spoken: tuple[list[Record], list[Record]],
    names: Names, graph: CallGraph, parts: Parts,
) -> tuple[list[Signal], int, Excesses]:  # fmt: skip
    start, end = stretch.start, stretch.end
    excess: Excesses = {}
    signals: list[Signal] = []
    judged = 0
    if parts.metrics:
        found = metric_signals(
            _renamed(material.series, names), start, end, _renamed(base.series, names), names.services
        )
        signals += found.signals
        judged, excess = found.judged, found.excess
        for caller, callee in found.calls if parts.graph else ():
            graph.add(caller, callee)
    if parts.traces:
        signals += trace_signals(material.spans, base.spans, start, end)
    now, then = spoken
    if parts.logs and (now or then):
        counts: Counts = {}
        count(counts, then, start, end, baseline=True)
        count(counts, now, start, end)
        signals += _mentions(complaint_signals(counts), names, graph if parts.graph else None)
    if parts.logs:
        counted = pattern_signals(material.statements)
        small = {log.name for log in _small(material)}
        if big := [log for log in material.logs if log.name not in small]:
            quiet_small = {log.name for log in _small(base)}
            rest = [log for log in base.logs if log.name not in quiet_small]
            compared = comparison_of(big, rest, _as_window(stretch))
            counted += large_log_signals(compared, frozenset(f.name for f in big)) if compared else []
        signals += _mentions(counted, names, graph if parts.graph else None)
    if parts.flows and any(r.trace for r in now):
        before = steps(_said(then, -math.inf, math.inf) + _said(now, -math.inf, start))
        signals += flow_signals(steps(_said(now, start, end)), before)
    return signals, judged, excess


def _said(found: list[Record], start: float, end: float) -> list[Spoken]:
    return [
        Spoken(at=r.at, service=r.service, trace=r.trace, text=r.text, origin=r.origin, level=r.level)
        for r in found if r.at is not None and r.trace and start <= r.at < end
    ]  # fmt: skip


def _renamed(series: Iterable[Series], names: Names) -> list[Series]:
    out = []
    for s in series:
        name = names(s.service)
        out.append(s if name == s.service else _with_service(s, name))
    return out


def _with_service(s: Series, name: str) -> Series:
    return Series(
        metric=s.metric, times=s.times, values=s.values, origin=s.origin, service=name, instance=s.instance,
        statistic=s.statistic, unit=s.unit, kind=s.kind, labels=s.labels, lines=s.lines,
    )  # fmt: skip


def _mentions(signals: list[Signal], names: Names, graph: CallGraph | None) -> list[Signal]:
    """A complaint that names another service speaks about the call to it."""
    out = []
    for signal in signals:
        words = set(re.findall(r"[\w.-]+", signal.excerpt[0].casefold())) if signal.excerpt else set()
        words |= {label for word in words for label in word.split(".")}
        others = [s for s in names.services if s != signal.service and s.casefold() in words]
        if len(others) == 1 and signal.service:
            callee = others[0]
            if graph is not None and signal.service not in graph.below(callee):
                graph.add(signal.service, callee)
            peer = "" if graph is not None and signal.service in graph.below(callee) else callee
            out.append(_with_peer(signal, peer))
        else:
            out.append(signal)
    return out


def _with_peer(s: Signal, peer: str) -> Signal:
    return Signal(
        service=s.service, nature=s.nature, strength=s.strength, kind=s.kind, summary=s.summary, citations=s.citations,
        rule=s.rule, direction=s.direction, at=s.at, uncertainty=s.uncertainty, peer=peer, count=s.count,
        excerpt=s.excerpt, terms=s.terms,
    )  # fmt: skip


def _recovered(material: Material, spoken: list[Record], seen: Seen) -> tuple[float, Origin] | None:
    """When it ended: as the series say, or earlier where the last complaint does, for rates look back and lag behind."""
    if seen.onset is None:
        return None
    measured = recovery_of(material.series, seen.onset, seen.slack)
    heard = last_complaint(spoken, seen.onset)
    ends = [end for end in (measured, heard) if end is not None]
    return min(ends, key=lambda end: end[0], default=None)


def _with_log_services(material: Material) -> Material:
    """Give a log that does not say who wrote it the service that its file is named after, when the material knows one."""
    known = {s.service for s in material.series} | {e.service for e in material.events} - {""}
    logs = tuple(
        replace(log, service=stem) if not log.service and (stem := PurePosixPath(log.name).stem) in known else log
        for log in material.logs
    )
    return replace(material, logs=logs)


def _alerts(material: Material) -> tuple[Event, ...]:
    """Return the alerts that fired; those for information only count when there are no others."""
    fired = tuple(e for e in material.events if e.kind is EventKind.ALERT_FIRING)
    grave = tuple(e for e in fired if not (isinstance(e.detail, Alert) and e.detail.harmless))
    return grave or fired


def _with_alerts(blamed: tuple[Blamed, ...], alerts: tuple[Event, ...]) -> tuple[Blamed, ...]:
    """A service that an alert names counts a little more: somebody found its hurt worth waking for."""
    named = {a.service for a in alerts if a.service}
    if not named:
        return blamed
    known = {b.service for b in blamed}
    boosted = [
        Blamed(service=b.service, score=b.score + (1.0 if b.service in named else 0.0), signals=b.signals,
               explained_by=b.explained_by, shown=b.shown)
        for b in blamed
    ]  # fmt: skip
    boosted += [Blamed(service=n, score=1.0, signals=(), explained_by=(), shown=0.0) for n in named - known]
    return tuple(sorted(boosted, key=lambda b: -b.score))
