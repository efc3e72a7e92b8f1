"""The lines of a diff: which were added and removed, what in them acts, and which numbers and names differ.

In: the text of a unified diff (several shapes, also without file headers). Out: lines, names, literals and pairs of
numbers. It says nothing of what a change could do. Refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from afteraction.evidence.metrics.nature import words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A number that a diff changed, with the words of its line."""

    words: frozenset[str]
    before: float
    after: float


IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")
ANY_NAME = re.compile(r"[A-Za-z_]\w*")
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_AMOUNT = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?)(?:(ms|us|s|m|h|Ki|Mi|Gi|Ti|kB|KB|MB|GB|kb|mb|gb|k|K|M|G)\b|\s*\*\s*time\.(Millisecond|Second|Minute|Hour)\b)?"
)
_UNITS = {
    "ms": 1e-3, "us": 1e-6, "s": 1.0, "h": 3600.0, "millisecond": 1e-3, "second": 1.0, "minute": 60.0, "hour": 3600.0,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "kB": 1e3, "KB": 1e3, "kb": 1e3, "mb": 1e6, "gb": 1e9, "MB": 1e6, "GB": 1e9, "k": 1e3, "K": 1e3,
    "M": 1e6, "G": 1e9,
}  # fmt: skip
_TIMES = frozenset(["ms", "us", "s", "h", "millisecond", "second", "minute", "hour"])
_PROSE = re.compile(r"\"[^\"]*\s[^\"]*\s[^\"]*\"|'[^']*\s[^']*\s[^']*'")
_WORDS = re.compile(r"[A-Za-z]{3}")
_ACTS = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|FROM|JOIN|LIMIT)\b|://")
_LITERAL = re.compile(r"[A-Za-z0-9][\w./:@-]{5,}\w")
_TELLING = re.compile(r"[\d_./:@-]|[a-z][A-Z]")
"""What makes a literal more than a word."""
SETTINGS_PATH = re.compile(
    r"\.(ya?ml|json|toml|ini|conf|cfg|properties|env|tf|hcl|xml|proto|avsc|graphql|sql)$|(^|/)\w*Dockerfile|(^|/)Procfile$"
)
"""Files whose names others read: to rename one there is to change what is said to them."""
SAYS = re.compile(
    r"^\s*(?:await )?(?:\w+\.|\w+->)*(?:logs?|logger|logging|slog|console|metrics?|statsd?|tracer|span|\w*(?:Log|Logger|Metrics))(?:\.|->|::)\w+!?\(|"
    r"^\s*(?:print|println!?|printf|puts|fmt\.Print\w*|(?:info|warn|debug|error|trace)!)\s*\(|"
    r"^\s*\w+(?:\.\w+|\([^)]*\))*\.(?:inc|observe|increment)\(|"
    r"=\s*(?:\w+\.)?(?:New)?(?:Counter|Histogram|Gauge|Summary)(?:Vec)?\(|\bBuckets\s*[:=]", re.IGNORECASE
)  # fmt: skip
"""A line that logs or counts."""
COMMENT = re.compile(r"^\s*(//|#(?!\s*(?:if|include|define))|\*|/\*|--\s)")


def lines_of(diff: str) -> tuple[list[str], list[str], list[str]]:
    """Return the added, the removed and all other lines, without their first character where it only marks them."""
    added, removed, context = [], [], []
    for line in diff.splitlines():
        if line.startswith(("+++", "---")):
            continue
        if line.startswith("+"):
            added.append(line[1:])
        elif line.startswith("-"):
            removed.append(line[1:])
        else:
            context.append(line)
    return added, removed, context


def new_side(diff: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines that stand after the change, in order, and whether each was added by it."""
    for line in diff.splitlines():
        if line[:1] in {" ", "+"} and not line.startswith("+++"):
            yield line[1:], line[0] == "+"


def code_of(lines: list[str]) -> list[str]:
    """The lines that do something, without what is written for people: comments, log lines, prose in quotes."""
    return [
        _PROSE.sub(lambda quoted: quoted[0] if _ACTS.search(quoted[0]) or not _WORDS.search(quoted[0]) else '""', line)
        for line in lines
        if not COMMENT.match(line) and not SAYS.match(line)
    ]


def found_in(find: Callable[[str], list[str]], lines: Iterable[str]) -> set[str]:
    """Return what `find` finds in all lines but those that only log or count something."""
    return {found for line in lines if not SAYS.match(line) for found in find(line)}


def literals_of(line: str) -> list[str]:
    """Return the names, paths and addresses of a line that are more than words."""
    return [found for found in _LITERAL.findall(line) if _TELLING.search(found)]


def values_of(added: list[str], removed: list[str]) -> Iterable[Value]:
    """Pair lines that differ in numbers only, then those that differ in numbers and some of their names, in order."""
    left = list(removed)
    for line in added:
        old = next((r for r in left if _shape(r) == _shape(line)), None)
        old = old or next((r for r in left if _bare(r) == _bare(line) and half_shared(r, line)), None)
        if old is None:
            continue
        left.remove(old)
        words = frozenset(w for name in IDENTIFIER.findall(line) for w in words_of(name))
        for before, after in _amounts(old, line):
            if before != after:
                yield Value(words=words, before=before, after=after)


def _amounts(one: str, other: str) -> Iterable[tuple[float, float]]:
    """The numbers of two lines, in bytes or seconds where units follow, so that 2 GiB is more than 768 MiB.

    `m` means minutes beside another unit of time, and is left as it is otherwise: it may stand for thousandths.
    """
    for old, new in zip(_AMOUNT.findall(one), _AMOUNT.findall(other), strict=False):
        units = [unit or of_go.lower() for _, unit, of_go in (old, new)]
        minutes = {"m": 60.0 if set(units) & _TIMES else 1.0}
        before, after = (
            float(n) * (_UNITS | minutes).get(u, 1.0) for (n, _, _), u in zip((old, new), units, strict=True)
        )
        yield before, after


def _shape(line: str) -> str:
    return NUMBER.sub("#", line.strip())


def _bare(line: str) -> str:
    return ANY_NAME.sub("@", _shape(line))


def half_shared(one: str, other: str) -> bool:
    """Whether two lines have at least half of their names' words in common."""
    plus, minus = ({w for name in IDENTIFIER.findall(line) for w in words_of(name)} for line in (one, other))
    return 2 * len(plus & minus) >= max(1, len(plus | minus))
