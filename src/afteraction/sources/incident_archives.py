"""Incidents and post-mortems as incident management systems export them (JSON): their happenings as events.

Every time that a record gives becomes an event: its own (started, detected, resolved) and those of its timeline, updates
and milestones; rows of a timeline inside a text as well. Title, severity and commander become statements. A record that no
incident belongs to becomes a problem.
"""

from __future__ import annotations

from collections.abc import Iterator

from afteraction.formats.archived_incidents import ArchivedIncident, archived_incidents, outside
from afteraction.formats.json_documents import decode_text, read_json
from afteraction.formats.markdown_lines import plain
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import Product, product_of
from afteraction.formats.statements import statements_in
from afteraction.formats.timelines import read_timeline
from afteraction.model.event import Actor, ActorKind, Event, EventKind
from afteraction.model.origin import Basis, Origin
from afteraction.model.reading import Context, RawInput, Reading, Statement


class IncidentArchives:
    """Reads exports of incident management systems."""

    name = "incident-archive"
    summary = (
        "Incidents and post-mortems exported as JSON (Opsgenie, Dispatch, Morgue, incident.io, Rootly, FireHydrant)"
    )

    def claims(self, raw: RawInput) -> bool:
        """Claim JSON that holds incidents with the words that only post-mortems have."""
        return product_of(raw) is Product.INCIDENT

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read every incident."""
        records, faults = read_json(decode_text(raw.read()), raw.name)
        problems = ProblemList(raw.name)
        problems.extend(faults)
        events: list[Event] = []
        statements: list[Statement] = []
        for record in records:
            for incident in archived_incidents(record.value):
                events += self._events(incident, raw.name, context)
                statements += self._statements(incident, raw.name)
            for path in outside(record.value):
                problems.add("this belongs to no incident of the file", line=record.line, record=path)
        for event in events:
            statements += statements_in(
                event.text, origin=event.origin, source=self.name, at=event.at,
                actor=event.actor.name if event.actor else "", zone=event.zone,
            )  # fmt: skip
        return Reading(
            events=tuple(sorted(events, key=lambda event: event.at)),
            statements=tuple(dict.fromkeys(statements)),
            problems=problems.close(),
            lines=len(records),
        )

    def _events(self, incident: ArchivedIncident, file: str, context: Context) -> Iterator[Event]:
        for one in incident.happenings:
            yield Event(
                at=one.stamp.at, precision=one.stamp.precision, zone=one.stamp.zone, kind=EventKind.NOTE, basis=Basis.REPORTED,
                text=plain(one.text) or incident.title, source=self.name,
                origin=Origin(file=file, record=f"{incident.place}.{one.path}"),
                actor=Actor(name=one.who, kind=ActorKind.PERSON) if one.who else None,
            )  # fmt: skip
        for text in incident.texts:
            if "\n" in text.text:
                for row in read_timeline(text.text, file, zone=context.zone).rows:
                    yield Event(
                        at=row.at, precision=row.precision, zone=row.zone, kind=EventKind.NOTE, basis=Basis.REPORTED, text=row.text, source=self.name,
                        origin=Origin(file=file, record=f"{incident.place}.{text.path}, line {row.line}"),
                        actor=Actor(name=row.who, kind=ActorKind.PERSON) if row.who else None,
                    )  # fmt: skip

    def _statements(self, incident: ArchivedIncident, file: str) -> Iterator[Statement]:
        def state(field: str, value: str, path: str) -> Statement:
            return Statement(
                field=field, value=value, origin=Origin(file=file, record=f"{incident.place}.{path}"), source=self.name
            )

        yield state("summary.title", incident.title, "title")
        for text in incident.texts:
            if text.label in {"severity", "incident severity", "priority", "incident priority"} and len(text.text) < 40:
                yield state("summary.severity", text.text, text.path)
        for role, name, path in incident.people:
            if any(word in role.lower() for word in ("commander", "incident lead", "incident manager")):
                yield state("appendix.team.incident_commander", name, path)
