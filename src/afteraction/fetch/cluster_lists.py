"""What is asked of a Kubernetes API and how its lists are written down: as `kubectl get -o json` prints them.

Pages of the API come in, one document goes out: a `List` whose items say their kind, keys in order, four spaces deep, without the
`managedFields` that kubectl leaves out too. `rollout_history` writes what `kubectl rollout history` prints.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind of object: the group and version of its API, its plural, and whether it lives in a namespace."""

    api: str
    plural: str
    namespaced: bool = True
    extension: bool = False
    """Whether a cluster may well have no such kind."""

    def path(self, namespace: str) -> str:
        """Return the path of the list, of all namespaces when none is given."""
        root = f"/api/{self.api}" if "/" not in self.api else f"/apis/{self.api}"
        inside = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{inside}/{self.plural}"

    def kubectl(self, namespace: str) -> str:
        """Return the command that prints the same."""
        where = (f" -n {namespace}" if namespace else " -A") if self.namespaced else ""
        return f"kubectl get {self.plural}{where} -o json"


def _of(api: str, plurals: str, **more: bool) -> tuple[Resource, ...]:
    return tuple(Resource(api=api, plural=plural, **more) for plural in plurals.split())


RESOURCES = (
    *_of("v1", "events pods"),
    *_of("apps/v1", "replicasets deployments statefulsets daemonsets controllerrevisions"),
    *_of("v1", "services endpoints configmaps persistentvolumeclaims resourcequotas limitranges serviceaccounts"),
    *_of("v1", "nodes namespaces persistentvolumes", namespaced=False),
    *_of("batch/v1", "jobs cronjobs"),
    *_of("autoscaling/v2", "horizontalpodautoscalers", extension=True),
    *_of("policy/v1", "poddisruptionbudgets", extension=True),
    *_of("networking.k8s.io/v1", "ingresses networkpolicies"),
    *_of("discovery.k8s.io/v1", "endpointslices", extension=True),
    *_of("storage.k8s.io/v1", "storageclasses", namespaced=False),
    *_of("metrics.k8s.io/v1beta1", "pods", extension=True),
    *_of("metrics.k8s.io/v1beta1", "nodes", namespaced=False, extension=True),
    *_of("networking.istio.io/v1beta1", "virtualservices", extension=True),
    *_of("argoproj.io/v1alpha1", "applications", extension=True),
    *_of("cert-manager.io/v1", "certificates", extension=True),
)
"""What the rules of the evidence read, what vanishes first first. Secrets are not among it."""


_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""As Go's encoder writes them."""
_HEAD = b'{\n    "apiVersion": "v1",\n    "items": [\n        '
_FOOT = b'\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n'


def items_of_page(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the objects of a page, each with its kind, as kubectl completes them."""
    kind = str(page.get("kind", "")).removesuffix("List")
    found = []
    for item in page.get("items") or []:
        if isinstance(item, dict):
            whole = {"apiVersion": page.get("apiVersion", ""), "kind": kind, **item}
            metadata = whole.get("metadata")
            if isinstance(metadata, dict):
                whole["metadata"] = {key: value for key, value in metadata.items() if key != "managedFields"}
            found.append(whole)
    return found


def printed(items: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a list as kubectl prints it; put together item by item, since clusters have many."""
    shown = []
    for item in items:
        text = json.dumps(item, indent=4, sort_keys=True, ensure_ascii=False).translate(_ESCAPED)
        shown.append(text.replace("\n", "\n        ").encode("utf-8", "replace"))
    return _HEAD + b",\n        ".join(shown) + _FOOT


def rollout_history(deployments: Sequence[Mapping[str, Any]], replica_sets: Sequence[Mapping[str, Any]]) -> str:
    """Return the revisions of deployments and what changed them, as `kubectl rollout history deployments` prints it."""
    revisions: dict[str, dict[int, str]] = {}
    for one in replica_sets:
        metadata = one.get("metadata") or {}
        notes = metadata.get("annotations") or {}
        number = str(notes.get("deployment.kubernetes.io/revision", ""))
        for owner in metadata.get("ownerReferences") or []:
            if owner.get("kind") == "Deployment" and number.isdigit():
                cause = str(notes.get("kubernetes.io/change-cause") or "<none>")
                revisions.setdefault(f"{metadata.get('namespace')}/{owner.get('name')}", {})[int(number)] = cause
    shown = []
    for one in deployments:
        metadata = one.get("metadata") or {}
        found = revisions.get(f"{metadata.get('namespace')}/{metadata.get('name')}", {})
        rows = "".join(f"{number:<10}{cause}\n" for number, cause in sorted(found.items()))
        if rows:
            shown.append(f"deployment.apps/{metadata.get('name')} \nREVISION  CHANGE-CAUSE\n{rows}")
    return "\n".join(shown) + "\n" if shown else ""
