"""The client of a collector: its settings go in, a guarded client that signs its requests comes out."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

import httpx2

from afteraction.errors import BadSettings
from afteraction.model.collecting import CollectorSettings
from afteraction.network.client import Outgoing
from afteraction.network.guard import Guard


def client_of(
    settings: CollectorSettings, allow: tuple[str, ...], headers: Mapping[str, str] | None = None
) -> Outgoing:
    """Return a client whose guard lets the settings' own host pass; `headers` take the place of the usual token.

    Raises:
        BadSettings: when the certificates cannot be read.
    """
    told = dict(headers or {})
    auth: httpx2.Auth | None = None
    if settings.user:
        auth = httpx2.BasicAuth(settings.user, settings.token)
    elif settings.token and headers is None:
        told["Authorization"] = f"Bearer {settings.token}"
    if settings.tenant:
        told["X-Scope-OrgID"] = settings.tenant
    verify = trusted(settings.name, settings.ca_file)
    return Outgoing(settings.url, guard=Guard(allow, url=settings.url), headers=told, auth=auth, verify=verify)


def trusted(name: str, ca_file: str) -> ssl.SSLContext | None:
    """Return a context that trusts the certificates of a file beside the system's; None without a file."""
    if not ca_file:
        return None
    try:
        context = httpx2.create_ssl_context()
        context.load_verify_locations(cafile=str(Path(ca_file).expanduser()))
    except (OSError, ssl.SSLError) as error:
        raise BadSettings(f"collect.{name}.ca_file: {ca_file} cannot be used: {error}") from error
    return context
