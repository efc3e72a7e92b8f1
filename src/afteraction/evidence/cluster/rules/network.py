"""Rules on the network: policies that cut apps off, name resolution, injected faults of a mesh or an experiment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from afteraction.evidence.cluster.claim import Claim, Depth, Rule
from afteraction.evidence.cluster.items import Cluster, Item, near
from afteraction.evidence.cluster.pods import is_ready
from afteraction.evidence.cluster.rules.configuration import called_hosts, service_at
from afteraction.evidence.cluster.selectors import parts_of, selects
from afteraction.evidence.cluster.shape import entries

_DNS_LABELS = {"kube-dns", "coredns"}
_RESOLVING = re.compile(
    r"no such host|could not resolve|Temporary failure in name resolution|Name or service not known|EAI_AGAIN|ENOTFOUND|SERVFAIL|server misbehaving",
    re.IGNORECASE,
)
_FAULT_KINDS = re.compile(r"(?:Chaos|Experiment|ChaosEngine)$")


def _directions(policy: Item) -> list[str]:
    named = [str(one) for one in policy.get("spec.policyTypes", ())]
    return named or (["Ingress", "Egress"] if policy.get("spec.egress") is not None else ["Ingress"])


def _policies(cluster: Cluster) -> Iterator[Claim]:
    for policy in cluster.all("NetworkPolicy"):
        if not policy.described:
            continue
        selector = policy.get("spec.podSelector", {})
        wide = not any(parts_of(selector))
        for direction in _directions(policy):
            rules = policy.get(f"spec.{direction.lower()}", [])
            why, cause = _what_it_stops(cluster, policy, direction, rules)
            if not why:
                continue
            allowed_elsewhere = _others_allow(cluster, policy, direction)
            apps = _apps(cluster, selector, policy.namespace)
            ref = (
                f"namespace/{policy.namespace}"
                if wide and policy.namespace
                else f"app/{apps[0]}"
                if apps
                else f"networkpolicy/{policy.name}"
            )
            whom = (
                f"all pods of namespace {policy.namespace or '(not shown)'}"
                if wide
                else ", ".join(apps) or "the pods that it selects"
            )
            yield Claim(
                rule="K8S-NETWORK-POLICY", ref=ref, cause=cause, weight=0.5 if allowed_elsewhere else 0.84,
                summary=f"network policy {policy.name} {why} {whom}", namespace=policy.namespace,
                cited=(policy.cite(f"Allowing {direction.lower()}") if not policy.whole else policy.cite(direction),),
                hurts=tuple(f"app/{app}" for app in apps), look_next=f"kubectl describe networkpolicy {policy.name}",
            )  # fmt: skip
            break


def _what_it_stops(
    cluster: Cluster, policy: Item, direction: str, rules: Sequence[Mapping[str, Any]]
) -> tuple[str, str]:
    if not rules:
        side = "lets nothing in to" if direction == "Ingress" else "lets nothing out, name resolution included, of"
        return side, "network_policy"
    if all(not one for one in rules):
        return "", ""
    key = "from" if direction == "Ingress" else "to"
    dead = [
        one
        for one in rules
        if one.get(key) and not any(_peer_exists(cluster, peer, policy.namespace) for peer in one[key])
    ]
    if len(dead) == len(rules):
        side = "lets in to" if direction == "Ingress" else "lets out of"
        return f"{side} no pod that exists:", "network_policy"
    kept_out = _callers_kept_out(cluster, policy, rules) if direction == "Ingress" else []
    if kept_out:
        return f"keeps {', '.join(kept_out)}, which calls it, from", "network_policy"
    ports = _wrong_ports(cluster, policy, rules) if direction == "Ingress" else ""
    if ports:
        return f"allows port {ports}, which they do not open, and no other port of", "network_policy"
    if direction == "Egress" and _forgets_names(rules):
        return "lets out no name resolution (port 53) of", "network_policy"
    return "", ""


def _peer_exists(cluster: Cluster, peer: Mapping[str, Any], namespace: str) -> bool:
    """Whether some pod is meant by a peer; True when that is not known (other namespaces, address blocks)."""
    if "ipBlock" in peer:
        return True
    labelled = [pod for pod in cluster.all("Pod") if pod.labels()]
    if "namespaceSelector" in peer:
        places = [one for one in cluster.all("Namespace") if one.labels()]
        return not places or any(selects(peer["namespaceSelector"] or {}, one.labels()) for one in places)
    wanted = peer.get("podSelector") or {}
    mine = [pod for pod in labelled if near(pod.namespace, namespace)]
    templates = [
        labels
        for item, _, labels in cluster.templates()
        if item.kind != "Pod" and labels and near(item.namespace, namespace)
    ]
    if not mine and not templates:
        return True
    return any(selects(wanted, pod.labels()) for pod in mine) or any(selects(wanted, labels) for labels in templates)


def _callers_kept_out(cluster: Cluster, policy: Item, rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """Apps that call what the policy selects, by the hosts that they name, and that no rule lets in."""
    if any(
        not one.get("from") or any("ipBlock" in peer or "namespaceSelector" in peer for peer in one["from"])
        for one in rules
    ):
        return []
    selector, found = policy.get("spec.podSelector", {}), []
    for item, spec, labels in cluster.templates():
        if not labels or not near(item.namespace, policy.namespace) or selects(selector, labels):
            continue
        services = [
            one for host in called_hosts(spec) if (one := service_at(cluster, host, item.namespace)) is not None
        ]
        calls = any(_leads_to(cluster, service, selector) for service in services)
        allowed = any(selects(peer.get("podSelector") or {}, labels) for one in rules for peer in one["from"])
        if calls and not allowed:
            found.append(cluster.app(item))
    return list(dict.fromkeys(found))


def _leads_to(cluster: Cluster, service: Item, selector: Mapping[str, Any]) -> bool:
    """Whether a Service and a policy select the same pods."""
    wanted = service.get("spec.selector", {})
    return bool(wanted) and any(
        labels and selects(wanted, labels) and selects(selector, labels) for _, _, labels in cluster.templates()
    )


def _wrong_ports(cluster: Cluster, policy: Item, rules: Sequence[Mapping[str, Any]]) -> str:
    allowed = {str(port.get("port")) for one in rules for port in one.get("ports") or ()}
    if not allowed or any(not one.get("ports") for one in rules):
        return ""
    selector = policy.get("spec.podSelector", {})
    opened = {
        str(value)
        for item, spec, labels in cluster.templates()
        if labels and selects(selector, labels) and near(item.namespace, policy.namespace)
        for container in spec.get("containers") or ()
        for port in container.get("ports") or ()
        for value in (port.get("containerPort"), port.get("name"))
        if value
    }
    return ", ".join(sorted(allowed)) if opened and not allowed & opened else ""


def _forgets_names(rules: Sequence[Mapping[str, Any]]) -> bool:
    """Whether no egress rule lets port 53 through."""
    return all(
        one.get("ports") and all(str(port.get("port")) not in {"53", "dns", "dns-tcp"} for port in one["ports"])
        for one in rules
    )


def _others_allow(cluster: Cluster, policy: Item, direction: str) -> bool:
    """Policies add up: another one that allows something in the same direction takes the edge off."""
    return any(
        other is not policy
        and near(other.namespace, policy.namespace)
        and direction in _directions(other)
        and other.get(f"spec.{direction.lower()}")
        for other in cluster.all("NetworkPolicy")
    )


def _apps(cluster: Cluster, selector: Mapping[str, Any], namespace: str) -> list[str]:
    if not any(parts_of(selector)):
        return []
    found = [cluster.app(pod) for pod in cluster.pods_of(selector, namespace)]
    found += [
        cluster.app(item)
        for item, _, labels in cluster.templates()
        if labels and selects(selector, labels) and near(item.namespace, namespace)
    ]
    wanted, _ = parts_of(selector)
    return list(dict.fromkeys(found)) or [str(value) for value in wanted.values()][:1]


def _is_dns(item: Item) -> bool:
    return str(item.labels().get("k8s-app", "")) in _DNS_LABELS or item.name.startswith(("coredns", "kube-dns"))


def _dns(cluster: Cluster) -> Iterator[Claim]:
    for workload in cluster.all("Deployment"):
        if _is_dns(workload) and (
            workload.get("spec.replicas") == 0
            or workload.get("status.readyReplicas", workload.get("status.availableReplicas")) == 0
        ):
            yield _dns_claim(
                workload,
                f"the cluster's name server {workload.name} has no ready pod, so no name is resolved",
                0.93,
                "0",
            )
    sick = [pod for pod in cluster.all("Pod") if _is_dns(pod)]
    if sick and all(is_ready(pod) is False for pod in sick):
        yield _dns_claim(sick[0], "no pod of the cluster's name server is ready, so no name is resolved", 0.9, "")
    for config in cluster.all("ConfigMap"):
        text = str(config.get("data", {}).get("Corefile", "")) if isinstance(config.get("data", {}), Mapping) else ""
        if not text:
            continue
        if not re.search(r"^\s*kubernetes\s", text, re.MULTILINE):
            yield _dns_claim(
                config, "the name server's configuration no longer serves the cluster's own names", 0.9, "Corefile"
            )
        elif re.search(r"^\s*(?:template|erratic)\b[^{]*(?:NXDOMAIN|SERVFAIL|ANY)?", text, re.MULTILINE) and re.search(
            r"rcode\s+(?:NXDOMAIN|SERVFAIL|REFUSED)", text
        ):
            yield _dns_claim(config, "the name server is set up to deny names", 0.92, "rcode")
    for item, spec, _ in cluster.templates():
        policy, servers = spec.get("dnsPolicy"), (spec.get("dnsConfig") or {}).get("nameservers") or ()
        if policy in {"None", "Default"} and (servers or policy == "Default"):
            app = cluster.app(item)
            yield Claim(
                rule="K8S-DNS", ref=f"app/{app}", cause="dns_failure", weight=0.75 if policy == "None" else 0.4,
                summary=f"{app} does not ask the cluster's name server (dnsPolicy {policy}{', ' + ', '.join(map(str, servers)) if servers else ''})",
                cited=(item.cite("dnsPolicy"),), namespace=item.namespace,
            )  # fmt: skip


def _dns_claim(item: Item, summary: str, weight: float, needle: str) -> Claim:
    name = item.name if item.kind != "Pod" else item.name.rsplit("-", 2)[0]
    return Claim(
        rule="K8S-DNS", ref=f"app/{name}", cause="dns_failure", weight=weight, summary=summary, cited=(item.cite(needle or item.name),),
        namespace=item.namespace, look_next="kubectl -n kube-system get pods,configmap -l k8s-app=kube-dns",
    )  # fmt: skip


def _resolving(cluster: Cluster) -> Iterator[Claim]:
    """Probes and hooks that fail because a name is not resolved."""
    for note in cluster.notes:
        if note.warning and _RESOLVING.search(note.message) and "pull" not in note.message and note.kind == "Pod":
            pod = cluster.find("Pod", note.name, note.namespace)
            app = cluster.app(pod) if pod is not None else note.name
            yield Claim(
                rule="K8S-DNS-FAILS", ref=f"app/{app}", cause="dns_failure", weight=0.6, summary=f"{app} cannot resolve a name: {note.message[:200]}",
                cited=(note.cited,), namespace=note.namespace, depth=Depth.FAILURE,
            )  # fmt: skip


def _injected(cluster: Cluster) -> Iterator[Claim]:
    for route in cluster.all("VirtualService"):
        for one in entries(route.get("spec.http")):
            fault = one.get("fault") or {}
            if fault:
                host = str(next(iter(route.get("spec.hosts", ())), route.name)).partition(".")[0]
                yield Claim(
                    rule="K8S-INJECTED", ref=f"app/{host}", cause="injected_fault", weight=0.9, cited=(route.cite("fault"),),
                    summary=f"virtual service {route.name} injects {' and '.join(fault)} into the traffic to {host}", namespace=route.namespace,
                )  # fmt: skip
    for kind, items in cluster.by_kind.items():
        if not _FAULT_KINDS.search(kind):
            continue
        for item in items:
            selector = item.get("spec.selector.labelSelectors", {}) or item.get("spec.appinfo", {})
            apps = _apps(cluster, selector, "") if selector else []
            yield Claim(
                rule="K8S-INJECTED", ref=f"app/{apps[0]}" if apps else f"{kind.lower()}/{item.name}", cause="injected_fault", weight=0.9,
                summary=f"an experiment is running: {kind} {item.name}" + (f" on {', '.join(apps)}" if apps else ""),
                cited=(item.cite(item.name),), namespace=item.namespace,
            )  # fmt: skip


def _sandbox(cluster: Cluster) -> Iterator[Claim]:
    done: set[str] = set()
    for note in cluster.notes:
        if note.reason not in {
            "FailedCreatePodSandBox",
            "FailedCreatePodSandbox",
            "FailedPodSandBoxStatus",
            "NetworkNotReady",
        }:
            continue
        pod = cluster.find("Pod", note.name, note.namespace)
        node = str(pod.get("spec.nodeName", "")) if pod is not None else ""
        runtime = re.search(r"containerd|cri-?o|docker|runtime", note.message) and re.search(
            r"connection refused|no such file|unavailable|transport|not running", note.message
        )
        cause = "runtime_unavailable" if runtime and "plugin" not in note.message else "network_plugin"
        ref = f"node/{node}" if node else f"app/{cluster.app(pod) if pod is not None else note.name}"
        if ref in done:
            continue
        done.add(ref)
        what = "container runtime" if cause == "runtime_unavailable" else "network plugin"
        yield Claim(
            rule="K8S-SANDBOX", ref=ref, cause=cause, weight=0.8, cited=(note.cited,), namespace=note.namespace,
            summary=f"the {what}{' of node ' + node if node else ''} makes no pods: {note.message[:200]}",
            hurts=(f"app/{cluster.app(pod)}",) if pod is not None else (), look_next=f"the kubelet's log on {node or 'the node'}",
        )  # fmt: skip


RULES = (
    Rule(
        id="K8S-NETWORK-POLICY", title="A network policy cuts pods off", causes=("network_policy",),
        reads="NetworkPolicies against the labels and ports of pods and templates",
        page="Computed: no rule at all in a direction; peers that mean no pod that exists; ports that the pods do not open; egress "
        "without port 53. Policies add up, so one that another softens weighs less.",
        check=_policies,
    ),
    Rule(
        id="K8S-DNS", title="The cluster's name resolution is broken", causes=("dns_failure",),
        reads="the name server's workload, pods and Corefile; dnsPolicy and dnsConfig of pods", page="Computed.", check=_dns,
    ),
    Rule(
        id="K8S-DNS-FAILS", title="A pod cannot resolve a name", causes=("dns_failure",), reads="Warning events of pods",
        page="A failure; K8S-DNS and K8S-NETWORK-POLICY tell why.", check=_resolving,
    ),
    Rule(
        id="K8S-INJECTED", title="A fault is being injected", causes=("injected_fault",),
        reads="fault sections of VirtualServices; objects of chaos experiments", page="Somebody does this on purpose.", check=_injected,
    ),
    Rule(
        id="K8S-SANDBOX", title="A node cannot make pods", causes=("runtime_unavailable", "network_plugin"),
        reads="events FailedCreatePodSandBox, NetworkNotReady", page="Tells the container runtime from the network plugin.", check=_sandbox,
    ),
)  # fmt: skip
