"""The ledger of a draft: every citation that a value makes is entered once, with where it leads."""

from __future__ import annotations

from collections.abc import Iterable

from afteraction.drafting.case import Case
from afteraction.model.event import Event
from afteraction.model.finding import Finding
from afteraction.model.origin import Basis, Origin, Precision
from afteraction.model.postmortem.appendix import LedgerEntry
from afteraction.model.postmortem.value import Value
from afteraction.model.reading import Statement

_TEXT_LIMIT = 160


class Ledger:
    """Makes values and remembers what they cite; `entries` gives the ledger in the order of first citation's id."""

    def __init__(self, case: Case) -> None:
        self._events = {event.id: event for event in case.timeline.events}
        self._findings = {finding.id: finding for finding in case.investigation.findings}
        self._by_origin: dict[tuple[str, int | None, str | None], str] = {}
        for event in case.timeline.events:
            for origin in (event.origin, *event.also):
                self._by_origin.setdefault((origin.file, origin.line, origin.record), event.id)
        self._statements: dict[str, Statement] = {}
        self._cited: dict[str, None] = {}

    def value(self, text: str, basis: Basis, citations: Iterable[str]) -> Value:
        """Make a value that cites ledger ids; unknown ids are refused with KeyError, for they would lead nowhere."""
        ids = tuple(dict.fromkeys(citations))
        for cited in ids:
            if cited not in self._events and cited not in self._findings and cited not in self._statements:
                raise KeyError(f"no event, finding or statement is called {cited}")
            self._cited[cited] = None
        return Value(text=text, basis=basis, citations=ids)

    def cite(self, statement: Statement) -> str:
        """Return the id under which a statement is cited: that of the event it was read from, else one of its own."""
        origin = statement.origin
        known = self._by_origin.get((origin.file, origin.line, origin.record))
        if known is not None:
            return known
        for name, entered in self._statements.items():
            if entered == statement:
                return name
        name = f"s{len(self._statements) + 1}"
        self._statements[name] = statement
        return name

    def event(self, event_id: str) -> Event | None:
        """Return the event called `event_id`."""
        return self._events.get(event_id)

    def finding(self, finding_id: str) -> Finding | None:
        """Return the finding called `finding_id`."""
        return self._findings.get(finding_id)

    def entries(self) -> tuple[LedgerEntry, ...]:
        """Return an entry for everything cited: events, findings, statements, each in the order of their numbers."""
        return tuple(self._entry(cited) for cited in sorted(self._cited, key=_order))

    def _entry(self, cited: str) -> LedgerEntry:
        if event := self._events.get(cited):
            return event_entry(cited, event)
        if finding := self._findings.get(cited):
            at = f"{finding.at:%Y-%m-%d %H:%M:%S} UTC" if finding.at else ""
            return LedgerEntry(
                id=cited,
                time=at,
                source=f"evidence {finding.kind}",
                text=_short(finding.summary),
                where=_where(finding.citations),
                basis=finding.basis,
            )
        statement = self._statements[cited]
        return LedgerEntry(
            id=cited,
            time=f"{statement.at:%Y-%m-%d %H:%M:%S} UTC" if statement.at else "",
            source=statement.source,
            text=_short(statement.value),
            where=str(statement.origin),
            basis=statement.basis,
        )


def event_entry(cited: str, event: Event) -> LedgerEntry:
    """Return the entry of an event under an id."""
    actor = f"{event.actor.name}: " if event.actor else ""
    return LedgerEntry(
        id=cited, time=_stamp(event), source=event.source, text=_short(actor + event.text),
        where=_where((event.origin, *event.also)), basis=event.basis,
    )  # fmt: skip


def _order(cited: str) -> tuple[str, int]:
    return cited[0], int(cited[1:])


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _TEXT_LIMIT else flat[:_TEXT_LIMIT] + " …"


def _where(origins: tuple[Origin, ...]) -> str:
    shown = ", ".join(str(origin) for origin in origins[:3])
    return shown + (f" and {len(origins) - 3} more" if len(origins) > 3 else "")


def _stamp(event: Event) -> str:
    shapes = {
        Precision.DAY: "%Y-%m-%d",
        Precision.HOUR: "%Y-%m-%d %H:00 UTC",
        Precision.MINUTE: "%Y-%m-%d %H:%M UTC",
        Precision.UNKNOWN: "about %Y-%m-%d %H:%M UTC",
    }
    return event.at.strftime(shapes.get(event.precision, "%Y-%m-%d %H:%M:%S UTC"))
