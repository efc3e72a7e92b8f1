"""Rules on routing: services that select nothing, ports that reach nothing, ingresses and routes that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from afteraction.evidence.cluster.claim import Claim, Depth, Rule
from afteraction.evidence.cluster.items import Cited, Cluster, Item, near
from afteraction.evidence.cluster.pods import containers, declared_ports, is_ended, is_ready
from afteraction.evidence.cluster.selectors import misses, selects
from afteraction.evidence.cluster.shape import entries, mapping


def _app_ref(cluster: Cluster, service: Item) -> str:
    """The app that a Service is meant for: the workload of its name, else the service itself."""
    return f"app/{service.name}" if _is_app(cluster, service) else f"service/{service.name}"


def _is_app(cluster: Cluster, service: Item) -> bool:
    return cluster.runs_app(service.name, service.namespace)


def _labelled(cluster: Cluster, service: Item) -> list[tuple[Item, Mapping[str, str]]]:
    """Pods whose labels are known, and templates of workloads, in the service's namespace."""
    place = service.namespace
    found = [(pod, pod.labels()) for pod in cluster.near_by("Pod", place) if pod.labels() and not is_ended(pod)]
    found += [(item, labels) for item, _, labels in cluster.templates(place) if item.kind != "Pod" and labels]
    for kind in ("Deployment", "StatefulSet"):
        for item in cluster.near_by(kind, place):
            selector = item.get("spec.selector.matchLabels", {})
            if selector and not item.get("spec.template.metadata.labels"):
                found.append((item, selector))
    return found


def _selector(cluster: Cluster) -> Iterator[Claim]:
    for service in cluster.all("Service"):
        selector = service.get("spec.selector", {})
        if not selector or service.get("spec.type") == "ExternalName":
            continue
        candidates = _labelled(cluster, service)
        if not candidates or any(selects(selector, labels) for _, labels in candidates):
            continue
        nearest, labels = min(candidates, key=lambda one: _distance(cluster, service, selector, one))
        lacking = misses(selector, labels)
        meant = cluster.app(nearest) == service.name or len(lacking) < len(selector)
        empty = endpoints_of(cluster, service) == 0
        complete = cluster.knows_all("Pod", service.namespace)
        if not (meant or empty) and not complete:
            continue
        has = ", ".join(
            f"{part.partition('=')[0]}={labels[part.partition('=')[0]]}"
            for part in lacking
            if part.partition("=")[0] in labels
        )
        said = f"; {cluster.app(nearest)} has {has or 'no such label'}" if meant else ""
        first = lacking[0].partition("=")[0]
        yield Claim(
            rule="K8S-SERVICE-SELECTOR", ref=_app_ref(cluster, service) if _is_app(cluster, service) or not meant else f"app/{cluster.app(nearest)}",
            cause="service_selector_mismatch",
            weight=0.93 if empty and meant else 0.86 if meant else 0.7, namespace=service.namespace,
            summary=f"service {service.name} selects {', '.join(lacking)}, which no pod has{said}; so it reaches nothing",
            cited=tuple(dict.fromkeys((service.cite(lacking[0]) if not service.whole else service.cite(first, lacking[0].partition("=")[2]), nearest.cite(first)))),
            look_next=f"kubectl get endpoints {service.name}",
        )  # fmt: skip


def _distance(
    cluster: Cluster, service: Item, selector: Mapping[str, Any], one: tuple[Item, Mapping[str, str]]
) -> tuple[bool, int, str]:
    item, labels = one
    return cluster.app(item) != service.name, len(misses(selector, labels)), item.name


def endpoints_of(cluster: Cluster, service: Item) -> int | None:
    """How many addresses a Service reaches; None when no output shows it."""
    shown = service.get("status.reaches")
    if shown is not None:
        return len(shown)
    found = cluster.find("Endpoints", service.name, service.namespace)
    if found is not None and found.get("subsets") is not None:
        return sum(len(subset.get("addresses") or ()) for subset in found.get("subsets", ()))
    counts = [
        _ready_addresses(one)
        for one in cluster.all("EndpointSlice")
        if near(one.namespace, service.namespace)
        and (
            one.labels().get("kubernetes.io/service-name") == service.name
            or one.name.rpartition("-")[0] == service.name
        )
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _ready_addresses(one: Item) -> int | None:
    if one.get("endpoints") is not None:
        return sum(
            len(part.get("addresses") or ())
            for part in one.get("endpoints")
            if (part.get("conditions") or {}).get("ready") is not False
        )
    if one.get("subsets") is not None:
        return sum(len(subset.get("addresses") or ()) for subset in one.get("subsets", ()))
    return None


def _backends(cluster: Cluster, service: Item) -> Iterator[tuple[Item, Mapping[str, Any]]]:
    """The pods and templates that a Service selects, with their pod specs."""
    selector = service.get("spec.selector", {})
    for item, spec, labels in cluster.templates(service.namespace):
        if selector and labels and selects(selector, labels):
            yield item, spec


def _port(cluster: Cluster) -> Iterator[Claim]:
    for service in cluster.all("Service"):
        ports = service.get("spec.ports", ())
        done = False
        for item, spec in _backends(cluster, service):
            declared = declared_ports(spec)
            probed = _probed_ports(spec)
            for port in ports:
                if done or ("targetPort" not in port and not service.whole):
                    continue
                target = port.get("targetPort", port.get("port"))
                fault = _port_fault(port, target, declared, probed)
                if fault is None:
                    continue
                done = True
                cause, why = fault
                yield Claim(
                    rule="K8S-SERVICE-PORT", ref=_port_ref(cluster, service, item), cause=cause, weight=0.88,
                    summary=f"service {service.name} sends to port {target} of {cluster.app(item)}, but {why}",
                    cited=tuple(dict.fromkeys((service.cite("argetPort", target), item.cite(*_port_needles(item, declared))))),
                    namespace=service.namespace, look_next=f"kubectl describe service {service.name}",
                )  # fmt: skip


def _port_ref(cluster: Cluster, service: Item, item: Item) -> str:
    return f"app/{service.name}" if _is_app(cluster, service) else f"app/{cluster.app(item)}"


def _port_needles(item: Item, declared: Mapping[str | int, Any]) -> list[str]:
    number = next((str(one) for one in declared if isinstance(one, int)), "")
    return ["containerPort", number] if item.whole else ["Port:", number]


def _probed_ports(spec: Mapping[str, Any]) -> set[int]:
    found: set[int] = set()
    for container in containers(spec):
        for name in ("livenessProbe", "readinessProbe", "startupProbe"):
            for how in ("httpGet", "tcpSocket", "grpc"):
                port = ((container.get(name) or {}).get(how) or {}).get("port", "")
                if str(port).isdigit():
                    found.add(int(port))
    return found


def _port_fault(
    port: Mapping[str, Any], target: Any, declared: Mapping[str | int, Mapping[str, Any]], probed: set[int]
) -> tuple[str, str] | None:
    """Why a service port reaches nothing in a pod, as cause class and words; None when it fits or nothing is declared."""
    numbers = sorted({key for key in declared if isinstance(key, int)})
    if not declared:
        return None
    key: str | int = int(target) if str(target).isdigit() else str(target)
    found = declared.get(key)
    if found is None:
        if isinstance(key, int) and key in probed:
            return None
        opens = ", ".join(str(number) for number in numbers)
        return "service_port_mismatch", f"the container opens {opens}" if isinstance(
            key, int
        ) else f"no container port is called {target}"
    spoken, wanted = str(found.get("protocol") or "TCP"), str(port.get("protocol") or "TCP")
    if (
        spoken != wanted
        and len([one for one in declared.values() if one.get("containerPort") == found.get("containerPort")]) <= 2
    ):
        return "service_protocol_mismatch", f"by {wanted}, and the container speaks {spoken} there"
    return None


def _empty(cluster: Cluster) -> Iterator[Claim]:
    for service in cluster.all("Service"):
        if endpoints_of(cluster, service) != 0 or service.get("spec.type") == "ExternalName":
            continue
        if not service.get("spec.selector") and service.whole:
            why, depth, weight = "it has no selector and nobody gives it addresses", Depth.CAUSE, 0.6
        else:
            pods = (
                cluster.pods_of(service.get("spec.selector", {}), service.namespace)
                if service.get("spec.selector")
                else []
            )
            sick = [pod for pod in pods if is_ready(pod) is False]
            why = f"its pods are not ready ({sick[0].name})" if sick else "no ready pod is behind it"
            depth, weight = Depth.SYMPTOM, 0.35
        yield Claim(
            rule="K8S-ENDPOINTS-EMPTY", ref=_app_ref(cluster, service), cause="no_endpoints", weight=weight, depth=depth,
            summary=f"service {service.name} has no endpoints: {why}", namespace=service.namespace,
            cited=(_endpoints_line(cluster, service),), look_next=f"kubectl get pods of {service.name}",
        )  # fmt: skip


def _endpoints_line(cluster: Cluster, service: Item) -> Cited:
    found = cluster.find("Endpoints", service.name, service.namespace)
    return (
        service.cite("Endpoints:")
        if found is None or service.get("status.reaches") is not None
        else found.cite(service.name)
    )


def _named_backends(route: Item) -> Iterator[tuple[str, Any, str]]:
    """Every (service, port, where) that an Ingress, HTTPRoute or VirtualService leads to."""
    for rule in route.get("spec.rules", ()):
        for path in mapping(rule.get("http")).get("paths") or ():
            yield from _backend(path.get("backend") or {}, str(path.get("seen", "")))
        for reference in rule.get("backendRefs") or ():
            if reference.get("name"):
                yield str(reference["name"]), reference.get("port"), ""
    if route.kind == "VirtualService":
        yield from _destinations(route)
    yield from _backend(route.get("spec.defaultBackend", {}), "")


def _backend(backend: Mapping[str, Any], seen: str) -> Iterator[tuple[str, Any, str]]:
    """The service and port of an Ingress backend, in the words of networking.k8s.io/v1 or of the beta before it."""
    service = mapping(backend.get("service"))
    name = service.get("name") or backend.get("serviceName")
    port = mapping(service.get("port"))
    if name:
        yield str(name), port.get("number") or port.get("name") or backend.get("servicePort"), seen


def _destinations(route: Item) -> Iterator[tuple[str, Any, str]]:
    for kind in ("http", "tcp", "tls"):
        for one in entries(route.get(f"spec.{kind}")):
            for way in one.get("route") or ():
                target = way.get("destination") or {}
                if target.get("host"):
                    yield str(target["host"]).partition(".")[0], mapping(target.get("port")).get("number"), ""


def _routes(cluster: Cluster) -> Iterator[Claim]:
    for kind in ("Ingress", "HTTPRoute", "VirtualService"):
        for route in cluster.all(kind):
            for name, port, seen in _named_backends(route):
                service = cluster.find("Service", name, route.namespace)
                proof = cluster.absent("Service", name, route.namespace)
                said = ""
                if service is not None and port is not None:
                    known = {one.get("port") for one in service.get("spec.ports", ())} | {
                        one.get("name") for one in service.get("spec.ports", ())
                    }
                    said = (
                        f"port {port} of service {name}, which has {', '.join(str(one) for one in known if one)}"
                        if known - {None} and port not in known
                        else ""
                    )
                elif proof is not None or ("not found" in seen and ("services" in seen or "endpoints" in seen)):
                    said = f"service {name}, which does not exist"
                if said:
                    shown = [route.cite(name)] + (
                        [service.cite()] if service is not None else [proof] if proof is not None else []
                    )
                    yield Claim(
                        rule="K8S-ROUTE", ref=f"app/{name}" if service is not None and _is_app(cluster, service) else f"{kind.lower()}/{route.name}",
                        cause="route_misconfigured", weight=0.86, cited=tuple(shown), namespace=route.namespace,
                        summary=f"{kind.lower()} {route.name} leads to {said}", look_next=f"kubectl describe {kind.lower()} {route.name}",
                    )  # fmt: skip
            yield from _ingress_itself(cluster, route)


def _ingress_itself(cluster: Cluster, route: Item) -> Iterator[Claim]:
    if route.kind != "Ingress":
        return
    wanted = str(route.get("spec.ingressClassName", ""))
    proof = cluster.absent("IngressClass", wanted) if wanted else None
    if proof is not None:
        yield Claim(
            rule="K8S-INGRESS-CLASS", ref=f"ingress/{route.name}", cause="ingress_class_missing", weight=0.86,
            summary=f"ingress {route.name} asks for class {wanted}, which does not exist, so no controller serves it",
            cited=(route.cite(wanted), proof), namespace=route.namespace, look_next="kubectl get ingressclass",
        )  # fmt: skip
    for tls in route.get("spec.tls", ()):
        name = str(tls.get("secretName", ""))
        gone = cluster.absent("Secret", name, route.namespace) if name else None
        if gone is not None:
            yield Claim(
                rule="K8S-INGRESS-TLS", ref=f"ingress/{route.name}", cause="missing_secret", weight=0.78,
                summary=f"ingress {route.name} takes its certificate from secret {name}, which does not exist",
                cited=(route.cite(name), gone), namespace=route.namespace, look_next=f"kubectl get secret {name}",
            )  # fmt: skip


RULES = (
    Rule(
        id="K8S-SERVICE-SELECTOR", title="A service selects no pod", causes=("service_selector_mismatch",),
        reads="selectors of Services against the labels of pods and templates",
        page="Computed. The pod that comes closest is named with the labels that differ; empty endpoints make it surer.", check=_selector,
    ),
    Rule(
        id="K8S-SERVICE-PORT", title="A service sends to a port that no container opens",
        causes=("service_port_mismatch", "service_protocol_mismatch"),
        reads="target ports of Services against the ports that the selected pods declare and probe",
        page="Computed by number, by name and by protocol. Pods that declare no port are not judged.", check=_port,
    ),
    Rule(
        id="K8S-ENDPOINTS-EMPTY", title="A service has no endpoints", causes=("no_endpoints",),
        reads="Endpoints, EndpointSlices, descriptions of Services", page="A symptom, unless the Service has no selector.", check=_empty,
    ),
    Rule(
        id="K8S-ROUTE", title="An ingress or route leads to a service or port that does not exist", causes=("route_misconfigured",),
        reads="Ingress, HTTPRoute and VirtualService backends against the Services", page="Computed.", check=_routes,
    ),
    Rule(
        id="K8S-INGRESS-CLASS", title="An ingress asks for a class that does not exist", causes=("ingress_class_missing",),
        reads="ingress classes", page="Computed; reported by K8S-ROUTE.", check=lambda _: (),
    ),
    Rule(
        id="K8S-INGRESS-TLS", title="An ingress names a certificate secret that does not exist", causes=("missing_secret",),
        reads="TLS sections of ingresses against the Secrets", page="Computed; reported by K8S-ROUTE.", check=lambda _: (),
    ),
)  # fmt: skip
