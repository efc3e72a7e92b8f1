"""Text that kubectl printed becomes cluster objects; this is the one entry for every source that meets such text.

In come text, the name of its file and what is known of the capture time; out go `ClusterObject`s (kind `Event` for the
events, `PodList` and the like for whole lists, `Status` for refusals such as NotFound) and problems. Text that is none
of it yields nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from afteraction.formats.json_documents import mapping_of
from afteraction.formats.kubectl.ages import parse_age, parse_seen
from afteraction.formats.kubectl.described import is_described, read_described, read_tail
from afteraction.formats.kubectl.kinds import kind_of
from afteraction.formats.kubectl.manifests import Fault, is_manifest, read_json_objects, read_yaml
from afteraction.formats.kubectl.outputs import Asked, Output, split_outputs
from afteraction.formats.kubectl.refusals import read_refusals
from afteraction.formats.kubectl.rollouts import is_rollout, read_rollouts
from afteraction.formats.kubectl.tables import is_heading, read_tables
from afteraction.formats.kubectl.thing import Thing
from afteraction.formats.stamps import parse_stamp
from afteraction.model.cluster import ClusterObject
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Problem

TEXT_LIMIT = 20_000
"""How much of an object's own lines is kept for citing; the longest real description seen is a tenth of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What kubectl text showed: objects, what could not be read, the outputs it was cut into, and the capture time."""

    objects: tuple[ClusterObject, ...]
    problems: tuple[Problem, ...]
    outputs: tuple[Output, ...]
    captured: datetime | None


def looks_like_kubectl(text: str) -> bool:
    """Whether a text begins with kubectl output or API objects, as opposed to a log, a page or anything else.

    A manifest quoted in the middle of a page is no state of a cluster; so the first line with text decides.
    """
    output = split_outputs(text)[0]
    lines = output.lines
    if output.asked.known:
        return output.asked.verb != "exec"
    # A manifest that people keep may begin with words of theirs.
    first = next((number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if first is None:
        return False
    head = lines[first]
    if head.lstrip()[:1] in {"{", "["}:
        return _looks_like_json("\n".join(lines[first:]))
    begins = head.startswith(("apiVersion:", "kind:", "items:", "metadata:")) or head.rstrip() == "---"
    if begins and is_manifest(lines):
        return True
    if (head.startswith("Name:") and is_described(lines)) or is_rollout(lines[first:]):
        return True
    if head.startswith("==== START logs for container "):  # a file of `kubectl cluster-info dump`
        return True
    return is_heading(head) or bool(read_refusals(lines[first : first + 1], output.asked))


def _looks_like_json(text: str) -> bool:
    head = text.lstrip()[:65_536]
    if not head.startswith(("{", "[")) or "audit.k8s.io" in head:
        return False
    kinds = re.search(r'"kind"\s*:\s*"[A-Z]\w+"', head)
    return (
        bool(kinds and re.search(r'"apiVersion"\s*:\s*"', head))
        or '"involvedObject"' in head
        or ('"subject_type"' in head and '"subject_name"' in head)
    )


def read_kubectl(text: str, file: str, *, captured: datetime | None = None) -> Seen:
    """Read all kubectl output in `text`. Lines are numbered in `text` as it stands in `file`."""
    objects: list[ClusterObject] = []
    problems: list[Problem] = []
    outputs = split_outputs(text)
    known = captured
    for output in outputs:
        if output.asked.verb == "exec":
            continue
        if output.asked.verb in {"logs", "log"}:
            things = read_refusals(output.lines[:20], output.asked)
            faults: list[Fault] = []
        else:
            things, faults = _read_output(output)
        things = [thing for thing in things if not _is_partial(thing, output.asked, things)]
        if captured is None:
            known = _capture_time(things) or known
        objects += [_object(thing, output, file, known) for thing in things]
        problems += [
            Problem(
                origin=Origin(file=file, line=output.first_line + fault.line),
                reason=fault.reason,
                remedy="save the output again, whole",
            )
            for fault in faults
        ]
    return Seen(objects=tuple(objects), problems=tuple(problems), outputs=tuple(outputs), captured=known)


def _is_partial(thing: Thing, asked: Asked, things: Sequence[Thing]) -> bool:
    """Whether an inventory is none after all: a name or a filter was asked for, or one object alone is no list."""
    if not thing.kind.endswith("List") or thing.name:
        return False
    if asked.known:
        return bool(asked.name or asked.filtered)
    return sum(other.kind == thing.kind.removesuffix("List") for other in things) == 1


def _read_output(output: Output) -> tuple[list[Thing], list[Fault]]:
    lines = output.lines
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return [], []
    refusals = read_refusals(lines, output.asked)
    if lines[first].lstrip()[:1] in {"{", "["}:
        return _read_json(lines, first, output.asked, refusals)
    if is_manifest(lines):
        found, faults = read_yaml(lines)
        if found or faults:
            return found + read_tables(_before(lines, _MANIFEST), output.asked) + refusals, faults
    if is_described(lines):
        tables = read_tables(_before(lines, ("Name:",)), output.asked)
        return read_described(lines, output.asked) + tables + refusals, []
    tables = read_tables(lines, output.asked)
    tables += read_tail(lines, output.asked, tables)
    return tables + read_rollouts(lines, output.asked) + refusals, []


_MANIFEST = ("apiVersion:", "kind:", "metadata:")


def _before(lines: Sequence[str], marks: tuple[str, ...]) -> list[str]:
    """The lines before the first description or manifest: tables may stand there, in output that lost its command lines."""
    start = next((number for number, line in enumerate(lines) if line.startswith(marks)), 0)
    return list(lines[:start])


def _read_json(
    lines: Sequence[str], first: int, asked: Asked, refusals: list[Thing]
) -> tuple[list[Thing], list[Fault]]:
    text = "\n".join(lines[first:])
    things, faults = read_json_objects(text, first)
    if things:
        return things + refusals, faults
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return refusals, faults
    inner = [thing for part in _texts_within(value) for thing in _read_text(part, asked)]
    held = [thing for part in _objects_within(value) for thing in read_json_objects(json.dumps(part), 0)[0]]
    last = len(lines) - 1
    wide = [
        Thing(
            kind=thing.kind, name=thing.name, namespace=thing.namespace, data=thing.data, first=first, last=last,
            complete=thing.complete,
        )
        for thing in [*inner, *held]
    ]  # fmt: skip
    return wide + refusals, []


def _read_text(text: str, asked: Asked) -> list[Thing]:
    things: list[Thing] = []
    for output in split_outputs(text):
        known = output if output.asked.known else Output(asked=asked, lines=output.lines, first_line=output.first_line)
        things += _read_output(known)[0]
    return things


def _texts_within(value: Any) -> Iterator[str]:
    """Texts of several lines inside JSON: what a tool wrapped is kubectl output again."""
    if isinstance(value, str):
        if "\n" in value and looks_like_kubectl(value):
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts_within(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts_within(part)


def _objects_within(value: Any) -> Iterator[Any]:
    """Objects of the API inside other JSON (`{"result": {"kind": "PodList", ...}}`), the outermost ones."""
    if isinstance(value, Mapping):
        if isinstance(value.get("kind"), str) and (
            "metadata" in value or "items" in value or "involvedObject" in value
        ):
            yield value
            return
        for part in value.values():
            yield from _objects_within(part)
    elif isinstance(value, list):
        for part in value:
            yield from _objects_within(part)


def _object(thing: Thing, output: Output, file: str, captured: datetime | None) -> ClusterObject:
    first, last = thing.first, max(thing.first, thing.last)
    while last > first and not (last < len(output.lines) and output.lines[last].strip()):
        last -= 1
    text = "\n".join(output.lines[first : last + 1])[:TEXT_LIMIT] if thing.kind != "Secret" else ""
    return ClusterObject(
        kind=thing.kind,
        name=thing.name,
        namespace=thing.namespace,
        data=thing.data,
        origin=Origin(file=file, line=output.first_line + first, line_end=output.first_line + last),
        complete=thing.complete,
        seen_at=captured,
        text=text,
    )


def _capture_time(things: Sequence[Thing]) -> datetime | None:
    """When an output was printed, from an object's own start time and the age of the event that marks the start.

    `Scheduled` happens within the second of a pod's start time, and the only `Started` of a container when it started.
    Coarser ages than a minute would give a capture time that is too coarse to be of use, and give none.
    """
    pods = {(thing.name, thing.namespace): thing for thing in things if thing.kind == "Pod"}
    for thing in things:
        if thing.kind != "Event" or thing.data.get("reason") != "Scheduled":
            continue
        involved = thing.data["involvedObject"]
        pod = pods.get((str(involved.get("name", "")), str(involved.get("namespace", ""))))
        seen = parse_seen(str(thing.data.get("lastSeen", "")))
        start = parse_stamp(str(mapping_of(pod.data.get("status")).get("startTime", ""))) if pod is not None else None
        if start is not None and seen.last is not None and seen.last.precision.seconds <= 60.0:
            return start.at + seen.last.span
    return None


def event_times(found: ClusterObject) -> tuple[datetime, datetime, Precision] | None:
    """When the event was last and first seen, and how exactly; None when that is not known."""
    data = found.data
    last = parse_stamp(str(data.get("lastTimestamp") or ""))
    if last is not None:
        first = parse_stamp(str(data.get("firstTimestamp") or ""))
        return last.at, first.at if first is not None else last.at, last.precision
    written = str(data.get("lastSeen") or "")
    if "T" in written and (last := parse_stamp(written)) is not None:  # columns chosen by hand print stamps
        first = parse_stamp(str(data.get("firstSeen") or ""))
        return last.at, first.at if first is not None else last.at, last.precision
    seen = parse_seen(written)
    if found.seen_at is None or seen.last is None:
        return None
    earlier = seen.first or parse_age(str(data.get("firstSeen") or "")) or seen.last
    captured = found.seen_at.astimezone(UTC)
    return captured - seen.last.span, captured - earlier.span, seen.last.precision


__all__ = ["Seen", "event_times", "kind_of", "looks_like_kubectl", "read_kubectl"]
