"""What a change does, read from its files and its diff: the mechanisms by which it could hurt, and what makes it inert.

In: paths and the text of a unified diff (several shapes, also without file headers). Out: a `Delta`: words it adds and
removes, values it changes, mechanisms (a lock removed, a query put into a loop, ...) and whether it can act at run
time at all. Nothing here knows a service, a repository or an incident; the patterns are those of code review.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from afteraction.evidence.metrics.nature import words_of


class Mechanism(StrEnum):
    """A way in which a change can hurt, or (the last three) a reason why it hardly can."""

    GUARD_REMOVED = "guard_removed"
    LOCK_REMOVED = "lock_removed"
    RELEASE_REMOVED = "release_removed"
    CALL_IN_LOOP = "call_in_loop"
    UNBOUNDED_GROWTH = "unbounded_growth"
    LIMIT_LOWERED = "limit_lowered"
    VALUE_CHANGED = "value_changed"
    WAIT_CHANGED = "wait_changed"
    NEW_QUERY = "new_query"
    SCHEMA_CHANGED = "schema_changed"
    HANDLING_REMOVED = "handling_removed"
    CACHE_CHANGED = "cache_changed"
    ADDRESS_CHANGED = "address_changed"
    SETTING_REQUIRED = "setting_required"
    FORMAT_CHANGED = "format_changed"
    ACCESS_CHANGED = "access_changed"
    HEAVY_WORK = "heavy_work"
    DEPENDENCY = "dependency"
    BOUNDED = "bounded"
    RESTRUCTURED = "restructured"
    INERT = "inert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A number that a diff changed, with the words of its line."""

    words: frozenset[str]
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What a change does.

    `names` are whole identifiers of the changed lines, `words` their parts; `files` basenames;
    `functions` the functions named in hunk headers and changed lines; `known` is False without a diff.
    """

    mechanisms: frozenset[Mechanism]
    values: tuple[Value, ...]
    names: frozenset[str]
    words: frozenset[str]
    files: frozenset[str]
    functions: frozenset[str]
    known: bool


_INERT_PATH = re.compile(
    r"(^|/)(docs?|documentation|\.github|\.gitlab|\.circleci|tests?|testdata|__tests__|spec|fixtures|examples?)/|"
    r"(_test\.\w+|\.test\.\w+|_spec\.\w+|Test\.java|test_[^/]*\.py|\.md|\.rst|\.txt|\.adoc)$|"
    r"(^|/)(README|LICENSE|CHANGELOG|CODEOWNERS|\.gitignore|\.golangci\.yml|\.editorconfig|\.eslintrc[^/]*|\.prettierrc[^/]*)",
    re.IGNORECASE,
)
_STYLE_PATH = re.compile(r"\.(css|scss|less|svg|png|ico|woff2?)$|(^|/)(theme|palette|styles?)\.\w+$", re.IGNORECASE)
_DEPENDENCY_PATH = re.compile(
    r"(^|/)(go\.(mod|sum)|package(-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|requirements[^/]*\.txt|poetry\.lock|"
    r"Pipfile(\.lock)?|Cargo\.(toml|lock)|pom\.xml|build\.gradle(\.kts)?|Gemfile(\.lock)?|composer\.(json|lock))$"
)
_SCHEMA_PATH = re.compile(r"migrat|schema|\.sql$|flyway|liquibase|alembic", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_FUNCTION = re.compile(
    r"\b(?:func|def|function|fn|void|public|private|class)\b[^(\n]*?([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\("
)
_LOOP = re.compile(r"^\s*(for\b|while\b|.*\.(forEach|map|each)\s*\()")
_COMMENT = re.compile(r"^\s*(//|#(?!\s*(?:if|include|define))|\*|/\*|--\s)")

_REMOVED = {
    Mechanism.GUARD_REMOVED: re.compile(
        r"(==|!=|===|!==|\bis\b|\bis not\b)\s*(nil|null|None|undefined)|\bif\s+(not\s+)?\w+\s*:(?!=)|\.is_?(none|some|null)\b|"
        r"hasattr|\bin\s+\w+\s*:(?!=)|Optional|\?\.|len\(\w+\)\s*[=<>]|isEmpty|\.length\s*[=<>]|requireNonNull|\?\?",
        re.IGNORECASE,
    ),
    Mechanism.LOCK_REMOVED: re.compile(
        r"\bmutex\b|\bR?W?lock\b|\.R?(un)?lock\(|synchronized|\batomic\b|semaphore|FOR UPDATE|with\s+\w*lock|sync\.", re.IGNORECASE
    ),
    Mechanism.RELEASE_REMOVED: re.compile(
        r"\b(close|release|free|dispose|unsubscribe|cancel|disconnect|stop|rollback|delete|evict|remove)\w*\(|\bdefer\b|"
        r"\bfinally\b|\bwith\s+\w+\(", re.IGNORECASE
    ),
    Mechanism.HANDLING_REMOVED: re.compile(
        r"\bexcept\b|\bcatch\b|\brecover\(|if err != nil|\brescue\b|on_?error|fallback|circuit|retry|backoff|validate", re.IGNORECASE
    ),
}  # fmt: skip
_ADDED = {
    Mechanism.NEW_QUERY: re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|JOIN)\b\s+\S+|\.(query|execute|find|aggregate)\w*\("),
    Mechanism.SETTING_REQUIRED: re.compile(r"getenv|environ|mustGetenv|process\.env|viper\.|os\.Getenv|config\.(get|require)", re.IGNORECASE),
    Mechanism.HEAVY_WORK: re.compile(
        r"\bsleep\(|regexp?\.|re\.compile|matches\(|bcrypt|scrypt|pbkdf|sort\w*\(|json\.(loads|dumps)|deepcopy|"
        r"debug|verbose|synchronous|serial|busy|compress|encrypt|GOMAXPROCS", re.IGNORECASE
    ),
}  # fmt: skip
_EITHER = {
    Mechanism.CACHE_CHANGED: re.compile(r"cache|ttl|memoi[sz]e|evict|expir", re.IGNORECASE),
    Mechanism.ADDRESS_CHANGED: re.compile(r"https?://|\bhost\b|endpoint|base_?url|\bport\b|\baddr|dns|resolver|[\w-]+\.(svc|internal|local)\b", re.IGNORECASE),
    Mechanism.FORMAT_CHANGED: re.compile(r"`?json:\"|serializ|marshal|protobuf|\.proto|avro|@JsonProperty|encoding|charset|parse|decode|content-?type", re.IGNORECASE),
    Mechanism.ACCESS_CHANGED: re.compile(r"\bauth|token|permission|role|scope|policy|jwt|secret|credential|acl|cors|audience|issuer", re.IGNORECASE),
    Mechanism.WAIT_CHANGED: re.compile(r"timeout|deadline|retr(y|ies)|backoff|interval|keep_?alive|wait|delay|concurren|parallel|batch", re.IGNORECASE),
}  # fmt: skip
_LIMIT = re.compile(
    r"max|limit|pool|size|capacity|worker|thread|conn|replica|quota|memory|cpu|buffer|queue|burst|rate|window|budget|heap|ulimit",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"\bmax|\blimit|\blru|evict|\bttl\b|\bbounded|\bcap\b|capacity|ring_?buffer|maxsize|\btrim|truncate", re.IGNORECASE
)
_GROW = re.compile(
    r"(\w+)\s*=\s*append\(\s*\1|(\w+)\.(append|push|add|put|offer|set|store|emplace_back|insert)\(|(\w+)\[[^\]]+\]\s*=[^=]"
)
_GLOBAL = re.compile(
    r"^(var|let|const|static|global|private static|public static|final)?\s*([A-Za-z_]\w*)\s*(:?=|\[\]|:|\s+map\[|\s+\[\])|^(?:var)\s+(\w+)\s"
)
_CALL = re.compile(
    r"query|fetch|select|http|get\w*\(|find\w*\(|load\w*\(|exec|rpc|client|request|redis|\bdb\b|sql|call|send|read|await|lookup",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"(?::?=|\bawait)\s*[\w.\[\]>-]*?(?:take|acquire|borrow|check_?out|lease|open|connect\w*|get_?conn\w*|begin\w*|subscribe)\(|"
    r"\.(?:lock|acquire|begin)\(", re.IGNORECASE,
)  # fmt: skip
_GIVEN_BACK = re.compile(
    r"\b\w*(?:give_?back|release|close|unlock|check_?in|return_?conn\w*|put_?back|end|commit|unsubscribe|dispose|free)\w*\(",
    re.IGNORECASE,
)
_GIVEN_BACK_ANYWAY = re.compile(r"^\s*(?:defer|with|async with|using|finally|ensure|try\s*\()\b|\}\s*finally\b")
_EXIT = re.compile(r"\s*(?:return|raise|throw|continue|break)\b")
_FAILED_TO_TAKE = re.compile(r"\b(?:err|error|nil|null|None|undefined|except|catch|rescue|ok)\b")
"""An exit under one of these leaves because nothing was taken, or clears up by itself."""


HARD = frozenset({
    Mechanism.LOCK_REMOVED, Mechanism.RELEASE_REMOVED, Mechanism.LIMIT_LOWERED, Mechanism.CALL_IN_LOOP,
    Mechanism.UNBOUNDED_GROWTH, Mechanism.GUARD_REMOVED,
})  # fmt: skip
"""Mechanisms that a restructuring can hide; without one of them, words that merely moved say nothing."""


def delta_of(files: Iterable[str], diff: str, title: str = "") -> Delta:
    """Read a change. Without a diff only the paths speak."""
    files = tuple(files)
    added, removed, context = _lines(diff)
    changed = [*added, *removed]
    names = frozenset(name for line in changed for name in _IDENTIFIER.findall(line))
    mechanisms = _by_path(files, added, removed)
    values = tuple(_values(added, removed))
    if Mechanism.INERT not in mechanisms:
        mechanisms |= _by_lines(added, removed, valued=bool(values))
    mechanisms |= _by_values(values)
    if any(_SCHEMA_PATH.search(f) for f in files) or re.search(r"\b(ALTER|CREATE|DROP)\s+(TABLE|COLUMN|INDEX)\b", diff):
        mechanisms.add(Mechanism.SCHEMA_CHANGED)
    functions = {f for line in [*context, *changed] for f in _FUNCTION.findall(line)}
    words = frozenset(w for name in names for w in words_of(name) if len(w) > 2)
    words |= frozenset(w for w in words_of(title) if len(w) > 3)
    return Delta(
        mechanisms=frozenset(mechanisms), values=values, names=names, words=words, known=bool(added or removed),
        files=frozenset(f.rsplit("/", 1)[-1] for f in files), functions=frozenset(functions),
    )  # fmt: skip


def _lines(diff: str) -> tuple[list[str], list[str], list[str]]:
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


def _by_path(files: tuple[str, ...], added: list[str], removed: list[str]) -> set[Mechanism]:
    out: set[Mechanism] = set()
    if files and all(_INERT_PATH.search(f) or _STYLE_PATH.search(f) for f in files):
        out.add(Mechanism.INERT)
    if files and all(_DEPENDENCY_PATH.search(f) for f in files):
        out.add(Mechanism.DEPENDENCY)
    code = [line for line in [*added, *removed] if line.strip()]
    if code and all(_COMMENT.match(line) for line in code):
        out.add(Mechanism.INERT)
    if files and any(_STYLE_PATH.search(f) for f in files) and code and all(_looks_styled(line) for line in code):
        out.add(Mechanism.INERT)
    return out


def _looks_styled(line: str) -> bool:
    return bool(re.search(r"#[0-9a-fA-F]{3,8}\b|\d(px|rem|em)\b|[{}]\s*$|:\s*[^;]+;", line))


def _by_lines(added: list[str], removed: list[str], *, valued: bool) -> set[Mechanism]:
    out: set[Mechanism] = set()
    code_added = [line for line in added if not _COMMENT.match(line)]
    code_removed = [line for line in removed if not _COMMENT.match(line)]
    plus, minus = "\n".join(code_added), "\n".join(code_removed)
    for mechanism, pattern in _REMOVED.items():
        gone, back = len(pattern.findall(minus)), len(pattern.findall(plus))
        if gone > back:
            out.add(mechanism)
    out |= {
        mechanism for mechanism, pattern in _ADDED.items() if len(pattern.findall(plus)) > len(pattern.findall(minus))
    }
    for mechanism, pattern in _EITHER.items():
        if _differs(pattern, code_added, code_removed):
            out.add(mechanism)
    if _call_in_loop(code_added) and not _call_in_loop(code_removed):
        out.add(Mechanism.CALL_IN_LOOP)
    if _leaves_holding(code_added):
        out.add(Mechanism.RELEASE_REMOVED)
    if _grows(code_added):
        out.add(Mechanism.BOUNDED if _BOUND.search("\n".join(added)) else Mechanism.UNBOUNDED_GROWTH)
    if not valued and added and removed and _similar(code_added, code_removed):
        out.add(Mechanism.RESTRUCTURED)
        if not out & HARD:
            out -= _EITHER.keys()
    return out


def _differs(pattern: re.Pattern[str], added: list[str], removed: list[str]) -> bool:
    """Whether lines with the pattern are not simply carried over."""
    plus = Counter(line.strip() for line in added if pattern.search(line))
    minus = Counter(line.strip() for line in removed if pattern.search(line))
    return plus != minus and bool(plus or minus)


def _call_in_loop(lines: list[str]) -> bool:
    depth = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if depth is not None and indent <= depth and line.strip() not in {"}", ""}:
            depth = None
        if depth is not None and _CALL.search(line) and "(" in line and "append(" not in line:
            return True
        if _LOOP.match(line):
            depth = indent if depth is None else depth
    return False


def _leaves_holding(lines: list[str]) -> bool:
    """Something is taken, a path leaves, and only behind it what was taken is given back."""
    taken: int | None = None
    left = False
    guards: list[tuple[int, str]] = []
    for line in lines:
        indent = len(line) - len(line.lstrip())
        while guards and guards[-1][0] >= indent:
            guards.pop()
        if _GIVEN_BACK_ANYWAY.search(line):
            taken, left = None, False
        elif _TAKEN.search(line):
            taken, left = indent, False
        elif taken is not None and indent <= taken and _GIVEN_BACK.search(line):
            if left:
                return True
            taken = None
        elif taken is not None and indent > taken and _EXIT.match(line):
            left = left or not any(_FAILED_TO_TAKE.search(guard) for at, guard in guards if at >= taken)
        guards.append((indent, line))
    return False


def _grows(lines: list[str]) -> bool:
    """A container that outlives the request takes one more element per call."""
    outer = set()
    for line in lines:
        found = _GLOBAL.match(line) if line and not line[0].isspace() else None
        if found:
            outer.add(found[2] or found[4])
        field = re.match(r"\s*(?:self|this)\.(\w+)\s*[:=]", line)
        if field:
            outer.add(field[1])
    for line in lines:
        for groups in _GROW.findall(line):
            name = groups[0] or groups[1] or groups[3]
            if name in outer or re.search(rf"(self|this|global)\.{re.escape(name)}\b", line):
                return True
    return False


def _similar(added: list[str], removed: list[str]) -> bool:
    """Whether both sides speak of the same things: code moved or spelled otherwise, with numbers as they were."""
    plus = {w for line in added for name in _IDENTIFIER.findall(line) for w in words_of(name)}
    minus = {w for line in removed for name in _IDENTIFIER.findall(line) for w in words_of(name)}
    fewer = min(len(plus), len(minus))
    return fewer >= 6 and len(plus & minus) >= 0.6 * fewer


def _values(added: list[str], removed: list[str]) -> Iterable[Value]:
    """Lines that differ in numbers only, paired in order."""
    shapes: dict[str, list[str]] = {}
    for line in removed:
        shapes.setdefault(_NUMBER.sub("#", line.strip()), []).append(line)
    for line in added:
        olds = shapes.get(_NUMBER.sub("#", line.strip()))
        if not olds:
            continue
        old = olds.pop(0)
        words = frozenset(w for name in _IDENTIFIER.findall(line) for w in words_of(name))
        for before, after in zip(_NUMBER.findall(old), _NUMBER.findall(line), strict=False):
            if before != after:
                yield Value(words=words, before=float(before), after=float(after))


def _by_values(values: tuple[Value, ...]) -> set[Mechanism]:
    out: set[Mechanism] = set()
    for value in values:
        out.add(Mechanism.VALUE_CHANGED)
        if value.after < value.before and any(_LIMIT.search(word) for word in value.words):
            out.add(Mechanism.LIMIT_LOWERED)
    return out
