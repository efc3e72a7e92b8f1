"""The event: a time, what it means, who or what did it, and where that was read.

An event comes out of one source and is never changed afterwards; the timeline merges events into rows and keeps
every origin. What is special about a kind of event (an alert's labels, a command's result) stands in `detail`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from afteraction.model.origin import Basis, Origin, Precision


class EventKind(StrEnum):
    """What an event means, independent of the product that recorded it."""

    ALERT_FIRING = "alert_firing"
    ALERT_ACKNOWLEDGED = "alert_acknowledged"
    ALERT_ESCALATED = "alert_escalated"
    ALERT_RESOLVED = "alert_resolved"
    MESSAGE = "message"
    CHANGE = "change"
    COMMAND = "command"
    TOOL_CALL = "tool_call"
    WARNING = "warning"
    """A machine's complaint that is not an alert: a Kubernetes Warning event, a provider's status line."""
    NOTE = "note"
    """What a person wrote down as having happened: a row of an existing timeline, a stamped bullet."""
    STATUS = "status"
    """A statement of state by a provider or on a status page."""


class ActorKind(StrEnum):
    """Who or what acted."""

    PERSON = "person"
    AGENT = "agent"
    TOOL = "tool"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who or what did something; `role` is set when the material states it (Incident Commander, Scribe)."""

    name: str
    kind: ActorKind = ActorKind.UNKNOWN
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert's identity and condition.

    `key` is the same for the firing, acknowledgement and resolution of one alert (fingerprint, incident key).
    `active_at` is when the condition began, where the product tells it apart from when the alert fired.
    """

    key: str
    name: str
    severity: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    active_at: datetime | None = None

    @property
    def harmless(self) -> bool:
        """Whether its own severity says that nobody needs to act."""
        return self.severity.lower() in _HARMLESS


_HARMLESS = {"info", "information", "informational", "notice", "none", "debug", "ok"}


class ChangeKind(StrEnum):
    """What sort of change people or machines made."""

    DEPLOY = "deploy"
    COMMIT = "commit"
    FLAG = "flag"
    CONFIG = "config"
    MIGRATION = "migration"
    SCALE = "scale"
    ROLLBACK = "rollback"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change to the system. `ref` is a commit sha, a flag name or a release; `files` are paths in the repository.

    `status` is what became of it (started, succeeded, failed, rolled back), `environment` where it was made (production);
    both are empty when the material does not say.
    """

    kind: ChangeKind
    ref: str
    title: str = ""
    version: str = ""
    files: tuple[str, ...] = ()
    diff: str = ""
    before: str = ""
    after: str = ""
    status: str = ""
    environment: str = ""


class Effect(StrEnum):
    """What a command or tool call does to the system."""

    DIAGNOSTIC = "diagnostic"
    STATE_CHANGING = "state_changing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A command or tool call that was executed.

    `tool` is the MCP tool's name, or the program for a shell command; `arguments` is the JSON text of the tool's
    arguments; `command` is the shell command line. `automated` is True when no person commanded the call, False when
    one did, None when the material does not say. `seconds` is the duration.
    """

    tool: str
    arguments: str = ""
    command: str = ""
    result: str = ""
    effect: Effect = Effect.UNKNOWN
    is_error: bool = False
    automated: bool | None = None
    suggestion: str = ""
    """How an agent's suggestion was met: offered, accepted, edited, rejected; empty when unknown or nobody was asked.

    Together with `automated` it tells by whom: accepted, edited or rejected by a person when that is False; rejected by a
    rule of the configuration when it is True; by nobody knows whom when it is None.
    """
    server: str = ""
    seconds: float | None = None
    exit_code: int | None = None
    call_id: str = ""
    """The agent's own id of the call, equal in every recording of it."""
    server_version: str = ""
    client_version: str = ""
    progress: str = ""
    """The last progress that the server told before its answer."""
    trace: str = ""
    """The trace to which the call belongs: 32 hexadecimal digits (W3C Trace Context)."""
    incident: str = ""
    """The incident for which the call was recorded, as named when the recording was started."""
    stopped: bool = False
    """Whether a person stopped it while it ran."""

    @property
    def approval_known(self) -> bool:
        """Whether the material tells by whose word the call was made, or refused."""
        return self.automated is not None or self.suggestion in {"accepted", "edited"}

    @property
    def carried_out(self) -> bool:
        """Whether the call was made: one that was refused, or offered and never answered, was not."""
        return self.suggestion not in {"rejected", "offered"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that somebody wrote. `thread` is equal for all messages of one thread."""

    channel: str = ""
    thread: str = ""
    reactions: tuple[str, ...] = ()
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A cluster's or provider's complaint: about which object, why, and how often."""

    object_ref: str
    reason: str
    count: int = 1
    first_at: datetime | None = None


Detail = Alert | Change | Call | Message | Warned


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at a time.

    `at` is in UTC; `zone` keeps the zone of the text it was read from (an IANA name or an offset), `precision` the
    tick of its clock. `source` is the name of the source that read it. `id` is empty until the timeline numbers the
    events (`e1`, `e2`, ...). `also` holds further origins of the same happening.
    """

    at: datetime
    precision: Precision
    kind: EventKind
    text: str
    source: str
    origin: Origin
    basis: Basis = Basis.OBSERVED
    actor: Actor | None = None
    service: str = ""
    zone: str = "UTC"
    detail: Detail | None = None
    also: tuple[Origin, ...] = field(default=())
    id: str = ""
    unsorted: bool = False
    """Whether it was kept by what keeps all that passes, of every incident and of none: a recorder, a receiver."""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"an event needs a zone-aware time, got {self.at!r} from {self.origin}")
