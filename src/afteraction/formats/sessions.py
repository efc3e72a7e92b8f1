"""A terminal session becomes the commands that were typed in it, each with what it printed.

In come the lines that were seen (`screen.py`); out go commands, recognised by the forms that prompts take everywhere
(`$ `, `anna@host:~$ `, `[root@host dir]# `, `app git:(main) `, database shells), with user, host, a stamp in the prompt and
the output up to the next prompt. It knows no host and no program by name, except that a bare `#` or `>` is no prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from afteraction.formats.screen import ScreenLine

_STAMP = r"(?:[\[(]?(?P<stamp>(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?(?:UTC|GMT|[A-Z]{1,3}S?T)\b| ?[+-]\d\d:?\d\d)?)[\])]?\s+)?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # [anna@host dir]$ command
        rf"^{_STAMP}(?:\([\w.@:/-]+\)\s?)?\[(?P<user>[\w.-]+)@(?P<host>[\w.-]+)\s[^\]]*\]\s?[$#%]\s(?P<command>\S.*)?$",
        # anna@host:~/dir (main)$ command
        rf"^{_STAMP}(?:\([\w.@:/|-]+\)\s?)?(?P<user>[\w.-]+)@(?P<host>[\w.-]+)(?:[: ]\s?[~/][^\s$#%]*|[: ][\w.-]+)?(?:\s?\([^)]*\))?\s?[$#%❯>]\s(?P<command>\S.*)?$",
        # anna@host 2026-03-04T10:42:13Z $ command, anna@host ~/dir [10:42:13] $ command
        rf"^(?P<user>[\w.-]+)@(?P<host>[\w.-]+)(?:[: ]\s?[~/][^\s$#%]*)?\s{_STAMP.removesuffix('?')}[$#%❯]\s(?P<command>\S.*)?$",
        # bash-5.1$ command, sh-5.1# command, / # command
        rf"^{_STAMP}(?:(?:ba|z|k|da)?sh-\d[\w.]*|[~/][\w./~-]*)\s?[$#%]\s(?P<command>\S.*)?$",
        # host:~/dir$ command, ~/dir (main) $ command
        rf"^{_STAMP}(?:(?P<host>[\w.-]+):)?(?:[~/][^\s$#%]*)(?:\s\(?[\w./:()-]+\)?)?\s?[$%❯]\s(?P<command>\S.*)?$",
        # ➜  dir git:(main) ✗ command
        rf"^{_STAMP}[➜❯λ»›]\s+(?:[~\w./-]+\s+git:\([^)]*\)\s+(?:[✗✔]\s+)?|[~/][\w./~-]*\s+(?=\S))?(?P<command>\S.*)?$",
        # $ command, % command
        rf"^{_STAMP}[$%]\s(?P<command>\S.*)?$",
        # PS C:\> command
        r"^PS (?:[A-Za-z]:)?[\\/][^>]*>\s?(?P<command>\S.*)?$",
    )
)  # fmt: skip
_SIGN = re.compile(r"[$#%❯>➜λ»›]")
"""What every prompt holds; most lines of output hold none."""
_SQL = re.compile(
    r"^(?:(?P<base>[\w.-]+)(?:=|-|\(|')[>#]\s|(?:mysql|MariaDB \[[^\]]*\]|sqlite|cqlsh(?::\w+)?|SQL)>\s)(?P<command>\S.*)?$"
)
_REDIS = re.compile(r"^(?:redis )?[\w.-]+:\d{2,5}(?:\[\d+\])?>\s(?P<command>\S.*)?$")
_MORE = re.compile(r"^>\s?(?P<command>.*)$")
_OPEN = re.compile(r"\\$|(?:\||&&|\|\|)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCommand:
    """A command and what it printed.

    `line` to `line_end` are 1-based lines; `entered` is the byte offset behind the command, `returned` that of the
    next prompt. `dialect` is `sql`, `redis` or empty for a system shell; `stamp` is the text of a time in the prompt.
    """

    command: str
    output: str
    line: int
    line_end: int
    entered: int
    returned: int
    user: str = ""
    host: str = ""
    stamp: str = ""
    dialect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prompt:
    command: str
    user: str = ""
    host: str = ""
    stamp: str = ""
    dialect: str = ""


def prompt_at(text: str) -> TypedCommand | None:
    """Return the prompt and command that a line shows, without place and output; None when it shows no prompt."""
    found = _prompt(text)
    if found is None:
        return None
    return TypedCommand(
        command=found.command, output="", line=0, line_end=0, entered=0, returned=0,
        user=found.user, host=found.host, stamp=found.stamp, dialect=found.dialect,
    )  # fmt: skip


def _prompt(text: str) -> _Prompt | None:
    if not _SIGN.search(text):
        return None
    for form in _FORMS:
        if found := form.match(text + " " if text.endswith(("$", "#", "%", "❯")) else text):
            groups = found.groupdict()
            return _Prompt(
                command=(groups["command"] or "").strip(),
                user=groups.get("user") or "",
                host=groups.get("host") or "",
                stamp=groups.get("stamp") or "",
            )
    if found := _SQL.match(text):
        return _Prompt(command=(found["command"] or "").strip(), dialect="sql")
    if found := _REDIS.match(text):
        return _Prompt(command=(found["command"] or "").strip(), dialect="redis")
    return None


def commands_in(lines: Iterable[ScreenLine]) -> Iterator[TypedCommand]:
    """Yield the commands of a session in order; an empty prompt only ends the output of the command before it."""
    current: TypedCommand | None = None
    output: list[str] = []
    last_user, last = "", 0
    for line in lines:
        prompt = _prompt(line.text)
        more = _MORE.match(line.text) if current is not None and prompt is None and not output else None
        if current is not None and more and (_OPEN.search(current.command) or _unclosed(current.command)):
            joined = re.sub(r"\\$", "", current.command).rstrip() + (" " if _OPEN.search(current.command) else "\n")
            current = replace(current, command=joined + more["command"], line_end=line.number, entered=line.end)
        elif prompt is None:
            output.append(line.text)
            if line.text.strip():
                last = line.number
        else:
            if current is not None:
                yield _closed(current, output, last, line.start)
            output = []
            last = 0
            last_user = prompt.user or (last_user if prompt.dialect else "")
            current = None
            if prompt.command:
                current = TypedCommand(
                    command=prompt.command, output="", line=line.number, line_end=line.number, entered=line.end,
                    returned=line.end, user=last_user, host=prompt.host, stamp=prompt.stamp, dialect=prompt.dialect,
                )  # fmt: skip
    if current is not None:
        yield _closed(current, output, last, -1)


def _closed(current: TypedCommand, output: list[str], last: int, returned: int) -> TypedCommand:
    while output and not output[-1].strip():
        output.pop()
    while output and not output[0].strip():
        output.pop(0)
    return replace(current, output="\n".join(output), line_end=max(current.line_end, last), returned=returned)


def _unclosed(command: str) -> bool:
    """Whether a quote is open at the end of a command."""
    bare = re.sub(r"\\.", "", command)
    return bare.count('"') % 2 == 1 or (bare.count("'") % 2 == 1 and '"' not in bare)
