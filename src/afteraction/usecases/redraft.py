"""An incident is drafted from the record alone: its frozen raw material, what was delivered, what people told.

The record and the kept bytes come in, a draft goes out; nothing is written here. Refused: an incident that is not there, one
whose files were not frozen, and one of which nothing is known that a source reads.
"""

from __future__ import annotations

from afteraction.errors import NothingToRead
from afteraction.formats.secrets import Masker
from afteraction.model.reading import Context, Material, Source
from afteraction.model.settings import Settings
from afteraction.ports import Progress
from afteraction.ports.store import Blobs, Store
from afteraction.usecases.draft import Drafted, draft_incident
from afteraction.usecases.read import read
from afteraction.usecases.told import frozen_inputs, with_told


def read_recorded(
    store: Store, blobs: Blobs, incident: str, *, sources: tuple[Source, ...], settings: Settings, masker: Masker, progress: Progress
) -> Material:  # fmt: skip
    """Read what the record keeps of an incident. Reading takes its time, so that no transaction is open meanwhile.

    Raises:
        NotInRecord: when there is no such incident, or its files were not frozen.
        StoreUnavailable: when the record cannot be read.
    """
    with store.begin() as record:
        inputs = frozen_inputs(record, blobs, incident)
    context = Context(zone=settings.timezone)
    material = read(inputs, sources=sources, context=context, masker=masker, progress=progress)
    with store.begin() as record:
        return with_told(record, incident, material)


def redraft(
    store: Store, blobs: Blobs, incident: str, *, sources: tuple[Source, ...], settings: Settings, masker: Masker, progress: Progress
) -> Drafted:  # fmt: skip
    """Draft an incident from what the record keeps of it.

    Raises:
        NothingToRead: when no source read anything and nobody told anything.
        NotInRecord, StoreUnavailable: as `read_recorded`.
    """
    material = read_recorded(
        store, blobs, incident, sources=sources, settings=settings, masker=masker, progress=progress
    )
    if not any(report.source for report in material.files):
        raise NothingToRead(f"nothing is known of {incident} yet: add raw material or events, then draft")
    return draft_incident(material, settings=settings, masker=masker, progress=progress, incident=incident)
