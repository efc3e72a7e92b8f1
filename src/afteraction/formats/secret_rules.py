"""The rules that say what a secret looks like: those of `secrets.toml` and a team's own, tried at once.

A pattern is tried only where one of its keywords stands. A team's rule that cannot be used (no group, a pattern that may
never end, an example that it does not mask) is refused with the reason.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from afteraction.formats.keyword_scan import KeywordScan
from afteraction.formats.secret_blocks import Candidate
from afteraction.model.settings import SecretRule

_REACH_BACK, _REACH = 600, 24_000
"""How far around a keyword on its line a pattern looks, so that a line without end costs no more than others."""
_GROUPS = 32
"""How many rules one scan for keywords takes."""
SPARED = re.compile(
    r"(?i:true|false|null|none|nil|undefined|required|optional|redacted|hidden|masked|removed|filtered|omitted|empty|unset|"
    r"string|str|text|password|passwd|secret|token|yes|no|on|off|invalid|incorrect|expired|missing|denied|failed|wrong|"
    r"bearer|basic|digest|negotiate|ok|set|not|is|was|and|or|for|the)[.!]?|[*•xX.…#_-]+|<[^>]*>?|\$[\w({@*].*|%\w+%?|\{\{.*|\[[^\]]*\]?|\(.*|"
    r"/(?:[\w.-]+/)*[\w.-]*|(?:os|process|System)\.(?:env|getenv).*|[A-Za-z_][\w.]*\(",
)
"""What stands in the place of a secret without being one: words of state, placeholders, references, paths."""
_NAME = re.compile(
    r"(?:[a-z]{2,16}\d{0,3}|k8s|[a-z]\d?[a-z]?)(?:[-.][a-z0-9]{1,16})+|[a-z]+://.*|\d{4}-\d\d-\d\dT?[\d:.Z+-]*|[\w.]+\([^)]*\)?.*|[\d.,:/%-]{1,23}"
)
"""Names in the form that clusters give them, addresses, dates, calls and plain numbers: no secrets without more."""
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_VOWELS = frozenset("aeiouyAEIOUY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the data file; see there for the fields."""

    id: str
    keywords: tuple[str, ...]
    pattern: re.Pattern[str]
    entropy: float = 0.0
    classes: int = 0
    digit: bool = False
    named: bool = False
    lines: bool = False
    masks: tuple[tuple[str, str], ...] = ()
    spares: tuple[str, ...] = ()

    def find(self, text: str, start: int, end: int) -> Iterator[Candidate]:
        """Yield what the pattern takes for a secret between two places."""
        for found in self.pattern.finditer(text, start, end):
            group = next((name for name, value in found.groupdict().items() if value is not None), None)
            if group is not None and self._is_secret(found[group]):
                yield Candidate(found.start(group), found.end(group), self.id, lines=self.lines)

    def _is_secret(self, value: str) -> bool:
        if self.lines and not self.classes:
            return True
        if SPARED.fullmatch(value) or (self.named and _NAME.fullmatch(value) and not _UUID.search(value)):
            return False
        if classes_of(value) < self.classes and not (value.isdigit() and len(value) > 23):
            return False
        if self.digit and not any(char.isdigit() for char in value) and not is_gibberish(value):
            return False
        return not self.entropy or entropy_of(value) >= self.entropy


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules of the data file."""
    data = tomllib.loads(files("afteraction.formats").joinpath("secrets.toml").read_text("utf-8"))
    return tuple(
        Rule(
            id=rule["id"],
            keywords=tuple(rule["keywords"]),
            pattern=re.compile(rule["pattern"], re.MULTILINE | (0 if rule.get("exact") else re.IGNORECASE)),
            entropy=rule.get("entropy", 0.0),
            classes=rule.get("classes", 0),
            digit=rule.get("digit", False),
            named=rule.get("named", False),
            lines=rule.get("lines", False),
            masks=tuple((text, secret) for text, secret in rule["masks"]),
            spares=tuple(rule["spares"]),
        )
        for rule in data["rule"]
    )


class RuleSet:
    """Rules that are tried together: those of the data file first, then a team's own."""

    def __init__(self, own: Sequence[Rule] = ()) -> None:
        self.rules = (*rules(), *own)
        chunks = [self.rules[at : at + _GROUPS] for at in range(0, len(self.rules), _GROUPS)]
        self._scans = [KeywordScan([rule.keywords for rule in chunk]) for chunk in chunks]

    def candidates(self, text: str) -> Iterator[tuple[Candidate | None, bool]]:
        """Yield what the rules take for secrets, and whether the rule goes by a name beside them.

        None is yielded where a keyword stands and nothing else. There is no order, and one place may be yielded twice.
        """
        reached = [0] * len(self.rules)
        for number, scan in enumerate(self._scans):
            for at, found in scan.find(text):
                index = number * _GROUPS + found
                rule = self.rules[index]
                if rule.named:
                    yield None, True
                if at < reached[index]:
                    continue
                if rule.lines:
                    # The next look begins half a reach on: nothing is looked at more than twice, and what begins
                    # before it is seen whole.
                    start, end = at, min(len(text), at + _REACH)
                    reached[index] = at + _REACH // 2
                else:
                    start, end = _line_around(text, at)
                    reached[index] = max(end, at + 1)
                for candidate in rule.find(text, start, end):
                    yield candidate, rule.named


@cache
def rule_set(own: tuple[SecretRule, ...] = ()) -> RuleSet:
    """Return the rules with a team's own, made once.

    Raises:
        ValueError: when one of them cannot be used, with the reason.
    """
    return RuleSet([own_rule(rule) for rule in own])


_ID = re.compile(r"[a-z][a-z0-9-]{1,40}")


def own_rule(given: SecretRule) -> Rule:
    """Return a team's rule, ready to use; its examples are tried.

    Raises:
        ValueError: when it cannot be used, with the reason.
    """
    if not _ID.fullmatch(given.id):
        raise ValueError(f"the id {given.id!r} is not made of lower-case letters, digits and `-`")
    if not given.keywords or any(
        len(word) < 3 or word != word.lower() or not word.isascii() for word in given.keywords
    ):
        raise ValueError(f"{given.id}: a rule needs keywords of three or more plain characters in lower case")
    try:
        pattern = re.compile(given.pattern, re.MULTILINE | (0 if given.exact else re.IGNORECASE))
    except re.error as error:
        raise ValueError(f"{given.id}: the pattern is no regular expression: {error}") from error
    if not any(name.startswith("secret") for name in pattern.groupindex):
        raise ValueError(f"{given.id}: the pattern has no group (?P<secret>...) around what is to be masked")
    if _nests(_parser.parse(given.pattern)):
        raise ValueError(f"{given.id}: a repeat inside a repeat may never end; bound one of them, such as {{1,20}}")
    rule = Rule(
        id=given.id, keywords=given.keywords, pattern=pattern, entropy=given.entropy, masks=given.masks, spares=given.spares
    )  # fmt: skip
    _try(rule)
    return rule


def _try(rule: Rule) -> None:
    alone = KeywordScan([rule.keywords])

    def masked(text: str) -> list[str]:
        found = (c for at, _ in alone.find(text) for c in rule.find(text, *_line_around(text, at)))
        return [text[candidate.start : candidate.end] for candidate in found]

    for text, secret in rule.masks:
        if not any(secret in one for one in masked(text)):
            raise ValueError(f"{rule.id}: {secret!r} is not masked in its own example {text!r}")
    for text in rule.spares:
        if hit := masked(text):
            raise ValueError(f"{rule.id}: {hit[0]!r} is masked in {text!r}, which is to be spared")


_MANY = 25
"""From how many times on a repeat counts as one without end."""


def _nests(parsed: Any, *, inside: bool = False) -> bool:
    """Say whether a repeat without end stands inside another one."""
    for kind, given in parsed:
        if kind in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
            endless = given[1] >= _MANY
            if (endless and inside) or _nests(given[2], inside=inside or endless):
                return True
        elif kind is _constants.SUBPATTERN:
            if _nests(given[3], inside=inside):
                return True
        elif kind is _constants.BRANCH:
            if any(_nests(branch, inside=inside) for branch in given[1]):
                return True
        elif kind in {_constants.ASSERT, _constants.ASSERT_NOT} and _nests(given[1], inside=inside):
            return True
    return False


def _line_around(text: str, at: int) -> tuple[int, int]:
    """Return the bounds of the line at a place, not too far from it; a word is not cut at the far end."""
    start = max(text.rfind("\n", max(0, at - _REACH_BACK), at) + 1, at - _REACH_BACK, 0)
    end = text.find("\n", at, at + _REACH)
    return start, end if end >= 0 else min(len(text), at + _REACH)


def entropy_of(value: str) -> float:
    """Return the Shannon entropy of a text's characters, in bits per character."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


def classes_of(value: str) -> int:
    """Return how many of lower case, upper case, digits and other characters a text holds."""
    return sum(
        any(test(char) for char in value)
        for test in (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum())
    )


def is_gibberish(value: str) -> bool:
    """Say whether letters without a digit look drawn by lot: long, in one piece, mixed in case, with few vowels."""
    letters = [char for char in value if char.isalpha()]
    if len(letters) < 12 or " " in value or value.islower() or value.isupper():
        return False
    return sum(char in _VOWELS for char in letters) < 0.3 * len(letters)
