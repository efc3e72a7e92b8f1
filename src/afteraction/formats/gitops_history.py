"""What GitOps controllers keep of their rollouts in the cluster: objects of Argo CD and Flux in, told changes out.

Read are the history and last operation of an Argo CD `Application`, the history of a Flux `HelmRelease` and the condition
`Ready` of a Flux `Kustomization`, in the API's JSON shape. Other objects, and entries without a readable time, tell nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from afteraction.formats.change_told import ToldChange
from afteraction.formats.change_words import kind_of_change, status_of
from afteraction.formats.json_documents import list_of, mapping_of, text_of, value_of
from afteraction.formats.json_origins import safe_stamp
from afteraction.formats.stamps import Stamp
from afteraction.model.cluster import ClusterObject
from afteraction.model.event import ChangeKind


def gitops_changes(found: ClusterObject) -> Iterator[ToldChange]:
    """Yield the rollouts that one object of a cluster tells of."""
    if found.kind == "Application":
        yield from _application(found)
    elif found.kind == "HelmRelease":
        yield from _helm_release(found)
    elif found.kind == "Kustomization":
        yield from _kustomization(found)


def _stamp(item: Any, *keys: str) -> Stamp | None:
    return next((stamp for key in keys if (text := text_of(item, key)) and (stamp := safe_stamp(text))), None)


def _sync(found: ClusterObject, item: Any, stamp: Stamp, revision: str, **more: Any) -> ToldChange:
    return ToldChange(
        stamp=stamp,
        origin=found.origin,
        kind=ChangeKind.DEPLOY,
        noun="sync",
        product="Argo CD",
        ref=revision,
        service=found.name,
        environment=text_of(found.data, "spec.destination.namespace"),
        actor=text_of(item, "initiatedBy.username", "operation.initiatedBy.username"),
        **more,
    )


def _application(found: ClusterObject) -> Iterator[ToldChange]:
    status = mapping_of(found.data.get("status"))
    for entry in list_of(status.get("history")):
        stamp = _stamp(entry, "deployStartedAt", "deployedAt")
        revision = text_of(entry, "revision") or ", ".join(str(r) for r in list_of(value_of(entry, "revisions")))
        if stamp and revision:
            # An entry is kept only when the sync came to its end.
            key = f"{found.namespace}/{found.name}@{stamp.at.isoformat()}"
            yield _sync(
                found, entry, stamp, revision, status="succeeded", finished=_stamp(entry, "deployedAt"), key=key
            )
    last = mapping_of(status.get("operationState"))
    began = _stamp(last, "startedAt")
    revision = text_of(last, "syncResult.revision", "operation.sync.revision")
    state = status_of(text_of(last, "phase"))
    if began and revision and state != "succeeded":
        title = text_of(last, "message") if state == "failed" else ""
        yield _sync(found, last, began, revision, status=state, finished=_stamp(last, "finishedAt"), title=title)


def _helm_release(found: ClusterObject) -> Iterator[ToldChange]:
    """Read the history of version 2 of the API: the releases that Helm made, the newest first."""
    for entry in list_of(value_of(found.data, "status.history")):
        stamp = _stamp(entry, "lastDeployed", "firstDeployed")
        name, number = text_of(entry, "name") or found.name, text_of(entry, "version")
        if stamp and number:
            yield ToldChange(
                stamp=stamp,
                origin=found.origin,
                kind=kind_of_change(text_of(entry, "action"), ChangeKind.DEPLOY),
                noun="release",
                product="Flux",
                ref=f"{name}.v{number}",
                version=text_of(entry, "appVersion", "chartVersion"),
                service=name,
                environment=text_of(entry, "namespace") or found.namespace,
                status=status_of(text_of(entry, "status")),
            )


def _kustomization(found: ClusterObject) -> Iterator[ToldChange]:
    status = mapping_of(found.data.get("status"))
    ready = next((c for c in list_of(status.get("conditions")) if text_of(c, "type") == "Ready"), None)
    stamp = _stamp(ready, "lastTransitionTime") if ready else None
    revision = text_of(status, "lastAppliedRevision", "lastAttemptedRevision")
    if ready is None or stamp is None or not revision or not text_of(found.data, "spec.sourceRef.kind"):
        return
    failed = text_of(ready, "status") == "False"
    yield ToldChange(
        stamp=stamp,
        origin=found.origin,
        kind=ChangeKind.DEPLOY,
        noun="reconciliation",
        product="Flux",
        ref=text_of(status, "lastAttemptedRevision").rpartition(":")[2] if failed else revision.rpartition(":")[2],
        service=found.name,
        environment=text_of(found.data, "spec.targetNamespace") or found.namespace,
        status="failed" if failed else "succeeded",
        title=text_of(ready, "message") if failed else "",
    )
