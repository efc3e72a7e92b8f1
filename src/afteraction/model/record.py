"""The record that a team keeps of its incidents: what is stored, by whom it was written, and when it became known.

Everything here is a frozen value that a store hands out and takes in; nothing knows SQL. Times are zone-aware.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from afteraction.model.event import Event


class AuthorKind(StrEnum):
    """Who wrote something: a person, an agent, or this program from the evidence."""

    PERSON = "person"
    AGENT = "agent"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote or did something. `name` is a handle, the name of an agent's client, or `afteraction`."""

    name: str
    kind: AuthorKind = AuthorKind.PERSON


COMPUTED = Author(name="afteraction", kind=AuthorKind.COMPUTED)
"""This program, drafting from the evidence."""


class IncidentStatus(StrEnum):
    """How far an incident is; a post-mortem's own status line may say it in a team's words."""

    OPEN = "open"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"


RUNNING = (IncidentStatus.OPEN, IncidentStatus.MITIGATED)
"""How far an incident is that is not over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident of the record.

    `id` is what people call it (`INC-2026-0007`). `version` counts its changes: a change names the version that it was
    made on, so that nobody overwrites what they have not seen. A `private` incident is seen by its `members` (ids of
    accounts) only.
    """

    id: str
    title: str
    opened_at: datetime
    severity: str = ""
    status: IncidentStatus = IncidentStatus.OPEN
    services: tuple[str, ...] = ()
    closed_at: datetime | None = None
    version: int = 0
    private: bool = False
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvent:
    """An event with its second clock: when it became known to the record. `number` counts from 1 in its incident."""

    number: int
    known_at: datetime
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of an incident's whole document, as Markdown.

    `number` counts from 1 in its incident. `authors` names who last wrote each field that differs from an empty
    document (`summary.title`), so that no machine overwrites what a person wrote.
    """

    incident: str
    number: int
    author: Author
    at: datetime
    reason: str
    markdown: str
    authors: tuple[tuple[str, Author], ...] = ()


class ActionState(StrEnum):
    """How far an action item is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedAction:
    """An action item that is followed until it is done.

    `number` counts from 1 in its incident; `horizon` is one of the four words of the template; `evidence` is what
    showed that it was done (a link, a sentence), or why it was dropped.
    """

    incident: str
    number: int
    text: str
    horizon: str
    owner: str = ""
    due: str = ""
    done_when: str = ""
    ticket: str = ""
    state: ActionState = ActionState.OPEN
    closed_at: datetime | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedReview:
    """One of the four reviews of an incident: when it is due, and what it found once it was held."""

    incident: str
    name: str
    due: datetime
    held_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMaterial:
    """Raw material that was kept: its SHA-256, where it came from, and what was run to get it."""

    sha256: str
    name: str
    size: int
    captured_at: datetime
    source: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A change of the record: who did what to what, when, and what stood there before and after (JSON, or empty).

    `number` counts all entries; the store gives it.
    """

    at: datetime
    author: Author
    what: str
    incident: str = ""
    before: str = ""
    after: str = ""
    number: int = 0


class Indexed(StrEnum):
    """What a search can find."""

    INCIDENT = "incident"
    EVENT = "event"
    DOCUMENT = "document"
    ACTION = "action"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that a search found: where it stands, and its text. The best comes first."""

    incident: str
    kind: Indexed
    ref: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which incidents are asked for; what is empty asks nothing."""

    status: tuple[IncidentStatus, ...] = ()
    service: str = ""
    severity: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    """The id of the incident behind which the page begins."""
    without: frozenset[str] = frozenset()
    """Ids of incidents that are left out, as those that the one who asks may not see."""
    limit: int = field(default=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedActions:
    """Which actions are asked for, in order of incident and number; what is empty asks nothing.

    `overdue_on` asks for open ones that were due before that day; only a due date such as 2026-03-11 can be overdue.
    """

    incident: str = ""
    owner: str = ""
    state: tuple[ActionState, ...] = ()
    overdue_on: date | None = None
    behind: tuple[str, int] | None = None
    """Incident and number behind which the page begins."""
    without: frozenset[str] = frozenset()
    limit: int = field(default=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedReviews:
    """Which reviews are asked for, the next first; what is empty asks nothing."""

    incident: str = ""
    held: bool | None = None
    due_by: datetime | None = None
    behind: tuple[datetime, str, str] | None = None
    """Due date, incident and name behind which the page begins."""
    without: frozenset[str] = frozenset()
    limit: int = field(default=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was answered to a request that its client marked with a key, so that a repeated one has no second effect.

    `request` is a hash of what was asked. `status` is 0 while the first request is carried out.
    """

    account: str
    key: str
    request: str
    at: datetime
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
