"""How an event is told in a sentence: who, what, and what came of it."""

from __future__ import annotations

import json
import re

from afteraction.drafting.wording import code, plain
from afteraction.model.event import ActorKind, Call, Change, Event, EventKind

_RESULT_LIMIT = 160


_BLOCK = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_MESSAGE_LIMIT = 240
"""Characters of a message that a row of the timeline shows; the ledger leads to the rest."""


def told(event: Event, quoted: str = "") -> str:
    """Tell an event in Markdown on one line; of a message `quoted`, else all of it but pasted blocks, cut."""
    who = plain(event.actor.name) if event.actor else ""
    if isinstance(event.detail, Call):
        verb = "called" if event.kind is EventKind.TOOL_CALL else "ran"
        if not event.detail.carried_out:
            verb = "wanted to call" if event.kind is EventKind.TOOL_CALL else "wanted to run"
        return f"{who} {verb} {invocation(event.detail)}" if who else f"{verb.capitalize()} {invocation(event.detail)}"
    if event.kind is EventKind.MESSAGE:
        text = plain(quoted or _BLOCK.sub(" … ", event.text).strip() or event.text, _MESSAGE_LIMIT)
    else:
        text = plain(_ROLLED.sub(r"\1 to \2", event.text) if isinstance(event.detail, Change) else event.text)
    if event.actor and event.kind in {EventKind.MESSAGE, EventKind.NOTE} and event.actor.kind is not ActorKind.TOOL:
        return f"{who}: {text}"
    return text


_ROLLED = re.compile(r"^(rollback of \S+) (?!to\b)(\S+)$")
"""A rollback names the release that it goes back to; without the word it reads as the one that was taken away."""


def invocation(call: Call) -> str:
    """Return the call as an inline code span: the shell line, or the tool's name with its arguments."""
    if call.command:
        return code(call.command)
    arguments = call.arguments if call.arguments not in {"", "{}"} else ""
    return code(f"{call.tool} {arguments}".strip())


def outcome(call: Call) -> str:
    """Tell what came of a call, empty when its result was not recorded."""
    result = plain(first_lines(call.result), _RESULT_LIMIT)
    if not call.carried_out:
        return _not_made(call)
    if call.stopped:
        return "stopped by a person" + (f": {result}" if result else "")
    if call.is_error:
        return f"failed: {result}" if result else "failed"
    if call.exit_code not in {None, 0}:
        return f"ended with exit code {call.exit_code}" + (f": {result}" if result else "")
    return result


def _not_made(call: Call) -> str:
    if call.suggestion == "offered":
        return "no answer to it is on record"
    if call.automated is None:
        return "refused; by whom is not on record"
    return "refused by a rule" if call.automated else "refused by a person"


def first_lines(text: str, lines: int = 2) -> str:
    """Return the first non-blank lines of a result, joined."""
    kept = [line.strip() for line in _unwrapped(text).splitlines() if line.strip()]
    return " / ".join(kept[:lines]) + (" …" if len(kept) > lines else "")


def _unwrapped(text: str) -> str:
    """Return the text of a JSON object that holds nothing but one text (`{"result": "restarted"}`)."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    only = next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else None
    return only if isinstance(only, str) else text


def tools_call(call: Call) -> str:
    """Return the call as the MCP request that the template shows, indented by two."""
    try:
        arguments = json.loads(call.arguments) if call.arguments else {}
    except (ValueError, RecursionError):
        arguments = {"_unparsed": call.arguments}
    request = {"method": "tools/call", "params": {"name": call.tool, "arguments": arguments}}
    return json.dumps(request, indent=2, ensure_ascii=False)
