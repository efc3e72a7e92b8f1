"""Chats of VS Code: the exported JSON, and the log of changes that the editor keeps of a session.

In comes one chat; out goes an event for each tool that was offered, with its input, output and how the person met it:
denied, skipped, confirmed, confirmed with another command line, or not asked by setting. The chat tells no time of a call,
so each stands at the time of its request, with unknown precision. Before version 1.104 a confirmation was a mere yes, which does
not tell who gave it. The format is the editor's own; it was read as versions 1.99 to 1.106 write it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from afteraction.formats.agent_calls import (
    ACCEPTED,
    BY_CONFIGURATION,
    EDITED,
    REJECTED,
    UNDECIDED,
    AgentCall,
    Decision,
    is_own_tool,
)
from afteraction.formats.agent_sessions import Said, Session, items_of, session_reading
from afteraction.formats.agent_shapes import AgentShape
from afteraction.formats.json_documents import JsonRecord, list_of, mapping_of, text_of, value_of
from afteraction.formats.json_origins import origin_of, safe_stamp
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import agent_file
from afteraction.formats.stamps import Stamp
from afteraction.formats.tool_results import compact, content_text
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Context, RawInput, Reading

_CONFIRMED: dict[int, Decision] = {
    0: REJECTED,  # Denied
    1: BY_CONFIGURATION,  # ConfirmationNotNeeded
    2: BY_CONFIGURATION,  # Setting
    3: BY_CONFIGURATION,  # LmServicePerTool: allowed for good, earlier
    4: ACCEPTED,  # UserAction
    5: REJECTED,  # Skipped
}
"""The kinds of `isConfirmed`, after the editor's `ToolConfirmKind`."""
_MOST_REQUESTS = 20_000


class VscodeChats:
    """The source."""

    name = "vscode-chat"
    summary = "VS Code chat exports and session logs: tool calls, confirmations, edited command lines, prompts."

    def claims(self, raw: RawInput) -> bool:
        """Claim chats of VS Code."""
        return agent_file(raw.head) is AgentShape.VSCODE_CHAT

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all requests of the chat."""
        problems = ProblemList(raw.name)
        records = items_of(raw, problems)
        session = Session(agent="VS Code chat")
        chat, origins = _chat(records, raw.name)
        agent = text_of(chat, "responderUsername") or "VS Code chat"
        for number, request in enumerate(list_of(chat.get("requests"))):
            told = mapping_of(request)
            origin = origins.get(number) or Origin(file=raw.name, record=f"requests[{number}]")
            value = told.get("timestamp")
            stamp = safe_stamp(value, context.zone) if isinstance(value, int | float | str) and value else None
            said = text_of(told, "message.text") or text_of(told, "message")
            person = text_of(chat, "requesterUsername")
            session.said.append(Said(text=said, origin=origin, stamp=stamp, person=person))
            for place, part in enumerate(list_of(told.get("response"))):
                kind = text_of(part, "kind")
                if kind in {"toolInvocationSerialized", "toolInvocation"}:
                    inside = replace(origin, record=f"{origin.record}.response[{place}]")
                    found = _call(mapping_of(part), inside, _roughly(stamp), agent)
                    cut = told.get("isCanceled") is True and mapping_of(part).get("isComplete") is False
                    running = cut and found.decision.suggestion != "rejected"
                    session.add(replace(found, stopped=True, failed=True) if running else found)
        return session_reading(session, raw, problems, source=self.name, lines=len(records))


def _roughly(stamp: Stamp | None) -> Stamp | None:
    return replace(stamp, precision=Precision.UNKNOWN) if stamp else None


def _chat(records: list[JsonRecord], file: str) -> tuple[Mapping[str, Any], dict[int, Origin]]:
    """Return the chat, built up from its log of changes where the file is one, and where each request stands."""
    chat: Any = {}
    origins: dict[int, Origin] = {}
    for record in records:
        told = mapping_of(record.value)
        if "kind" in told and ("v" in told or "k" in told):
            path = [key for key in list_of(told.get("k")) if isinstance(key, str | int)]
            chat = _changed(chat, told, path)
            for number in _touched(chat, path):
                origins.setdefault(number, replace(origin_of(file, record), record=f"requests[{number}]"))
        elif "requests" in told and not chat:
            chat = told
    return mapping_of(chat), origins


def _touched(chat: Any, path: list[str | int]) -> range:
    """Return the requests that a line of the log may have been the first to tell of."""
    if len(path) > 1 and path[0] == "requests" and isinstance(path[1], int) and path[1] >= 0:
        return range(path[1], path[1] + 1)
    count = len(list_of(mapping_of(chat).get("requests")))
    return range(count) if path[:1] in ([], ["requests"]) else range(0)


def _changed(chat: Any, told: Mapping[str, Any], path: list[str | int]) -> Any:
    """Apply one line of the log: `kind` 0 sets all, 1 sets what stands at the path, 2 appends to it."""
    if told.get("kind") == 0 or not path:
        return told.get("v") if told.get("kind") == 0 else chat
    holder = chat
    for key in path[:-1]:
        if isinstance(holder, dict) and isinstance(key, str):
            holder = holder.setdefault(key, {})
        elif isinstance(holder, list) and isinstance(key, int) and 0 <= key < len(holder):
            holder = holder[key]
        else:
            return chat
    last = path[-1]
    if isinstance(holder, dict) and isinstance(last, str):
        _set(holder, last, told)
    elif isinstance(holder, list) and isinstance(last, int) and 0 <= last <= min(len(holder), _MOST_REQUESTS):
        holder += [None] if last == len(holder) else []
        _set(holder, last, told)
    return chat


def _set(holder: Any, key: str | int, told: Mapping[str, Any]) -> None:
    if told.get("kind") == 2:
        known = holder[key] if not isinstance(holder, dict) or key in holder else None
        start = told.get("i")
        kept = list_of(known)[:start] if isinstance(start, int) and start >= 0 else list_of(known)
        holder[key] = [*kept, *list_of(told.get("v"))]
    else:
        holder[key] = told.get("v")


def _call(part: Mapping[str, Any], origin: Origin, stamp: Stamp | None, agent: str) -> AgentCall:
    details = mapping_of(part.get("resultDetails"))
    line = mapping_of(value_of(part, "toolSpecificData.commandLine"))
    edited = text_of(line, "userEdited")
    command = edited or text_of(line, "toolEdited", "original")
    server = text_of(part, "source.label", "source.serverLabel") if text_of(part, "source.type") == "mcp" else ""
    tool = text_of(part, "toolId") or "unnamed tool"
    decision = _decision(part.get("isConfirmed"))
    code = value_of(part, "toolSpecificData.terminalCommandState.exitCode")
    exit_code = code if isinstance(code, int) and not isinstance(code, bool) else None
    return AgentCall(
        tool="run_in_terminal" if command else _without_server(tool, server),
        server=server,
        own=is_own_tool(tool),
        arguments={"command": command} if command else details.get("input"),
        result=_output(details) or text_of(part, "toolSpecificData.terminalCommandOutput.text"),
        failed=details.get("isError") is True or exit_code not in {None, 0},
        exit_code=exit_code,
        decision=EDITED if edited and decision != REJECTED else decision,
        origin=origin,
        stamp=stamp,
        agent=f"{agent} sub-agent" if text_of(part, "subAgentInvocationId") else agent,
        call_id=text_of(part, "toolCallId"),
    )


def _without_server(tool: str, server: str) -> str:
    """Return the tool's own name: the editor puts `mcp_` and a short form of the server before it."""
    short = re.sub(r"[^a-z0-9]", "", server.lower())
    if not tool.startswith("mcp_") or not short:
        return tool
    words = tool[4:].split("_")
    told = [re.sub(r"[^a-z0-9]", "", "".join(words[:count]).lower()) for count in range(1, len(words))]
    # The whole name counts most, then a beginning of it, then a longer form of it.
    for fits in (short.__eq__, short.startswith, lambda name: name.startswith(short)):
        for count in range(len(told), 0, -1):
            if told[count - 1] and fits(told[count - 1]):
                return "_".join(words[count:])
    return tool


def _decision(confirmed: Any) -> Decision:
    kind = mapping_of(confirmed).get("type")
    if isinstance(kind, int):
        return _CONFIRMED.get(kind, UNDECIDED)
    return REJECTED if confirmed is False else UNDECIDED


def _output(details: Mapping[str, Any]) -> str:
    found = []
    for item in list_of(details.get("output")):
        if text_of(item, "type") == "embed" and value_of(item, "isText") is not False:
            found.append(text_of(item, "value"))
        else:
            found.append(f"[{text_of(item, 'uri', 'uri.path', 'mimeType') or 'content'}]")
    return "\n".join(found) or content_text(details.get("output")) or compact(details.get("error"))
