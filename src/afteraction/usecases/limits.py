"""How often something secret may be guessed: attempts are counted in the record, so that all workers share the count.

An attempt is noted before it is made and taken back when it was right, so that guesses made at the same time count as
well. Who is refused is told when to try again (`TooMany`); attempts that are refused are not noted, so that the count stays
small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from afteraction.errors import TooMany
from afteraction.model.record import COMPUTED, AuditEntry
from afteraction.ports.store import Store, Transaction

WINDOW = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=30)
"""How long it is remembered at which addresses an account signed in."""
PER_ACCOUNT_AND_ADDRESS = 8
PER_ADDRESS = 60
PER_ACCOUNT = 60
"""From addresses at which the account never signed in; those at which it did have the first limit alone, so that
a stranger's guesses lock nobody out."""
PER_ADDRESS_OF_SECRETS = 60
"""API tokens and links that are none; who holds a good one is let in whatever others guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many attempts may fail in the window, counted under a name."""

    who: str
    most: int


def network_of(address: str) -> str:
    """Return what an address is counted as: an IPv6 customer holds a whole /64."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found)


def sign_in_limits(record: Transaction, handle: str, address: str, *, at: datetime) -> tuple[Limit, ...]:
    """Return what counts for somebody who signs in."""
    place, name = network_of(address), handle[:64]
    pair = Limit(who=f"account {name} at {place}", most=PER_ACCOUNT_AND_ADDRESS)
    everywhere = Limit(who=f"address {place}", most=PER_ADDRESS)
    if record.attempts(_known(name, place), since=at - KNOWN_FOR):
        return pair, everywhere
    return pair, everywhere, Limit(who=f"account {name}", most=PER_ACCOUNT)


def secret_limit(address: str) -> Limit:
    """Return what counts for somebody who shows a token or a link that is none."""
    return Limit(who=f"secrets at {network_of(address)}", most=PER_ADDRESS_OF_SECRETS)


def spend(store: Store, limits: Sequence[Limit], *, at: datetime) -> None:
    """Note an attempt that begins. Raises TooMany, in words for the one who tries."""
    with store.begin() as record:
        _refuse(record, limits, at=at, more=1)
        for limit in limits:
            record.add_attempt(limit.who, at=at)
    with store.begin() as record:  # what others noted in the same moment is seen by now
        _refuse(record, limits, at=at, more=0)


def take_back(record: Transaction, limits: Sequence[Limit], *, at: datetime) -> None:
    """Take an attempt back that was right; of the account at this address all are forgotten."""
    for limit in limits:
        record.forget_attempts(who=limit.who, at=at)
    record.forget_attempts(who=limits[0].who)


def remember(record: Transaction, handle: str, address: str, *, at: datetime) -> None:
    """Note that an account signed in at an address, and forget what is too old to count."""
    who = _known(handle[:64], network_of(address))
    if not record.attempts(who, since=at - timedelta(days=1)):
        record.forget_attempts(who=who)
        record.add_attempt(who, at=at)
    record.forget_attempts(before=at - KNOWN_FOR)


def _known(handle: str, place: str) -> str:
    return f"known {handle} at {place}"


def _refuse(record: Transaction, limits: Sequence[Limit], *, at: datetime, more: int) -> None:
    for limit in limits:
        failed = record.attempts(limit.who, since=at - WINDOW)
        if len(failed) + more > limit.most:
            free = failed[len(failed) + more - limit.most - 1] + WINDOW
            seconds = max(1, int((free - at).total_seconds()) + 1)
            raise TooMany(f"too many attempts failed; try again in {-(-seconds // 60)} minutes", seconds=seconds)


def failed_lately(record: Transaction, limits: Sequence[Limit], *, at: datetime) -> int:
    """Return how many attempts of the first kind failed in the window."""
    return len(record.attempts(limits[0].who, since=at - WINDOW))


def note_full(record: Transaction, limit: Limit, *, at: datetime) -> None:
    """Say in the audit trail, once, that a limit was reached."""
    if len(record.attempts(limit.who, since=at - WINDOW)) == limit.most:
        told = f"{limit.most} attempts failed within {int(WINDOW.total_seconds() // 60)} minutes"
        record.add_audit(
            AuditEntry(at=at, author=COMPUTED, what="sign-in refused for a while", before=told, after=limit.who)
        )
