"""Raw material of an incident is frozen: kept byte by byte under its hash, with when, from where and by which command.

Raw inputs come in, as a person named them; what is kept comes out, with a problem for each that could not be opened. A
folder that a capture script filled says itself which command made which file, and when (`CAPTURED`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from afteraction.errors import NotInRecord
from afteraction.model.reading import Problem, RawInput, Source
from afteraction.model.record import AuditEntry, Author, RawMaterial
from afteraction.ports.store import Blobs, Transaction

CAPTURED = ".captured.tsv"
"""The file in which a capture script notes, for each file beside it: the time, the name, the command."""
_LONGEST_NAME = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What was kept of what was named, and what could not be."""

    material: tuple[RawMaterial, ...]
    problems: tuple[Problem, ...]


def freeze(
    blobs: Blobs, inputs: Iterable[RawInput | Problem], *, sources: tuple[Source, ...], at: datetime, command: str = ""
) -> Frozen:
    """Keep the bytes of raw material. `command` is what made it, where the material does not say so itself.

    No transaction is needed: bytes that no incident names do no harm, and large files would keep others waiting.

    Raises:
        StoreUnavailable: when the bytes cannot be written.
    """
    frozen, problems = [], []
    for raw in inputs:
        if isinstance(raw, Problem):
            problems.append(raw)
            continue
        made_at, made_by = _captured(raw)
        with raw.open() as content:
            sha256, size = blobs.put(content)
        source = next((source.name for source in sources if source.claims(raw)), "")
        frozen.append(
            RawMaterial(sha256=sha256, name=raw.name[-_LONGEST_NAME:], size=size, source=source,
                     captured_at=made_at or raw.captured or raw.modified or at, command=made_by or command)
        )  # fmt: skip
    return Frozen(material=tuple(frozen), problems=tuple(problems))


def note_material(
    record: Transaction, incident: str, material: Sequence[RawMaterial], *, author: Author, at: datetime
) -> tuple[RawMaterial, ...]:
    """Note in the record that frozen material belongs to an incident; returns what is new.

    Raises:
        NotInRecord: when the record holds no such incident.
    """
    if record.incident(incident) is None:
        raise NotInRecord(f"the record holds no incident {incident}; `afteraction incident list` shows what there is")
    known = {(one.sha256, one.name) for one in record.material(incident)}
    new = tuple(one for one in material if (one.sha256, one.name) not in known)
    for one in new:
        record.add_material(incident, one)
    if new:
        told = "\n".join(f"{one.sha256} {one.name}" for one in new)
        what = f"raw material kept: {len(new)} files"
        record.add_audit(AuditEntry(at=at, author=author, what=what, incident=incident, after=told[:2000]))
    return new


def _captured(raw: RawInput) -> tuple[datetime | None, str]:
    """Return when and by which command a file was made, as the capture script noted it beside the file."""
    noted = raw.beside(CAPTURED) if raw.beside else None
    for line in (noted or b"").decode("utf-8", "replace").splitlines():
        time, _, rest = line.partition("\t")
        name, _, command = rest.partition("\t")
        if name == raw.name.rpartition("/")[2]:
            try:
                at = datetime.fromisoformat(time)
            except ValueError:
                return None, command
            return at if at.tzinfo else at.replace(tzinfo=UTC), command
    return None, ""
