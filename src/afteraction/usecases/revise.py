"""An edited or newly drafted document becomes the next revision of its incident.

Two people who edited different fields are merged; the same field is a `Conflict` that shows both texts. What a person
wrote stays, whatever a machine would write there: such fields are named in the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime

from afteraction.errors import Clashing, NotInRecord
from afteraction.markdown import parse, render
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.merge import (
    Clash,
    changed_fields,
    leaves,
    recited,
    same_entries,
    three_way,
    with_leaves,
)
from afteraction.model.postmortem.value import Value
from afteraction.model.record import AuditEntry, Author, AuthorKind, Indexed, Revision
from afteraction.ports.store import Transaction
from afteraction.usecases.follow import track

_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """The new revision (or the last one, when nothing changed), and the fields kept because a person wrote them."""

    revision: Revision
    changed: tuple[str, ...]
    kept: tuple[str, ...] = ()


def revise(
    record: Transaction, incident: str, document: PostMortem, *, author: Author, reason: str, at: datetime,
    base: int | None = None, asked: bool = False,
) -> Revised:  # fmt: skip
    """Save a document as the next revision; `base` is the revision that its author began with (default: the last; 0: none).

    `asked` says that what a machine changes here is what it was asked to do (tick an action), not its own wording.

    Raises:
        NotInRecord: when there is no such incident or base.
        Clashing: when somebody else changed a field meanwhile that was changed here too.
    """
    if record.incident(incident) is None:
        raise NotInRecord(f"the record holds no incident {incident}; `afteraction incident list` shows what there is")
    record.hold_incident(incident)  # so that of two at once the second merges with the first
    last = record.revision(incident)
    current = parse(last.markdown).post_mortem if last else PostMortem()
    kept: tuple[str, ...] = ()
    if last is not None and base is not None and base != last.number:
        document = _merged(record, incident, base, document, current)
    if author.kind is not AuthorKind.PERSON and last is not None and not asked:
        document, kept = _respecting_people(document, current, last)
    changed = changed_fields(current, document)
    if last is not None and not changed:
        return Revised(revision=last, changed=(), kept=kept)
    authors = {**dict(last.authors if last else ()), **dict.fromkeys(changed, author)}
    revision = Revision(
        incident=incident, number=last.number + 1 if last else 1, author=author, at=at, reason=reason,
        markdown=render(document), authors=tuple(sorted(authors.items())),
    )  # fmt: skip
    record.add_revision(revision)
    record.put_actions(incident, track(record.actions(incident), current.actions, document.actions, incident=incident))
    record.index(incident, Indexed.DOCUMENT, "", _plain(document))
    record.add_audit(
        AuditEntry(at=at, author=author, what=f"revision {revision.number}: {reason}", incident=incident,
                   before=str(last.number) if last else "", after=", ".join(changed)[:2000])
    )  # fmt: skip
    return Revised(revision=revision, changed=changed, kept=kept)


def restore(record: Transaction, incident: str, number: int, *, author: Author, at: datetime) -> Revised:
    """Make an earlier revision the next one. Raises NotInRecord when there is no such revision."""
    earlier = record.revision(incident, number)
    if earlier is None:
        raise NotInRecord(f"{incident} has no revision {number}")
    document = parse(earlier.markdown).post_mortem
    return revise(record, incident, document, author=author, reason=f"revision {number} restored", at=at)


def _merged(record: Transaction, incident: str, base: int, mine: PostMortem, theirs: PostMortem) -> PostMortem:
    began = record.revision(incident, base) if base else None
    if began is None and base:
        raise NotInRecord(f"{incident} has no revision {base} to begin with")
    merged = three_way(parse(began.markdown).post_mortem if began else PostMortem(), mine, theirs)
    if merged.clashes:
        told = "\n".join(_told(clash) for clash in merged.clashes[:5])
        raise Clashing(
            f"{incident} was changed since revision {base}, in the same places; export it again and put your words into it:\n{told}",
            tuple((clash.field, _words(clash.mine), _words(clash.theirs)) for clash in merged.clashes),
        )
    return merged.document


def _told(clash: Clash) -> str:
    return f"  {clash.field}\n    yours:  {_shown(clash.mine)}\n    theirs: {_shown(clash.theirs)}"


def _shown(leaf: object) -> str:
    if isinstance(leaf, tuple):
        return f"{len(leaf)} rows"
    return " ".join((_words(leaf) or "(empty)").split())[:_SHOWN]


def _words(leaf: object) -> str:
    """Return what a field says; a list says what its rows do, one on a line."""
    if isinstance(leaf, tuple):
        return "\n".join(" ".join(_row(row)) for row in leaf if not getattr(row, "blank", False))
    return leaf.text if isinstance(leaf, Value) else str(leaf or "")


def _row(row: object) -> Iterator[str]:
    if not is_dataclass(row) or isinstance(row, Value):
        yield _words(row)
        return
    for declared in fields(row):
        value = getattr(row, declared.name)
        if isinstance(value, str | Value) and _words(value):
            yield _words(value)


def _respecting_people(document: PostMortem, current: PostMortem, last: Revision) -> tuple[PostMortem, tuple[str, ...]]:
    """Return the machine's document with every field as it stands that a person wrote last."""
    by_people = {field for field, author in last.authors if author.kind is AuthorKind.PERSON}
    stands = dict(leaves(current))
    ids = same_entries(current.ledger, document.ledger)
    theirs = {path: recited(stands[path], ids) for path in by_people if path != "ledger"}
    kept = {
        path: theirs[path] for path, value in leaves(document) if path in theirs and not _holds(value, theirs[path])
    }
    return with_leaves(document, kept), tuple(kept)


def _holds(new: object, written: object) -> bool:
    """Say whether nothing that was written is gone: it is the same, or a list with all its rows and more."""
    if isinstance(new, tuple) and isinstance(written, tuple):
        return all(row in new for row in written if not getattr(row, "blank", False))
    return new == written


def _plain(document: PostMortem) -> str:
    """Return what a person would search for: the texts of all filled fields."""
    texts = []
    for _, leaf in leaves(document):
        for one in leaf if isinstance(leaf, tuple) else (leaf,):
            text = getattr(one, "text", None) or getattr(one, "event", None) or (one if isinstance(one, str) else "")
            texts.append(text.text if isinstance(text, Value) else str(text or ""))
    return "\n".join(text for text in texts if text)
