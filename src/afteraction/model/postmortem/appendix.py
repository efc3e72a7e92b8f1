"""The appendix, the footer, and the ledger that every citation points into."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from afteraction.model.origin import Basis
from afteraction.model.postmortem.value import (
    Part,
    Shape,
    Value,
    asked,
    checked,
    normal_block,
    normal_line,
    settle,
    undashed,
)

_UNSAFE_IN_URL = re.compile(r"[\s<>()\[\]\\`]")


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A related document; the url `#` means that nobody linked it yet."""

    title: str
    url: str = "#"

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", normal_line(self.title))
        object.__setattr__(self, "url", _UNSAFE_IN_URL.sub(_percent, normal_line(self.url)) or "#")


def _links() -> tuple[Link, ...]:
    titles = ("Incident Response Log", "Technical Analysis Report", "Customer Impact Report", "Monitoring Data")
    return tuple(Link(title=title) for title in titles)


DEFAULT_COMMANDS = """# Key commands used during incident response
kubectl get pods --all-namespaces
kubectl describe pod <pod-name> -n <namespace>
kubectl logs <pod-name> -n <namespace> --previous
kubectl get events --all-namespaces --sort-by='.lastTimestamp'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Part):
    """Who held which role."""

    incident_commander: Value | None = asked(
        "Incident Commander", "[Name]", "Who was the incident commander?", Shape.LINE
    )
    technical_lead: Value | None = asked("Technical Lead", "[Name]", "Who led the technical work?", Shape.LINE)
    communications_lead: Value | None = asked(
        "Communications Lead", "[Name]", "Who spoke to customers and stakeholders?", Shape.LINE
    )
    facilitator: Value | None = asked(
        "Post-Mortem Facilitator", "[Name]", "Who facilitates the post-mortem meeting?", Shape.LINE
    )
    scribe: Value | None = asked("Scribe", "[Name]", "Who kept the record?", Shape.LINE)


_MARKER = re.compile(r"\A(?:[-+*] |[-+*_ ]+\Z)+")
"""What would make a list item an item of another list, or a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Somebody who took part; `name` empty stands for the template's blank line. A dash in a name becomes a longer one."""

    name: str = ""
    role: str = ""
    citations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checked(self.citations)
        name = undashed(_MARKER.sub("", normal_line(self.name)))
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "role", normal_line(self.role) if name else "")
        object.__setattr__(self, "citations", self.citations if name else ())


def _attendees() -> tuple[Attendee, ...]:
    return (Attendee(), Attendee(), Attendee())


@dataclass(frozen=True, slots=True, kw_only=True)
class Appendix:
    """Section "Appendix". `commands` None renders the template's four examples."""

    links: tuple[Link, ...] = field(default_factory=_links)
    commands: str | None = None
    team: Team = field(default_factory=Team)
    attendees: tuple[Attendee, ...] = field(default_factory=_attendees)

    def __post_init__(self) -> None:
        if self.commands is not None:
            text = normal_block(self.commands)
            object.__setattr__(self, "commands", None if text in {"", DEFAULT_COMMANDS} else text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer(Part):
    """The lines below the rule."""

    completed_by: Value | None = asked("Post-Mortem Completed By", "[Name]", "Who completed this document?", Shape.LINE)
    date: Value | None = asked("Date", "[Date]", "When was this document completed?", Shape.LINE)
    next_review: Value | None = asked("Next Review Date", "[Date]", "When is this looked at again?", Shape.LINE)
    template_version: str = "1.0"
    last_updated: str = "2025-10-15"

    def __post_init__(self) -> None:
        settle(self)
        for name in ("template_version", "last_updated"):
            object.__setattr__(self, name, normal_line(getattr(self, name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """What a citation stands for. `id` is `e12` for an event, `f3` for a finding; all texts are of one line.

    `time` is in UTC as text with its precision, empty when there is none; `where` is file and line or record.
    """

    id: str
    time: str
    source: str
    text: str
    where: str
    basis: Basis

    def __post_init__(self) -> None:
        checked((self.id,))
        for name in ("time", "source", "text", "where"):
            object.__setattr__(self, name, normal_line(getattr(self, name)))
