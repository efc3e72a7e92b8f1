"""Telemetry events of coding agents: OTLP log records, and the same events as plain JSON, that tell of tools and decisions.

In come `tool_decision`, `tool_result` and `tool_call` events as Claude Code, Codex and Gemini CLI send them; out goes one event for
each call, with who decided about it. A decision and a result are one call by its id, else by session, tool and order.
Arguments are there only when the person switched them on, and may be cut; they are kept as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from afteraction.formats.agent_calls import (
    ACCEPTED,
    BY_CONFIGURATION,
    EDITED,
    REFUSED_BY_RULE,
    REJECTED,
    UNDECIDED,
    AgentCall,
    Decision,
    is_own_tool,
    parts_of,
)
from afteraction.formats.agent_sessions import Session, items_of, session_reading, united
from afteraction.formats.agent_shapes import AgentShape, attributes_of, log_records, telemetry_event
from afteraction.formats.json_documents import mapping_of, text_of
from afteraction.formats.json_origins import origin_of, safe_stamp
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import agent_file
from afteraction.formats.received import of_resource
from afteraction.formats.stamps import Stamp
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading

_AGENTS = {"claude_code": "Claude Code", "codex": "Codex", "gemini_cli": "Gemini CLI"}
_TIMES = ("timeUnixNano", "time_unix_nano", "observedTimeUnixNano", "observed_time_unix_nano", "timestamp", "time")


class AgentTelemetry:
    """The source."""

    name = "agent-telemetry"
    summary = "OTLP log events of coding agents (tool_decision, tool_result, tool_call): tool calls and decisions."

    def claims(self, raw: RawInput) -> bool:
        """Claim telemetry that tells of agents' tools."""
        return agent_file(raw.head) is AgentShape.TELEMETRY

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Join the events of each call."""
        problems = ProblemList(raw.name)
        records = items_of(raw, problems)
        session = Session(agent="agent")
        waiting: dict[tuple[str, str], list[str]] = {}
        seen: set[str] = set()
        for record in records:
            for number, (resource, told) in enumerate(log_records(record.value)):
                event = telemetry_event(told)
                words = json.dumps(told, sort_keys=True, default=str)
                if event is None or words in seen:  # exporters send again what was not acknowledged
                    continue
                seen.add(words)
                found = attributes_of(told)
                origin = origin_of(
                    raw.name, record, f"logRecords[{number}]" if "attributes" not in mapping_of(record.value) else ""
                )
                from_resource = attributes_of(resource)
                call = _call(event, found, from_resource, origin, _stamp(told, found, context.zone))
                unsorted, incident = of_resource(from_resource)
                call = replace(call, unsorted=unsorted, incident=incident)
                _add(
                    session,
                    waiting,
                    call,
                    decided=event[1] == "tool_decision",
                    place=text_of(found, "session.id", "conversation.id"),
                )
        return session_reading(session, raw, problems, source=self.name, lines=len(records))


def _add(
    session: Session, waiting: dict[tuple[str, str], list[str]], call: AgentCall, *, decided: bool, place: str
) -> None:
    """Take a decision or a result; without an id a result belongs to the first open decision about its tool."""
    same = (place, call.tool)
    if call.call_id or decided:
        key = session.add(call)
        if decided and not call.call_id and not call.decision.suggestion.startswith("reject"):
            waiting.setdefault(same, []).append(key)
    elif waiting.get(same):
        key = waiting[same].pop(0)
        session.calls[key] = united(session.calls[key], call)
    else:
        session.add(call)


def _stamp(record: Mapping[str, Any], told: Mapping[str, Any], zone: str) -> Stamp | None:
    for value in (*(record.get(key) for key in _TIMES), told.get("event.timestamp")):
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value not in ("", "0", 0):
            number = (
                int(value)
                if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 30
                else value
            )
            if stamp := safe_stamp(number, zone):
                return stamp
    return None


def _call(
    event: tuple[str, str], told: Mapping[str, Any], resource: Mapping[str, Any], origin: Origin, stamp: Stamp | None
) -> AgentCall:
    service = text_of(resource, "service.name")
    agent = _AGENTS.get(event[0]) or service or event[0] or "agent"
    server, tool = parts_of(text_of(told, "tool_name", "function_name"))
    server = server or text_of(told, "mcp_server_name", "mcp_server", "mcp_server_scope.name")
    tool = text_of(told, "mcp_tool_name") or tool
    success = told.get("success")
    milliseconds = _number(told.get("duration_ms", told.get("duration")))
    if stamp and milliseconds and event[1] != "tool_decision":  # written when the call was over
        stamp = replace(stamp, at=stamp.at - timedelta(milliseconds=milliseconds))
    return AgentCall(
        tool=tool or "unnamed tool",
        server=server,
        own=is_own_tool(tool),
        arguments=next(
            (told[k] for k in ("tool_input", "tool_parameters", "function_args", "arguments") if told.get(k)), None
        ),
        result=text_of(told, "error", "error_message", "output"),
        failed=success is False or success == "false",
        seconds=milliseconds / 1000 if milliseconds is not None else None,
        decision=_decision(text_of(told, "decision"), text_of(told, "source", "decision_source")),
        origin=origin,
        stamp=stamp,
        agent=agent,
        client_version=text_of(resource, "service.version") or text_of(told, "app.version"),
        call_id=text_of(told, "tool_use_id", "call_id"),
    )


def _number(value: Any) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else -1.0
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 1e12 else None


_PEOPLE = ("user", "human", "person")


def _decision(word: str, source: str) -> Decision:
    """Say by whose word a call was made: the word tells what was decided, the source by whom.

    Claude Code: accept or reject by config, hook, user_permanent, user_temporary, user_abort, user_reject. Codex: approved,
    approved_for_session, denied, abort by user, config or an automated reviewer. Gemini CLI: accept, reject, modify, auto_accept.
    """
    said, by = word.lower(), source.lower()
    if not said:
        return UNDECIDED
    if said.startswith("auto"):
        return BY_CONFIGURATION
    if said.startswith(("modif", "edit")):
        return EDITED
    person = not by or by.startswith(_PEOPLE)
    if said.startswith(("accept", "approv", "allow")):
        return ACCEPTED if person else BY_CONFIGURATION
    if said.startswith(("reject", "den", "abort", "declin")):
        return REJECTED if person else REFUSED_BY_RULE
    return UNDECIDED
