"""The mechanisms by which a change could hurt, and what makes it inert, by the patterns of code review.

In: paths, added and removed lines, changed numbers. Out: mechanisms (a lock removed, a query put into a loop, ...).
Nothing here knows a service, a repository or an incident. Refuses nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from afteraction.evidence.diff_lines import COMMENT, SAYS, SETTINGS_PATH, Value, code_of, found_in
from afteraction.evidence.restating import moved_or_taken_out, renamed, speaks_otherwise


class Mechanism(StrEnum):
    """A way in which a change can hurt, or (the last three) a reason why it hardly can."""

    GUARD_REMOVED = "guard_removed"
    LOCK_REMOVED = "lock_removed"
    LOCK_ADDED = "lock_added"
    RELEASE_REMOVED = "release_removed"
    CALL_IN_LOOP = "call_in_loop"
    UNBOUNDED_GROWTH = "unbounded_growth"
    LIMIT_LOWERED = "limit_lowered"
    BOUND_REMOVED = "bound_removed"
    VALUE_CHANGED = "value_changed"
    WAIT_CHANGED = "wait_changed"
    NEW_QUERY = "new_query"
    SCHEMA_CHANGED = "schema_changed"
    HANDLING_REMOVED = "handling_removed"
    CACHE_CHANGED = "cache_changed"
    ADDRESS_CHANGED = "address_changed"
    REACH_CHANGED = "reach_changed"
    SETTING_REQUIRED = "setting_required"
    FORMAT_CHANGED = "format_changed"
    ACCESS_CHANGED = "access_changed"
    HEAVY_WORK = "heavy_work"
    DEPENDENCY = "dependency"
    BOUNDED = "bounded"
    RESTRUCTURED = "restructured"
    INERT = "inert"


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
_LOOP = re.compile(r"^\s*(for\b|while\b|.*\.(forEach|map|each)\s*\()")
_SETTING = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
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
_BOUND_REMOVED = re.compile(
    r"\[\s*:\s*\d+\s*\]|\blimit\b|\.(limit|take|first|head|top|slice|truncate)\(|\bpaginat|per_page|page_?size|"
    r"\bmax_?(rows|results|items)\b", re.IGNORECASE
)  # fmt: skip
_LOCK_ADDED = re.compile(
    r"\bsynchronized\b|\bmutex\b|\.R?lock\(|FOR UPDATE|LOCK TABLE|ACCESS EXCLUSIVE|serializable|repeatable.?read|\bwith\s+\w*lock\b|"
    r"semaphore|acquire\(", re.IGNORECASE
)  # fmt: skip
_ADDED = {
    Mechanism.NEW_QUERY: re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|JOIN)\b\s+\S+|\.(query|execute|find|aggregate)\w*\("),
    Mechanism.SETTING_REQUIRED: re.compile(r"getenv|environ|mustGetenv|process\.env|viper\.|os\.Getenv|config\.(get|require)", re.IGNORECASE),
    Mechanism.HEAVY_WORK: re.compile(
        r"\bsleep\(|regexp?\.|re\.compile|matches\(|bcrypt|scrypt|pbkdf|sort\w*\(|json\.(loads|dumps)|deepcopy|"
        r"debug|verbose|level\W{1,4}trace|synchronous|serial|busy|compress|encrypt|GOMAXPROCS", re.IGNORECASE
    ),
}  # fmt: skip
_EITHER = {
    Mechanism.CACHE_CHANGED: re.compile(r"cache|ttl|memoi[sz]e|evict|expir", re.IGNORECASE),
    Mechanism.ADDRESS_CHANGED: re.compile(r"https?://|\bhost\b|endpoint|base_?url|\bport\b|\baddr|dns|resolver|[\w-]+\.(svc|internal|local)\b", re.IGNORECASE),
    Mechanism.FORMAT_CHANGED: re.compile(r"`?json:\"|serializ|stringify|marshal|to_?json|json\.dumps|protobuf|\.proto|avro|@JsonProperty|encod(?:e|ing)|charset|parse|decode|content-?type", re.IGNORECASE),
    Mechanism.ACCESS_CHANGED: re.compile(r"\bauth|token|permission|role|scope|policy|jwt|secret|credential|acl|cors|audience|issuer", re.IGNORECASE),
    Mechanism.WAIT_CHANGED: re.compile(r"timeout|deadline|retr(y|ies)|backoff|interval|keep_?alive|wait|delay|schedule\s*:|crontab|concurren(?!tly)|parallel|batch", re.IGNORECASE),
}  # fmt: skip
_LIMIT = re.compile(
    r"max|limit|pool|size|capacity|worker|thread|conn|replica|quota|memory|cpu|buffer|queue|burst|rate|window|budget|heap|ulimit|threshold",
    re.IGNORECASE,
)
_SWITCH = re.compile(r"\b(true|false|on|off|yes|no|enabled?|disabled?)\b", re.IGNORECASE)
_BOUND_BY_NUMBER = re.compile(
    r"(?:pool|worker|thread|executor|semaphore|limit|capacity|queue)\w*\W{0,3}\d{1,6}\b", re.IGNORECASE
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
    r"query|fetch|select|http|get\w*\(|find\w*\(|load\w*\(|exec|rpc|client|request|redis|\bdb\b|sql|call|send|read|await|lookup|post\(|publish",
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
    Mechanism.UNBOUNDED_GROWTH, Mechanism.GUARD_REMOVED, Mechanism.LOCK_ADDED, Mechanism.BOUND_REMOVED,
})  # fmt: skip
"""Mechanisms that a restructuring can hide; without one of them, words that merely moved say nothing."""


def by_path(files: tuple[str, ...], added: list[str], removed: list[str]) -> set[Mechanism]:
    """Return what the paths alone say: inert, or only versions of libraries."""
    out: set[Mechanism] = set()
    if files and all(_INERT_PATH.search(f) or _STYLE_PATH.search(f) for f in files):
        out.add(Mechanism.INERT)
    if files and all(_DEPENDENCY_PATH.search(f) for f in files):
        out.add(Mechanism.DEPENDENCY)
    code = [line for line in [*added, *removed] if line.strip()]
    if code and all(COMMENT.match(line) for line in code):
        out.add(Mechanism.INERT)
    if files and any(_STYLE_PATH.search(f) for f in files) and code and all(_looks_styled(line) for line in code):
        out.add(Mechanism.INERT)
    return out


def _looks_styled(line: str) -> bool:
    return bool(re.search(r"#[0-9a-fA-F]{3,8}\b|\d(px|rem|em)\b|[{}]\s*$|:\s*[^;]+;", line))


def by_lines(added: list[str], removed: list[str], files: tuple[str, ...], *, valued: bool) -> set[Mechanism]:
    """Return what the lines do; `valued` when numbers changed, which no mere restating does."""
    out: set[Mechanism] = set()
    code_added, code_removed = code_of(added), code_of(removed)
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
    out |= _by_shape(code_added, code_removed)
    if _switched(code_added, code_removed):
        out.add(Mechanism.VALUE_CHANGED)
    if any(SETTINGS_PATH.search(f) for f in files) and found_in(_SETTING.findall, removed) - found_in(
        _SETTING.findall, added
    ):
        out.add(Mechanism.SETTING_REQUIRED)
    same = moved_or_taken_out(code_added, code_removed) or renamed(code_added, code_removed)
    if not valued and added and removed and same and not speaks_otherwise(added, removed, files):
        out.add(Mechanism.RESTRUCTURED)
        if not out & HARD:
            out -= _EITHER.keys()
    return out


def _by_shape(added: list[str], removed: list[str]) -> set[Mechanism]:
    """What more than one line together shows."""
    out: set[Mechanism] = set()
    if _call_in_loop(added) and not _call_in_loop(removed):
        out.add(Mechanism.CALL_IN_LOOP)
    if _leaves_holding(added):
        out.add(Mechanism.RELEASE_REMOVED)
    if _grows(added):
        out.add(Mechanism.BOUNDED if _BOUND.search("\n".join(added)) else Mechanism.UNBOUNDED_GROWTH)
    if _limit_gone(added, removed):
        out.add(Mechanism.LIMIT_LOWERED)
    plus, minus = "\n".join(added), "\n".join(removed)
    if len(_LOCK_ADDED.findall(plus)) > len(_LOCK_ADDED.findall(minus)):
        out.add(Mechanism.LOCK_ADDED)
    if added and len(_BOUND_REMOVED.findall(minus)) > len(_BOUND_REMOVED.findall(plus)):
        out.add(Mechanism.BOUND_REMOVED)
    return out


def _switched(added: list[str], removed: list[str]) -> bool:
    """Whether a line differs in nothing but what it switches on or off."""
    off = {_SWITCH.sub("", line).strip(): line for line in removed if _SWITCH.search(line)}
    return any((old := off.get(_SWITCH.sub("", line).strip())) and old.strip() != line.strip() for line in added)


def _limit_gone(added: list[str], removed: list[str]) -> bool:
    """Whether the number of a limit (of a pool, a queue, a heap) is gone, and none stands in its place."""
    minus, plus = ([line for line in lines if _BOUND_BY_NUMBER.search(line)] for lines in (removed, added))
    return bool(minus) and not plus and 2 * len(added) <= 3 * len(removed)


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


def calls_in_a_loop_around(new: Iterable[tuple[str, bool]]) -> bool:
    """Whether an added line calls something inside a loop that was there before; lines of the new side, and whether added."""
    depth: int | None = None
    for line, is_added in new:
        indent = len(line) - len(line.lstrip())
        if depth is not None and line.strip() and indent <= depth:
            depth = None
        if depth is None and _LOOP.match(line) and not is_added:
            depth = indent
        elif depth is not None and is_added and not SAYS.match(line) and _CALL.search(line) and "(" in line:
            return True
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


def by_values(values: tuple[Value, ...]) -> set[Mechanism]:
    """Return what changed numbers do."""
    out: set[Mechanism] = set()
    for value in values:
        out.add(Mechanism.VALUE_CHANGED)
        if value.after < value.before and any(_LIMIT.search(word) for word in value.words):
            out.add(Mechanism.LIMIT_LOWERED)
    return out
