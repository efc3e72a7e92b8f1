"""Two people's versions of one document become one: a three-way merge, field by field.

In come the document that both began with and what each made of it; out go one document and the fields in which both
wrote different things. Fields are named by their path (`summary.title`, `actions.immediate`). A list counts as one
field, but rows that both only added are all kept. Refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from afteraction.model.postmortem.appendix import LedgerEntry
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.value import Value

Leaf = Any
_WHOLE = (Value, LedgerEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A field in which both wrote something different; each side is the field's value there."""

    field: str
    mine: Leaf
    theirs: Leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedDocument:
    """The merged document; where it clashes it holds what `theirs` says."""

    document: PostMortem
    clashes: tuple[Clash, ...]


def leaves(part: Any, path: str = "") -> Iterator[tuple[str, Leaf]]:
    """Yield every field of a document with its path: values, texts, and lists as a whole."""
    for declared in fields(part):
        value, here = getattr(part, declared.name), f"{path}.{declared.name}".lstrip(".")
        if is_dataclass(value) and not isinstance(value, _WHOLE):
            yield from leaves(value, here)
        else:
            yield here, value


def with_leaves(part: Any, new: Mapping[str, Leaf], path: str = "") -> Any:
    """Return the part with the named fields replaced."""
    changed: dict[str, Any] = {}
    for declared in fields(part):
        value, here = getattr(part, declared.name), f"{path}.{declared.name}".lstrip(".")
        if here in new:
            changed[declared.name] = new[here]
        elif is_dataclass(value) and not isinstance(value, _WHOLE):
            inner = with_leaves(value, new, here)
            if inner is not value:
                changed[declared.name] = inner
    return replace(part, **changed) if changed else part


def changed_fields(before: PostMortem, after: PostMortem) -> tuple[str, ...]:
    """Return the paths of the fields that differ."""
    old = dict(leaves(before))
    return tuple(path for path, value in leaves(after) if old[path] != value)


def three_way(base: PostMortem, mine: PostMortem, theirs: PostMortem) -> MergedDocument:
    """Merge what two made of `base`."""
    began, own = dict(leaves(base)), dict(leaves(mine))
    taken: dict[str, Leaf] = {}
    clashes = []
    for path, other in leaves(theirs):
        if own[path] in (other, began[path]):
            continue
        if other == began[path]:
            taken[path] = own[path]
        elif path == "ledger":
            taken[path] = _ledger(other, own[path])
        elif (both := _both_added(began[path], own[path], other)) is not None:
            taken[path] = both
        else:
            clashes.append(Clash(field=path, mine=own[path], theirs=other))
    return MergedDocument(document=with_leaves(theirs, taken), clashes=tuple(clashes))


def recited(part: Any, ids: Mapping[str, str]) -> Any:
    """Return a part whose citations follow a ledger that was numbered anew; what it no longer holds is not cited."""
    if isinstance(part, tuple):
        return tuple(recited(one, ids) for one in part)
    if not is_dataclass(part) or isinstance(part, type):
        return part
    changed = {}
    for declared in fields(part):
        value = getattr(part, declared.name)
        if declared.name == "citations":
            changed[declared.name] = tuple(dict.fromkeys(ids[cited] for cited in value if cited in ids))
        elif isinstance(value, tuple) or is_dataclass(value):
            changed[declared.name] = recited(value, ids)
    return replace(part, **changed)


def same_entries(before: tuple[LedgerEntry, ...], after: tuple[LedgerEntry, ...]) -> dict[str, str]:
    """Return for each id of a ledger the id that the same entry has in another."""
    known = {(entry.time, entry.source, entry.text, entry.where): entry.id for entry in after}
    found = ((entry.id, known.get((entry.time, entry.source, entry.text, entry.where))) for entry in before)
    return {old: new for old, new in found if new is not None}


def _ledger(one: tuple[LedgerEntry, ...], other: tuple[LedgerEntry, ...]) -> tuple[LedgerEntry, ...]:
    known = {entry.id for entry in one}
    return (*one, *(entry for entry in other if entry.id not in known))


def _both_added(base: Leaf, mine: Leaf, theirs: Leaf) -> Leaf | None:
    """Return a list with the rows that both added behind the same beginning; None where that is not what happened."""
    if not (isinstance(base, tuple) and isinstance(mine, tuple) and isinstance(theirs, tuple)):
        return None
    filled = base[: _filled(base)]
    if mine[: len(filled)] != filled or theirs[: len(filled)] != filled:
        return None
    more = [row for row in mine[len(filled) : _filled(mine)] if row not in theirs]
    return (*theirs[: _filled(theirs)], *more)


def _filled(rows: tuple[Any, ...]) -> int:
    """Return how many rows stand before the template's blank lines at the end."""
    count = len(rows)
    while count and getattr(rows[count - 1], "blank", False):
        count -= 1
    return count
