"""Passwords: what is kept is a scrypt hash with its parameters and salt; a password comes in, a hash or a verdict goes out.

Refused: a password that is too short, too long or hardly varied. The cost is that of OWASP's password storage sheet
(N=2^15, r=8, p=3: 32 MiB). Only a few hashes are computed at a time, so that a storm of sign-ins cannot take the memory.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from threading import BoundedSemaphore

from afteraction.errors import TooMany, UsageError

MIN_LENGTH = 15
"""What NIST SP 800-63B-4 asks of a password that is the only proof."""
MAX_LENGTH = 256
_AT_ONCE = 4
_PATIENCE_SECONDS = 5.0
_TURNS = BoundedSemaphore(_AT_ONCE)
_HASH = re.compile(r"\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The parameters of scrypt: `ln` is the binary logarithm of N."""

    ln: int = 15
    r: int = 8
    p: int = 3


COST = Cost()
DUMMY = f"$scrypt$ln={COST.ln},r={COST.r},p={COST.p}${'A' * 22}==${'A' * 43}="
"""The hash of no password; it is compared for an account that is not there, so that the time tells nothing."""


def checked(password: str, *, handle: str = "") -> str:
    """Return a password that may be used. Raises UsageError that says what it lacks."""
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < MIN_LENGTH:
        raise UsageError(
            f"the password needs at least {MIN_LENGTH} characters; a few words that you alone would put together are good"
        )
    if len(plain) > MAX_LENGTH:
        raise UsageError(f"the password may have at most {MAX_LENGTH} characters")
    rest = plain.lower().replace(handle.lower(), "") if handle else plain.lower()
    if len(set(rest)) < 6:
        raise UsageError("the password is easily guessed: it hardly varies, or repeats the handle")
    return plain


def hashed(password: str, *, cost: Cost | None = None) -> str:
    """Return what is kept of a password. Raises TooMany when too many are hashed already."""
    cost = cost or COST
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, cost)
    return f"$scrypt$ln={cost.ln},r={cost.r},p={cost.p}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def fits(password: str, kept: str) -> bool:
    """Say whether a password is the one of a hash; for what is no hash it takes as long and is not.

    Raises:
        TooMany: when too many are hashed already.
    """
    cost, salt, digest = _parts(kept) or _parts(DUMMY) or (COST, b"", b"")
    same = hmac.compare_digest(_scrypt(password, salt, cost), digest)
    return same and _parts(kept) is not None and kept != DUMMY


def outdated(kept: str) -> bool:
    """Say whether a hash was made at another cost than is asked today."""
    parts = _parts(kept)
    return parts is None or parts[0] != COST


def _parts(kept: str) -> tuple[Cost, bytes, bytes] | None:
    found = _HASH.fullmatch(kept)
    if found is None:
        return None
    try:
        salt, digest = b64decode(found[4], validate=True), b64decode(found[5], validate=True)
    except NotBase64:
        return None
    return Cost(ln=int(found[1]), r=int(found[2]), p=int(found[3])), salt, digest


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    plain = unicodedata.normalize("NFKC", password[: 4 * MAX_LENGTH]).encode(errors="replace")
    n = 2**cost.ln
    if not _TURNS.acquire(timeout=_PATIENCE_SECONDS):
        raise TooMany("many people sign in at this moment; try again in a few seconds", seconds=5)
    try:
        return hashlib.scrypt(
            plain, salt=salt, n=n, r=cost.r, p=cost.p, maxmem=256 * cost.r * (n + cost.p + 2), dklen=32
        )
    finally:
        _TURNS.release()
