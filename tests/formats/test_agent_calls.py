"""What agents' tools are called, what they ran, and what a word says about who decided."""

from __future__ import annotations

import pytest

from afteraction.formats.agent_calls import (
    ACCEPTED,
    BY_CONFIGURATION,
    EDITED,
    REFUSED_BY_RULE,
    REJECTED,
    UNDECIDED,
    Decision,
    command_line,
    decision_of,
    is_own_tool,
    parts_of,
)
from afteraction.formats.tool_results import LONGEST, compact, shortened


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("mcp__k8s__pods_delete", ("k8s", "pods_delete")),
        ("mcp__claude_ai_Ops__get__state", ("claude_ai_Ops", "get__state")),
        ("Bash", ("", "Bash")),
        ("k8s__pods_list", ("k8s", "pods_list")),
        ("mcp_pods_list", ("", "mcp_pods_list")),
        ("mcp__", ("", "mcp__")),
    ],
)
def test_server_and_tool_are_parted(name: str, parts: tuple[str, str]) -> None:
    assert parts_of(name) == parts


@pytest.mark.parametrize(
    ("tool", "given", "line"),
    [
        ("Bash", {"command": "ls -l"}, "ls -l"),
        ("shell", {"command": ["bash", "-lc", "kubectl get pods | grep x"]}, "kubectl get pods | grep x"),
        ("shell", {"command": ["df", "-h"]}, "df -h"),
        ("exec_command", '{"cmd": "uptime"}', "uptime"),
        ("exec_command", '{"cmd": "upti', ""),
        ("pods_exec", {"command": "ls"}, ""),
        ("Bash", {"command": 7}, "7"),
        ("Bash", None, ""),
    ],
)
def test_the_command_line_of_a_shell_tool_is_found(tool: str, given: object, line: str) -> None:
    assert command_line(tool, given) == line


@pytest.mark.parametrize(
    ("word", "decision"),
    [
        ("accept", ACCEPTED),
        ("Approved", ACCEPTED),
        (True, ACCEPTED),
        ("user_denied", REJECTED),
        ("rejected", REJECTED),
        (False, REJECTED),
        ("modify", EDITED),
        ("auto_accept", BY_CONFIGURATION),
        ("auto-denied", REFUSED_BY_RULE),
        ("denied by policy", REFUSED_BY_RULE),
        ("perhaps", UNDECIDED),
        (None, UNDECIDED),
        (3, UNDECIDED),
    ],
)
def test_words_of_approval_say_by_whom(word: object, decision: Decision) -> None:
    assert decision_of(word) == decision


def test_an_agents_own_tools_are_known_by_name() -> None:
    assert is_own_tool("apply_patch")
    assert is_own_tool("copilot_createFile")
    assert not is_own_tool("resources_create_or_update")


def test_a_long_result_keeps_both_ends_and_says_so() -> None:
    text = "begin" + "x" * LONGEST + "end"
    short = shortened(text)
    assert short.startswith("begin")
    assert short.endswith("end")
    assert f"{len(text)} characters in all, sha256 " in short
    assert len(short) <= LONGEST
    assert shortened("x" * LONGEST) == "x" * LONGEST


def test_arguments_that_come_as_text_are_read() -> None:
    assert compact('{"a":1}') == compact({"a": 1}) == '{"a": 1}'
    assert compact("{not json") == "{not json"
    assert compact({}) == compact(None) == ""
