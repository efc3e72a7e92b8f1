"""What a change and the symptoms say alike: stack frames, rare words, literals, numbers, the version that brought it.

In: a candidate change and the incident as seen. Out: points on the candidate with the sentence behind them. Names of
services are left out: where a change went is weighed elsewhere, and a name says nothing about what broke. Refuses nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from afteraction.evidence.candidates import Candidate
from afteraction.evidence.diff_lines import Value
from afteraction.evidence.diffs import Delta, restated
from afteraction.evidence.mechanisms import Mechanism
from afteraction.evidence.metrics.nature import words_of
from afteraction.evidence.seen import Seen, Text, frames_of
from afteraction.evidence.weights import Weights

LOUD = 40
"""How many of the loudest symptoms are compared with a change."""
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\d)")
_TOLD = 0.1
"""The share of the loudest symptom's weight from which a symptom is heard."""
_DOSE = 1.5
"""Doublings (or halvings) of a number from which a change of it is a strong one."""
_MOST = 2.5
"""Points that shared words can bring, however many there are."""
_MISSED = re.compile(
    r"not found|missing|undefined|unknown|no such|required|expected|\bwant\b|keyerror|does not exist|not set|unresolved|not valid|invalid",
    re.IGNORECASE,
)
COMMON = frozenset(
    ["the", "and", "for", "with", "from", "func", "function", "return", "error", "err", "string", "int", "bool", "true", "false", "nil", "null", "none", "self", "this", "var", "const", "new", "get", "set", "add", "fix", "feat", "chore", "refactor", "test", "docs", "update", "use", "type", "struct", "class", "public", "private", "import", "package", "context", "ctx", "http", "request", "req", "response", "res", "name", "value", "data", "key", "list", "map", "len", "append", "service", "services", "server", "client", "handler", "config", "default", "time", "second", "seconds", "json", "status", "code", "text", "line", "lines"]
)  # fmt: skip
"""Words that every codebase uses; sharing them says nothing."""


def frequencies(found: Iterable[Candidate]) -> Counter[str]:
    """Count in how many changes each word, name and file stands: what many touch tells them apart the less."""
    return Counter(word for c in found for word in c.delta.words | {n.lower() for n in c.delta.names} | c.delta.files)


def weigh_said(c: Candidate, seen: Seen, worth: Weights, frequency: Counter[str], *, total: int) -> None:
    """Weigh everything that the change and the symptoms say alike; `total` is the number of changes."""
    if Mechanism.INERT not in c.delta.mechanisms:
        _weigh_frames(c, seen, worth, frequency)
        _weigh_words(c, seen, worth, frequency, total)
        _weigh_literal(c, seen, worth)
    _weigh_levels(c, seen, worth)
    _weigh_numbers(c, seen, worth)


def _weigh_frames(c: Candidate, seen: Seen, worth: Weights, frequency: Counter[str]) -> None:
    if framed := _framed(c.delta, seen):
        # A name that several changes touch (`main.go`) stands in several places and tells these apart the less.
        shared_by = max(1, frequency[framed.partition(" in ")[0]])
        points = worth.stack_frame if " in " in framed else worth.stack_frame / shared_by
        points *= worth.restated if restated(c.delta) else 1.0
        c.weigh(points, f"the stack names {framed}, which it changes", specific=True)


def _framed(delta: Delta, seen: Seen) -> str:
    """The stack frame among the loudest symptoms that stands in a file of this change, empty without one."""
    framed = ""
    for text in seen.texts[:LOUD]:
        for file, near in frames_of(text.text):
            if file in delta.files:
                if any(f in near for f in delta.functions):
                    return f"{file} in {near}"
                framed = framed or file
    return framed


def _weigh_words(c: Candidate, seen: Seen, worth: Weights, frequency: Counter[str], total: int) -> None:
    loudest = _loudest(seen)
    dull = COMMON | {word for service in seen.services for word in words_of(service)}
    shared: dict[str, float] = {}
    for text in seen.texts[:LOUD]:
        tokens = frozenset(w for w in words_of(text.text) if len(w) > 2) - dull
        low = text.text.lower()
        wholes = [n for n in c.delta.names if len(n) >= 8 and ("_" in n or not n.islower()) and n.lower() in low]
        found = [(word, 1.0, frequency[word]) for word in c.delta.words & tokens]
        found += [(whole, 2.0, frequency[whole.lower()]) for whole in wholes if whole not in seen.services]
        for word, whole, common in found:
            points = whole * text.weight / loudest * _rarity(common, total)
            shared[word] = max(shared.get(word, 0.0), points)
    if shared:
        top = sorted(shared.items(), key=lambda kv: (-kv[1], kv[0]))[:4]
        points = min(_MOST, worth.shared_words * sum(v for _, v in top)) * (
            worth.restated if restated(c.delta) else 1.0
        )
        words = ", ".join(f'"{k}"' for k, _ in top)
        c.weigh(points, f"its diff and the symptoms share {words}", specific=points > 1)


def _rarity(frequency: int, total: int) -> float:
    return math.log((total + 1) / (frequency + 0.5)) / math.log(total + 2)


def _weigh_literal(c: Candidate, seen: Seen, worth: Weights) -> None:
    if literal := literal_said(c.delta, seen):
        c.weigh(worth.said_literal, f'the symptoms name "{literal}", which it brings or takes away', specific=True)


def literal_said(delta: Delta, seen: Seen) -> str:
    """Return the longest name, path or address that only one side of the diff has and a loud symptom names; else nothing.

    What the diff takes away must be missed: a symptom that merely uses it says that it is still there.
    """
    low = [text.text.lower() for text in _told(seen)]
    missed = [text for text in low if _MISSED.search(text)]
    dull = {service.lower() for service in seen.services}
    for literal in sorted(delta.literals | delta.gone, key=lambda found: (-len(found), found)):
        named = literal.lower()
        if named not in dull and any(
            _stands_in(named, text) for text in (low if literal in delta.literals else missed)
        ):
            return literal
    return ""


def _stands_in(literal: str, text: str) -> bool:
    """Whether a text holds a literal, not as a part of a longer word or path."""
    at = text.find(literal)
    if at < 0:
        return False
    before, after = text[at - 1 : at], text[at + len(literal) : at + len(literal) + 1]
    return not (before.isalnum() or before in {"_", "/"} or after.isalnum() or after in {"_", "/"})


def _weigh_levels(c: Candidate, seen: Seen, worth: Weights) -> None:
    """A number of the diff that a series shows as its new level."""
    for value in c.delta.values:
        for p in seen.precursors:
            same = math.isclose(p.after, value.after, rel_tol=0.02) and math.isclose(
                p.before, value.before, rel_tol=0.02
            )
            if same and value.words & set(words_of(p.metric)):
                c.weigh(worth.same_value, f"it changes {value.before:g} to {value.after:g}, and so did {p.metric} of {p.service}",
                        specific=True)  # fmt: skip
                return


def _weigh_numbers(c: Candidate, seen: Seen, worth: Weights) -> None:
    """The symptoms say its new number beside a word of its line; the more it changed, the more that is worth."""
    for value, word in _said_numbers(c.delta.values, _told(seen)):
        change = math.log2(value.after / value.before) if value.after > 0 < value.before else _DOSE
        why = f"it changes {value.before:g} to {value.after:g}, and the symptoms say {word} {value.after:g}"
        c.weigh(worth.said_value * min(1.0, abs(change) / _DOSE), why, specific=True)
        return


def _said_numbers(values: Iterable[Value], told: list[Text]) -> Iterator[tuple[Value, str]]:
    for value in values:
        words = {word.rstrip("s") for word in value.words if len(word) > 3 and word not in COMMON}
        for text in told:
            numbers = {float(number) for number in _NUMBER.findall(text.text)}
            shared = words & {word.rstrip("s") for word in words_of(text.text)}
            if shared and value.after in numbers and value.before not in numbers:
                yield value, min(shared)


def version_said(c: Candidate, seen: Seen) -> str:
    """Say that what fails in another service names the version that this change came with; else nothing."""
    for text in _told(seen):
        if text.service == c.service or c.service not in text.text:
            continue
        for version in c.versions:
            if re.search(rf"(?<![\w.]){re.escape(version)}(?![\w.]*\d)", text.text):
                return f"what fails in {text.service} names {c.service} {version}, which brought it"
    return ""


def _told(seen: Seen) -> list[Text]:
    """The symptoms loud enough to be quoted against a change."""
    loudest = _loudest(seen)
    return [text for text in seen.texts[:LOUD] if text.weight >= _TOLD * loudest]


def _loudest(seen: Seen) -> float:
    return max((text.weight for text in seen.texts), default=1.0) or 1.0
