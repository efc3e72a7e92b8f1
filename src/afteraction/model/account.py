"""Who may use the record: accounts with a role, and the ways in which they prove who they are.

Of every secret (session, token, invitation) only its digest is here; the secret itself is shown once, when it is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Right(StrEnum):
    """What a request may need. The words are also the scopes of API tokens."""

    READ = "read"
    """See incidents and their documents."""
    RESPOND = "respond"
    """Tell what happens while an incident runs, open incidents, follow actions."""
    EDIT = "edit"
    """Write documents, freeze and draft from material, hold reviews, say who sees a private incident."""
    OWN = "own"
    """Give and take accounts and see the whole audit trail."""


class Role(StrEnum):
    """What somebody is to the record; each may do what the next may, and more."""

    OWNER = "owner"
    EDITOR = "editor"
    RESPONDER = "responder"
    READER = "reader"

    @property
    def rights(self) -> frozenset[Right]:
        """What the role allows."""
        return frozenset(list(Right)[: _COUNT[self]])


_COUNT = {Role.READER: 1, Role.RESPONDER: 2, Role.EDITOR: 3, Role.OWNER: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who signs in.

    `id` is the handle that stands as author; `password` is a hash with its parameters, empty for who signs in elsewhere;
    `subject` is issuer and subject of OpenID Connect.
    """

    id: str
    name: str
    role: Role
    created_at: datetime
    password: str = ""
    subject: str | None = None
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that is signed in: at most until `expires_at`, and no longer than it is used (`seen_at`)."""

    digest: str
    account: str
    created_at: datetime
    expires_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A secret for programs; it allows what both its scopes and its account's role allow."""

    id: str
    digest: str
    account: str
    name: str
    scopes: frozenset[Right]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link that works once: it makes an account of a role, or sets the password of the one that it names.

    `made_by` is who gave it, empty for the link of the first start, which works only while there is no owner.
    """

    digest: str
    role: Role
    created_at: datetime
    expires_at: datetime
    account: str = ""
    made_by: str = ""
    used_at: datetime | None = None
