"""Kubernetes: the output of `kubectl get`, `describe`, `events`, `top`, `rollout`, `logs`, `cluster-info dump`, API objects.

Out come cluster objects with their lines, warnings and scaling as events where their time is known, and a container's
log as a log file. A relative age (`5m30s ago`) is resolved against the capture time when that is known or follows from
the output itself; otherwise the complaint is kept as an object without a time, and a problem says how to help. The time
at which a file was saved is no capture time. What begins with a prompt is a session, and the terminal source's.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from afteraction.formats.change_told import events_of
from afteraction.formats.gitops_history import gitops_changes
from afteraction.formats.histories import history_form
from afteraction.formats.json_documents import decode_text
from afteraction.formats.kubectl import event_times, looks_like_kubectl, read_kubectl
from afteraction.formats.kubectl.happenings import happenings
from afteraction.formats.kubectl.outputs import Output, split_outputs
from afteraction.formats.kubectl.refusals import read_refusals
from afteraction.formats.pods import service_of_pod
from afteraction.formats.session_clock import time_in_name
from afteraction.formats.sessions import prompt_at
from afteraction.formats.text_lines import measure
from afteraction.model.cluster import ClusterObject
from afteraction.model.log import LogFile, LogShape
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Context, Problem, RawInput, Reading

NAME = "kubernetes"
_NONE = re.compile(r"\"?items\"?\s*:\s*(?:\[\s*\]|null)|No resources found")
"""Where a list says that it is empty."""
_HIDE = re.compile(rb"[^\r\n]")
_BLOCK = re.compile(
    rb"^==== START logs for container \S+ of pod (?P<pod>\S+) ====\r?\n(?P<lines>(?:(?!==== (?:START|END) logs ).*\n)*)(?:==== END logs .*)?",
    re.MULTILINE,
)
_KLOG = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ ")


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """The source."""

    name: str = NAME
    summary: str = "Kubernetes: kubectl output (text, YAML, JSON) and container logs: objects, warnings, logs."

    def claims(self, raw: RawInput) -> bool:
        """Claim what begins like kubectl output or an API object, outputs of several commands too; not what begins with a prompt."""
        text = decode_text(raw.head)
        first = next((line for line in text.splitlines()[:40] if line.strip()), "")
        if "\x00" in text or prompt_at(first) is not None or history_form(raw) is not None:
            return False
        return looks_like_kubectl(text)

    def read(self, raw: RawInput, context: Context) -> Reading:
        """Read all objects, or hand the log on as it is; a dump of a cluster holds both."""
        outputs = split_outputs(decode_text(raw.head))
        if len(outputs) == 1 and _is_log(outputs[0]):
            return _log(raw, outputs[0])
        named = time_in_name(raw.name, context.zone)
        data = raw.read()
        logs, rest = _dumped_logs(raw, data)
        text = decode_text(rest)
        logs += _logs_between(raw, data, split_outputs(text))
        seen = read_kubectl(text, raw.name, captured=raw.captured or (named.at if named else None))
        events = tuple(
            happenings(seen.objects, NAME, named.precision if named and raw.captured is None else Precision.SECOND)
        )
        rollouts = [told for found in seen.objects for told in gitops_changes(found)]
        events += events_of(rollouts, NAME)
        untimed = [found for found in seen.objects if found.kind == "Event" and event_times(found) is None]
        problems = seen.problems + (_no_capture_time(raw.name, untimed) if untimed else ())
        if not (events or logs or seen.objects or problems) and rest.strip() and not _NONE.search(text):
            reason = "this looks like output of kubectl, and nothing in it could be read"
            remedy = "save it with `-o yaml`, which tells everything"
            problems = (Problem(origin=Origin(file=raw.name, line=1), reason=reason, remedy=remedy),)
        return Reading(events=events, logs=logs, objects=seen.objects, problems=problems, lines=text.count("\n") + 1)


def _is_log(output: Output) -> bool:
    return output.asked.verb in {"logs", "log"} and _has_lines(output)


def _logs_between(raw: RawInput, data: bytes, outputs: Sequence[Output]) -> tuple[LogFile, ...]:
    """The logs that stand between other outputs of one paste, each a stretch of the file."""
    if not any(map(_is_log, outputs)):
        return ()
    starts = [0, *itertools.accumulate(len(line) for line in data.splitlines(keepends=True))]
    logs = []
    for output in filter(_is_log, outputs):
        first = output.first_line - 1
        start, end = (starts[min(line, len(starts) - 1)] for line in (first, first + len(output.lines)))
        shape = LogShape.JSON_LINES if data[start:end].lstrip().startswith(b"{") else LogShape.PLAIN
        logs.append(
            LogFile(
                name=raw.name, open=_blanked(raw.open, start, end), shape=shape, size=len(data),
                service=service_of_pod(output.asked.name),
            )
        )  # fmt: skip
    return tuple(logs)


def _has_lines(output: Output) -> bool:
    """Whether a container wrote anything: an empty answer and a refusal are no log."""
    said = [line for line in output.lines if line.strip()]
    return len(said) > len({thing.first for thing in read_refusals(said, output.asked)})


def _no_capture_time(file: str, untimed: Sequence[ClusterObject]) -> tuple[Problem, ...]:
    first = untimed[0].origin.line
    reason = f"{len(untimed)} events say only how long ago they were, and not when that was printed"
    remedy = "use `kubectl get events -o yaml`, or put the time of capture into the file's name: events-2026-03-04T10-50Z.txt"
    return (Problem(origin=Origin(file=file, line=first), reason=reason, remedy=remedy),)


def _dumped_logs(raw: RawInput, data: bytes) -> tuple[tuple[LogFile, ...], bytes]:
    """Return the containers' logs within `kubectl cluster-info dump`, and the bytes with the logs' lines emptied."""
    logs: list[LogFile] = []
    rest = bytearray(data)
    for block in _BLOCK.finditer(data):
        start, end = block.span("lines")
        lines = data[start:end]
        rest[block.start() : block.end()] = _HIDE.sub(b" ", block[0])
        if lines.strip():
            shape = LogShape.JSON_LINES if lines.lstrip().startswith(b"{") else LogShape.PLAIN
            pod = block["pod"].decode("utf-8", "replace").rpartition("/")[2]
            logs.append(
                LogFile(
                    name=raw.name, open=_blanked(raw.open, start, end), shape=shape, size=len(data),
                    service=service_of_pod(pod),
                )
            )  # fmt: skip
    return tuple(logs), bytes(rest) if logs else data


def _log(raw: RawInput, output: Output) -> Reading:
    """A container's log: the tool's own lines before it are blanked, so that line numbers stay those of the file."""
    before = output.first_line - 1 + next((at for at, line in enumerate(output.lines) if line.strip()), 0)
    start = sum(len(line) for line in raw.head.splitlines(keepends=True)[:before])
    body = decode_text(raw.head[start:]).lstrip()
    shape = LogShape.JSON_LINES if body.startswith("{") else LogShape.KLOG if _KLOG.match(body) else LogShape.PLAIN
    lines, size = measure(raw)
    log = LogFile(
        name=raw.name, open=_blanked(raw.open, start), shape=shape, size=size,
        service=service_of_pod(output.asked.name) if output.asked.name else "",
    )  # fmt: skip
    return Reading(logs=(log,), lines=lines)


def _blanked(opened: Callable[[], BinaryIO], start: int, end: int | None = None) -> Callable[[], BinaryIO]:
    def reopened() -> BinaryIO:
        return io.BufferedReader(_Blanked(opened(), start, end))

    return reopened if start or end is not None else opened


class _Blanked(io.RawIOBase):
    """A stream of which only the bytes from `start` to `end` show, and all line ends; nothing is held in memory."""

    def __init__(self, inner: BinaryIO, start: int, end: int | None) -> None:
        super().__init__()
        self._inner = inner
        self._start = start
        self._end = end
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # any writable buffer, as RawIOBase hands it
        data = self._inner.read(len(view))
        first = max(0, min(len(data), self._start - self._at))
        last = len(data) if self._end is None else max(first, min(len(data), self._end - self._at))
        shown = _HIDE.sub(b" ", data[:first]) + data[first:last] + _HIDE.sub(b" ", data[last:])
        view[: len(shown)] = shown
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()
