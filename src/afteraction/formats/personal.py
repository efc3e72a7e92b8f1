"""Personal data in text: addresses of e-mail and of machines, telephone and card numbers, by option.

Text and the kinds that are wanted come in, places to mask go out. Only what can be told by its form is found: names of
people are none of it. Addresses of private networks and of the machine itself name nobody and stay, as do addresses of
services (`git@`, `noreply@`). A card number must have the length and first digits of an issuer and a right check digit.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator

from afteraction.formats.secret_blocks import Candidate

KINDS = ("email", "phone", "ip", "card")
"""The kinds of personal data, as options and settings name them."""

_EMAIL = re.compile(
    r"(?<![\w.+%-])(?P<local>[\w+%-][\w.+%-]{0,63})@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-]|\.\w|:[\w~/.-]+/)"
)
_SERVICE = re.compile(r"(?:git|hg|svn|no-?reply|do-?not-?reply|mailer-daemon|postmaster|root)", re.IGNORECASE)
_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[23][0-9A-Fa-f]{3}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
"""Only addresses of the whole Internet begin so (RFC 4291, 2000::/3); `a::b` is a name in many languages."""
_VERSION = re.compile(r"(?:\bv|\bversion|\brelease|\bbuild)[ :=]{0,3}$", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w.+/-])(?:\+\d[\d ().-]{6,18}\d|(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}|00\d[\d ]{8,16}\d)(?![\w-]|[.:]\d)"
)
_CARD = re.compile(r"(?<![\w.+/-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)")
_ISSUED = re.compile(
    r"4\d{12}(?:\d{3})?(?:\d{3})?|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}|"
    r"3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|(?:352[89]|35[3-8]\d)\d{12}|62\d{14,17}"
)
"""Numbers as Visa, Mastercard, American Express, Diners, Discover, JCB and UnionPay give them (ISO/IEC 7812)."""


def personal_data(text: str, kinds: Collection[str]) -> Iterator[Candidate]:
    """Yield the personal data of these kinds in a text, in no order."""
    for kind, finder in _FINDERS.items():
        if kind in kinds:
            yield from finder(text)


def _emails(text: str) -> Iterator[Candidate]:
    if "@" not in text:
        return
    for found in _EMAIL.finditer(text):
        if not _SERVICE.fullmatch(found["local"]):
            yield Candidate(found.start(), found.end(), "email")


def _phones(text: str) -> Iterator[Candidate]:
    for found in _PHONE.finditer(text):
        if 8 <= sum(char.isdigit() for char in found[0]) <= 15:
            yield Candidate(found.start(), found.end(), "phone")


def _addresses(text: str) -> Iterator[Candidate]:
    for pattern in (_IPV4, _IPV6):
        for found in pattern.finditer(text):
            before = text[max(0, found.start() - 12) : found.start()]
            if _is_public(found[0]) and not _VERSION.search(before):
                yield Candidate(found.start(), found.end(), "ip")


def _is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


def _cards(text: str) -> Iterator[Candidate]:
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if _ISSUED.fullmatch(digits) and len(set(digits)) > 1 and luhn(digits):
            yield Candidate(found.start(), found.end(), "card")


def luhn(digits: str) -> bool:
    """Say whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_FINDERS: dict[str, Callable[[str], Iterator[Candidate]]] = {
    "email": _emails,
    "phone": _phones,
    "ip": _addresses,
    "card": _cards,
}
