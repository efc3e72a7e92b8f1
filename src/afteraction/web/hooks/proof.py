"""What proves that a delivery comes from who it says: each vendor's own signature, or a secret that both sides know.

The bytes that were sent and one secret come in; out comes what is wrong, or nothing. Comparisons take the same time
wherever two texts differ. A signature over a time is good for five minutes around that time, so that nobody can send what
was overheard later on.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

WINDOW_SECONDS = 300
"""How far the sender's clock may differ from this one's."""
TOKEN_HEADER = "x-afteraction-token"  # noqa: S105  (the name of a header, no secret)
_WHOLE = "whsec_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as it arrived: headers by their small names, the token of its address, the bytes of its body."""

    headers: Mapping[str, str]
    token: str
    body: bytes
    at: datetime
    user: str = ""
    """The name that has to come with basic authentication, empty for any."""


Proof = Callable[[Sent, str], str]
"""Says what is wrong with a request by one secret; empty when it is proved."""


def _same(given: str | bytes, wanted: str | bytes) -> bool:
    left, right = (text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text for text in (given, wanted))
    return hmac.compare_digest(left, right)


def _hex(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, sha256).hexdigest()


def _late(stamp: str, at: datetime) -> str:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return "its time is no number of seconds since 1970"
    apart = abs(at.timestamp() - int(stamp))
    return f"it was signed {apart:.0f} s from now, and {WINDOW_SECONDS} are allowed" if apart > WINDOW_SECONDS else ""


def signed(header: str, prefix: str = "") -> Proof:
    """Return the proof by an HMAC-SHA256 of the body in hexadecimal digits; of several, with commas, one has to fit."""

    def proof(sent: Sent, secret: str) -> str:
        given = sent.headers.get(header, "")
        if not given:
            return f"the header {header} is missing"
        wanted = f"{prefix}{_hex(secret, sent.body)}"
        found = [_same(one.strip(), wanted) for one in given.split(",")[:16]]
        return "" if any(found) else f"the signature in {header} does not fit the body and the secret"

    return proof


def stamped(header: str, stamp_header: str, *, before: str, between: str, prefix: str = "") -> Proof:
    """Return the proof by an HMAC-SHA256 of a time and the body: `before`, the time, `between`, the body."""

    def proof(sent: Sent, secret: str) -> str:
        given, stamp = sent.headers.get(header, ""), sent.headers.get(stamp_header, "")
        if not given or not stamp:
            return f"the header {header if not given else stamp_header} is missing"
        if late := _late(stamp, sent.at):
            return late
        wanted = f"{prefix}{_hex(secret, f'{before}{stamp}{between}'.encode() + sent.body)}"
        found = [_same(one.strip(), wanted) for one in given.split(",")[:16]]
        return "" if any(found) else f"the signature in {header} does not fit the time, the body and the secret"

    return proof


def standard(sent: Sent, secret: str) -> str:
    """Prove by a signature of Standard Webhooks: HMAC-SHA256 of id, time and body, in base64."""
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    name, stamp, given = (sent.headers.get(one, "") for one in names)
    if not name or not stamp or not given:
        return f"the header {next(one for one in names if not sent.headers.get(one))} is missing"
    if late := _late(stamp, sent.at):
        return late
    try:
        key = base64.b64decode(secret.removeprefix(_WHOLE)) if secret.startswith(_WHOLE) else secret.encode()
    except (ValueError, binascii.Error):
        return "the secret of this endpoint is no base64 behind whsec_"
    made = hmac.new(key, f"{name}.{stamp}.".encode("utf-8", "surrogatepass") + sent.body, sha256).digest()
    wanted = f"v1,{base64.b64encode(made).decode()}"
    found = [_same(one, wanted) for one in given.split()[:16]]
    return "" if any(found) else "webhook-signature does not fit the id, the time, the body and the secret"


def known(header: str) -> Proof:
    """Return the proof by a secret in a header of its own."""

    def proof(sent: Sent, secret: str) -> str:
        given = sent.headers.get(header, "")
        if not given:
            return f"the header {header} is missing"
        return "" if _same(given, secret) else f"the secret in {header} is wrong"

    return proof


def authorised(sent: Sent, secret: str) -> str:
    """Prove by `Authorization`: the secret as bearer token, or as password of basic authentication."""
    scheme, _, rest = sent.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return "" if _same(rest.strip(), secret) else "the token in authorization is wrong"
    if scheme.lower() != "basic":
        return "the header authorization is missing; send the secret as bearer token or as password"
    try:
        user, _, password = base64.b64decode(rest.strip(), validate=True).decode("utf-8", "replace").partition(":")
    except (ValueError, binascii.Error):
        return "the header authorization is no basic authentication"
    right = _same(password, secret) & (not sent.user or _same(user, sent.user))
    return "" if right else "the name or the password in authorization is wrong"


def in_address(sent: Sent, secret: str) -> str:
    """Prove by `?token=` in the address, for senders that can add no header."""
    if not sent.token:
        return "the secret is missing: no authorization, no x-afteraction-token, no ?token= in the address"
    return "" if _same(sent.token, secret) else "the token in the address is wrong"


def any_of(*proofs: tuple[str, Proof]) -> Proof:
    """Return the proof by the first one whose header came (empty: whatever came)."""

    def proof(sent: Sent, secret: str) -> str:
        chosen = next((one for header, one in proofs if not header or header in sent.headers), None)
        return (
            chosen(sent, secret) if chosen else f"one of these headers has to come: {', '.join(h for h, _ in proofs)}"
        )

    return proof
