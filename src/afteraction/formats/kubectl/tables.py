"""Tables of `kubectl get` and `kubectl top` become objects in the API's shape, as far as the columns allow.

In come the lines of one output and what was asked; out go the objects with their lines, and one inventory (kind
`PodList`, `ServiceList`, ...) for each whole list, so that what is missing from it can be known to be missing. Rows
that do not fit the heading are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from afteraction.formats.kubectl.kinds import kind_of, kind_of_table
from afteraction.formats.kubectl.outputs import Asked
from afteraction.formats.kubectl.rows import object_of_row
from afteraction.formats.kubectl.thing import Thing

_HEADING = re.compile(r"\s*(?:NAMESPACE|NAME|LAST SEEN|REVISION)(?:\s{2,}|\t|$)")
_COLUMN = re.compile(r"[^\s]+(?: [^\s]+)*")
_TREE = re.compile(r"^[\s│├└─]+")
_POD_ROW = re.compile(
    r"^(?:(?P<ns>\S+)\s+)?(?P<name>[a-z0-9][a-z0-9.-]*)\s+(?P<ready>\d+/\d+)\s+(?P<status>[A-Z][\w:./]*)\s+"
    r"(?P<restarts>\d+(?: \(\S+ ago\))?)\s+(?P<age>\d\w*)(?P<rest>\s.*)?$"
)
_WIDE_POD = ("IP", "NODE", "NOMINATED NODE", "READINESS GATES", "LABELS")
_WIDE = {
    "Deployment": ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR", "LABELS"],
    "Service": ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE", "SELECTOR", "LABELS"],
    "Node": ["NAME", "STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME", "LABELS"],
    "Job": ["NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE", "CONTAINERS", "IMAGES", "SELECTOR", "LABELS"],
    "ReplicaSet": ["NAME", "DESIRED", "CURRENT", "READY", "AGE", "CONTAINERS", "IMAGES", "SELECTOR", "LABELS"],
}  # fmt: skip


def is_heading(line: str) -> bool:
    """Whether `line` is the heading of a kubectl table whose kind is known by its columns."""
    return bool(_HEADING.match(line)) and line == line.replace("\x00", "") and bool(kind_of_table(_columns(line)))


def _columns(line: str) -> list[str]:
    return [name for _, name in _heads(line)]


def _heads(line: str) -> list[tuple[int, str]]:
    """Where each column begins. kubectl parts columns by three spaces; a tab parts them too."""
    return [(found.start(), found.group()) for found in _COLUMN.finditer(line.expandtabs(8))]


def read_tables(lines: Sequence[str], asked: Asked) -> list[Thing]:
    """Read every table of `lines`; without a heading, rows are read when the command tells their columns."""
    things: list[Thing] = []
    headings = [number for number, line in enumerate(lines) if _HEADING.match(line)]
    for number, following in zip(headings, [*headings[1:], len(lines)], strict=False):
        heads = _heads(lines[number])
        names = [name for _, name in heads]
        kind = kind_of_table(names) or (asked.kind or "")
        if kind in {"StatefulSet", "Namespace", "ConfigMap", "Ingress"} and asked.kind:
            kind = asked.kind
        end = next((n for n in range(number + 1, following) if _ends_table(lines[n])), following)
        rows = list(_rows(lines, number + 1, end, heads))
        found = [thing for at, cells in rows for thing in object_of_row(kind, cells, asked, at)]
        things += found
        if _whole(asked, rows, names) and kind and not kind.endswith("Metrics") and kind != "Event":
            things.append(_inventory(kind, asked, "NAMESPACE" in names, number, end - 1))
    return things or _headless(lines, asked)


def _ends_table(line: str) -> bool:
    """Whether a line is no row any more: empty, or the heading of what follows (`Events:`)."""
    return not line.strip() or (line.endswith(":") and " " not in line.strip())


def _rows(
    lines: Sequence[str], start: int, end: int, heads: Sequence[tuple[int, str]]
) -> Iterator[tuple[int, dict[str, str]]]:
    starts = [begin for begin, _ in heads]
    for number in range(start, end):
        row = _TREE.sub(lambda found: " " * len(found.group()), lines[number].expandtabs(8)).rstrip()
        if not row.strip():
            continue
        cells = _by_position(row, starts) or re.split(r"\s{2,}", row.strip())
        if len(cells) < len(heads):
            cells += [""] * (len(heads) - len(cells))
        named = {name: cell for (_, name), cell in zip(heads, cells, strict=False)}
        if named.get("NAME", named.get("REASON", "x")):
            yield number, named


def _by_position(row: str, starts: Sequence[int]) -> list[str]:
    """Cells by the columns of the heading; empty when a cell runs over the place where the next one begins."""
    if any(0 < start < len(row) and row[start - 1] != " " for start in starts[1:]):
        return []
    return [row[start:end].strip() for start, end in zip(starts, [*starts[1:], len(row)], strict=True)]


def _whole(asked: Asked, rows: Sequence[object], columns: Sequence[str]) -> bool:
    """Whether a table lists all there is: the command says so, or there is none and several rows stand together."""
    if asked.known:
        return asked.verb == "get" and not asked.name and not asked.filtered
    return len(rows) > 1 and "REVISION" not in columns


def _inventory(kind: str, asked: Asked, everywhere: bool, first: int, last: int) -> Thing:
    data = {"kind": f"{kind}List", "everywhere": everywhere or asked.everywhere}
    namespace = "" if everywhere else asked.namespace
    return Thing(kind=f"{kind}List", name="", namespace=namespace, data=data, first=first, last=max(first, last))


def _headless(lines: Sequence[str], asked: Asked) -> list[Thing]:
    """Rows that lost their heading to a `grep`: pods by their shape, other kinds when the number of cells fits."""
    things: list[Thing] = []
    for number, line in enumerate(lines):
        pod = _POD_ROW.match(line.strip()) if asked.kind in {"", "Pod"} else None
        if pod is not None:
            things += object_of_row("Pod", _pod_cells(pod), asked, number)
            continue
        heads = _WIDE.get(asked.kind, [])
        cells = re.split(r"\s{2,}", line.strip())
        if heads and len(cells) in {len(heads), len(heads) + 1}:
            named = heads if len(cells) == len(heads) else ["NAMESPACE", *heads]
            things += object_of_row(asked.kind, dict(zip(named, cells, strict=True)), asked, number)
    return things


def _pod_cells(found: re.Match[str]) -> dict[str, str]:
    cells: dict[str, Any] = {
        "NAMESPACE": found["ns"] or "",
        "NAME": found["name"],
        "READY": found["ready"],
        "STATUS": found["status"],
        "RESTARTS": found["restarts"],
        "AGE": found["age"],
    }
    return cells | dict(zip(_WIDE_POD, (found["rest"] or "").split(), strict=False))


def kind_in_cell(cell: str) -> tuple[str, str]:
    """Split a `pod/name` cell, as `kubectl get all` and ownership trees print them; the kind is empty for a bare name."""
    word, slash, name = cell.partition("/")
    kind = kind_of(word) if slash else ""
    return (kind, name) if kind else ("", cell)
