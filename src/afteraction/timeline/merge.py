"""The same happening, seen by several recordings, becomes one event that keeps every origin.

Events of all sources come in, merged events go out, together with how far the clocks of the recordings differ. Two
events are the same when their identity is equal (an alert's key, a change's ref, a command's words, a message's text)
and their times agree within a tolerance after the clock skew is allowed for; the skew is only allowed for here, times
themselves are never changed. Two calls in one recording are never merged: a command that was given twice was given
twice. What tells which recordings of an agent's call belong together stands in `calls.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from afteraction.model.chronology import Skew
from afteraction.model.event import Alert, Call, Change, Detail, Event, EventKind, Warned
from afteraction.model.origin import Basis
from afteraction.timeline.alert_twins import PASSED_ON, twin_keys
from afteraction.timeline.calls import (
    best_told,
    by_agent,
    fullest_text,
    only_offered,
    same_call,
    united_call,
    words_of_call,
)
from afteraction.timeline.skew import Pair, clock_offsets, skews

Identity = tuple[str, ...]

_TOLERANCE: dict[str, float] = {
    "alert": 60.0,
    "page": PASSED_ON.total_seconds(),
    "change": 300.0,
    "call": 5.0,
    "text": 5.0,
}
"""Seconds by which two recordings of one happening may differ, beyond the ticks of their clocks.

An alert is stamped when it fires and when it is delivered, its page when a pager was told; a deploy when it begins and when it is done (minutes);
commands and texts are stamped as they happen, only transport lies between.
"""
_TEXT = 300


def time_order(event: Event) -> tuple[object, ...]:
    """Return the key by which events stand in a timeline: time, then place, so that no order of input shows."""
    origin = event.origin
    actor = event.actor.name if event.actor else ""
    return (event.at, origin.file, origin.line or 0, origin.record or "", event.kind, event.text, actor, event.service)


@dataclass(slots=True)
class _Happening:
    """An event under construction: the recordings of one happening."""

    events: list[Event]
    clocks: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What merging yields: events in time order, not numbered yet, and the skews between clocks."""

    events: tuple[Event, ...]
    skews: tuple[Skew, ...]


def merge(events: Iterable[Event]) -> Merged:
    """Merge events that tell of the same happening. O(n log n)."""
    ordered = sorted(events, key=time_order)
    twins = twin_keys(ordered)
    raised = frozenset(twins.values())
    services = {e.detail.key: e.service for e in ordered if isinstance(e.detail, Alert) and e.detail.key in raised}
    told = best_told(ordered)
    grouped: dict[Identity, list[Event]] = defaultdict(list)
    for event in ordered:
        known = _with_key(event, twins, services)
        grouped[_identity(known, raised, told)].append(known)
    # A page comes later than its alert however right the clocks are, and a call than the moment in which it was offered.
    pairs = _pairs({i: group for i, group in grouped.items() if i[0] != "page" and not all(map(by_agent, group))})
    offsets = clock_offsets(pairs)
    happenings: list[_Happening] = []
    for identity, group in grouped.items():
        happenings += _gather(identity[0], group, offsets) if len(group) > 1 else [_Happening(group)]
    happenings = _join_alerts(happenings)
    merged = sorted((_united(h.events) for h in happenings), key=time_order)
    return Merged(events=tuple(merged), skews=skews(pairs, offsets))


def clock_of(event: Event) -> str:
    """Name the clock behind an event: the file that recorded it."""
    return event.origin.file


def _with_key(event: Event, twins: Mapping[str, str], services: Mapping[str, str]) -> Event:
    """Give a page the key of the alert that raised it, so that what is done to the page is done to the alert.

    The alert names the service that is ill; what a pager calls a service is often a team's rota.
    """
    if not isinstance(event.detail, Alert) or event.detail.key not in twins:
        return event
    key = twins[event.detail.key]
    return replace(event, detail=replace(event.detail, key=key), service=services.get(key) or event.service)


def _identity(event: Event, raised: frozenset[str], told: Mapping[str, Call]) -> Identity:
    detail = event.detail
    if isinstance(detail, Alert):
        if detail.key in raised:
            return ("page", event.kind, detail.key)
        return ("alert", event.kind, detail.key or detail.name, "" if detail.key else event.service)
    if isinstance(detail, Change) and detail.ref:
        return ("change", detail.kind, detail.ref[:12] if len(detail.ref) >= 40 else detail.ref, event.service)
    if isinstance(detail, Call):
        return ("call", *words_of_call(told.get(detail.call_id, detail)))
    if isinstance(detail, Warned):
        return ("text", event.kind, detail.object_ref, detail.reason, _flat(event.text))
    actor = event.actor.name.lower() if event.actor and event.kind is EventKind.MESSAGE else ""
    return ("text", event.kind, actor, _flat(event.text))


def _flat(text: str) -> str:
    return " ".join(text[: _TEXT * 2].lower().split())[:_TEXT]


def _pairs(grouped: Mapping[Identity, list[Event]]) -> list[Pair]:
    """Return pairs of recordings of one happening by two clocks, where it is plain which belongs to which.

    It is plain when both clocks recorded the happening equally often; then the first belongs to the first. Whether the
    pairs of two clocks agree on one difference is judged later.
    """
    found: list[Pair] = []
    for group in grouped.values():
        if len(group) < 2:
            continue
        by_clock: dict[str, list[Event]] = defaultdict(list)
        for event in group:
            by_clock[clock_of(event)].append(event)
        clocks = sorted(by_clock)
        first = clocks[0]
        for other in clocks[1:]:
            if len(by_clock[first]) == len(by_clock[other]):
                found += [Pair(a, b) for a, b in zip(by_clock[first], by_clock[other], strict=True)]
    return found


_LOOKED_BACK = 4
"""How many happenings of one identity an event is compared with: as many as can lie within the tolerance and differ."""


def _gather(sort: str, group: list[Event], offsets: Mapping[str, float]) -> list[_Happening]:
    """Sort the events of one identity into happenings, in order of their true time."""
    placed: list[tuple[float, _Happening]] = []
    timed = [(event.at.timestamp() - offsets.get(clock_of(event), 0.0), event) for event in group]
    for true_time, event in sorted(timed, key=lambda pair: (pair[0], time_order(pair[1]))):
        clock = clock_of(event)
        for began, home in placed[-_LOOKED_BACK:]:
            if _same(sort, event, home.events[0], same_clock=clock in home.clocks, apart=true_time - began):
                home.events.append(event)
                home.clocks.add(clock)
                break
        else:
            placed.append((true_time, _Happening([event], {clock})))
    return [happening for _, happening in placed]


def _same(sort: str, event: Event, other: Event, *, same_clock: bool, apart: float) -> bool:
    if event.origin == other.origin and event.at == other.at:
        return True
    if sort == "call" and (one := same_call(other, event, apart, same_clock=same_clock)) is not None:
        return one
    if same_clock:
        # A repeated notification of one alert carries the time at which it first fired; nothing else recurs so.
        return sort != "call" and event.at == other.at
    ticks = sum(t for t in (event.precision.seconds, other.precision.seconds) if t <= 3600)
    return abs(apart) <= _TOLERANCE[sort] + ticks


def _join_alerts(happenings: list[_Happening]) -> list[_Happening]:
    """Join alerts that two products know by different keys: same name, service and moment, no label that differs."""
    joined: list[_Happening] = []
    latest: dict[tuple[str, str, str], _Happening] = {}
    for happening in sorted(happenings, key=lambda h: time_order(h.events[0])):
        first = happening.events[0]
        if not isinstance(first.detail, Alert):
            joined.append(happening)
            continue
        key = (first.kind, first.detail.name.lower(), first.service.lower())
        known = latest.get(key)
        if known is not None and _one_alert(known, happening):
            known.events += happening.events
            known.clocks |= {clock_of(e) for e in happening.events}
            continue
        happening.clocks |= {clock_of(e) for e in happening.events}
        latest[key] = happening
        joined.append(happening)
    return joined


def _one_alert(known: _Happening, other: _Happening) -> bool:
    first, second = known.events[0], other.events[0]
    assert isinstance(first.detail, Alert)
    assert isinstance(second.detail, Alert)
    if first.detail.key == second.detail.key or known.clocks & {clock_of(e) for e in other.events}:
        return False
    if first.source == second.source:
        return False
    if abs(second.at - first.at) > timedelta(seconds=2 * _TOLERANCE["alert"]):
        return False
    labels = dict(first.detail.labels)
    return all(labels.get(name, value) == value for name, value in second.detail.labels)


_BASIS_RANK = {Basis.OBSERVED: 0, Basis.REPORTED: 1, Basis.INFERRED: 2, Basis.UNKNOWN: 3}


def _united(events: list[Event]) -> Event:
    """Return one event for several recordings: the best clock's time, what any of them knows, all origins."""
    if len(events) == 1:
        return events[0]
    best = min(events, key=lambda e: (_BASIS_RANK[e.basis], only_offered(e), e.precision.seconds, time_order(e)))
    origins = dict.fromkeys(o for e in sorted(events, key=time_order) for o in (e.origin, *e.also))
    origins.pop(best.origin, None)
    others = [e for e in events if e is not best]
    return replace(
        best,
        text=fullest_text(best, others) if by_agent(best) else best.text,
        actor=best.actor or next((e.actor for e in others if e.actor), None),
        service=best.service or next((e.service for e in others if e.service), ""),
        detail=_richest(best, others),
        also=tuple(origins),
    )


def _richest(best: Event, others: list[Event]) -> Detail | None:
    detail = best.detail
    known = [e.detail for e in others if type(e.detail) is type(detail)]
    if isinstance(detail, Alert):
        alerts = [d for d in known if isinstance(d, Alert)]
        starts = [d.active_at for d in (detail, *alerts) if d.active_at]
        labels = {name: value for d in (*alerts, detail) for name, value in d.labels}
        return replace(
            detail,
            severity=detail.severity or next((d.severity for d in alerts if d.severity), ""),
            labels=tuple(sorted(labels.items())),
            active_at=min(starts, default=None),
        )
    if isinstance(detail, Call):
        return united_call(detail, [d for d in known if isinstance(d, Call)])
    if isinstance(detail, Change):
        changes = [d for d in known if isinstance(d, Change)]
        return replace(
            detail,
            title=detail.title or next((d.title for d in changes if d.title), ""),
            version=detail.version or next((d.version for d in changes if d.version), ""),
            files=detail.files or next((d.files for d in changes if d.files), ()),
            diff=detail.diff or next((d.diff for d in changes if d.diff), ""),
            status=_last_status([detail, *changes]),
            environment=detail.environment or next((d.environment for d in changes if d.environment), ""),
        )
    return detail


_STATUS_RANK = ("failed", "rolled back", "succeeded", "started", "")


def _last_status(changes: list[Change]) -> str:
    """Return what became of a change that several recordings tell of: an end says more than a beginning."""
    known = {change.status for change in changes}
    return next((status for status in _STATUS_RANK if status in known), "")
