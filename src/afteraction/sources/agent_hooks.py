"""Payloads of the hooks that Claude Code calls, one a line or in the envelope of whatever received them.

In come `PreToolUse`, `PermissionRequest`, `PermissionDenied`, `PostToolUse` and `PostToolUseFailure`; out goes one event for each
call, with who decided about it: a call for which permission was asked and that then ran was accepted by a person; one
that ran unasked, in a file in which requests for permission are recorded, was the configuration's. A payload has no time of
its own; that of the envelope counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from afteraction.formats.agent_calls import (
    ACCEPTED,
    BY_CONFIGURATION,
    OFFERED,
    REFUSED_BY_RULE,
    UNDECIDED,
    AgentCall,
    Decision,
    parts_of,
)
from afteraction.formats.agent_sessions import Said, Session, items_of, session_reading
from afteraction.formats.agent_shapes import AgentShape, is_hook
from afteraction.formats.json_documents import mapping_of, text_of, value_of
from afteraction.formats.json_origins import origin_of, stamp_in, unwrap
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import agent_file
from afteraction.formats.received import of_envelope
from afteraction.formats.stamps import Stamp
from afteraction.formats.tool_results import compact, content_text, mcp_result
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading

_AGENT = "Claude Code"
_REMEDY = "let the receiver of the hooks write the time beside each payload"
_UNASKED = {"bypassPermissions", "dontAsk", "auto"}


class AgentHooks:
    """The source."""

    name = "agent-hooks"
    summary = "Hook payloads of Claude Code (JSON lines): tool calls, who allowed or refused them, results."

    def claims(self, raw: RawInput) -> bool:
        """Claim files of hook payloads."""
        return agent_file(raw.head) is AgentShape.HOOKS

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Join the payloads of each call."""
        problems = ProblemList(raw.name)
        records = items_of(raw, problems)
        walk = _Walk()
        for record in records:
            for told, path, around in unwrap(record.value, is_hook):
                stamp = stamp_in(around, zone=context.zone) or stamp_in(told, zone=context.zone)
                walk.take(told, origin_of(raw.name, record, path), stamp, of_envelope(around))
        walk.decide()
        return session_reading(walk.session, raw, problems, source=self.name, lines=len(records), remedy=_REMEDY)


@dataclass(slots=True)
class _Course:
    """What happened to one call."""

    mode: str
    asked: bool = False
    ran: bool = False
    denied: bool = False


class _Walk:
    """One pass over the payloads."""

    def __init__(self) -> None:
        self.session = Session(agent=_AGENT)
        self._course: dict[str, _Course] = {}
        self._latest: dict[tuple[str, str, str], str] = {}
        self._asks = False

    def take(self, told: Mapping[str, Any], origin: Origin, stamp: Stamp | None, kept: tuple[bool, str]) -> None:
        """Take one payload; `kept` says whether a receiver kept it among those of other incidents, and for which it was."""
        event = text_of(told, "hook_event_name")
        if event == "UserPromptSubmit":
            self.session.said.append(Said(text=text_of(told, "prompt"), origin=origin, stamp=stamp, unsorted=kept[0]))
        if "tool_name" not in told:
            return
        key = self._key(told, origin, stamp)
        self.session.calls[key] = replace(self.session.calls[key], unsorted=kept[0], incident=kept[1])
        course = self._course[key]
        if event == "PermissionRequest":
            course.asked = self._asks = True
        elif event == "PermissionDenied":
            course.denied = True
            self.session.answer(key, origin, None, failed=True, result=text_of(told, "reason", "message"))
        elif event in {"PostToolUse", "PostToolUseFailure"}:
            course.ran = True
            text, failed = _result(told)
            self.session.answer(
                key, origin, stamp, result=text, failed=failed or event == "PostToolUseFailure",
                stopped=told.get("is_interrupt") is True or value_of(told, "tool_response.interrupted") is True,
            )  # fmt: skip

    def _key(self, told: Mapping[str, Any], origin: Origin, stamp: Stamp | None) -> str:
        """Return the call that a payload tells of; one without an id is the latest with the same tool and input."""
        same = (text_of(told, "session_id"), text_of(told, "tool_name"), compact(told.get("tool_input")))
        key = text_of(told, "tool_use_id") or self._latest.get(same, "")
        if not key or key not in self.session.calls:
            server, tool = parts_of(text_of(told, "tool_name"))
            key = self.session.add(
                AgentCall(
                    tool=tool or "unnamed tool", server=server, own=not server, arguments=told.get("tool_input"),
                    origin=origin, stamp=stamp, agent=f"{_AGENT} sub-agent" if text_of(told, "agent_id") else _AGENT, call_id=text_of(told, "tool_use_id"),
                )
            )  # fmt: skip
            self._course[key] = _Course(mode=text_of(told, "permission_mode"))
        elif self.session.calls[key].origin != origin and text_of(told, "hook_event_name").startswith("Permission"):
            call = self.session.calls[key]
            self.session.calls[key] = replace(call, also=(*call.also, origin))
        self._latest[same] = key
        return key

    def decide(self) -> None:
        """Say of every call by whose word it was made, now that all payloads were seen."""
        for key, course in self._course.items():
            self.session.calls[key] = replace(self.session.calls[key], decision=self._decision(course))

    def _decision(self, course: _Course) -> Decision:
        if course.denied:
            return REFUSED_BY_RULE
        if course.asked:
            return ACCEPTED if course.ran else OFFERED
        if course.ran and (course.mode in _UNASKED or self._asks):
            return BY_CONFIGURATION
        return UNDECIDED


def _result(told: Mapping[str, Any]) -> tuple[str, bool]:
    response = told.get("tool_response")
    if error := text_of(told, "error"):
        return error, True
    if isinstance(response, Mapping) and "content" in response:
        return mcp_result(response)
    printed = [text_of(response, "stdout"), text_of(response, "stderr")]
    text = "\n".join(part for part in printed if part) or content_text(
        response if isinstance(response, str | list) else None
    )
    failed = value_of(response, "success") is False or value_of(response, "interrupted") is True
    return text or compact(mapping_of(response)), failed
