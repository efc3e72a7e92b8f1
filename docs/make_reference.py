"""Writes the reference pages that are made from the program itself: commands, sources, settings and rules.

Run it after a change of any of these; a test compares the pages with what it would write.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import anyio
import click

from afteraction.assembly import load_settings, new_masker
from afteraction.assembly.settings import describe_settings
from afteraction.cli import COMMANDS, main
from afteraction.evidence.cluster import RULES
from afteraction.export.post_mortem_json import schema
from afteraction.mcp.server.app import server
from afteraction.mcp.server.desk import Desk
from afteraction.model.settings import Settings
from afteraction.sources import SOURCES
from afteraction.store.blobs import MemoryBlobs
from afteraction.store.memory import MemoryStore
from afteraction.web.app import application
from afteraction.web.desk import Desk as WebDesk

sys.path.insert(0, str(Path(__file__).resolve().parent))
from make_samples import FILE as SAMPLES_FILE
from make_samples import samples, written

HERE = Path(__file__).resolve().parent / "reference"


def commands_page() -> str:
    """Return the page of all commands, as their `--help` prints them."""
    lines = [
        "# Commands",
        "",
        "Results go to stdout, talk and progress to stderr. Exit code 0 is fine, 1 problems found, 2 wrong usage. Every option",
        "can be given as a variable: `AFTERACTION_<COMMAND>_<OPTION>`, such as `AFTERACTION_DRAFT_TIMEZONE`.",
        "",
    ]
    # Click keeps a command's help option once it was made, so it must be made here as the program makes it.
    settings = main.context_settings
    root = click.Context(main, info_name="afteraction", max_content_width=100, terminal_width=100, **settings)
    for name in sorted(COMMANDS):
        command = main.get_command(root, name)
        assert command is not None
        lines += _command(command, name, root)
    return "\n".join(lines)


def _command(command: click.Command, name: str, parent: click.Context) -> list[str]:
    context = click.Context(command, info_name=name, parent=parent, max_content_width=100, terminal_width=100)
    lines = [f"## `{context.command_path}`", "", "```text", command.get_help(context).rstrip(), "```", ""]
    if isinstance(command, click.Group):
        for sub in sorted(command.commands):
            lines += _command(command.commands[sub], sub, context)
    return lines


def sources_page() -> str:
    """Return the page of all sources: what each reads and yields, and how such a file begins."""
    shown = samples()
    lines = [
        "# Sources",
        "",
        "What can be read, as `afteraction sources` lists it. What a source yields is what it reads in its cases under",
        "`tests/sources`; the samples are the beginnings of such cases. Statements are values that the material says in so many",
        "words, such as a severity; edges say which service calls which.",
        "",
        "| source | reads | yields |",
        "| --- | --- | --- |",
    ]
    for source in SOURCES:
        summary = source.summary.replace("|", "\\|")
        kinds = ", ".join(shown[source.name]["yields"]) if source.name in shown else ""
        lines.append(f"| [`{source.name}`](#{source.name}) | {summary} | {kinds} |")
    lines += ["", "# Samples", ""]
    for source in SOURCES:
        if source.name in shown:
            one = shown[source.name]
            lines += [f"## {source.name}", "", f"`{one['file']}`, from the case `{one['case']}`:", ""]
            lines += ["~~~~~text", one["sample"], "~~~~~", ""]
    return "\n".join(lines).rstrip() + "\n"


def settings_page() -> str:
    """Return the page of all settings of `afteraction.toml`."""
    lines = [
        "# Settings",
        "",
        "`afteraction.toml` in the working folder holds a team's settings; every key may be left out. An unknown key or a value",
        "that cannot be used is refused with its name.",
        "",
        "| key | meaning | default |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{key}` | {meaning} | {default} |" for key, meaning, default in describe_settings()]
    return "\n".join(lines) + "\n"


def schema_page() -> str:
    """Return the JSON Schema of a post-mortem."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def cluster_rules_page() -> str:
    """Return the page of all rules on the state of a cluster."""
    lines = [
        "# Rules on the state of a cluster",
        "",
        "What `afteraction evidence` reads out of kubectl output and objects of the Kubernetes API. A finding names its rule; a",
        "suspect names the faulty object (`app/NAME`, `node/NAME`, `namespace/NAME`) and one of the cause classes below. Causes",
        "rank above the failures and symptoms that follow from them; trouble that is days old weighs less.",
        "",
        "*Computed* means that objects were compared with one another and no message was needed. What was not seen is not",
        "concluded from: that something does not exist needs a whole list without it, or the server's word.",
        "",
    ]
    for rule in RULES:
        causes = ", ".join(f"`{cause}`" for cause in rule.causes)
        lines += [
            f"## {rule.id}",
            "",
            f"**{rule.title}.** {rule.page}",
            "",
            f"- Reads: {rule.reads}.",
            f"- Cause classes: {causes}.",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def mcp_tools_page() -> str:
    """Return the page of the MCP server's tools, prompts and resources, as the server itself lists them."""
    desk = Desk(
        store=MemoryStore(),
        settings=load_settings(),
        clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        masker=new_masker,
        sources=SOURCES,
    )
    made = server(desk)
    lines = ["# MCP tools", "", "What `afteraction mcp` offers to agents; how to set it up stands in",
             "[Give agents the record](../how-to/give-agents-the-record.md).", ""]  # fmt: skip
    for tool in anyio.run(made.list_tools):
        hints = tool.annotations
        assert hints is not None
        kind = "reads" if hints.read_only_hint else "changes" if hints.destructive_hint else "adds"
        lines += [f"## `{tool.name}` ({kind})", "", tool.description or "", ""]
        lines += ["| parameter | type | default | meaning |", "| --- | --- | --- | --- |"]
        required = tool.input_schema.get("required", [])
        for name, told in tool.input_schema.get("properties", {}).items():
            allowed = ", ".join(f"`{value}`" for value in told.get("enum", ())) or told.get(
                "type", "list of texts or null"
            )
            default = "required" if name in required else f"`{json.dumps(told.get('default'))}`"
            lines.append(f"| `{name}` | {allowed} | {default} | {told.get('description', '')} |")
        lines.append("")
    lines += ["## Prompts", "", "| prompt | for |", "| --- | --- |"]
    lines += [f"| `{prompt.name}` | {prompt.description} |" for prompt in anyio.run(made.list_prompts)]
    lines += ["", "## Resources", "", "| address | holds |", "| --- | --- |"]
    lines += [f"| `{one.uri}` | {one.description} |" for one in anyio.run(made.list_resources)]
    lines += [f"| `{one.uri_template}` | {one.description} |" for one in anyio.run(made.list_resource_templates)]
    return "\n".join(lines) + "\n"


def openapi_page() -> str:
    """Return the description of the REST API, as the service itself serves it."""
    desk = WebDesk(
        store=MemoryStore(),
        blobs=MemoryBlobs(),
        settings=Settings(),
        clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        masker=new_masker,
        sources=SOURCES,
    )
    return json.dumps(application(desk).openapi(), indent=1, ensure_ascii=False) + "\n"


PAGES = {
    "openapi.json": openapi_page,
    "mcp-tools.md": mcp_tools_page,
    "cluster-rules.md": cluster_rules_page,
    "commands.md": commands_page,
    "sources.md": sources_page,
    "settings.md": settings_page,
    "post-mortem.schema.json": schema_page,
}


if __name__ == "__main__":
    for file_name, page in PAGES.items():
        (HERE / file_name).write_text(page(), encoding="utf-8")
    SAMPLES_FILE.write_text(written(), encoding="utf-8")
