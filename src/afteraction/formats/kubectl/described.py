"""`kubectl describe` becomes objects in the API's shape: pods, workloads, and through `described_rest` all other kinds.

In come the lines of one output and what was asked; out go the objects and the events below them. The kind is told by the
fields themselves, since a recorded command may be wrong; fields that were not printed are absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from afteraction.formats.kubectl.ages import parse_seen
from afteraction.formats.kubectl.containers import container_spec, container_status
from afteraction.formats.kubectl.described_rest import READERS
from afteraction.formats.kubectl.kinds import kind_of
from afteraction.formats.kubectl.outline import Branch, outline, pairs, table
from afteraction.formats.kubectl.outputs import Asked
from afteraction.formats.kubectl.thing import Thing, number, set_path

_NAME = re.compile(r"Name:\s+\S")
_OPERATORS = {"In": "In", "NotIn": "NotIn"}
_VOLUMES = {
    "PersistentVolumeClaim": ("persistentVolumeClaim", (("ClaimName", "claimName"),)),
    "ConfigMap": ("configMap", (("Name", "name"), ("Optional", "optional"))),
    "Secret": ("secret", (("SecretName", "secretName"), ("Optional", "optional"))),
    "EmptyDir": ("emptyDir", (("Medium", "medium"), ("SizeLimit", "sizeLimit"))),
    "HostPath": ("hostPath", (("Path", "path"), ("HostPathType", "type"))),
    "NFS": ("nfs", (("Server", "server"), ("Path", "path"))),
}
_TELLING: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (kind, frozenset(keys.split(",")))
    for kind, keys in (
        ("Application", "Sync Status,Health Status"),
        ("CronJob", "Schedule,Suspend"),
        ("Job", "Parallelism,Completions,Pod Template"),
        ("DaemonSet", "Desired Number of Nodes Scheduled"),
        ("StatefulSet", "Replicas,Update Strategy,Pod Template"),
        ("Deployment", "Replicas,StrategyType"),
        ("ReplicaSet", "Replicas,Pods Status,Pod Template"),
        ("Pod", "Containers,Node"),
        ("Pod", "Containers,Status"),
        ("HorizontalPodAutoscaler", "Reference,Min replicas"),
        ("Node", "Taints,Unschedulable"),
        ("Node", "Allocatable,Capacity"),
        ("Service", "Selector,Session Affinity"),
        ("Service", "Selector,TargetPort"),
        ("Service", "IP Families,Port"),
        ("Ingress", "Rules,Default backend"),
        ("Ingress", "Rules,Ingress Class"),
        ("NetworkPolicy", "Spec,Created on"),
        ("PersistentVolumeClaim", "StorageClass,Used By"),
        ("PersistentVolumeClaim", "StorageClass,Finalizers,Volume"),
        ("PersistentVolume", "StorageClass,Claim"),
        ("StorageClass", "Provisioner"),
        ("Endpoints", "Subsets"),
        ("EndpointSlice", "AddressType,Endpoints"),
        ("ServiceAccount", "Mountable secrets"),
    )
)


def read_tail(lines: Sequence[str], asked: Asked, beside: Sequence[Thing] = ()) -> list[Thing]:
    """Read the events of a description that was cut to its end (`| tail`, `| grep -A9 Events`).

    The command says whose they are; without one, the only pod `beside` them.
    """
    start = next((number for number, line in enumerate(lines) if line.startswith("Events:")), None)
    pods = [thing for thing in beside if thing.kind == "Pod"]
    if asked.verb == "describe" and asked.kind and asked.name:
        about = (asked.kind, asked.name, asked.namespace)
    elif not asked.known and len(pods) == 1:
        about = ("Pod", pods[0].name, pods[0].namespace)
    else:
        return []
    part = outline(lines[start:]).child("Events") if start is not None else None
    return _events(part, lines[start:], start or 0, about) if part is not None else []


def is_described(lines: Sequence[str]) -> bool:
    """Whether these lines hold a description: a name at the margin, and below it a field that some kind has."""
    starts = [number for number, line in enumerate(lines) if _NAME.match(line)]
    return bool(starts) and any(
        re.match(
            r"(?:Namespace|Project|Labels|Annotations|Status|Roles|Type|Selector|StorageClass|API Version|Provisioner):",
            line,
        )
        or re.match(r"(?:Resource|Type)\s+\S+\s+", line)
        for line in lines[starts[0] :]
    )


def read_described(lines: Sequence[str], asked: Asked) -> list[Thing]:
    """Read every description in `lines`: each begins with `Name:` at the margin."""
    starts = [number for number, line in enumerate(lines) if _NAME.match(line)]
    things: list[Thing] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        things += _read_one(lines[start:end], start, asked)
    return things


def _read_one(lines: Sequence[str], offset: int, asked: Asked) -> list[Thing]:
    root = outline(lines)
    name = root.get("Name").strip()
    namespace = root.get("Namespace") or (asked.namespace if asked.name == name else "")
    kind = _kind(root, lines, asked)
    if kind == "Application":
        name = name.rpartition("/")[2]
    if not kind or not name:
        return []
    data: dict[str, Any] = {"kind": kind, "metadata": {"name": name}}
    _metadata(data, root, namespace)
    reader = _HERE.get(kind) or READERS.get(kind)
    if reader is not None:
        reader(data, root, lines)
    elif root.has("Status"):
        data["status"] = generic(root.child("Status"))
        data["spec"] = generic(root.child("Spec"))
    events = root.child("Events")
    found = _events(events, lines, offset, (kind, name, namespace)) if events is not None else []
    shown = [number for number, line in enumerate(lines) if line.strip()]
    thing = Thing(
        kind=kind, name=name, namespace=namespace, data=data, first=offset, last=offset + (shown[-1] if shown else 0)
    )
    return [thing, *found]


def _kind(root: Branch, lines: Sequence[str], asked: Asked) -> str:
    keys = {child.key for child in root.children}
    for kind, needed in _TELLING:
        if needed <= keys:
            return kind
    if root.get("Kind") and (root.has("API Version") or root.has("Status")):
        return root.get("Kind")
    heads = [line.split() for line in lines if line and not line[0].isspace()]
    if ["Resource", "Used", "Hard"] in heads:
        return "Namespace" if root.has("Status") else "ResourceQuota"
    if any(head[:3] == ["Type", "Resource", "Min"] for head in heads):
        return "Namespace" if root.has("Status") else "LimitRange"
    if "Data" in {line.strip() for line in lines} and "====" in {line.strip() for line in lines}:
        return "Secret" if root.has("Type") else "ConfigMap"
    if asked.verb == "describe" and asked.kind:
        return asked.kind
    return "Namespace" if "No resource quota." in {line.strip() for line in lines} else ""


def _metadata(data: dict[str, Any], root: Branch, namespace: str) -> None:
    set_path(data, "metadata.namespace", namespace)
    for key, path, mark in (("Labels", "labels", "="), ("Annotations", "annotations", ": ")):
        part = root.child(key)
        if part is not None:
            set_path(data, f"metadata.{path}", pairs(part.texts(), mark))
    set_path(data, "metadata.creationTimestamp", root.get("CreationTimestamp", "Created on"))
    kind, slash, name = root.get("Controlled By").partition("/")
    if slash:
        set_path(data, "metadata.ownerReferences", [{"kind": kind, "name": name}])
    set_path(data, "metadata.deletionTimestamp", root.get("Termination Grace Period") and "set")


def _containers(root: Branch, data: dict[str, Any], spec: str, status: str) -> None:
    for heading, plural in (("Containers", "containers"), ("Init Containers", "initContainers")):
        part = root.child(heading)
        found = [child for child in part.children if child.text.endswith(":")] if part is not None else []
        set_path(data, f"{spec}.{plural}", [container_spec(child) for child in found])
        if status and any(child.has("State") for child in found):
            which = "containerStatuses" if plural == "containers" else "initContainerStatuses"
            set_path(data, f"{status}.{which}", [container_status(child) for child in found])


def _pod_spec(root: Branch, data: dict[str, Any], spec: str) -> None:
    set_path(data, f"{spec}.serviceAccountName", root.get("Service Account"))
    set_path(data, f"{spec}.volumes", _volumes(root.child("Volumes")))
    selectors = root.child("Node-Selectors")
    if selectors is not None:
        set_path(data, f"{spec}.nodeSelector", pairs(selectors.texts()))
    tolerations = root.child("Tolerations")
    if tolerations is not None:
        set_path(data, f"{spec}.tolerations", [_toleration(text) for text in tolerations.texts()])
    spread = root.child("Topology Spread Constraints")
    if spread is not None:
        constraints = [{"topologyKey": text.partition(":")[0]} for text in spread.texts()]
        set_path(data, f"{spec}.topologySpreadConstraints", constraints)


def _pod(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    node = root.get("Node").partition("/")[0]
    set_path(data, "spec.nodeName", node)
    set_path(data, "spec.priorityClassName", root.get("Priority Class Name"))
    _pod_spec(root, data, "spec")
    _containers(root, data, "spec", "status")
    status = root.get("Status").split(" (")[0]
    set_path(data, "metadata.deletionTimestamp", "set" if status == "Terminating" else "")
    set_path(data, "status.phase", status if status != "Terminating" else "")
    set_path(data, "status.reason", root.get("Reason"))
    set_path(data, "status.message", root.get("Message"))
    set_path(data, "status.podIP", root.get("IP"))
    set_path(data, "status.startTime", root.get("Start Time"))
    set_path(data, "status.qosClass", root.get("QoS Class"))
    set_path(data, "status.conditions", _conditions(root))


def _conditions(root: Branch) -> list[dict[str, str]]:
    part = root.child("Conditions")
    rows = table(list(part.lines())) if part is not None else []
    names = {"LastTransitionTime": "lastTransitionTime", "LastHeartbeatTime": "lastHeartbeatTime"}
    return [
        {names.get(key, key.lower()): cell for key, cell in row.items() if cell and cell != "<unset>"} for row in rows
    ]


def _toleration(text: str) -> dict[str, Any]:
    found = re.match(r"(?P<key>[^:=\s]*)(?:=(?P<value>[^:\s]*))?(?::(?P<effect>\w+))?(?P<rest>.*)", text)
    toleration: dict[str, Any] = {}
    if found is not None:
        exists = "op=Exists" in found["rest"]
        toleration["operator"] = "Exists" if exists else "Equal"
        set_path(toleration, "key", found["key"])
        set_path(toleration, "effect", found["effect"])
        set_path(toleration, "value", found["value"])
    return toleration


def _volumes(branch: Branch | None) -> list[dict[str, Any]]:
    volumes: list[dict[str, Any]] = []
    for child in branch.children if branch is not None else ():
        volume: dict[str, Any] = {"name": child.key or child.text.rstrip(":")}
        kind, fields = _VOLUMES.get(child.get("Type").split(" ")[0], ("", ()))
        if kind:
            source: dict[str, Any] = {}
            for key, path in fields:
                set_path(source, path, child.get(key))
            if "optional" in source:
                source["optional"] = source["optional"].lower() == "true"
            volume[kind] = source
        volumes.append(volume)
    return volumes


def _workload(data: dict[str, Any], root: Branch, lines: Sequence[str]) -> None:
    selector = root.child("Selector")
    if selector is not None:
        set_path(data, "spec.selector.matchLabels", pairs(selector.texts()))
    said = root.get("Replicas")
    for word, path in (
        ("desired", "spec.replicas"),
        ("updated", "status.updatedReplicas"),
        ("total", "status.replicas"),
        ("current", "status.replicas"),
        ("available", "status.availableReplicas"),
        ("unavailable", "status.unavailableReplicas"),
    ):
        found = re.search(rf"(\d+) {word}\b", said)
        set_path(data, path, int(found.group(1)) if found else None)
    short = re.match(r"(\d+) current / (\d+) desired", said)
    if short is not None:
        set_path(data, "spec.replicas", int(short.group(2)))
    for key, path in (
        ("Desired Number of Nodes Scheduled", "status.desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "status.currentNumberScheduled"),
        ("Number of Nodes Misscheduled", "status.numberMisscheduled"),
        ("Parallelism", "spec.parallelism"),
        ("Completions", "spec.completions"),
        ("Backoff Limit", "spec.backoffLimit"),
    ):
        set_path(data, path, number(root.get(key)) if root.has(key) else None)
    pods = root.get("Pods Statuses", "Pods Status")
    set_path(data, "status.podCounts", {word.lower(): int(digits) for digits, word in re.findall(r"(\d+) (\w+)", pods)})
    set_path(data, "status.conditions", _conditions(root))
    template = root.child("Pod Template")
    if template is not None:
        labels = template.child("Labels")
        set_path(data, "spec.template.metadata.labels", pairs(labels.texts()) if labels is not None else {})
        _pod_spec(template, data, "spec.template.spec")
        _containers(template, data, "spec.template.spec", "")
    _claim_templates(data, root, lines)


def _claim_templates(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    part = root.child("Volume Claims")
    if part is not None and part.children:
        claim = {"metadata": {"name": part.get("Name")}, "spec": {"storageClassName": part.get("StorageClass")}}
        set_path(data, "spec.volumeClaimTemplates", [claim])


def generic(branch: Branch | None) -> dict[str, Any]:
    """A custom resource's fields: `Last Transition Time` becomes `lastTransitionTime`; of repeated keys all are kept."""
    found: dict[str, Any] = {}
    for child in branch.children if branch is not None else ():
        words = child.key.split()
        if not words:
            continue
        key = words[0][:1].lower() + words[0][1:] + "".join(words[1:])
        value: Any = child.value if child.value or not child.children else generic(child)
        if key == "conditions" and isinstance(value, dict):
            value = _condition_items(child)
        found[key] = value
    return found


def _condition_items(branch: Branch) -> list[dict[str, Any]]:
    """A list of conditions is printed without marks between its items: a repeated key begins the next one."""
    items: list[dict[str, Any]] = [{}]
    for child in branch.children:
        key = "".join(word.capitalize() for word in child.key.split())
        key = key[:1].lower() + key[1:]
        if key in items[-1]:
            items.append({})
        items[-1][key] = child.value
    return [item for item in items if item]


def _events(branch: Branch, lines: Sequence[str], offset: int, about: tuple[str, str, str]) -> list[Thing]:
    """The rows below `Events:`. Older kubectl heads the columns `FirstSeen LastSeen Count From SubObjectPath`."""
    things: list[Thing] = []
    kind, name, namespace = about
    rows = [child for child in branch.children if not set(child.text) <= {"-", " "}]
    for row in rows[1:]:
        cells = re.split(r"\s{2,}|\t", lines[row.line].strip(), maxsplit=4)
        if len(cells) < 5 or kind_of(cells[0]):
            continue
        seen = parse_seen(cells[2])
        data: dict[str, Any] = {
            "kind": "Event",
            "type": cells[0],
            "reason": cells[1],
            "message": cells[4].strip(),
            "involvedObject": {"kind": kind, "name": name, "namespace": namespace},
            "source": {"component": cells[3]},
            "lastSeen": cells[2],
        }
        set_path(data, "count", seen.count)
        line = offset + row.line
        things.append(Thing(kind="Event", name=name, namespace=namespace, data=data, first=line, last=line))
    return things


_HERE: dict[str, Callable[[dict[str, Any], Branch, Sequence[str]], None]] = {
    "Pod": _pod,
    "Deployment": _workload,
    "ReplicaSet": _workload,
    "StatefulSet": _workload,
    "DaemonSet": _workload,
    "Job": _workload,
    "CronJob": _workload,
}
