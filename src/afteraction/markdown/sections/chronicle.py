"""The incident timeline: three tables of open length, and contradictions when there are some."""

from __future__ import annotations

from afteraction.markdown.encoding import cell, read, written
from afteraction.markdown.fields import item
from afteraction.markdown.sheet import NUMBERED, Found, Piece, Section
from afteraction.model.chronology import MilestoneName, Phase
from afteraction.model.postmortem.chronicle import (
    MILESTONE_LABELS,
    MILESTONE_PLACEHOLDERS,
    TIME_PLACEHOLDER,
    Chronicle,
    TimelineRow,
    blank_rows,
    label_of,
)
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.value import Value

_PARENT = "incident timeline"
_HEADER = "| Time | Event | Action Taken |\n|------|-------|--------------|"
_CONTRADICTIONS = "timeline.contradictions"

SECTIONS = (
    Section(anchor="timeline", heading=_PARENT),
    *(
        Section(
            anchor=f"timeline.{phase}",
            heading=f"{phase} phase",
            parent=_PARENT,
            table=("time", "event", "action taken"),
        )
        for phase in Phase
    ),
    Section(
        anchor=_CONTRADICTIONS, heading="contradictions in the record", parent=_PARENT, open=NUMBERED, optional=True
    ),
)


def render(pm: PostMortem) -> list[Piece]:
    """Render the timeline."""
    part = pm.timeline
    pieces = [Piece("timeline", "## 🔍 Incident Timeline")]
    for phase, rows in (
        (Phase.DISCOVERY, part.discovery),
        (Phase.RESPONSE, part.response),
        (Phase.RECOVERY, part.recovery),
    ):
        anchor = f"timeline.{phase}"
        table = "\n".join([_HEADER, *(_row(row) for row in rows)])
        pieces += [Piece(anchor, f"### {phase.capitalize()} Phase"), Piece(f"{anchor}.table", table, True)]
    if part.contradictions:
        pieces.append(Piece(_CONTRADICTIONS, "### Contradictions in the Record"))
        pieces += [
            Piece(f"{_CONTRADICTIONS}.open.{n}", item(written(value), n + 1), True)
            for n, value in enumerate(part.contradictions)
        ]
    return pieces


def _row(row: TimelineRow) -> str:
    event_blank, action_blank = MILESTONE_PLACEHOLDERS.get(row.milestone, ("", "")) if row.milestone else ("", "")
    time = _cell(row.time, TIME_PLACEHOLDER if row.milestone else "")
    event = _cell(row.event, event_blank)
    if row.milestone and (row.event or not event_blank):
        event = f"**{MILESTONE_LABELS[row.milestone]}**: {event}".rstrip()
    return f"| {time} | {event} | {_cell(row.action, action_blank)} |"


def _cell(value: Value | None, placeholder: str) -> str:
    if value is None:
        return f"`{placeholder}`" if placeholder else ""
    return cell(written(value, placeholder))


def parse(found: Found) -> Chronicle:
    """Parse the timeline; a phase whose table is missing has the template's blank rows."""
    phases = {str(phase): _rows(found, phase) for phase in Phase}
    said = (read(text) for text in found.opened.get(_CONTRADICTIONS, []))
    return Chronicle(**phases, contradictions=tuple(value for value in said if value))


def _rows(found: Found, phase: Phase) -> tuple[TimelineRow, ...]:
    rows = found.rows.get(f"timeline.{phase}")
    return blank_rows(phase) if rows is None else tuple(_parse_row(row) for row in rows)


def _parse_row(texts: list[str]) -> TimelineRow:
    time, event, *actions = [*texts, "", ""][: max(2, len(texts))]
    action = " | ".join(actions)
    milestone = _milestone(event)
    if milestone is None:
        return TimelineRow(time=read(time), event=read(event), action=read(action))
    event_blank, action_blank = MILESTONE_PLACEHOLDERS.get(milestone, ("", ""))
    head = f"**{MILESTONE_LABELS[milestone]}**:"
    return TimelineRow(
        time=read(time, TIME_PLACEHOLDER),
        event=read(event.removeprefix(head), event_blank),
        action=read(action, action_blank),
        milestone=milestone,
    )


def _milestone(event: str) -> MilestoneName | None:
    """Return the milestone of a row, from its label or from the template's placeholder."""
    for name, (blank, _) in MILESTONE_PLACEHOLDERS.items():
        if event.strip() == f"`{blank}`":
            return name
    for name, text in MILESTONE_LABELS.items():
        if event.strip() == f"**{text}**:":
            return name
    found = label_of(event)
    return found[0] if found else None
