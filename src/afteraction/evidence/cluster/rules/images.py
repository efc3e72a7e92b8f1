"""Rules on images: what cannot be pulled, and whether the name, the registry or the permission is at fault."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afteraction.evidence.cluster.claim import Claim, Rule
from afteraction.evidence.cluster.items import Cluster, Item, app_name
from afteraction.evidence.cluster.pods import containers, is_chronic, runs

_WAITING = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
_MESSAGES = (
    ("registry_dns_failure", r"no such host|lookup \S+.*(?:server misbehaving|i/o timeout|connection refused)|name resolution"),
    ("registry_certificate", r"x509|certificate"),
    ("missing_image_pull_secret", r"unauthorized|authentication required|no basic auth|403 Forbidden|401 "),
    ("registry_unreachable", r"connection refused|i/o timeout|timeout|TLS handshake|network is unreachable|no route to host|deadline"),
    ("registry_rate_limit", r"toomanyrequests|rate limit"),
    ("wrong_image", r"not found|manifest unknown|invalid reference format|InvalidImageName|couldn't parse image|does not exist"),
)  # fmt: skip
_SAYS = {
    "registry_dns_failure": "the name of the registry cannot be resolved",
    "registry_certificate": "the registry's certificate is not accepted",
    "missing_image_pull_secret": "the registry wants credentials that the pod does not have",
    "registry_unreachable": "the registry does not answer",
    "registry_rate_limit": "the registry refuses further pulls for now",
    "wrong_image": "there is no such image or tag",
    "image_never_pull": "the policy is never to pull, and the node does not have it",
    "image_pull": "the image cannot be pulled",
}


def _check(cluster: Cluster) -> Iterator[Claim]:
    seen: set[str] = set()
    for pod in cluster.all("Pod"):
        stuck = [run for run in runs(pod) if run.waiting in _WAITING]
        notes = [note for note in cluster.notes_on(pod) if _is_pull(note.reason, note.message)]
        recovered = bool(list(runs(pod))) and all(run.ready for run in runs(pod))
        if not stuck and (not notes or recovered):
            continue
        app = cluster.app(pod)
        if app in seen:
            continue
        seen.add(app)
        text = " ".join([*(run.message for run in stuck), *(note.message for note in notes)])
        waiting = stuck[0].waiting if stuck else ""
        image = _image(pod, text, stuck[0].container if stuck else "")
        cause = _cause(cluster, pod, text, waiting)
        shown = [note.cited for note in notes if note.message and _is_telling(note.message)][:1]
        shown += [pod.cite(waiting)] if waiting else []
        if image:
            shown += [pod.cite("mage:", image)] if pod.described else []
        summary = f"{app} cannot start: image {image or '(not shown)'} is not pulled, {_SAYS[cause]}"
        yield Claim(
            rule=RULES[0].id, ref=f"app/{app}", cause=cause, summary=summary, weight=0.93,
            cited=tuple(dict.fromkeys(shown)), namespace=pod.namespace, chronic=is_chronic(pod),
            look_next=f"kubectl describe pod {pod.name}" + (f" -n {pod.namespace}" if pod.namespace else ""),
        )  # fmt: skip
    yield from _orphans(cluster, seen)


def _orphans(cluster: Cluster, seen: set[str]) -> Iterator[Claim]:
    """Pull failures of which only the event was seen, and not the pod."""
    for note in cluster.notes:
        if note.kind != "Pod" or cluster.find("Pod", note.name, note.namespace) or not _is_telling(note.message):
            continue
        if not _is_pull(note.reason, note.message):
            continue
        app = app_name(cluster, note.kind, note.name, note.namespace)
        if app in seen:
            continue
        seen.add(app)
        cause = next((cause for cause, pattern in _MESSAGES if re.search(pattern, note.message)), "image_pull")
        image = _quoted(note.message)
        summary = f"{app} cannot start: image {image or '(not shown)'} is not pulled, {_SAYS[cause]}"
        yield Claim(
            rule=RULES[0].id, ref=f"app/{app}", cause=cause, summary=summary, weight=0.9,
            cited=(note.cited,), namespace=note.namespace,
        )  # fmt: skip


def _is_pull(reason: str, message: str) -> bool:
    return reason in {
        "Failed",
        "BackOff",
        "InspectFailed",
        "FailedToRetrieveImagePullSecret",
        "ErrImageNeverPull",
    } and ("pull" in message.lower() or "image" in message.lower())


def _is_telling(message: str) -> bool:
    return len(message) > 40 or "InvalidImageName" in message


def _cause(cluster: Cluster, pod: Item, text: str, waiting: str) -> str:
    if waiting == "InvalidImageName":
        return "wrong_image"
    if waiting == "ErrImageNeverPull" or "ErrImageNeverPull" in text:
        return "image_never_pull"
    if cluster.notes_on(pod, "FailedToRetrieveImagePullSecret"):
        return "missing_image_pull_secret"
    if re.search(r"pull access denied|denied: requested access|insufficient_scope|may require", text):
        return (
            "wrong_image" if _is_public(text) and not pod.get("spec.imagePullSecrets") else "missing_image_pull_secret"
        )
    return next((cause for cause, pattern in _MESSAGES if re.search(pattern, text)), "image_pull")


def _is_public(text: str) -> bool:
    """Docker Hub answers "denied" for a repository that does not exist, too."""
    return bool(re.search(r"docker\.io/|repository does not exist", text))


def _image(pod: Item, text: str, container: str) -> str:
    for one in containers(pod.get("spec", {})):
        if one.get("image") and (not container or one.get("name") == container):
            return str(one["image"])
    return _quoted(text)


def _quoted(text: str) -> str:
    found = re.search(r'image "([^"]+)"', text) or re.search(r'image \\"([^"\\]+)', text)
    return found.group(1) if found else ""


def _secret_refs(cluster: Cluster) -> Iterator[Claim]:
    """Image pull secrets that a pod names and that do not exist."""
    for item, spec, _ in cluster.templates():
        for reference in spec.get("imagePullSecrets") or ():
            name = str(reference.get("name", ""))
            proof = cluster.absent("Secret", name, item.namespace) if name else None
            if proof is not None:
                app = cluster.app(item)
                yield Claim(
                    rule=RULES[1].id, ref=f"app/{app}", cause="missing_image_pull_secret", weight=0.7,
                    summary=f"{app} pulls its image with secret {name}, which does not exist",
                    cited=(item.cite(name), proof), namespace=item.namespace, look_next=f"kubectl get secret {name}",
                )  # fmt: skip


RULES = (
    Rule(
        id="K8S-IMAGE-PULL",
        title="An image cannot be pulled",
        reads="container states ErrImagePull, ImagePullBackOff, InvalidImageName, ErrImageNeverPull; events of reason Failed",
        causes=tuple(_SAYS),
        page="Tells a wrong name or tag from a registry that is unknown, unreachable, rate-limited or wants credentials.",
        check=_check,
    ),
    Rule(
        id="K8S-IMAGE-SECRET",
        title="An image pull secret does not exist",
        reads="imagePullSecrets of pods and templates against the Secrets that exist",
        causes=("missing_image_pull_secret",),
        page="Computed: the named Secret is not in a whole list of Secrets, or the server says NotFound.",
        check=_secret_refs,
    ),
)
