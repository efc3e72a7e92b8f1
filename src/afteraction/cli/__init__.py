"""The command line: nouns are groups, verbs are commands; results on stdout, talk and progress on stderr.

Commands are imported when they are called, so that `--help` answers at once. Exit code 0 is fine, 1 problems found,
2 wrong usage.
"""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword

import click

from afteraction import __version__
from afteraction.errors import AfteractionError, UsageError

COMMANDS: dict[str, tuple[str, str]] = {
    "account": ("afteraction.cli.account", "Who may use the service: accounts, invitations, API tokens."),
    "action": ("afteraction.cli.action", "Action items, followed until they are done."),
    "backup": ("afteraction.cli.backup", "Write the whole record to one file."),
    "capture": ("afteraction.cli.capture", "Write a script that saves what will vanish."),
    "check": ("afteraction.cli.check", "Check a post-mortem: gaps, contradictions, uncited statements, loose actions."),
    "collect": ("afteraction.cli.collect", "Collect raw material of an incident from live systems."),
    "draft": ("afteraction.cli.draft", "Draft a post-mortem from a folder of raw material."),
    "event": ("afteraction.cli.event", "What happened in an incident, and when it became known."),
    "evidence": ("afteraction.cli.evidence", "Rank what may have caused an incident, with the evidence."),
    "export": ("afteraction.cli.export", "Write a post-mortem in another format."),
    "import": ("afteraction.cli.import_archive", "Import post-mortems written or kept elsewhere."),
    "incident": ("afteraction.cli.incident", "The incidents that the record holds."),
    "logs": ("afteraction.cli.logs", "Patterns and excerpts of log files."),
    "mcp": ("afteraction.cli.mcp", "Serve the record to agents, by the Model Context Protocol."),
    "material": ("afteraction.cli.material", "Raw material of an incident, frozen as it was."),
    "milestone": ("afteraction.cli.milestone", "Set when an incident began, was noticed, was over."),
    "note": ("afteraction.cli.note", "Note what you see or do while an incident runs."),
    "record": ("afteraction.cli.record", "Record the tool calls of an agent, from in front of an MCP server."),
    "restore": ("afteraction.cli.restore", "Fill an empty record from a backup."),
    "review": ("afteraction.cli.review", "The reviews that follow an incident."),
    "save": ("afteraction.cli.save", "Save an edited post-mortem as the next revision of its incident."),
    "search": ("afteraction.cli.search", "Find words in incidents, events and documents."),
    "serve": ("afteraction.cli.serve", "Serve the record to a team: API, webhooks, pages."),
    "similar": ("afteraction.cli.similar", "Find earlier incidents like one."),
    "sources": ("afteraction.cli.sources", "List the formats that can be read."),
    "template": ("afteraction.cli.template", "Print the empty post-mortem."),
    "work": ("afteraction.cli.work", "Do the scheduled work that is due."),
}
"""Every command: the module that holds a click command of the same name, and its line of help."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command called `cmd_name`."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command = getattr(import_module(COMMANDS[cmd_name][0]), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{cmd_name} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table above, without importing any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a refused request becomes one line on stderr, not a traceback."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise click.UsageError(str(error)) from error
        except AfteractionError as error:
            raise click.ClickException(str(error)) from error


@click.group(
    cls=LazyGroup, context_settings={"auto_envvar_prefix": "AFTERACTION", "help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, package_name="afteraction")
def main() -> None:
    """Turn what an incident left behind into a post-mortem that people can trust."""
