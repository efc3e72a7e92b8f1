"""A shell command line is judged: does it only look, does it change the system, or can nobody tell from the text?

In comes one command line as typed; out go its program and its effect. Pipes, `&&`, `sudo`, variables in front, `ssh` and
`exec` are looked through; the strongest part decides: one that changes beats an unknown one, which beats one that looks.
What the table does not know stays unknown.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from afteraction.formats import command_table as table
from afteraction.model.event import Effect

_ASSIGNED = re.compile(r"^[A-Za-z_]\w*\+?=")
_KEYWORDS = frozenset(
    {
        "do",
        "then",
        "else",
        "elif",
        "if",
        "while",
        "until",
        "!",
        "{",
        "(",
        "time",
        "nohup",
        "exec",
        "builtin",
        "eval",
        "setsid",
        "ionice",
        "caffeinate",
        "}",
    }
)
_CLOSING = frozenset({"done", "fi", "}", ")", "esac", ";;"})
_WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": frozenset({"-u", "-g", "-h", "-p", "-C", "-T", "-U"}),
    "doas": frozenset({"-u", "-C"}),
    "env": frozenset({"-u", "-C"}),
    "nice": frozenset({"-n"}),
    "watch": frozenset({"-n", "--interval"}),
    "timeout": frozenset({"-s", "-k"}),
    "xargs": frozenset({"-I", "-n", "-P", "-L", "-d", "-a"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "aws-vault": frozenset(),
    "chroot": frozenset({"--userspec"}),
}
_POSITIONAL = {"timeout": 1, "chroot": 1}
"""How many words of its own a wrapper takes before the command it runs."""
_REMOTE_VALUED = frozenset(
    [
        "-i",
        "-l",
        "-p",
        "-o",
        "-J",
        "-F",
        "-n",
        "-c",
        "--namespace",
        "--container",
        "--context",
        "-u",
        "--user",
        "-e",
        "--env",
        "-w",
        "--workdir",
        "-L",
        "-R",
        "-D",
        "--kubeconfig",
    ]
)
_DRY = re.compile(r"^--(?:dry-run|check|what-if|noop|diff-only)(?:=(?!none|false).*)?$")
_SYSTEM_PATH = re.compile(r"^/(?:etc|proc|sys|var/lib|boot|usr|opt)/")


def program_of(command: str) -> str:
    """Return the program that decides what a line does (behind `sudo`, variables, keywords); empty when there is none."""
    parts = [(words, inner) for words in _parts(command) if (inner := _unwrapped(words))]
    strongest = _strongest(_effect(words, 0) for words, _ in parts)
    return next((inner[0].rpartition("/")[2] for words, inner in parts if _effect(words, 0) is strongest), "")


def effect_of(command: str) -> Effect:
    """Say what a command line does to the system."""
    return _strongest(_effect(words, 0) for words in _parts(command))


def _strongest(effects: Iterable[Effect]) -> Effect:
    found = set(effects)
    ranked = (Effect.STATE_CHANGING, Effect.UNKNOWN, Effect.DIAGNOSTIC)
    return next((effect for effect in ranked if effect in found), Effect.UNKNOWN)


def effect_of_sql(text: str) -> Effect:
    """Say what SQL statements, or the meta commands of a database shell, do."""
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    return _strongest(_sql_effect(part) for part in bare.split(";") if part.strip())


def _sql_effect(statement: str) -> Effect:
    words = statement.strip().split(None, 3)
    first = words[0].lower().strip("()")
    lower = statement.lower()
    if first.startswith("\\"):
        return Effect.UNKNOWN if first in {"\\i", "\\copy", "\\!", "\\gexec"} else Effect.DIAGNOSTIC
    if any(f"{name}(" in lower for name in table.SQL_ACTING_FUNCTIONS):
        return Effect.STATE_CHANGING
    if first in {"with", "explain"}:
        acting = re.search(r"\b(?:insert into|update \w|delete from|merge into)\b", lower)
        runs = first == "with" or "analyze" in lower
        return Effect.STATE_CHANGING if acting and runs else Effect.DIAGNOSTIC
    if first == "set" and len(words) > 1 and words[1].lower().startswith(("global", "persist", "@@global")):
        return Effect.STATE_CHANGING
    if first == "select" and re.search(r"\binto (?:outfile|\w)", lower):
        return Effect.STATE_CHANGING
    if first in table.SQL_CHANGES:
        return Effect.STATE_CHANGING
    return Effect.DIAGNOSTIC if first in table.SQL_READS else Effect.UNKNOWN


def _parts(command: str) -> Iterator[list[str]]:
    """Yield the simple commands of a line as words."""
    # what a here-document or a comment holds is not run
    text = re.sub(
        r"(?:^|\s)#\s.*$",
        "",
        command.split("\n", 1)[0] if "<<" in command else command.replace("\\\n", " "),
        flags=re.MULTILINE,
    )
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
        if head in _KEYWORDS or _ASSIGNED.match(words[0]):
            words.pop(0)
        elif head in {"for", "case", "select", "function"} or head in _CLOSING:
            return []
        elif head in _WRAPPERS:
            words = _behind(words, _WRAPPERS[head], _POSITIONAL.get(head, 0))
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


def _effect(words: list[str], depth: int) -> Effect:
    inner = _unwrapped(words)
    if not inner:
        return Effect.DIAGNOSTIC if words else Effect.UNKNOWN
    program = inner[0].rpartition("/")[2]
    original, program = program, table.ALIASES.get(program, program)
    arguments = inner[1:]
    if original == "docker-compose":
        arguments = ["compose", *arguments]
    if (remote := _remote(program, arguments)) is not None:
        if not remote or depth >= 4:
            return Effect.UNKNOWN
        text = remote[0] if len(remote) == 1 else shlex.join(remote)
        return _strongest(_effect(part, depth + 1) for part in _parts(text))
    if _writes_system_file(arguments) or (program == "tee" and any(_SYSTEM_PATH.match(word) for word in arguments)):
        return Effect.STATE_CHANGING
    if special := _SPECIAL.get(program):
        return special(arguments)
    if program in table.SUBCOMMANDS:
        return _by_subcommand(program, arguments)
    if program in table.READS:
        return Effect.DIAGNOSTIC
    if program in table.CHANGES or (arguments and arguments[0] in _PLAIN_CHANGES):
        return Effect.STATE_CHANGING
    only_asks = bool(arguments) and set(arguments) <= {"--version", "--help", "-h", "-V", "version", "help"}
    return Effect.DIAGNOSTIC if only_asks else Effect.UNKNOWN


_PLAIN_CHANGES = frozenset(
    [
        "restart",
        "rollback",
        "redeploy",
        "deploy",
        "stop",
        "scale",
        "drain",
        "cordon",
        "failover",
        "delete",
        "terminate",
        "reboot",
    ]
)
"""First words behind a program that nobody knows (a team's own tool) which can only mean a change."""


def _remote(program: str, arguments: list[str]) -> list[str] | None:
    """Return the command that `ssh`, `bash -c` or `exec` runs; an empty list for a bare shell; None for the rest."""
    if program in {"bash", "sh", "zsh", "dash", "su"}:
        if "-c" in arguments[:-1]:
            return [arguments[arguments.index("-c") + 1]]
        return []
    if program == "ssh":
        return _behind([program, *arguments], _REMOTE_VALUED, 1)
    verbs = [word for word in arguments if not word.startswith("-")]
    position = arguments.index("exec") if "exec" in verbs[:4] and program in {"kubectl", "docker"} else -1
    if position < 0:
        return None
    if "--" in arguments[position:]:
        return arguments[arguments.index("--", position) + 1 :]
    rest = _behind(arguments[position:], _REMOTE_VALUED, 1)
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in _REMOTE_VALUED else rest[1:]
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
    entry = table.SUBCOMMANDS[program]
    if any(_DRY.match(word) for word in arguments):
        return Effect.DIAGNOSTIC
    words: list[str] = []
    skip = False
    for word in arguments:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in entry.valued
        else:
            words.append(word.lower() if program == "redis-cli" else word)
    if program == "service" and len(words) > 1:
        return _by_subcommand("systemctl", [words[1]])
    for length in range(min(4, len(words)), 0, -1):
        key = " ".join(words[:length])
        if key in entry.changes:
            return Effect.STATE_CHANGING
        if key in entry.reads:
            return Effect.DIAGNOSTIC
    asks = not words and {"--version", "--help", "-h", "--status-all"} & set(arguments)
    return Effect.DIAGNOSTIC if asks else Effect.UNKNOWN


def _cloud(arguments: list[str]) -> Effect:
    """Judge `aws`, `gcloud` and `az` by the first verb among their words."""
    words = [word for word in arguments if not word.startswith("-")][:6]
    for word in words[1:]:
        verb = word.split("-", 1)[0]
        if word in table.VERBS_READ or verb in table.VERBS_READ:
            return Effect.DIAGNOSTIC
        if word in table.VERBS_CHANGE or verb in table.VERBS_CHANGE:
            return Effect.STATE_CHANGING
    return Effect.UNKNOWN


def _curl(arguments: list[str]) -> Effect:
    method = ""
    for word, following in pairwise([*arguments, ""]):
        if word in {"-X", "--request"}:
            method = following.upper()
        elif word.startswith("-X") and len(word) > 2:
            method = word[2:].upper()
        elif word.startswith("--request="):
            method = word[10:].upper()
    sends = any(re.match(r"^(?:-d|--data|-F|--form|-T|--upload-file|--json)", word) for word in arguments)
    if "-G" in arguments or "--get" in arguments or "-I" in arguments:
        return Effect.DIAGNOSTIC
    method = method or ("POST" if sends else "GET")
    if method in {"GET", "HEAD", "OPTIONS"}:
        return Effect.DIAGNOSTIC
    asks = any(
        re.search(r"/(?:query|query_range|_search|_count|_msearch|search|graphql|series|labels)\b", word)
        for word in arguments
    )
    return Effect.UNKNOWN if asks and method == "POST" else Effect.STATE_CHANGING


def _database(arguments: list[str]) -> Effect:
    """Judge `psql -c`, `mysql -e` by their SQL; an open session or a script file is unknown."""
    sql: list[str] = []
    for word, following in pairwise([*arguments, ""]):
        if re.match(r"^-\w*[ce]$|^--(?:command|execute)$", word):
            sql.append(following)
        elif found := re.match(r"^(?:--(?:command|execute)=|-[ce])(?P<sql>.{3,})$", word, re.DOTALL):
            sql.append(found["sql"])
    if any(word in {"-l", "--list", "--version"} for word in arguments):
        return Effect.DIAGNOSTIC
    return effect_of_sql(";".join(sql)) if sql else Effect.UNKNOWN


def _if_any(*changing: str) -> Callable[[list[str]], Effect]:
    """Build a judge: diagnostic unless an argument matches one of the patterns."""
    form = re.compile("|".join(changing))

    def judge(arguments: list[str]) -> Effect:
        return Effect.STATE_CHANGING if any(form.search(word) for word in arguments) else Effect.DIAGNOSTIC

    return judge


def _unless(*reading: str) -> Callable[[list[str]], Effect]:
    """Build a judge: state-changing unless an argument matches one of the patterns."""
    form = re.compile("|".join(reading))

    def judge(arguments: list[str]) -> Effect:
        return Effect.DIAGNOSTIC if any(form.search(word) for word in arguments) else Effect.STATE_CHANGING

    return judge


_Judge = Callable[[list[str]], Effect]

_SPECIAL: dict[str, _Judge] = {
    "aws": _cloud,
    "gcloud": _cloud,
    "az": _cloud,
    "doctl": _cloud,
    "oci": _cloud,
    "ibmcloud": _cloud,
    "gsutil": _cloud,
    "curl": _curl,
    "http": lambda arguments: _curl(["-X", arguments[0]] if arguments and arguments[0].isupper() else ["-X", "GET"]),
    "psql": _database,
    "mysql": _database,
    "clickhouse-client": _database,
    "cqlsh": _database,
    "sqlite3": lambda arguments: effect_of_sql(arguments[-1]) if len(arguments) > 1 else Effect.UNKNOWN,
    "sed": _if_any(r"^-\w*i", r"^--in-place"),
    "perl": lambda arguments: (
        Effect.STATE_CHANGING if any(re.match(r"-\w*i", a) for a in arguments) else Effect.UNKNOWN
    ),
    "yq": _if_any(r"^-\w*i", r"^--inplace"),
    "find": _if_any(r"^-delete$", r"^-exec(?:dir)?$", r"^-ok$"),
    "sysctl": _if_any(r"^-w$", r"^--write$", r"^[\w.]+=", r"^-p", r"^--system$"),
    "ip": _if_any(r"^(?:add|del|delete|set|flush|change|replace|up|down)$"),
    "iptables": _unless(r"^-\w*[LS]\w*$", r"^--list"),
    "ip6tables": _unless(r"^-\w*[LS]\w*$", r"^--list"),
    "nft": _unless(r"^list$"),
    "crontab": _unless(r"^-l$"),
    "mount": lambda arguments: (
        Effect.STATE_CHANGING if arguments and arguments[0] not in {"-l", "-t"} else Effect.DIAGNOSTIC
    ),
    "journalctl": _if_any(r"^--vacuum", r"^--rotate$", r"^--flush$"),
    "nginx": lambda arguments: (
        Effect.DIAGNOSTIC if {"-t", "-T", "-v", "-V"} & set(arguments) else Effect.STATE_CHANGING
    ),
    "haproxy": lambda arguments: Effect.DIAGNOSTIC if {"-c", "-v", "-vv"} & set(arguments) else Effect.STATE_CHANGING,
    "ansible-playbook": _unless(r"^--check$", r"^-\w*C$", r"^--list-", r"^--syntax-check$"),
    "tar": _unless(r"^-?\w*t\w*$", r"^--list$"),
    "dpkg": _unless(r"^-[lLsS]$", r"^--list$", r"^--status$", r"^--get-selections$"),
    "rpm": _unless(r"^-q", r"^-V"),
    "snap": _unless(r"^(?:list|info|find|changes|services|logs)$"),
    "mysqladmin": _unless(r"^(?:status|processlist|extended-status|ping|variables|version)$"),
    "kafka-topics.sh": _unless(r"^--(?:list|describe)$"),
    "kafka-consumer-groups.sh": _unless(r"^--(?:list|describe)$"),
    "kafka-topics": _unless(r"^--(?:list|describe)$"),
    "kafka-consumer-groups": _unless(r"^--(?:list|describe)$"),
    "supervisorctl": _unless(r"^(?:status|tail|avail|pid|version)$"),
    "pm2": _unless(r"^(?:list|ls|status|logs|show|describe|monit|jlist)$"),
    "ceph": _unless(r"^(?:-s|status|health|df|osd tree|tree|stat|detail|dump|ls)$"),
    "pulumi": _unless(r"^(?:preview|stack|logs|whoami|config|about)$"),
    "make": lambda _: Effect.UNKNOWN,
}
"""Programs whose options decide, not their first words."""
