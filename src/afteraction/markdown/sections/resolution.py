"""The resolution: steps with their tool, their command in a fence, and their result."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afteraction.markdown.encoding import LABELLED, fenced, indented, read, words
from afteraction.markdown.fields import fence, fence_value, shown
from afteraction.markdown.sheet import NUMBERED, Found, Piece, Section
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.postmortem.resolution import CALL_PLACEHOLDER, CommandBlock, Resolution, ResolutionStep
from afteraction.model.postmortem.value import Value, specs

_PARENT = "resolution details"
_STEPS, _WHY = "resolution.steps", "resolution.why_it_worked"
_STEP = dict(specs(ResolutionStep))
_WHY_SPEC = dict(specs(Resolution))["why_it_worked"]
_OPENING = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)")

SECTIONS = (
    Section(anchor="resolution", heading=_PARENT),
    Section(anchor=_STEPS, heading="what was done", parent=_PARENT, open=NUMBERED),
    Section(anchor=_WHY, heading="why it worked", parent=_PARENT, fence=True),
)


def render(pm: PostMortem) -> list[Piece]:
    """Render the section."""
    pieces = [Piece("resolution", "## 🛠️ Resolution Details"), Piece(_STEPS, "### What Was Done")]
    pieces += [Piece(f"{_STEPS}.open.{n}", _step(step, n + 1), n == 0) for n, step in enumerate(pm.resolution.steps)]
    return [*pieces, Piece(_WHY, "### Why It Worked"), *fence(_WHY, pm.resolution.why_it_worked, _WHY_SPEC)]


def _step(step: ResolutionStep, number: int) -> str:
    command = step.command or CommandBlock(language="json", text=CALL_PLACEHOLDER)
    lines = [
        f"**Step {number}**: {shown(step.action, _STEP['action'])}",
        f"- **Tool Used**: {shown(step.tool, _STEP['tool'])}",
        "- **Command**: ",
        fenced(command.text, command.language, None),
        "- **Result**: " + indented(shown(step.result, _STEP["result"]), 2),
    ]
    return f"{number}. " + indented("\n".join(lines), 3)


def parse(found: Found) -> Resolution:
    """Parse the section; without its heading the template's blank steps remain."""
    blank = Resolution()
    known = _STEPS in found.headings
    steps = tuple(_parse_step(text) for text in found.opened.get(_STEPS, [])) if known else blank.steps
    return Resolution(steps=steps, why_it_worked=fence_value(_WHY, _WHY_SPEC, found))


def _parse_step(text: str) -> ResolutionStep:
    """Read a step's lines; what is neither tool nor command belongs to the action before them or the result behind."""
    parts: dict[str, list[str]] = {"action": [], "tool": [], "command": [], "result": []}
    at, command = "action", None
    lines = iter(text.split("\n"))
    for line in lines:
        opening = _OPENING.fullmatch(line)
        if at == "command" and opening and command is None:
            command = CommandBlock(language=opening["info"].strip(), text=_inside(opening["fence"], lines))
            continue
        found = LABELLED.fullmatch(re.sub(r"^[-*+] ", "", line.lstrip())) if at != "result" else None
        name = _part(words(found["label"]), at) if found else ""
        at = name or at
        parts[at].append(found["rest"] if found and name else line)
    beside = [line for line in parts["command"] if line.strip()]
    if beside and command is None:
        command = CommandBlock(language="bash", text="\n".join(beside).strip("`"))
    elif beside:
        parts["action"] += beside
    return ResolutionStep(
        action=read("\n".join(parts["action"]), _STEP["action"].placeholder),
        tool=read("\n".join(parts["tool"]), _STEP["tool"].placeholder),
        command=command,
        result=_result(parts["result"]),
    )


def _part(label: str, at: str) -> str:
    if at == "action" and label.startswith("step"):
        return "action"
    return {"tool used": "tool", "command": "command", "result": "result"}.get(label, "")


def _inside(fence: str, lines: Iterator[str]) -> str:
    inner: list[str] = []
    for line in lines:
        if re.fullmatch(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}} *", line):
            break
        inner.append(line)
    return "\n".join(inner)


def _result(lines: list[str]) -> Value | None:
    dedented = [line.removeprefix("  ") for line in lines[1:]]
    return read("\n".join([*lines[:1], *dedented]), _STEP["result"].placeholder)
