"""The API's JSON as it arrived becomes JSON that has the API's shape: what does not fit is left out, nothing raises.

Files are written by many tools and cut by many hands. The rules read fields by their names and may rely on the types
that this gives: mappings are mappings, lists hold mappings, counts are whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LISTS = _words(
    "containers initContainers ephemeralContainers conditions ports env envFrom volumeMounts volumes tolerations taints "
    "containerStatuses initContainerStatuses ownerReferences subsets addresses notReadyAddresses endpoints rules tls paths "
    "backendRefs http tcp ingress egress from to matchExpressions matchFields nodeSelectorTerms imagePullSecrets "
    "volumeClaimTemplates topologySpreadConstraints limits route items"
)
"""Fields that hold a list of mappings, wherever they stand."""
_EITHER = _words("limits http")
"""Of those, the ones that are a mapping in some other place; whoever reads them says which he wants."""
_TEXTS = _words("command args accessModes policyTypes usedBy finalizers reaches hosts nameservers values")
"""Fields that hold a list of plain values."""
_MAPPINGS = _words(
    "metadata spec labels annotations template selector matchLabels resources requests capacity allocatable state "
    "lastState waiting terminated running valueFrom secretKeyRef configMapKeyRef secretRef configMapRef secret configMap "
    "persistentVolumeClaim livenessProbe readinessProbe startupProbe httpGet tcpSocket grpc exec podSelector "
    "namespaceSelector ipBlock affinity nodeAffinity podAffinity podAntiAffinity dnsConfig nodeSelector claimRef "
    "scaleTargetRef involvedObject source details backend service defaultBackend destination fault hard used usage "
    "requiredDuringSchedulingIgnoredDuringExecution containerSummary initContainerSummary podCounts operationState quota "
    "nodeInfo"
)
_NUMBERS = _words(
    "containerPort hostPort restartCount exitCode replicas readyReplicas availableReplicas updatedReplicas "
    "unavailableReplicas desiredNumberScheduled currentNumberScheduled numberReady numberAvailable minReplicas maxReplicas "
    "currentReplicas initialDelaySeconds timeoutSeconds periodSeconds failureThreshold successThreshold count completions "
    "parallelism backoffLimit active failed succeeded"
)
_FLAT = _words(
    "labels annotations matchLabels nodeSelector requests limits hard used capacity allocatable usage share data stringData "
    "binaryData podCounts allocated"
)
"""Mappings whose values are plain."""
_PLAIN = _words(
    "name namespace kind type reason message key value image imageID protocol phase host hostname schedulerName nodeName "
    "serviceAccountName storageClassName volumeName claimName secretName path scheme operator effect dnsPolicy policy "
    "ingressClassName clusterIP serviceName servicePort notAfter age printed readyContainers restartAge targets provisioner "
    "port number targetPort nodePort optional readOnly suspend paused unschedulable lastSeen firstSeen firstTimestamp "
    "lastTimestamp storage cidr topologyKey terminationMessagePath component reportingComponent creationTimestamp ip seen"
)
"""Fields that hold one plain value, wherever they stand, except where a mapping of that name is known."""
_DEEP = 60
"""No object of the API nests as deep."""


def entries(value: Any) -> list[Any]:
    """`value` when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def mapping(value: Any) -> Mapping[str, Any]:
    """`value` when it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def shaped(value: Any, key: str = "", depth: int = 0) -> Any:
    """`value` with everything left out that does not fit the field `key` that it stands under."""
    if depth > _DEEP:
        return None
    if isinstance(value, Mapping):
        if key in _TEXTS or key in _NUMBERS or (key in _LISTS and key not in _EITHER):
            return None
        if key in _FLAT:
            return _flat(value)
        if key in _PLAIN and key != "port":
            return None
        fitting = ((str(name), shaped(part, str(name), depth + 1)) for name, part in value.items())
        return {name: part for name, part in fitting if part is not None}
    if isinstance(value, list):
        return _shaped_list(value, key, depth)
    if key in _NUMBERS:
        return _whole(value)
    if key in _MAPPINGS and not (key == "service" and isinstance(value, str)):
        return None
    return None if key in _LISTS or key in _TEXTS or key in _FLAT else value


def _flat(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): part for name, part in value.items() if isinstance(part, str | int | float)}


def _shaped_list(value: list[Any], key: str, depth: int) -> Any:
    if key in _NUMBERS or key in _MAPPINGS or key in _PLAIN or (key in _FLAT and key not in _LISTS):
        return None
    parts = [shaped(part, "", depth + 1) for part in value]
    if key in _TEXTS:
        return [str(part) for part in parts if isinstance(part, str | int | float)]
    if key == "ports":
        return [_flat(part) for part in parts if isinstance(part, Mapping)]
    if key in _LISTS:
        return [part for part in parts if isinstance(part, Mapping)]
    return parts


def _whole(value: Any) -> int | None:
    """A whole number, also when it was written as text; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | str):
        text = str(value).strip()
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 19 else None
    return None
