"""A footnote of the ledger: one line with time, source, what, where and basis, and its inverse."""

from __future__ import annotations

import re

from afteraction.markdown.encoding import plain, unplain
from afteraction.model.origin import Basis
from afteraction.model.postmortem.appendix import LedgerEntry

_NOTE = re.compile(r"\[\^(?P<id>[efs]\d{1,18})\]: (?P<rest>.*)")
_BETWEEN = " · "


def note(entry: LedgerEntry) -> str:
    """Return the footnote of a ledger entry."""
    parts = (entry.time, entry.source, entry.text, entry.where)
    return f"[^{entry.id}]: " + _BETWEEN.join([*(plain(part) for part in parts), str(entry.basis)])


def parse_note(line: str) -> LedgerEntry | None:
    """Read a footnote; None when it is not one of ours."""
    found = _NOTE.fullmatch(line)
    parts = found["rest"].split(_BETWEEN) if found else []
    if found is None or len(parts) != 5 or parts[4] not in set(Basis):
        return None
    time, source, text, where = (unplain(part).strip() for part in parts[:4])
    return LedgerEntry(id=found["id"], time=time, source=source, text=text, where=where, basis=Basis(parts[4]))
