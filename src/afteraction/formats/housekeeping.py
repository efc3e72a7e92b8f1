"""Tells the commands that serve only the shell they are typed in; a command line comes in, a yes or no goes out.

`date`, `cd` and `export` read or set what concerns the terminal, not the system that is looked at, so that they begin no
investigation and say nothing to a reader. A line with any other program in it is no housekeeping; an empty one neither.
"""

from __future__ import annotations

import re

from afteraction.formats.commands import program_of

_PROGRAMS = frozenset({
    "alias", "asciinema", "bg", "cal", "cd", "clear", "date", "echo", "exit", "export", "fg", "hash", "history", "jobs",
    "logout", "popd", "printf", "pushd", "pwd", "reset", "screen", "script", "set", "sleep", "source", "stty", "tmux", "tput",
    "true", "unalias", "unset", "wait", "whoami",
})  # fmt: skip
_JOINED = re.compile(r"\s*(?:&&|\|\|?|;|\n)\s*")


def is_housekeeping(command: str) -> bool:
    """Say whether a shell line does nothing but keep the shell itself in order."""
    parts = [part for part in _JOINED.split(command) if part.strip()]
    # A substitution or a redirection may run or read anything.
    return bool(parts) and not re.search(r"\$\(|`|[<>]", command) and all(program_of(p) in _PROGRAMS for p in parts)
