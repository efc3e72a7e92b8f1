"""Tables in which deploy tools print what was released when: known by their headings, or by the form of their rows.

In comes text; out goes which table it is and its rows as fields by the heading's names. Tables of columns parted by tabs
and by blanks are read; a table that tells no times is known too, so that whoever reads it can say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTable:
    """One tool's table: the columns as its heading names them, or for rows without a heading a pattern of a row.

    `time`, `ref`, `version`, `service`, `environment`, `status`, `title` and `actor` name columns; empty where the table
    has none.
    """

    tool: str
    noun: str
    columns: tuple[str, ...]
    row: str = ""
    time: str = ""
    ref: str
    version: str = ""
    service: str = ""
    environment: str = ""
    status: str = ""
    title: str = ""
    remedy: str = ""


_ABOVE = re.compile(r"(?:SOURCE\s+\S+|Showing \d+ of \d+ .*)$")
"""What newer versions print above a table: where an application comes from, how many rows there are."""
TABLES = (
    ReleaseTable(
        tool="Helm", noun="release", columns=("REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "DESCRIPTION"), time="UPDATED",
        ref="REVISION", version="APP VERSION", service="CHART", status="STATUS", title="DESCRIPTION",
    ),
    ReleaseTable(
        tool="Helm", noun="release", columns=("REVISION", "UPDATED", "STATUS", "CHART", "DESCRIPTION"), time="UPDATED", ref="REVISION",
        version="CHART", service="CHART", status="STATUS", title="DESCRIPTION",
    ),
    ReleaseTable(
        tool="Helm", noun="release", columns=("NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"),
        time="UPDATED", ref="REVISION", version="APP VERSION", service="NAME", environment="NAMESPACE", status="STATUS",
    ),
    ReleaseTable(tool="Argo CD", noun="sync", columns=("ID", "DATE", "REVISION"), time="DATE", ref="REVISION"),
    ReleaseTable(
        tool="gh release list", noun="release", columns=("TITLE", "TYPE", "TAG NAME", "PUBLISHED"), time="PUBLISHED", ref="TAG NAME",
        version="TAG NAME", title="TITLE", remedy="use `gh release list --json name,tagName,publishedAt,isDraft`",
    ),
    ReleaseTable(
        tool="gh release list", noun="release", columns=("TITLE", "TYPE", "TAG NAME", "PUBLISHED"), time="PUBLISHED", ref="TAG NAME",
        version="TAG NAME", title="TITLE", row=rf"[^\t\n]*\t(?:Latest|Pre-release|Draft|)\t[^\t\n]+\t{_STAMP}$",
    ),
    ReleaseTable(
        tool="gh run list", noun="workflow run", time="CREATED", ref="ID", service="", status="CONCLUSION", title="TITLE",
        columns=("STATUS", "CONCLUSION", "TITLE", "WORKFLOW", "BRANCH", "EVENT", "ID", "ELAPSED", "CREATED"),
        row=rf"(?:completed|in_progress|queued)\t\w*\t[^\t\n]*\t[^\t\n]*\t[^\t\n]*\t\w+\t\d+\t[^\t\n]*\t{_STAMP}$",
    ),
    ReleaseTable(
        tool="Flux", noun="reconciliation", columns=("NAME", "REVISION", "SUSPENDED", "READY", "MESSAGE"), ref="REVISION", service="NAME",
        remedy="use `kubectl get helmreleases,kustomizations -A -o yaml`, whose history and conditions have times",
    ),
    ReleaseTable(
        tool="Flux", noun="reconciliation", columns=("NAMESPACE", "NAME", "REVISION", "SUSPENDED", "READY", "MESSAGE"), ref="REVISION",
        service="NAME", remedy="use `kubectl get helmreleases,kustomizations -A -o yaml`, whose history and conditions have times",
    ),
)  # fmt: skip
"""The tables of today's versions of the tools; a table without `time` tells none."""


def release_table(head: bytes) -> ReleaseTable | None:
    """Return which table a file is, or None; its heading, or its first row, is the first line that is not blank."""
    return _release_table(head[:4096])


@lru_cache(maxsize=16)
def _release_table(head: bytes) -> ReleaseTable | None:
    lines = [
        part for part in head.decode("utf-8-sig", "replace").splitlines() if part.strip() and not _ABOVE.match(part)
    ]
    line = lines[0] if lines else ""
    for table in TABLES:
        if table.row:
            if re.match(table.row, line):
                return table
        elif " ".join(line.split()).upper() == " ".join(table.columns) and line.strip() == line.strip().upper():
            return table
    return None


def rows_of_table(text: str, table: ReleaseTable) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Yield each row with its line number, its fields by column; None for a row with too few of them."""
    starts: list[int] | None = None
    by_tabs = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or _ABOVE.match(line):
            continue
        if not table.row and " ".join(line.lstrip("\ufeff").split()) == " ".join(table.columns):
            starts, by_tabs = _starts(line, table.columns), "\t" in line.strip()
        elif table.row or by_tabs or starts is None:
            cells = [cell.strip() for cell in line.split("\t")]
            yield (
                number,
                dict(zip(table.columns, cells, strict=False)) if len(cells) >= len(table.columns) - 1 else None,
            )
        else:
            yield number, _sliced(line, starts, table.columns)


def _starts(line: str, columns: tuple[str, ...]) -> list[int]:
    found: list[int] = []
    at = 0
    for name in columns:
        at = line.find(name, at)
        found.append(at)
        at += len(name)
    return found


def _sliced(line: str, starts: list[int], columns: tuple[str, ...]) -> dict[str, str] | None:
    """Cut a row where the columns begin; a cell that is longer than its column pushes the cut to the next blank."""
    cells: list[str] = []
    cuts = [0]
    for start in starts[1:]:
        at = max(min(start, len(line)), cuts[-1])
        while 0 < at < len(line) and not line[at - 1].isspace():
            at += 1
        cuts.append(at)
    for begin, end in zip(cuts, [*cuts[1:], len(line)], strict=True):
        cells.append(line[begin:end].strip())
    return dict(zip(columns, cells, strict=True)) if cells[0] and sum(bool(cell) for cell in cells) >= 2 else None
