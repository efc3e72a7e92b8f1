"""Messages of the Model Context Protocol become calls: each `tools/call` with its answer, in both eras of the protocol.

In come JSON-RPC messages in the order in which they passed, with what is known of when and on which way; out goes one
`AgentCall` for each call. Rounds of `input_required` that one `requestState` links are one call. Client and server are known
from `initialize` or from `_meta`, tools from the recorded `tools/list`. A call that never got an answer is returned as such;
one that was cancelled says so. Nothing here raises.

After the specification's revisions 2024-11-05 to 2026-07-28 (basic/index, basic/utilities, server/tools).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from afteraction.formats.agent_calls import (
    ACCEPTED,
    REJECTED,
    UNDECIDED,
    AgentCall,
    Decision,
    decision_of,
    seconds_between,
    stated_seconds,
)
from afteraction.formats.json_documents import list_of, mapping_of, text_of, value_of
from afteraction.formats.stamps import Stamp
from afteraction.formats.tool_results import rpc_result
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem

_META = "io.modelcontextprotocol/"
_TRACE = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.IGNORECASE)
_CALL_ID = re.compile(r"(?:^|[./_-])(?:tool_?use_?id|tool_?call_?id|call_?id)$", re.IGNORECASE)
"""Keys of `_meta` under which clients pass their own id of a call (`claudecode/toolUseId`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """One JSON-RPC message that passed.

    `direction` is `request` for the way to the server, `response` for the way back, empty when unknown; `exchange` names
    the HTTP exchange in which it passed, `session` the MCP session; both are empty over stdio. `around` is what a record
    says of the message beside it; `left_out` tells of a message whose middle was not kept.
    """

    message: Mapping[str, Any]
    origin: Origin
    stamp: Stamp | None = None
    direction: str = ""
    exchange: str = ""
    session: str = ""
    around: Mapping[str, Any] = field(default_factory=dict)
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """A call and whether its answer was found."""

    call: AgentCall
    answered: bool


@dataclass(slots=True, kw_only=True)
class _Open:
    """A call that waits for its answer; `asked` is what a person answered to the server's questions."""

    request: Passed
    client: tuple[str, str]
    asked: list[str] = field(default_factory=list)
    progress: str = ""
    cancelled: str | None = None
    number: int = 0


def is_message(value: Any) -> bool:
    """Whether a value is one JSON-RPC 2.0 message."""
    return (
        isinstance(value, Mapping)
        and value.get("jsonrpc") == "2.0"
        and bool({"method", "result", "error"} & value.keys())
    )


def pair(messages: Sequence[Passed], *, tools: Iterable[Passed] = (), server: str = "") -> list[Paired]:
    """Return the calls among `messages`, the answered ones in the order of their answers, then the rest.

    `tools` are further messages that may list tools or name the two sides; `server` is the server's name where no message
    tells it.
    """
    return _Conversation(messages, tools, server).calls()


class _Conversation:
    def __init__(self, messages: Sequence[Passed], before: Iterable[Passed], server: str) -> None:
        self._messages = messages
        self._server_name = server
        self._client: dict[str, tuple[str, str]] = {}
        self._server: dict[str, tuple[str, str]] = {}
        self._open: dict[tuple[str, str], _Open] = {}
        self._rounds: dict[str, _Open] = {}
        self._hints: dict[str, Mapping[str, Any] | None] = {}
        self._found: list[Paired] = []
        earlier = list(before)
        for passed in (*earlier, *messages):
            self._learn_tools(passed)
        for passed in earlier:
            self._learn_sides(passed)

    def calls(self) -> list[Paired]:
        for passed in self._messages:
            self._learn_sides(passed)
            if "method" in passed.message:
                self._request(passed)
            else:
                self._answer(passed)
        for waiting in sorted((*self._open.values(), *self._rounds.values()), key=lambda one: one.number):
            self._close(waiting, None)
        return self._found

    def _learn_tools(self, passed: Passed) -> None:
        for tool in list_of(value_of(passed.message, "result.tools")):
            if name := text_of(tool, "name"):
                hints = value_of(tool, "annotations")
                self._hints[name] = hints if isinstance(hints, Mapping) else None

    def _learn_sides(self, passed: Passed) -> None:
        params, result = mapping_of(passed.message.get("params")), mapping_of(passed.message.get("result"))
        if client := _side(params, "clientInfo"):
            self._client[passed.session] = client
        if server := _side(result, "serverInfo"):
            self._server[passed.session] = server

    def _request(self, passed: Passed) -> None:
        message, params = passed.message, mapping_of(passed.message.get("params"))
        method = message["method"]
        if method == "elicitation/create" and (asking := self._latest(passed)):
            asking.asked.append("")
        elif method == "notifications/progress":
            self._progress(params)
        elif method == "notifications/cancelled":
            if waiting := self._waiting(passed, _identity(params.get("requestId")))[1]:
                waiting.cancelled = text_of(params, "reason")
        elif method == "tools/call" and "id" in message:
            self._called(passed, params)

    def _called(self, passed: Passed, params: Mapping[str, Any]) -> None:
        key = (passed.exchange, _identity(passed.message["id"]))
        if earlier := self._open.pop(key, None):
            self._close(earlier, None)
        opened = self._continued(params)
        if opened is None:
            client = self._client.get(passed.session) or self._client.get("", ("", ""))
            opened = _Open(request=passed, client=client, number=len(self._found) + len(self._open))
        answers = mapping_of(params.get("inputResponses")).values()
        opened.asked += [text_of(answer, "action") for answer in answers]
        self._open[key] = opened

    def _continued(self, params: Mapping[str, Any]) -> _Open | None:
        """Return the call whose next round this is: by its state, else by the same tool and arguments."""
        state = text_of(params, "requestState")
        if state and state in self._rounds:
            return self._rounds.pop(state)
        if state or "inputResponses" in params:
            for key, waiting in self._rounds.items():
                asked = mapping_of(waiting.request.message.get("params"))
                if all(asked.get(name) == params.get(name) for name in ("name", "arguments")):
                    return self._rounds.pop(key)
        return None

    def _latest(self, passed: Passed) -> _Open | None:
        """Return the call about which a server asks: the last of its exchange, else the last of all."""
        own = [one for key, one in self._open.items() if passed.exchange and key[0] == passed.exchange]
        open_ones = own or list(self._open.values())
        return open_ones[-1] if open_ones else None

    def _progress(self, params: Mapping[str, Any]) -> None:
        token = params.get("progressToken")
        for waiting in self._open.values():
            if token is not None and value_of(waiting.request.message, "params._meta.progressToken") == token:
                share = "/".join(part for part in (text_of(params, "progress"), text_of(params, "total")) if part)
                waiting.progress = f"{share} {text_of(params, 'message')}".strip()[:500]

    def _waiting(self, passed: Passed, identity: str) -> tuple[tuple[str, str], _Open | None]:
        """Return the open call with an id: in the same exchange, else the only one in the same session."""
        key = (passed.exchange, identity)
        if key in self._open or not passed.session:
            return key, self._open.get(key)
        same = [k for k, one in self._open.items() if k[1] == identity and one.request.session == passed.session]
        return (same[0], self._open[same[0]]) if len(same) == 1 else (key, None)

    def _answer(self, passed: Passed) -> None:
        result = mapping_of(passed.message.get("result"))
        identity = _identity(passed.message.get("id"))
        key, waiting = self._waiting(passed, identity)
        action = text_of(result, "action")
        if action in {"accept", "decline", "cancel"} and (asking := self._latest(passed)) and asking.asked:
            asking.asked.append(action)
            return
        if waiting is None or (passed.direction == "request" and waiting.request.direction == "request"):
            return
        del self._open[key]
        if text_of(result, "resultType") == "input_required":
            self._rounds[text_of(result, "requestState") or f"{key}"] = waiting
            return
        self._close(waiting, passed)

    def _close(self, waiting: _Open, answer: Passed | None) -> None:
        self._found.append(Paired(call=self._call(waiting, answer), answered=answer is not None))

    def _call(self, waiting: _Open, answer: Passed | None) -> AgentCall:
        request = waiting.request
        params = mapping_of(request.message.get("params"))
        around = answer.around if answer else {}
        result, failed = rpc_result(answer.message) if answer else ("", False)
        if answer and answer.left_out:
            result = f"{result}\n… {answer.left_out}"
        if waiting.cancelled is not None and answer is None:
            result, failed = f"cancelled by the client: {waiting.cancelled}".rstrip(": "), True
        seconds = seconds_between(request.stamp, answer.stamp) if answer else None
        server = self._server.get(request.session) or self._server.get("", ("", ""))
        tool = text_of(params, "name") or "unnamed tool"
        return AgentCall(
            tool=tool,
            origin=request.origin,
            also=(answer.origin,) if answer else (),
            stamp=request.stamp,
            arguments=params.get("arguments"),
            result=result,
            failed=failed,
            decision=_decision(waiting.asked, request.around, around),
            agent=waiting.client[0] or text_of(request.around, "client", "agent", "client_name"),
            client_version=waiting.client[1],
            server=text_of(request.around, "server", "server_name", "serverName") or server[0] or self._server_name,
            server_version=server[1],
            seconds=seconds if seconds is not None else stated_seconds(around),
            hints=self._hints.get(tool),
            call_id=_call_id(params),
            progress=waiting.progress,
            trace=_trace(params, request.around),
        )


def _identity(value: Any) -> str:
    return json.dumps(value, default=str)


def _side(holder: Mapping[str, Any], what: str) -> tuple[str, str] | None:
    """Return name and version of one side, from `initialize` or from `_meta`."""
    told = mapping_of(holder.get(what)) or mapping_of(mapping_of(holder.get("_meta")).get(f"{_META}{what}"))
    name = text_of(told, "name")
    return (name, text_of(told, "version")) if name else None


def _call_id(params: Mapping[str, Any]) -> str:
    meta = mapping_of(params.get("_meta"))
    return next((text_of(meta, key) for key in meta if isinstance(key, str) and _CALL_ID.search(key)), "")


def _trace(params: Mapping[str, Any], around: Mapping[str, Any]) -> str:
    told = text_of(mapping_of(params.get("_meta")), "traceparent") or text_of(around, "traceparent")
    found = _TRACE.match(told)
    return found[1].lower() if found else ""


def _decision(asked: list[str], *records: Mapping[str, Any]) -> Decision:
    """Say by whose word a call was made: as a person answered the server, else as the records around it tell."""
    if "accept" in asked:
        return ACCEPTED
    if {"decline", "cancel"} & set(asked):
        return REJECTED
    for around in records:
        if text_of(around, "approved_by", "approvedBy", "approver"):
            return ACCEPTED
        for key in ("approval", "decision", "approval_decision", "approved"):
            if (decision := decision_of(around.get(key))) is not UNDECIDED:
                return decision
    return UNDECIDED


def unanswered(paired: Iterable[Paired], remedy: str = "check whether the recording ended early") -> list[Problem]:
    """Return a problem for each call that neither got an answer nor was cancelled."""
    return [
        Problem(
            origin=one.call.origin,
            reason=f"the call of {one.call.tool.replace('unnamed tool', 'a tool')} has no answer in the transcript",
            remedy=remedy,
        )
        for one in paired
        if not one.answered and not one.call.failed
    ]
