"""A shell command line is judged: does it only look, does it change the system, or can nobody tell from the text?

In comes one command line as typed; out go its program and its effect. Pipes, `&&`, `sudo`, variables in front, `watch`,
`xargs`, loops, `$(...)`, `ssh` and `exec` are looked through; the strongest part decides: one that changes beats an unknown
one, which beats one that looks. What the table does not know stays unknown.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from afteraction.formats import command_table as table
from afteraction.formats.command_judges import (
    JUDGES,
    ansible_command,
    cloud_session,
    effect_of_sql,
    gh_api,
    strongest,
)
from afteraction.model.event import Effect

__all__ = ["effect_of", "effect_of_sql", "program_of"]

_ASSIGNED = re.compile(r"^[A-Za-z_]\w*\+?=")
_DRY = re.compile(r"^--?(?:dry-run|dryrun|check|what-if|noop|diff-only|simulate)(?:=(?!none|false).*)?$")
_SYSTEM_PATH = re.compile(r"^/(?:etc|proc|sys|var/lib|boot|usr|opt)/")
_INNER = re.compile(r"[$<>]\((?P<run>[^()]*)\)|`(?P<ticked>[^`]*)`")
_MERGED = re.compile(r"\s*\d*>&\s*(?:\d|-)")
"""`2>&1`, whose sign would be taken for the one that puts a command into the background."""
_HERE = re.compile(r"<<-?\s*(?P<quote>[\"']?)(?P<word>[A-Za-z_]\w*)(?P=quote)")
_DEEPEST = 4


def program_of(command: str) -> str:
    """Return the program that decides what a line does (behind `sudo`, variables, keywords); empty when there is none."""
    return _verdict(command)[0]


def effect_of(command: str) -> Effect:
    """Say what a command line does to the system."""
    return _verdict(command)[1]


@lru_cache(maxsize=1024)
def _verdict(command: str) -> tuple[str, Effect]:
    parts = [(inner[0], _effect(words, 0)) for words in _parts(command) if (inner := _unwrapped(words))]
    decides = strongest(effect for _, effect in parts)
    names = [name.rpartition("/")[2] for name, effect in parts if effect is decides]
    program = next((name for name in names if name not in table.SHELL), next(iter(names), ""))
    return program, _judged(command, 0)


def _judged(command: str, depth: int) -> Effect:
    if depth > _DEEPEST:
        return Effect.UNKNOWN
    effects = [_effect(words, depth) for words in _parts(command)]
    if body := _here_document(command):
        fed = next((_fed(words, body, depth) for words in _parts(command) if any("<<" in word for word in words)), None)
        effects = [*(effect for effect in effects if effect is not Effect.UNKNOWN), *([fed] if fed else effects)]
    bare = re.sub(r"'[^']*'", "''", command[:8000])  # in single quotes a shell replaces nothing
    inner = [found["run"] or found["ticked"] or "" for found in _INNER.finditer(bare)]
    effects += [_judged(text, depth + 1) for text in inner[:20] if text.strip()]
    return strongest(effects)


def _here_document(command: str) -> str:
    found = _HERE.search(command)
    if found is None:
        return ""
    body = command[found.end() :].partition("\n")[2]
    return re.split(rf"^\s*{found['word']}\s*$", body, maxsplit=1, flags=re.MULTILINE)[0]


def _fed(words: list[str], body: str, depth: int) -> Effect | None:
    """Judge what a here-document gives to a database or a shell; None for programs that only read it."""
    inner = _unwrapped(words)
    program = _named(inner[0]) if inner else ""
    if program in {"psql", "mysql", "sqlite3", "clickhouse-client", "cqlsh", "cockroach", "sqlcmd"}:
        return effect_of_sql(body)
    return _judged(body, depth + 1) if program in {"bash", "sh", "zsh", "ssh", "su"} else None


def _parts(command: str) -> Iterator[list[str]]:
    """Yield the simple commands of a line as words."""
    # what a here-document or a comment holds is not run
    text = re.sub(
        r"(?:^|\s)#\s.*$",
        "",
        command.split("\n", 1)[0] if _HERE.search(command) else command.replace("\\\n", " "),
        flags=re.MULTILINE,
    )
    text = _MERGED.sub(" ", text).replace("&>", ">")
    for line in text.splitlines()[:50]:
        lexer = shlex.shlex(line[:8000], posix=True, punctuation_chars="|&;")
        lexer.whitespace_split = True
        lexer.commenters = ""
        words: list[str] = []
        try:
            tokens = list(lexer)
        except ValueError:  # an open quote: the words as they stand tell enough
            tokens = line.split()
        for token in tokens:
            if token and set(token) <= set("|&;"):
                if words:
                    yield words
                words = []
            else:
                words.append(token)
        if words:
            yield words


def _unwrapped(words: list[str]) -> list[str]:
    """Drop variables, keywords and wrappers in front of the program."""
    words = list(words)
    while words:
        head = words[0].rpartition("/")[2]
        if head in table.KEYWORDS or _ASSIGNED.match(words[0]):
            words.pop(0)
        elif head in {"for", "foreach", "case", "select", "function"} or head in table.CLOSING:
            return []
        elif head == "command" and words[1:2] in (["-v"], ["-V"]):
            return ["which"]
        elif head in table.WRAPPERS:
            behind = _behind(words, table.WRAPPERS[head], table.POSITIONAL.get(head, 0))
            if not behind and (head in table.READS or (head == "sudo" and {"-i", "-s"} & set(words))):
                return ["sh" if head == "sudo" else head]
            words = behind
            if head == "aws-vault" and words[:1] == ["exec"]:
                words = words[2:]
            words = words[1:] if words[:1] == ["--"] else words
        else:
            return words
    return []


def _behind(words: list[str], valued: frozenset[str], positional: int) -> list[str]:
    """Return what stands behind a wrapper's own options and words."""
    rest = words[1:]
    while rest:
        if rest[0] == "--":
            return rest[1:]
        if rest[0].startswith("-") and len(rest[0]) > 1:
            rest = rest[2:] if rest[0] in valued else rest[1:]
        elif _ASSIGNED.match(rest[0]):
            rest = rest[1:]
        elif positional:
            rest, positional = rest[1:], positional - 1
        else:
            return rest
    return []


def _named(word: str) -> str:
    """Return a program's name as the table has it."""
    program = word.rpartition("/")[2].lower() if word.endswith(".exe") else word.rpartition("/")[2]
    program = program.removesuffix(".exe")
    program = program.removesuffix(".sh") if program.startswith("kafka-") else program
    return table.ALIASES.get(program, program)


def _effect(words: list[str], depth: int) -> Effect:
    inner = _unwrapped(words)
    if not inner:
        return Effect.DIAGNOSTIC if words else Effect.UNKNOWN
    if " " in inner[0].strip() and depth <= _DEEPEST:  # `watch 'kubectl get pods | grep x'`
        return _judged(inner[0], depth + 1)
    program, arguments = _named(inner[0]), inner[1:]
    if inner[0].rpartition("/")[2] in {"docker-compose", "podman-compose"}:
        arguments = ["compose", *arguments]
    if (run := _run(program, arguments)) is not None:
        if not run or depth >= _DEEPEST:
            return Effect.UNKNOWN
        return _judged(run[0] if len(run) == 1 else shlex.join(run), depth + 1)
    if _writes_system_file(arguments) or (program == "tee" and any(_SYSTEM_PATH.match(word) for word in arguments)):
        return Effect.STATE_CHANGING
    return _by_table(program, arguments)


def _by_table(program: str, arguments: list[str]) -> Effect:
    if program == "ansible":
        return ansible_command(arguments)[0] or Effect.UNKNOWN
    if program == "gh" and arguments[:1] == ["api"]:
        return gh_api(arguments[1:])
    if judge := JUDGES.get(program):
        return Effect.DIAGNOSTIC if _only_asks(arguments) else judge(arguments)
    if program in table.subcommands():
        return _by_subcommand(program, arguments)
    if program in table.READS:
        return Effect.DIAGNOSTIC
    if program in table.CHANGES:
        return Effect.DIAGNOSTIC if any(_DRY.match(word) for word in arguments) else Effect.STATE_CHANGING
    if arguments and arguments[0] in table.PLAIN_CHANGES:
        return Effect.STATE_CHANGING
    return Effect.DIAGNOSTIC if _only_asks(arguments) else Effect.UNKNOWN


def _only_asks(arguments: list[str]) -> bool:
    return bool(arguments) and set(arguments) <= {"--version", "--help", "-V", "version", "help"}


def _run(program: str, arguments: list[str]) -> list[str] | None:
    """Return the command that `ssh`, `bash -c` or `exec` runs; an empty list for a bare shell; None for the rest."""
    if program in {"bash", "sh", "zsh", "dash", "su", "fish"}:
        found = next((n for n, word in enumerate(arguments[:-1]) if re.fullmatch(r"-[a-z]*c", word)), None)
        return [] if found is None else [arguments[found + 1]]
    if program in {"ssh", "mosh"}:
        return _behind([program, *arguments], table.REMOTE_VALUED, 1)
    if program == "ansible":
        effect, shell = ansible_command(arguments)
        return None if effect is not None else [shell] if shell else []
    if (session := cloud_session(program, arguments)) is not None:
        return session
    verbs = [word for word in arguments if not word.startswith("-")]
    if program == "kubectl" and "run" in verbs[:4] and "--rm" in arguments:  # a pod that is thrown away again
        return arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    verb = "rsh" if program == "oc" and "rsh" in verbs[:4] else "exec"
    position = arguments.index(verb) if verb in verbs[:4] and program in table.EXECUTORS else -1
    if position < 0:
        return None
    if "--" in arguments[position:]:
        return arguments[arguments.index("--", position) + 1 :]
    rest = _behind(arguments[position:], table.REMOTE_VALUED, 1)
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in table.REMOTE_VALUED else rest[1:]
    return rest


def _writes_system_file(arguments: list[str]) -> bool:
    for word, following in pairwise([*arguments, ""]):
        target = (
            following
            if word in {">", ">>"}
            else word.lstrip("12&>")
            if word.startswith((">", "1>", "2>", "&>"))
            else ""
        )
        if _SYSTEM_PATH.match(target):
            return True
    return False


def _by_subcommand(program: str, arguments: list[str]) -> Effect:
    entry = table.subcommands()[program]
    if any(_DRY.match(word) for word in arguments):
        return Effect.DIAGNOSTIC
    words = list(_words(program, arguments, entry.valued))
    if program == "service" and len(words) > 1:
        return _by_subcommand("systemctl", [words[1]])
    if found := _odd(program, words, arguments):
        return found
    for length in range(min(4, len(words)), 0, -1):
        key = " ".join(words[:length])
        if key in entry.changes:
            prints = _has(entry.printing, key, arguments) or (key in entry.bare and len(arguments) == 1)
            return Effect.DIAGNOSTIC if prints else Effect.STATE_CHANGING
        if key in entry.reads:
            return Effect.STATE_CHANGING if _has(entry.acting, key, arguments) else Effect.DIAGNOSTIC
    asks = not words and ({"--version", "--help", "-h", "--status-all"} & set(arguments) or program in entry.bare)
    return Effect.DIAGNOSTIC if asks else Effect.UNKNOWN


def _words(program: str, arguments: list[str], valued: frozenset[str]) -> Iterator[str]:
    """Yield the words that are no options and no values of options."""
    skip = False
    for word in arguments:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in valued
        else:
            yield word.lower() if program == "redis-cli" else word


def _has(options: frozenset[str], key: str, arguments: list[str]) -> bool:
    """Whether one of the options stands among the arguments; those of one subcommand count for that one only."""
    for option in options:
        verb, _, name = option.rpartition(" ")
        if verb in {"", key} and any(word == name or word.startswith(f"{name}=") for word in arguments):
            return True
    return False


def _odd(program: str, words: list[str], arguments: list[str]) -> Effect | None:
    """Judge what no table can hold: which way a copy goes, and the modes of redis-cli that are options."""
    if program in {"kubectl", "oc"} and words[:1] == ["cp"]:
        return Effect.STATE_CHANGING if len(words) < 3 or ":" in words[2] else Effect.DIAGNOSTIC
    if program != "redis-cli":
        return None
    given = set(arguments)
    if {"--bigkeys", "--memkeys", "--hotkeys", "--stat", "--latency", "--latency-history", "--scan", "--intrinsic-latency", "--rdb"} & given:  # fmt: skip
        return Effect.DIAGNOSTIC
    if "--cluster" in given:
        verb = dict(pairwise([*arguments, ""])).get("--cluster", "")
        return Effect.DIAGNOSTIC if verb in {"check", "info", "help", "backup"} else Effect.STATE_CHANGING
    return Effect.UNKNOWN if "--eval" in given else None
