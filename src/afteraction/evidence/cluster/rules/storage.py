"""Rules on storage: claims that find no volume, volumes that cannot be attached or mounted, disks that are full."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afteraction.evidence.cluster.claim import Claim, Depth, Rule
from afteraction.evidence.cluster.items import Cited, Cluster, Item, app_name, near
from afteraction.evidence.cluster.quantities import parse_quantity
from afteraction.evidence.cluster.selectors import selects

_NO_CLAIM = re.compile(r'persistentvolumeclaims? "(?P<name>[^"]+)" (?:is )?(?:not found|being deleted)')
_NO_CLASS = re.compile(r'storageclass(?:es)?(?:\.storage\.k8s\.io)? "(?P<name>[^"]+)" not found')
_MOUNT = (
    "FailedMount",
    "FailedAttachVolume",
    "FailedMapVolume",
    "VolumeFailedDelete",
    "FailedBinding",
    "ProvisioningFailed",
)


def _users(cluster: Cluster, name: str, namespace: str) -> list[str]:
    """The apps that use a claim."""
    found = [
        cluster.app(item)
        for item, spec, _ in cluster.templates()
        if near(item.namespace, namespace)
        and any(
            (volume.get("persistentVolumeClaim") or {}).get("claimName") == name for volume in spec.get("volumes") or ()
        )
    ]
    claim = cluster.find("PersistentVolumeClaim", name, namespace)
    if claim is not None:
        found += [app_name(cluster, "Pod", str(pod), namespace) for pod in claim.get("status.usedBy", ())]
    return list(dict.fromkeys(found))


def _ref(cluster: Cluster, name: str, namespace: str) -> str:
    users = _users(cluster, name, namespace)
    return f"app/{users[0]}" if users else f"persistentvolumeclaim/{name}"


def _missing(cluster: Cluster) -> Iterator[Claim]:
    done: set[str] = set()
    for note in cluster.notes:
        found = _NO_CLAIM.search(note.message)
        if found is None:
            continue
        pod = cluster.find("Pod", note.name, note.namespace)
        app = app_name(cluster, note.kind, note.name, note.namespace)
        if app in done or (pod is not None and pod.get("spec.nodeName")):
            continue
        done.add(app)
        yield _missing_claim(app, found["name"], note.namespace, (note.cited,), 0.92)
    for item, spec, _ in cluster.templates():
        for volume in spec.get("volumes") or ():
            name = str((volume.get("persistentVolumeClaim") or {}).get("claimName") or "")
            proof = cluster.absent("PersistentVolumeClaim", name, item.namespace) if name else None
            app = cluster.app(item)
            if proof is not None and app not in done:
                done.add(app)
                yield _missing_claim(app, name, item.namespace, (item.cite(name), proof), 0.8)


def _missing_claim(app: str, name: str, namespace: str, cited: tuple[Cited, ...], weight: float) -> Claim:
    return Claim(
        rule="K8S-CLAIM-MISSING", ref=f"app/{app}", cause="missing_pvc", weight=weight, cited=cited, namespace=namespace,
        summary=f"{app} cannot start: its volume claim {name} does not exist", look_next="kubectl get persistentvolumeclaims",
    )  # fmt: skip


def _unbound(cluster: Cluster) -> Iterator[Claim]:
    for claim in cluster.all("PersistentVolumeClaim"):
        phase = claim.get("status.phase")
        if phase not in {"Pending", "Lost"}:
            continue
        notes = cluster.notes_on(claim)
        waits = any("waiting for first consumer" in note.message for note in notes)
        telling = [note for note in notes if note.warning or note.reason in {"FailedBinding", "ProvisioningFailed"}]
        cause, why, shown = _why_unbound(cluster, claim, " ".join(note.message for note in notes))
        if waits and not telling and cause == "pvc_unbound":
            continue
        ref = _ref(cluster, claim.name, claim.namespace)
        app = ref.partition("/")[2]
        summary = f"volume claim {claim.name} is {'lost' if phase == 'Lost' else 'not bound'}" + (
            f", so {app} cannot start" if ref.startswith("app/") else ""
        )
        cited = tuple(
            dict.fromkeys(
                [
                    *(note.cited for note in telling[:1]),
                    claim.cite(*(["StorageClass"] if claim.described else [claim.name])),
                    *shown,
                ]
            )
        )
        yield Claim(
            rule="K8S-CLAIM-UNBOUND", ref=ref, cause=cause, weight=0.9 if cause != "pvc_unbound" else 0.7, cited=cited,
            summary=f"{summary}: {why}", namespace=claim.namespace, look_next=f"kubectl describe pvc {claim.name}",
        )  # fmt: skip


def _why_unbound(cluster: Cluster, claim: Item, text: str) -> tuple[str, str, list[Cited]]:
    """Cause class, words and further lines: the class that does not exist, or what the volumes lack that the claim wants."""
    named = str(claim.get("spec.storageClassName", ""))
    missing = _NO_CLASS.search(text)
    if missing is not None or (
        named and cluster.absent("StorageClass", named) is not None and not _same_class(cluster, named)
    ):
        known = ", ".join(item.name for item in cluster.all("StorageClass"))
        word = missing["name"] if missing is not None else named
        return (
            "storage_class_missing",
            f"storage class {word} does not exist" + (f" (there are {known})" if known else ""),
            [],
        )
    if claim.get("spec.volumeName") and claim.get("status.phase") == "Pending":
        volume = cluster.find("PersistentVolume", str(claim.get("spec.volumeName")))
        holder = volume.get("spec.claimRef.name") if volume is not None else None
        if volume is not None and holder and holder != claim.name:
            return "volume_bound_elsewhere", f"volume {volume.name} is bound to {holder}", [volume.cite(holder)]
    return _against_volumes(cluster, claim, text)


def _same_class(cluster: Cluster, named: str) -> bool:
    """A class name may join a claim to volumes without there being a StorageClass of that name."""
    return any(volume.get("spec.storageClassName") == named for volume in cluster.all("PersistentVolume"))


def _against_volumes(cluster: Cluster, claim: Item, text: str) -> tuple[str, str, list[Cited]]:
    named = str(claim.get("spec.storageClassName", ""))
    wanted = str(claim.get("spec.resources", {}).get("requests", {}).get("storage", ""))
    modes = set(claim.get("spec.accessModes", ()))
    selector = claim.get("spec.selector", {})
    best: tuple[int, str, str, list[Cited]] | None = None
    for volume in cluster.all("PersistentVolume"):
        holder = volume.get("spec.claimRef.name")
        faults: list[tuple[str, str, str]] = []
        if str(volume.get("spec.storageClassName", "")) != named and (named or volume.described):
            faults.append(
                (
                    "storage_class_mismatch",
                    f"volume {volume.name} has class {volume.get('spec.storageClassName', '(none)')}, the claim wants {named or '(none)'}",
                    "lass",
                )
            )
        if modes and volume.get("spec.accessModes") and not modes <= set(volume.get("spec.accessModes")):
            faults.append(
                (
                    "access_mode_mismatch",
                    f"volume {volume.name} offers {', '.join(volume.get('spec.accessModes'))}, the claim wants {', '.join(sorted(modes))}",
                    "ccess",
                )
            )
        size, need = parse_quantity(volume.get("spec.capacity.storage")), parse_quantity(wanted)
        if size is not None and need is not None and size < need:
            faults.append(
                (
                    "volume_too_small",
                    f"volume {volume.name} holds {volume.get('spec.capacity.storage')}, the claim wants {wanted}",
                    "apacity",
                )
            )
        if selector and not selects(selector, volume.labels()):
            faults.append(
                ("volume_selector_mismatch", f"volume {volume.name} lacks the labels that the claim selects", "abels")
            )
        if holder and holder != claim.name:
            faults.append(("volume_bound_elsewhere", f"volume {volume.name} is bound to {holder}", holder))
        if faults and (best is None or len(faults) < best[0]):
            best = (len(faults), faults[0][0], "; ".join(fault[1] for fault in faults), [volume.cite(faults[0][2])])
    if best is not None:
        return best[1], best[2], best[3]
    if "no persistent volumes available" in text or "no volume plugin matched" in text:
        return "no_volume_available", "no volume fits it and no storage class makes one", []
    told = re.search(r"(?:failed to provision|error|Failed).*", text)
    return "pvc_unbound", told.group()[:200] if told else f"it waits for a volume of class {named or '(none)'}", []


def _mount(cluster: Cluster) -> Iterator[Claim]:
    done: set[tuple[str, str]] = set()
    for note in cluster.notes:
        if note.reason not in _MOUNT[:3] or re.search(
            r'(?:configmap|secret)s? "[^"]+" not found|non-existent', note.message
        ):
            continue
        app = app_name(cluster, note.kind, note.name, note.namespace)
        message = note.message
        cause = "mount_failed"
        if "Multi-Attach" in message or "already attached" in message or "already exclusively attached" in message:
            cause = "volume_attached_elsewhere"
        elif re.search(r"permission denied|access denied|Operation not permitted", message, re.IGNORECASE):
            cause = "volume_permission_denied"
        elif re.search(
            r"hostPath type check failed|is not a directory|no such file or directory|does not exist", message
        ):
            cause = "volume_path_missing"
        elif (
            re.search(r"connection refused|timed out|No route to host|unreachable|Connection timed out", message)
            and "waiting for the condition" not in message
        ):
            cause = "storage_unreachable"
        if (app, cause) in done or (cause == "mount_failed" and any(one == app for one, _ in done)):
            continue
        done.add((app, cause))
        vague = "timed out waiting for the condition" in message and cause == "mount_failed"
        yield Claim(
            rule="K8S-MOUNT", ref=f"app/{app}", cause=cause, weight=0.45 if vague else 0.82, cited=(note.cited,),
            summary=f"a volume of {app} cannot be {'attached' if note.reason == 'FailedAttachVolume' else 'mounted'}: {message[:220]}",
            depth=Depth.FAILURE if vague else Depth.CAUSE, namespace=note.namespace,
            look_next=f"kubectl describe pod {note.name}",
        )  # fmt: skip


def _waiting(cluster: Cluster) -> Iterator[Claim]:
    """Pods that wait for claims that are not bound, when the claim itself was not seen."""
    done: set[str] = set()
    for note in cluster.notes:
        app = app_name(cluster, note.kind, note.name, note.namespace)
        if "unbound immediate PersistentVolumeClaims" not in note.message or app in done:
            continue
        done.add(app)
        claims = [claim for claim in cluster.all("PersistentVolumeClaim") if claim.get("status.phase") == "Pending"]
        yield Claim(
            rule="K8S-CLAIM-UNBOUND", ref=f"app/{app}", cause="pvc_unbound", weight=0.4 if claims else 0.7, cited=(note.cited,),
            summary=f"no node takes {app}: a volume claim of it is not bound", depth=Depth.FAILURE if claims else Depth.CAUSE,
            namespace=note.namespace, look_next="kubectl get pvc",
        )  # fmt: skip


RULES = (
    Rule(
        id="K8S-CLAIM-MISSING", title="A volume claim does not exist", causes=("missing_pvc",),
        reads="events FailedScheduling; volumes of pods and templates against the claims that exist",
        page="Told by the scheduler, or computed from a whole list of claims.", check=_missing,
    ),
    Rule(
        id="K8S-CLAIM-UNBOUND", title="A volume claim is not bound",
        causes=(
            "storage_class_missing", "storage_class_mismatch", "access_mode_mismatch", "volume_too_small",
            "volume_selector_mismatch", "volume_bound_elsewhere", "no_volume_available", "pvc_unbound",
        ),
        reads="claims in phase Pending or Lost, their events, volumes and storage classes",
        page="Computed: the volume that comes closest to what the claim wants is named with all that it lacks. A claim that "
        "only waits for its first consumer is fine.",
        check=_unbound,
    ),
    Rule(
        id="K8S-CLAIM-WAIT", title="A pod waits for a volume claim", causes=("pvc_unbound",),
        reads="events FailedScheduling", page="Reported as K8S-CLAIM-UNBOUND; a failure when the claim itself was seen.", check=_waiting,
    ),
    Rule(
        id="K8S-MOUNT", title="A volume cannot be attached or mounted",
        causes=("mount_failed", "volume_attached_elsewhere", "volume_permission_denied", "volume_path_missing", "storage_unreachable"),
        reads="events FailedMount and FailedAttachVolume", page="Missing ConfigMaps and Secrets are told by K8S-CONFIG-MISSING.",
        check=_mount,
    ),
)  # fmt: skip
