"""`afteraction record`: the flight recorder in front of an MCP server."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from afteraction.mcp.recorder.stdio import main; main()"


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--incident", metavar="ID", default="", help="The incident that the recorded calls belong to.")
@click.option(
    "--spool",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the recording is kept. [default: the user's state folder]",
)
@click.argument("command", metavar="COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
def record(*, incident: str, spool: Path | None, command: tuple[str, ...]) -> None:
    """Stand before the MCP server that COMMAND starts and record every message.

    Every byte is passed on as it is, then copied to a spool file. Whatever happens to the spool, the tools keep working.
    Write `--` before the server's command. (This version keeps recordings; it does not draft from them yet.)
    """
    folder = spool or _state_folder()
    package_root = Path(__file__).resolve().parents[2]
    # The recorder replaces this process, in an interpreter that loads nothing but the standard library.
    arguments = [sys.executable, "-I", "-S", "-c", _PROGRAM, str(package_root), str(folder), incident, *command]
    os.execv(sys.executable, arguments)  # noqa: S606  (no shell is wanted)


def _state_folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "afteraction" / "spool"
