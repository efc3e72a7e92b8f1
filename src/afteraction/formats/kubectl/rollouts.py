"""What `kubectl rollout history` and `rollout status` print becomes the workload that it is about.

A history yields its revisions and their causes, as an object of its own (kubectl prints no times, and a workload without
a status must not be taken for one); a status yields the
condition `Progressing` with the reason that the API gives it. Other lines yield nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from afteraction.formats.kubectl.kinds import kind_of
from afteraction.formats.kubectl.outputs import Asked
from afteraction.formats.kubectl.thing import Thing

_WORKLOAD = re.compile(
    r"(?P<kind>deployment|statefulset|daemonset)s?(?:\.apps)?[/ ]\"?(?P<name>[a-z0-9][a-z0-9.-]*)\"?"
)
_TITLE = re.compile(rf"{_WORKLOAD.pattern}\s*$")
_HEAD = re.compile(r"REVISION\s+CHANGE-CAUSE\s*$")
_REVISION = re.compile(rf"{_WORKLOAD.pattern} with revision #(?P<revision>\d+)\s*$")
_PART = re.compile(r"^\s*(?P<key>Image|Containers|Init Containers):\s*(?P<value>\S*)")
_ROW = re.compile(r"(?P<revision>\d+)\s+(?P<cause>\S.*)$")
_STATUS = re.compile(r"(?:Waiting for .*(?:rollout|rolling update|pods|partitioned)|(?:error: )?(?:deployment|daemon ?set|statefulset) \".+\" "
                     r"|statefulset rolling update complete|partitioned roll out complete)", re.IGNORECASE)  # fmt: skip


def is_rollout(lines: Sequence[str]) -> bool:
    """Whether the first lines with text are a rollout's history or status."""
    said = [line.strip() for line in lines if line.strip()][:2]
    if not said:
        return False
    if _REVISION.match(said[0]):
        return True
    history = bool(_HEAD.match(said[0])) or (len(said) > 1 and bool(_TITLE.match(said[0]) and _HEAD.match(said[1])))
    return history or (bool(_STATUS.match(said[0])) and _subject(said[0]) is not None)


def read_rollouts(lines: Sequence[str], asked: Asked) -> list[Thing]:
    """Read all histories and states of rollouts in `lines`."""
    return [*_histories(lines, asked), *_revisions(lines, asked), *_states(lines, asked)]


def _histories(lines: Sequence[str], asked: Asked) -> list[Thing]:
    found: list[Thing] = []
    for at, line in enumerate(lines):
        if not _HEAD.match(line.strip()):
            continue
        above = next((lines[n] for n in range(at - 1, max(-1, at - 3), -1) if lines[n].strip()), "")
        subject = _subject(above) or ((asked.kind, asked.name) if asked.kind and asked.name else None)
        if subject is None:
            continue
        end = at
        rows: list[dict[str, str]] = []
        while end + 1 < len(lines) and (row := _ROW.match(lines[end + 1].strip())):
            end += 1
            cause = "" if row["cause"] == "<none>" else row["cause"]
            rows.append({"revision": row["revision"], "changeCause": cause})
        kind, name = subject
        data = {"kind": "RolloutHistory", "workload": f"{kind}/{name}", "revisions": rows}
        found.append(Thing(kind="RolloutHistory", name=name, namespace=asked.namespace, data=data, first=at, last=end))
    return found


def _revisions(lines: Sequence[str], asked: Asked) -> list[Thing]:
    """Return what `rollout history --revision` shows: one revision with the images of its template."""
    heads = [at for at, line in enumerate(lines) if _REVISION.match(line.strip())]
    found: list[Thing] = []
    for at, end in pairwise([*heads, len(lines)]):
        head = _REVISION.match(lines[at].strip())
        assert head is not None
        images = [part["value"] for line in lines[at:end] if (part := _PART.match(line)) and part["key"] == "Image"]
        name = head["name"]
        row = {"revision": head["revision"], "changeCause": "", "images": images}
        data = {"kind": "RolloutHistory", "workload": f"{kind_of(head['kind'])}/{name}", "revisions": [row]}
        last = max((n for n in range(at, end) if lines[n].strip()), default=at)
        found.append(Thing(kind="RolloutHistory", name=name, namespace=asked.namespace, data=data, first=at, last=last))
    return found


def _states(lines: Sequence[str], asked: Asked) -> list[Thing]:
    """Return the workloads whose rollout is waited for, each by the last line that speaks of it."""
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for at, line in enumerate(lines):
        if _STATUS.match(line.strip()) and (subject := _subject(line)):
            last[subject] = (at, line.strip())
    return [_thing(subject, _condition(line), asked, at, at) for subject, (at, line) in last.items()]


def _condition(line: str) -> dict[str, Any]:
    if "exceeded its progress deadline" in line:
        status, reason = "False", "ProgressDeadlineExceeded"
    elif "successfully rolled out" in line or "complete" in line.lower():
        status, reason = "True", "NewReplicaSetAvailable"
    else:
        status, reason = "True", "ReplicaSetUpdated"
    return {"status": {"conditions": [{"type": "Progressing", "status": status, "reason": reason, "message": line}]}}


def _subject(line: str) -> tuple[str, str] | None:
    found = _WORKLOAD.search(line.replace("daemon set", "daemonset"))
    return (kind_of(found["kind"]), found["name"]) if found else None


def _thing(subject: tuple[str, str], data: dict[str, Any], asked: Asked, first: int, last: int) -> Thing:
    kind, name = subject
    metadata = {"name": name} | ({"namespace": asked.namespace} if asked.namespace else {})
    return Thing(
        kind=kind, name=name, namespace=asked.namespace, data={"kind": kind, "metadata": metadata, **data},
        first=first, last=last,
    )  # fmt: skip
