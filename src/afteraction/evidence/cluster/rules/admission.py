"""Rules on what the API server refuses: quotas, limit ranges, security policies, webhooks, permissions, namespaces."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from afteraction.evidence.cluster.claim import Claim, Depth, Rule
from afteraction.evidence.cluster.items import Cited, Cluster, Item, app_name
from afteraction.evidence.cluster.quantities import parse_quantity
from afteraction.evidence.cluster.shape import mapping

_EXCEEDED = re.compile(
    r"exceeded quota: (?P<quota>[^,\s]+), requested: (?P<requested>.*?), used: (?P<used>.*?), limited: (?P<limited>.*)$"
)
_MUST = re.compile(r"failed quota: (?P<quota>[^:]+): must specify (?P<what>.*)$")
_RANGE = re.compile(
    r"(?:maximum|minimum) (?:memory|cpu|ephemeral-storage|storage)[^,\[\]]*|must be less than or equal to \S+ limit[^,\]]*",
    re.IGNORECASE,
)
_SECURITY = re.compile(
    r"violates PodSecurity \"(?P<level>[^\"]+)\":\s*(?P<why>.*)|unable to validate against any (?P<scc>security context constraint|pod security policy)"
)
_WEBHOOK = re.compile(
    r'failed calling webhook "(?P<name>[^"]+)":?\s*(?P<why>.*)|admission webhook "(?P<other>[^"]+)" denied the request:?\s*(?P<denied>.*)'
)
_FORBIDDEN = re.compile(r'User "(?P<user>[^"]+)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)"')
_NO_NAMESPACE = re.compile(r'namespaces "(?P<name>[^"]+)" not found')


def _texts(cluster: Cluster) -> Iterator[tuple[str, str, str, str, Cited]]:
    """Every refusal, with the object that it concerned: events, conditions, answers of the server."""
    for note in cluster.notes:
        if note.warning:
            yield note.kind, note.name, note.namespace, note.message, note.cited
    for kind in ("Deployment", "ReplicaSet", "StatefulSet", "Job", "Application"):
        for item in cluster.all(kind):
            for condition in item.get("status.conditions", ()):
                if condition.get("message"):
                    cited = item.cite(str(condition.get("reason") or condition.get("type", "")))
                    yield kind, item.name, item.namespace, str(condition["message"]), cited
    for status in cluster.refused:
        yield "Status", status.name, status.namespace, str(status.get("message", "")), status.cite("rror")


def _quota(cluster: Cluster) -> Iterator[Claim]:
    done: set[tuple[str, str]] = set()
    for kind, name, namespace, text, cited in _texts(cluster):
        exceeded, must = _EXCEEDED.search(text), _MUST.search(text)
        app = app_name(cluster, kind, name, namespace)
        place = namespace or _only_namespace(cluster)
        if exceeded is not None and (place, exceeded["quota"]) not in done:
            done.add((place, exceeded["quota"]))
            what = _exhausted(exceeded["requested"], exceeded["used"], exceeded["limited"])
            yield Claim(
                rule="K8S-QUOTA", ref=f"namespace/{place}" if place else f"app/{app}", cause="quota_exceeded", weight=0.94,
                summary=f"quota {exceeded['quota']} of namespace {place or '(not shown)'} is used up, so {app} gets no pods: {what}",
                cited=(cited,), namespace=place, hurts=(f"app/{app}",), look_next="kubectl describe resourcequota",
            )  # fmt: skip
        elif must is not None and (app, must["quota"]) not in done:
            done.add((app, must["quota"]))
            said = f"quota {must['quota']} of namespace {place or '(not shown)'} demands {must['what'].strip()}, which {app} does not set"
            for ref, weight in ((f"app/{app}", 0.88), (f"namespace/{place}", 0.8)):
                if not ref.endswith("/"):
                    yield Claim(
                        rule="K8S-QUOTA-DEMAND", ref=ref, cause="missing_resource_limits", weight=weight, cited=(cited,),
                        summary=f"{app} gets no pods: {said}", namespace=place, look_next="kubectl describe resourcequota",
                    )  # fmt: skip
    yield from _full(cluster, {place for place, _ in done})
    yield from _planned(cluster, {place for place, _ in done} | {app for app, _ in done})


def _only_namespace(cluster: Cluster) -> str:
    places = {item.namespace for item in cluster.items.values() if item.namespace}
    return places.pop() if len(places) == 1 else ""


def _exhausted(requested: str, used: str, limited: str) -> str:
    def values(text: str) -> dict[str, str]:
        return dict(part.split("=", 1) for part in text.split(",") if "=" in part)

    wants, has, may = values(requested), values(used), values(limited)
    over = [
        f"{key}: {wants[key]} wanted, {has.get(key, '?')} of {limit} used"
        for key, limit in may.items()
        if key in wants
        and ((parse_quantity(wants[key]) or 0) + (parse_quantity(has.get(key, "0")) or 0))
        > (parse_quantity(limit) or 0)
    ]
    return "; ".join(over) or f"requested {requested}, used {used}, limited {limited}"


def _full(cluster: Cluster, told: set[str]) -> Iterator[Claim]:
    """Quotas that are used to the last while a workload of the namespace lacks pods, though no event told of it."""
    for quota in [*cluster.all("ResourceQuota"), *cluster.all("Namespace")]:
        place = quota.name if quota.kind == "Namespace" else quota.namespace or _only_namespace(cluster)
        path = "quota" if quota.kind == "Namespace" else "status"
        hard, used = quota.get(f"{path}.hard", {}) or quota.get("spec.hard", {}), quota.get(f"{path}.used", {})
        if place in told:
            continue
        short = list(_short(cluster, place))
        for resource, limit in hard.items():
            most, now = parse_quantity(limit), parse_quantity(used.get(resource, "0"))
            if most is None or now is None or not (now >= most or (most == 0)):
                continue
            names = ", ".join(item.name for item in short[:3])
            yield Claim(
                rule="K8S-QUOTA-FULL", ref=f"namespace/{place}" if place else f"resourcequota/{quota.name}",
                cause="quota_exceeded", weight=0.85 if short else 0.4, cited=(quota.cite(resource),),
                summary=f"the quota of namespace {place or '(not shown)'} on {resource} is used up ({used.get(resource)} of {limit})"
                + (f", and {names} lack pods" if names else ""),
                namespace=place, hurts=tuple(f"app/{item.name}" for item in short), look_next="kubectl describe resourcequota",
            )  # fmt: skip
            break


def _planned(cluster: Cluster, told: set[str]) -> Iterator[Claim]:
    """Quotas against what the workloads of their namespace are set up to want, replica by replica."""
    for quota in cluster.all("ResourceQuota"):
        hard = quota.get("spec.hard", {}) or quota.get("status.hard", {})
        users = [
            item
            for kind in ("Deployment", "StatefulSet")
            for item in cluster.all(kind)
            if item.namespace == quota.namespace
        ]
        users = [item for item in users if item.get("spec.template.spec.containers") and item.get("spec.replicas", 1)]
        if quota.namespace in told:
            continue
        for resource, limit in hard.items():
            amounts = {item.name: _wanted(item, resource) for item in users}
            lacking = [
                item
                for item in users
                if amounts[item.name] is None and _is_sure(cluster, item) and item.name not in told
            ]
            most, total = parse_quantity(limit), sum(amount or 0 for amount in amounts.values())
            if lacking:
                told.add(lacking[0].name)
                yield _lacks(quota, lacking[0], resource)
            elif most is not None and total > most * (1 + 1e-9) and quota.namespace not in told:
                told.add(quota.namespace)
                yield _too_small(cluster, quota, resource, users)


def _is_sure(cluster: Cluster, item: Item) -> bool:
    """Whether a missing request is really missing: the template was seen whole, and no limit range fills it in."""
    filled = any(one.get("spec.limits", ()) for one in cluster.all("LimitRange") if one.namespace == item.namespace)
    return item.described and not filled


def _wanted(item: Item, resource: str) -> float | None:
    """What all replicas of a workload want of a resource of quotas; None when a container does not say."""
    replicas = item.get("spec.replicas", 1)
    if resource in {"pods", "count/pods"}:
        return float(replicas)
    kind, dot, name = resource.partition(".")
    if resource in {"cpu", "memory"}:
        kind, dot, name = "requests", ".", resource
    if not dot or kind not in {"requests", "limits"} or name not in {"cpu", "memory"}:
        return 0.0
    total = 0.0
    for container in item.get("spec.template.spec.containers", ()):
        resources = container.get("resources") or {}
        said = mapping(resources.get(kind)).get(name) or (
            mapping(resources.get("limits")).get(name) if kind == "requests" else None
        )
        amount = parse_quantity(said) if said is not None else None
        if amount is None:
            return None
        total += amount
    return total * int(replicas)


def _lacks(quota: Item, item: Item, resource: str) -> Claim:
    return Claim(
        rule="K8S-QUOTA-DEMAND", ref=f"app/{item.name}", cause="missing_resource_limits", weight=0.78, namespace=quota.namespace,
        summary=f"{item.name} gets no pods: quota {quota.name} of namespace {quota.namespace or '(not shown)'} counts {resource}, which {item.name} does not set",
        cited=(quota.cite(resource), item.cite("resources")), look_next="kubectl describe resourcequota",
    )  # fmt: skip


def _too_small(cluster: Cluster, quota: Item, resource: str, users: Sequence[Item]) -> Claim:
    short = list(_short(cluster, quota.namespace))
    names, limit = (
        ", ".join(item.name for item in users[:4]),
        quota.get("spec.hard", {}).get(resource) or quota.get("status.hard", {}).get(resource),
    )
    return Claim(
        rule="K8S-QUOTA-FULL", ref=f"namespace/{quota.namespace}", cause="quota_exceeded", weight=0.86 if short else 0.7,
        summary=f"quota {quota.name} of namespace {quota.namespace} allows {limit} of {resource}, and {names} together want more",
        cited=(quota.cite(resource),), namespace=quota.namespace, hurts=tuple(f"app/{item.name}" for item in users),
        look_next="kubectl describe resourcequota",
    )  # fmt: skip


def _short(cluster: Cluster, namespace: str) -> Iterator[Item]:
    for kind in ("Deployment", "StatefulSet", "ReplicaSet"):
        for item in cluster.all(kind):
            wanted = item.get("spec.replicas")
            have = item.get("status.replicas", item.get("status.updatedReplicas"))
            unavailable = item.get("status.unavailableReplicas", 0)
            if item.namespace in {namespace, ""} and wanted and ((have is not None and have < wanted) or unavailable):
                yield item


def _range(cluster: Cluster) -> Iterator[Claim]:
    done: set[str] = set()
    for kind, name, namespace, text, cited in _texts(cluster):
        found = _RANGE.search(text) if "forbidden" in text or "nvalid value" in text else None
        app = app_name(cluster, kind, name, namespace)
        if found is None or app in done or "exceeded quota" in text:
            continue
        done.add(app)
        place = namespace or _only_namespace(cluster)
        cause = "invalid_resources" if "must be less than" in found.group() else "limit_range"
        yield Claim(
            rule="K8S-LIMIT-RANGE", ref=f"app/{app}", cause=cause, weight=0.88, cited=(cited,), namespace=place,
            summary=f"{app} gets no pods: its resources break the limits of namespace {place or '(not shown)'}: {found.group().strip()}",
            look_next="kubectl describe limitrange",
        )  # fmt: skip
        if place and cause == "limit_range":
            yield Claim(
                rule="K8S-LIMIT-RANGE", ref=f"namespace/{place}", cause=cause, weight=0.8, cited=(cited,), namespace=place,
                summary=f"the limit range of namespace {place} keeps {app} from getting pods: {found.group().strip()}",
                hurts=(f"app/{app}",),
            )  # fmt: skip


def _security(cluster: Cluster) -> Iterator[Claim]:
    done: set[str] = set()
    for kind, name, namespace, text, cited in _texts(cluster):
        found = _SECURITY.search(text) or re.search(r"container has runAsNonRoot and image (?P<why>.*)", text)
        app = app_name(cluster, kind, name, namespace)
        if found is None or app in done:
            continue
        done.add(app)
        why = found.groupdict().get("why") or text[:160]
        yield Claim(
            rule="K8S-SECURITY", ref=f"app/{app}", cause="security_context", weight=0.88, cited=(cited,), namespace=namespace,
            summary=f"{app} may not run as it is set up: {why[:200]}", look_next="compare securityContext with the policy",
        )  # fmt: skip


def _webhook(cluster: Cluster) -> Iterator[Claim]:
    done: set[str] = set()
    for kind, name, namespace, text, cited in _texts(cluster):
        found = _WEBHOOK.search(text)
        if found is None or (found["name"] or found["other"]) in done:
            continue
        hook = found["name"] or found["other"]
        done.add(hook)
        expired = "x509" in text or "certificate" in text
        cause = "certificate" if expired else "webhook_unavailable" if found["name"] else "webhook_denied"
        app = app_name(cluster, kind, name, namespace)
        service = re.search(r"https?://(?P<host>[\w-]+)\.(?P<ns>[\w-]+)\.svc", text)
        ref = f"app/{service['host']}" if service and found["name"] else f"app/{app}"
        yield Claim(
            rule="K8S-WEBHOOK", ref=ref, cause=cause, weight=0.86, cited=(cited,), namespace=namespace, hurts=(f"app/{app}",),
            summary=f"webhook {hook} keeps {app} from being made: {(found['why'] or found['denied'] or '')[:180]}",
            look_next="kubectl get validatingwebhookconfiguration,mutatingwebhookconfiguration",
        )  # fmt: skip


def _forbidden(cluster: Cluster) -> Iterator[Claim]:
    done: set[str] = set()
    for kind, name, namespace, text, cited in _texts(cluster):
        found = _FORBIDDEN.search(text)
        if found is None or found.group() in done:
            continue
        done.add(found.group())
        account = found["user"].rpartition(":")[2]
        users = [
            cluster.app(item) for item, spec, _ in cluster.templates() if spec.get("serviceAccountName") == account
        ]
        app = (
            users[0]
            if users and account != "default"
            else app_name(cluster, kind, name, namespace)
            if kind != "Status"
            else ""
        )
        ref = f"app/{app}" if app else f"serviceaccount/{account}"
        yield Claim(
            rule="K8S-PERMISSION", ref=ref, cause="permission_missing", weight=0.8 if app else 0.5, cited=(cited,),
            summary=f"{found['user']} may not {found['verb']} {found['resource']}", namespace=namespace,
            look_next=f"kubectl auth can-i {found['verb']} {found['resource']} --as={found['user']}",
        )  # fmt: skip


def _namespace(cluster: Cluster) -> Iterator[Claim]:
    done: set[str] = set()
    known = {item.name for item in cluster.all("Namespace")} | {
        item.namespace for item in cluster.items.values() if item.namespace
    }
    for kind, name, _, text, cited in _texts(cluster):
        found = _NO_NAMESPACE.search(text)
        if found is None or found["name"] in done:
            continue
        if kind == "Status" and not re.search(r"creat|apply|failed", text) and cluster.notes:
            continue
        done.add(found["name"])
        close = difflib.get_close_matches(found["name"], sorted(known - {found["name"]}), n=1, cutoff=0.8)
        said = f"; there is a namespace {close[0]}" if close else ""
        owner = f"app/{name}" if kind == "Application" else f"namespace/{found['name']}"
        yield Claim(
            rule="K8S-NAMESPACE", ref=owner, cause="missing_namespace", weight=0.9, cited=(cited,),
            summary=f"namespace {found['name']} does not exist{said}: {text[:160]}", look_next="kubectl get namespaces",
        )  # fmt: skip
    for item in cluster.all("Namespace"):
        if item.get("status.phase") == "Terminating":
            yield Claim(
                rule="K8S-NAMESPACE", ref=f"namespace/{item.name}", cause="namespace_terminating", weight=0.75,
                summary=f"namespace {item.name} is being deleted", cited=(item.cite("Terminating"),), namespace=item.name,
            )  # fmt: skip


def _no_type(cluster: Cluster) -> Iterator[Claim]:
    for status in cluster.refused:
        if status.get("reason") == "NoResourceType":
            yield Claim(
                rule="K8S-NO-TYPE", ref=f"resource/{status.name}", cause="resource_type_missing", weight=0.3,
                summary=f"the cluster knows no {status.name}: what brings that type is not installed",
                cited=(status.cite(status.name),), depth=Depth.FAILURE, look_next="kubectl api-resources",
            )  # fmt: skip


RULES = (
    Rule(
        id="K8S-QUOTA", title="A resource quota is used up", causes=("quota_exceeded",),
        reads="events FailedCreate, ReplicaFailure conditions, answers of the server",
        page="Names the namespace, and the resource whose used and requested amounts exceed the limit. The app is hurt by it.",
        check=_quota,
    ),
    Rule(
        id="K8S-QUOTA-DEMAND", title="A quota demands a limit or request that a pod does not set",
        causes=("missing_resource_limits",), reads="as K8S-QUOTA", page="Reported by K8S-QUOTA.", check=lambda _: (),
    ),
    Rule(
        id="K8S-QUOTA-FULL", title="A quota is used to the last and a workload lacks pods", causes=("quota_exceeded",),
        reads="used and hard amounts of quotas, replicas of workloads", page="Computed; reported by K8S-QUOTA.", check=lambda _: (),
    ),
    Rule(
        id="K8S-LIMIT-RANGE", title="Resources break a limit range, or are higher requested than limited",
        causes=("limit_range", "invalid_resources"), reads="as K8S-QUOTA", page="Quotes the bound that was broken.", check=_range,
    ),
    Rule(
        id="K8S-SECURITY", title="A security policy forbids a pod", causes=("security_context",),
        reads="PodSecurity violations; runAsNonRoot with an image that runs as root", page="Quotes what is forbidden.",
        check=_security,
    ),
    Rule(
        id="K8S-WEBHOOK", title="An admission webhook fails or refuses", causes=("certificate", "webhook_unavailable", "webhook_denied"),
        reads="as K8S-QUOTA", page="Tells an expired or untrusted certificate from an unreachable and from a refusing webhook.",
        check=_webhook,
    ),
    Rule(
        id="K8S-PERMISSION", title="An account may not do what it tries", causes=("permission_missing",),
        reads="Forbidden answers", page="Names the account, the verb and the resource.", check=_forbidden,
    ),
    Rule(
        id="K8S-NAMESPACE", title="A namespace does not exist or is being deleted",
        causes=("missing_namespace", "namespace_terminating"), reads="answers of the server, namespace phases",
        page="When a namespace with nearly the same name exists, it is named.", check=_namespace,
    ),
    Rule(
        id="K8S-NO-TYPE", title="A resource type is not installed", causes=("resource_type_missing",), reads="answers of the server",
        page="Somebody asked for a type that the cluster does not know; the operator that brings it is missing.", check=_no_type,
    ),
)  # fmt: skip
