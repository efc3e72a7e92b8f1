from __future__ import annotations

import pytest

from afteraction.formats.message_commands import commands_said


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("rolled back with\n```\nkubectl rollout undo deployment/checkout -n shop\n```", ["kubectl rollout undo deployment/checkout -n shop"]),
        ("ran `kubectl rollout undo deploy/x` and `helm ls`", ["kubectl rollout undo deploy/x", "helm ls"]),
        ("```\n$ kubectl get pods\nNAME READY\n$ kubectl delete pod a\npod deleted\n```", ["kubectl get pods", "kubectl delete pod a"]),
        ("try `kubectl delete pod x`?", []),
        ("we should run `kubectl rollout undo deploy/x`", []),
        ("did you run `kubectl rollout undo deploy/x`?", []),
        ("please apply ```kubectl apply -f x.yaml```", []),
        ("```\nERROR connection refused\n```", []),
        ("used `foo`", []),
        ("ran the query, got `connection refused` back", []),
    ],
)  # fmt: skip
def test_only_commands_that_were_said_to_be_run_are_taken(text: str, commands: list[str]) -> None:
    assert [said.command for said in commands_said(text)] == commands


def test_what_a_pasted_command_printed_stays_with_it() -> None:
    said = commands_said("```\n$ kubectl get pods\nNAME  READY\na     0/1\n```")
    assert said[0].output == "NAME  READY\na     0/1"


def test_a_block_of_very_many_commands_is_a_script_and_no_list_of_what_was_run() -> None:
    lines = "\n".join(f"kubectl delete pod p{number}" for number in range(100))
    assert commands_said(f"ran\n```\n{lines}\n```") == []
