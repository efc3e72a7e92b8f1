"""A stand-in for a Kubernetes API server, over services that really run: a deployment and a pod for each of them.

It is not Kubernetes. It answers discovery, list, get, log, patch and delete as far as kubectl and MCP servers for Kubernetes ask
for them here. What a deployment's image says is what runs, a pod that is deleted is started anew, a pod's log is the service's.
What the services refuse becomes the answer of a server that does not accept a change.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import urlsplit

import yaml

NAMESPACE, REGISTRY = "shop", "registry.example/shop"
RESOURCES = {
    "v1": [("pods", "Pod"), ("pods/log", "Pod"), ("events", "Event"), ("namespaces", "Namespace")],
    "apps/v1": [("deployments", "Deployment")],
}


class Refused(Exception):
    """The services cannot do what was asked for; the text says why."""


class Services(Protocol):
    """What runs."""

    def releases(self) -> dict[str, str]:
        """Return the release of each service."""
        ...

    def log(self, service: str) -> str:
        """Return the last lines of a service's log."""
        ...

    def release(self, service: str, release: str) -> None:
        """Put a release into service; raises Refused."""
        ...

    def restart(self, service: str) -> None:
        """Start a service anew."""
        ...


class Cluster:
    """The objects that the services are, as the API shows them."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.version = 1
        self.generation = dict.fromkeys(services.releases(), 1)
        self.started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def deployments(self) -> list[dict[str, Any]]:
        return [self._deployment(name, release) for name, release in self.services.releases().items()]

    def pods(self) -> list[dict[str, Any]]:
        return [self._pod(name, release) for name, release in self.services.releases().items()]

    def _container(self, name: str, release: str) -> dict[str, Any]:
        return {"name": name, "image": f"{REGISTRY}/{name}:{release}"}

    def _deployment(self, name: str, release: str) -> dict[str, Any]:
        template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [self._container(name, release)]}}
        return {
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "namespace": NAMESPACE, "uid": f"d-{name}", "resourceVersion": str(self.version), "creationTimestamp": self.started},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template},
            "status": {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1},
        }  # fmt: skip

    def _pod(self, name: str, release: str) -> dict[str, Any]:
        return {
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": f"{name}-{release}-{self.generation[name]}", "namespace": NAMESPACE, "uid": f"p-{name}-{self.generation[name]}",
                         "labels": {"app": name}, "creationTimestamp": self.started, "resourceVersion": str(self.version)},
            "spec": {"nodeName": "worker-1", "containers": [self._container(name, release)]},
            "status": {
                "phase": "Running", "startTime": self.started, "podIP": "10.1.0.7",
                "containerStatuses": [{
                    "name": name, "image": f"{REGISTRY}/{name}:{release}", "imageID": "", "ready": True, "restartCount": 0,
                    "state": {"running": {"startedAt": self.started}},
                }],
            },
        }  # fmt: skip

    def change(self, name: str, patch: dict[str, Any]) -> dict[str, Any]:
        (container,) = patch["spec"]["template"]["spec"]["containers"]
        self.services.release(name, str(container["image"]).rpartition(":")[2])
        self._renewed(name)
        return self._deployment(name, self.services.releases()[name])

    def delete_pod(self, pod: str) -> dict[str, Any] | None:
        found = next((one for one in self.pods() if one["metadata"]["name"] == pod), None)
        if found is not None:
            name = found["metadata"]["labels"]["app"]
            self.services.restart(name)
            self._renewed(name)
        return found

    def _renewed(self, name: str) -> None:
        self.version += 1
        self.generation[name] += 1


def _listed(kind: str, version: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": version, "kind": f"{kind}List", "metadata": {"resourceVersion": "1"}, "items": items}


def _table(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the answer that clients ask for as a table: a row per object, which carries the object."""
    columns = [{"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0}]
    rows = [{"cells": [item["metadata"]["name"]], "object": item} for item in items]
    return {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "columnDefinitions": columns, "rows": rows}


def _resources(version: str) -> dict[str, Any]:
    verbs = ["get", "list", "patch", "update", "delete"]
    found = [{"name": name, "singularName": "", "namespaced": name != "namespaces", "kind": kind, "verbs": verbs}
             for name, kind in RESOURCES[version]]  # fmt: skip
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": found}


_GROUPS = [{"name": "apps", "versions": [{"groupVersion": "apps/v1", "version": "v1"}],
            "preferredVersion": {"groupVersion": "apps/v1", "version": "v1"}}]  # fmt: skip
_FIXED: dict[str, Any] = {
    "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0-stand-in"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": _GROUPS},
    "/api/v1": _resources("v1"),
    "/apis/apps/v1": _resources("apps/v1"),
    f"/api/v1/namespaces/{NAMESPACE}": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
}


class _Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cluster: Cluster

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.rstrip("/")
        lists = {"pods": ("Pod", "v1", self.cluster.pods), "events": ("Event", "v1", list),
                 "deployments": ("Deployment", "apps/v1", self.cluster.deployments)}  # fmt: skip
        parts = path.rsplit("/", 3)
        if path in _FIXED:
            self._answer(_FIXED[path])
        elif parts[-1] in lists:
            kind, version, items = lists[parts[-1]]
            as_table = "as=Table" in self.headers.get("Accept", "")
            self._answer(_table(items()) if as_table else _listed(kind, version, items()))
        elif parts[-1] == "log" and (pod := self._named("pods", parts[-2])):
            self._answer(self.cluster.services.log(pod["metadata"]["labels"]["app"]))
        elif found := self._named(parts[-2], parts[-1]):
            self._answer(found)
        else:
            self._refuse(404, "NotFound", f"{path} not found")

    def _named(self, kind: str, name: str) -> dict[str, Any] | None:
        known = {"pods": self.cluster.pods, "deployments": self.cluster.deployments}
        objects = known[kind]() if kind in known else []
        return next((one for one in objects if one["metadata"]["name"] == name), None)

    def do_PATCH(self) -> None:
        patch = yaml.safe_load(self._body())
        name = urlsplit(self.path).path.rsplit("/", 1)[-1]
        if self._named("deployments", name) is None:
            self._refuse(404, "NotFound", f"{name} not found")
            return
        try:
            self._answer(self.cluster.change(name, patch))
        except Refused as error:
            self._refuse(422, "Invalid", str(error))

    def do_DELETE(self) -> None:
        self._body()
        found = self.cluster.delete_pod(urlsplit(self.path).path.rsplit("/", 1)[-1])
        if found is None:
            self._refuse(404, "NotFound", f"{self.path} not found")
        else:
            self._answer(found)

    def do_POST(self) -> None:
        self._answer({**json.loads(self._body() or b"{}"), "status": {"allowed": True}}, 201)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, body: Any, status: int = 200) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _refuse(self, code: int, reason: str, message: str) -> None:
        said = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
        self._answer({**said, "message": message}, code)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def standing_in(services: Services, port: int) -> Iterator[None]:
    """Answer on a port until the block ends."""
    handler = type("Api", (_Api,), {"cluster": Cluster(services)})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
