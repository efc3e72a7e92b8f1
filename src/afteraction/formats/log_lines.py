"""What platforms and tools put before a line of a log is taken off, and key=value lines become fields.

In comes one line of text; out go the line as the program wrote it, and the service, level or stream that the prefix told:
of `kubectl logs --prefix`, Docker Compose, the container runtime interface (`stdout F`), Loki's `logcli`, a syslog priority,
Python's `LEVEL:logger:message`. A line without a prefix comes back as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from afteraction.formats.log_fields import syslog_level
from afteraction.formats.pods import service_of_pod

_PREFIXED = re.compile(r"^\[(?:pod/)?(?P<pod>[a-z0-9][a-z0-9.-]*)/(?P<container>[a-z0-9][a-z0-9.-]*)\] ?")
_COMPOSE = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*?)(?:-(?P<number>\d+))?\s+\| ?")
_RUNTIME = re.compile(r"^(?P<stream>stdout|stderr) [FP] ?")
_LABELLED = re.compile(
    r"^\{(?P<labels>[A-Za-z_]\w*=\"(?:[^\"\\]|\\.)*+\"(?:,\s*[A-Za-z_]\w*=\"(?:[^\"\\]|\\.)*+\")*)\}\s+"
)
_PRIORITY = re.compile(r"^<(?P<priority>\d{1,3})>(?:1 )?")
_PYTHON = re.compile(r"^(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL):(?P<logger>[\w.]+):")
_LABEL = re.compile(r"([A-Za-z_]\w*)=\"((?:[^\"\\]|\\.)*+)\"")
_SERVICE_LABELS = ("service_name", "app", "app_kubernetes_io_name", "service", "pod", "job", "container")
_PAIR = re.compile(r"([A-Za-z_@][\w.@/-]{0,60})=(\"(?:[^\"\\]|\\.)*+\"|[^\s\"]*)(?=\s|$)")
_TELLING = frozenset({"msg", "message", "level", "lvl", "severity"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Peeled:
    """A line without its prefix: `taken` characters were cut off its beginning."""

    text: str
    service: str = ""
    level: str = ""
    component: str = ""
    taken: int = 0


def peel(line: str) -> Peeled:
    """Take off the prefixes before and around a line's own text."""
    service = level = component = ""
    at = 0
    for _ in range(3):
        rest = line[at:]
        if found := _PREFIXED.match(rest):
            service = service_of_pod(found["pod"])
        elif found := _RUNTIME.match(rest):
            pass
        elif found := _LABELLED.match(rest):
            told: dict[str, str] = dict(_LABEL.findall(found["labels"]))
            service = next((service_of_pod(told[name]) for name in _SERVICE_LABELS if told.get(name)), "")
            level = told.get("level", told.get("detected_level", ""))
        elif found := _PRIORITY.match(rest):
            level = syslog_level(int(found["priority"]))
        elif found := _PYTHON.match(rest):
            level, component = found["level"], found["logger"]
        elif at == 0 and (found := _COMPOSE.match(rest)):
            service = found["name"]
        else:
            break
        at += found.end()
    return Peeled(text=line[at:], service=service, level=level, component=component, taken=at)


def pairs_of(line: str) -> dict[str, str]:
    """Return the fields of a logfmt line by lower-case name; empty for a line that is none.

    A line is logfmt when it begins with a pair, and has a message or a level among three or more of them.
    """
    text = line.strip()
    start = _PAIR.match(text)
    if start is None:
        return {}
    found = _PAIR.findall(text[:8000])
    names = {name.lower() for name, _ in found}
    if not names & _TELLING or (len(found) < 3 and not {"msg", "level"} <= names):
        return {}
    return {re.sub(r"[^a-z0-9.]", "", name.lower()): _unquoted(value) for name, value in reversed(found)}


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
