"""Descriptions of services, storage, nodes, policies and quotas become the API's shape, as far as the text shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from afteraction.formats.kubectl.outline import Branch, outline, pairs, table
from afteraction.formats.kubectl.rows import modes
from afteraction.formats.kubectl.thing import number, port, set_path

_BACKEND = re.compile(r"(?P<name>[\w.-]+):(?P<port>[\w-]+)\s+\((?P<seen>.*)\)\s*$")


def _service(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    spec: dict[str, Any] = data.setdefault("spec", {})
    selector = root.child("Selector")
    if selector is not None:
        spec["selector"] = pairs(selector.texts())
    set_path(data, "spec.type", root.get("Type"))
    set_path(data, "spec.clusterIP", root.get("IP"))
    set_path(data, "spec.externalName", root.get("External Name"))
    ports: list[dict[str, Any]] = []
    endpoints: list[str] = []
    shown = False
    for child in root.children:
        if child.key == "Port":
            name, _, rest = child.value.rpartition(" ")
            digits, _, protocol = rest.partition("/")
            one: dict[str, Any] = {"port": port(digits), "protocol": protocol}
            set_path(one, "name", name.strip() if name.strip() != "<unset>" else "")
            ports.append(one)
        elif child.key == "TargetPort" and ports:
            ports[-1]["targetPort"] = port(child.value.partition("/")[0])
        elif child.key == "NodePort" and ports:
            ports[-1]["nodePort"] = number(child.value.split(" ")[-1].partition("/")[0])
        elif child.key == "Endpoints":
            shown = True
            endpoints += [text for text in child.value.split(",") if text]
    set_path(data, "spec.ports", ports)
    if shown:
        data["status"] = {"reaches": endpoints}


def _endpoints(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    part = root.child("Subsets")
    subset: dict[str, Any] = {}
    for child in part.children if part is not None else ():
        if child.key in {"Addresses", "NotReadyAddresses"} and child.value:
            key = "addresses" if child.key == "Addresses" else "notReadyAddresses"
            subset[key] = [{"ip": ip} for ip in child.value.split(",")]
        elif child.key == "Ports":
            rows = table(list(child.lines()))
            subset["ports"] = [{"name": row.get("Name", ""), "port": port(row.get("Port", ""))} for row in rows]
    data["subsets"] = [subset] if subset else []


def _slice(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    part = root.child("Endpoints")
    addresses = [child for child in part.children if "Addresses" in child.text] if part is not None else []
    data["endpoints"] = [{"addresses": child.text.rpartition(":")[2].strip().split(",")} for child in addresses]


def _ingress(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    set_path(data, "spec.ingressClassName", root.get("Ingress Class"))
    set_path(data, "status.address", root.get("Address"))
    part = root.child("Rules")
    rules: list[dict[str, Any]] = []
    for line in part.lines() if part is not None else ():
        words = line.split()
        if not words or words[0] in {"Host", "----"}:
            continue
        backend = _BACKEND.search(line.strip())
        if backend is None:
            rules.append({"host": words[0], "http": {"paths": []}})
            continue
        if not rules:
            rules.append({"host": "*", "http": {"paths": []}})
        service = {"name": backend["name"], "port": {"number": port(backend["port"])}}
        path = words[0] if words[0].startswith("/") else "/"
        rules[-1]["http"]["paths"].append({"path": path, "backend": {"service": service}, "seen": backend["seen"]})
    set_path(data, "spec.rules", rules)
    tls = root.child("TLS")
    found = [re.match(r"(\S+) terminates (.*)", text) for text in (tls.texts() if tls is not None else ())]
    set_path(data, "spec.tls", [{"secretName": one[1], "hosts": one[2].split(",")} for one in found if one])


def _policy(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    part = root.child("Spec")
    if part is None:
        return
    spec: dict[str, Any] = {"podSelector": {"matchLabels": pairs([part.get("PodSelector").partition(" (")[0]])}}
    set_path(spec, "policyTypes", [word.strip() for word in part.get("Policy Types").split(",") if word.strip()])
    for word, peers in (("ingress", "From"), ("egress", "To")):
        section = part.child(f"Allowing {word} traffic")
        if section is None:
            continue
        spec[word] = _policy_rules(section, peers)
        spec.setdefault("policyTypes", [])
        if word.capitalize() not in spec["policyTypes"]:
            spec["policyTypes"].append(word.capitalize())
    data["spec"] = spec


def _policy_rules(section: Branch, peers: str) -> list[dict[str, Any]]:
    """The rules of one direction: none when the pods are isolated; `To Port` and `From`/`To` make up a rule."""
    rules: list[dict[str, Any]] = []
    key = peers.lower()
    for child in section.children:
        if child.text.startswith("<none>"):
            return []
        if set(child.text) <= {"-"}:
            rules.append({})
            continue
        if not rules:
            rules.append({})
        if child.key == "To Port" and child.value and not child.value.startswith("<any>"):
            digits, _, protocol = child.value.partition("/")
            rules[-1].setdefault("ports", []).append({"port": port(digits), "protocol": protocol})
        elif child.key in {"From", "To"}:
            found = [_peer(line) for line in child.children]
            if found:
                rules[-1].setdefault(key, []).extend(found)
    return rules


def _peer(line: Branch) -> dict[str, Any]:
    if line.key == "NamespaceSelector":
        return {"namespaceSelector": {"matchLabels": pairs([line.value])}}
    if line.key == "PodSelector":
        return {"podSelector": {"matchLabels": pairs([line.value])}}
    return {"ipBlock": {"cidr": line.get("CIDR")}}


def _claim(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    set_path(data, "status.phase", root.get("Status"))
    set_path(data, "spec.volumeName", root.get("Volume"))
    set_path(data, "spec.storageClassName", root.get("StorageClass"))
    set_path(data, "status.capacity.storage", root.get("Capacity"))
    set_path(data, "spec.accessModes", modes(root.get("Access Modes")))
    used = root.child("Used By", "Mounted By")
    set_path(data, "status.usedBy", used.texts() if used is not None else [])


def _volume(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    set_path(data, "status.phase", root.get("Status"))
    set_path(data, "spec.storageClassName", root.get("StorageClass"))
    set_path(data, "spec.capacity.storage", root.get("Capacity"))
    set_path(data, "spec.accessModes", modes(root.get("Access Modes")))
    set_path(data, "status.message", root.get("Message"))
    namespace, slash, name = root.get("Claim").partition("/")
    if slash:
        set_path(data, "spec.claimRef", {"namespace": namespace, "name": name})


def _node(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    taints = root.child("Taints")
    set_path(data, "spec.taints", [_taint(text) for text in taints.texts()] if taints is not None else [])
    if root.get("Unschedulable") == "true":
        set_path(data, "spec.unschedulable", True)
    part = root.child("Conditions")
    rows = table(list(part.lines())) if part is not None else []
    names = {"LastHeartbeatTime": "lastHeartbeatTime", "LastTransitionTime": "lastTransitionTime"}
    set_path(data, "status.conditions", [{names.get(k, k.lower()): cell for k, cell in row.items()} for row in rows])
    for key, path in (("Capacity", "status.capacity"), ("Allocatable", "status.allocatable")):
        section = root.child(key)
        if section is not None:
            set_path(data, path, {child.key: child.value for child in section.children})
    allocated = root.child("Allocated resources")
    rows = table([line for line in allocated.lines() if not line.strip().startswith("(")]) if allocated else []
    set_path(data, "status.allocated", {row.get("Resource", ""): row.get("Requests", "") for row in rows})


def _taint(text: str) -> dict[str, Any]:
    label, _, effect = text.rpartition(":")
    key, sign, value = label.partition("=")
    return {"key": key, "effect": effect} | ({"value": value} if sign else {})


def _quota(data: dict[str, Any], _root: Branch, lines: Sequence[str]) -> None:
    start = next((at for at, line in enumerate(lines) if line.split()[:3] == ["Resource", "Used", "Hard"]), None)
    rows = table([line for line in lines[start:] if line[:1].strip()]) if start is not None else []
    set_path(data, "status.hard", {row["Resource"]: row["Hard"] for row in rows if row.get("Hard")})
    set_path(data, "status.used", {row["Resource"]: row["Used"] for row in rows if row.get("Used")})


def _limits(data: dict[str, Any], _root: Branch, lines: Sequence[str]) -> None:
    start = next((at for at, line in enumerate(lines) if line.split()[:2] == ["Type", "Resource"]), None)
    rows = table([line for line in lines[start:] if line[:1].strip()]) if start is not None else []
    limits: list[dict[str, Any]] = []
    for row in rows:
        limit: dict[str, Any] = {"type": row.get("Type", "")}
        for column, key in (
            ("Min", "min"), ("Max", "max"), ("Default Request", "defaultRequest"), ("Default Limit", "default"),
        ):  # fmt: skip
            if row.get(column, "-") not in {"-", ""}:
                limit[key] = {row["Resource"]: row[column]}
        limits.append(limit)
    set_path(data, "spec.limits", limits)


def _keys(data: dict[str, Any], _root: Branch, lines: Sequence[str]) -> None:
    """The keys below `Data`; of a Secret only sizes are printed, and of a ConfigMap the values are kept."""
    start = next((at for at, line in enumerate(lines) if line.strip() == "===="), None)
    if start is None:
        return
    found: dict[str, str] = {}
    key = ""
    for at, line in enumerate(lines[start + 1 :], start + 1):
        following = lines[at + 1].strip() if at + 1 < len(lines) else ""
        sized = re.match(r"([\w.-]+):\s+(\d+) bytes", line)
        if sized:
            found[sized.group(1)] = "<hidden>"
        elif following == "----" and line.rstrip().endswith(":"):
            key = line.strip().rstrip(":")
            found[key] = ""
        elif line.strip() in {"BinaryData", "Events:  <none>"} or line.startswith("Events:"):
            key = ""
        elif key and line.strip() not in {"----", "===="}:
            found[key] += ("\n" if found[key] else "") + line.rstrip()
    data["data"] = found


def _account(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    part = root.child("Image pull secrets")
    names = [text for text in (part.texts() if part is not None else ()) if text != "<none>"]
    set_path(data, "imagePullSecrets", [{"name": name.split(" ")[0]} for name in names])


def _autoscaler(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    kind, _, name = root.get("Reference").partition("/")
    set_path(data, "spec.scaleTargetRef", {"kind": kind, "name": name})
    set_path(data, "spec.minReplicas", number(root.get("Min replicas")))
    set_path(data, "spec.maxReplicas", number(root.get("Max replicas")))
    metrics = root.child("Metrics")
    set_path(data, "status.targets", "; ".join(child.text for child in metrics.children) if metrics is not None else "")
    part = root.child("Conditions")
    rows = table(list(part.lines())) if part is not None else []
    set_path(data, "status.conditions", [{key.lower(): cell for key, cell in row.items()} for row in rows])


def _namespace(data: dict[str, Any], root: Branch, lines: Sequence[str]) -> None:
    set_path(data, "status.phase", root.get("Status"))
    _quota(data, outline(()), lines)
    status = data.get("status", {})
    if "hard" in status:
        data["quota"] = {"hard": status.pop("hard"), "used": status.pop("used", {})}


def _application(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    """`argocd app get`: what the last operation came to, as a condition and in the resource's own words."""
    phase, message = root.get("Phase"), root.get("Message")
    set_path(data, "status.sync.status", root.get("Sync Status").split(" ")[0])
    set_path(data, "status.health.status", root.get("Health Status").split(" ")[0])
    set_path(data, "status.operationState.phase", phase)
    set_path(data, "status.operationState.message", message)
    if phase in {"Failed", "Error"} and message:
        set_path(data, "status.conditions", [{"type": "OperationError", "reason": "Message:", "message": message}])


def _storage_class(data: dict[str, Any], root: Branch, _lines: Sequence[str]) -> None:
    set_path(data, "provisioner", root.get("Provisioner"))
    set_path(data, "volumeBindingMode", root.get("VolumeBindingMode"))


READERS: dict[str, Callable[[dict[str, Any], Branch, Sequence[str]], None]] = {
    "Service": _service,
    "Endpoints": _endpoints,
    "EndpointSlice": _slice,
    "Ingress": _ingress,
    "NetworkPolicy": _policy,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume,
    "Node": _node,
    "ResourceQuota": _quota,
    "LimitRange": _limits,
    "ConfigMap": _keys,
    "Secret": _keys,
    "ServiceAccount": _account,
    "HorizontalPodAutoscaler": _autoscaler,
    "Namespace": _namespace,
    "StorageClass": _storage_class,
    "Application": _application,
}
