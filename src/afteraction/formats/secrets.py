"""Secrets are masked: text goes in, the same text with a stable token in the place of each secret comes out.

The rules are in `secrets.toml`: a pattern is tried only where one of its keywords stands, so that clean text costs a few
searches. Line ends and their number never change, masking twice changes nothing more, and equal secrets get equal
tokens within a run (`[masked:aws-key:0002]`), numbered by first appearance, so that they say nothing about the value.
Hashes, UUIDs and names are left alone unless a name beside them says that they are secret.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from afteraction.formats.personal import personal_data
from afteraction.formats.secret_blocks import Candidate, key_material, kubernetes_secrets
from afteraction.formats.secret_rules import SPARED, classes_of, entropy_of, rule_set
from afteraction.model.reading import Reading
from afteraction.model.settings import SecretRule

_TOKEN = re.compile(r"\[masked:[a-z0-9-]+:[0-9a-f]+\]")
_ODD = 1_000_000
"""Up to so many characters in all a text is searched for secrets that no run of plain characters shows."""
_REPEATED = re.compile(r"[\w+/.=~-]{12,}")
"""A run of characters that a secret is looked up by where it stands again, without a name beside it."""
_MEMO = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A masked text and how many secrets of which kind were in it."""

    text: str
    counts: tuple[tuple[str, int], ...]


class Masker:
    """Masks texts of one run; equal secrets get equal tokens, and what was masked is counted by kind."""

    def __init__(self, own: tuple[SecretRule, ...] = (), *, personal: Collection[str] = ()) -> None:
        """Take a team's own rules and the kinds of personal data that are masked, too (see `formats.personal`)."""
        self._rules = rule_set(own)
        self._personal = frozenset(personal)
        self._counts: Counter[str] = Counter()
        self._tokens: dict[str, str] = {}
        self._memo: dict[str, tuple[str, tuple[str, ...]]] = {}

    def counts(self) -> tuple[tuple[str, int], ...]:
        """Return how many secrets of which kind were masked so far."""
        return tuple(sorted(self._counts.items()))

    def mask(self, text: str) -> str:
        """Return `text` without its secrets."""
        known = self._memo.get(text)
        if known is None:
            known = self._masked(text)
            if len(text) <= 400 and len(self._memo) < _MEMO:
                self._memo[text] = known
        self._counts.update(known[1])
        return known[0]

    def hide(self, value: str, kind: str) -> str:
        """Return the token for a value that is known to be secret, line by line; blanks and tokens stay."""
        if not value.strip() or _TOKEN.fullmatch(value.strip()) or SPARED.fullmatch(value.strip()):
            return value
        self._counts[kind] += 1
        return self._replace(value, [Candidate(0, len(value), kind, lines=True)])

    def _masked(self, text: str) -> tuple[str, tuple[str, ...]]:
        kinds: list[str] = []
        for _ in range(4):  # What is left beside a token may only now look like a secret; two rounds settle it.
            found = _settle(text, list(self._candidates(text)))
            if not found:
                break
            kinds += [candidate.kind for candidate in found]
            secrets = {text[c.start : c.end]: c.kind for c in found if not c.lines}
            text = self._repeated(self._replace(text, found), secrets, kinds)
        return text, tuple(kinds)

    def _candidates(self, text: str) -> Iterator[Candidate]:
        secretive = False
        for candidate, named in self._rules.candidates(text):
            secretive = secretive or named
            if candidate is not None:
                yield candidate
        yield from key_material(text, entropy_of)
        if secretive:
            yield from kubernetes_secrets(text)
        if self._personal:
            yield from personal_data(text, self._personal)

    def _repeated(self, text: str, secrets: dict[str, str], kinds: list[str]) -> str:
        """Mask the secrets where they stand a second time with no name beside them (`token=X, tried X again`)."""
        known = {value.strip(): kind for value, kind in secrets.items() if classes_of(value) > 1}
        odd = [v for v in known if len(v) > 11 and re.search(r"\d", v) and not _REPEATED.fullmatch(v)]
        for value in odd if len(odd) * len(text) < _ODD else ():
            if value in text:
                kinds += [known[value]] * text.count(value)
                text = text.replace(value, self._token(value, known[value]))
        if len(odd) == len(known):
            return text

        def hidden(found: re.Match[str]) -> str:
            kind = known.get(found[0])
            if kind is None:
                return found[0]
            kinds.append(kind)
            return self._token(found[0], kind)

        return _REPEATED.sub(hidden, text)

    def _replace(self, text: str, found: list[Candidate]) -> str:
        parts: list[str] = []
        position = 0
        for candidate in found:
            secret = text[candidate.start : candidate.end]
            parts.append(text[position : candidate.start])
            several = candidate.lines or len(secret.splitlines()) > 1
            parts.append((self._by_line if several else self._token)(secret, candidate.kind))
            position = candidate.end
        return "".join([*parts, text[position:]])

    def _by_line(self, secret: str, kind: str) -> str:
        """Replace each line of a secret that spans several, so that the number of lines stays."""
        pieces = re.split(r"(\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]|\\r\\n|\\n)", secret)
        token = self._token(secret, kind)
        return "".join(piece if at % 2 or not piece.strip() else token for at, piece in enumerate(pieces))

    def _token(self, secret: str, kind: str) -> str:
        token = self._tokens.get(secret)
        if token is None:
            # Numbered, not hashed: the same material gives the same document, and a token helps nobody to test a guess.
            token = self._tokens[secret] = f"[masked:{kind}:{len(self._tokens) + 1:04d}]"
        return token


def mask(text: str) -> Masked:
    """Mask one text with a masker of its own."""
    masker = Masker()
    return Masked(text=masker.mask(text), counts=masker.counts())


def _settle(text: str, found: list[Candidate]) -> list[Candidate]:
    """Return the candidates in order without overlap, the longer of two first, none that touches a token."""
    tokens = [match.span() for match in _TOKEN.finditer(text)] if "[masked:" in text else []
    kept: list[Candidate] = []
    for candidate in sorted(dict.fromkeys(found), key=lambda c: (c.start, -c.end)):
        if kept and candidate.start < kept[-1].end:
            continue
        before = bisect_left(
            tokens, (candidate.end, 0)
        )  # tokens do not overlap, so that the last one before the end decides
        if before and tokens[before - 1][1] > candidate.start:
            continue
        if candidate.lines and not text[candidate.start : candidate.end].strip():
            continue
        kept.append(candidate)
    return kept


_SENSITIVE = re.compile(
    r"(?:^|[^a-z]|(?<=[a-z])(?=[A-Z]))(?:password|passwd|passphrase|pwd|secret|token|credentials?|api[_-]?key|cookie|"
    r"(?:access|secret|private|auth|account|signing|encryption|master)[_-]?key|authorization)$",
    re.IGNORECASE,
)
"""Names whose value is secret whatever it looks like."""
T = TypeVar("T")


def mask_value(value: T, masker: Masker) -> T:
    """Return `value` with every text in it masked: frozen dataclasses, tuples, lists and mappings are gone through.

    A text beside a name that is secret by itself (`("password", ...)`, `{"name": "DB_PASSWORD", "value": ...}`, the data
    of a Kubernetes Secret) is masked whole. Arrays, times, numbers and callables are passed on.
    """
    masked: T = _walk(value, masker)
    return masked


def mask_reading(reading: Reading, masker: Masker) -> Reading:
    """Return `reading` with the texts of all its events, objects, statements and problems masked."""
    return mask_value(reading, masker)


def _walk(value: Any, masker: Masker) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return masker.mask(value)
    if isinstance(value, tuple):
        return _walk_tuple(value, masker)
    if isinstance(value, list):
        return [_walk(item, masker) for item in value]
    if isinstance(value, Mapping):
        return _walk_mapping(value, masker)
    if is_dataclass(value) and not isinstance(value, type):
        return _walk_dataclass(value, masker)
    return value


def _walk_tuple(value: tuple[Any, ...], masker: Masker) -> tuple[Any, ...]:
    if len(value) == 2 and all(type(item) is str for item in value) and _SENSITIVE.search(value[0]):
        return value[0], masker.hide(value[1], "secret")
    items = tuple([_walk(item, masker) for item in value])
    return value if all(new is old for new, old in zip(items, value, strict=True)) else items


def _walk_mapping(value: Mapping[str, Any], masker: Masker) -> dict[str, Any]:
    secret = value.get("kind") == "Secret"
    named = isinstance(value.get("name"), str) and _SENSITIVE.search(value["name"])
    return {
        masker.mask(key) if isinstance(key, str) else key: _walk_item(
            key, item, masker, whole=(secret and key in {"data", "stringData"}) or bool(named and key == "value")
        )
        for key, item in value.items()
    }


def _walk_item(key: Any, item: Any, masker: Masker, *, whole: bool) -> Any:
    if whole or (isinstance(key, str) and isinstance(item, str) and _SENSITIVE.search(key)):
        return _hide_all(item, masker)
    return _walk(item, masker)


def _hide_all(item: Any, masker: Masker) -> Any:
    if isinstance(item, str):
        return masker.hide(item, "secret")
    if isinstance(item, Mapping):
        return {key: _hide_all(inner, masker) for key, inner in item.items()}
    return [_hide_all(inner, masker) for inner in item] if isinstance(item, list) else item


def _walk_dataclass(value: Any, masker: Masker) -> Any:
    changed = {}
    for name in _field_names(type(value)):
        old = getattr(value, name)
        if isinstance(old, Mapping) and name == "data" and getattr(value, "kind", "") == "Secret":
            old = {**old, "kind": "Secret"}  # The object's kind may stand beside its data only.
        new = _walk(old, masker)
        if new is not getattr(value, name) and new != getattr(value, name):
            changed[name] = new
    return replace(value, **changed) if changed else value


def _field_names(of: type[Any]) -> tuple[str, ...]:
    known = _FIELDS.get(of)
    if known is None:
        known = _FIELDS[of] = tuple(field.name for field in fields(of) if field.init)
    return known


_FIELDS: dict[type[Any], tuple[str, ...]] = {}
