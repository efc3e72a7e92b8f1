"""What a pod's containers are doing, whether that was told by the API, a description or a row of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from afteraction.evidence.cluster.items import Item
from afteraction.formats.kubectl.ages import parse_age

EXIT_CODES = {
    1: "the program itself reported an error",
    2: "the program was used wrongly or failed in its shell",
    125: "the container could not be run",
    126: "the command is not executable",
    127: "the command was not found",
    128: "the command could not be started",
    134: "the program aborted (SIGABRT)",
    135: "bus error (SIGBUS)",
    136: "arithmetic fault (SIGFPE)",
    137: "it was killed (SIGKILL)",
    139: "segmentation fault (SIGSEGV)",
    143: "it was asked to stop (SIGTERM)",
    255: "the exit status was lost, as when a node restarts",
}
"""What an exit code says: 126 and 127 are the shell's, 128 + n means signal n (POSIX, bash manual 3.7.5)."""
CHRONIC_DAYS = 2.0
"""A failure that is older than this was there before most incidents began; it is said, but weighs less."""


@dataclass(frozen=True, slots=True)
class Run:
    """One container of a pod: its state now and before, in the API's words."""

    container: str
    init: bool
    waiting: str
    message: str
    ended: Mapping[str, Any]
    ended_before: Mapping[str, Any]
    running: bool
    ready: bool | None
    restarts: int
    restarted: str = ""


def runs(pod: Item) -> Iterator[Run]:
    """Every container whose status is known; a table's summary stands in for the containers when nothing else does."""
    shown = False
    for init, path in ((True, "status.initContainerStatuses"), (False, "status.containerStatuses")):
        for status in pod.get(path, ()):
            shown = True
            summary = pod.get("status.containerSummary", {}) if not init else {}
            yield _run(status, init, summary)
    if not shown:
        for init, path in ((True, "status.initContainerSummary"), (False, "status.containerSummary")):
            summary = pod.get(path, {})
            if summary:
                yield _run(summary, init, summary)


def _run(status: Mapping[str, Any], init: bool, summary: Mapping[str, Any]) -> Run:
    state, before = status.get("state") or {}, status.get("lastState") or {}
    waiting = state.get("waiting") or {}
    return Run(
        container=str(status.get("name", "")),
        init=init,
        waiting=str(waiting.get("reason", "")),
        message=str(waiting.get("message", "")),
        ended=state.get("terminated") or {},
        ended_before=before.get("terminated") or {},
        running="running" in state,
        ready=status.get("ready"),
        restarts=int(status.get("restartCount") or summary.get("restartCount") or 0),
        restarted=str(summary.get("restartAge", "")),
    )


def exit_words(run: Run) -> str:
    """How the container ended, in words: reason, exit code and its meaning; empty when it is not known."""
    ended = run.ended or run.ended_before
    code = ended.get("exitCode")
    reason = str(ended.get("reason", ""))
    if code is None:
        return reason
    meaning = EXIT_CODES.get(int(code), f"signal {int(code) - 128}" if 128 < int(code) < 160 else "")
    return f"{reason + ', ' if reason else ''}exit code {code}" + (f": {meaning}" if meaning else "")


def containers(spec: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The containers of a pod spec."""
    return spec.get("containers") or ()


def declared_ports(spec: Mapping[str, Any]) -> dict[str | int, Mapping[str, Any]]:
    """Every container port by its number and, when it has one, by its name."""
    found: dict[str | int, Mapping[str, Any]] = {}
    for container in containers(spec):
        for port in container.get("ports") or ():
            if "containerPort" in port:
                found[int(port["containerPort"])] = port
            if port.get("name"):
                found[str(port["name"])] = port
    return found


def is_ready(pod: Item) -> bool | None:
    """Whether a pod is ready; None when no output says so."""
    for condition in pod.get("status.conditions", ()):
        if condition.get("type") == "Ready":
            return bool(condition.get("status") == "True")
    shown = str(pod.get("status.readyContainers", ""))
    ready, slash, wanted = shown.partition("/")
    return ready == wanted if slash else None


def is_ended(pod: Item) -> bool:
    """Whether the pod has done its work and ended well."""
    return bool(pod.get("status.phase") == "Succeeded")


def is_chronic(pod: Item) -> bool:
    """Whether the pod's trouble is older than `CHRONIC_DAYS`, by the ages that a table printed."""
    age = parse_age(str(pod.get("metadata.age", "")))
    if age is None or age.span.total_seconds() < CHRONIC_DAYS * 86400:
        return False
    restarts = max((run.restarts for run in runs(pod)), default=0)
    per_day = restarts / (age.span.total_seconds() / 86400)
    never = restarts == 0 and pod.get("status.phase") in {"Pending", "Unknown", "Failed"}
    ended = any(run.ended for run in runs(pod)) and restarts == 0
    return never or ended or per_day > 20
