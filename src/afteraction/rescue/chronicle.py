"""The rows of a foreign timeline as ours: each in its phase, with the milestone that it states.

Rows with their times come in; the section "Incident Timeline" goes out, times in UTC, every row in it, and the template's
blank row for each milestone that no row states. Which row states what is decided as for a draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from afteraction.formats.statements import statements_in
from afteraction.model.chronology import PHASE_MILESTONES, MilestoneName, Phase, Timeline
from afteraction.model.event import Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.postmortem.chronicle import Chronicle, TimelineRow
from afteraction.model.postmortem.value import Value
from afteraction.model.reading import Material
from afteraction.rescue.sheet import Row
from afteraction.timeline import build

_SHOWN = frozenset(name for names in PHASE_MILESTONES.values() for name in names) | {
    MilestoneName.IMPACT_STARTED,
    MilestoneName.ACKNOWLEDGED,
}


def chronicle(rows: Sequence[Row], file: str) -> Chronicle:
    """Return the section with every row, in order of time."""
    if not rows:
        return Chronicle()
    events = [_event(row, number, file) for number, row in enumerate(rows)]
    told = [s for event in events for s in statements_in(event.text, origin=event.origin, source="rescue",
                                                         at=event.at, actor="", zone=event.zone)]  # fmt: skip
    timeline = build(Material(events=tuple(events), statements=tuple(told)))
    several = len({row.read.at.date() for row in rows}) > 1
    placed = _placed(timeline)
    shown: dict[Phase, list[tuple[datetime, TimelineRow]]] = {phase: [] for phase in Phase}
    phase, taken = Phase.DISCOVERY, set[MilestoneName]()
    order = sorted(range(len(rows)), key=lambda n: rows[n].read.at)
    for number in order:
        phase, milestone = placed.get(str(number), (phase, None))
        milestone = milestone if milestone not in taken else None
        taken |= {milestone} if milestone else set()
        shown[phase].append((rows[number].read.at, _shown(rows[number], milestone, dated=several)))
    return Chronicle(
        discovery=_with_blanks(shown[Phase.DISCOVERY], Phase.DISCOVERY, taken),
        response=_with_blanks(shown[Phase.RESPONSE], Phase.RESPONSE, taken),
        recovery=_with_blanks(shown[Phase.RECOVERY], Phase.RECOVERY, taken),
    )


def _event(row: Row, number: int, file: str) -> Event:
    return Event(
        at=row.read.at, precision=row.read.precision, kind=EventKind.NOTE, text=row.read.text, source="rescue",
        origin=Origin(file=file, line=row.read.line, record=str(number)), zone=row.read.zone,
    )  # fmt: skip


def _placed(timeline: Timeline) -> dict[str, tuple[Phase, MilestoneName | None]]:
    """Return the phase and the milestone of each row, by its number."""
    numbers = {event.id: [o.record or "" for o in (event.origin, *event.also)] for event in timeline.events}
    found: dict[str, tuple[Phase, MilestoneName | None]] = {}
    for row in timeline.rows:
        name = row.milestone if row.milestone in _SHOWN else None
        for index, event_id in enumerate(row.events):
            for number in numbers.get(event_id, []):
                found[number] = (row.phase, name if index == 0 else None)
    return found


def _shown(row: Row, milestone: MilestoneName | None, *, dated: bool) -> TimelineRow:
    precise = row.read.precision is not Precision.DAY
    time = (
        f"{row.read.at:%Y-%m-%d}"
        if not precise
        else f"{row.read.at:%Y-%m-%d %H:%M UTC}"
        if dated
        else f"{row.read.at:%H:%M UTC}"
    )
    return TimelineRow(
        time=Value(text=time),
        event=Value(text=row.event or row.read.text),
        action=Value(text=row.action) if row.action.strip() else Value(text="—"),
        milestone=milestone,
    )


def _with_blanks(
    rows: list[tuple[datetime, TimelineRow]], phase: Phase, taken: set[MilestoneName]
) -> tuple[TimelineRow, ...]:
    blank = [TimelineRow(milestone=name) for name in PHASE_MILESTONES[phase] if name not in taken]
    return (*(replace(row) for _, row in rows), *blank)
