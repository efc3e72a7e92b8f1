"""An agent fills a field of a document: only with what it can cite, and never over what a person wrote.

A field, a text and citations come in. Refused with the reason: a field that is none, a field that a person wrote, a
statement without a citation, a citation of nothing, and numbers that none of the cited events or findings holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from afteraction.drafting.ledger import event_entry
from afteraction.errors import NotSupported, UsageError
from afteraction.markdown import parse
from afteraction.model.origin import Basis
from afteraction.model.postmortem.appendix import LedgerEntry
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.merge import leaves, with_leaves
from afteraction.model.postmortem.value import Value, specs
from afteraction.model.record import Author, AuthorKind
from afteraction.ports.store import Transaction
from afteraction.usecases.revise import Revised, revise

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_CITATION = re.compile(r"event:(\d+)|finding:(\w+)|([efs]\d+)")


def fillable() -> tuple[tuple[str, str], ...]:
    """Return (path, question) of every field that can be filled by its path."""
    return tuple(_fillable(PostMortem(), ""))


def _fillable(part: Any, path: str) -> Any:
    asked = dict(specs(part))
    for declared in fields(part):
        here = f"{path}.{declared.name}".lstrip(".")
        if declared.name in asked:
            yield here, asked[declared.name].question
        elif is_dataclass(value := getattr(part, declared.name)) and not isinstance(value, type):
            yield from _fillable(value, here)


def fill(
    record: Transaction, incident: str, field: str, text: str, citations: Sequence[str], *, author: Author, at: datetime
) -> Revised:
    """Fill one field.

    Raises:
        NotSupported: when the citations do not carry the text.
        UsageError: when the field is none, or a person wrote it.
        NotInRecord: when the record holds no such incident.
    """
    last = record.revision(incident)
    document = parse(last.markdown).post_mortem if last else PostMortem()
    _may_be_filled(field, author, dict(last.authors if last else ()), dict(leaves(document)))
    entries = [_entry(record, incident, document, cited) for cited in dict.fromkeys(citations)]
    if author.kind is not AuthorKind.PERSON:
        _supported(text, entries)
    document, ids = _entered(document, entries)
    value = Value(text=text, basis=Basis.INFERRED if ids else None, citations=ids)
    document = with_leaves(document, {field: value})
    return revise(record, incident, document, author=author, reason=f"filled {field}", at=at)


def _may_be_filled(field: str, author: Author, authors: dict[str, Author], stands: dict[str, Any]) -> None:
    known = [path for path, _ in fillable()]
    if field not in known:
        near = ", ".join(get_close_matches(field, known, n=3, cutoff=0.4)) or "ask for the gaps to see the fields"
        raise UsageError(f"{field} is no field that can be filled; near it are: {near}")
    writer = authors.get(field)
    if author.kind is not AuthorKind.PERSON and writer is not None and writer.kind is AuthorKind.PERSON:
        said = stands[field].text[:200] if stands[field] else "(left empty on purpose)"
        raise UsageError(
            f"{field} was written by {writer.name}, a person: {said!r}. Propose your wording to them instead"
        )


def _entry(record: Transaction, incident: str, document: PostMortem, cited: str) -> LedgerEntry:
    """Return what a citation leads to."""
    found = _CITATION.fullmatch(cited.strip().removeprefix("[^").removesuffix("]"))
    if found is None:
        raise NotSupported(
            f"{cited!r} is no citation; cite as event:12, finding:f3, or a footnote of the document such as e12"
        )
    event, finding, footnote = found.groups()
    if event:
        for known in record.events(incident):
            if known.number == int(event):
                return event_entry(f"e{event}", known.event)
    elif finding:
        for one in json.loads(record.findings(incident) or "{}").get("findings", ()):
            if one.get("id") == finding:
                return _finding_entry(one)
    else:
        for entry in document.ledger:
            if entry.id == footnote:
                return entry
    raise NotSupported(f"{cited} leads nowhere; the timeline and the findings of {incident} show what there is to cite")


def _finding_entry(found: dict[str, Any]) -> LedgerEntry:
    places = [
        f"{c['file']}:{c['line_start']}" if "line_start" in c else f"{c['file']}#{c.get('record')}"
        for c in found["citations"]
    ]
    return LedgerEntry(
        id=found["id"], time=str(found.get("at") or ""), source=f"evidence {found['kind']}",
        text=" ".join(str(found["summary"]).split())[:160], where=", ".join(places[:3]), basis=Basis.OBSERVED,
    )  # fmt: skip


def _supported(text: str, entries: Sequence[LedgerEntry]) -> None:
    if not entries:
        raise NotSupported(
            "a statement needs at least one citation (event:12, finding:f3); what nothing supports is for people to write"
        )
    told = " ".join(f"{entry.time} {entry.text} {entry.where}" for entry in entries)
    loose = [number for number in dict.fromkeys(_NUMBER.findall(text)) if number not in told]
    if loose:
        raise NotSupported(
            f"{', '.join(loose)} stands in none of the cited events and findings; cite what says so, or leave it out"
        )


def _entered(document: PostMortem, entries: Sequence[LedgerEntry]) -> tuple[PostMortem, tuple[str, ...]]:
    """Put the entries into the document's ledger; what stands there already keeps its id."""
    ledger, ids = list(document.ledger), []
    for entry in entries:
        same = next(
            (one for one in ledger if (one.time, one.text, one.where) == (entry.time, entry.text, entry.where)), None
        )
        if same is None:
            taken = {one.id for one in ledger}
            free = next(name for n in range(1, len(ledger) + 2) if (name := f"s{n}") not in taken)
            same = replace(entry, id=free if entry.id in taken else entry.id)
            ledger.append(same)
        ids.append(same.id)
    order = sorted(ledger, key=lambda one: (one.id[0], int(one.id[1:])))
    return replace(document, ledger=tuple(order)), tuple(ids)
