"""A command that somebody typed becomes an event: its text, what it does to the system, and what it printed.

In comes a command line with its time and place; out goes the `Event`. SQL and Redis shells are judged by their own
verbs. A command that only leaves or clears the shell is no happening.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from afteraction.formats.commands import effect_of, effect_of_sql, program_of
from afteraction.model.event import Actor, ActorKind, Call, Effect, Event, EventKind
from afteraction.model.origin import Origin, Precision

_SILENT = re.compile(r"^(?:exit|logout|clear|reset|history(?: -c)?|quit|\\q|:q|fg|bg)$")
_FAILED = re.compile(
    r"^(?:error: |error from server|fatal: |\S*: (?:line \d+: )?[\w./-]+: command not found|[\w./-]+: command not found|"
    r"(?:zsh|fish|bash): (?:unknown )?command(?: not found)?|unable to connect to the server|traceback \(most recent)",
    re.IGNORECASE,
)
_SQL_DONE = re.compile(
    r"^(?:(?:UPDATE|DELETE|MERGE|COPY) [1-9]\d*|INSERT 0 [1-9]\d*|(?:CREATE|ALTER|DROP|TRUNCATE|REINDEX) (?:TABLE|INDEX|VIEW|FUNCTION|ROLE|DATABASE|TRIGGER)\b)"
)
"""What a database answers when it has changed something, whatever the file was called that told it to."""
_LONGEST_RESULT = 20_000
"""Characters of output that are kept; the rest stands in the file that the origin names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A command line as typed; `dialect` is `sql`, `redis` or empty for a system shell, `seconds` how long it ran."""

    command: str
    user: str = ""
    dialect: str = ""
    output: str = ""
    seconds: float | None = None


def is_silent(command: str) -> bool:
    """Whether a command only leaves, clears or switches the shell itself."""
    return _SILENT.match(command.strip()) is not None


def command_event(typed: Typed, *, at: datetime, precision: Precision, origin: Origin, source: str, zone: str) -> Event:
    """Return the event of a command that was entered at `at`."""
    if typed.dialect == "sql":
        tool, effect = "sql", effect_of_sql(typed.command)
    elif typed.dialect == "redis":
        tool, effect = "redis-cli", effect_of(f"redis-cli {typed.command}")
    else:
        tool, effect = program_of(typed.command), effect_of(typed.command)
    first = typed.output.lstrip().split("\n", 1)[0]
    if effect is Effect.UNKNOWN and _SQL_DONE.match(first):
        effect = Effect.STATE_CHANGING
    return Event(
        at=at,
        precision=precision,
        kind=EventKind.COMMAND,
        text=typed.command,
        source=source,
        origin=origin,
        actor=Actor(name=typed.user, kind=ActorKind.PERSON) if typed.user else None,
        zone=zone,
        detail=Call(
            tool=tool,
            command=typed.command,
            result=typed.output[:_LONGEST_RESULT],
            effect=effect if typed.command else Effect.UNKNOWN,
            is_error=_FAILED.match(first) is not None,
            automated=False,
            seconds=typed.seconds,
        ),
    )
