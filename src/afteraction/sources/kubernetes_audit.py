"""The Kubernetes audit log (audit.k8s.io, JSON lines): who changed what, and who looked.

Changes that the API server accepted become change events; what it refused, shells into pods and what people only looked
at become commands, the same look within a minute once. The cluster's own upkeep (leases, status, controllers) is counted
as lines and left out. Times are those of the request. A line that is no record becomes a problem.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from afteraction.formats.audit_shapes import AuditRecord, audit_record, images_of, is_audit_record
from afteraction.formats.json_documents import decode_text, list_of, mapping_of, read_json
from afteraction.formats.pods import service_of_pod
from afteraction.formats.problem_list import ProblemList
from afteraction.formats.products import Product, product_of
from afteraction.formats.stamps import parse_stamp
from afteraction.model.event import Actor, ActorKind, Call, Change, ChangeKind, Effect, Event, EventKind
from afteraction.model.origin import Origin, Precision
from afteraction.model.reading import Context, RawInput, Reading

NAME = "kubernetes-audit"
_AGAIN = timedelta(minutes=1)
"""The same look by the same person within this time is one look: clients ask for a list page by page, and again."""
_WORKLOADS = frozenset({"deployments", "statefulsets", "daemonsets", "replicasets", "cronjobs", "rollouts"})
_SETTINGS = frozenset({
    "configmaps", "secrets", "services", "ingresses", "networkpolicies", "horizontalpodautoscalers", "poddisruptionbudgets",
    "roles", "rolebindings", "clusterroles", "clusterrolebindings", "resourcequotas", "limitranges", "nodes",
})  # fmt: skip


class KubernetesAudit:
    """The source."""

    name = NAME
    summary = "Kubernetes audit log (JSON lines): who changed what, who looked, what was refused"

    def claims(self, raw: RawInput) -> bool:
        """Claim records of audit.k8s.io, one a line or as a list."""
        return product_of(raw) is Product.AUDIT

    def read(self, raw: RawInput, context: Context) -> Reading:  # noqa: ARG002  # the stamps carry their zone
        """Read all records; those of the cluster's upkeep yield nothing."""
        problems = ProblemList(raw.name)
        events: list[Event] = []
        looks: dict[tuple[str, ...], datetime] = {}
        lines = 0
        for line, value in _values(raw, problems):
            lines += 1
            if not is_audit_record(value):
                problems.add("this is no record of the audit log", line=line)
                continue
            record = audit_record(value)
            if record.stage in {"RequestReceived", "ResponseStarted"} or record.upkeep:
                continue
            stamp = parse_stamp(record.at) if record.at else None
            if stamp is None:
                problems.add("the record has no readable time", line=line)
                continue
            if (record.reads and not record.by_person) or _seen(record, stamp.at, looks):
                continue
            events.append(_event(record, stamp.at, stamp.precision, Origin(file=raw.name, line=line)))
        return Reading(events=tuple(events), problems=problems.close(), lines=lines)


def _values(raw: RawInput, problems: ProblemList) -> Iterator[tuple[int, Any]]:
    """Stream records that stand one a line; read an `EventList` or an array whole."""
    first = decode_text(raw.head).lstrip()
    alone = is_audit_record(_line(first.split("\n", 1)[0]))
    if not alone:
        found, faults = read_json(decode_text(raw.read()), raw.name)
        problems.extend(faults)
        for record in found:
            items = mapping_of(record.value).get("items", record.value)
            for item in list_of(items) if isinstance(items, list) else [record.value]:
                yield record.line, item
        return
    with raw.open() as stream, io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="\n") as text:
        for number, line in enumerate(text, 1):
            if line.strip():
                value = _line(line)
                if value is None:
                    problems.add("this line is not valid JSON", line=number, remedy="it was cut off; the rest was read")
                else:
                    yield number, value


def _line(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _seen(record: AuditRecord, at: datetime, looks: dict[tuple[str, ...], datetime]) -> bool:
    """Whether the same person looked at the same a moment ago."""
    if not record.reads:
        return False
    key = (record.user, record.target, record.namespace, record.part)
    last = looks.get(key)
    looks[key] = at
    return last is not None and abs(at - last) <= _AGAIN


def _event(record: AuditRecord, at: datetime, precision: Precision, origin: Origin) -> Event:
    where = f" in {record.namespace}" if record.namespace else ""
    part = f" ({record.part})" if record.part else ""
    actor = (
        Actor(name=record.user, kind=ActorKind.PERSON if record.by_person else ActorKind.TOOL) if record.user else None
    )
    service = service_of_pod(record.name) if record.resource in {*_WORKLOADS, "pods", "services"} else ""
    if record.reads or record.refused or record.opens_session:
        effect = (
            Effect.DIAGNOSTIC if record.reads else Effect.UNKNOWN if record.opens_session else Effect.STATE_CHANGING
        )
        refusal = (
            f": refused ({record.code}{', ' + record.message if record.message else ''})" if record.refused else ""
        )
        said = (
            f"ran `{record.command}` in {record.target}" if record.command else f"{record.verb} {record.target}{part}"
        )
        call = Call(
            tool=f"{record.verb} {record.target}", command=record.command, effect=effect,
            is_error=record.refused, result=record.message, automated=not record.by_person,
        )  # fmt: skip
        return Event(
            at=at, precision=precision, kind=EventKind.COMMAND, text=f"{said}{where}{refusal}", source=NAME, origin=origin,
            actor=actor, service=service, detail=call,
        )  # fmt: skip
    change = _change(record)
    told = f": {change.title}" if change.title else ""
    return Event(
        at=at, precision=precision, kind=EventKind.CHANGE, text=f"{record.done} {record.target}{part}{where}{told}",
        source=NAME, origin=origin, actor=actor, service=service, detail=change,
    )  # fmt: skip


def _change(record: AuditRecord) -> Change:
    """Say what kind of change it is, by the resource and by what was sent."""
    replicas = mapping_of(record.request.get("spec")).get("replicas")
    images = images_of(record.request)
    ref = record.target
    if record.part == "scale" or (record.resource in _WORKLOADS and replicas is not None and not images):
        after = str(replicas) if isinstance(replicas, int) else ""
        return Change(kind=ChangeKind.SCALE, ref=ref, title=f"{after} replicas" if after else "", after=after)
    if "restartedAt" in str(record.request)[:20_000] and not images:
        return Change(kind=ChangeKind.OTHER, ref=ref, title="restart of all pods")
    if record.resource in _WORKLOADS and record.verb != "delete":
        return Change(kind=ChangeKind.DEPLOY, ref=ref, title=", ".join(images), version=images[0] if images else "")
    return Change(kind=ChangeKind.CONFIG if record.resource in _SETTINGS else ChangeKind.OTHER, ref=ref)
