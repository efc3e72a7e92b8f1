"""One tool call of an agent in the words of any product, and the event that it becomes.

In come calls as the adapters of the products found them (`AgentCall`), with what is known of the decision about each; out
go events and a problem for calls without a time. A shell tool's command is judged as commands are, a tool of a server by
the server's hints, else by the verb in its name. The agent's own tools work on its own files: they may look at the
system, but they never count as having changed it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from afteraction.formats.commands import effect_of, program_of
from afteraction.formats.json_documents import mapping_of, text_of
from afteraction.formats.stamps import Stamp
from afteraction.formats.tool_effects import effect_by_annotations, effect_by_name
from afteraction.formats.tool_results import LONGEST, compact, shortened
from afteraction.model.event import Actor, ActorKind, Call, Effect, Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Problem


@dataclass(frozen=True, slots=True)
class Decision:
    """By whose word a call was made or refused; the two values are those of `Call`."""

    automated: bool | None = None
    suggestion: str = ""


UNDECIDED = Decision()
"""The material does not say."""
OFFERED = Decision(None, "offered")
BY_CONFIGURATION = Decision(automated=True)
ACCEPTED, EDITED, REJECTED = Decision(False, "accepted"), Decision(False, "edited"), Decision(False, "rejected")
REFUSED_BY_RULE = Decision(True, "rejected")
REFUSED = Decision(None, "rejected")
"""It was refused, and it is not on record whether by a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCall:
    """A tool call as a product recorded it; `own` says that the tool is the agent's own and no server's."""

    tool: str
    origin: Origin
    stamp: Stamp | None
    arguments: Any = None
    result: str = ""
    failed: bool = False
    decision: Decision = UNDECIDED
    agent: str = ""
    client_version: str = ""
    server: str = ""
    server_version: str = ""
    seconds: float | None = None
    exit_code: int | None = None
    hints: Mapping[str, Any] | None = None
    own: bool = False
    call_id: str = ""
    progress: str = ""
    trace: str = ""
    incident: str = ""
    stopped: bool = False
    unsorted: bool = False
    also: tuple[Origin, ...] = ()


_WORDS: tuple[tuple[re.Pattern[str], Decision], ...] = tuple(
    (re.compile(form), decision)
    for form, decision in (
        (r"^(?:auto[-_ ]?(?:den|reject)|policy[-_ ]?den|blocked|denied[-_ ]?by[-_ ]?(?:rule|polic|config|hook))", REFUSED_BY_RULE),
        (r"^(?:user|human|manual\w*)[-_ ]+(?:reject|den|declin|refus|abort)", REJECTED),
        (r"^(?:auto\w*|policy|config|pre-?approved|not[-_ ]?(?:needed|required))", BY_CONFIGURATION),
        (r"^(?:edit|modif)", EDITED),
        (r"^(?:accept|approv|allow|grant|yes|user|manual|human)", ACCEPTED),
        (r"^(?:reject|den(?:y|ied)|declin|refus|no$|cancel)", REJECTED),
    )
)  # fmt: skip


def decision_of(word: Any) -> Decision:
    """Return the decision that a word or a truth value under a key of approval tells."""
    if isinstance(word, bool):
        return ACCEPTED if word else REJECTED
    if isinstance(word, str):
        return next((decision for form, decision in _WORDS if form.match(word.strip().lower())), UNDECIDED)
    return UNDECIDED


_QUALIFIED = (
    r"mcp__(?P<server>.+?)__(?P<tool>.+)",
    r"mcp[._:](?P<server>[\w-]+?)[.:/](?P<tool>.+)",
    r"(?P<server>[A-Za-z][\w-]*?)__(?P<tool>[A-Za-z]\w+)",
)


def parts_of(name: str) -> tuple[str, str]:
    """Return server and tool of a name as agents give to the tools of MCP servers (`mcp__k8s__pods_list`, `k8s__pods_list`)."""
    for form in _QUALIFIED:
        if found := re.fullmatch(form, name):
            return found["server"], found["tool"]
    return "", name


_SHELLS = frozenset(
    ["bash", "shell", "localshell", "execcommand", "runshellcommand", "runinterminal", "shellcommand", "containerexec", "terminal",
     "powershell", "executecommand", "runterminalcmd", "runterminalcommand"]
)  # fmt: skip
"""Names of the tools by which coding agents run command lines."""
_LINES = ("full_command", "command", "cmd", "commandLine", "command_line", "script")
_WRAPPED = ("bash", "sh", "zsh", "/bin/bash", "/bin/sh", "/bin/zsh", "/usr/bin/bash", "pwsh", "powershell")


_OWN = frozenset(
    ["edit", "write", "multiedit", "notebookedit", "todowrite", "writetodos", "todolist", "managetodolist", "updateplan", "replace",
     "writefile", "editfile", "editfiles", "createfile", "createdirectory", "inserteditintofile", "replacestringinfile", "applypatch",
     "savememory", "strreplacebasededittool", "exitplanmode", "task", "agent"]
)  # fmt: skip
"""Names of the tools by which coding agents change files and plans of their own."""


def is_own_tool(name: str) -> bool:
    """Whether a tool's name is one under which agents work on their own files and plans."""
    return re.sub(r"[^a-z]", "", name.removeprefix("copilot_").lower()) in _OWN


def command_line(tool: str, arguments: Any) -> str:
    """Return the command line that a shell tool was given; empty for any other tool."""
    if re.sub(r"[^a-z]", "", tool.lower()) not in _SHELLS:
        return ""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return ""
    told = mapping_of(arguments)
    listed = next((told[key] for key in _LINES if isinstance(told.get(key), list)), None)
    if listed is None:
        return text_of(told, *_LINES)
    words = [word for word in listed if isinstance(word, str)]
    if len(words) >= 3 and words[0] in _WRAPPED and re.fullmatch(r"-[lic]+|-Command", words[1]):
        return words[2].strip()
    return " ".join(words)


def events_of(
    calls: Iterable[AgentCall], *, source: str, fallback: Stamp | None, remedy: str = ""
) -> tuple[list[Event], list[Problem]]:
    """Return the events of calls in their order. One without a time stands at that of the call before, or at `fallback`."""
    events: list[Event] = []
    untimed: list[AgentCall] = []
    last = fallback
    for call in calls:
        if call.stamp is None:
            untimed.append(call)
        else:
            last = call.stamp
        stamp = call.stamp or (
            last if last is fallback else replace(last, precision=Precision.UNKNOWN) if last else None
        )
        if stamp is not None:
            events.append(_event(call, stamp, source))
    return events, [
        untimed_problem(untimed[0].origin, len(untimed), placed=fallback is not None, remedy=remedy)
    ] if untimed else []


def untimed_problem(origin: Origin, count: int, *, placed: bool, remedy: str) -> Problem:
    """Return the problem of tool calls without a time."""
    where = "they stand at the time of the file" if placed else "they have no place in the timeline"
    return Problem(origin=origin, reason=f"{count} tool calls carry no time; {where}", remedy=remedy)


def _event(call: AgentCall, stamp: Stamp, source: str) -> Event:
    line = command_line(call.tool, call.arguments) if not call.server else ""
    arguments = "" if line else compact(call.arguments)
    return Event(
        at=stamp.at,
        precision=stamp.precision,
        kind=EventKind.COMMAND if line else EventKind.TOOL_CALL,
        text=line or f"{call.tool} {arguments}".strip(),
        source=source,
        origin=call.origin,
        actor=Actor(name=call.agent or "MCP client", kind=ActorKind.AGENT),
        zone=stamp.zone,
        unsorted=call.unsorted,
        also=tuple(origin for origin in call.also if origin != call.origin),
        detail=Call(
            tool=program_of(line) if line else call.tool,
            arguments=arguments,
            command=line[:LONGEST],
            result=shortened(call.result),
            effect=effect_of(line) if line else _effect(call),
            is_error=call.failed,
            automated=call.decision.automated,
            suggestion=call.decision.suggestion,
            server=call.server,
            seconds=call.seconds,
            exit_code=call.exit_code,
            call_id=call.call_id,
            server_version=call.server_version,
            client_version=call.client_version,
            progress=call.progress,
            trace=call.trace,
            incident=call.incident,
            stopped=call.stopped,
        ),
    )


def _effect(call: AgentCall) -> Effect:
    if call.hints is not None:
        return effect_by_annotations(call.hints)
    effect = effect_by_name(call.tool)
    return Effect.UNKNOWN if call.own and effect is Effect.STATE_CHANGING else effect


def seconds_between(start: Stamp | None, end: Stamp | None) -> float | None:
    """Return the seconds from one time to another; None when one is unknown or they run backwards."""
    if start is None or end is None or Precision.UNKNOWN in (start.precision, end.precision):
        return None
    seconds = (end.at - start.at).total_seconds()
    return round(seconds, 6) if seconds >= 0 else None


_DURATIONS = (
    ("duration_ms", 1e-3), ("durationMs", 1e-3), ("elapsed_ms", 1e-3), ("latency_ms", 1e-3), ("duration", 1.0),
    ("elapsed", 1.0), ("seconds", 1.0),
)  # fmt: skip


def stated_seconds(record: Mapping[str, Any]) -> float | None:
    """Return the duration that a record states under any usual name, in seconds."""
    for key, unit in _DURATIONS:
        value = record.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9:
            return value * unit
    return None
