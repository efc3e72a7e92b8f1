"""From distinct messages to templates: messages with their number of lines come in, groups of equal meaning go out.

Its cost depends on the number of distinct messages, never on the number of log lines. Messages are masked again, now
with regular expressions (dates in words, paths, hosts, quoted text); then split by length and leading word, by the
words that share the commonest frequency (after Brain, Yu et al. 2023), and by columns whose values are alternatives of
the text. At last groups of another length are absorbed by a template whose wildcards cover them, never when the
covered text holds a word of failure: a rare error must not vanish in a common line.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from afteraction.evidence.logs.severity import FAILURE_WORD

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_TOP_DOMAIN = (
    r"(?:com|net|org|edu|gov|io|de|cn|jp|hk|uk|fr|ru|br|in|mx|tw|kr|info|biz|me|cc|local|localdomain|internal|lan|svc|"
    r"cluster)"
)
_VARIABLES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (rf"(?:{_DAY},?\s+)?(?:\d+\s+)?{_MONTH}\s+\d+(?:[ ,]+[\d:.]+)*(?:\s(?:[A-Z]{{3,4}}\s)?\d{{4}})?", "#"),
        (r"(?:(?<=[\s=:,(\[\"'])|^)(?:[A-Za-z]:)?(?:[/\\][\w.\-+@%~$]+){2,}[/\\]?(?:\?\S+)?", "#"),  # paths
        (rf"\b(?:[A-Za-z0-9][\w\-]*\.)+{_TOP_DOMAIN}\b", "#"),  # host names
        (r"(?<=\buser )(?!name|unknown|request|auth|is\b|has\b)[\w.\-$]+", "#"),
        (r"<[A-Za-z][^<>]* (?:at|object)\b[^<>]*>", "#"),  # <object at ...>
        (r"(?<![A-Za-z0-9])'[^'\s](?:[^']{0,60}[^'\s])?'(?![A-Za-z0-9])", "'#'"),
        (r"[A-Za-z_.\-]*[0-9][A-Za-z0-9_.\-]*", "#"),
        (r"#(?:[:/@,.\-+x*~ ]*#)+", "#"),
        (r"[<>~]?#\s?(?:[KMGT]i?B|B|bytes?|ms|us|ns|secs?|s|min|hours?)\b", "#"),
        (r"#(?: \(#\))+", "#"),
    )
)
_TOKEN = re.compile(r"[A-Za-z0-9_\-.#$*/\\]+|[^\sA-Za-z0-9_\-.#$*/\\]")
_ALTERNATIVES = 5
"""How many values a column may have and still be alternatives of the text; 3 to 8 give the same figures."""
_SPAN = 3
"""How many tokens more than one a wildcard may cover when groups of another length are absorbed."""

_CANDIDATES = 2000
"""A word that more groups share is no way to find what a template covers; the work would grow with their square."""

Tokens = tuple[str, ...]
Group = tuple[object, ...]


def mask(message: str) -> str:
    """Return the message with everything that is surely a variable replaced by `#`."""
    for pattern, text in _VARIABLES:
        message = pattern.sub(text, message)
    return message


def tokens_of(masked: str) -> Tokens:
    """Return the words and signs of a masked message."""
    return tuple(_TOKEN.findall(masked))


def group(weights: Mapping[str, int]) -> dict[str, Group]:
    """Group masked messages, given with their number of lines; returns the group of each."""
    return _absorb(_split_all(weights))


def template_of(members: Sequence[str]) -> str:
    """Return the template of masked messages of one group: the longest with what differs replaced by `#`."""
    rows = [tokens_of(member) for member in members]
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    fitting = [row for row in rows if len(row) == width]
    columns = ["#" if len(set(column)) > 1 else column[0] for column in zip(*fitting, strict=True)]
    model = next(member for member, row in zip(members, rows, strict=True) if len(row) == width)
    out, at = [], 0
    for match, word in zip(_TOKEN.finditer(model), columns, strict=True):
        out += [model[at : match.start()], word]
        at = match.end()
    return re.sub(r"#(?:[ ,.:/\-]*#)+", "#", "".join(out) + model[at:]).strip()


def _split_all(weights: Mapping[str, int]) -> dict[str, Group]:
    rows = {message: tokens_of(message) for message in weights}
    buckets: dict[Group, list[str]] = defaultdict(list)
    for message, row in rows.items():
        leading = row[0] if row and row[0].isalpha() else "#"  # the leading word names the event
        buckets[len(row), leading].append(message)
    out: dict[str, Group] = {}
    for bucket, members in buckets.items():
        for root, same in _by_anchor(members, rows, weights).items():
            _split(same, rows, weights, (bucket, root), out)
    return out


def _by_anchor(
    members: list[str], rows: Mapping[str, Tokens], weights: Mapping[str, int]
) -> dict[tuple[tuple[int, str], ...], list[str]]:
    """Split messages of one length by their anchor: the words that share the commonest frequency."""
    frequency: Counter[tuple[int, str]] = Counter()
    for message in members:
        for place in enumerate(rows[message]):
            frequency[place] += weights[message]
    roots: dict[tuple[tuple[int, str], ...], list[str]] = defaultdict(list)
    for message in members:
        places = [place for place in enumerate(rows[message]) if place[1] != "#"]
        words = [place for place in places if place[1][0].isalpha()] or places
        shared = Counter(frequency[place] for place in words)
        best = max(shared, key=lambda value: (shared[value], value)) if shared else 0
        roots[tuple(place for place in words if frequency[place] == best)].append(message)
    return roots


def _split(
    members: list[str], rows: Mapping[str, Tokens], weights: Mapping[str, int], path: Group, out: dict[str, Group]
) -> None:
    """Split messages of one anchor on the columns that hold alternatives of the text, the one with fewest first."""
    if len(members) == 1:
        out[members[0]] = (*path, rows[members[0]])
        return
    columns = [set(column) for column in zip(*(rows[member] for member in members), strict=True)]
    lines = sum(weights[member] for member in members)
    constant = sum(len(values) == 1 for values in columns) / max(1, len(columns))  # rulers hold no token
    choices = [
        (len(values), index)
        for index, values in enumerate(columns)
        if len(values) > 1 and _is_text(values, index, lines, constant)
    ]
    if not choices:
        varying = frozenset(index for index, values in enumerate(columns) if len(values) > 1)
        for member in members:
            out[member] = (*path, varying)
        return
    index = min(choices)[1]
    parts: dict[str, list[str]] = defaultdict(list)
    for member in members:
        parts[rows[member][index]].append(member)
    for value, part in parts.items():
        _split(part, rows, weights, (*path, (index, value)), out)


def _is_text(values: set[str], index: int, lines: int, constant: float) -> bool:
    """Say whether a column's values are alternatives of the text: they repeat; values of a variable mostly do not."""
    if "#" in values:
        return False
    if index == 0 and all(value.isalpha() for value in values):
        return True
    few = len(values)
    enumeration = all(value.isupper() and len(value) > 2 and "." not in value for value in values)
    if enumeration and few <= 3 * _ALTERNATIVES and lines > 2 * few:
        return True
    if few > _ALTERNATIVES:
        return False
    return lines > 2 * few or (lines == few and few <= 2 and constant < 0.6)


def _absorb(out: dict[str, Group]) -> dict[str, Group]:
    """Join groups of different length: a template whose wildcards may cover a few tokens more takes the other's lines."""
    members: dict[Group, list[str]] = defaultdict(list)
    for message, key in out.items():
        members[key].append(message)
    shapes = [_shape(messages) for messages in members.values()]
    having: dict[str, list[int]] = defaultdict(list)
    for number, (_, words) in enumerate(shapes):
        for word in set(words):
            having[word].append(number)
    upper = _uppers(shapes, having)
    keys = list(members)
    for number, key in enumerate(keys):
        for message in members[key]:
            out[message] = keys[_root(number, upper)]
    return out


def _uppers(shapes: list[tuple[Tokens, list[str]]], having: Mapping[str, list[int]]) -> dict[int, int]:
    """Return for each shape that another covers the number of that other; `having` finds shapes by a word."""
    upper: dict[int, int] = {}
    for number, (shape, words) in enumerate(shapes):
        if len(words) < 2 or "#" not in shape or sum(map(len, words)) < 3 * shape.count("#"):
            continue
        candidates = having[min(words, key=lambda word: len(having[word]))]
        if len(candidates) > _CANDIDATES:
            continue
        for other in _covered(shape, number, candidates, shapes):
            if other not in upper and upper.get(number) != other:
                upper[other] = number
    return upper


def _shape(messages: Sequence[str]) -> tuple[Tokens, list[str]]:
    """Return the common form of messages of one length, and its words."""
    columns = zip(*(tokens_of(message) for message in messages), strict=True)
    shape = tuple(column[0] if len(set(column)) == 1 else "#" for column in columns)
    return shape, [word for word in shape if len(word) > 1 and word[0].isalpha()]


def _covered(shape: Tokens, number: int, candidates: list[int], shapes: list[tuple[Tokens, list[str]]]) -> list[int]:
    """Return which candidates `shape` covers, its wildcards standing for nothing that tells of a failure."""
    wildcard = rf"((?:\S+ ){{0,{_SPAN}}}?\S+) "
    pattern = re.compile("".join(wildcard if word == "#" else re.escape(word) + " " for word in shape) + "$")
    found = []
    for other in candidates:
        row = shapes[other][0]
        if other == number or abs(len(row) - len(shape)) > 6:
            continue
        match = pattern.match(" ".join(row) + " ")
        if match and all(_one_variable(text) and not FAILURE_WORD.search(text) for text in match.groups()):
            found.append(other)
    return found


def _one_variable(text: str) -> bool:
    """Say whether `text` may be one variable: one token, or one with brackets or units; never a value and words."""
    return " " not in text or ("#" in text and not re.match(r"#\W.*[A-Za-z]{2}", text))


def _root(number: int, upper: Mapping[int, int]) -> int:
    seen: set[int] = set()
    while number in upper and number not in seen:
        seen.add(number)
        number = upper[number]
    return number
