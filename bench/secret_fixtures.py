"""The test fixtures of three well-known secret detectors, read from their own checkouts: texts go out, each with its secrets.

`--corpus` of bench/secret_masking.py names a folder that holds `gitleaks/`, `detect-secrets/` and `trufflehog/`, each a checkout of
that project. Nothing of theirs is kept here. The Go tests are read by a small evaluator of string expressions (literals,
`+`, the projects' own generators of random secrets with a fixed seed); what it does not understand is counted as skipped.
The Python tests are imported by the peers' environment, which asks pytest's marks for the parameters.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|(?P<raw>`[^`]*`)|(?P<text>\"(?:\\.|[^\"\\\n])*\")|(?P<rune>'(?:\\.|[^'\\])+')|(?P<word>[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*)|"
    r"(?P<number>\d[\w.]*)|(?P<mark>\.\.\.|:=|[-+*/%&|^<>=!]=|&&|\|\||[^\s\w])",
    re.DOTALL,
)


@dataclass(frozen=True)
class Fixture:
    """One example: the rule that it belongs to, the text, and the secrets in it; none known means that any mask will do."""

    source: str
    rule: str
    text: str
    secret: bool
    values: tuple[str, ...] = ()


class Unknown(Exception):
    """An expression that the evaluator does not understand."""


@dataclass
class Go:
    """The tokens of a Go file and what its names stand for."""

    tokens: list[tuple[str, str]]
    calls: dict[str, Callable[..., Any]]
    names: dict[str, Any] = field(default_factory=dict)

    def value(self, at: int) -> tuple[Any, int]:
        """Evaluate the expression that begins at a token."""
        left, at = self._one(at)
        while self.tokens[at][1] == "+":
            right, at = self._one(at + 1)
            if not (isinstance(left, str) and isinstance(right, str)):
                raise Unknown
            left += right
        return left, at

    def _one(self, at: int) -> tuple[Any, int]:  # noqa: C901  (one branch for each kind of expression)
        kind, word = self.tokens[at]
        if kind == "raw":
            return word[1:-1], at + 1
        if kind == "text":
            return _unquoted(word), at + 1
        if kind == "number":
            return word, at + 1
        if word == "[" and self.tokens[at + 1][1] == "]":
            return self._many(at + 3, keyed=False)
        if word == "map":
            return self._many(at + 5, keyed=True)
        if kind == "word":
            if self.tokens[at + 1][1] == "(":
                given, after = self._items(at + 2, ")")
                if word not in self.calls:
                    raise Unknown
                return self.calls[word](*given), after
            if word == "nil":
                return [], at + 1
            if word in self.names:
                return self.names[word], at + 1
        raise Unknown

    def _many(self, at: int, *, keyed: bool) -> tuple[list[Any], int]:
        if self.tokens[at][1] != "{":
            raise Unknown
        return self._items(at + 1, "}", keyed=keyed)

    def _items(self, at: int, end: str, *, keyed: bool = False) -> tuple[list[Any], int]:
        """Evaluate a list; an item that is not understood is left out of a literal and spoils a call."""
        found: list[Any] = []
        while self.tokens[at][1] != end:
            if self.tokens[at][1] == ",":
                at += 1
                continue
            if keyed:
                at = self._past(at, {":"}) + 1
            try:
                value, after = self.value(at)
                if self.tokens[after][1] == "...":
                    after += 1
                self._closes(after, end)
                found.append(value)
                at = after
            except Unknown:
                if end == ")":
                    raise
                at = self._past(at, {",", end})
        return found, at + 1

    def _closes(self, at: int, end: str) -> None:
        if self.tokens[at][1] not in {",", end}:
            raise Unknown

    def _past(self, at: int, stop: set[str]) -> int:
        depth = 0
        while at < len(self.tokens) - 1:
            word = self.tokens[at][1] if self.tokens[at][0] == "mark" else ""
            if depth == 0 and word in stop:
                return at
            depth += (word in {"(", "[", "{"}) - (word in {")", "]", "}"})
            at += 1
        raise Unknown


def _unquoted(word: str) -> str:
    plain = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}
    return re.sub(
        r"\\(x[0-9a-f]{2}|u[0-9a-fA-F]{4}|.)",
        lambda m: chr(int(m[1][1:], 16)) if len(m[1]) > 1 else plain.get(m[1], m[1]),
        word[1:-1],
    )


def _tokens(source: str) -> list[tuple[str, str]]:
    found = [(m.lastgroup, m[0]) for m in _TOKEN.finditer(source) if m.lastgroup]
    return [*found, ("mark", ""), ("mark", ""), ("mark", "")]


def generated(pattern: str, dice: random.Random) -> str:
    """Return a text that a regular expression matches (as reggen does for gitleaks); unbounded repeats are short."""
    return "".join(_drawn(_parser.parse(pattern), dice))


def _drawn(parsed: Any, dice: random.Random) -> Iterator[str]:
    for kind, given in parsed:
        if kind is _constants.LITERAL:
            yield chr(given)
        elif kind is _constants.IN:
            yield dice.choice(_letters(given))
        elif kind in {_constants.MAX_REPEAT, _constants.MIN_REPEAT}:
            low, high, inner = given
            for _ in range(dice.randint(low, min(high, low + 8))):
                yield from _drawn(inner, dice)
        elif kind is _constants.SUBPATTERN:
            yield from _drawn(given[3], dice)
        elif kind is _constants.BRANCH:
            yield from _drawn(dice.choice(given[1]), dice)
        elif kind is _constants.ANY:
            yield dice.choice("abcxyz0189")
        elif kind is not _constants.AT:
            raise Unknown


def _letters(given: Any) -> str:
    classes = {_constants.CATEGORY_DIGIT: "0123456789", _constants.CATEGORY_WORD: "abcxyzABCXYZ0189_"}
    letters = ""
    for kind, value in given:
        if kind is _constants.LITERAL:
            letters += chr(value)
        elif kind is _constants.RANGE:
            letters += "".join(map(chr, range(value[0], value[1] + 1)))
        elif kind is _constants.CATEGORY and value in classes:
            letters += classes[value]
        else:
            raise Unknown
    return letters


def _sprintf(form: str, *given: Any) -> str:
    values = iter(given)

    def filled(_: re.Match[str]) -> str:
        value = next(values, None)
        if not isinstance(value, str):
            raise Unknown
        return value

    return re.sub(r"%[sqvd]", filled, form).replace("%%", "%")


# --- gitleaks -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """A text that gitleaks makes around a secret."""

    text: str
    value: str


def gitleaks(folder: Path) -> tuple[list[Fixture], int]:
    """Return the examples that gitleaks validates its rules with, and how many rules gave none."""
    config = folder / "cmd" / "generate" / "config"
    shapes = _shapes((config / "utils" / "generate.go").read_text(encoding="utf-8"))
    found: list[Fixture] = []
    empty = 0
    for file in sorted((config / "rules").glob("*.go")):
        for body in re.split(r"(?m)^func ", file.read_text(encoding="utf-8"))[1:]:
            rule = re.search(r'RuleID:\s*"([^"]+)"', body)
            if rule is None:
                continue
            go = Go(_tokens(body), _generators(rule[1], shapes))
            own = list(_validated(go, rule[1]))
            empty += not own
            found += own
    return found, empty


def _shapes(source: str) -> list[str]:
    begin = source.index("samples := map[string]string{")
    go = Go(_tokens(source[begin + len("samples := ") :]), {})
    made, _ = go.value(0)
    return [str(shape) for shape in made]


def _generators(seed: str, shapes: list[str]) -> dict[str, Callable[..., Any]]:
    dice = random.Random(seed)

    def samples(name: str, value: str) -> list[Sample]:
        filled = (shape.replace("{i}", name).replace("{I}", name.upper()).replace("{s}", value) for shape in shapes)
        return [Sample(text, value) for text in filled]

    return {
        "secrets.NewSecret": lambda pattern: generated(pattern, dice),
        "utils.Numeric": lambda n: f"[0-9]{{{n}}}",
        "utils.Hex": lambda n: f"[a-f0-9]{{{n}}}",
        "utils.AlphaNumeric": lambda n: f"[a-z0-9]{{{n}}}",
        "utils.AlphaNumericExtendedShort": lambda n: f"[a-z0-9_-]{{{n}}}",
        "utils.AlphaNumericExtended": lambda n: f"[a-z0-9=_\\-]{{{n}}}",
        "utils.AlphaNumericExtendedLong": lambda n: f"[a-z0-9\\/=_\\+\\-]{{{n}}}",
        "utils.Hex8_4_4_4_12": lambda: "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "utils.GenerateSampleSecret": lambda name, value: Sample(f'{name}_api_token = "{value}"', value),
        "utils.GenerateSampleSecrets": samples,
        "fmt.Sprintf": _sprintf,
        "append": lambda *given: list(_flat(given)),
    }


def _flat(given: Any) -> Iterator[Any]:
    for one in given:
        if isinstance(one, list | tuple):
            yield from _flat(one)
        else:
            yield one


def _validated(go: Go, rule: str) -> Iterator[Fixture]:
    for at, (kind, word) in enumerate(go.tokens[:-4]):
        if kind != "word" or go.tokens[at + 1][1] not in {":=", "="}:
            continue
        try:
            value, _ = go.value(at + 2)
        except (Unknown, IndexError, re.error):
            continue
        go.names[word] = value
    for name in ("tps", "fps"):
        for one in dict.fromkeys(_flat([go.names.get(name, [])])):
            if isinstance(one, Sample):
                yield Fixture("gitleaks", rule, one.text, name == "tps", (one.value,))
            elif isinstance(one, str) and one.strip():
                yield Fixture("gitleaks", rule, one, name == "tps")


# --- trufflehog ---------------------------------------------------------------------------------------------------


def trufflehog(folder: Path) -> tuple[list[Fixture], int]:
    """Return the inputs of the detectors' pattern tests with what is wanted from them, and how many files gave none."""
    found: list[Fixture] = []
    empty = 0
    detectors = folder / "pkg" / "detectors"
    for file in sorted(detectors.rglob("*_test.go")):
        if "integration" in file.name:
            continue
        go = Go(_tokens(file.read_text(encoding="utf-8", errors="replace")), {"fmt.Sprintf": _sprintf})
        own = list(_pattern_tests(go, file.relative_to(detectors).parts[0]))
        empty += not own
        found += own
    return found, empty


def _pattern_tests(go: Go, rule: str) -> Iterator[Fixture]:
    text: Any = None
    for at, (kind, word) in enumerate(go.tokens[:-4]):
        mark = go.tokens[at + 1][1]
        if kind != "word" or mark not in {"=", ":=", ":"}:
            continue
        try:
            value, _ = go.value(at + 2)
        except (Unknown, IndexError):
            if word == "input":
                text = None
            continue
        if mark != ":":
            go.names[word] = value
        elif word == "input":
            text = value
        elif word == "want" and isinstance(text, str) and isinstance(value, list):
            wanted = tuple(part for part in value if isinstance(part, str) and part in text)
            if value and not wanted:
                continue  # what is wanted was put together from several places
            yield Fixture("trufflehog", rule, text, bool(value), wanted)
            text = None


# --- detect-secrets -----------------------------------------------------------------------------------------------

_ASK = """
import importlib.util, json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
told = []
for file in sorted(Path(sys.argv[1], "tests", "plugins").glob("*_test.py")):
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception:
        continue
    tests = [t for c in vars(module).values() if isinstance(c, type) for t in vars(c).values()] + list(vars(module).values())
    for test in tests:
        for mark in getattr(test, "pytestmark", []):
            if mark.name == "parametrize":
                names = mark.args[0] if isinstance(mark.args[0], str) else ",".join(mark.args[0])
                told.append([file.stem, names.replace(" ", "").split(","), [repr(p) for p in mark.args[1]], [p if isinstance(p, (str, list, tuple)) else None for p in mark.args[1]]])
json.dump(told, sys.stdout, default=str)
"""
_TEXTS = ("payload", "line", "token", "content", "file_content", "secret", "text")
_VERDICTS = ("should_flag", "is_valid", "expected_secret", "expected_output")


def detect_secrets(folder: Path, python: Path) -> tuple[list[Fixture], int]:
    """Return the parameters of the plugins' tests, and how many tests were not understood."""
    done = subprocess.run(
        [str(python), "-c", _ASK, str(folder)], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    found: list[Fixture] = []
    skipped = 0
    for rule, asked, _, given in json.loads(done.stdout):
        # The keyword tests try one line in the syntax of many kinds of files; two names, whatever they are called.
        names = ["content", "expected_secret"] if rule == "keyword_test" and len(asked) == 2 else asked
        text_at = next((n for n, name in enumerate(names) if name in _TEXTS), None)
        verdict_at = next((n for n, name in enumerate(names) if name in _VERDICTS), None)
        if text_at is None:
            skipped += 1
            continue
        for one in given:
            row = one if isinstance(one, list) else [one]
            if len(row) < len(names) or not isinstance(row[text_at], str) or len(row[text_at]) > 20_000:
                continue
            wanted = row[verdict_at] if verdict_at is not None else True
            values = (wanted,) if isinstance(wanted, str) and wanted in row[text_at] else ()
            found.append(Fixture("detect-secrets", rule.removesuffix("_test"), row[text_at], bool(wanted), values))
    return list(dict.fromkeys(found)), skipped
