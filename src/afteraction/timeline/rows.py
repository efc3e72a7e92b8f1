"""The rows of the timeline: noise folded, what matters marked, each row in its phase.

Numbered events and milestones come in, rows in order of time go out; no event is lost, each stands behind one row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from afteraction.model.chronology import PHASE_MILESTONES, Milestone, MilestoneName, Phase, Row
from afteraction.model.event import ActorKind, Alert, Call, Change, ChangeKind, Effect, Event, EventKind, Warned
from afteraction.timeline.scope import Scope

FOLD_GAP = timedelta(minutes=30)
"""Alike events further apart than this are two happenings: the usual interval at which an alert is told again is less."""
RELEASE_GAP = timedelta(seconds=60)
"""Deploys of one version to several services that follow one another this closely are one release."""
STORM_GAP = timedelta(seconds=90)
STORM = 5
"""Alerts of different names that come faster than one in 90 seconds, five or more, are one storm: nobody reads them one
by one."""
CHANGES_BEFORE = timedelta(hours=24)
"""How long before the first sign a change still belongs to the story; what harms later than a day is rarely a change."""
SHOWN = 60
"""How many rows the document's tables hold before the least telling ones stay in the record only."""

_NUMBER = re.compile(r"\b(?:[0-9a-f]{8,}|\d[\d.,:]*)\b|[-](?:[a-z0-9]{8,10}-[a-z0-9]{5}|[a-z0-9]{5})\b", re.IGNORECASE)
_FOLDABLE = {EventKind.ALERT_FIRING, EventKind.ALERT_RESOLVED, EventKind.WARNING, EventKind.STATUS, EventKind.MESSAGE}


@dataclass(slots=True)
class _Heap:
    """A row under construction."""

    events: list[Event]
    milestones: list[MilestoneName] = field(default_factory=list)
    told_by: list[str] = field(default_factory=list)
    """Ids of messages that announce the happening; they are not counted as alike."""


def make_rows(
    events: Sequence[Event], milestones: Sequence[Milestone], scope: Scope | None, stated: frozenset[str]
) -> tuple[Row, ...]:
    """Make rows of `events` (numbered, in time order). `stated` are ids of events in which people state something."""
    by_event = _by_event(milestones, events)
    heaps = _fold(events, by_event)
    heaps = _announced(heaps, stated)
    heaps = _storms(heaps)
    bounds = _bounds(milestones)
    first, last = _stretch(milestones, scope)
    weights = [_weight(heap, stated, first, last) for heap in heaps]
    shown = _chosen(heaps, weights)
    return tuple(
        Row(
            event=heap.events[0],
            phase=_phase(heap, bounds),
            events=tuple([e.id for e in heap.events] + heap.told_by),
            folded=len(heap.events),
            milestone=_row_milestone(heap.milestones),
            important=number in shown,
        )
        for number, heap in enumerate(heaps)
    )


def _by_event(milestones: Iterable[Milestone], events: Sequence[Event]) -> dict[str, list[MilestoneName]]:
    """Return the milestones by the event whose row shows them: the one that a milestone names first.

    A milestone at another time than its event (an onset that a later message names) gets no event's row: the row would
    stand in the wrong place.
    """
    wanted = {m.events[0] for m in milestones if m.events}
    at = {event.id: event.at for event in events if event.id in wanted}
    found: dict[str, list[MilestoneName]] = {}
    for milestone in milestones:
        if milestone.events and at.get(milestone.events[0]) == milestone.at:
            found.setdefault(milestone.events[0], []).append(milestone.name)
    return found


_OWN_ROW = {name for names in PHASE_MILESTONES.values() for name in names}


def _row_milestone(names: list[MilestoneName]) -> MilestoneName | None:
    """Choose the milestone that a row shows; one with a row of its own in the template comes first."""
    return next((name for name in names if name in _OWN_ROW), names[0] if names else None)


def _likeness(event: Event) -> tuple[str, ...] | None:
    """Return what alike events share, or None when an event is never folded."""
    detail = event.detail
    if isinstance(detail, Alert):
        return (event.kind, detail.name) if event.kind in _FOLDABLE else None
    if isinstance(detail, Warned):
        return (event.kind, _NUMBER.sub("#", detail.object_ref), detail.reason)
    if isinstance(detail, Call):
        if detail.effect is Effect.STATE_CHANGING:
            return None
        actor = event.actor.name if event.actor else ""
        return (event.kind, actor, detail.tool, detail.command or detail.arguments)
    if isinstance(detail, Change):
        one_release = detail.kind in {ChangeKind.DEPLOY, ChangeKind.ROLLBACK} and (detail.version or detail.ref)
        return (event.kind, detail.kind, detail.version or detail.ref, detail.status) if one_release else None
    if event.kind in _FOLDABLE:
        actor = event.actor.name if event.actor else ""
        return (event.kind, actor, _NUMBER.sub("#", " ".join(event.text.lower().split()))[:200])
    return None


def _fold(events: Sequence[Event], by_event: Mapping[str, list[MilestoneName]]) -> list[_Heap]:
    """Fold alike events that follow one another closely; an event that makes a milestone begins a row of its own."""
    heaps: list[_Heap] = []
    opened: dict[tuple[str, ...], _Heap] = {}
    for event in events:
        likeness = _likeness(event)
        names = by_event.get(event.id, [])
        heap = opened.get(likeness) if likeness is not None else None
        gap = RELEASE_GAP if isinstance(event.detail, Change) else FOLD_GAP
        if heap is not None and not names and event.at - heap.events[-1].at <= gap:
            heap.events.append(event)
            continue
        heap = _Heap([event], list(names))
        heaps.append(heap)
        if likeness is not None:
            opened[likeness] = heap
    return heaps


_ANNOUNCED = timedelta(minutes=5)
"""How long after a happening a chat message may announce it."""


def _announced(heaps: list[_Heap], stated: frozenset[str]) -> list[_Heap]:
    """Put a message that only announces an alert or change behind the row of what it announces."""
    kept: list[_Heap] = []
    recent: dict[str, tuple[datetime, _Heap]] = {}
    for heap in heaps:
        event = heap.events[0]
        if isinstance(event.detail, Alert) and event.kind in _FOLDABLE:
            recent[_resolved_mark(event) + event.detail.name.lower()] = (event.at, heap)
        elif isinstance(event.detail, Change) and (event.detail.ref or event.detail.version):
            for word in (event.detail.ref[:7].lower(), event.detail.version.lower()):
                if len(word) >= 4:
                    recent[word] = (event.at, heap)
        elif event.kind is EventKind.MESSAGE and not heap.milestones and event.id not in stated:
            home = _told_of(heap, recent)
            if home is not None:
                home.told_by += [e.id for e in heap.events]
                continue
        kept.append(heap)
    return kept


def _resolved_mark(event: Event) -> str:
    return "resolved " if event.kind is EventKind.ALERT_RESOLVED else ""


_TOKEN = re.compile(r"[\w.\-]{4,}")


def _told_of(heap: _Heap, recent: Mapping[str, tuple[datetime, _Heap]]) -> _Heap | None:
    event = heap.events[0]
    if event.actor is None or event.actor.kind not in {ActorKind.TOOL, ActorKind.AGENT}:
        return None
    text = event.text[:400].lower()
    prefix = "resolved " if re.search(r"\bresolved\b", text) else ""
    for token in _TOKEN.findall(text):
        for word in (prefix + token, token[:7], token):
            known = recent.get(word)
            if known and abs(heap.events[-1].at - known[0]) <= _ANNOUNCED:
                return known[1]
    return None


def _storms(heaps: list[_Heap]) -> list[_Heap]:
    """Fold alerts of different names that come in quick succession into one row."""
    found: list[_Heap] = []
    storm: list[_Heap] = []

    def end() -> None:
        nonlocal storm
        if len(storm) >= STORM:
            first = storm[0]
            first.events += sorted((e for heap in storm[1:] for e in heap.events), key=lambda e: int(e.id[1:]))
            first.milestones += [name for heap in storm[1:] for name in heap.milestones]
            first.told_by += [told for heap in storm[1:] for told in heap.told_by]
            found.append(first)
        else:
            found.extend(storm)
        storm = []

    for heap in heaps:
        event = heap.events[0]
        if event.kind is EventKind.ALERT_FIRING and isinstance(event.detail, Alert):
            if storm and event.at - storm[-1].events[0].at > STORM_GAP:
                end()
            storm.append(heap)
        else:
            found.append(heap)
    end()
    return sorted(found, key=lambda heap: int(heap.events[0].id[1:]))


def _bounds(milestones: Iterable[Milestone]) -> tuple[datetime | None, datetime | None]:
    at = {m.name: m.at for m in milestones}
    response = at.get(MilestoneName.RESPONDING, at.get(MilestoneName.FIX_IMPLEMENTED))
    return response, at.get(MilestoneName.RESTORED)


_PHASE_OF = {name: phase for phase, names in PHASE_MILESTONES.items() for name in names}


def _phase(heap: _Heap, bounds: tuple[datetime | None, datetime | None]) -> Phase:
    """Return the phase of a row: that of its milestone, else the one in which its time lies."""
    name = _row_milestone(heap.milestones)
    if name is not None:
        return _PHASE_OF.get(name, Phase.DISCOVERY)
    response, end = bounds
    at = heap.events[0].at
    if end is not None and at > end:
        return Phase.RECOVERY
    if response is not None and at >= response:
        return Phase.RESPONSE
    return Phase.DISCOVERY


def _stretch(milestones: Sequence[Milestone], scope: Scope | None) -> tuple[datetime | None, datetime | None]:
    times = [m.at for m in milestones] + ([scope.start, scope.end] if scope else [])
    return min(times, default=None), max(times, default=None)


_REACHING = {
    ChangeKind.DEPLOY,
    ChangeKind.FLAG,
    ChangeKind.CONFIG,
    ChangeKind.MIGRATION,
    ChangeKind.SCALE,
    ChangeKind.ROLLBACK,
}


def _weight(heap: _Heap, stated: frozenset[str], first: datetime | None, last: datetime | None) -> int:
    """Return how telling a row is: 0 keeps it in the record only."""
    event = heap.events[0]
    if heap.milestones:
        return 9
    if first is None or last is None:
        return 5 if event.kind is EventKind.NOTE else 0
    if isinstance(event.detail, Change):
        reaches = event.detail.kind in _REACHING
        return (6 if reaches else 1) if first - CHANGES_BEFORE <= event.at <= last else 0
    if event.kind is EventKind.NOTE:
        return 8
    if not first <= event.at <= last:
        return 0
    if isinstance(event.detail, Call):
        return 7 if event.detail.effect is Effect.STATE_CHANGING else 0
    if event.kind in {EventKind.ALERT_ACKNOWLEDGED, EventKind.ALERT_ESCALATED}:
        return 6
    if any(e.id in stated for e in heap.events):
        return 6
    if event.kind is EventKind.STATUS and isinstance(event.detail, Alert):
        return 1  # a pager's own doings: whom it notified, who snoozed or reassigned a page
    return {EventKind.ALERT_FIRING: 5, EventKind.ALERT_RESOLVED: 4, EventKind.STATUS: 4, EventKind.WARNING: 2}.get(
        event.kind, 0
    )


def _chosen(heaps: list[_Heap], weights: list[int]) -> set[int]:
    """Choose the rows for the document: all milestones and rows that people wrote, the others as long as there is room."""
    always = {n for n, weight in enumerate(weights) if weight >= 8}
    others = sorted((n for n, w in enumerate(weights) if 2 <= w < 8), key=lambda n: (-weights[n], n))
    warnings = {n for n in others if heaps[n].events[0].kind is EventKind.WARNING}
    room = max(0, SHOWN - len(always))
    kept = [n for n in others if n not in warnings][:room]
    # Of the cluster's complaints those that came most often are the telling ones.
    loudest = sorted(warnings, key=lambda n: (-len(heaps[n].events), n))[: min(10, max(0, room - len(kept)))]
    return always | set(kept) | set(loudest)
