"""What the API server refused (`Error from server (NotFound): secrets "x" not found`) becomes `Status` objects.

A missing object and a missing permission are evidence; the API itself answers with an object of kind Status.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from afteraction.formats.kubectl.kinds import kind_of
from afteraction.formats.kubectl.outputs import Asked
from afteraction.formats.kubectl.thing import Thing

_REFUSED = re.compile(
    r"Error from server(?: \((?P<reason>\w+)\))?:(?: error when [^:]+:)?\s+(?P<message>.*)", re.IGNORECASE
)
_NOT_FOUND = re.compile(r'^(?P<kind>[\w.]+) "(?P<name>[^"]+)" not found')
_NO_TYPE = re.compile(r'error: the server doesn\'t have a resource type "(?P<name>[^"]+)"')
_EMPTY = re.compile(r"No resources found(?: in (?P<namespace>\S+) namespace)?\.?$")


def read_refusals(lines: Sequence[str], asked: Asked) -> list[Thing]:
    """Every refusal in `lines`, and the empty lists (`No resources found`) when it is known what was asked for."""
    found: list[Thing] = []
    for number, line in enumerate(lines):
        if "rror from server" in line and len(line) < 4000:
            refused = _REFUSED.search(line)
            if refused is not None:
                found.append(_status(refused, asked, number))
        elif unknown := _NO_TYPE.match(line):
            found.append(_no_type(unknown["name"], line.strip(), asked, number))
        elif line.startswith("No resources found"):
            empty = _EMPTY.match(line.strip())
            if empty is not None and asked.kind and not asked.filtered:
                found.append(_nothing(empty["namespace"] or asked.namespace, asked, number))
    return found


def _nothing(namespace: str, asked: Asked, line: int) -> Thing:
    kind = f"{asked.kind}List"
    data: dict[str, Any] = {"kind": kind, "everywhere": asked.everywhere or not namespace}
    return Thing(kind=kind, name="", namespace=namespace, data=data, first=line, last=line)


def _no_type(name: str, message: str, asked: Asked, line: int) -> Thing:
    data: dict[str, Any] = {"kind": "Status", "status": "Failure", "reason": "NoResourceType", "message": message}
    return Thing(kind="Status", name=name, namespace=asked.namespace, data=data, first=line, last=line)


def _status(refused: re.Match[str], asked: Asked, line: int) -> Thing:
    message = refused["message"].strip()
    missing = _NOT_FOUND.match(message)
    name = missing["name"] if missing is not None else asked.name
    kind = kind_of(missing["kind"]) if missing is not None else asked.kind
    data: dict[str, Any] = {
        "kind": "Status",
        "status": "Failure",
        "reason": refused["reason"] or ("NotFound" if missing is not None else "Unknown"),
        "message": message,
        "details": {"name": name, "kind": kind},
    }
    return Thing(kind="Status", name=name, namespace=asked.namespace, data=data, first=line, last=line)
