"""What was done: the steps that changed the system, each with its tool, its command and its result."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from afteraction.model.postmortem.value import Part, Shape, Value, asked, normal_block, settle

_NO_WORD = re.compile(r"[^A-Za-z0-9_+-]")

CALL_PLACEHOLDER = """{
  "method": "tools/call",
  "params": {
    "name": "<tool-name>",
    "arguments": {
      "<param1>": "<value1>"
    }
  }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandBlock:
    """A command as it was given: MCP `tools/call` JSON (`language` "json") or a shell line ("bash")."""

    language: str
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "language", _NO_WORD.sub("", self.language))
        object.__setattr__(self, "text", normal_block(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionStep(Part):
    """A step of the resolution; `command` None renders the template's empty `tools/call`."""

    action: Value | None = asked("Step", "[Action taken]", "Which action was taken?", Shape.LINE)
    tool: Value | None = asked("Tool Used", "[MCP tool or manual action]", "With which tool, or by hand?", Shape.LINE)
    command: CommandBlock | None = None
    result: Value | None = asked("Result", "[Outcome]", "What came of it?")

    def __post_init__(self) -> None:
        settle(self)
        if self.command and (not self.command.text or self.command.text == CALL_PLACEHOLDER):
            object.__setattr__(self, "command", None)


def _steps() -> tuple[ResolutionStep, ...]:
    return (ResolutionStep(), ResolutionStep(), ResolutionStep())


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution(Part):
    """Section "Resolution Details"."""

    steps: tuple[ResolutionStep, ...] = field(default_factory=_steps)
    why_it_worked: Value | None = asked(
        "Why It Worked",
        "[Explanation of why the resolution was successful]",
        "Why did this end the impact, and how do you know that nothing else did?",
        Shape.FENCE,
    )
