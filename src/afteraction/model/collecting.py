"""What live collectors work with: where each is told to look, what is sought for an incident, what it brings home."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from afteraction.model.event import Alert
from afteraction.model.record import Incident

FOLDER = "collected"
"""The folder within an incident's material under which everything lies that was collected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorSettings:
    """One `[collect.NAME]` of the settings.

    `targets` are what its product calls the places to look in: namespaces, channels, repositories, projects, services.
    `labels` are the labels by which a service is found, the likeliest first. `token` came from a variable or a file and
    never shows. `keeps` is how long the product keeps what is collected, None for its default.
    """

    name: str
    url: str = ""
    targets: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    user: str = ""
    token: str = field(default="", repr=False)
    tenant: str = ""
    kubeconfig: str = ""
    context: str = ""
    ca_file: str = ""
    before: timedelta = timedelta()
    keeps: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for: the traces of `incident` from `since` to `until`, as seen `at` now.

    `alerts` are those that the record knows of the incident, `services` those that it hurts or that its alerts name.
    """

    incident: Incident
    since: datetime
    until: datetime
    at: datetime
    services: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One thing that a collector is going to ask for: what, how it is asked, how long the product keeps it."""

    what: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One file as a person would have saved it: its name below the collector's folder, its bytes, what was asked for it."""

    name: str
    content: bytes
    command: str
