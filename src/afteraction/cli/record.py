"""`afteraction record`: the flight recorder in front of an MCP server."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from afteraction.errors import BadConfiguration
from afteraction.fetch.received import spool_folder
from afteraction.mcp.install.places import CLIENTS, Place, places
from afteraction.mcp.install.wrapping import NO_ARGS, Change, unwrapped, wrapped

_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from afteraction.mcp.recorder.{} import main; main()"


class _Recorder(click.Group):
    """A group whose own arguments are another program's command, unless they begin with one of its subcommands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave a server's command in `ctx.args`, options and all."""
        if args and args[0] in self.commands:
            return super().parse_args(ctx, args)
        return click.Command.parse_args(self, ctx, args)


@click.group(
    cls=_Recorder,
    invoke_without_command=True,
    subcommand_metavar="[-- COMMAND... | install | uninstall | receive | hook]",
)
@click.option("--incident", metavar="ID", default="", help="The incident that the recorded calls belong to.")
@click.option(
    "--spool",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where the recording is kept. [default: the user's state folder]",
)
@click.option("--url", metavar="URL", default="", help="Stand before the streamable-HTTP server at URL.")
@click.option("--listen", metavar="ADDR", help="With --url: where to listen, as HOST:PORT. [default: 127.0.0.1:8975]")
@click.option(NO_ARGS, "no_args", is_flag=True, hidden=True, expose_value=False)
@click.pass_context
def record(ctx: click.Context, /, *, incident: str, spool: Path | None, url: str, listen: str | None) -> None:
    """Stand before the MCP server that COMMAND starts, or that answers at URL, and record every message.

    Every byte is passed on as it is, then copied to a spool file. Whatever happens to the spool, the tools keep working.
    Write `--` before the server's command. Give the spool's folder to `afteraction draft` to have the calls in the document.
    """
    command = ctx.args
    if ctx.invoked_subcommand:
        return
    if bool(url) == bool(command):
        raise click.UsageError("give either the server's COMMAND, behind --, or its --url")
    if url and not re.match(r"https?://[^/\s]+", url):
        raise click.BadParameter(f"{url!r} is no http:// or https:// address", param_hint="--url")
    if listen and not url:
        raise click.UsageError("--listen goes with --url; a stdio server is reached through this process")
    if listen and not re.fullmatch(r"(?:[\w.-]*|\[[0-9a-fA-F:]+\]):\d{1,5}", listen):
        raise click.BadParameter(f"{listen!r} is not HOST:PORT, such as 127.0.0.1:8975", param_hint="--listen")
    folder = spool or spool_folder()
    package_root = Path(__file__).resolve().parents[2]
    program, rest = ("http", [url, listen or "127.0.0.1:8975"]) if url else ("stdio", command)
    # The recorder replaces this process, in an interpreter that loads nothing but the standard library.
    arguments = [sys.executable, "-I", "-S", "-c", _PROGRAM.format(program), str(package_root), str(folder), incident]
    os.execv(sys.executable, [*arguments, *rest])  # noqa: S606  (no shell is wanted)


def _chosen(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which configurations are meant."""
    for option in reversed(
        [
            click.option(
                "--client", "clients", multiple=True, type=click.Choice(CLIENTS), help="Only this client's files."
            ),
            click.option(
                "--config",
                "files",
                multiple=True,
                type=click.Path(exists=True, dir_okay=False, path_type=Path),
                help="This file instead of those that the clients read; .toml is TOML, all else JSON.",
            ),
            click.option("--dry-run", is_flag=True, help="Say what would be changed, and change nothing."),
            click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON."),
        ]
    ):
        function = option(function)
    return function


@record.command(short_help="Put the recorder before the servers of MCP clients.")
@_chosen
@click.option("--incident", metavar="ID", default="", help="The incident that the calls belong to, until uninstalled.")
def install(*, clients: tuple[str, ...], files: tuple[Path, ...], dry_run: bool, as_json: bool, incident: str) -> None:
    """Put the recorder before the stdio servers in the configurations of MCP clients.

    The user's files and those of the current folder are changed; restart the client afterwards. Only the command of
    each server is touched, and `uninstall` gives back what was there, character by character.
    """
    options = [f"--incident={incident}"] if incident else []
    changed = partial(wrapped, recorder=_recorder(), options=options)
    _apply(_places(clients, files), changed, "recorded", dry_run=dry_run, as_json=as_json)


@record.command(short_help="Take the recorder away again.")
@_chosen
def uninstall(*, clients: tuple[str, ...], files: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Take the recorder away again from the configurations of MCP clients."""
    _apply(_places(clients, files), unwrapped, "given back", dry_run=dry_run, as_json=as_json)


def _places(clients: tuple[str, ...], files: tuple[Path, ...]) -> list[Place]:
    if files:
        return [Place("", file, "toml" if file.suffix == ".toml" else "json") for file in files]
    found = [p for p in places(Path.home(), Path.cwd()) if p.path.is_file()]
    return [p for p in found if not clients or p.client in clients]


def _recorder() -> list[str]:
    """Return the command by which a client can start this program: the installed one, else this interpreter's module."""
    beside = Path(sys.executable).with_name("afteraction")
    found = str(beside) if beside.is_file() else shutil.which("afteraction")
    return [found] if found else [sys.executable, "-m", "afteraction"]


def _apply(
    chosen: list[Place], change: Callable[[str, str], Change], done: str, *, dry_run: bool, as_json: bool
) -> None:
    told: list[dict[str, object]] = []
    for place in chosen:
        try:
            text = place.path.read_bytes().decode()
            result = change(text, place.kind)
            if result.changed and not dry_run:
                _replace(place.path.resolve(), result.text)
        except (BadConfiguration, UnicodeDecodeError, OSError) as error:
            told.append({"file": str(place.path), "problem": str(error), "changed": [], "left": []})
            continue
        left = [{"server": name, "why": why} for name, why in result.left]
        told.append({"file": str(place.path), "problem": "", "changed": list(result.changed), "left": left})
    if as_json:
        click.echo(json.dumps({"files": told}, indent=2, ensure_ascii=False))
    else:
        _tell(told, f"would be {done}" if dry_run else f"is {done}")
    if any(one["problem"] for one in told):
        click.get_current_context().exit(1)


def _tell(told: list[dict[str, Any]], done: str) -> None:
    if not told:
        click.echo("No configuration of an MCP client was found; name one with --config.", err=True)
    for one in told:
        if one["problem"]:
            click.echo(f"{one['file']}: left as it is: {one['problem']}", err=True)
        for name in one["changed"]:
            click.echo(f"{one['file']}: {name} {done}")
        for left in one["left"]:
            click.echo(f"{one['file']}: {left['server']} {left['why']}", err=True)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all, with the mode that it had."""
    draft = path.with_name(f".{path.name}.afteraction")
    try:
        draft.touch(mode=0o600)
        draft.write_bytes(text.encode())
        shutil.copymode(path, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _kept(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say for which incident, and where, what agents send is kept."""
    incident = click.option("--incident", metavar="ID", default="", help="The incident that it belongs to.")
    spool = click.option(
        "--spool",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Where it is kept. [default: the user's state folder]",
    )
    return incident(spool(function))


@record.command(short_help="Receive hooks and telemetry of agents over HTTP.")
@click.option(
    "--listen", default="127.0.0.1:8976", show_default=True, metavar="ADDR", help="Where to listen, as HOST:PORT."
)
@click.option("--token", default="", metavar="TOKEN", help="Ask for this token; needed to listen beyond this machine.")
@_kept
def receive(*, listen: str, token: str, incident: str, spool: Path | None) -> None:
    """Receive what agents tell of their tool calls, refused ones too, and keep it beside the recordings.

    POST hooks of Claude Code to /hooks, OTLP/HTTP JSON to /v1/logs and /v1/traces. With a token every request has to carry
    `Authorization: Bearer TOKEN`. Give the spool's folder to `afteraction draft` to have the decisions in the document.
    """
    from afteraction.mcp.recorder.receiver import listen as serve

    if not re.fullmatch(r"(?:[\w.-]*|\[[0-9a-fA-F:]+\]):\d{1,5}", listen):
        raise click.BadParameter(f"{listen!r} is not HOST:PORT, such as 127.0.0.1:8976", param_hint="--listen")
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not token and host not in {"127.0.0.1", "localhost", "::1"}:
        raise click.UsageError("to listen beyond this machine give a --token (or AFTERACTION_RECORD_RECEIVE_TOKEN)")
    code = serve((host, int(port)), spool or spool_folder(), incident=incident, token=token)
    click.get_current_context().exit(code)


class _Harmless(click.Command):
    """A command that a wrong option does not end with 2: to the agent that would mean that the call is forbidden."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Say what is wrong, and go on without."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            click.echo(f"{error.format_message()} Kept in the usual place.", err=True)
            return super().parse_args(ctx, [])


@record.command(cls=_Harmless, short_help="Keep the payload of a command hook, from stdin.")
@_kept
def hook(*, incident: str, spool: Path | None) -> None:
    """Keep the payload of a hook of Claude Code, given on stdin.

    It prints nothing and ends with 0 whatever happens, so that it never decides anything for the agent.
    """
    from datetime import UTC, datetime

    from afteraction.fetch.received import keep
    from afteraction.usecases.receive import HOOKS, LONGEST, receive

    at = datetime.now(UTC)
    body = sys.stdin.buffer.read(LONGEST + 1)
    found = receive(HOOKS, {"Content-Type": "application/json"}, body, at=at, incident=incident)
    try:
        keep(spool or spool_folder(), found.kind, found.lines, at)
    except OSError as error:
        click.echo(f"not kept: {error.strerror}", err=True)
    if found.status != 200:
        click.echo(f"not kept: {json.loads(found.body)['error']}", err=True)
