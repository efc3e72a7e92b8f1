"""Which commands serve only the shell they are typed in."""

from __future__ import annotations

import pytest

from afteraction.formats.housekeeping import is_housekeeping


@pytest.mark.parametrize("command", ["date", "cd /srv && pwd", "export TOKEN=x", "clear; history"])
def test_a_line_that_keeps_the_shell_in_order_is_housekeeping(command: str) -> None:
    assert is_housekeeping(command)


@pytest.mark.parametrize(
    "command", ["", "kubectl get pods", "cd /srv && tail app.log", "echo $(kubectl get pods)", "history | grep kubectl"]
)
def test_a_line_that_looks_at_anything_else_is_none(command: str) -> None:
    assert not is_housekeeping(command)
