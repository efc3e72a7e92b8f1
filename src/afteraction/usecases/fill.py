"""An agent fills a field of a document: only with what it can cite, and never over what a person wrote.

A field, a text and citations come in. Refused with the reason: a field that is none, a field that a person wrote, a
statement without a citation, a citation of nothing, and numbers and names that none of the cited events or findings holds.
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
from afteraction.model.event import Call, Event
from afteraction.model.origin import Basis
from afteraction.model.postmortem.appendix import LedgerEntry
from afteraction.model.postmortem.cause import Factor
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.merge import leaves, with_leaves
from afteraction.model.postmortem.value import Value, specs
from afteraction.model.record import Author, AuthorKind
from afteraction.ports.store import Transaction
from afteraction.usecases.revise import Revised, revise
from afteraction.usecases.support import unsupported

_FACTORS = "root_cause.factors"
"""The one list that is filled by its path, each time by one more."""
_CITATION = re.compile(r"event:(\d+)|finding:(\w+)|([efs]\d+)")


def fillable() -> tuple[tuple[str, str], ...]:
    """Return (path, question) of every field that can be filled by its path."""
    return (*_fillable(PostMortem(), ""), (_FACTORS, "Which conditions contributed, and how?"))


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
    found = [_entry(record, incident, document, cited) for cited in dict.fromkeys(citations)]
    if author.kind is not AuthorKind.PERSON:
        _supported(text, [said for _, said in found])
    document, ids = _entered(document, [entry for entry, _ in found])
    value = Value(text=text, basis=Basis.INFERRED if ids else None, citations=ids)
    filled: Any = _with_factor(document.root_cause.factors, value) if field == _FACTORS else value
    document = with_leaves(document, {field: filled})
    return revise(record, incident, document, author=author, reason=f"filled {field}", at=at)


def _with_factor(factors: tuple[Factor, ...], value: Value) -> tuple[Factor, ...]:
    """Return the factors with one more, in the place of the first that nobody described."""
    blank = next((number for number, one in enumerate(factors) if one.description is None), None)
    if blank is None:
        return (*factors, Factor(name=f"Factor {len(factors) + 1}", description=value))
    return (*factors[:blank], replace(factors[blank], description=value), *factors[blank + 1 :])


def _may_be_filled(field: str, author: Author, authors: dict[str, Author], stands: dict[str, Any]) -> None:
    known = [path for path, _ in fillable()]
    if field not in known:
        near = ", ".join(get_close_matches(field, known, n=3, cutoff=0.4)) or "ask for the gaps to see the fields"
        raise UsageError(f"{field} is no field that can be filled; near it are: {near}")
    writer = authors.get(field)
    if author.kind is not AuthorKind.PERSON and writer is not None and writer.kind is AuthorKind.PERSON:
        stood = stands[field]
        said = stood.text[:200] if isinstance(stood, Value) else "the factors" if stood else "(left empty on purpose)"
        raise UsageError(
            f"{field} was written by {writer.name}, a person: {said!r}. Propose your wording to them instead"
        )


def _entry(record: Transaction, incident: str, document: PostMortem, cited: str) -> tuple[LedgerEntry, str]:
    """Return what a citation leads to, and all that is said there, of which the entry may show the beginning only."""
    found = _CITATION.fullmatch(cited.strip().removeprefix("[^").removesuffix("]"))
    if found is None:
        raise NotSupported(
            f"{cited!r} is no citation; cite as event:12, finding:f3, or a footnote of the document such as e12"
        )
    event, finding, footnote = found.groups()
    if event:
        for known in record.events(incident):
            if known.number == int(event):
                return _and_text(event_entry(f"e{event}", known.event), _all_of(known.event))
    elif finding:
        for one in json.loads(record.findings(incident) or "{}").get("findings", ()):
            if one.get("id") == finding:
                return _and_text(_finding_entry(one), str(one["summary"]))
    else:
        for entry in document.ledger:
            if entry.id == footnote:
                return _and_text(entry, "")
    raise NotSupported(f"{cited} leads nowhere; the timeline and the findings of {incident} show what there is to cite")


def _and_text(entry: LedgerEntry, more: str) -> tuple[LedgerEntry, str]:
    return entry, f"{entry.time} {entry.source} {entry.text} {entry.where} {more}"


def _all_of(event: Event) -> str:
    call = event.detail if isinstance(event.detail, Call) else None
    who = event.actor.name if event.actor else ""
    return " ".join([who, event.service, event.text, *((call.arguments, call.result) if call else ())])


def _finding_entry(found: dict[str, Any]) -> LedgerEntry:
    places = [
        f"{c['file']}:{c['line_start']}" if "line_start" in c else f"{c['file']}#{c.get('record')}"
        for c in found["citations"]
    ]
    return LedgerEntry(
        id=found["id"], time=str(found.get("at") or ""), source=f"evidence {found['kind']}",
        text=" ".join(str(found["summary"]).split())[:160], where=", ".join(places[:3]), basis=Basis.OBSERVED,
    )  # fmt: skip


def _supported(text: str, said: Sequence[str]) -> None:
    if not said:
        raise NotSupported(
            "a statement needs at least one citation (event:12, finding:f3); what nothing supports is for people to write"
        )
    loose = unsupported(text, " ".join(said))
    if loose:
        verb = "stands" if len(loose) == 1 else "stand"
        raise NotSupported(
            f"{', '.join(loose)} {verb} in none of the cited events and findings; cite what says so, or leave it out"
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
