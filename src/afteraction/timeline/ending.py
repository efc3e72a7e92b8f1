"""The milestones of the end: fix, restoration, quiet, confirmation, closure.

Facts come in, a sign or None goes out for each. A statement that the impact is over does not stand when an alert fires
again after it or a person says that it came back; the fix is the last successful change before the impact ended.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from afteraction.model.chronology import MilestoneName
from afteraction.model.event import ActorKind, Call, Change, Event, EventKind
from afteraction.model.origin import Basis, Precision
from afteraction.timeline.beginning import clock_named, earliest, observed, precision_of
from afteraction.timeline.phrases import UNTIL, relapses
from afteraction.timeline.signs import Facts, Sign, failed, may_mend

M = MilestoneName

QUIET_ENOUGH = timedelta(minutes=15)
"""How long nothing may be heard of symptoms before monitoring counts as quiet: three five-minute evaluation windows."""
SAID_AFTER = timedelta(minutes=30)
"""How long after a change people still say that it is done; a statement later than that speaks of something else."""


def restored(facts: Facts, noticed: datetime | None) -> Sign | None:
    """The moment at which the impact ended for good.

    What a person set wins. Otherwise the earliest of: a standing statement, the recovery that metrics show, the moment
    from which no alert of the incident fired any more.
    """
    if settled := facts.settled(M.RESTORED):
        return settled
    alarm = _last_alarm(facts)
    said = _standing(facts, noticed, alarm)
    rows = [s for s in said if _is_note(facts, s)]
    # A row that confirms as well looks back on the end, where another row tells of the end alone.
    confirming = {e.id for e in facts.told.get(M.CONFIRMED, ())}
    rows = [s for s in rows if s.events[0] not in confirming] or rows
    if rows:
        return rows[-1]
    signs = said[:1]
    found = facts.investigation
    if (
        found
        and found.recovered
        and (noticed is None or found.recovered >= noticed)
        and (alarm is None or found.recovered >= alarm)
    ):
        signs.append(
            Sign(
                at=found.recovered,
                precision=precision_of(found.recovered),
                basis=Basis.INFERRED,
                confidence=0.75,
                why="the evidence shows that the symptoms ended",
                events=found.recovered_findings,
            )
        )
    if cleared := _cleared(facts):
        signs.append(cleared)
    chosen = earliest(signs)
    if chosen and len(signs) > 1:
        agreeing = sum(abs(s.at - chosen.at) <= QUIET_ENOUGH for s in signs) - 1
        chosen = replace(chosen, confidence=min(0.95, chosen.confidence + 0.1 * agreeing))
    return chosen


def _is_note(facts: Facts, sign: Sign) -> bool:
    return bool(sign.events) and any(e.id == sign.events[0] for e in facts.told.get(M.RESTORED, ()))


def _last_alarm(facts: Facts) -> datetime | None:
    """Return when an alert of the incident, or word of a relapse, was last raised."""
    runs = facts.scope.runs if facts.scope else ()
    times = [run.start for run in runs] + [e.at for e in facts.messages if relapses(e.text)]
    return max(times, default=None)


def _standing(facts: Facts, noticed: datetime | None, alarm: datetime | None) -> list[Sign]:
    """Return the statements of restoration that nothing refuted, each at the time that it names or was made."""
    after = max((t for t in (noticed, alarm) if t), default=None)
    standing = facts.said(M.RESTORED, after)
    by_id = {e.id: e for e in facts.messages}
    found: list[Sign] = []
    for sign in standing:
        event = by_id.get(sign.events[0]) if sign.events else None
        # A source that read the time in the words has put it on the statement already.
        named = clock_named(event, UNTIL) if event and event.at == sign.at else None
        if named and (after is None or named >= after):
            why = "a message names the time at which the impact ended"
            found.append(replace(sign, at=named, precision=precision_of(named), why=why))
        else:
            found.append(sign)
    return found


def _cleared(facts: Facts) -> Sign | None:
    """Return the moment from which no alert fired any more; None while one has no end in the material."""
    runs = facts.scope.runs if facts.scope else ()
    if runs:
        if any(run.end is None for run in runs):
            return None
        last = max(runs, key=lambda run: (run.last, run.start))
        return observed(last.events[-1], 0.8, "the last alert of the incident resolved")
    after = facts.bot_firing[-1].at if facts.bot_firing else None
    resolved = [e for e in facts.bot_resolved if after is not None and e.at >= after]
    return observed(resolved[-1], 0.65, "a bot told that the last alert resolved") if resolved else None


def fix_implemented(facts: Facts, noticed: datetime | None, over: Sign | None) -> Sign | None:
    """The last successful mitigating change before the impact ended.

    Where people say that the fix is in place, the change that they mean is the last one before they said so.
    """
    if settled := facts.settled(M.FIX_IMPLEMENTED):
        return settled
    end = over.at + timedelta(seconds=_tick(over)) if over else None
    steps = [
        e
        for e in sorted({e.id: e for e in (*facts.calls, *facts.changes)}.values(), key=lambda e: (e.at, e.id))
        if may_mend(e)
        and not failed(e)
        and (noticed is None or e.at >= noticed)
        and (facts.scope is None or facts.scope.start <= e.at <= facts.scope.reach)
    ]
    said = [s for s in facts.said(M.FIX_IMPLEMENTED, noticed) if end is None or s.at <= end + SAID_AFTER]
    before = [e for e in steps if end is not None and e.at <= end]
    named = [s for s in said if (end is None or s.at <= end) and _MENDED.search(s.words)] or said
    if named and not (before and before[-1].at > named[-1].at and not _MENDED.search(named[-1].words)):
        meant = _meant(steps, named[-1].at)
        if meant is None:
            return named[-1]
        step = _step(meant, 0.9, "the change that people said was the fix")
        if meant.precision.seconds > named[-1].precision.seconds:
            # A session tells its own time now and then; who said that it is done knew it better.
            step = replace(
                step, at=named[-1].at, precision=named[-1].precision, events=(*named[-1].events, *step.events)
            )
        return step
    if before:
        return _made_by(before, "the last successful change before the symptoms ended")
    return None


_MADE_WITHIN = timedelta(minutes=5)
"""How long after a call the record of the change that it made may follow."""


def _made_by(steps: list[Event], why: str) -> Sign:
    """Return the last change; at the time of the call that made it where a pipeline only recorded its end."""
    last = steps[-1]
    sign = _step(last, 0.75, why)
    if not isinstance(last.detail, Change):
        return sign
    names = {n.lower() for n in (last.service, last.detail.version, last.detail.ref[:7]) if len(n) > 3}
    for event in reversed(steps[:-1]):
        if last.at - event.at > _MADE_WITHIN:
            break
        if isinstance(event.detail, Call) and any(
            n in f"{event.detail.command} {event.detail.arguments}".lower() for n in names
        ):
            return replace(sign, at=event.at, precision=event.precision, basis=event.basis, events=(event.id, last.id))
    return sign


_MENDED = re.compile(
    r"\b(?:fix\w*|hot-?fix|patch\w*|mitigat\w+|work-?around|roll\w* ?\w* ?back|revert\w*)\b", re.IGNORECASE
)
"""Words that call a change the fix; "restarted the pods" only tells of an attempt."""


def _tick(sign: Sign) -> float:
    return sign.precision.seconds if sign.precision.seconds <= 3600 else 0.0


def _meant(steps: list[Event], said: datetime) -> Event | None:
    near = [e for e in steps if timedelta(0) <= said - e.at <= SAID_AFTER]
    return near[-1] if near else None


def _step(event: Event, confidence: float, why: str) -> Sign:
    basis = event.basis if isinstance(event.detail, Call) else Basis.INFERRED
    return replace(observed(event, confidence, why), basis=basis)


def stabilised(facts: Facts, over: Sign | None) -> Sign | None:
    """Monitoring is quiet since: as stated, else the last stir after the restoration, when quiet long enough follows."""
    if settled := facts.settled(M.STABILISED):
        return settled
    if over is None:
        return None
    if said := facts.said(M.STABILISED, over.at):
        return _quiet_since(said[0], over)
    stirs = [e for e in facts.events if e.kind in _STIRS and over.at <= e.at and _within_reach(facts, e)]
    end = _watched_until(facts)
    since = stirs[-1] if stirs else None
    at = since.at if since else over.at
    sure = since is not None and (word := confirmed(facts, over)) is not None and word.at >= at
    if not sure and (end is None or end - at < QUIET_ENOUGH):
        return None
    return Sign(
        at=at,
        precision=since.precision if since else over.precision,
        basis=Basis.INFERRED,
        confidence=0.6,
        why="no alert or warning is on record after it, though the record goes on"
        if end is not None and end - at >= QUIET_ENOUGH
        else "the last alert or warning before somebody confirmed that all is well",
        events=(since.id,) if since else over.events,
    )


_QUIET_FOR = re.compile(
    r"\b(?:(?P<number>\d{1,3})|(?P<word>ten|fifteen|twenty|thirty|half an)) ?(?P<unit>min(?:ute)?s?|h|hours?)\b",
    re.IGNORECASE,
)
_WORDS = {"ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "half an": 30}


def _quiet_since(sign: Sign, over: Sign) -> Sign:
    """Return the time from which it was quiet: `20 min quiet` tells of the twenty minutes before it was said."""
    found = _QUIET_FOR.search(sign.words)
    if found is None or sign.settled:
        return sign
    hours = found["unit"].lower().startswith("h")
    minutes = int(found["number"]) * (60 if hours else 1) if found["number"] else _WORDS[found["word"].lower()]
    since = sign.at - timedelta(minutes=minutes)
    if since < over.at:
        return replace(sign, at=over.at, precision=over.precision)
    return replace(sign, at=since, precision=Precision.MINUTE)


_STIRS = {
    EventKind.ALERT_FIRING, EventKind.ALERT_RESOLVED, EventKind.ALERT_ESCALATED, EventKind.WARNING,
}  # fmt: skip


def _within_reach(facts: Facts, event: Event) -> bool:
    return facts.scope is None or event.at <= facts.scope.end + timedelta(hours=1)


def _watched_until(facts: Facts) -> datetime | None:
    """Return up to when machines watched: a person's late message does not tell that monitoring was quiet."""
    watched = [e.at for e in facts.events if e.kind in _STIRS or e.kind is EventKind.STATUS]
    return max((*watched, *facts.watched_until), default=None)


def confirmed(facts: Facts, over: Sign | None) -> Sign | None:
    """A person confirms normal working, after the impact ended and in words of their own."""
    if settled := facts.settled(M.CONFIRMED):
        return settled
    after = over.at if over else None
    used = set(over.events) if over else set()
    said = facts.said(M.CONFIRMED, after)
    found = [s for s in said if not used.intersection(s.events)]
    # Of one message that tells both, the end is the better reading; it confirms too where nothing later does.
    chosen = (found or said)[:1]
    return chosen[0] if chosen else _resolved_by_hand(facts, over)


def _resolved_by_hand(facts: Facts, over: Sign | None) -> Sign | None:
    """The last time at which a person set a page to resolved after the impact: they looked, and took it as over."""
    runs = facts.scope.runs if facts.scope else ()
    if over is None or any(run.end is None for run in runs):
        return None
    by_hand = [
        e
        for e in facts.events
        if e.kind is EventKind.ALERT_RESOLVED
        and e.actor is not None
        and e.actor.kind is ActorKind.PERSON
        and e.at > over.at
        and _within_reach(facts, e)
    ]
    return observed(by_hand[-1], 0.6, "a person set the page to resolved") if by_hand else None


def closed(facts: Facts, over: Sign | None) -> Sign | None:
    """The record is finished, as somebody stated; the last such statement counts, for incidents are reopened."""
    if settled := facts.settled(M.CLOSED):
        return settled
    found = facts.said(M.CLOSED, over.at if over else None)
    return found[-1] if found else None
