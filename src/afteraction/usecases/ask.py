"""What is asked of the record: pages of the timeline and the findings, the gaps of a document, incidents that are alike."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from afteraction.errors import NotInRecord, UsageError
from afteraction.markdown import parse
from afteraction.model.chronology import Timeline
from afteraction.model.event import Call
from afteraction.model.postmortem.document import Gap, PostMortem
from afteraction.model.postmortem.gaps import gaps
from afteraction.model.reading import Material
from afteraction.model.record import Incident, Indexed, KnownEvent, Wanted
from afteraction.model.settings import Settings
from afteraction.ports.store import Transaction
from afteraction.timeline import build
from afteraction.usecases.incident import BY_HAND
from afteraction.usecases.told import with_told

_MOST_HITS = 500
MOST_EVENTS = 20_000
"""Of so many events a timeline is made at once; it takes a second or two."""
_COMMON_WORDS = frozenset(["the", "and", "for", "with", "from", "was", "are", "not", "all", "incident", "error", "errors", "fail", "fails", "failed", "failing", "down", "slow"])  # fmt: skip


def incident_of(record: Transaction, incident: str) -> Incident:
    """Return an incident. Raises NotInRecord, naming the newest that there are."""
    found = record.incident(incident)
    if found is None:
        raise NotInRecord(
            f"the record holds no incident {incident}; find_incidents or `afteraction incident list` shows what there is"
        )
    return found


def telling_of(record: Transaction, words: str, wanted: Wanted) -> tuple[Incident, ...]:
    """Return incidents that hold all the words and are as wanted, the best first."""
    names = dict.fromkeys(hit.incident for hit in record.search(words, limit=_MOST_HITS, without=wanted.without))
    found = [one for name in names if (one := record.incident(name)) and _is_wanted(one, wanted)]
    begin = next((number for number, one in enumerate(found, 1) if one.id == wanted.after), 0)
    return tuple(found[begin : begin + wanted.limit])


def _is_wanted(incident: Incident, wanted: Wanted) -> bool:
    fits = not wanted.status or incident.status in wanted.status
    return fits and (not wanted.service or wanted.service in incident.services)


def timeline_page(
    record: Transaction, incident: str, *, after: int = 0, limit: int = 50, known_at: datetime | None = None, words: str = ""
) -> tuple[tuple[KnownEvent, ...], int, int]:  # fmt: skip
    """Return a page of events in order of time, how many there are, and the offset of the next page (0: no more).

    With `words` only events whose text, actor, service or result holds all of them.
    """
    incident_of(record, incident)
    end = after + limit
    if words:
        found = [one for one in record.events(incident, known_at=known_at) if _holds(one, words.lower().split())]
        page, count = tuple(found[after:end]), len(found)
    else:
        count = record.count_events(incident, known_at=known_at)
        page = record.events(incident, known_at=known_at, after=after, limit=limit)
    return page, count, end if end < count else 0


def timeline_of(record: Transaction, incident: str, *, settings: Settings) -> Timeline:
    """Return the timeline that the events make, with the milestones that people set; what only logs and series show is not in it.

    Raises:
        NotInRecord: when the record holds no such incident.
        UsageError: when there are more events than can be put in order while somebody waits.
    """
    incident_of(record, incident)
    count = record.count_events(incident)
    if count > MOST_EVENTS:
        raise UsageError(
            f"{incident} has {count} events; a timeline is made of {MOST_EVENTS} at most, read the events in pages"
        )
    read = tuple(known.event for known in record.events(incident) if known.event.source != BY_HAND)
    return build(with_told(record, incident, Material(events=read)), settings=settings)


def _holds(known: KnownEvent, words: list[str]) -> bool:
    event = known.event
    result = event.detail.result if isinstance(event.detail, Call) else ""
    text = f"{event.text} {event.actor.name if event.actor else ''} {event.service} {event.kind} {result}".lower()
    return all(word in text for word in words)


def findings_of(record: Transaction, incident: str) -> dict[str, Any]:
    """Return the last investigation; empty before there was one."""
    incident_of(record, incident)
    found: dict[str, Any] = json.loads(record.findings(incident) or "{}")
    return found


def document_of(record: Transaction, incident: str) -> PostMortem:
    """Return the last revision of an incident's document, an empty one before there is any."""
    incident_of(record, incident)
    last = record.revision(incident)
    return parse(last.markdown).post_mortem if last else PostMortem()


def section_of(document: str, words: str) -> str:
    """Return the first section of a document whose heading holds all words (`root-cause`). Raises NotInRecord."""
    parts = re.split(r"(?m)^(?=## )", document)[1:]
    wanted = re.findall(r"\w+", words.lower())
    for part in parts:
        heading = part.partition("\n")[0].lower()
        if wanted and all(word in heading for word in wanted):
            return part
    have = ", ".join(re.sub(r"[^\w ]+", "", part.partition("\n")[0]).strip() for part in parts)
    raise NotInRecord(f"the document has no section {words!r}; it has: {have}")


def gaps_of(record: Transaction, incident: str) -> tuple[Gap, ...]:
    """Return what the document still asks."""
    return gaps(document_of(record, incident))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """An incident like another: what both share, the more the better."""

    incident: Incident
    services: tuple[str, ...]
    words: tuple[str, ...]


_TELLING = (Indexed.INCIDENT, Indexed.DOCUMENT, Indexed.ACTION)
"""Where the words of an incident's title and cause stand; its events say everything."""


def similar(record: Transaction, incident: str, *, limit: int = 5) -> tuple[Alike, ...]:
    """Return incidents that share services or rare words of title and cause, the likest first.

    A word counts the less the more incidents say it.
    """
    asked = incident_of(record, incident)
    document = document_of(record, incident)
    cause = document.root_cause.primary or document.executive_summary.root_cause
    text = f"{asked.title} {cause.text if cause else ''}"
    words = {word for word in _words(text) if word not in _COMMON_WORDS}
    shared: dict[str, set[str]] = {}
    spread: Counter[str] = Counter()
    for word in sorted(words)[:60]:
        hits = {hit.incident for hit in record.search(word, limit=200, kinds=_TELLING)} - {incident}
        spread[word] = len(hits)
        for other in hits:
            shared.setdefault(other, set()).add(word)
    found = []
    for other, told in shared.items():
        if (known := record.incident(other)) is None:
            continue
        services = tuple(sorted(set(known.services) & set(asked.services)))
        weight = 2.0 * len(services) + sum(1 / spread[word] for word in told)
        found.append((-weight, other, Alike(incident=known, services=services, words=tuple(sorted(told)))))
    return tuple(alike for _, _, alike in sorted(found, key=lambda one: one[:2])[:limit])


def _words(text: str) -> list[str]:
    return [word for word in "".join(c if c.isalnum() else " " for c in text.lower()).split() if len(word) > 2]
