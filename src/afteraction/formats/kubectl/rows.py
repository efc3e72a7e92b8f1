"""One row of a kubectl table, as cells by column name, becomes one object in the API's shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from afteraction.formats.kubectl.ages import parse_seen
from afteraction.formats.kubectl.kinds import kind_of
from afteraction.formats.kubectl.outline import pairs
from afteraction.formats.kubectl.outputs import Asked
from afteraction.formats.kubectl.thing import Thing, number, port, set_path

_EMPTY = {"", "<none>", "<unset>", "<unknown>", "-"}
_PHASES = {"Running", "Pending", "Succeeded", "Failed", "Unknown"}
_ENDED = {"Error", "Completed", "OOMKilled", "ContainerCannotRun", "DeadlineExceeded", "StartError"}
_PORT = re.compile(r"(?P<port>\d+)(?::(?P<node>\d+))?/(?P<protocol>\w+)")
_RESTARTS = re.compile(r"(?P<count>\d+)(?: \((?P<age>\S+) ago\))?")
_QUOTA = re.compile(r"(?P<what>[\w./-]+):\s*(?P<used>[\w.]+)/(?P<hard>[\w.]+)")
MODES = {"RWO": "ReadWriteOnce", "ROX": "ReadOnlyMany", "RWX": "ReadWriteMany", "RWOP": "ReadWriteOncePod"}
Cells = Mapping[str, str]


def object_of_row(kind: str, cells: Cells, asked: Asked, line: int) -> list[Thing]:
    """The object that a row shows, as a list of one, or of none when the row names no object of a known kind."""
    if kind == "Event" or {"REASON", "MESSAGE"} <= cells.keys():
        return [_event(cells, asked, line)]
    name = cells.get("NAME", "").strip()
    word, slash, rest = name.partition("/")
    if slash and kind_of(word):
        kind, name = kind_of(word), rest
    if not kind or not name or " " in name or kind == "Event":
        return []
    namespace = _said(cells, "NAMESPACE") or ("" if asked.everywhere else asked.namespace)
    data: dict[str, Any] = {"kind": kind, "metadata": {"name": name}}
    set_path(data, "metadata.namespace", namespace)
    set_path(data, "metadata.labels", pairs([_said(cells, "LABELS")]))
    set_path(data, "metadata.age", _said(cells, "AGE"))
    reader = _READERS.get(kind)
    if reader is not None:
        reader(data, cells)
    return [Thing(kind=kind, name=name, namespace=namespace, data=data, first=line, last=line)]


def _said(cells: Cells, *names: str) -> str:
    for name in names:
        cell = cells.get(name, "").strip()
        if cell not in _EMPTY:
            return cell
    return ""


def _event(cells: Cells, asked: Asked, line: int) -> Thing:
    kind, _, name = _said(cells, "OBJECT").partition("/")
    if not name and asked.name:
        kind, name = asked.kind, asked.name
    namespace = _said(cells, "NAMESPACE") or asked.namespace
    seen = parse_seen(_said(cells, "LAST SEEN", "LASTSEEN"))
    data: dict[str, Any] = {
        "kind": "Event",
        "type": _said(cells, "TYPE") or "Normal",
        "reason": _said(cells, "REASON"),
        "message": cells.get("MESSAGE", "").strip(),
        "involvedObject": {"kind": kind_of(kind) or kind, "name": name, "namespace": namespace},
    }
    set_path(data, "lastSeen", _said(cells, "LAST SEEN", "LASTSEEN"))
    set_path(data, "firstSeen", _said(cells, "FIRST SEEN", "FIRSTSEEN"))
    set_path(data, "count", seen.count or number(_said(cells, "COUNT")))
    set_path(data, "source.component", _said(cells, "SOURCE"))
    set_path(data, "metadata.namespace", namespace)
    return Thing(kind="Event", name=name, namespace=namespace, data=data, first=line, last=line)


_STATES: Mapping[str, Mapping[str, Any]] = {
    "Evicted": {"status": {"phase": "Failed", "reason": "Evicted"}},
    "Completed": {"status": {"phase": "Succeeded"}},
    "Terminating": {"metadata": {"deletionTimestamp": "set"}},
    "NotReady": {"status": {"phase": "Running"}},
} | {phase: {"status": {"phase": phase}} for phase in _PHASES}
"""What the column STATUS says of the pod itself; any other word is a state of a container."""


def _pod(data: dict[str, Any], cells: Cells) -> None:
    status = _said(cells, "STATUS")
    restarts = _RESTARTS.match(_said(cells, "RESTARTS"))
    ready = _said(cells, "READY").partition("/")
    init = status.startswith("Init:")
    for part, fields in _STATES.get(status, {}).items():
        data.setdefault(part, {}).update(fields)
    shown: dict[str, Any] = {}
    if status not in _STATES:
        set_path(shown, "state", _container_state(data, status.split(":")[-1]))
    set_path(data, "status.printed", status)
    if restarts is not None:
        shown["restartCount"] = int(restarts["count"])
        set_path(shown, "restartAge", restarts["age"])
    if ready[2].isdigit() and ready[0].isdigit():
        set_path(data, "status.readyContainers", f"{ready[0]}/{ready[2]}")
        shown["ready"] = ready[0] == ready[2]
    set_path(data, "status.initContainerSummary" if init else "status.containerSummary", shown)
    set_path(data, "status.podIP", _said(cells, "IP"))
    set_path(data, "spec.nodeName", _said(cells, "NODE"))


def _container_state(data: dict[str, Any], word: str) -> dict[str, Any]:
    """The state of a container that the column STATUS stands for; progress of init containers is the pod's own."""
    if "/" in word:
        set_path(data, "status.phase", "Pending")
        return {}
    if word in _ENDED:
        return {"terminated": {"reason": word}}
    return {"waiting": {"reason": word}} if word else {}


def _replicas(data: dict[str, Any], cells: Cells) -> None:
    ready, _, wanted = _said(cells, "READY").partition("/")
    for path, value in (
        ("spec.replicas", wanted or _said(cells, "DESIRED")),
        ("status.readyReplicas", ready),
        ("status.updatedReplicas", _said(cells, "UP-TO-DATE")),
        ("status.availableReplicas", _said(cells, "AVAILABLE")),
        ("status.replicas", _said(cells, "CURRENT")),
    ):
        set_path(data, path, number(value) if value else None)
    set_path(data, "spec.selector.matchLabels", pairs([_said(cells, "SELECTOR")]))
    names, images = _said(cells, "CONTAINERS").split(","), _said(cells, "IMAGES").split(",")
    if names != [""] and len(names) == len(images):
        containers = [{"name": name, "image": image} for name, image in zip(names, images, strict=True)]
        set_path(data, "spec.template.spec.containers", containers)


def _daemon_set(data: dict[str, Any], cells: Cells) -> None:
    for path, column in (
        ("status.desiredNumberScheduled", "DESIRED"),
        ("status.currentNumberScheduled", "CURRENT"),
        ("status.numberReady", "READY"),
        ("status.numberAvailable", "AVAILABLE"),
    ):
        set_path(data, path, number(_said(cells, column)) if _said(cells, column) else None)
    set_path(data, "spec.selector.matchLabels", pairs([_said(cells, "SELECTOR")]))
    set_path(data, "spec.template.spec.nodeSelector", pairs([_said(cells, "NODE SELECTOR")]))


def _service(data: dict[str, Any], cells: Cells) -> None:
    set_path(data, "spec.type", _said(cells, "TYPE"))
    set_path(data, "spec.clusterIP", cells.get("CLUSTER-IP", "").strip())
    set_path(data, "spec.externalIP", _said(cells, "EXTERNAL-IP"))
    ports = [
        {"port": int(found["port"]), "protocol": found["protocol"]}
        | ({"nodePort": int(found["node"])} if found["node"] else {})
        for found in _PORT.finditer(_said(cells, "PORT(S)"))
    ]
    set_path(data, "spec.ports", ports)
    if "SELECTOR" in cells:
        data.setdefault("spec", {})["selector"] = pairs([_said(cells, "SELECTOR")])


def _endpoints(data: dict[str, Any], cells: Cells) -> None:
    if "ENDPOINTS" not in cells:
        return
    shown = _said(cells, "ENDPOINTS")
    addresses = [{"ip": part.rpartition(":")[0] or part} for part in shown.split(",") if part and "more" not in part]
    ports = sorted({part.rpartition(":")[2].split(" ")[0] for part in shown.split(",") if ":" in part})
    data["subsets"] = [{"addresses": addresses, "ports": [{"port": port(text)} for text in ports]}] if shown else []


def _node(data: dict[str, Any], cells: Cells) -> None:
    states = _said(cells, "STATUS").split(",")
    ready = {"Ready": "True", "NotReady": "False", "Unknown": "Unknown"}.get(states[0])
    if ready:
        set_path(data, "status.conditions", [{"type": "Ready", "status": ready}])
    if "SchedulingDisabled" in states:
        set_path(data, "spec.unschedulable", True)
    set_path(data, "status.nodeInfo.kubeletVersion", _said(cells, "VERSION"))
    set_path(data, "status.nodeInfo.containerRuntimeVersion", _said(cells, "CONTAINER-RUNTIME"))


def _claim(data: dict[str, Any], cells: Cells) -> None:
    set_path(data, "status.phase", _said(cells, "STATUS"))
    set_path(data, "spec.volumeName", _said(cells, "VOLUME"))
    set_path(data, "spec.storageClassName", _said(cells, "STORAGECLASS"))
    set_path(data, "status.capacity.storage", _said(cells, "CAPACITY"))
    set_path(data, "status.accessModes", modes(_said(cells, "ACCESS MODES")))


def _volume(data: dict[str, Any], cells: Cells) -> None:
    set_path(data, "status.phase", _said(cells, "STATUS"))
    set_path(data, "spec.capacity.storage", _said(cells, "CAPACITY"))
    set_path(data, "spec.accessModes", modes(_said(cells, "ACCESS MODES")))
    set_path(data, "spec.storageClassName", _said(cells, "STORAGECLASS"))
    set_path(data, "spec.persistentVolumeReclaimPolicy", _said(cells, "RECLAIM POLICY"))
    namespace, slash, name = _said(cells, "CLAIM").partition("/")
    if slash:
        set_path(data, "spec.claimRef", {"namespace": namespace, "name": name})


def modes(text: str) -> list[str]:
    """Access modes in the API's words, from `RWO,ROX` or `ReadWriteOnce`."""
    return [MODES.get(part.strip(), part.strip()) for part in text.split(",") if part.strip()]


def _storage_class(data: dict[str, Any], cells: Cells) -> None:
    set_path(data, "provisioner", _said(cells, "PROVISIONER"))
    set_path(data, "volumeBindingMode", _said(cells, "VOLUMEBINDINGMODE"))


def _ingress(data: dict[str, Any], cells: Cells) -> None:
    set_path(data, "spec.ingressClassName", _said(cells, "CLASS"))
    hosts = [{"host": host} for host in _said(cells, "HOSTS").split(",") if host and host != "*"]
    set_path(data, "spec.rules", hosts)
    set_path(data, "status.address", _said(cells, "ADDRESS"))


def _autoscaler(data: dict[str, Any], cells: Cells) -> None:
    kind, _, name = _said(cells, "REFERENCE").partition("/")
    set_path(data, "spec.scaleTargetRef", {"kind": kind, "name": name})
    set_path(data, "status.targets", cells.get("TARGETS", "").strip())
    for path, column in (
        ("spec.minReplicas", "MINPODS"),
        ("spec.maxReplicas", "MAXPODS"),
        ("status.currentReplicas", "REPLICAS"),
    ):
        set_path(data, path, number(_said(cells, column)) if _said(cells, column) else None)


def _job(data: dict[str, Any], cells: Cells) -> None:
    done, _, wanted = _said(cells, "COMPLETIONS").partition("/")
    set_path(data, "status.succeeded", number(done) if done else None)
    set_path(data, "spec.completions", number(wanted) if wanted else None)
    status = _said(cells, "STATUS")
    if status in {"Failed", "Complete"}:
        set_path(data, "status.conditions", [{"type": status, "status": "True"}])
    _replicas(data, {key: cell for key, cell in cells.items() if key in {"CONTAINERS", "IMAGES"}})


def _quota(data: dict[str, Any], cells: Cells) -> None:
    shown = list(_QUOTA.finditer(f"{cells.get('REQUEST', '')}, {cells.get('LIMIT', '')}"))
    set_path(data, "status.hard", {found["what"]: found["hard"] for found in shown})
    set_path(data, "status.used", {found["what"]: found["used"] for found in shown})


def _certificate(data: dict[str, Any], cells: Cells) -> None:
    set_path(data, "spec.secretName", _said(cells, "SECRET"))
    if _said(cells, "READY"):
        set_path(data, "status.conditions", [{"type": "Ready", "status": _said(cells, "READY")}])


def _phase(data: dict[str, Any], cells: Cells) -> None:
    set_path(data, "status.phase", _said(cells, "STATUS"))


def _policy(data: dict[str, Any], cells: Cells) -> None:
    data["spec"] = {"podSelector": {"matchLabels": pairs([_said(cells, "POD-SELECTOR")])}}


def _component(data: dict[str, Any], cells: Cells) -> None:
    healthy = "True" if _said(cells, "STATUS") == "Healthy" else "False"
    message = _said(cells, "MESSAGE") or _said(cells, "ERROR")
    data["conditions"] = [{"type": "Healthy", "status": healthy, "message": message}]


def _metrics(data: dict[str, Any], cells: Cells) -> None:
    set_path(data, "usage.cpu", _said(cells, "CPU(cores)"))
    set_path(data, "usage.memory", _said(cells, "MEMORY(bytes)"))
    set_path(data, "share.cpu", _said(cells, "CPU%", "CPU(%)"))
    set_path(data, "share.memory", _said(cells, "MEMORY%", "MEMORY(%)"))


_READERS: dict[str, Callable[[dict[str, Any], Cells], None]] = {
    "Pod": _pod,
    "Deployment": _replicas,
    "ReplicaSet": _replicas,
    "StatefulSet": _replicas,
    "DaemonSet": _daemon_set,
    "Service": _service,
    "Endpoints": _endpoints,
    "EndpointSlice": _endpoints,
    "Node": _node,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume,
    "StorageClass": _storage_class,
    "Ingress": _ingress,
    "HorizontalPodAutoscaler": _autoscaler,
    "Job": _job,
    "ResourceQuota": _quota,
    "Certificate": _certificate,
    "Namespace": _phase,
    "NetworkPolicy": _policy,
    "ComponentStatus": _component,
    "PodMetrics": _metrics,
    "NodeMetrics": _metrics,
}
