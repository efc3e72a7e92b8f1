"""Requests and answers find one another, however they are interleaved, over one line or many exchanges."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from afteraction.formats.agent_calls import ACCEPTED, REJECTED, UNDECIDED
from afteraction.formats.mcp_pairing import Paired, Passed, pair
from afteraction.model.origin import Origin


def passed(direction: str = "", exchange: str = "", session: str = "", **message: Any) -> Passed:
    return Passed(
        message={"jsonrpc": "2.0", **message},
        origin=Origin(file="x", line=1),
        direction=direction,
        exchange=exchange,
        session=session,
    )


def asked(number: object, tool: str = "pods_list", **more: Any) -> Passed:
    where = {key: more.pop(key) for key in ("exchange", "session") if key in more}
    return passed("request", id=number, method="tools/call", params={"name": tool, **more}, **where)


def answered(number: object, text: str = "done", **where: str) -> Passed:
    return passed("response", id=number, result={"content": [{"type": "text", "text": text}]}, **where)


def results(found: list[Paired]) -> list[str]:
    return [one.call.result for one in found]


@given(st.permutations([*range(6), *range(6)]))
def test_answers_in_any_order_find_their_calls(order: list[int]) -> None:
    seen: set[int] = set()
    messages = []
    for number in order:
        messages.append(answered(number, f"{number}") if number in seen else asked(number, arguments={"n": number}))
        seen.add(number)
    found = pair(messages)
    assert all(one.answered and one.call.arguments == {"n": int(one.call.result)} for one in found)
    assert len(found) == 6


def test_equal_ids_of_two_clients_over_http_are_two_calls() -> None:
    messages = [
        asked(1, exchange="1", session="a"),
        asked(1, exchange="2", session="b"),
        answered(1, "second", exchange="2", session="b"),
        answered(1, "first", exchange="1", session="a"),
    ]
    assert results(pair(messages)) == ["second", "first"]


def test_an_answer_that_comes_in_another_stream_of_the_session_is_found() -> None:
    messages = [asked(1, exchange="1", session="a"), answered(1, exchange="7", session="a")]
    assert [one.answered for one in pair(messages)] == [True]
    stranger = [asked(1, exchange="1", session="a"), answered(1, exchange="7", session="b")]
    assert [one.answered for one in pair(stranger)] == [False]


def test_rounds_without_their_state_are_one_call_by_tool_and_arguments() -> None:
    question = {"resultType": "input_required", "inputRequests": {"ok": {}}}
    messages = [
        asked(1, "drain", arguments={"node": "a"}),
        passed("response", id=1, result=question),
        asked(2, "drain", arguments={"node": "a"}, inputResponses={"ok": {"action": "decline"}}),
        answered(2, "left alone"),
    ]
    (found,) = pair(messages)
    assert (found.call.result, found.call.decision) == ("left alone", REJECTED)


def test_a_person_who_is_asked_by_the_server_decides_about_its_call_only() -> None:
    messages = [
        asked(1, "drain"),
        passed("response", id="e1", method="elicitation/create", params={"message": "sure?"}),
        passed("request", id="e1", result={"action": "accept"}),
        answered(1),
        asked(2, "drain"),
        answered(2),
    ]
    assert [one.call.decision for one in pair(messages)] == [ACCEPTED, UNDECIDED]


def test_a_cancelled_call_failed_and_its_progress_is_kept() -> None:
    messages = [
        asked(1, "drain", _meta={"progressToken": 9}),
        passed("response", method="notifications/progress", params={"progressToken": 9, "progress": 1, "total": 4}),
        passed("request", method="notifications/cancelled", params={"requestId": 1, "reason": "enough"}),
    ]
    (found,) = pair(messages)
    assert (found.call.failed, found.call.result, found.call.progress) == (
        True, "cancelled by the client: enough", "1/4",
    )  # fmt: skip


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=4
    )
)
def test_whatever_stands_in_a_message_nothing_raises(value: Any) -> None:
    hostile = {"method": "tools/call", "id": value, "params": value, "result": value, "error": value}
    for key in hostile:
        told = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": value, "_meta": value, "arguments": value},
        }
        messages = [Passed(message={**told, key: value}, origin=Origin(file="x", line=1)), answered(1)]
        assert len(pair(messages)) <= 1
