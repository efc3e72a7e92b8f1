"""Sessions of Codex: the rollout files under `~/.codex/sessions`.

In come the lines of one rollout, in the envelope of today or bare as the first versions wrote them; out goes an event for each
tool call with its result, and what the person wrote. The policy of approval is known from each turn: under `never` nobody is
asked, so a call is the configuration's, and so is a refusal; under any other an approval leaves no trace and stays unknown.
The format is the program's own; it was read as versions 0.20 to 0.99 write it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from afteraction.formats.agent_calls import (
    BY_CONFIGURATION,
    REFUSED,
    REFUSED_BY_RULE,
    REJECTED,
    UNDECIDED,
    AgentCall,
    is_own_tool,
    parts_of,
)
from afteraction.formats.agent_sessions import Said, Session, read_walking
from afteraction.formats.agent_shapes import AgentShape, is_codex_record
from afteraction.formats.json_documents import JsonRecord, list_of, mapping_of, text_of
from afteraction.formats.json_origins import origin_of, stamp_in
from afteraction.formats.products import agent_file
from afteraction.formats.stamps import Stamp
from afteraction.formats.tool_results import content_text, mcp_result
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Context, RawInput, Reading

_AGENT = "Codex"
_REFUSED = re.compile(r"\brejected by (?:the )?user\b|\buser rejected\b|\buser (?:denied|declined)\b", re.IGNORECASE)
_STOPPED = re.compile(r"\baborted by (?:the )?user\b|\binterrupted by (?:the )?user\b", re.IGNORECASE)
_ENDED = re.compile(r"(?:Exit code|[Pp]rocess exited with code|exit_code)[:\s]+(-?\d{1,3})\b")
_TOOK = re.compile(r"Wall time: ([\d.]{1,12}) seconds")
_PRINTED = re.compile(r"\nOutput:\n?")
_OUTPUTS = {"function_call_output", "custom_tool_call_output", "local_shell_call_output"}


class CodexSessions:
    """The source."""

    name = "codex"
    summary = "Codex rollouts (JSONL): tool calls, MCP calls, results, refusals, prompts."

    def claims(self, raw: RawInput) -> bool:
        """Claim files whose records are lines of a rollout."""
        return agent_file(raw.head) is AgentShape.CODEX

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all calls; each keeps the line of its request and of its result."""
        return read_walking(raw, _Walk(raw.name, context.zone), source=self.name)


class _Walk:
    """One pass over the lines of a rollout."""

    def __init__(self, file: str, zone: str) -> None:
        self.session = Session(agent=_AGENT)
        self._file = file
        self._zone = zone
        self._policy = ""
        self._version = ""
        self._agent = _AGENT
        self._last: Stamp | None = None

    def take(self, record: JsonRecord, told: Mapping[str, Any]) -> None:
        """Take one line."""
        stamp = stamp_in(told, zone=self._zone)
        self._last = stamp or (replace(self._last, precision=Precision.UNKNOWN) if self._last else None)
        origin = origin_of(self._file, record)
        payload = mapping_of(told.get("payload")) if is_codex_record(told) and "payload" in told else told
        kind = text_of(payload, "type")
        if told.get("type") == "session_meta":
            self._version = text_of(payload, "cli_version")
            # A resumed or forked session repeats the beginning of the one that it came from, whose source counts no more.
            self._agent = f"{_AGENT} sub-agent" if "subagent" in mapping_of(payload.get("source")) else _AGENT
        elif told.get("type") == "turn_context":
            self._policy = text_of(payload, "approval_policy")
        elif kind in {"function_call", "custom_tool_call", "local_shell_call"}:
            self._asked(payload, kind, origin)
        elif kind in _OUTPUTS:
            self._answered(payload, origin)
        elif kind == "exec_command_end":
            self._ran(payload, origin)
        elif kind == "mcp_tool_call_end":
            self._mcp(payload, origin)
        elif kind == "turn_aborted" and text_of(payload, "reason") == "interrupted":
            self._interrupted(origin)
        else:
            self._said(told, payload, origin)

    def _said(self, told: Mapping[str, Any], payload: Mapping[str, Any], origin: Origin) -> None:
        """Take what the person wrote; without an envelope it stands among what the program told the model."""
        text = ""
        if told.get("type") == "event_msg" and text_of(payload, "type") == "user_message":
            text = text_of(payload, "message")
        elif told.get("type") == "message" and text_of(told, "role") == "user":
            text = content_text([{"text": text_of(block, "text")} for block in list_of(told.get("content"))])
        # What a sub-agent is told comes from the agent that called it.
        if text and not text.lstrip().startswith("<") and self._agent == _AGENT:
            self.session.said.append(Said(text=text, origin=origin, stamp=self._last))

    def _call(self, tool: str, origin: Origin, call_id: str, *, arguments: Any, server: str = "") -> str:
        return self.session.add(
            AgentCall(
                tool=tool or "unnamed tool",
                server=server,
                own=is_own_tool(tool),
                arguments=arguments,
                origin=origin,
                stamp=self._last,
                agent=self._agent,
                client_version=self._version,
                call_id=call_id,
                decision=BY_CONFIGURATION if self._policy == "never" else UNDECIDED,
            )
        )

    def _asked(self, payload: Mapping[str, Any], kind: str, origin: Origin) -> None:
        server, tool = parts_of(text_of(payload, "name"))
        arguments = payload.get("arguments", payload.get("input"))
        if kind == "local_shell_call":
            tool, arguments = "shell", payload.get("action")
        if text_of(payload, "call_id") not in self.session.calls:
            self._call(tool, origin, text_of(payload, "call_id", "id"), arguments=arguments, server=server)

    def _answered(self, payload: Mapping[str, Any], origin: Origin) -> None:
        key = text_of(payload, "call_id")
        output = payload.get("output")
        details = mapping_of(output) or _object(output)
        text = text_of(details, "output", "content") or content_text(details.get("content")) or content_text(output)
        metadata = mapping_of(details.get("metadata"))
        ended = _ENDED.search(text[:300])
        code = metadata.get("exit_code") if isinstance(metadata.get("exit_code"), int) else ended and int(ended[1])
        took = _TOOK.search(text[:300])
        seconds = metadata.get("duration_seconds")
        seconds = (
            float(seconds) if isinstance(seconds, int | float) else float(took[1]) if took and took[1] != "." else None
        )
        printed = _PRINTED.search(text[:400]) if ended else None
        self._close(
            key, origin, text[printed.end() :] if printed else text, failed=details.get("success") is False,
            code=code, seconds=seconds,
        )  # fmt: skip

    def _close(
        self,
        key: str,
        origin: Origin,
        text: str,
        *,
        failed: bool,
        code: int | None = None,
        seconds: float | None = None,
    ) -> None:
        call = self.session.calls.get(key)
        refused, stopped = bool(_REFUSED.search(text[:200])), bool(_STOPPED.search(text[:200]))
        decision = call.decision if call else UNDECIDED
        if refused:
            # Codex writes these words too when it runs alone and nobody could be asked.
            decision = REFUSED_BY_RULE if self._policy == "never" else REJECTED if self._policy else REFUSED
        told: dict[str, Any] = {"result": text, "decision": decision, "stopped": stopped}
        told["failed"] = failed or refused or stopped or code not in {None, 0}
        if code is not None:
            told["exit_code"] = code
        if seconds is not None:
            told["seconds"] = seconds
        if call is not None and call.result and key in self.session.answered:
            told = {**told, "result": call.result, "failed": call.failed or told["failed"]}
        self.session.answer(key, origin, self._last, **told)

    def _ran(self, payload: Mapping[str, Any], origin: Origin) -> None:
        code = payload.get("exit_code")
        text = text_of(payload, "aggregated_output", "formatted_output", "stdout", "stderr")
        self._close(
            text_of(payload, "call_id"), origin, text, failed=False, code=code if isinstance(code, int) else None,
            seconds=_seconds(payload.get("duration")),
        )  # fmt: skip

    def _mcp(self, payload: Mapping[str, Any], origin: Origin) -> None:
        invocation = mapping_of(payload.get("invocation"))
        result = payload.get("result")
        seconds = _seconds(payload.get("duration"))
        known = text_of(payload, "call_id") in self.session.calls
        key = self._call(
            text_of(invocation, "tool"), origin, text_of(payload, "call_id"), arguments=invocation.get("arguments"),
            server=text_of(invocation, "server"),
        )  # fmt: skip
        if not known:  # only its end is on record
            call = self.session.calls[key]
            self.session.calls[key] = replace(call, stamp=_before(self._last, seconds))
        wrong = mapping_of(result).get("Err")
        text, failed = (content_text(wrong), True) if wrong is not None else mcp_result(mapping_of(result).get("Ok"))
        self._close(key, origin, text, failed=failed, seconds=seconds)

    def _interrupted(self, origin: Origin) -> None:
        for key in list(self.session.waiting):
            self.session.answer(key, origin, self._last, stopped=True, failed=True, result="interrupted by the user")


def _object(text: Any) -> Mapping[str, Any]:
    if not isinstance(text, str) or not text.startswith("{"):
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return mapping_of(value) if {"output", "content", "metadata"} & mapping_of(value).keys() else {}


def _before(stamp: Stamp | None, seconds: float | None) -> Stamp | None:
    """Return the time so many seconds earlier; when these are unknown the time is only about right."""
    if stamp is None:
        return None
    if seconds is None:
        return replace(stamp, precision=Precision.UNKNOWN)
    try:
        return replace(stamp, at=stamp.at - timedelta(seconds=seconds))
    except OverflowError:
        return stamp


def _seconds(duration: Any) -> float | None:
    """Return seconds of a duration as Rust writes it: seconds and nanoseconds apart."""
    told = mapping_of(duration)
    parts = [told.get("secs"), told.get("nanos")]
    if all(isinstance(part, int) and not isinstance(part, bool) and 0 <= part < 1e12 for part in parts):
        return round(float(parts[0] or 0) + float(parts[1] or 0) / 1e9, 6)
    return None
