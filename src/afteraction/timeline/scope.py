"""Which stretch of the material is the incident.

Numbered events come in, the stretch in which the incident's signs lie close together goes out, with the alerts that
belong to it. Material often holds more than one incident's worth: a warning on another host that morning, yesterday's
deploys, the talk of the day after. Nothing is dropped here; the stretch only says where milestones are looked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from afteraction.model.event import Alert, Call, Effect, Event, EventKind
from afteraction.model.finding import Investigation
from afteraction.model.reading import Statement

QUIET = timedelta(hours=3)
"""A silence that parts two incidents; responders of one incident do not leave all records silent for longer."""
EPISODE = timedelta(minutes=15)
"""A pause that parts two episodes of alerts: three rounds of the usual five-minute evaluation window."""
AFTER = timedelta(days=7)
"""How long after the last sign a confirmation or closure is still looked for; reviews are held within a week."""
_ANOTHER = 4.0
"""The weight from which signs are another incident and not an echo of this one: two alerts, or an alert and a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRun:
    """One alert from firing to resolution; `end` is None while it fires."""

    key: str
    name: str
    service: str
    severity: str
    start: datetime
    end: datetime | None
    events: tuple[Event, ...]

    @property
    def last(self) -> datetime:
        """The last moment at which the material shows the alert."""
        return self.end or self.events[-1].at

    @property
    def harmless(self) -> bool:
        """Whether the alert's own severity says that nobody needs to act."""
        return Alert(key=self.key, name=self.name, severity=self.severity).harmless


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The incident's stretch and its alerts, in order of time.

    `reach` is up to when a late word (a confirmation, a closure) is still about this incident: a week, or until the
    signs of the next incident.
    """

    start: datetime
    end: datetime
    reach: datetime
    runs: tuple[AlertRun, ...]

    def holds(self, at: datetime) -> bool:
        """Say whether a time lies within the stretch."""
        return self.start <= at <= self.end


def alert_key(event: Event) -> str:
    """Return what an alert's firing and resolution share."""
    detail = event.detail
    return (detail.key or f"{detail.name}|{event.service}") if isinstance(detail, Alert) else ""


def alert_runs(events: Iterable[Event]) -> tuple[AlertRun, ...]:
    """Return every alert's runs from firing to resolution; `events` are in time order."""
    runs: list[AlertRun] = []
    ended: set[str] = set()
    opened: dict[str, list[Event]] = {}

    def close(key: str, end: datetime | None) -> None:
        found = opened.pop(key)
        ended.add(key)
        first = next((e for e in found if e.kind is EventKind.ALERT_FIRING), found[0])
        assert isinstance(first.detail, Alert)
        runs.append(
            AlertRun(
                key=key,
                name=first.detail.name,
                service=service_of(first),
                severity=first.detail.severity,
                start=first.at if first.kind is EventKind.ALERT_FIRING else first.detail.active_at or first.at,
                end=end,
                events=tuple(found),
            )
        )

    for event in events:
        if not isinstance(event.detail, Alert):
            continue
        key = alert_key(event)
        if event.kind is EventKind.ALERT_RESOLVED and key not in opened and key in ended:
            continue  # told again, or a page that is closed after its alert ended
        if event.kind is EventKind.ALERT_RESOLVED:
            # A resolution whose firing the material lacks still tells when the alert was active, if it says since when.
            opened.setdefault(key, []).append(event)
            close(key, event.at)
        elif event.kind is EventKind.ALERT_FIRING or key in opened:
            opened.setdefault(key, []).append(event)
    for key in list(opened):
        close(key, None)
    return tuple(sorted(runs, key=lambda run: (run.start, run.name, run.key)))


_SERVICE_LABELS = ("service", "service_name", "app", "application", "deployment", "component", "job")


def service_of(event: Event) -> str:
    """Return the service that an event is about: as its source read it, else as an alert's labels name it."""
    if event.service or not isinstance(event.detail, Alert):
        return event.service
    labels = dict(event.detail.labels)
    return next((labels[name] for name in _SERVICE_LABELS if labels.get(name)), "")


@dataclass(slots=True)
class _Anchor:
    """A stretch that says that an incident is going on, and how strongly."""

    start: datetime
    end: datetime
    weight: float


def find_scope(
    events: Sequence[Event], statements: Iterable[Statement], investigation: Investigation | None
) -> Scope | None:
    """Return the incident's stretch, or None when the material holds no sign of any incident."""
    runs = _related(alert_runs(events), investigation)
    anchors = [_Anchor(run.start, run.last, 0.5 if run.harmless else 2.0) for run in runs]
    anchors += _acts(events)
    anchors += [_Anchor(s.at, s.at, 2.0) for s in statements if s.at and s.field.startswith(("milestone.", "summary."))]
    if investigation and investigation.onset:
        anchors.append(
            _Anchor(investigation.onset, max(investigation.recovered or investigation.onset, investigation.onset), 4.0)
        )
    if not anchors:
        return None
    clusters = _clusters(anchors)
    best = max(clusters, key=lambda cluster: (_weight(cluster), cluster[0].start))
    start, end = best[0].start, max(anchor.end for anchor in best)
    later = (c[0].start for c in clusters if c[0].start > end and _weight(c) >= _ANOTHER)
    reach = min((end + AFTER, *later))
    return Scope(start=start, end=end, reach=reach, runs=tuple(run for run in runs if start <= run.start <= end))


def _weight(cluster: list[_Anchor]) -> float:
    return sum(anchor.weight for anchor in cluster)


def _clusters(anchors: list[_Anchor]) -> list[list[_Anchor]]:
    clusters: list[list[_Anchor]] = []
    end: datetime | None = None
    for anchor in sorted(anchors, key=lambda a: (a.start, a.end)):
        if end is None or anchor.start - end > QUIET:
            clusters.append([])
            end = anchor.end
        clusters[-1].append(anchor)
        end = max(end, anchor.end)
    return clusters


def _acts(events: Sequence[Event]) -> list[_Anchor]:
    """Return the anchors that people's and machines' acts give: calls, whole notes, acknowledgements."""
    found: list[_Anchor] = []
    notes: dict[str, list[datetime]] = defaultdict(list)
    for event in events:
        if event.kind is EventKind.NOTE:
            notes[event.origin.file].append(event.at)
        elif event.kind in {EventKind.ALERT_ACKNOWLEDGED, EventKind.ALERT_ESCALATED}:
            found.append(_Anchor(event.at, event.at, 1.0))
        elif isinstance(event.detail, Call):
            weight = 0.2 if event.detail.effect is Effect.STATE_CHANGING else 0.05
            found.append(_Anchor(event.at, event.at, weight))
    # Rows that one person wrote into one timeline are one incident, however long nothing happened in between.
    found += [_Anchor(min(times), max(times), 0.5 * len(times)) for times in notes.values()]
    return found


def _related(runs: tuple[AlertRun, ...], investigation: Investigation | None) -> tuple[AlertRun, ...]:
    """Leave out episodes of alerts that share no service and no alert with the gravest one."""
    serious = [run for run in runs if not run.harmless] or list(runs)
    episodes: list[list[AlertRun]] = []
    end: datetime | None = None
    for run in serious:
        if end is None or run.start - end > EPISODE:
            episodes.append([])
            end = run.last
        episodes[-1].append(run)
        end = max(end, run.last)
    if len(episodes) <= 1:
        return tuple(serious)
    hurt = set(investigation.blast_radius) if investigation else set()
    onset = investigation.onset if investigation else None

    def weight(episode: list[AlertRun]) -> tuple[float, ...]:
        first, last = episode[0].start, max(run.last for run in episode)
        near = onset is not None and first - timedelta(minutes=30) <= onset <= last
        grave = sum(_GRAVITY.get(run.severity.lower(), 1.0) for run in episode)
        return (float(near), grave, -first.timestamp())

    main = max(episodes, key=weight)
    services = hurt | {run.service for run in main if run.service}
    names = {run.name for run in main}
    chosen = {id(run) for run in main}

    def related(run: AlertRun) -> bool:
        known = not run.service or not services or run.service in services
        return id(run) in chosen or run.name in names or known

    return tuple(run for run in serious if related(run))


_GRAVITY = {
    "critical": 4.0, "page": 4.0, "sev1": 4.0, "p1": 4.0, "sev0": 4.0, "high": 3.0, "error": 3.0, "major": 3.0, "sev2": 3.0,
    "p2": 3.0, "warning": 1.5, "warn": 1.5, "medium": 1.5, "minor": 1.0, "low": 1.0,
}  # fmt: skip
