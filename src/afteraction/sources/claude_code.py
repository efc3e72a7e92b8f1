"""Sessions of Claude Code: the JSONL files under `~/.claude/projects`, sub-agents' files among them.

In come the records of one session; out goes an event for each tool call with its result, what the person wrote and ran, and
what is on record of permission: a refusal, an edit, a mode in which nobody is asked. An approval leaves no trace in these
files, so it stays unknown. Records that are there twice count once. The vendor calls the format internal; it was read as
versions 1.0 to 2.1 write it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from afteraction.formats.agent_calls import (
    BY_CONFIGURATION,
    EDITED,
    REFUSED,
    REFUSED_BY_RULE,
    REJECTED,
    UNDECIDED,
    AgentCall,
    Decision,
    parts_of,
)
from afteraction.formats.agent_sessions import Said, Session, read_walking
from afteraction.formats.agent_shapes import AgentShape, is_claude_record
from afteraction.formats.json_documents import JsonRecord, list_of, mapping_of, text_of
from afteraction.formats.json_origins import origin_of, stamp_in
from afteraction.formats.products import agent_file
from afteraction.formats.tool_results import content_text
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading

_AGENT = "Claude Code"
_REJECTED = re.compile(r"^(?:Error: )?The user doesn't want to (?:proceed with this tool use|take this action)")
_BY_RULE = re.compile(
    r"^(?:Error: )?(?:Permission to use \S+ .*has been denied|Permission for this action has been denied|"
    r"(?:PreToolUse|Hook PreToolUse)\S*(?: hook error| denied)|.{0,80}\bblocked by hook\b)",
    re.DOTALL,
)
_NOT_GRANTED = re.compile(r"^(?:Error: )?Claude requested permissions? (?:to|for)\b.*haven't granted", re.DOTALL)
_INTERRUPTED = re.compile(r"^\[Request interrupted by user")
_EXIT_CODE = re.compile(r"^(?:Error: )?Exit code (\d{1,3})\b")
_RAN = re.compile(r"<bash-input>(.*?)</bash-input>", re.DOTALL)
_PRINTED = re.compile(r"<bash-std(?:out|err)>(.*?)</bash-std(?:out|err)>", re.DOTALL)
_EDITS = frozenset({"Edit", "Write", "MultiEdit", "NotebookEdit"})


class ClaudeCode:
    """The source."""

    name = "claude-code"
    summary = "Claude Code sessions (JSONL), sub-agents too: tool calls, results, refusals, prompts."

    def claims(self, raw: RawInput) -> bool:
        """Claim files whose records are messages of such a session."""
        return agent_file(raw.head) is AgentShape.CLAUDE_CODE

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all calls; each keeps the line of its request and of its result."""
        return read_walking(raw, _Walk(raw.name, context.zone), source=self.name)


class _Walk:
    """One pass over the records of a session."""

    def __init__(self, file: str, zone: str) -> None:
        self.session = Session(agent=_AGENT)
        self._file = file
        self._zone = zone
        self._seen: set[str] = set()
        self._mode = ""
        self._ran: int | None = None
        """Where among what was said the command stands that the person ran last, until its output came."""

    def take(self, record: JsonRecord, told: Mapping[str, Any]) -> None:
        """Take one record, unless it was there before."""
        self._mode = text_of(told, "permissionMode") or self._mode
        if not is_claude_record(told) or (uuid := text_of(told, "uuid")) in self._seen:
            return
        self._seen |= {uuid} - {""}
        origin = origin_of(self._file, record)
        content = mapping_of(told["message"]).get("content")
        blocks = [mapping_of(block) for block in list_of(content)]
        if told["type"] == "assistant":
            for block in blocks:
                if text_of(block, "type") == "tool_use":
                    self._asked(told, block, origin)
            return
        for block in blocks:
            if text_of(block, "type") == "tool_result":
                self._answered(told, block, origin)
        if not told.get("isMeta") and not told.get("isCompactSummary") and not told.get("isSidechain"):
            texts = [block for block in blocks if text_of(block, "type") == "text"]
            self._said(told, content if isinstance(content, str) else content_text(texts), origin)

    def _asked(self, told: Mapping[str, Any], block: Mapping[str, Any], origin: Origin) -> None:
        name = text_of(block, "name") or "unnamed tool"
        server, tool = parts_of(name)
        call_id = text_of(block, "id")
        if call_id in self.session.calls:
            return
        unasked = self._mode in {"bypassPermissions", "dontAsk"} or (self._mode == "acceptEdits" and name in _EDITS)
        self.session.add(
            AgentCall(
                tool=tool,
                server=server,
                own=not server,
                arguments=block.get("input"),
                origin=origin,
                stamp=stamp_in(told, zone=self._zone),
                agent=f"{_AGENT} sub-agent" if told.get("isSidechain") else _AGENT,
                client_version=text_of(told, "version"),
                call_id=call_id,
                decision=BY_CONFIGURATION if unasked else UNDECIDED,
            )
        )

    def _answered(self, told: Mapping[str, Any], block: Mapping[str, Any], origin: Origin) -> None:
        text = content_text(block.get("content"))
        known = self.session.calls.get(text_of(block, "tool_use_id"))
        outcome = told.get("toolUseResult")
        details = mapping_of(outcome)
        decision = _decision(text, outcome, text_of(told, "toolDenialKind"))
        if decision is UNDECIDED and known is not None:
            decision = EDITED if details.get("userModified") is True else known.decision
        exit_code = _EXIT_CODE.match(text)
        stopped = details.get("interrupted") is True or bool(_INTERRUPTED.match(text))
        self.session.answer(
            text_of(block, "tool_use_id"),
            origin,
            stamp_in(told, zone=self._zone),
            result=text,
            failed=block.get("is_error") is True or stopped,
            decision=decision,
            stopped=stopped,
            exit_code=int(exit_code[1]) if exit_code else None,
        )

    def _said(self, told: Mapping[str, Any], text: str, origin: Origin) -> None:
        stamp = stamp_in(told, zone=self._zone)
        if ran := _RAN.search(text):
            self._ran = len(self.session.said)
            self.session.said.append(Said(text=ran[1], origin=origin, stamp=stamp, output=""))
        elif (printed := _PRINTED.findall(text)) and self._ran is not None:
            output = "\n".join(part.strip() for part in printed if part.strip())
            self.session.said[self._ran] = replace(self.session.said[self._ran], output=output)
            self._ran = None
        elif text.strip() and not text.lstrip().startswith("<") and not _INTERRUPTED.match(text):
            self.session.said.append(Said(text=text, origin=origin, stamp=stamp))


def _decision(text: str, outcome: Any, kind: str) -> Decision:
    """Say what the record of a result tells of permission.

    `toolDenialKind` says whose the refusal was. Without it the words of a refusal are also written when a person stops a
    call that runs; either way it was a person who did not want it.
    """
    if kind:
        return REJECTED if "user" in kind.lower() else REFUSED_BY_RULE
    if _REJECTED.match(text) or (isinstance(outcome, str) and "User rejected tool use" in outcome[:60]):
        return REJECTED
    if _BY_RULE.match(text[:400]):
        return REFUSED_BY_RULE
    return REFUSED if _NOT_GRANTED.match(text[:400]) else UNDECIDED
