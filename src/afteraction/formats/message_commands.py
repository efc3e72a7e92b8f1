"""Commands that people say in a chat that they ran: the text of a message comes in, command lines go out.

A line behind a shell prompt is taken as run, with what it printed. A line of a code block without a prompt, or inline
code, is taken only when the message says that it was done (`ran`, `rolled back with`, `applied`) and neither asks nor
advises, and when the command is one that is known. Everything else is talk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from afteraction.formats.commands import effect_of, program_of
from afteraction.formats.sessions import prompt_at
from afteraction.model.event import Actor, Call, Effect, Event, EventKind
from afteraction.model.origin import Basis

_FENCED = re.compile(r"```(?:[A-Za-z]{1,12}\n)?(?P<code>.*?)```", re.DOTALL)
_INLINE = re.compile(r"(?<!`)`(?P<code>[^`\n]{3,400})`(?!`)")
_DONE = re.compile(
    r"\b(?:ran|re-?ran|running|executed|executing|did|doing|applied|applying|rolled|rolling|reverted|reverting|restarted|restarting|"
    r"scaled|scaling|deployed|deploying|deleted|deleting|patched|drained|cordoned|fixed(?: it)? with|used|killed|bumped)\b",
    re.IGNORECASE,
)
_ADVISED = re.compile(
    r"\b(?:should|shall|could|can (?:you|we|someone|somebody)|please|try|let'?s|lets|would|suggest|recommend|propose|need to|have to|"
    r"want to|going to|about to|will|i'?ll|we'?ll|don'?t|do not|never|how (?:do|to)|what if|instead of)\b|\?",
    re.IGNORECASE,
)
_MOST = 20
"""Commands of one message; a longer block is a script or a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidCommand:
    """A command that a message says was run, and what it printed there."""

    command: str
    output: str = ""


def commands_said(text: str) -> list[SaidCommand]:
    """Return the commands that a message says were run, in order."""
    talk = _INLINE.sub(" ", _FENCED.sub(" ", text))
    done = bool(_DONE.search(talk)) and not _ADVISED.search(talk)
    found: list[SaidCommand] = []
    for block in _FENCED.finditer(text):
        found += _in_block(block["code"], done=done)
    if done:
        bare = _FENCED.sub(" ", text)
        found += [SaidCommand(command=code["code"].strip()) for code in _INLINE.finditer(bare) if _known(code["code"])]
    return found if len(found) <= _MOST else []


def _in_block(code: str, *, done: bool) -> Iterator[SaidCommand]:
    lines = code.strip("\n").splitlines()
    prompts = [(at, prompt.command) for at, line in enumerate(lines) if (prompt := prompt_at(line)) and prompt.command]
    if prompts:
        ends = [*(at for at, _ in prompts[1:]), len(lines)]
        for (at, command), end in zip(prompts, ends, strict=True):
            yield SaidCommand(command=command, output="\n".join(lines[at + 1 : end]).strip())
    elif done and lines and all(_known(line) for line in lines if line.strip()):
        yield from (SaidCommand(command=line.strip()) for line in lines if line.strip())


def _known(code: str) -> bool:
    """Whether a line is a command of a known program with something to do."""
    return " " in code.strip() and effect_of(code) is not Effect.UNKNOWN


def command_events(message: Event) -> Iterator[Event]:
    """Yield an event for each command that a person's message says was run, at the time of the message."""
    for said in commands_said(message.text):
        yield Event(
            at=message.at, precision=message.precision, kind=EventKind.COMMAND, text=said.command, source=message.source,
            origin=message.origin, basis=Basis.REPORTED, zone=message.zone,
            actor=Actor(name=message.actor.name, kind=message.actor.kind) if message.actor else None,
            detail=Call(
                tool=program_of(said.command), command=said.command, result=said.output[:20_000],
                effect=effect_of(said.command), automated=False,
            ),
        )  # fmt: skip
