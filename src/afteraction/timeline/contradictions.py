"""What in the record cannot all be true, or is missing from it, for the author to settle.

Facts, milestones and statements come in, contradictions go out. Each names the rule that found it, what stands against
what, and the events that say so. A doubt that the clocks' ticks explain is no contradiction.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from afteraction.formats.durations import Duration, parse_duration
from afteraction.model.chronology import Contradiction, Milestone, MilestoneName
from afteraction.model.event import Event, EventKind
from afteraction.model.origin import Basis, Origin
from afteraction.model.reading import Statement
from afteraction.model.settings import Settings
from afteraction.timeline.scope import AlertRun, alert_key
from afteraction.timeline.signs import Facts
from afteraction.timeline.stated import FIELD, TITLE_DATE, doubtful, misdated, span

M = MilestoneName

SILENCE = timedelta(hours=2)
"""Longer than this nobody works on an open incident without leaving a trace; then something is missing or was waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    facts: Facts
    at: dict[MilestoneName, Milestone]
    statements: Sequence[Statement]
    settings: Settings

    def clock(self, at: datetime) -> str:
        """Word a time as the document does: in the zone of the settings."""
        local = at.astimezone(ZoneInfo(self.settings.timezone))
        return f"{local:%Y-%m-%d %H:%M:%S %Z}" if local.second else f"{local:%Y-%m-%d %H:%M %Z}"


def find_contradictions(
    facts: Facts, milestones: Sequence[Milestone], statements: Sequence[Statement], settings: Settings
) -> tuple[Contradiction, ...]:
    """Return every contradiction, in the order of the rules."""
    record = _Record(facts=facts, at={m.name: m for m in milestones}, statements=statements, settings=settings)
    return tuple(found for rule in RULES for found in rule(record))


def _words(name: MilestoneName) -> str:
    return name.value.replace("_", " ")


def _stated_duration(record: _Record) -> Iterator[Contradiction]:
    """A stated duration that no two rows of its own file, or no milestones, give."""
    rows: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(record.facts.events, key=lambda event: event.at):
        if event.kind is EventKind.NOTE:
            rows[event.origin.file].append(event)
    pages: dict[str, list[Statement]] = defaultdict(list)
    for statement in _durations(record.statements):
        if len(rows[statement.origin.file]) >= 2:
            pages[statement.origin.file].append(statement)
        elif statement.field == "summary.duration" and (stated := parse_duration(statement.value)) and stated.seconds:
            yield from _against_milestones(record, statement, stated)
    for file, statements in pages.items():
        ends = (rows[file][0].id, rows[file][-1].id)
        for statement, said in doubtful(statements, rows[file]):
            yield Contradiction(rule="stated-duration", text=said, events=ends, origins=(statement.origin,))


def _title_date(record: _Record) -> Iterator[Contradiction]:
    """A page whose title names another day than all of its rows."""
    for statement in record.statements:
        if statement.field == TITLE_DATE:
            own = [
                e for e in record.facts.events if e.kind is EventKind.NOTE and e.origin.file == statement.origin.file
            ]
            for found, said in misdated([statement], own):
                yield Contradiction(rule="title-date", text=said, events=(own[0].id,), origins=(found.origin,))


def _durations(statements: Sequence[Statement]) -> list[Statement]:
    """Return the stated durations, each line's once; what stands on a page says more than what was taken from it."""
    own = [statement for statement in statements if statement.field.startswith(FIELD)]
    places = {_place(statement.origin) for statement in own}
    return own + [s for s in statements if s.field == "summary.duration" and _place(s.origin) not in places]


def _against_milestones(record: _Record, statement: Statement, stated: Duration) -> Iterator[Contradiction]:
    starts = [record.at[n] for n in (M.IMPACT_STARTED, M.DETECTED) if n in record.at]
    ends = [record.at[n] for n in (M.RESTORED, M.CONFIRMED, M.CLOSED) if n in record.at]
    pairs = [(s, e) for s in starts for e in ends if e.at >= s.at]
    if not pairs:
        return
    for start, end in pairs:
        ticks = sum(t for t in (start.precision.seconds, end.precision.seconds) if t <= 86400)
        if abs((end.at - start.at).total_seconds() - stated.seconds) <= stated.slack + ticks:
            return
    start, end = pairs[0]
    text = (
        f'The stated duration is "{stated.text}", but from {_words(start.name)} ({record.clock(start.at)}) to '
        f"{_words(end.name)} ({record.clock(end.at)}) it is {span((end.at - start.at).total_seconds())}."
    )
    yield Contradiction(
        rule="stated-duration", text=text, events=(*start.events[:1], *end.events[:1]), origins=(statement.origin,)
    )


def _unacknowledged(record: _Record) -> Iterator[Contradiction]:
    """Alerts that nobody acknowledged, where the material shows that acknowledgements are recorded."""
    acked = {alert_key(e) for e in record.facts.events if e.kind is EventKind.ALERT_ACKNOWLEDGED}
    if not acked or record.facts.scope is None:
        return
    sources = {e.source for e in record.facts.events if e.kind is EventKind.ALERT_ACKNOWLEDGED}
    missed = [
        run
        for run in record.facts.scope.runs
        if run.key not in acked and run.events[0].source in sources and run.events[0].kind is EventKind.ALERT_FIRING
    ]
    for name, runs in _by_name(missed).items():
        times = "" if len(runs) == 1 else f" ({len(runs)} times)"
        text = f"Nobody acknowledged the alert {name}{times}, which fired at {record.clock(runs[0].start)}."
        yield Contradiction(rule="alert-unacknowledged", text=text, events=tuple(r.events[0].id for r in runs[:4]))


def _by_name(runs: list[AlertRun]) -> dict[str, list[AlertRun]]:
    found: dict[str, list[AlertRun]] = defaultdict(list)
    for run in runs:
        found[run.name].append(run)
    return found


def _never_resolved(record: _Record) -> Iterator[Contradiction]:
    """The impact is said to be over, but an alert has no end in the material, though others have."""
    scope, restored = record.facts.scope, record.at.get(M.RESTORED)
    if scope is None or restored is None or not any(run.end for run in scope.runs):
        return
    for name, runs in _by_name([run for run in scope.runs if run.end is None]).items():
        text = f"The impact ended at {record.clock(restored.at)}, but the alert {name} never resolves in the material."
        yield Contradiction(rule="alert-never-resolved", text=text, events=tuple(r.events[0].id for r in runs[:4]))


def _fires_again(record: _Record) -> Iterator[Contradiction]:
    """A resolved alert that fires again."""
    if record.facts.scope is None:
        return
    runs: dict[str, list[AlertRun]] = defaultdict(list)
    for run in record.facts.scope.runs:
        runs[run.key].append(run)
    for found in runs.values():
        if len(found) < 2 or found[0].end is None:
            continue
        more = f", {len(found)} times in all" if len(found) > 2 else ""
        text = f"The alert {found[0].name} resolved at {record.clock(found[0].end)} and fired again at {record.clock(found[1].start)}{more}."
        events = tuple(e for run in found[:2] for e in (run.events[0].id, run.events[-1].id))
        yield Contradiction(rule="alert-fires-again", text=text, events=tuple(dict.fromkeys(events))[1:4])


def _restored_too_early(record: _Record) -> Iterator[Contradiction]:
    """Somebody said that the impact was over, and an alert fired after that."""
    scope = record.facts.scope
    if scope is None:
        return
    for sign in record.facts.said(M.RESTORED):
        later = [run for run in scope.runs if run.start > sign.at]
        if later:
            run = min(later, key=lambda r: r.start)
            text = (
                f"It was said at {record.clock(sign.at)} that the impact was over, but the alert {run.name} fired at "
                f"{record.clock(run.start)}."
            )
            yield Contradiction(rule="restored-too-early", text=text, events=(*sign.events[:1], run.events[0].id))


def _silence(record: _Record) -> Iterator[Contradiction]:
    """Hours without any trace while the incident was open."""
    start, end = record.at.get(M.DETECTED), record.at.get(M.RESTORED)
    if start is None or end is None:
        return
    during = [e for e in record.facts.events if start.at <= e.at <= end.at]
    for before, after in itertools.pairwise(during):
        if after.at - before.at > SILENCE:
            text = (
                f"Nothing is on record from {record.clock(before.at)} to {record.clock(after.at)} "
                f"({span((after.at - before.at).total_seconds())}), while the incident was open."
            )
            yield Contradiction(rule="silent-hours", text=text, events=(before.id, after.id))


_ORDER: tuple[tuple[MilestoneName, MilestoneName], ...] = (
    (M.IMPACT_STARTED, M.RESTORED),
    (M.DETECTED, M.ACKNOWLEDGED),
    (M.DETECTED, M.RESTORED),
    (M.IMPACT_STARTED, M.FIX_IMPLEMENTED),
    (M.RESPONDING, M.FIX_IMPLEMENTED),
    (M.FIX_IMPLEMENTED, M.RESTORED),
    (M.RESTORED, M.CONFIRMED),
    (M.RESTORED, M.STABILISED),
    (M.CONFIRMED, M.CLOSED),
)
"""Pairs of which the second cannot come first; a cause may be found at any time, so that it stands in none."""


def _impossible_order(record: _Record) -> Iterator[Contradiction]:
    """Milestones in an order that cannot be, by more than their clocks' ticks."""
    for first, second in _ORDER:
        one, other = record.at.get(first), record.at.get(second)
        if one is None or other is None:
            continue
        ticks = sum(t for t in (one.precision.seconds, other.precision.seconds) if t <= 86400)
        if (one.at - other.at).total_seconds() > ticks:
            text = f"{_words(second).capitalize()} ({record.clock(other.at)}) lies before {_words(first)} ({record.clock(one.at)})."
            yield Contradiction(rule="impossible-order", text=text, events=(*one.events[:1], *other.events[:1]))


_ONE_ONLY = {
    "summary.severity": "severity",
    "appendix.team.incident_commander": "incident commander",
    "summary.incident_id": "incident id",
}


def _stated_twice(record: _Record) -> Iterator[Contradiction]:
    """Two severities, commanders or ids that people stated."""
    for field, word in _ONE_ONLY.items():
        said: dict[str, Statement] = {}
        places = {_place(e.origin): e for e in record.facts.events}
        for statement in sorted(
            (s for s in record.statements if s.field == field and s.basis is not Basis.INFERRED),
            key=lambda s: (s.at is None, s.at.timestamp() if s.at else 0.0),
        ):
            value = statement.value.strip()
            if field == "summary.severity":
                value = record.settings.severity(value) or value
            event = places.get(_place(statement.origin))
            if said and event and field == "summary.severity" and _REGRADED.search(event.text):
                said.clear()  # Who raises it knows of the earlier one; only what is said from here on must agree.
            said.setdefault(value.lower().lstrip("@"), statement)
        if len(said) > 1:
            told = ", ".join(
                f"{s.value}" + (f" ({record.clock(s.at)})" if s.at else f" ({s.origin})") for s in said.values()
            )
            yield Contradiction(
                rule="stated-twice",
                text=f"More than one {word} is stated: {told}. Was it changed, or is one wrong?",
                origins=tuple(s.origin for s in said.values()),
                events=tuple(e.id for s in said.values() if (e := places.get(_place(s.origin)))),
            )


_REGRADED = re.compile(
    r"\b(?:rais(?:e|es|ed|ing)|upgrad\w+|downgrad\w+|bump\w*|lower(?:ed|ing|s)?|escalat\w+|reclassif\w+|promot\w+|demot\w+|"
    r"mov(?:e|ed|ing)|chang(?:e|ed|ing)|now)\b",
    re.IGNORECASE,
)
"""Words with which a severity is changed in the open."""


def _place(origin: Origin) -> tuple[str, int | None, str | None]:
    return origin.file, origin.line, origin.record


def _outside(record: _Record) -> Iterator[Contradiction]:
    """Rows of a written timeline that lie outside the incident which its other rows tell of."""
    scope = record.facts.scope
    start, end = record.at.get(M.IMPACT_STARTED), record.at.get(M.CLOSED)
    if scope is None or start is None or end is None:
        return
    for event in record.facts.events:
        if event.kind is EventKind.NOTE and (
            event.at < start.at - timedelta(days=365) or event.at > end.at + timedelta(days=365)
        ):
            text = (
                f"A row is dated {record.clock(event.at)}, more than a year away from the incident. Is the year right?"
            )
            yield Contradiction(rule="outside-incident", text=text, events=(event.id,))


RULES: tuple[Callable[[_Record], Iterator[Contradiction]], ...] = (
    _stated_duration,
    _title_date,
    _impossible_order,
    _restored_too_early,
    _fires_again,
    _never_resolved,
    _unacknowledged,
    _silence,
    _stated_twice,
    _outside,
)
"""The rules, the gravest first."""
