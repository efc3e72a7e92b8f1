"""The command line answers at once and imports no more than it must."""

from __future__ import annotations

import subprocess
import sys

from click.testing import CliRunner

from afteraction.cli import COMMANDS, main

HEAVY = ("numpy", "pydantic", "rich", "markdown_it", "yaml", "whenever")


def _modules_after(*arguments: str) -> set[str]:
    program = (
        "import sys\n"
        "from afteraction.cli import main\n"
        f"main({list(arguments)!r}, standalone_mode=False)\n"
        "sys.stderr.write('\\n'.join(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stderr.splitlines()}


def test_help_imports_nothing_heavy() -> None:
    assert not _modules_after("--help") & set(HEAVY)


def test_every_command_answers_help() -> None:
    for name in COMMANDS:
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0, f"{name}: {result.output}"
        assert "Usage:" in result.output


def test_an_unknown_command_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["frobnicate"])
    assert result.exit_code == 2
