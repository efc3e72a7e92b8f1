"""From what arrived to what was read: raw input, the sources that can read it, and their reading.

A source is pure: the same bytes give the same reading. What it cannot read becomes a `Problem`, and the rest is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import BinaryIO, Protocol

from afteraction.model.cluster import ClusterObject
from afteraction.model.event import Event
from afteraction.model.log import LogFile
from afteraction.model.origin import Basis, Origin
from afteraction.model.series import Edge, Series
from afteraction.model.span import Spans

SAMPLE_BYTES = 65_536
"""How many leading bytes a source sees when it decides whether a file is its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawInput:
    """What arrived: a name, its first bytes, and the way to stream it whole.

    `name` is relative to what the person named, with `/` between folders and archive members. `modified` is the
    file's modification time, a hint for year-less stamps only. `captured` is set when the capture time is known.
    """

    name: str
    head: bytes
    open: Callable[[], BinaryIO]
    size: int | None = None
    modified: datetime | None = None
    captured: datetime | None = None
    beside: Callable[[str], bytes | None] | None = None
    """Returns the bytes of the file of that name in the same folder, for formats that come as two files."""

    def read(self) -> bytes:
        """Return all bytes; for formats that are small by nature, never for logs."""
        with self.open() as stream:
            return stream.read()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that could not be read: where, why, and what to do about it."""

    origin: Origin
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}" + (f" ({self.remedy})" if self.remedy else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A field value that the material states in so many words (a severity declared in chat, a title of an alert).

    `field` is the dotted name of the post-mortem's field (`summary.severity`).
    """

    field: str
    value: str
    origin: Origin
    source: str
    basis: Basis = Basis.REPORTED
    at: datetime | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, or a bot, whom a file lists: the id that other files use, and the names behind it.

    `name` is the handle, `real_name` the full name, `title` what the file says of the person's position. Any but `id`
    may be empty. Origins stand on the events that name the person; a person alone is no happening.
    """

    id: str
    name: str = ""
    real_name: str = ""
    title: str = ""
    bot: bool = False

    @property
    def shown(self) -> str:
        """The name under which the person appears: the full one, else the handle, else the id."""
        return self.real_name or self.name or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a source may know beside the bytes: the zone of zone-less stamps, the incident's day, the order of dates.

    `day` is what the other files say; it serves a file that gives times of day and no date anywhere. `date_order` is that
    of dates in numbers, where the file itself shows it (`dmy`, `mdy`; empty: the likeliest).
    """

    zone: str = "UTC"
    year_hint: int | None = None
    day: date | None = None
    date_order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one source read out of one raw input."""

    events: tuple[Event, ...] = ()
    series: tuple[Series, ...] = ()
    spans: tuple[Spans, ...] = ()
    logs: tuple[LogFile, ...] = ()
    objects: tuple[ClusterObject, ...] = ()
    edges: tuple[Edge, ...] = ()
    statements: tuple[Statement, ...] = ()
    people: tuple[Person, ...] = ()
    problems: tuple[Problem, ...] = ()
    lines: int = 0
    undated: tuple[time, ...] = ()
    """Times of day, as written, whose date nothing in the file gives; what stands there is left out until it is known."""


class Source(Protocol):
    """What can read one format. Sources are independent of one another and listed in `afteraction.sources.SOURCES`."""

    @property
    def name(self) -> str:
        """The word for this source everywhere: in events, docs and the command line (`slack-export`)."""
        ...

    @property
    def summary(self) -> str:
        """One line: what it reads and what that yields."""
        ...

    def claims(self, raw: RawInput) -> bool:
        """Say whether `raw` is this source's, from its name and first bytes only. Never raises."""
        ...

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read `raw`. Deterministic; bad records become problems; never raises on bad input."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one raw input: by which source it was read (empty: kept but unread) and with what yield."""

    file: str
    source: str
    events: int = 0
    lines: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All readings of one incident together, secrets masked; `masked` counts them by kind of secret."""

    events: tuple[Event, ...] = ()
    series: tuple[Series, ...] = ()
    spans: tuple[Spans, ...] = ()
    logs: tuple[LogFile, ...] = ()
    objects: tuple[ClusterObject, ...] = ()
    edges: tuple[Edge, ...] = ()
    statements: tuple[Statement, ...] = ()
    people: tuple[Person, ...] = ()
    files: tuple[FileReport, ...] = ()
    masked: tuple[tuple[str, int], ...] = field(default=())
