"""A stand-in for a Kubernetes API server: one namespace, one deployment whose image is bad, its pod and its events.

It is not Kubernetes. It answers discovery, list, get, log and patch as far as kubectl and MCP servers for Kubernetes ask
for them here, and makes one pod out of the deployment: an image whose tag is 2 crashes, any other runs. `/metrics` says whether the pod is ready.

    python kubernetes_stand_in.py PORT
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import yaml

STARTED = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "orders", "namespace": "shop", "uid": "d1", "resourceVersion": "1", "creationTimestamp": STARTED},
    "spec": {
        "replicas": 1, "selector": {"matchLabels": {"app": "orders"}},
        "template": {
            "metadata": {"labels": {"app": "orders"}},
            "spec": {"containers": [{"name": "orders", "image": "registry.example/shop/orders:2"}]},
        },
    },
    "status": {"replicas": 1},
}  # fmt: skip
RESOURCES = {
    "v1": [("pods", "Pod"), ("pods/log", "Pod"), ("events", "Event"), ("namespaces", "Namespace")],
    "apps/v1": [("deployments", "Deployment")],
}


def image() -> str:
    return str(DEPLOYMENT["spec"]["template"]["spec"]["containers"][0]["image"])


def pod() -> dict[str, Any]:
    bad = image().endswith(":2")
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 20s restarting failed container=orders"}}
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "orders-6c8868cb6d-qcv2t", "namespace": "shop", "uid": "p1", "labels": {"app": "orders"},
                     "creationTimestamp": STARTED, "resourceVersion": DEPLOYMENT["metadata"]["resourceVersion"]},
        "spec": {"nodeName": "worker-1", "containers": [{"name": "orders", "image": image()}]},
        "status": {
            "phase": "Running", "startTime": STARTED, "podIP": "10.1.0.7",
            "containerStatuses": [{
                "name": "orders", "image": image(), "imageID": "", "ready": not bad, "restartCount": 5 if bad else 0,
                "state": waiting if bad else {"running": {"startedAt": STARTED}},
            }],
        },
    }  # fmt: skip


def event() -> dict[str, Any]:
    return {
        "apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": "BackOff", "count": 7,
        "message": "Back-off restarting failed container orders in pod orders-6c8868cb6d-qcv2t",
        "metadata": {"name": "orders.1", "namespace": "shop", "uid": "e1", "creationTimestamp": STARTED},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "orders-6c8868cb6d-qcv2t", "apiVersion": "v1"},
        "firstTimestamp": STARTED, "lastTimestamp": STARTED, "source": {"component": "kubelet"},
    }  # fmt: skip


def listed(kind: str, version: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": version, "kind": f"{kind}List", "metadata": {"resourceVersion": "1"}, "items": items}


def table(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the answer that clients ask for as a table: a row per object, which carries the object."""
    columns = [{"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0}]
    rows = [{"cells": [item["metadata"]["name"]], "object": item} for item in items]
    return {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "columnDefinitions": columns, "rows": rows}


def merged(old: Any, new: Any) -> Any:
    """Apply what a patch says; containers are found by their name, as strategic and server-side patches do."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list) and all(isinstance(one, dict) and "name" in one for one in new):
        by_name = {one["name"]: one for one in old}
        return [merged(by_name.get(one["name"], {}), one) for one in new]
    return new


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body: Any, status: int = 200) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def missing(self) -> None:
        said = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
        self.answer({**said, "message": f"{urlsplit(self.path).path} not found"}, 404)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.rstrip("/")
        as_table = "as=Table" in self.headers.get("Accept", "")
        groups = [{"name": "apps", "versions": [{"groupVersion": "apps/v1", "version": "v1"}],
                   "preferredVersion": {"groupVersion": "apps/v1", "version": "v1"}}]  # fmt: skip
        fixed: dict[str, Any] = {
            "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0-stand-in"},
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups},
            "/api/v1": self.resources("v1"), "/apis/apps/v1": self.resources("apps/v1"),
            "/api/v1/namespaces/shop": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
            "/api/v1/namespaces/shop/pods/orders-6c8868cb6d-qcv2t": pod(),
            "/apis/apps/v1/namespaces/shop/deployments/orders": DEPLOYMENT,
        }  # fmt: skip
        lists = {
            "pods": ("Pod", "v1", [pod()]),
            "events": ("Event", "v1", [event()]),
            "deployments": ("Deployment", "apps/v1", [DEPLOYMENT]),
        }
        name = path.rsplit("/", 1)[-1]
        if path == "/metrics":
            self.answer(f"# TYPE orders_ready gauge\norders_ready {0 if image().endswith(':2') else 1}\n")
        elif path.endswith("/pods/orders-6c8868cb6d-qcv2t/log"):
            self.answer(
                "cannot reach stock: no such host\nexit status 1\n" if image().endswith(":2") else "listening on 8082\n"
            )
        elif path in fixed:
            self.answer(fixed[path])
        elif name in lists:
            kind, version, items = lists[name]
            self.answer(table(items) if as_table else listed(kind, version, items))
        else:
            self.missing()

    def resources(self, version: str) -> dict[str, Any]:
        verbs = ["get", "list", "patch", "update"]
        found = [{"name": name, "singularName": "", "namespaced": name != "namespaces", "kind": kind, "verbs": verbs}
                 for name, kind in RESOURCES[version]]  # fmt: skip
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": found}

    def do_PATCH(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not urlsplit(self.path).path.endswith("/deployments/orders"):
            self.missing()
            return
        DEPLOYMENT.update(merged(DEPLOYMENT, yaml.safe_load(body)))
        DEPLOYMENT["metadata"]["resourceVersion"] = str(int(DEPLOYMENT["metadata"].get("resourceVersion") or 1) + 1)
        self.answer(DEPLOYMENT)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        self.answer({**body, "status": {"allowed": True}}, 201)

    def log_message(self, *args: object) -> None:
        del args


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Api).serve_forever()
