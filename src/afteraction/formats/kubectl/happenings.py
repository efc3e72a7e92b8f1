"""What objects of a cluster say happened, and when: warnings, scaling, and containers that ended badly.

In come objects as `read_kubectl` returns them; out go events of those whose time is known. An event object without a
time, and a container that finished its work, yield nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from afteraction.formats.json_documents import list_of, mapping_of, text_of
from afteraction.formats.kubectl.read import event_times
from afteraction.formats.pods import service_of_pod
from afteraction.formats.stamps import parse_stamp
from afteraction.model.cluster import ClusterObject
from afteraction.model.event import Change, ChangeKind, Event, EventKind, Warned
from afteraction.model.origin import Precision

_SCALED = re.compile(r"Scaled (?P<way>up|down) replica set (?P<set>\S+)(?: from (?P<before>\d+))? to (?P<after>\d+)")


def happenings(objects: Sequence[ClusterObject], source: str, tick: Precision) -> Iterator[Event]:
    """Yield warnings and scaling; a time that rests on an age is no finer than `tick`, that of the capture time."""
    for found in objects:
        if found.kind == "Pod":
            yield from _endings(found, source)
        times = event_times(found) if found.kind == "Event" else None
        if times is None:
            continue
        at, first_at, precision = times
        if not found.data.get("lastTimestamp") and precision.seconds < tick.seconds:
            precision = tick
        involved = found.data.get("involvedObject") or {}
        reference = f"{involved.get('kind', '')}/{involved.get('name', '')}".strip("/")
        reason, message = str(found.data.get("reason") or ""), str(found.data.get("message") or "").strip()
        service = service_of_pod(str(involved.get("name", ""))) if involved.get("kind") != "Node" else ""
        scaled = _SCALED.match(message) if reason == "ScalingReplicaSet" else None
        if found.data.get("type") == "Warning":
            warned = Warned(
                object_ref=reference, reason=reason, count=_count(found.data.get("count")), first_at=first_at
            )
            yield Event(
                at=at, precision=precision, kind=EventKind.WARNING, text=f"{reason} on {reference}: {message}",
                source=source, origin=found.origin, service=service, detail=warned,
            )  # fmt: skip
        elif scaled is not None:
            change = Change(
                kind=ChangeKind.SCALE, ref=scaled["set"], title=message, before=scaled["before"] or "",
                after=scaled["after"],
            )  # fmt: skip
            yield Event(
                at=at, precision=precision, kind=EventKind.CHANGE, text=f"{reference}: {message}", source=source,
                origin=found.origin, service=str(involved.get("name", "")), detail=change,
            )  # fmt: skip


def _count(value: object) -> int:
    """Return how often an event was seen; a damaged count is one."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _endings(pod: ClusterObject, source: str) -> Iterator[Event]:
    """Yield how the containers of a pod ended, where the pod says when; a container that finished its work is no event."""
    status = pod.data.get("status")
    status = status if isinstance(status, Mapping) else {}
    for held in ("initContainerStatuses", "containerStatuses"):
        for container in list_of(status.get(held)):
            for state in ("lastState", "state"):
                ended = mapping_of(mapping_of(mapping_of(container).get(state)).get("terminated"))
                finished = text_of(ended, "finishedAt")
                stamp = parse_stamp(finished) if finished else None
                code = ended.get("exitCode")
                if stamp is None or code in {0, None}:
                    continue
                reason = text_of(ended, "reason") or "Error"
                name = text_of(container, "name")
                yield Event(
                    at=stamp.at, precision=stamp.precision, kind=EventKind.WARNING, source=source, origin=pod.origin,
                    text=f"container {name} of Pod/{pod.name} ended: {reason}, exit code {code}",
                    service=service_of_pod(pod.name), detail=Warned(object_ref=f"Pod/{pod.name}", reason=reason),
                )  # fmt: skip
