"""Rules on scheduling: why no node takes a pod, computed from the pod and the nodes beside what the scheduler said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from afteraction.evidence.cluster.claim import Claim, Rule
from afteraction.evidence.cluster.items import Cited, Cluster, Item, app_name
from afteraction.evidence.cluster.pods import containers, is_chronic
from afteraction.evidence.cluster.quantities import parse_quantity
from afteraction.evidence.cluster.selectors import misses, selects, tolerated
from afteraction.evidence.cluster.shape import mapping

_SYSTEM_TAINTS = {
    "node.kubernetes.io/not-ready": "node_not_ready",
    "node.kubernetes.io/unreachable": "node_not_ready",
    "node.kubernetes.io/unschedulable": "node_cordoned",
    "node.kubernetes.io/disk-pressure": "node_pressure",
    "node.kubernetes.io/memory-pressure": "node_pressure",
    "node.kubernetes.io/pid-pressure": "node_pressure",
    "node.kubernetes.io/network-unavailable": "node_network",
}
_CONTROL = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_TAINT = re.compile(r"(?:untolerated taint|had taint) \{(?P<key>[^:}=\s]+)(?:[:=]\s*(?P<value>[^}]*))?\}")
_REASONS = (
    ("node_affinity", r"didn't match Pod's node affinity/selector|didn't match node selector|didn't match Pod's node affinity"),
    ("pod_anti_affinity", r"anti-affinity"),
    ("pod_affinity", r"pod affinity"),
    ("topology_spread", r"topology spread"),
    ("unschedulable", r"were unschedulable"),
    ("insufficient", r"Insufficient (?P<what>[\w./-]+)"),
    ("too_many_pods", r"Too many pods"),
    ("volume_node", r"volume node affinity conflict|no available volume zone"),
    ("host_port", r"didn't have free ports"),
    ("max_volumes", r"exceed max volume count"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pending:
    pod: Item | None
    app: str
    namespace: str
    message: str
    cited: Cited


def _pending(cluster: Cluster) -> Iterator[_Pending]:
    """Every pod that the scheduler could not place, one for each app."""
    done: set[str] = set()
    for note in cluster.notes:
        if note.reason != "FailedScheduling":
            continue
        pod = cluster.find("Pod", note.name, note.namespace)
        app = cluster.app(pod) if pod is not None else app_name(cluster, "Pod", note.name, note.namespace)
        if app in done or (pod is not None and pod.get("spec.nodeName")):
            continue
        done.add(app)
        yield _Pending(pod, app, note.namespace, note.message, note.cited)
    for pod in cluster.all("Pod"):
        for condition in pod.get("status.conditions", ()):
            app = cluster.app(pod)
            if (
                condition.get("type") == "PodScheduled"
                and condition.get("status") == "False"
                and condition.get("message")
                and app not in done
            ):
                done.add(app)
                yield _Pending(pod, app, pod.namespace, str(condition["message"]), pod.cite("PodScheduled", "message"))


def _check(cluster: Cluster) -> Iterator[Claim]:
    for pending in _pending(cluster):
        message = pending.message.split("preemption:")[0]
        found = False
        for name, pattern in _REASONS:
            match = re.search(pattern, message)
            if match is None or (name == "pod_affinity" and "anti-affinity" in message):
                continue
            for claim in _REASON_CLAIMS[name](cluster, pending, (match.groupdict().get("what") or "").rstrip(".")):
                found = True
                yield claim
        for claim in _taints(cluster, pending, message):
            found = True
            yield claim
        if not found and "PersistentVolumeClaim" not in message and "persistentvolumeclaim" not in message:
            yield _claim(pending, "unschedulable", f"no node takes {pending.app}: {message.strip()[:200]}", 0.6)


def _claim(pending: _Pending, cause: str, summary: str, weight: float, *more: Cited, ref: str = "") -> Claim:
    look = f"kubectl describe pod {pending.pod.name}" if pending.pod is not None else "kubectl get nodes --show-labels"
    return Claim(
        rule="K8S-SCHEDULING", ref=ref or f"app/{pending.app}", cause=cause, weight=weight, summary=summary,
        cited=tuple(dict.fromkeys((pending.cited, *more))), namespace=pending.namespace, look_next=look,
        hurts=(f"app/{pending.app}",) if ref else (), chronic=pending.pod is not None and is_chronic(pending.pod),
    )  # fmt: skip


def _spec(cluster: Cluster, pending: _Pending) -> tuple[Mapping[str, Any], Item | None]:
    if pending.pod is not None and pending.pod.get("spec.containers"):
        return pending.pod.get("spec", {}), pending.pod
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "Job"):
        item = cluster.find(kind, pending.app, pending.namespace)
        if item is not None and item.get("spec.template.spec"):
            return item.get("spec.template.spec", {}), item
    return {}, pending.pod


def _node_affinity(cluster: Cluster, pending: _Pending, _what: str) -> Iterator[Claim]:
    spec, item = _spec(cluster, pending)
    selector = spec.get("nodeSelector") or {}
    terms = _required_terms(spec)
    nodes = cluster.all("Node")
    shown: list[Cited] = []
    if selector:
        lacking = [
            one for one in misses(selector, {}) if not any(one not in misses(selector, node.labels()) for node in nodes)
        ]
        what = ", ".join(f"{key}={value}" for key, value in selector.items())
        shown = [item.cite(next(iter(selector)))] if item is not None else []
        labelled = [node for node in nodes if node.labels()]
        said = f"; none of the {len(labelled)} nodes has {', '.join(lacking)}" if labelled and lacking else ""
        yield _claim(
            pending,
            "node_selector_mismatch",
            f"no node takes {pending.app}: its node selector wants {what}{said}",
            0.92,
            *shown,
        )
    elif terms:
        what = "; ".join(_in_words(term) for term in terms)
        shown = [item.cite("nodeAffinity")] if item is not None else []
        yield _claim(
            pending,
            "node_affinity_mismatch",
            f"no node takes {pending.app}: its node affinity wants {what}",
            0.92,
            *shown,
        )
    else:
        yield _claim(
            pending,
            "node_selector_mismatch",
            f"no node takes {pending.app}: no node has the labels that its node selector or node affinity wants",
            0.88,
        )


def _required_terms(spec: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    return required.get("nodeSelectorTerms") or ()


def _in_words(term: Mapping[str, Any]) -> str:
    parts = [*(term.get("matchExpressions") or ()), *(term.get("matchFields") or ())]
    return " and ".join(
        f"{one.get('key')} {one.get('operator')} {','.join(map(str, one.get('values') or ()))}".strip() for one in parts
    )


def _pinned(cluster: Cluster, spec: Mapping[str, Any]) -> list[Item]:
    """The nodes that a pod's node selector and node affinity leave it; all nodes when it has none."""
    selector, terms = spec.get("nodeSelector") or {}, _required_terms(spec)
    nodes = (
        [node for node in cluster.all("Node") if selects(selector, node.labels())]
        if selector
        else list(cluster.all("Node"))
    )
    if terms:
        nodes = [
            node
            for node in nodes
            if any(selects({"matchExpressions": term.get("matchExpressions") or ()}, node.labels()) for term in terms)
        ]
    return nodes


def _cordoned(cluster: Cluster, pending: _Pending, _what: str) -> Iterator[Claim]:
    spec, _ = _spec(cluster, pending)
    nodes = [node for node in _pinned(cluster, spec) if node.get("spec.unschedulable")]
    pinned = bool(spec.get("nodeSelector") or _required_terms(spec))
    names = ", ".join(node.name for node in nodes)
    summary = f"no node takes {pending.app}: {'node ' + names if names else 'a node that could'} is cordoned"
    if pinned:
        summary += f", and {pending.app} may run nowhere else"
    for node in nodes:
        yield _claim(pending, "node_cordoned", summary, 0.9, node.cite("chedul"), ref=f"node/{node.name}")
    yield _claim(pending, "node_cordoned", summary, 0.8 if nodes else 0.86)


def _taints(cluster: Cluster, pending: _Pending, message: str) -> Iterator[Claim]:
    spec, _ = _spec(cluster, pending)
    seen: set[str] = set()
    for found in _TAINT.finditer(message):
        key, value = found["key"], (found["value"] or "").strip()
        if key in seen or key in _CONTROL:
            continue
        seen.add(key)
        nodes = [
            node
            for node in cluster.all("Node")
            if any(taint.get("key") == key for taint in node.get("spec.taints", ()))
        ]
        names = ", ".join(node.name for node in nodes)
        cause = _SYSTEM_TAINTS.get(key, "taint_not_tolerated")
        if cause == "taint_not_tolerated":
            text = f"{key}={value}" if value else key
            summary = f"no node takes {pending.app}: {'node ' + names if names else 'a node'} has taint {text}, which {pending.app} does not tolerate"
            tolerations = spec.get("tolerations") or ()
            nearly = [one for one in tolerations if one.get("key") == key]
            if nearly and not any(
                tolerated({"key": key, "value": value, "effect": one.get("effect")}, tolerations) for one in nearly
            ):
                summary += f" (it tolerates {key}={nearly[0].get('value', '')}:{nearly[0].get('effect', '')})"
            yield _claim(pending, cause, summary, 0.88)
        else:
            summary = f"no node takes {pending.app}: {'node ' + names if names else 'a node'} is tainted {key}"
        for node in nodes:
            yield _claim(
                pending,
                cause,
                summary,
                0.84 if cause == "taint_not_tolerated" else 0.9,
                node.cite(key),
                ref=f"node/{node.name}",
            )
        if not nodes and cause != "taint_not_tolerated":
            yield _claim(pending, cause, summary, 0.6)


def _insufficient(cluster: Cluster, pending: _Pending, what: str) -> Iterator[Claim]:
    spec, item = _spec(cluster, pending)
    asked = [
        ((one.get("resources") or {}).get("requests") or {}).get(what)
        or mapping((one.get("resources") or {}).get("limits")).get(what)
        for one in containers(spec)
    ]
    total = sum(parse_quantity(one) or 0 for one in asked if one)
    rooms = [
        parse_quantity(node.get("status.allocatable", {}).get(what, node.get("status.capacity", {}).get(what)))
        for node in cluster.all("Node")
    ]
    largest = max((room for room in rooms if room is not None), default=None)
    said = ", ".join(str(one) for one in asked if one)
    short = what if what in {"cpu", "memory", "pods", "ephemeral-storage"} else "gpu" if "gpu" in what else "resource"
    shown = [item.cite(f"{what}:", said)] if item is not None and said else []
    summary = f"no node takes {pending.app}: not enough {what}" + (f" (it asks for {said}" if said else "")
    if said:
        summary += ", more than any node has)" if largest is not None and total > largest else ")"
    yield _claim(
        pending,
        f"insufficient_{short.replace('-', '_')}",
        summary,
        0.9 if not said or largest is None or total > largest else 0.82,
        *shown,
    )


def _simple(cause: str, words: str, weight: float, needle: str = "") -> Any:
    def claims(cluster: Cluster, pending: _Pending, _what: str) -> Iterator[Claim]:
        _, item = _spec(cluster, pending)
        shown = [item.cite(needle)] if item is not None and needle and item.whole else []
        yield _claim(pending, cause, f"no node takes {pending.app}: {words}", weight, *shown)

    return claims


_REASON_CLAIMS: Mapping[str, Any] = {
    "node_affinity": _node_affinity,
    "pod_anti_affinity": _simple(
        "pod_anti_affinity_conflict",
        "its anti-affinity forbids it beside the pods that run there",
        0.9,
        "podAntiAffinity",
    ),
    "pod_affinity": _simple(
        "pod_affinity_mismatch", "its affinity wants it beside pods that run on no such node", 0.9, "podAffinity"
    ),
    "topology_spread": _simple(
        "topology_spread_conflict", "its topology spread constraints leave no node", 0.88, "topologySpread"
    ),
    "unschedulable": _cordoned,
    "insufficient": _insufficient,
    "too_many_pods": _simple(
        "insufficient_pods",
        "the nodes hold as many pods as they may",
        0.8,
    ),
    "volume_node": _simple("volume_node_conflict", "its volume lies on another node or in another zone", 0.88),
    "host_port": _simple("host_port_conflict", "the host port that it wants is taken on every node", 0.9, "hostPort"),
    "max_volumes": _simple("max_volumes", "the nodes hold as many volumes as they may", 0.8),
}


def _unscheduled(cluster: Cluster) -> Iterator[Claim]:
    """Pods that wait without a node and without a word of the scheduler: the scheduler itself does not work."""
    silent = [pod for pod in cluster.all("Pod") if _is_silent(cluster, pod)]
    asked: set[str] = set()
    for pod in silent:
        app = cluster.app(pod)
        named = str(pod.get("spec.schedulerName", "default-scheduler"))
        if app in asked:
            continue
        asked.add(app)
        if named != "default-scheduler":
            yield Claim(
                rule="K8S-SCHEDULER", ref=f"app/{app}", cause="unknown_scheduler", weight=0.82, namespace=pod.namespace,
                summary=f"{app} waits for scheduler {named}, which never spoke", cited=(pod.cite(named),),
            )  # fmt: skip
            continue
        yield Claim(
            rule="K8S-SCHEDULER", ref="app/kube-scheduler", cause="scheduler_unavailable", weight=0.72 if len(silent) > 1 else 0.6,
            summary=f"{pod.name} waits without a node, and the scheduler has not said a word about it: the scheduler does not work",
            cited=(pod.cite("Pending"),), namespace=pod.namespace, hurts=(f"app/{app}",), chronic=is_chronic(pod),
            look_next="kubectl -n kube-system get pods, and the scheduler's log",
        )  # fmt: skip


def _is_silent(cluster: Cluster, pod: Item) -> bool:
    if pod.get("status.phase") != "Pending" or pod.get("spec.nodeName") or not pod.described:
        return False
    spoke = any(condition.get("type") == "PodScheduled" for condition in pod.get("status.conditions", ()))
    if pod.whole and not cluster.notes:
        return not spoke
    return not cluster.notes_on(pod) and not spoke


RULES = (
    Rule(
        id="K8S-SCHEDULING", title="No node takes a pod",
        causes=(
            "node_selector_mismatch", "node_affinity_mismatch", "taint_not_tolerated", "node_cordoned", "node_not_ready",
            "node_pressure", "node_network", "insufficient_cpu", "insufficient_memory", "insufficient_pods", "insufficient_gpu",
            "insufficient_ephemeral_storage", "insufficient_resource",
            "pod_anti_affinity_conflict", "pod_affinity_mismatch", "topology_spread_conflict", "volume_node_conflict",
            "host_port_conflict", "max_volumes", "unschedulable",
        ),
        reads="events FailedScheduling; node selectors, affinity, tolerations and requests of pods; labels, taints and room of nodes",
        page="Every reason that the scheduler gives becomes a claim; what it does not say (which label, which node, whether any "
        "node could ever hold the request) is computed. Taints of control planes are passed over.",
        check=_check,
    ),
    Rule(
        id="K8S-SCHEDULER", title="A pod waits and the scheduler says nothing", causes=("scheduler_unavailable", "unknown_scheduler"),
        reads="pending pods without a node, without a PodScheduled condition and without events",
        page="Computed from silence: a working scheduler places a pod or says why not within seconds.", check=_unscheduled,
    ),
)  # fmt: skip
