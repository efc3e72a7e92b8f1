"""Somebody whom a provider of OpenID Connect knows signs in: what it says of them comes in, account and session go out.

An account belongs to issuer and subject, never to a name or an address, which others may come to bear. Who has none gets
one, with a handle of its own. Refused: who has no role here, whose address is of another domain, whose account is disabled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from afteraction.errors import Conflict, NotSignedIn, UsageError
from afteraction.model.account import Account, Role
from afteraction.model.record import COMPUTED, AuditEntry, Author
from afteraction.model.settings import OpenId
from afteraction.ports.store import Store, Transaction
from afteraction.usecases.accounts import change_account, new_account, valid_handle
from afteraction.usecases.sign_in import Visit, begin_session


@dataclass(frozen=True, slots=True, kw_only=True)
class Provided:
    """What a provider says of somebody, after its signature was checked."""

    subject: str
    """Issuer and subject, which together are nobody else's."""
    handle: str
    name: str
    role: Role | None
    domain: str
    """Of the e-mail address, if the provider has verified it."""


def provided(openid: OpenId, claims: Mapping[str, Any]) -> Provided:
    """Return what checked claims say."""
    email = claims.get("email")
    address = email if isinstance(email, str) else ""
    verified = claims.get("email_verified") in {True, "true"}
    name = claims.get("name")
    wished = claims.get("preferred_username")
    handle = wished if isinstance(wished, str) and wished else address
    return Provided(
        subject=f"{openid.issuer} {claims['sub']}", handle=handle.partition("@")[0], name=name if isinstance(name, str) else "",
        role=_role(openid, claims), domain=address.rpartition("@")[2].lower() if verified else "",
    )  # fmt: skip


def _role(openid: OpenId, claims: Mapping[str, Any]) -> Role | None:
    """Return the highest role that the claim gives, or the default."""
    told: Any = claims.get(openid.role_claim)
    if told is None:
        told = claims
        for part in openid.role_claim.split("."):
            told = told.get(part) if isinstance(told, Mapping) else None
    values = {told} if isinstance(told, str) else {one for one in told or () if isinstance(one, str)}
    found = [role for value, role in openid.roles if value in values]
    return max(found, key=lambda role: len(role.rights)) if found else openid.default_role


def admit(store: Store, openid: OpenId, told: Provided, visit: Visit) -> tuple[Account, str]:
    """Sign somebody in; returns their account and the secret of the new session.

    Raises:
        NotSignedIn: for who may not.
    """
    if openid.allowed_domains and told.domain not in {domain.lower() for domain in openid.allowed_domains}:
        raise NotSignedIn("your e-mail address is not of a domain that may sign in here, or is not verified")
    if told.role is None:
        raise NotSignedIn("you are in no group that may use this record; ask an owner of it")
    with store.begin() as record:
        record.lock_accounts()
        account = record.account_of_subject(told.subject)
        if account is None:
            account = _new(record, told, told.role, visit)
        elif openid.roles and account.role is not told.role and account.disabled_at is None:
            with suppress(Conflict):  # the last owner stays one, whatever the provider says
                account = change_account(record, account.id, role=told.role, author=COMPUTED, at=visit.at)
        return account, begin_session(record, account, visit, by=openid.issuer)


def _new(record: Transaction, told: Provided, role: Role, visit: Visit) -> Account:
    account = new_account(
        record, handle=_free_handle(record, told.handle), name=told.name, role=role, at=visit.at, subject=told.subject
    )
    record.put_account(account)
    after = json.dumps({"role": role, "name": account.name, "signs in by": told.subject}, ensure_ascii=False)
    author = Author(name=account.id)
    record.add_audit(AuditEntry(at=visit.at, author=author, what=f"account made: {account.id}", after=after))
    return account


def _free_handle(record: Transaction, wished: str) -> str:
    """Return a handle like the one that is wished; nobody gets an account that is there by bearing its name."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", wished.lower()).strip("._-")[:48].rstrip("._-")
    try:
        valid_handle(plain)
    except UsageError:
        plain = "person"
    number, handle = 1, plain
    while record.account(handle) is not None:
        number += 1
        handle = f"{plain}-{number}"
    return handle
