"""Builds the timeline: order, merge, numbers, milestones, rows, intervals, contradictions.

The material of one incident and what the evidence engine says come in; a `Timeline` goes out. The same material in any
order gives the same timeline. Nothing is dropped: what does not matter stays in the record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from afteraction.model.chronology import Timeline
from afteraction.model.finding import Investigation
from afteraction.model.reading import Material
from afteraction.model.settings import Settings
from afteraction.timeline.contradictions import find_contradictions
from afteraction.timeline.intervals import find_intervals
from afteraction.timeline.merge import merge
from afteraction.timeline.milestones import decide
from afteraction.timeline.rows import make_rows
from afteraction.timeline.signs import gather
from afteraction.timeline.stated import FIELD, TITLE_DATE


def build(
    material: Material, investigation: Investigation | None = None, *, settings: Settings | None = None
) -> Timeline:
    """Build the timeline of one incident. `settings` tell which severity labels mean the same."""
    merged = merge(material.events)
    events = tuple(replace(event, id=f"e{number}") for number, event in enumerate(merged.events, 1))
    watched = tuple(datetime.fromtimestamp(float(s.times[-1]), tz=UTC) for s in material.series if s.times.size)
    statements = tuple(sorted(material.statements, key=lambda s: (str(s.origin), s.field, s.value)))
    facts = gather(events, statements, investigation, watched)
    decided = decide(facts)
    places = {
        (s.origin.file, s.origin.line, s.origin.record)
        for s in statements
        if s.field != TITLE_DATE and not s.field.startswith(FIELD)
    }
    stated = frozenset(e.id for e in events if any((o.file, o.line, o.record) in places for o in (e.origin, *e.also)))
    return Timeline(
        events=events,
        rows=make_rows(events, decided.milestones, facts.scope, stated),
        milestones=decided.milestones,
        contradictions=find_contradictions(facts, decided.milestones, statements, settings or Settings()),
        skews=merged.skews,
        intervals=find_intervals(facts.scope, investigation.outages if investigation else ()),
        detection_source=decided.detection_source,
    )
