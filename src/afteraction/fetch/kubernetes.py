"""Kubernetes: events, pods and all objects that the rules read, what changed deployments, and the logs of a service's pods.

Everything is written as kubectl would print it (`cluster_lists.py`). `kubectl describe` says nothing that the objects and their
events do not say; so it is not imitated. Logs are those of the pods that a label gives to a service of the incident, and those of
the run before, where there was one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from afteraction.errors import BadSettings, MissingExtra, NotReached
from afteraction.fetch.cluster_lists import RESOURCES, Resource, items_of_page, printed, rollout_history
from afteraction.fetch.connect import client_of
from afteraction.fetch.pages import as_far_as, decoded, iso, safe, stamped
from afteraction.formats.pods import service_of_pod
from afteraction.model.collecting import CollectorSettings, Fetched, Planned, Sought
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem
from afteraction.network.client import Outgoing
from afteraction.network.guard import Guard
from afteraction.ports import Progress

PAGE = 500
MOST_BYTES = 96 * 1024 * 1024
"""Of one list, as it is answered."""
MOST_PODS = 60
LOG_BYTES = 32 * 1024 * 1024
"""Of one container; the API gives the last ones then."""

Objects = dict[str, list[dict[str, Any]]]


class Kubernetes:
    """The collector."""

    name = "kubernetes"

    def __init__(self, settings: CollectorSettings, client: Outgoing) -> None:
        self._namespaces = settings.targets or ("",)
        self._labels = settings.labels
        self._client = client

    @staticmethod
    def connect(settings: CollectorSettings, allow: tuple[str, ...]) -> Outgoing:
        """Return a client for the API server of the settings, of the pod's own account or of a kubeconfig.

        Raises:
            MissingExtra: for a kubeconfig without lightkube, which reads it.
            BadSettings: when there is none that can be used.
        """
        return client_of(settings, allow) if settings.url else _of_kubeconfig(settings, allow)

    def plan(self, sought: Sought) -> tuple[Planned, ...]:
        """Say what is asked for, by the commands that print the same."""
        planned = []
        for namespace in self._namespaces:
            planned += [
                Planned(what=one.plural, asked=one.kubectl(namespace)) for one in RESOURCES if one.namespaced and not one.extension
            ]  # fmt: skip
            planned.append(
                Planned(
                    what="what changed deployments", asked=f"kubectl rollout history deployments {_where(namespace)}"
                )
            )
            planned += [
                Planned(
                    what=f"logs of the pods of {service}, and of their run before",
                    asked=f"kubectl logs {_where(namespace)} ...",
                )
                for service in sought.services
            ]
        planned += [
            Planned(what=one.plural, asked=one.kubectl(""))
            for one in RESOURCES
            if not one.namespaced and not one.extension
        ]
        return tuple(planned)

    def fetch(self, sought: Sought, progress: Progress) -> Iterator[Fetched | Problem]:
        """Yield all lists that hold something, then logs. Raises NotReached when the API is not there."""
        self._client.get("/version", missing=(401, 403, 404))
        found: set[str] = set()
        for namespace in self._namespaces:
            held: Objects = {}
            for one in RESOURCES:
                if one.namespaced or namespace == self._namespaces[0]:
                    progress(f"{self.name}: {one.plural}")
                    yield from as_far_as(self._list(one, namespace, sought, held), f"{self.name}/{one.plural}")
            history = rollout_history(held.get("deployments", []), held.get("replicasets", []))
            if history:
                asked = f"kubectl rollout history deployments {_where(namespace)}"
                yield Fetched(
                    name=_named("rollout-history", namespace, sought, "txt"),
                    content=history.encode(),
                    command=self._said(asked),
                )
            wanted = [(pod, names) for pod in held.get("pods", []) if (names := self._named(pod, sought)) is not None]
            for pod, names in wanted[:MOST_PODS]:
                found |= names
                yield from self._logs(pod, sought)
            if left := wanted[MOST_PODS:]:
                yield _told(
                    "logs", f"the logs of {len(left)} more pods were not asked for", "name namespaces in the settings"
                )
        for service in sought.services:
            if service not in found:
                labels = ", ".join(self._labels)
                yield _told(
                    service,
                    f"no pod belongs to {service}",
                    f"name the label that says it: collect.kubernetes.labels; tried {labels}",
                )

    def _said(self, command: str) -> str:
        return f"{command}, asked of {self._client.url}"

    def _list(self, one: Resource, namespace: str, sought: Sought, held: Objects) -> Iterator[Fetched | Problem]:
        items: list[dict[str, Any]] = []
        more, size = "", 0
        while True:
            params: dict[str, str | int | list[str]] = {"limit": PAGE}
            if more:
                params["continue"] = more
            answer = self._client.get(one.path(namespace), params, missing=(404,))
            if answer.status == 404:
                if not one.extension:
                    reason = f"the cluster knows no {one.plural} ({one.api})"
                    yield _told(one.plural, reason)
                return
            page = decoded(answer)
            if not isinstance(page, dict):
                raise NotReached(f"{answer.url.partition('?')[0]} answers no list")
            items += items_of_page(page)
            size += len(answer.content)
            more = str((page.get("metadata") or {}).get("continue") or "")
            if not more or size > MOST_BYTES:
                break
        if more:
            reason = f"stopped after {len(items):,} {one.plural}"
            yield _told(one.plural, reason, "name namespaces in the settings")
        if items:
            used = one.api.startswith("metrics.")
            what = f"{one.plural}-metrics" if used else one.plural
            held[what] = items
            name = _named(what, namespace if one.namespaced else "", sought, "json")
            yield Fetched(name=name, content=printed(items), command=self._said(one.kubectl(namespace)))

    def _named(self, pod: Mapping[str, Any], sought: Sought) -> set[str] | None:
        """Return the services of the incident that a pod belongs to, by a label or its name; None when its logs are not wanted.

        Of an incident that names no service those are wanted that are not well.
        """
        metadata = pod.get("metadata") or {}
        labels = metadata.get("labels") or {}
        told = {str(labels.get(label)) for label in self._labels} | {service_of_pod(str(metadata.get("name")))}
        names = told & set(sought.services)
        return names if names or (not sought.services and _ill(pod)) else None

    def _logs(self, pod: Mapping[str, Any], sought: Sought) -> Iterator[Fetched | Problem]:
        metadata, status = pod.get("metadata") or {}, pod.get("status") or {}
        namespace, name = str(metadata.get("namespace")), str(metadata.get("name"))
        for held in ("initContainerStatuses", "containerStatuses"):
            for container in status.get(held) or []:
                called, restarts = str(container.get("name")), container.get("restartCount") or 0
                params: dict[str, str | int | list[str]] = {
                    "container": called,
                    "timestamps": "true",
                    "limitBytes": LOG_BYTES,
                }
                asked = f"kubectl logs -n {namespace} {name} -c {called} --timestamps"
                where, path = f"{namespace}-{name}-{called}", f"/api/v1/namespaces/{namespace}/pods/{name}/log"
                if restarts:
                    file = f"previous-{safe(where)}-{restarts}.log"
                    got = self._log(path, {**params, "previous": "true"}, file, f"{asked} --previous")
                    yield from as_far_as(got, f"{self.name}/{file}")
                file, since = f"log-{safe(where)}.log", iso(sought.since)
                got = self._log(path, {**params, "sinceTime": since}, file, f"{asked} --since-time={since}")
                yield from as_far_as(got, f"{self.name}/{file}")

    def _log(self, path: str, params: dict[str, str | int | list[str]], file: str, asked: str) -> Iterator[Fetched]:
        answer = self._client.get(path, params, missing=(400, 404))  # no such run, or not started yet
        if answer.status == 200 and answer.content.strip():
            yield Fetched(name=file, content=answer.content, command=self._said(asked))


def _told(what: str, reason: str, remedy: str = "") -> Problem:
    return Problem(origin=Origin(file=f"{Kubernetes.name}/{what}"), reason=reason, remedy=remedy)


def _where(namespace: str) -> str:
    return f"-n {namespace}" if namespace else "-A"


def _named(what: str, namespace: str, sought: Sought, ending: str) -> str:
    """Return a name as the script of `afteraction capture` gives it."""
    return (
        f"{what}-{safe(namespace)}-{stamped(sought.at)}.{ending}"
        if namespace
        else f"{what}-{stamped(sought.at)}.{ending}"
    )


def _ill(pod: Mapping[str, Any]) -> bool:
    """Whether a container of a pod restarted or is not ready."""
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    finished = (pod.get("status") or {}).get("phase") == "Succeeded"
    return not finished and any(one.get("restartCount") or not one.get("ready") for one in statuses)


def _of_kubeconfig(settings: CollectorSettings, allow: tuple[str, ...]) -> Outgoing:
    try:
        from lightkube.config.client_adapter import user_auth, verify_cluster  # noqa: PLC0415  (an extra)
        from lightkube.config.kubeconfig import KubeConfig  # noqa: PLC0415
        from lightkube.config.models import User  # noqa: PLC0415
        from lightkube.core.exceptions import ConfigError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"{error.name} is missing: pip install 'afteraction[k8s]', or set collect.kubernetes.url"
        ) from error
    try:
        read = KubeConfig.from_file(settings.kubeconfig) if settings.kubeconfig else KubeConfig.from_env()
        found = read.get(settings.context or None)
        if found is None:
            raise BadSettings("collect.kubernetes: the kubeconfig has no current context; name one with `context`")
        user = found.user or User()
        auth, verify = user_auth(user), verify_cluster(found.cluster, user, found.abs_file)
    except (ConfigError, OSError, KeyError, ValueError, TypeError) as error:
        raise BadSettings(f"collect.kubernetes: the kubeconfig cannot be used: {error}") from error
    server = str(found.cluster.server)
    return Outgoing(server, guard=Guard(allow, url=server), auth=auth, verify=verify)
