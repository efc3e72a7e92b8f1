"""Records of the Kubernetes audit log (audit.k8s.io): what makes one, and what one says happened.

In comes one record as a JSON object; out go who did what to which object, and whether the API server let it happen.
Records of one request at several stages are told apart by `stage`; only the last stage says how it ended.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from afteraction.formats.json_documents import list_of, mapping_of, text_of

READS = frozenset({"get", "list", "watch"})
_WRITES = {
    "create": "created", "update": "updated", "patch": "patched", "delete": "deleted", "deletecollection": "deleted all",
}  # fmt: skip
_SESSIONS = frozenset({"exec", "attach", "portforward", "proxy"})
_OWN = re.compile(r"system:(?:node:|kube-|apiserver|serviceaccount:kube-system:|gke|eks|aks)")
"""Users that a cluster runs itself with; what they do is its ordinary work."""
_UPKEEP = frozenset({
    "leases", "events", "endpoints", "endpointslices", "tokenreviews", "subjectaccessreviews", "selfsubjectaccessreviews",
    "selfsubjectrulesreviews", "selfsubjectreviews", "localsubjectaccessreviews", "bindings", "componentstatuses",
})  # fmt: skip
_UPKEEP_PARTS = frozenset({"status", "token", "binding", "eviction-status"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One request. `target` is `resource/name`; `part` the subresource; `user` who asked; `request` the object sent."""

    at: str
    stage: str
    id: str
    user: str
    agent: str
    verb: str
    target: str
    resource: str
    name: str
    namespace: str
    part: str
    code: int
    message: str
    command: str
    request: Mapping[str, Any]

    @property
    def done(self) -> str:
        """The verb in the past tense."""
        return _WRITES.get(self.verb, self.verb)

    @property
    def reads(self) -> bool:
        """Whether the request only looked."""
        return self.verb in READS and self.part not in _SESSIONS

    @property
    def opens_session(self) -> bool:
        """Whether the request opened a shell or a tunnel, in which anything may have happened."""
        return self.part in _SESSIONS

    @property
    def refused(self) -> bool:
        """Whether the API server did not do what was asked."""
        return self.code >= 400

    @property
    def upkeep(self) -> bool:
        """Whether it is the cluster's ordinary work: its own users, leases, status reports and reviews of access."""
        return bool(_OWN.match(self.user)) or self.resource in _UPKEEP or self.part in _UPKEEP_PARTS

    @property
    def by_person(self) -> bool:
        """Whether the user is no account of the system or of a service."""
        return not self.user.startswith("system:")


def is_audit_record(value: Any) -> bool:
    """Whether a value is a record of the audit log."""
    told = mapping_of(value)
    if not {"verb", "auditID"} <= told.keys():
        return False
    # within an `EventList`, as webhooks get it, a record says neither its kind nor its version
    return "audit.k8s.io" in text_of(told, "apiVersion") or (
        "apiVersion" not in told and {"stage", "level"} <= told.keys()
    )


def audit_record(value: Mapping[str, Any]) -> AuditRecord:
    """Return what a record says; fields that are absent stay empty."""
    subject = mapping_of(value.get("objectRef"))
    address = urlsplit(text_of(value, "requestURI"))
    resource, name = text_of(subject, "resource"), text_of(subject, "name")
    status = mapping_of(value.get("responseStatus"))
    code = status.get("code")
    acting = text_of(value, "impersonatedUser.username")
    user = text_of(value, "user.username")
    return AuditRecord(
        at=text_of(value, "requestReceivedTimestamp", "stageTimestamp", "timestamp"),
        stage=text_of(value, "stage"),
        id=text_of(value, "auditID"),
        user=f"{user} as {acting}" if acting else user,
        agent=text_of(value, "userAgent").split(" ")[0],
        verb=text_of(value, "verb"),
        target=f"{resource}/{name}".strip("/") or address.path,
        resource=resource,
        name=name or text_of(value, "requestObject.metadata.name", "responseObject.metadata.name"),
        namespace=text_of(subject, "namespace"),
        part=text_of(subject, "subresource"),
        code=code if isinstance(code, int) else 0,
        message=text_of(status, "message", "reason"),
        command=" ".join(_query(address.query)),
        request=mapping_of(value.get("requestObject")),
    )


def _query(query: str) -> list[str]:
    try:
        return parse_qs(query, max_num_fields=200).get("command", [])
    except ValueError:
        return []


def images_of(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the images that a workload or a patch of one sets."""
    template = mapping_of(mapping_of(mapping_of(request.get("spec")).get("template")).get("spec"))
    return tuple(image for item in list_of(template.get("containers")) if (image := text_of(item, "image")))
