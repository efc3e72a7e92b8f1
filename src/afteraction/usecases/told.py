"""What people told the record while an incident ran is material of its next draft, beside what is read from files.

The events that were added by hand or in material handed to the record come in; out they go as part of the material, and the milestones that a person set as
statements that are weighed against nothing; what a program proposed is weighed like any sign. Calls that a person moved
between investigation and resolution are where they were put. Of several settings of one milestone or call the last that
was made counts. Frozen raw material, and what was delivered, comes back as raw inputs, so that an incident can be drafted
again from the record alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from io import BytesIO
from itertools import groupby
from typing import BinaryIO

from afteraction.errors import NotInRecord, UsageError
from afteraction.model.chronology import MilestoneName
from afteraction.model.collecting import FOLDER
from afteraction.model.event import ActorKind, Call, Effect, Event
from afteraction.model.origin import Origin
from afteraction.model.postmortem.chronicle import MILESTONE_LABELS
from afteraction.model.reading import SAMPLE_BYTES, FileReport, Material, Problem, RawInput, Statement
from afteraction.model.record import Author, AuthorKind, KnownEvent, RawMaterial
from afteraction.ports.store import Blobs, Transaction
from afteraction.usecases.incident import BY_HAND, OPENED, is_told, tell

_FIELD = "milestone."
_STEP = "step."
_PERSON = "person"
"""The source whose milestones the timeline takes as they are."""


def set_milestone(
    record: Transaction, incident: str, name: MilestoneName, *, happened: datetime, author: Author, at: datetime,
    text: str = "",
) -> KnownEvent:  # fmt: skip
    """Set when a milestone was; the next draft takes it as it is, if a person set it.

    Raises:
        NotInRecord: when the record holds no such incident.
        Conflict: when the very same was told before.
    """
    label = MILESTONE_LABELS[name]
    words = f"{label}: {text}" if text else label
    return tell(record, incident, words, happened=happened, author=author, at=at, about=f"{_FIELD}{name}")


def move_step(
    record: Transaction, incident: str, number: int, effect: Effect, *, author: Author, at: datetime
) -> KnownEvent:
    """Say that a call looked (diagnostic) or changed the system; the next draft puts it where it belongs then.

    Raises:
        NotInRecord: when the record holds no such incident or event.
        UsageError: when the event is no call.
    """
    if record.incident(incident) is None:
        raise NotInRecord(f"the record holds no incident {incident}; `afteraction incident list` shows what there is")
    event = next((known.event for known in record.events(incident) if known.number == number), None)
    if event is None:
        raise NotInRecord(f"{incident} has no event {number}; `afteraction event list {incident}` shows what there is")
    if not isinstance(event.detail, Call):
        raise UsageError(f"event {number} is no command and no tool call, so it is no step: {event.text[:80]}")
    what = "changed the system" if effect is Effect.STATE_CHANGING else "only looked"
    words, about = f"{event.text[:200]}: {what}", f"{_STEP}{_place(event)}.{effect}"
    return tell(record, incident, words, happened=event.at, author=author, at=at, about=about)


def _place(event: Event) -> str:
    """Return what tells a call apart, whatever it is merged with, however its text is told and its clock is set right."""
    return hashlib.sha256(f"{event.source} {event.origin}".encode()).hexdigest()[:16]


def _moved(event: Event, moves: Mapping[str, Effect]) -> Event:
    effect = moves.get(_place(event)) if isinstance(event.detail, Call) else None
    return event if effect is None else replace(event, detail=replace(event.detail, effect=effect))  # type: ignore[type-var]


def _known_as(record: Transaction, incident: str) -> tuple[Statement, ...]:
    """Return what an incident is called that a draft did not name itself: its id, and its title if somebody gave it one."""
    known = record.incident(incident)
    opened = next(iter(record.audit(incident, limit=1)), None)
    if known is None or opened is None or opened.what != OPENED:
        return ()
    named = [("summary.incident_id", known.id)]
    if opened.author.kind is not AuthorKind.COMPUTED:
        named.append(("summary.title", known.title))
    origin = Origin(file=f"{BY_HAND}:{incident}", record="incident")
    return tuple(
        Statement(field=field, value=value, origin=origin, source=BY_HAND, at=opened.at, actor=opened.author.name)
        for field, value in named
    )


def with_told(record: Transaction, incident: str, material: Material) -> Material:
    """Add to material what was told by hand of an incident; an incident that the record does not hold adds nothing."""
    known_as = _known_as(record, incident)
    told = [known for known in record.events(incident) if is_told(known.event)]
    if not told and not known_as:
        return material
    statements: dict[str, Statement] = {}
    moves: dict[str, Effect] = {}
    for known in sorted(told, key=lambda one: (one.known_at, one.number)):
        event = known.event
        field = (event.origin.record or "").partition(" ")[0]
        if field.startswith(_STEP):
            place, _, effect = field.removeprefix(_STEP).partition(".")
            moves[place] = Effect(effect)
        elif field.startswith(_FIELD):
            by_person = event.actor is not None and event.actor.kind is ActorKind.PERSON
            if not by_person and field in statements and statements[field].source == _PERSON:
                continue  # what a machine proposes later never takes the place of what a person said
            statements[field] = Statement(
                field=field, value=event.text, origin=event.origin, source=_PERSON if by_person else BY_HAND,
                at=event.at, actor=event.actor.name if event.actor else "", basis=event.basis,
            )  # fmt: skip
    # That a call was moved is no happening of the incident.
    happened = [known.event for known in told if not (known.event.origin.record or "").startswith(_STEP)]
    counts = Counter(event.origin.file for event in happened)
    reports = (FileReport(file=file, source=BY_HAND, events=count, lines=count) for file, count in counts.items())
    return replace(
        material,
        events=tuple(_moved(event, moves) for event in (*material.events, *happened)),
        statements=(*material.statements, *known_as, *statements.values()),
        files=(*material.files, *reports),
    )


def frozen_inputs(record: Transaction, blobs: Blobs, incident: str) -> tuple[RawInput | Problem, ...]:
    """Return the frozen raw material of an incident and what was delivered of it, to be read again.

    Raises:
        NotInRecord: when the record holds no such incident, or knows things of it from files that were not frozen.
    """
    if record.incident(incident) is None:
        raise NotInRecord(f"the record holds no incident {incident}; `afteraction incident list` shows what there is")
    kept = record.material(incident)
    delivered = tuple(delivered_inputs(record, incident))
    files = {raw.name for raw in delivered}
    read = (known.event for known in record.events(incident) if not is_told(known.event))
    if not kept and any(event.origin.file not in files for event in read):
        raise NotInRecord(f"the files that {incident} was drafted from are not frozen; name them again")
    return (*_inputs(_newest(kept), blobs), *delivered)


def delivered_inputs(record: Transaction, incident: str) -> Iterator[RawInput]:
    """Yield what was delivered of an incident as raw material: a file of lines for each hook and source."""
    kept = sorted(record.deliveries(incident=incident), key=lambda one: (one.file, one.line))
    for file, deliveries in groupby(kept, key=lambda one: one.file):
        yield text_input(file, "\n".join(one.body for one in deliveries))


def text_input(name: str, text: str) -> RawInput:
    """Return a text as a raw input."""
    content = text.encode("utf-8", "replace")
    return RawInput(name=name, head=content[:SAMPLE_BYTES], open=partial(BytesIO, content), size=len(content))


def _newest(kept: Sequence[RawMaterial]) -> list[RawMaterial]:
    """Leave out what a collector brought again since, under the same name: the later file holds what the earlier held.

    A log that is shorter than its predecessor was begun anew meanwhile; then both are read.
    """
    read: list[RawMaterial] = []
    last: dict[str, RawMaterial] = {}
    for one in sorted(kept, key=lambda one: one.captured_at):
        if not one.name.startswith(f"{FOLDER}/"):
            read.append(one)
            continue
        before = last.get(one.name)
        if before is not None and one.name.endswith(".log") and before.size > one.size:
            read.append(before)
        last[one.name] = one
    return sorted((*read, *last.values()), key=lambda one: (one.name, one.sha256))


def _inputs(kept: Sequence[RawMaterial], blobs: Blobs) -> Iterator[RawInput | Problem]:
    by_name = {one.name: one.sha256 for one in kept}
    for one in kept:
        stream = blobs.open(one.sha256)
        if stream is None:
            yield Problem(
                origin=Origin(file=one.name), reason="its bytes are not where raw material is kept (any more)"
            )
            continue
        with stream:
            head = stream.read(SAMPLE_BYTES)
        folder = one.name.rpartition("/")[0]
        yield RawInput(
            name=one.name, head=head, open=partial(_open, blobs, one.sha256), size=one.size, modified=one.captured_at,
            beside=partial(_beside, blobs, by_name, f"{folder}/" if folder else ""),
        )  # fmt: skip


def _open(blobs: Blobs, sha256: str) -> BinaryIO:
    stream = blobs.open(sha256)
    if stream is None:
        raise FileNotFoundError(sha256)
    return stream


def _beside(blobs: Blobs, by_name: dict[str, str], folder: str, name: str) -> bytes | None:
    sha256 = by_name.get(folder + name)
    stream = blobs.open(sha256) if sha256 else None
    if stream is None:
        return None
    with stream:
        return stream.read()
