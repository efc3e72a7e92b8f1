"""What kubectl showed inside a terminal session: its output below each command, as objects of the cluster.

In come the commands of a session with their output, their time and their place; out go the objects and what could not
be read. The moment of the command is the capture time of its relative ages, where that moment is known to the minute.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from afteraction.formats.kubectl.outputs import parse_command
from afteraction.formats.kubectl.read import Seen, read_kubectl
from afteraction.formats.sessions import TypedCommand
from afteraction.model.cluster import ClusterObject
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem

_SHOWING = frozenset({"get", "describe", "top", "events", "rollout"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A command of a session, the place of what it printed, and when it was entered (None when that is not known)."""

    command: TypedCommand
    origin: Origin
    at: datetime | None


def objects_shown(commands: Iterable[Shown]) -> tuple[tuple[ClusterObject, ...], tuple[Problem, ...]]:
    """Return the objects that the outputs of kubectl show, and what of them could not be read."""
    objects: list[ClusterObject] = []
    problems: list[Problem] = []
    for shown in commands:
        asked = parse_command("$ " + shown.command.command)
        if asked is None or asked.verb not in _SHOWING or not shown.command.output.strip():
            continue
        seen = _placed(_read(shown), shown)
        objects += seen.objects
        problems += seen.problems
    return tuple(objects), tuple(problems)


def _read(shown: Shown) -> Seen:
    line = "$ " + shown.command.command.replace("\n", " ")
    return read_kubectl(f"{line}\n{shown.command.output}", shown.origin.file, captured=shown.at)


def _placed(seen: Seen, shown: Shown) -> Seen:
    """Return what was seen with its lines as they stand in the session; a record has no lines of its own."""
    begun = shown.command.line_end - shown.command.output.count("\n") - 2

    def moved(origin: Origin) -> Origin:
        if shown.origin.line is None or origin.line is None:
            return shown.origin
        return replace(origin, line=begun + origin.line, line_end=begun + (origin.line_end or origin.line))

    return replace(
        seen,
        objects=tuple(replace(found, origin=moved(found.origin)) for found in seen.objects),
        problems=tuple(replace(problem, origin=moved(problem.origin)) for problem in seen.problems),
    )
