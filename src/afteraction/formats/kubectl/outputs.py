"""A file of kubectl output becomes its parts: the command where it is known, and the lines that it printed.

A leading record of the tool that ran the command (one JSON object a line), a leading `$ kubectl ...` line and the marks
`stdout:` and `stderr:` are understood and taken off; everything else is body. Nothing is refused.
"""

from __future__ import annotations

import itertools
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from afteraction.formats.kubectl.kinds import kind_of

_PROMPT = re.compile(
    r"^(?:[\w.@:~/\-\[\]() ]{0,80}[$#%>\u276f]\s+|\+\s+|Command executed:\s*)?(?P<command>(?:sudo\s+)?(?:kubectl|k|oc|microk8s kubectl)\s+.+)$"
)
_KUBERNETES = re.compile(r"kube|k8s|\boc[_-]|pod|resource|namespace", re.IGNORECASE)
"""What the name of a tool holds when the tool asks a cluster."""
_VERBS = {"get", "describe", "logs", "log", "top", "events", "rollout", "apply", "exec", "cluster-info"}
_WITH_VALUE = {
    "-n", "--namespace", "-l", "--selector", "--field-selector", "-o", "--output", "-c", "--container", "--context",
    "--kubeconfig", "--sort-by", "--tail", "--since", "--cluster", "--for", "-f", "--filename",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a command asked for; every field is empty when the command does not say or is not known."""

    command: str = ""
    verb: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    everywhere: bool = False
    filtered: bool = False
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The output of one command: its lines, and the number of the first of them in the file (1-based)."""

    asked: Asked
    lines: Sequence[str]
    first_line: int


def parse_command(line: str) -> Asked | None:
    """Read a kubectl command line, with or without a prompt before it; None when it is none."""
    found = _PROMPT.match(line.strip())
    if found is None:
        return None
    command = found["command"]
    head, *piped = command.split("|")
    try:
        words = shlex.split(head.removeprefix("sudo "), comments=False)[1:]
    except ValueError:
        words = head.split()[1:]
    asked = _read_words(words)
    if asked.verb not in _VERBS:
        return None
    filtered = asked.filtered or any("grep" in pipe or "head" in pipe or "tail" in pipe for pipe in piped)
    return replace(asked, command=command, filtered=filtered, known=True)


def _read_words(words: Sequence[str]) -> Asked:
    plain: list[str] = []
    options: dict[str, str] = {}
    flags: set[str] = set()
    pending = ""
    for word in words:
        if pending:
            options[pending] = word
            pending = ""
        elif word in _WITH_VALUE:
            pending = word
        elif word.startswith("--") and "=" in word:
            key, _, value = word.partition("=")
            options[key] = value
        elif word.startswith("-") and len(word) > 1:
            flags.add(word)
        else:
            plain.append(word)
    verb = plain[0] if plain else ""
    kind, name = _target(verb, plain[1:])
    return Asked(
        verb=verb,
        kind=kind,
        name=name,
        namespace=options.get("-n", options.get("--namespace", "")),
        everywhere=bool(flags & {"-A", "--all-namespaces"}),
        filtered=bool(options.keys() & {"-l", "--selector", "--field-selector"}),
    )


def _target(verb: str, words: Sequence[str]) -> tuple[str, str]:
    """The kind and name that the words behind the verb mean; `kind/name` and `rollout history kind name` too."""
    if verb == "rollout":
        words = words[1:]
    if verb in {"logs", "log", "exec"}:
        kind, slash, name = words[0].partition("/") if words else ("", "", "")
        return (kind_of(kind) or "Pod", name) if slash else ("Pod", kind)
    if verb == "top":
        return {"Pod": "PodMetrics", "Node": "NodeMetrics"}.get(kind_of(words[0]) if words else "", ""), ""
    if verb == "events":
        return "Event", ""
    if not words:
        return "", ""
    kind, slash, name = words[0].partition("/")
    if slash:
        return kind_of(kind), name
    return kind_of(words[0]), words[1] if len(words) > 1 else ""


def split_outputs(text: str) -> list[Output]:
    """Cut a file into outputs: one for each command line in it, or one for the whole file."""
    lines = text.splitlines()
    header, asked = _tool_header(lines)
    found: list[tuple[int, Asked]] = []
    for number, line in enumerate(lines[header:], header):
        command = parse_command(line) if ("kubectl" in line or line[:2] in {"$ ", "k "}) and len(line) < 2000 else None
        if command is not None:
            found.append((number, command))
    if not found:
        return [_output(lines, header, len(lines), asked)]
    if header and asked.known and found[0][0] > header + 3:
        found.insert(0, (header - 1, asked))
    starts = [*found, (len(lines), Asked())]
    outputs = []
    if found[0][0] > header and any(line.strip() for line in lines[header : found[0][0]]):
        outputs.append(_output(lines, header, found[0][0], asked))
    for (start, command), (end, _) in itertools.pairwise(starts):
        outputs.append(_output(lines, start + 1, end, command))
    return outputs


def _output(lines: Sequence[str], start: int, end: int, asked: Asked) -> Output:
    body = ["" if line.strip() in {"stdout:", "stderr:", "---"} else line for line in lines[start:end]]
    if any(line.startswith(("apiVersion:", "kind:")) for line in body):
        body = ["" if line.strip() in {"stdout:", "stderr:"} else line for line in lines[start:end]]
    return Output(asked=asked, lines=body, first_line=start + 1)


def _tool_header(lines: Sequence[str]) -> tuple[int, Asked]:
    """Leading one-line JSON records of the tool that ran the command: their number, and what was asked."""
    fields: dict[str, Any] = {}
    count = 0
    for line in lines[:4]:
        record = _one_line_record(line)
        if record is None:
            break
        fields |= record
        count += 1
    if not count:
        return 0, Asked()
    return count, _asked_by(fields)


def _one_line_record(line: str) -> dict[str, Any] | None:
    """A JSON object on one line that describes a tool call, not an object of the cluster and not a log record."""
    if not line.startswith("{") or not line.rstrip().endswith("}"):
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or {"apiVersion", "involvedObject", "msg", "message", "level"} & record.keys():
        return None
    telling = {"tool_name", "tool", "toolName", "command", "cmd", "invocation", "return_code", "params", "match_params"}
    return record if telling & record.keys() else None


def _asked_by(fields: Mapping[str, Any]) -> Asked:
    for key in ("invocation", "command", "cmd"):
        said = fields.get(key)
        command = parse_command(said.splitlines()[0]) if isinstance(said, str) and said.strip() else None
        if command is not None:
            return command
    given = fields.get("match_params") or fields.get("params") or fields.get("arguments") or fields.get("args") or {}
    if not isinstance(given, Mapping):
        return Asked()
    word = {key: str(value) for key, value in given.items() if isinstance(value, str)}
    tool = str(fields.get("tool_name") or fields.get("tool") or fields.get("toolName") or "")
    pod = word.get("pod_name") or word.get("pod") or ""
    if not _KUBERNETES.search(f"{tool} {fields.get('toolset_name', '')} {fields.get('toolset', '')}"):
        return Asked()
    is_log = "log" in tool.lower()
    kind = kind_of(word.get("kind") or word.get("resource_type") or word.get("resource") or "")
    name = word.get("name") or word.get("resource_name") or ("" if "keyword" in word else pod)
    return Asked(
        verb="logs" if is_log else "describe" if "describe" in tool.lower() else "get",
        kind="Pod" if is_log else kind,
        name=name,
        namespace=word.get("namespace", ""),
        everywhere="cluster" in tool.lower() and "namespace" not in word,
        filtered="keyword" in word or "find" in tool.lower() or bool(word.get("label_selector")),
        known=bool(tool),
    )
