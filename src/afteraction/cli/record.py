"""`afteraction record`: the flight recorder in front of an MCP server."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click

_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from afteraction.mcp.recorder.{} import main; main()"


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--incident", metavar="ID", default="", help="The incident that the recorded calls belong to.")
@click.option(
    "--spool",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the recording is kept. [default: the user's state folder]",
)
@click.option("--url", metavar="URL", default="", help="Stand before the streamable-HTTP server at URL.")
@click.option("--listen", metavar="ADDR", help="With --url: where to listen, as HOST:PORT. [default: 127.0.0.1:8975]")
@click.argument("command", metavar="[COMMAND]...", nargs=-1, type=click.UNPROCESSED)
def record(*, incident: str, spool: Path | None, url: str, listen: str | None, command: tuple[str, ...]) -> None:
    """Stand before the MCP server that COMMAND starts, or that answers at URL, and record every message.

    Every byte is passed on as it is, then copied to a spool file. Whatever happens to the spool, the tools keep working.
    Write `--` before the server's command. (This version keeps recordings; it does not draft from them yet.)
    """
    if bool(url) == bool(command):
        raise click.UsageError("give either the server's COMMAND, behind --, or its --url")
    if url and not re.match(r"https?://[^/\s]+", url):
        raise click.BadParameter(f"{url!r} is no http:// or https:// address", param_hint="--url")
    if listen and not url:
        raise click.UsageError("--listen goes with --url; a stdio server is reached through this process")
    if listen and not re.fullmatch(r"(?:[\w.-]*|\[[0-9a-fA-F:]+\]):\d{1,5}", listen):
        raise click.BadParameter(f"{listen!r} is not HOST:PORT, such as 127.0.0.1:8975", param_hint="--listen")
    folder = spool or _state_folder()
    package_root = Path(__file__).resolve().parents[2]
    program, rest = ("http", [url, listen or "127.0.0.1:8975"]) if url else ("stdio", list(command))
    # The recorder replaces this process, in an interpreter that loads nothing but the standard library.
    arguments = [sys.executable, "-I", "-S", "-c", _PROGRAM.format(program), str(package_root), str(folder), incident]
    os.execv(sys.executable, [*arguments, *rest])  # noqa: S606  (no shell is wanted)


def _state_folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "afteraction" / "spool"
