"""`[collect.NAME]` and `[outgoing]` of `afteraction.toml` become settings of collectors; secrets come from elsewhere.

A token is never written into the file: it comes from `AFTERACTION_<NAME>_TOKEN`, or from the file that `token_file` names.
Refused: addresses that are no http(s) or that carry a password, durations and names that cannot be used.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from afteraction.errors import BadSettings
from afteraction.model.collecting import CollectorSettings
from afteraction.network.guard import Guard

_DURATION = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_KEEPS = "how long it keeps what is collected, such as 30d; empty: its default"
_BEFORE = "how long before the window changes are looked for, such as 24h"


def _held_by(name: str) -> str:
    return f"the file that holds the token; the variable `AFTERACTION_{name}_TOKEN` wins"


class _Collector(BaseModel):
    """What every collector may be told."""

    model_config = ConfigDict(extra="forbid")

    def targets(self) -> tuple[str, ...]:
        """Return the places to look in."""
        return ()


class _Kubernetes(_Collector):
    """`[collect.kubernetes]`."""

    kubeconfig: str = Field(
        default="", description="the kubeconfig file; empty: the pod's own account, `KUBECONFIG`, else ~/.kube/config"
    )
    context: str = Field(default="", description="the context of that file; empty: its current one")
    url: str = Field(default="", description="the API server, instead of a kubeconfig")
    token_file: str = Field(default="", description=_held_by("KUBERNETES"))
    ca_file: str = Field(default="", description="certificates to trust for `url`")
    namespaces: tuple[str, ...] = Field(default=(), description="namespaces to look in; empty: all")
    labels: tuple[str, ...] = Field(
        default=("app.kubernetes.io/name", "app", "k8s-app", "component"),
        description="labels by which the pods of a service are found",
    )
    keeps: str = Field(default="", description="how long events live (`--event-ttl` of the API server); empty: 1h")

    def targets(self) -> tuple[str, ...]:
        return self.namespaces


class _Url(_Collector):
    """A product behind an address."""

    url: str = Field(default="", description="its address")
    user: str = Field(default="", description="for basic authentication; the token is the password then")
    ca_file: str = Field(default="", description="certificates to trust beside the system's")
    keeps: str = Field(default="", description=_KEEPS)


class _Prometheus(_Url):
    """`[collect.prometheus]`."""

    token_file: str = Field(default="", description=_held_by("PROMETHEUS"))
    labels: tuple[str, ...] = Field(
        default=("service", "service_name", "app", "app_kubernetes_io_name", "job", "container"),
        description="labels by which the series of a service are found, the first that fits",
    )


class _Alertmanager(_Url):
    """`[collect.alertmanager]`."""

    token_file: str = Field(default="", description=_held_by("ALERTMANAGER"))


class _Loki(_Url):
    """`[collect.loki]`."""

    token_file: str = Field(default="", description=_held_by("LOKI"))
    tenant: str = Field(default="", description="the tenant (`X-Scope-OrgID`)")
    labels: tuple[str, ...] = Field(
        default=("service_name", "app", "service", "container", "job"),
        description="labels by which the logs of a service are found",
    )


class _Slack(_Collector):
    """`[collect.slack]`."""

    url: str = Field(default="https://slack.com/api", description="its address")
    token_file: str = Field(default="", description=_held_by("SLACK"))
    channels: tuple[str, ...] = Field(
        default=(), description="ids of channels; the channel whose name holds the incident's id is found by itself"
    )
    keeps: str = Field(default="", description=_KEEPS)

    def targets(self) -> tuple[str, ...]:
        return self.channels


class _PagerDuty(_Collector):
    """`[collect.pagerduty]`."""

    url: str = Field(default="https://api.pagerduty.com", description="its address")
    token_file: str = Field(default="", description=_held_by("PAGERDUTY"))
    services: tuple[str, ...] = Field(
        default=(), description="ids of services; empty: those that are named like the incident's"
    )
    keeps: str = Field(default="", description=_KEEPS)

    def targets(self) -> tuple[str, ...]:
        return self.services


class _GitHub(_Collector):
    """`[collect.github]`."""

    url: str = Field(
        default="https://api.github.com", description="its address; of GitHub Enterprise https://HOST/api/v3"
    )
    token_file: str = Field(default="", description=_held_by("GITHUB"))
    repositories: tuple[str, ...] = Field(default=(), description="repositories as OWNER/NAME")
    before: str = Field(default="24h", description=_BEFORE)
    keeps: str = Field(default="", description=_KEEPS)

    def targets(self) -> tuple[str, ...]:
        return self.repositories


class _GitLab(_Collector):
    """`[collect.gitlab]`."""

    url: str = Field(default="https://gitlab.com", description="its address")
    token_file: str = Field(default="", description=_held_by("GITLAB"))
    projects: tuple[str, ...] = Field(default=(), description="projects as GROUP/NAME or by number")
    before: str = Field(default="24h", description=_BEFORE)
    keeps: str = Field(default="", description=_KEEPS)

    def targets(self) -> tuple[str, ...]:
        return self.projects


class Collect(BaseModel):
    """`[collect]`: a collector is set up when its table is there."""

    model_config = ConfigDict(extra="forbid")

    kubernetes: _Kubernetes = Field(default_factory=_Kubernetes)
    prometheus: _Prometheus = Field(default_factory=_Prometheus)
    alertmanager: _Alertmanager = Field(default_factory=_Alertmanager)
    loki: _Loki = Field(default_factory=_Loki)
    slack: _Slack = Field(default_factory=_Slack)
    pagerduty: _PagerDuty = Field(default_factory=_PagerDuty)
    github: _GitHub = Field(default_factory=_GitHub)
    gitlab: _GitLab = Field(default_factory=_GitLab)


class Outgoing(BaseModel):
    """`[outgoing]`."""

    model_config = ConfigDict(extra="forbid")

    allow: tuple[str, ...] = Field(
        default=(),
        description="networks, addresses, hosts and `*.suffixes` that requests may reach though they are not public; the hosts of "
        "collectors are allowed by standing in the settings",
    )


def collectors_of(read: Collect, file: Path) -> tuple[CollectorSettings, ...]:
    """Return the collectors whose table is there, in the order of their names. Raises BadSettings."""
    return tuple(_collector(name, getattr(read, name), file) for name in sorted(read.model_fields_set))


def check_outgoing(read: Outgoing, file: Path) -> tuple[str, ...]:
    """Return what may be reached. Raises BadSettings."""
    try:
        Guard(read.allow)
    except BadSettings as error:
        raise BadSettings(f"{file}: {error}") from error
    return read.allow


def _collector(name: str, read: _Collector, file: Path) -> CollectorSettings:
    told: dict[str, Any] = read.model_dump()
    url = _url(told.get("url", ""), f"{file}: collect.{name}.url", needed=name != "kubernetes")
    token_file = told.get("token_file", "")
    try:
        token = os.environ.get(f"AFTERACTION_{name.upper()}_TOKEN", "")
        if not token and token_file:
            token = Path(token_file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{file}: collect.{name}.token_file: {token_file} cannot be read: {error}") from error
    kept = {key: told.get(key, "") for key in ("user", "tenant", "kubeconfig", "context", "ca_file")}
    return CollectorSettings(
        name=name, url=url, targets=read.targets(), labels=tuple(told.get("labels", ())), token=token,
        before=_duration(told.get("before", ""), f"{file}: collect.{name}.before") or timedelta(),
        keeps=_duration(told.get("keeps", ""), f"{file}: collect.{name}.keeps"), **kept,
    )  # fmt: skip


def _url(text: str, where: str, *, needed: bool) -> str:
    if not text and not needed:
        return ""
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and " " not in text
    except ValueError:
        fits = False
    if not fits:
        shown = repr(text) if "@" not in text else "what stands there"  # it may hold a password
        raise BadSettings(f"{where}: {shown} is no http(s) address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadSettings(
            f"{where}: a user, a password or parameters have no place in it; secrets come from a variable or file"
        )
    return text.rstrip("/")


def _duration(text: str, where: str) -> timedelta | None:
    if not text:
        return None
    found = _DURATION.fullmatch(text)
    if found is None:
        raise BadSettings(f"{where}: {text!r} is no duration; give one such as 90m or 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
