"""Tables that deploy tools print (`helm history`, `helm list`, `argocd app history`, `gh release list`): changes.

In comes the output of one command; out goes a change for each row. A row without a readable time becomes a problem, and so
does a table that tells no times at all (`flux get`), with the command that tells them.
"""

from __future__ import annotations

import re

from afteraction.formats.change_told import ToldChange, events_of
from afteraction.formats.change_words import kind_of_change, status_of
from afteraction.formats.json_documents import decode_text
from afteraction.formats.json_origins import safe_stamp
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.release_tables import ReleaseTable, release_table, rows_of_table
from afteraction.formats.stamps import Stamp
from afteraction.model.event import ChangeKind
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, RawInput, Reading

_CHART = re.compile(r"^(?P<name>.+?)-(?P<version>v?\d+\.\d[\w.+-]*)$")
_REVISION = re.compile(
    r"^\S+ \((?P<sha>[0-9a-f]{7,64})\)$|^(?:\S+@)?sha1:(?P<digest>[0-9a-f]{7,64})$|^\S+[@/](?P<last>[0-9a-f]{7,64})$"
)
_BLANKS = re.compile(r"(?<=\w) {2,}(?=\d)")


class ReleaseTables:
    """Reads the tables of deploy tools."""

    name = "release-table"
    summary = "Tables of deploy tools (helm history, helm list, argocd app history, gh release and run list): changes"

    def claims(self, raw: RawInput) -> bool:
        """Claim texts that begin with the heading of such a table, or with a row of a known form."""
        return release_table(raw.head) is not None

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read every row."""
        table = release_table(raw.head)
        if table is None:
            return Reading()
        problems = ProblemList(raw.name)
        text = decode_text(raw.read())
        if not table.time:
            problems.add(f"a table of {table.tool} tells no times", line=1, remedy=table.remedy)
            return Reading(problems=problems.close(), lines=len(text.splitlines()))
        told: list[ToldChange] = []
        for number, row in rows_of_table(text, table):
            change = _told(row, table, Origin(file=raw.name, line=number), context) if row else None
            if change is not None:
                told.append(change)
            elif row is None:
                problems.add("the row has too few columns", line=number)
            else:
                remedy = table.remedy or "print it with full times"
                problems.add(f"the {table.noun} has no readable time", line=number, remedy=remedy)
        return Reading(events=events_of(told, self.name), problems=problems.close(), lines=len(text.splitlines()))


def _told(row: dict[str, str], table: ReleaseTable, origin: Origin, context: Context) -> ToldChange | None:
    stamp = _stamp(row.get(table.time, ""), context)
    if stamp is None:
        return None
    title, status = row.get(table.title, ""), row.get(table.status, "")
    chart = _CHART.match(row.get("CHART", ""))
    service = row.get(table.service, "")
    version = row.get(table.version, "")
    if chart and table.service == "CHART":
        service = chart["name"]
    if chart and (table.version == "CHART" or not version):
        version = chart["version"]
    revision = row.get(table.ref, "")
    if "CHART" in row and revision:
        revision = f"{service}.v{revision}"  # as Helm names the record of a release
    named = _REVISION.match(revision)
    default = ChangeKind.OTHER if table.noun == "workflow run" else ChangeKind.DEPLOY
    return ToldChange(
        stamp=stamp,
        origin=origin,
        kind=kind_of_change(f"{title} {row.get('WORKFLOW', '')}", default),
        noun=table.noun,
        product=table.tool,
        ref=next((part for part in named.groups() if part), revision) if named else revision,
        title=title,
        version=version,
        service=service,
        environment=row.get(table.environment, ""),
        status=status_of(status),
    )


def _stamp(text: str, context: Context) -> Stamp | None:
    return safe_stamp(_BLANKS.sub(" ", text), context.zone) if text else None
