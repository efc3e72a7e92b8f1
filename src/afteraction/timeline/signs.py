"""The signs from which milestones are decided: who said or did what, gathered once.

Numbered events, statements and the investigation come in; out come `Facts`, in which each milestone's rule finds its
signs in order of time. What lies outside the incident's stretch is no sign, save what somebody stated outright.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from afteraction.formats.durations import parse_duration
from afteraction.formats.stamps import parse_stamp
from afteraction.model.chronology import Milestone, MilestoneName
from afteraction.model.event import ActorKind, Call, Change, ChangeKind, Effect, Event, EventKind
from afteraction.model.finding import Investigation
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.reading import Statement
from afteraction.timeline.phrases import bot_fires, bot_resolves, milestones_told
from afteraction.timeline.scope import Scope, find_scope

BEFORE = timedelta(hours=1)
"""How long before the first machine's sign a person's report still belongs to the incident."""
_FIELD = "milestone."
_LASTED = {"summary.duration", "executive_summary.impact.lasted"}
CAUSES_TOLD = ("root_cause.told", "root_cause.explained")
"""The fields of what people tell of the cause without calling it one, surest first."""
_PERSONS_OWN = {"person", "settings"}
"""Sources through which a person sets a milestone; what they say is not weighed against anything."""
_FULL_TIME = re.compile(r"\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One reason to put a milestone at a time. `settled` signs were set by a person and win."""

    at: datetime
    precision: Precision
    basis: Basis
    confidence: float
    why: str
    events: tuple[str, ...] = ()
    settled: bool = False
    words: str = ""
    """What was said, where somebody said it."""

    def milestone(self, name: MilestoneName) -> Milestone:
        """Return the milestone that this sign makes."""
        return Milestone(
            name=name,
            at=self.at,
            basis=self.basis,
            precision=self.precision,
            confidence=self.confidence,
            events=self.events,
            why=self.why,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules of the milestones look at; every list is in order of time and lies within reach of the scope."""

    events: tuple[Event, ...]
    scope: Scope | None
    investigation: Investigation | None
    stated: dict[MilestoneName, tuple[Sign, ...]]
    told: dict[MilestoneName, tuple[Event, ...]]
    """Rows of timelines that people wrote, by the milestone that their words state."""
    messages: tuple[Event, ...]
    notes: tuple[Event, ...]
    calls: tuple[Event, ...]
    changes: tuple[Event, ...]
    bot_firing: tuple[Event, ...]
    bot_resolved: tuple[Event, ...]
    watched_until: tuple[datetime, ...] = ()
    """The last moments that metrics cover."""
    lasted: tuple[float, ...] = ()
    """The seconds that people say the impact lasted."""
    causes: tuple[Sign, ...] = ()
    """What people told of the cause without calling it one; told as the finding first, then symptoms with their reason."""

    def settled(self, name: MilestoneName) -> Sign | None:
        """Return what a person set the milestone to; the last setting wins."""
        return next((s for s in reversed(self.stated.get(name, ())) if s.settled), None)

    def said(self, name: MilestoneName, after: datetime | None = None) -> list[Sign]:
        """Return what people said of the milestone, in order of time: statements and rows that they wrote."""
        found = [s for s in self.stated.get(name, ()) if s.settled or self.reaches(name, s.at)]
        found += [spoken(e, name) for e in self.told.get(name, ())]
        return sorted((s for s in found if after is None or s.at >= after), key=lambda s: (s.at, s.events, s.why))

    def reaches(self, name: MilestoneName, at: datetime) -> bool:
        """Say whether a word of that milestone at that time can be about this incident."""
        if self.scope is None:
            return True
        last = self.scope.reach if name in _LATE else self.scope.end + BEFORE
        return self.scope.start - BEFORE <= at <= min(last, self.scope.reach)


_LATE = {MilestoneName.CONFIRMED, MilestoneName.CLOSED, MilestoneName.CAUSE_IDENTIFIED, MilestoneName.STABILISED}
"""What people may still state long after the last sign of the incident."""

_STATED_WORDS = {
    MilestoneName.IMPACT_STARTED: "that the impact began",
    MilestoneName.DETECTED: "that it was noticed",
    MilestoneName.ACKNOWLEDGED: "that somebody took it on",
    MilestoneName.INVESTIGATING: "that the investigation began",
    MilestoneName.CAUSE_IDENTIFIED: "what the cause is",
    MilestoneName.RESPONDING: "that the response began",
    MilestoneName.FIX_IMPLEMENTED: "that the fix is in place",
    MilestoneName.RESTORED: "that the impact ended",
    MilestoneName.STABILISED: "that monitoring is quiet",
    MilestoneName.CONFIRMED: "that normal working is confirmed",
    MilestoneName.CLOSED: "that the incident is closed",
}


def spoken(event: Event, name: MilestoneName) -> Sign:
    """Make a sign of a message or row whose words state a milestone."""
    written = event.kind is EventKind.NOTE
    who = "a row of a written timeline says" if written else "a message says"
    return Sign(
        at=event.at,
        precision=event.precision,
        basis=Basis.REPORTED,
        confidence=0.8 if written else 0.65,
        why=f"{who} {_STATED_WORDS[name]}",
        events=(event.id,),
        words=event.text,
    )


def gather(
    events: tuple[Event, ...],
    statements: Sequence[Statement],
    investigation: Investigation | None,
    watched_until: tuple[datetime, ...] = (),
) -> Facts:
    """Gather the signs of the incident from all that is known."""
    scope = find_scope(events, statements, investigation)
    near = _near(events, scope)
    messages = tuple(e for e in near if e.kind is EventKind.MESSAGE and not _by_machine(e))
    bots = [e for e in near if e.kind is EventKind.MESSAGE and _by_machine(e)]
    notes = tuple(e for e in near if e.kind is EventKind.NOTE)
    told: dict[MilestoneName, list[Event]] = defaultdict(list)
    for event in notes:
        for name in milestones_told(event.text):
            told[name].append(event)
    return Facts(
        events=events,
        scope=scope,
        investigation=investigation,
        stated=_stated(statements, events),
        told={name: tuple(found) for name, found in told.items()},
        messages=messages,
        notes=notes,
        calls=tuple(e for e in near if isinstance(e.detail, Call) and e.detail.carried_out),
        changes=tuple(e for e in near if isinstance(e.detail, Change)),
        bot_firing=tuple(e for e in bots if bot_fires(e.text)),
        bot_resolved=tuple(e for e in bots if bot_resolves(e.text)),
        watched_until=watched_until,
        lasted=tuple(read.seconds for s in statements if s.field in _LASTED and (read := parse_duration(s.value))),
        causes=(*_causes(statements, events), *_endorsed(messages)),
    )


def _by_machine(event: Event) -> bool:
    return event.actor is not None and event.actor.kind in {ActorKind.TOOL, ActorKind.AGENT}


def _near(events: tuple[Event, ...], scope: Scope | None) -> tuple[Event, ...]:
    """Return the events within reach of the scope; all of them when nothing says where the incident lies."""
    if scope is None:
        return events
    first = scope.start - BEFORE
    return tuple(e for e in events if first <= e.at <= scope.reach)


def _stated(statements: Sequence[Statement], events: tuple[Event, ...]) -> dict[MilestoneName, tuple[Sign, ...]]:
    wanted = [s for s in statements if s.field.startswith(_FIELD)]
    if not wanted:
        return {}
    places = {(s.origin.file, s.origin.line, s.origin.record) for s in wanted}
    by_origin: dict[tuple[str, int | None, str | None], Event] = {}
    for event in events:
        for origin in (event.origin, *event.also):
            if _place(origin) in places:
                by_origin.setdefault(_place(origin), event)
    names = {name.value: name for name in MilestoneName}
    found: dict[MilestoneName, list[Sign]] = defaultdict(list)
    for statement in wanted:
        name = names.get(statement.field.removeprefix(_FIELD))
        sign = _sign(name, statement, by_origin.get(_place(statement.origin))) if name else None
        if name and sign:
            found[name].append(sign)
    return {name: tuple(sorted(signs, key=lambda s: (s.at, s.events, s.why))) for name, signs in found.items()}


def _causes(statements: Sequence[Statement], events: tuple[Event, ...]) -> tuple[Sign, ...]:
    wanted = [s for s in statements if s.field in CAUSES_TOLD and s.at is not None]
    if not wanted:
        return ()
    by_origin = {_place(origin): event for event in reversed(events) for origin in (event.origin, *event.also)}
    ranked = sorted(wanted, key=lambda s: (CAUSES_TOLD.index(s.field), s.at, str(s.origin)))
    signs = ((s, _sign(MilestoneName.CAUSE_IDENTIFIED, s, by_origin.get(_place(s.origin)))) for s in ranked)
    return tuple(
        replace(sign, confidence=0.7 if s.field == CAUSES_TOLD[0] else 0.5, why="a message tells the cause")
        for s, sign in signs
        if sign
    )


_ENDORSES = re.compile(
    r"^(?:(?:ok(?:ay)?|yes|yep|right|so|ah|then|great|nice)[,.!]? )*(?:that'?s|that is|this is|then that'?s) (?:it|the (?:root )?(?:cause|culprit|reason|problem))"
    r"(?: then)?(?=$|[.,!])",
    re.IGNORECASE,
)
_ENDORSED_WITHIN = timedelta(minutes=10)
ENDORSED = "a message tells the cause, as another one confirms"


def _endorsed(messages: tuple[Event, ...]) -> Iterator[Sign]:
    """Yield what somebody said right before another person wrote `that's the cause then`."""
    for before, event in pairwise(messages):
        known = before.actor is not None and event.actor is not None and before.actor.name != event.actor.name
        near = event.at - before.at <= _ENDORSED_WITHIN
        if known and near and _ENDORSES.match(event.text.replace("’", "'")) and not before.text.rstrip().endswith("?"):
            yield replace(spoken(before, MilestoneName.CAUSE_IDENTIFIED), confidence=0.7, why=ENDORSED)


def _place(origin: Origin) -> tuple[str, int | None, str | None]:
    return origin.file, origin.line, origin.record


def _sign(name: MilestoneName, statement: Statement, event: Event | None) -> Sign | None:
    """Make a sign of a statement: at the time that its value names, else when it was said."""
    value = parse_stamp(statement.value) if _FULL_TIME.match(statement.value) else None
    settled = statement.source in _PERSONS_OWN
    at = value.at if value else statement.at or (event.at if event else None)
    if at is None:
        return None
    if value:
        precision = value.precision
    elif event and event.at == at:
        precision = event.precision
    else:
        precision = Precision.SECOND if at.second or at.microsecond else Precision.MINUTE
    named = value is not None or settled
    return Sign(
        at=at,
        precision=precision,
        basis=statement.basis,
        confidence=1.0 if settled else 0.9 if named else 0.8,
        why=f"a person set it ({statement.source})" if settled else f"the material states {_STATED_WORDS[name]}",
        events=(event.id,) if event else (),
        settled=named,
        words=statement.value,
    )


_MENDING = {
    ChangeKind.DEPLOY, ChangeKind.FLAG, ChangeKind.CONFIG, ChangeKind.MIGRATION, ChangeKind.SCALE, ChangeKind.ROLLBACK,
    ChangeKind.OTHER,
}  # fmt: skip
"""Changes that reach the running system; a commit alone does not."""
_NO_MENDING = re.compile(
    r"silenc|\back(?:nowledge)?\b|ticket|issue|comment|\bpost|messag|notif|status.?page|annotat|\blabel|snapshot|\bpage\b|"
    r"invite|channel|\bmail|slack|calendar|report|\bgit (?:add|commit|fetch|checkout|stash|tag)\b|"
    r"\bcreate_(?:incident|doc)|port-forward|\bkubectl config\b|\bcd\b",
    re.IGNORECASE,
)
"""Calls that change something, but nothing that could end symptoms: notices, tickets, silences, local work."""


def failed(event: Event) -> bool:
    """Say whether a call or change failed: its own flag or status, or an exit code other than zero."""
    if isinstance(event.detail, Change):
        return event.detail.status == "failed"
    return isinstance(event.detail, Call) and (event.detail.is_error or event.detail.exit_code not in {None, 0})


def changes_state(event: Event) -> bool:
    """Say whether an event is a call that changes the system."""
    detail = event.detail
    return isinstance(detail, Call) and detail.effect is Effect.STATE_CHANGING and detail.carried_out


def may_mend(event: Event) -> bool:
    """Say whether an event could have ended symptoms: a state-changing call or a change of the running system."""
    if isinstance(event.detail, Call):
        # Underscores join words in tools' names, so that they count as spaces here.
        words = f"{event.detail.tool.replace('_', ' ')} {event.detail.tool} {event.detail.command}"
        return changes_state(event) and not _NO_MENDING.search(words)
    return isinstance(event.detail, Change) and event.detail.kind in _MENDING
