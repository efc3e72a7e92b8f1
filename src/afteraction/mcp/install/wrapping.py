"""Puts the recorder before every stdio server of a configuration, and takes it away again, character by character.

The text of a configuration comes in, the changed text goes out with what was done and what was left. `unwrapped` gives
back exactly the text that `wrapped` was given, also when other parts were edited in between: the server's own command is
kept as it was written, behind the recorder's arguments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from afteraction.mcp.install.spans import Node, read_json, read_toml

NO_ARGS = "--no-args"
"""Told to the recorder when the server had no list of arguments, so that none is left behind."""
_SERVER_KEYS = ("mcpServers", "servers", "mcp_servers")


@dataclass(frozen=True, slots=True)
class Change:
    """What a configuration became: `text`, the servers that were `changed`, and those that were `left`, each with why."""

    text: str
    changed: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Server:
    name: str
    node: Node
    separator: str
    """What stands between a key and its value in this format."""

    @property
    def command(self) -> Node | None:
        node = self.node.members.get("command")
        return node if node is not None and isinstance(node.value, str) and node.items is None else None

    @property
    def args(self) -> Node | None:
        return self.node.members.get("args")

    def own_arguments(self) -> int:
        """Return how many arguments are the recorder's, up to and with the server's command; 0 when it is not recorded."""
        if self.command is None or self.args is None or not self.args.items:
            return 0
        words = [item.value for item in self.args.items]
        by_name = PurePath(str(self.command.value)).stem in {"afteraction", "aar"}
        if not by_name and words[:2] != ["-m", "afteraction"]:
            return 0
        start = 0 if by_name else 2
        if words[start : start + 1] != ["record"] or "--" not in words:
            return 0
        return words.index("--") + 2


def wrapped(text: str, kind: str, recorder: Sequence[str], options: Sequence[str] = ()) -> Change:
    """Put `recorder` (a command such as `["/usr/bin/afteraction"]`) before the stdio servers of a `json` or `toml` text.

    Raises BadConfiguration when the text is no such configuration.
    """
    edits: list[tuple[int, int, str]] = []
    changed: list[str] = []
    left: list[tuple[str, str]] = []
    for server in _servers(text, kind):
        command, args = server.command, server.args
        if server.own_arguments():
            left.append((server.name, "is recorded already"))
        elif command is None:
            url = next(
                (
                    server.node.members[key].value
                    for key in ("url", "serverUrl", "httpUrl")
                    if key in server.node.members
                ),
                "",
            )
            why = f"is reached at {url}: run `afteraction record --url` before it" if url else "has no command"
            left.append((server.name, why))
        elif args is not None and args.items is None:
            left.append((server.name, "has arguments that are no list"))
        else:
            bare = [] if args is not None else [NO_ARGS]
            ours = [_quoted(word) for word in (*recorder[1:], "record", *options, *bare, "--")]
            ours.append(text[command.start : command.end])
            edits.append((command.start, command.end, _quoted(recorder[0])))
            edits.append(_arguments(server, command, args, ours))
            changed.append(server.name)
    return Change(_edited(text, edits), tuple(changed), tuple(left))


def _quoted(word: str) -> str:
    """Write a word as a string that JSON and TOML read alike."""
    return json.dumps(word, ensure_ascii=False)


def _arguments(server: _Server, command: Node, args: Node | None, ours: list[str]) -> tuple[int, int, str]:
    if args is None:
        return command.end, command.end, f"{server.separator.format(key='args')}[{', '.join(ours)}]"
    return args.start + 1, args.start + 1, ", ".join(ours) + (", " if args.items else "")


def unwrapped(text: str, kind: str) -> Change:
    """Take the recorder away from the servers of a configuration; the inverse of `wrapped`.

    Raises BadConfiguration when the text is no such configuration.
    """
    edits: list[tuple[int, int, str]] = []
    changed: list[str] = []
    for server in _servers(text, kind):
        count, command, args = server.own_arguments(), server.command, server.args
        if not count or command is None or args is None or args.items is None or count > len(args.items):
            continue
        own = args.items[count - 1]
        edits.append((command.start, command.end, text[own.start : own.end]))
        if any(item.value == NO_ARGS for item in args.items[: count - 1]):
            edits.append((command.end, args.end, ""))
        else:
            # What `_arguments` put in, and not the white space of the list's own first item behind it.
            behind = re.compile(r"\s*, ?").match(text, own.end) if count < len(args.items) else None
            edits.append((args.start + 1, behind.end() if behind else own.end, ""))
        changed.append(server.name)
    return Change(_edited(text, edits), tuple(changed), ())


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _servers(text: str, kind: str) -> Iterator[_Server]:
    root = read_toml(text) if kind == "toml" else read_json(text)
    for prefix, table in _tables(root, ""):
        for name, node in table.members.items():
            if node.members:
                separator = (
                    "\n{key} = "
                    if kind == "toml" and node.start == root.start
                    else ", {key} = "
                    if kind == "toml"
                    else ', "{key}": '
                )
                yield _Server(prefix + name, node, separator)


def _tables(node: Node, prefix: str) -> Iterator[tuple[str, Node]]:
    """Find the tables of servers: at the top, under `mcp`, and in each project of a file that knows several."""
    for key in _SERVER_KEYS:
        if key in node.members:
            yield prefix, node.members[key]
    if "mcp" in node.members:
        yield from _tables(node.members["mcp"], prefix)
    for path, project in (node.members["projects"].members if "projects" in node.members else {}).items():
        yield from _tables(project, f"{path}: ")
