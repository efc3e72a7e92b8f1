"""Sessions of Gemini CLI: the chats that it records, as one JSON document or one record a line.

In come the messages of a session; out goes an event for each tool call with its result, and what the person wrote. A call
that was cancelled was refused or stopped by the person; an approval leaves no trace and stays unknown. Messages are written
again when they grow, so the last telling of a call counts; a rewind takes no call back, for it was made. The format is the
program's own; it was read as versions 0.1 to 0.20 write it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from afteraction.formats.agent_calls import REJECTED, UNDECIDED, AgentCall, is_own_tool, parts_of
from afteraction.formats.agent_sessions import Said, Session, records_of, session_reading
from afteraction.formats.agent_shapes import AgentShape
from afteraction.formats.json_documents import JsonRecord, list_of, mapping_of, text_of
from afteraction.formats.json_origins import origin_of, stamp_in
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import agent_file
from afteraction.formats.tool_results import compact, content_text
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading

_AGENT = "Gemini CLI"


class GeminiSessions:
    """The source."""

    name = "gemini-cli"
    summary = "Gemini CLI sessions (JSON or JSONL): tool calls, results, cancelled calls, prompts."

    def claims(self, raw: RawInput) -> bool:
        """Claim recorded chats of Gemini CLI."""
        return agent_file(raw.head) is AgentShape.GEMINI

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all calls of all messages."""
        problems = ProblemList(raw.name)
        records = records_of(raw, problems)
        session = Session(agent=_AGENT)
        said: dict[str, Said] = {}
        beneath = any(text_of(record.value, "kind") == "subagent" for record in records)
        for message, origin in _messages(records, raw.name):
            if text_of(message, "type") == "user":
                text = content_text(message.get("content")) or content_text(message.get("displayContent"))
                key = text_of(message, "id") or str(origin)
                said.setdefault(key, Said(text=text, origin=origin, stamp=stamp_in(message, zone=context.zone)))
            for number, call in enumerate(list_of(message.get("toolCalls"))):
                told = mapping_of(call)
                found = _call(told, message, _inside(origin, f"toolCalls[{number}]"), context.zone)
                found = replace(found, agent=f"{_AGENT} sub-agent") if beneath else found
                session.calls.pop(found.call_id, None)
                session.add(found)
        # What a sub-agent is told comes from the agent that called it.
        session.said = [one for one in said.values() if not beneath and not one.text.lstrip().startswith(("/", "<"))]
        return session_reading(session, raw, problems, source=self.name, lines=len(records))


def _messages(records: list[JsonRecord], file: str) -> Iterator[tuple[Mapping[str, Any], Origin]]:
    for record in records:
        told = mapping_of(record.value)
        inner = list_of(told.get("messages")) or list_of(mapping_of(told.get("$set")).get("messages"))
        for number, message in enumerate(inner):
            yield mapping_of(message), origin_of(file, record, f"messages[{number}]")
        if "type" in told:
            yield told, origin_of(file, record)


def _inside(origin: Origin, path: str) -> Origin:
    record = f"{origin.record}.{path}" if origin.record else path
    return Origin(file=origin.file, line=origin.line, line_end=origin.line_end, record=record)


def _call(told: Mapping[str, Any], message: Mapping[str, Any], origin: Origin, zone: str) -> AgentCall:
    server, tool = parts_of(text_of(told, "name"))
    status = text_of(told, "status")
    return AgentCall(
        tool=tool or "unnamed tool",
        server=server,
        own=is_own_tool(tool),
        arguments=told.get("args"),
        result=_result(told),
        failed=status in {"error", "cancelled"},
        decision=REJECTED if status == "cancelled" else UNDECIDED,
        origin=origin,
        stamp=stamp_in(told, zone=zone) or stamp_in(message, zone=zone),
        agent=f"{_AGENT} sub-agent" if text_of(told, "agentId") else _AGENT,
        call_id=text_of(told, "id"),
    )


def _result(told: Mapping[str, Any]) -> str:
    """Return what the tool gave back: the text of its answers, else what was shown of it."""
    found: list[str] = []
    for part in list_of(told.get("result")):
        answer = mapping_of(mapping_of(part).get("functionResponse")).get("response")
        inner = mapping_of(answer)
        found.append(text_of(inner, "output", "error") or content_text(inner.get("content")) or compact(inner))
        found.append(text_of(part, "text"))
    text = "\n".join(part for part in found if part)
    return text or content_text(told.get("resultDisplay") if isinstance(told.get("resultDisplay"), str) else None)
