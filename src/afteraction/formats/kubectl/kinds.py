"""Names of Kubernetes kinds: any spelling that kubectl takes or prints comes in, the API kind goes out, or nothing."""

from __future__ import annotations

from collections.abc import Collection

_SPELLINGS = {
    "Pod": "pod pods po",
    "Deployment": "deployment deployments deploy",
    "ReplicaSet": "replicaset replicasets rs",
    "StatefulSet": "statefulset statefulsets sts",
    "DaemonSet": "daemonset daemonsets ds",
    "Job": "job jobs",
    "CronJob": "cronjob cronjobs cj",
    "Service": "service services svc",
    "Endpoints": "endpoints endpoint ep",
    "EndpointSlice": "endpointslice endpointslices",
    "Ingress": "ingress ingresses ing",
    "IngressClass": "ingressclass ingressclasses",
    "NetworkPolicy": "networkpolicy networkpolicies netpol",
    "Node": "node nodes no",
    "Namespace": "namespace namespaces ns",
    "ConfigMap": "configmap configmaps cm",
    "Secret": "secret secrets",
    "ServiceAccount": "serviceaccount serviceaccounts sa",
    "PersistentVolumeClaim": "persistentvolumeclaim persistentvolumeclaims pvc",
    "PersistentVolume": "persistentvolume persistentvolumes pv",
    "StorageClass": "storageclass storageclasses sc",
    "ResourceQuota": "resourcequota resourcequotas quota",
    "LimitRange": "limitrange limitranges limits",
    "HorizontalPodAutoscaler": "horizontalpodautoscaler horizontalpodautoscalers hpa",
    "PodDisruptionBudget": "poddisruptionbudget poddisruptionbudgets pdb",
    "PriorityClass": "priorityclass priorityclasses pc",
    "Event": "event events ev",
    "Role": "role roles",
    "RoleBinding": "rolebinding rolebindings",
    "ClusterRole": "clusterrole clusterroles",
    "ClusterRoleBinding": "clusterrolebinding clusterrolebindings",
    "Certificate": "certificate certificates cert certs",
    "CertificateRequest": "certificaterequest certificaterequests",
    "CertificateSigningRequest": "certificatesigningrequest certificatesigningrequests csr",
    "ComponentStatus": "componentstatus componentstatuses cs",
    "Lease": "lease leases",
    "Gateway": "gateway gateways",
    "HTTPRoute": "httproute httproutes",
    "VirtualService": "virtualservice virtualservices",
    "DestinationRule": "destinationrule destinationrules",
    "MutatingWebhookConfiguration": "mutatingwebhookconfiguration mutatingwebhookconfigurations",
    "ValidatingWebhookConfiguration": "validatingwebhookconfiguration validatingwebhookconfigurations",
}
_KINDS = {spelling: kind for kind, spellings in _SPELLINGS.items() for spelling in spellings.split()}
CLUSTER_WIDE = frozenset(
    [
        "Node",
        "Namespace",
        "PersistentVolume",
        "StorageClass",
        "IngressClass",
        "PriorityClass",
        "ClusterRole",
        "ClusterRoleBinding",
        "ComponentStatus",
        "CertificateSigningRequest",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
    ]
)
"""Kinds that live in no namespace."""

_TABLES: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (kind, frozenset(columns.split(",")))
    for kind, columns in (
        ("Event", "TYPE,REASON,MESSAGE"),
        ("NodeMetrics", "NAME,CPU(cores),CPU%"),
        ("NodeMetrics", "NAME,CPU(cores),CPU(%)"),
        ("PodMetrics", "NAME,CPU(cores),MEMORY(bytes)"),
        ("Pod", "READY,STATUS,RESTARTS"),
        ("DaemonSet", "DESIRED,CURRENT,READY,UP-TO-DATE,AVAILABLE"),
        ("Deployment", "UP-TO-DATE,AVAILABLE,READY"),
        ("ReplicaSet", "DESIRED,CURRENT,READY"),
        ("Service", "CLUSTER-IP,PORT(S)"),
        ("EndpointSlice", "ADDRESSTYPE,ENDPOINTS"),
        ("Endpoints", "ENDPOINTS,AGE"),
        ("Ingress", "HOSTS,ADDRESS,PORTS"),
        ("IngressClass", "CONTROLLER,PARAMETERS"),
        ("NetworkPolicy", "POD-SELECTOR"),
        ("Node", "STATUS,ROLES,VERSION"),
        ("PersistentVolume", "CAPACITY,RECLAIM POLICY,CLAIM"),
        ("PersistentVolumeClaim", "STATUS,VOLUME,STORAGECLASS"),
        ("StorageClass", "PROVISIONER"),
        ("HorizontalPodAutoscaler", "REFERENCE,TARGETS,REPLICAS"),
        ("CronJob", "SCHEDULE,SUSPEND"),
        ("Job", "COMPLETIONS,DURATION"),
        ("PodDisruptionBudget", "MIN AVAILABLE,MAX UNAVAILABLE"),
        ("ServiceAccount", "SECRETS,AGE"),
        ("Secret", "TYPE,DATA"),
        ("ConfigMap", "DATA,AGE"),
        ("ResourceQuota", "REQUEST,LIMIT"),
        ("ResourceQuota", "REQUEST,AGE"),
        ("Certificate", "READY,SECRET,AGE"),
        ("CertificateSigningRequest", "SIGNERNAME,CONDITION"),
        ("ComponentStatus", "STATUS,MESSAGE,ERROR"),
        ("StatefulSet", "READY,AGE"),
        ("Namespace", "STATUS,AGE"),
    )
)


def kind_of(word: str) -> str:
    """Return the API kind that `word` spells (`svc`, `deployments.apps`, `Pod`), or an empty text."""
    plain = word.strip().lower()
    return _KINDS.get(plain) or _KINDS.get(plain.partition(".")[0]) or ""


def kind_of_table(columns: Collection[str]) -> str:
    """Return the kind whose kubectl table has these columns, or an empty text when no kind is known by them."""
    present = set(columns)
    for kind, needed in _TABLES:
        if needed <= present:
            return kind
    return ""
