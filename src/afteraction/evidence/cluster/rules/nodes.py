"""Rules on nodes and on the cluster's own parts: not ready, under pressure, cordoned, tainted; kubelet, runtime, proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afteraction.evidence.cluster.claim import Claim, Depth, Rule
from afteraction.evidence.cluster.items import Cluster, Item
from afteraction.evidence.cluster.pods import is_ended, is_ready

_PRESSURES = {
    "MemoryPressure": "memory",
    "DiskPressure": "disk",
    "PIDPressure": "process ids",
    "NetworkUnavailable": "network",
}
_PARTS = {
    "kube-proxy": ("proxy_unavailable", "services are not routed"),
    "kube-scheduler": ("scheduler_unavailable", "new pods are not placed"),
    "kube-controller-manager": ("controller_manager_unavailable", "nothing is reconciled"),
    "kube-apiserver": ("apiserver_unavailable", "nothing can be changed"),
    "etcd": ("etcd_unavailable", "the state of the cluster cannot be kept"),
    "coredns": ("dns_failure", "names are not resolved"),
    "kube-dns": ("dns_failure", "names are not resolved"),
    "calico-node": ("network_plugin", "pods have no network"),
    "kube-flannel": ("network_plugin", "pods have no network"),
    "cilium": ("network_plugin", "pods have no network"),
    "kindnet": ("network_plugin", "pods have no network"),
}
"""Parts of a cluster by the names that kubeadm and their makers give them; these are no names of services."""


def _on(cluster: Cluster, node: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(f"app/{cluster.app(pod)}" for pod in cluster.all("Pod") if pod.get("spec.nodeName") == node)
    )


def _not_ready(cluster: Cluster) -> Iterator[Claim]:
    done: set[str] = set()
    for node in cluster.all("Node"):
        for condition in node.get("status.conditions", ()):
            if condition.get("type") != "Ready" or condition.get("status") == "True":
                continue
            done.add(node.name)
            message = str(condition.get("message", ""))
            cause, why = _why_not_ready(message)
            yield Claim(
                rule="K8S-NODE-NOT-READY", ref=f"node/{node.name}", cause=cause, weight=0.94, hurts=_on(cluster, node.name),
                summary=f"node {node.name} is not ready: {why}" + (f" ({message[:160]})" if message else ""),
                cited=(node.cite("Ready", message[:40]) if message else node.cite("NotReady"),),
                look_next=f"systemctl status kubelet containerd on {node.name}",
            )  # fmt: skip
    yield from _told_not_ready(cluster, done)


def _told_not_ready(cluster: Cluster, done: set[str]) -> Iterator[Claim]:
    """Nodes that an event called not ready, and that were not seen so."""
    for note in cluster.notes:
        if note.reason not in {"NodeNotReady", "NodeNotSchedulable", "NodeStatusUnknown"}:
            continue
        pod = cluster.find("Pod", note.name, note.namespace) if note.kind == "Pod" else None
        name = note.name if note.kind == "Node" else str(pod.get("spec.nodeName", "")) if pod is not None else ""
        if not name or name in done:
            continue
        done.add(name)
        found = cluster.find("Node", name)
        healthy = (found is not None and _is_ready(found)) or (pod is not None and bool(is_ready(pod)))
        cause = "node_cordoned" if note.reason == "NodeNotSchedulable" else "node_not_ready"
        yield Claim(
            rule="K8S-NODE-NOT-READY", ref=f"node/{name}", cause=cause, weight=0.4 if healthy else 0.8,
            summary=f"node {name} was not ready" + (", and is ready again" if healthy else ""), cited=(note.cited,),
            hurts=_on(cluster, name), depth=Depth.FAILURE if healthy else Depth.CAUSE,
        )  # fmt: skip


def _is_ready(node: Item) -> bool:
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in node.get("status.conditions", ()))


def _why_not_ready(message: str) -> tuple[str, str]:
    if "stopped posting" in message:
        return "kubelet_unavailable", "its kubelet stopped reporting"
    if (
        re.search(r"container runtime (?:is down|status check|network not ready)|runtime is down|PLEG", message)
        and "cni" not in message.lower()
    ):
        return "runtime_unavailable", "its container runtime does not work"
    if re.search(r"cni|network plugin|NetworkPluginNotReady", message, re.IGNORECASE):
        return "network_plugin", "its network plugin does not work"
    if re.search(r"x509|certificate", message):
        return "certificate", "a certificate is not accepted"
    return "node_not_ready", "its kubelet does not report it ready"


def _pressure(cluster: Cluster) -> Iterator[Claim]:
    for node in cluster.all("Node"):
        for condition in node.get("status.conditions", ()):
            kind = str(condition.get("type", ""))
            if kind in _PRESSURES and condition.get("status") == "True":
                yield Claim(
                    rule="K8S-NODE-PRESSURE", ref=f"node/{node.name}", cause=f"node_{kind.removesuffix('Pressure').lower()}_pressure" if kind != "NetworkUnavailable" else "node_network",
                    summary=f"node {node.name} runs short of {_PRESSURES[kind]}: {condition.get('message', '')}".rstrip(": "), weight=0.88,
                    cited=(node.cite(kind, "True"),), hurts=_on(cluster, node.name), look_next=f"kubectl describe node {node.name}",
                )  # fmt: skip
        yield from _events(cluster, node)


def _events(cluster: Cluster, node: Item) -> Iterator[Claim]:
    words = {
        "ContainerGCFailed": ("runtime_unavailable", "cannot clean up containers"), "ImageGCFailed": ("node_disk_pressure", "cannot free space of images"),
        "FreeDiskSpaceFailed": ("node_disk_pressure", "cannot free disk space"), "KubeletSetupFailed": ("kubelet_unavailable", "has a kubelet that does not start"),
        "InvalidDiskCapacity": ("", ""), "Rebooted": ("node_rebooted", "was rebooted"), "KernelDeadlock": ("node_not_ready", "has a kernel deadlock"),
        "NodeHasDiskPressure": ("node_disk_pressure", "ran short of disk"), "NodeHasInsufficientMemory": ("node_memory_pressure", "ran short of memory"),
    }  # fmt: skip
    for note in cluster.notes_on(node):
        cause, said = words.get(note.reason, ("", ""))
        if cause:
            yield Claim(
                rule="K8S-NODE-EVENT", ref=f"node/{node.name}", cause=cause, weight=0.55, cited=(note.cited,),
                summary=f"node {node.name} {said}: {note.message[:160]}", hurts=_on(cluster, node.name), depth=Depth.FAILURE,
            )  # fmt: skip


def _cordoned(cluster: Cluster) -> Iterator[Claim]:
    pending = [
        pod for pod in cluster.all("Pod") if pod.get("status.phase") == "Pending" and not pod.get("spec.nodeName")
    ]
    for node in cluster.all("Node"):
        if node.get("spec.unschedulable"):
            yield Claim(
                rule="K8S-NODE-CORDONED", ref=f"node/{node.name}", cause="node_cordoned", weight=0.75 if pending else 0.5,
                summary=f"node {node.name} is cordoned: it takes no new pods", cited=(node.cite("chedul"),),
                hurts=tuple(f"app/{cluster.app(pod)}" for pod in pending), look_next=f"kubectl uncordon {node.name}",
            )  # fmt: skip


def _parts(cluster: Cluster) -> Iterator[Claim]:
    done: set[str] = set()
    for part in cluster.all("ComponentStatus"):
        for condition in part.get("conditions", ()):
            if condition.get("type") == "Healthy" and condition.get("status") != "True":
                name = re.sub(r"^(scheduler|controller-manager|apiserver)$", r"kube-\1", part.name)
                cause, effect = _PARTS.get(
                    name, (f"{part.name.replace('-', '_')}_unavailable", "the cluster does not work as it should")
                )
                done.add(name)
                yield Claim(
                    rule="K8S-PART", ref=f"app/{name}", cause=cause, weight=0.8, cited=(part.cite(part.name),),
                    summary=f"{name} is not healthy: {effect}", look_next=f"the log of {name}",
                )  # fmt: skip
    for pod in cluster.all("Pod"):
        name = _part_of(cluster, pod)
        if not name or is_ended(pod) or is_ready(pod) is not False:
            continue
        cause, effect = _PARTS[name]
        node = str(pod.get("spec.nodeName", ""))
        place = f"node/{node}" if cause in {"proxy_unavailable", "network_plugin"} and node else f"app/{name}"
        if place in done:
            continue
        done.add(place)
        yield Claim(
            rule="K8S-PART", ref=place, cause=cause, weight=0.86, cited=(pod.cite(pod.name),), namespace=pod.namespace,
            summary=f"{name}{' on node ' + node if node else ''} is not ready ({pod.name}): {effect}", hurts=_on(cluster, node) if node else (),
            look_next=f"kubectl -n {pod.namespace or 'kube-system'} logs {pod.name}",
        )  # fmt: skip
    yield from _daemons(cluster, done)


def _daemons(cluster: Cluster, done: set[str]) -> Iterator[Claim]:
    for daemon in cluster.all("DaemonSet"):
        name = next((part for part in _PARTS if daemon.name.startswith(part)), "")
        wanted, ready = (
            daemon.get("status.desiredNumberScheduled"),
            daemon.get("status.numberReady", daemon.get("status.numberAvailable")),
        )
        if not name or f"app/{name}" in done or wanted is None:
            continue
        nodes = len(cluster.all("Node"))
        short = (ready is not None and ready < wanted) or (wanted == 0 and nodes > 0)
        if short:
            cause, effect = _PARTS[name]
            yield Claim(
                rule="K8S-PART", ref=f"app/{daemon.name}", cause=cause, weight=0.84, cited=(daemon.cite(daemon.name),), namespace=daemon.namespace,
                summary=f"{daemon.name} runs on {ready or 0} of {wanted or nodes} nodes: {effect}", look_next=f"kubectl describe daemonset {daemon.name}",
            )  # fmt: skip


def _part_of(cluster: Cluster, pod: Item) -> str:
    app = cluster.app(pod)
    label = str(pod.labels().get("component", pod.labels().get("k8s-app", "")))
    return next(
        (part for part in _PARTS if app.startswith(part) or label == part or pod.name.startswith(f"{part}-")), ""
    )


RULES = (
    Rule(
        id="K8S-NODE-NOT-READY", title="A node is not ready",
        causes=("node_not_ready", "kubelet_unavailable", "runtime_unavailable", "network_plugin", "certificate", "node_cordoned"),
        reads="condition Ready of nodes, column STATUS, events NodeNotReady",
        page="Tells a silent kubelet from a dead container runtime and from a network plugin that is not set up.", check=_not_ready,
    ),
    Rule(
        id="K8S-NODE-PRESSURE", title="A node runs short of memory, disk, process ids or network",
        causes=("node_memory_pressure", "node_disk_pressure", "node_pid_pressure", "node_network", "node_rebooted"),
        reads="conditions and events of nodes", page="Its pods are hurt by it.", check=_pressure,
    ),
    Rule(
        id="K8S-NODE-EVENT", title="A node complains", causes=("runtime_unavailable", "kubelet_unavailable", "node_rebooted"),
        reads="events of nodes", page="Reported by K8S-NODE-PRESSURE.", check=lambda _: (),
    ),
    Rule(
        id="K8S-NODE-CORDONED", title="A node is cordoned", causes=("node_cordoned",),
        reads="spec.unschedulable, STATUS SchedulingDisabled", page="Weighs more when pods wait for a node.", check=_cordoned,
    ),
    Rule(
        id="K8S-PART", title="A part of the cluster itself does not work",
        causes=tuple(dict.fromkeys(cause for cause, _ in _PARTS.values())),
        reads="component statuses; pods and DaemonSets of the scheduler, proxy, name server, network, etcd and the controllers",
        page="A proxy or network pod names its node, since only that node is hurt.", check=_parts,
    ),
)  # fmt: skip
