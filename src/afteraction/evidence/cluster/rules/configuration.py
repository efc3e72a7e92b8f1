"""Rules on configuration: Secrets, ConfigMaps, keys and service accounts that are named and do not exist; addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from afteraction.evidence.cluster.claim import Claim, Rule
from afteraction.evidence.cluster.items import Cited, Cluster, Item, app_name, near
from afteraction.evidence.cluster.pods import containers, is_ready, runs

_TOLD = (
    ("missing_secret", re.compile(r'secrets? "(?P<name>[^"]+)" not found', re.IGNORECASE)),
    ("missing_configmap", re.compile(r'configmaps? "(?P<name>[^"]+)" not found', re.IGNORECASE)),
    ("missing_config_key", re.compile(r"couldn't find key (?P<name>\S+) in (?P<where>(?:Secret|ConfigMap) \S+)")),
    ("missing_config_key", re.compile(r"references non-existent (?:config|secret) key: (?P<name>\S+)")),
    (
        "missing_service_account",
        re.compile(
            r'service ?account "?(?P<name>[^"\s:]+)"? (?:was )?not found|error looking up service account (?P<other>\S+):',
            re.IGNORECASE,
        ),
    ),
)
_KINDS = {"missing_secret": "Secret", "missing_configmap": "ConfigMap", "missing_service_account": "ServiceAccount"}
_WORDS = {"missing_secret": "secret", "missing_configmap": "config map", "missing_service_account": "service account"}
_ADDRESS = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^@/\s]*@)?(?P<host>[a-z][a-z0-9.-]*[a-z0-9]):(?P<port>\d{2,5})(?:/|$|\?)",
    re.IGNORECASE,
)
_URL = re.compile(r"\b[a-z][a-z0-9+]{1,10}://(?P<host>[a-z][a-z0-9.-]*[a-z0-9])", re.IGNORECASE)
_ADDRESS_VARIABLE = re.compile(r"ADDR|HOST|URL|URI|ENDPOINT|SERVICE|SERVER|TARGET|UPSTREAM|BACKEND", re.IGNORECASE)


def _told(cluster: Cluster) -> Iterator[Claim]:
    done: set[tuple[str, str, str]] = set()
    for kind, name, namespace, text, cited in _texts(cluster):
        for cause, pattern in _TOLD:
            found = pattern.search(text)
            if found is None:
                continue
            missing = found["name"] or found.groupdict().get("other") or ""
            app = app_name(cluster, kind, name, namespace)
            if (app, cause, missing) in done:
                break
            done.add((app, cause, missing))
            yield _missing(cluster, (app, namespace), (cause, missing, found.groupdict().get("where") or ""), cited)
            break


def _texts(cluster: Cluster) -> Iterator[tuple[str, str, str, str, Cited]]:
    for note in cluster.notes:
        if note.warning:
            yield note.kind, note.name, note.namespace, note.message, note.cited
    for pod in cluster.all("Pod"):
        for run in runs(pod):
            if run.message:
                yield "Pod", pod.name, pod.namespace, run.message, pod.cite(run.waiting)
    for kind in ("Deployment", "ReplicaSet", "StatefulSet"):
        for item in cluster.all(kind):
            for condition in item.get("status.conditions", ()):
                message = str(condition.get("message", ""))
                if condition.get("type") == "ReplicaFailure" and message:
                    yield kind, item.name, item.namespace, message, item.cite("ReplicaFailure")


def _missing(cluster: Cluster, owner: tuple[str, str], what: tuple[str, str, str], cited: Cited) -> Claim:
    app, namespace = owner
    cause, missing, where = what
    name = missing.rpartition("/")[2]
    there = cluster.find(_KINDS.get(cause, ""), name, namespace)
    said = (
        f"{_WORDS[cause]} {name}"
        if cause in _WORDS
        else f"key {missing}"
        + (f" of {where.replace('Secret', 'secret').replace('ConfigMap', 'config map')}" if where else "")
    )
    gone = there is not None
    return Claim(
        rule="K8S-CONFIG-MISSING", ref=f"app/{app}", cause=cause, weight=0.35 if gone else 0.92, cited=(cited,),
        summary=f"{app} could not start because its {said} did not exist" + ("; it exists now" if gone else ""),
        namespace=namespace, look_next=f"kubectl get {_KINDS.get(cause, 'configmap,secret').lower()} {name}" + (f" -n {namespace}" if namespace else ""),
    )  # fmt: skip


def _references(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every (kind, name, key) that a pod spec needs; optional ones are left out, and the key may be empty."""
    for container in [*containers(spec), *(spec.get("initContainers") or ())]:
        for source in container.get("envFrom") or ():
            yield from _needed(source, "secretRef", "configMapRef")
        for variable in container.get("env") or ():
            yield from _needed(variable.get("valueFrom") or {}, "secretKeyRef", "configMapKeyRef")
    for volume in spec.get("volumes") or ():
        for field, kind, key in (("secret", "Secret", "secretName"), ("configMap", "ConfigMap", "name")):
            source = volume.get(field) or {}
            if source.get(key) and not source.get("optional"):
                yield kind, str(source[key]), ""
                yield from ((kind, str(source[key]), str(item.get("key", ""))) for item in source.get("items") or ())
    if spec.get("serviceAccountName"):
        yield "ServiceAccount", str(spec["serviceAccountName"]), ""


def _needed(holder: Mapping[str, Any], secret: str, config: str) -> Iterator[tuple[str, str, str]]:
    """The references under the two fields of `holder`, unless they are optional."""
    for field, kind in ((secret, "Secret"), (config, "ConfigMap")):
        reference = holder.get(field) or {}
        if reference.get("name") and not reference.get("optional"):
            yield kind, str(reference["name"]), str(reference.get("key", ""))


def _computed(cluster: Cluster) -> Iterator[Claim]:
    done: set[tuple[str, str, str]] = set()
    causes = {kind: cause for cause, kind in _KINDS.items()}
    for item, spec, _ in cluster.templates():
        app = cluster.app(item)
        for kind, name, key in _references(spec):
            proof = cluster.absent(kind, name, item.namespace)
            there = cluster.find(kind, name, item.namespace)
            if proof is not None and (app, kind, name) not in done:
                done.add((app, kind, name))
                yield Claim(
                    rule="K8S-CONFIG-REFERENCE", ref=f"app/{app}", cause=causes[kind], weight=0.8 if _sick(cluster, app) else 0.55,
                    summary=f"{app} needs {_WORDS[causes[kind]]} {name}, which does not exist",
                    cited=(item.cite(name), proof), namespace=item.namespace,
                    look_next=f"kubectl get {kind.lower()} {name}",
                )  # fmt: skip
            elif key and there is not None and there.described and _lacks(there, key) and (app, name, key) not in done:
                done.add((app, name, key))
                yield Claim(
                    rule="K8S-CONFIG-REFERENCE", ref=f"app/{app}", cause="missing_config_key", weight=0.8 if _sick(cluster, app) else 0.55,
                    summary=f"{app} needs key {key} of {_WORDS[causes[kind]]} {name}, which does not have it",
                    cited=(item.cite(key), there.cite()), namespace=item.namespace,
                    look_next=f"kubectl describe {kind.lower()} {name}",
                )  # fmt: skip


def _lacks(item: Item, key: str) -> bool:
    keys = {*item.get("data", {}), *item.get("stringData", {}), *item.get("binaryData", {})}
    return "data" in item.data and key not in keys


def _sick(cluster: Cluster, app: str) -> bool:
    pods = [pod for pod in cluster.all("Pod") if cluster.app(pod) == app]
    return not pods or any(is_ready(pod) is False for pod in pods)


def called_hosts(spec: Mapping[str, Any]) -> Iterator[str]:
    """Every host that a pod spec names: in addresses of its environment, and in URLs of its commands."""
    yield from (host for _, host, _ in addresses(spec))
    for container in containers(spec):
        for word in [*(container.get("command") or ()), *(container.get("args") or ())]:
            yield from (found["host"] for found in _URL.finditer(str(word)))


def addresses(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Every (variable, host, port) that the environment of a pod spec names."""
    for container in containers(spec):
        for variable in container.get("env") or ():
            found = _ADDRESS.match(str(variable.get("value") or ""))
            if found is not None and _ADDRESS_VARIABLE.search(str(variable.get("name", ""))):
                yield str(variable["name"]), found["host"], int(found["port"])


def service_at(cluster: Cluster, host: str, namespace: str) -> Item | None:
    """The Service that a host name means: `name`, `name.namespace`, `name.namespace.svc.cluster.local`."""
    name, _, rest = host.partition(".")
    return cluster.find("Service", name, rest.partition(".")[0] if rest else namespace)


def _addresses(cluster: Cluster) -> Iterator[Claim]:
    done: set[tuple[str, str]] = set()
    for item, spec, _ in cluster.templates():
        app = cluster.app(item)
        for variable, host, port in addresses(spec):
            if (app, variable) in done or not _is_inside(host):
                continue
            service = service_at(cluster, host, item.namespace)
            wrong = _wrong_address(cluster, item, host, port, service)
            if wrong is None:
                continue
            done.add((app, variable))
            shown = [item.cite(variable, host)] + ([service.cite()] if service is not None else [])
            yield Claim(
                rule="K8S-ADDRESS", ref=f"app/{app}", cause="service_address_mismatch", weight=0.84, cited=tuple(shown),
                summary=f"{app} looks for {host}:{port} ({variable}), but {wrong}", namespace=item.namespace,
                look_next=f"kubectl get service {service.name if service else ''}".strip(),
            )  # fmt: skip


def _is_inside(host: str) -> bool:
    """Whether a name can only mean a Service of the cluster: no dot, or the cluster's own suffix."""
    return host != "localhost" and ("." not in host or ".svc" in host)


def _wrong_address(cluster: Cluster, item: Item, host: str, port: int, service: Item | None) -> str | None:
    if service is None:
        namespace = host.split(".")[1] if "." in host else item.namespace
        known = [one for one in cluster.all("Service") if near(one.namespace, namespace)]
        if cluster.absent("Service", host.partition(".")[0], namespace) is None or not known:
            return None
        return "there is no such service"
    ports = [int(one["port"]) for one in service.get("spec.ports", ()) if str(one.get("port", "")).isdigit()]
    headless = service.get("spec.clusterIP") == "None"
    if ports and port not in ports and not headless:
        return f"service {service.name} has port {', '.join(str(one) for one in ports)}"
    return None


RULES = (
    Rule(
        id="K8S-CONFIG-MISSING", title="A Secret, ConfigMap, key or service account was not found",
        causes=("missing_secret", "missing_configmap", "missing_config_key", "missing_service_account"),
        reads="Warning events, messages of waiting containers, ReplicaFailure conditions",
        page="The cluster said so. When the object exists by now, the claim is kept with little weight.", check=_told,
    ),
    Rule(
        id="K8S-CONFIG-REFERENCE", title="A pod names a Secret, ConfigMap, key or service account that does not exist",
        causes=("missing_secret", "missing_configmap", "missing_config_key", "missing_service_account"),
        reads="env, envFrom, volumes and serviceAccountName of pods and templates against the objects that exist",
        page="Computed. It needs proof of absence: a whole list without the object, a NotFound, or the object without the key. "
        "References that are optional are left out.",
        check=_computed,
    ),
    Rule(
        id="K8S-ADDRESS", title="An app looks for another at an address where nothing is",
        causes=("service_address_mismatch",),
        reads="environment variables that hold host:port against the Services and their ports",
        page="Computed for names that can only mean a Service of the cluster; headless Services are not judged by port.",
        check=_addresses,
    ),
)  # fmt: skip
