from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from afteraction.cli import main
from afteraction.errors import BadSettings
from afteraction.fetch.collectors import opened
from afteraction.model.collecting import CollectorSettings, Fetched, Sought
from afteraction.model.reading import Problem
from afteraction.model.record import Incident

AT = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
LABELS = ("app.kubernetes.io/name", "app")
STAMP = "2026-03-04T11-00-00Z"


def _object(name: str, **more: Any) -> dict[str, Any]:
    metadata = {
        "name": name,
        "namespace": "shop",
        "uid": name,
        "resourceVersion": "7",
        "creationTimestamp": "2026-03-04T09:00:00Z",
    }
    return {"metadata": {**metadata, **more.pop("metadata", {})}, **more}


def _pod(name: str, app: str, restarts: int) -> dict[str, Any]:
    status = {"phase": "Running", "containerStatuses": [{"name": app, "ready": not restarts, "restartCount": restarts, "image": "i", "imageID": "", "state": {}, "lastState": {}}]}  # fmt: skip
    labels = {"labels": {"app": app}, "managedFields": [{"manager": "kubelet"}]}
    return _object(
        name, metadata=labels, spec={"containers": [{"name": app, "image": "a<b>&c", "resources": {}}]}, status=status
    )


def _replica_set(name: str, revision: int, cause: str) -> dict[str, Any]:
    notes = {
        "deployment.kubernetes.io/revision": str(revision),
        **({"kubernetes.io/change-cause": cause} if cause else {}),
    }
    owner = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "orders", "uid": "orders", "controller": True}]
    labels = {"app": "orders", "pod-template-hash": name}
    spec = {
        "replicas": 0,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": []}},
    }
    return _object(
        name,
        metadata={"annotations": notes, "ownerReferences": owner, "labels": labels},
        spec=spec,
        status={"replicas": 0},
    )


@dataclass
class Cluster:
    """An API server that holds what a test gives it. It is not Kubernetes: it lists in pages, hands out logs, and refuses."""

    lists: dict[str, tuple[str, list[dict[str, Any]]]] = field(default_factory=dict)
    logs: dict[tuple[str, bool], str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    token: str = "t0k3n"
    url: str = ""

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        plural = path.rpartition("/")[2]
        if plural in self.refused:
            said = f"{plural} is forbidden: User cannot list resource"
            return 403, {"kind": "Status", "status": "Failure", "reason": "Forbidden", "message": said, "code": 403}
        if path == "/version":
            return 200, {"major": "1", "minor": "32"}
        if path == "/api":
            return 200, {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            version = {"groupVersion": "apps/v1", "version": "v1"}
            return 200, {
                "kind": "APIGroupList",
                "apiVersion": "v1",
                "groups": [{"name": "apps", "versions": [version], "preferredVersion": version}],
            }
        if path in {"/api/v1", "/apis/apps/v1"}:
            return 200, self._resources(path)
        if plural == "log":
            name = path.split("/")[-2]
            found = self.logs.get((name, query.get("previous") == ["true"]))
            return (
                (200, found)
                if found is not None
                else (400, {"kind": "Status", "message": "previous terminated container not found"})
            )
        if path in self.lists:
            return 200, self._page(path, query)
        if "/".join(path.split("/")[:-1]) in self.lists:  # one object by its name
            kind, items = self.lists["/".join(path.split("/")[:-1])]
            one = next((item for item in items if item["metadata"]["name"] == plural), None)
            return (200, {"apiVersion": self._version(path), "kind": kind, **one}) if one else (404, {})
        return 404, {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}

    def _version(self, path: str) -> str:
        return "v1" if path.startswith("/api/") else "/".join(path.split("/")[2:4])

    def _page(self, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        kind, items = self.lists[path]
        start, limit = int(query.get("continue", ["0"])[0]), int(query.get("limit", ["0"])[0]) or len(items)
        labels = dict(part.split("=") for part in query.get("labelSelector", [""])[0].split(",") if "=" in part)
        chosen = [item for item in items if labels.items() <= item["metadata"].get("labels", {}).items()]
        more = {"continue": str(start + limit)} if start + limit < len(chosen) else {}
        return {
            "kind": f"{kind}List",
            "apiVersion": self._version(path),
            "metadata": {"resourceVersion": "9", **more},
            "items": chosen[start : start + limit],
        }

    def _resources(self, path: str) -> dict[str, Any]:
        version = "v1" if path == "/api/v1" else "apps/v1"
        known = {
            "v1": [("pods", "Pod"), ("events", "Event")],
            "apps/v1": [("deployments", "Deployment"), ("replicasets", "ReplicaSet")],
        }
        found = [
            {"name": name, "singularName": "", "namespaced": True, "kind": kind, "verbs": ["get", "list"]}
            for name, kind in known[version]
        ]
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": found}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    made = Cluster()

    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            made.asked.append((parts.path, query))
            # kubectl sends no token over plain HTTP
            denied = (
                self.headers.get("Authorization") != f"Bearer {made.token}"
                and "kubectl" not in self.headers["User-Agent"]
            )
            status, body = (
                (401, {"kind": "Status", "message": "Unauthorized"}) if denied else made.answer(parts.path, query)
            )
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            del args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    _fill(made)
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def _fill(made: Cluster) -> None:
    core, apps = "/api/v1/namespaces/shop", "/apis/apps/v1/namespaces/shop"
    deployment = _object(
        "orders",
        spec={"replicas": 1, "selector": {"matchLabels": {"app": "orders"}}, "template": {"spec": {"containers": []}}},
        status={},
    )
    events = [
        _object(f"orders.{number}", type="Warning", reason="BackOff", message="Back-off restarting failed container", count=number + 1,
                involvedObject={"kind": "Pod", "namespace": "shop", "name": "orders-1"}, lastTimestamp=f"2026-03-04T10:4{number}:00Z",
                firstTimestamp="2026-03-04T10:30:00Z", source={"component": "kubelet"})
        for number in range(5)
    ]  # fmt: skip
    made.lists = {
        f"{core}/pods": ("Pod", [_pod("orders-1", "orders", 5), _pod("cart-1", "cart", 0)]),
        f"{core}/events": ("Event", events),
        f"{core}/services": ("Service", []),
        f"{apps}/deployments": ("Deployment", [deployment]),
        f"{apps}/replicasets": (
            "ReplicaSet",
            [_replica_set("orders-b", 2, "kubectl set image 2"), _replica_set("orders-a", 1, "")],
        ),
        "/api/v1/nodes": ("Node", [_object("worker-1", status={"conditions": []})]),
    }
    made.logs = {
        ("orders-1", False): "2026-03-04T10:59:00.000000000Z cannot reach stock\n",
        ("orders-1", True): "2026-03-04T10:57:00.000000000Z panic: no stock\n",
        ("cart-1", False): "2026-03-04T10:57:00.000000000Z fine\n",
    }


def sought(*services: str) -> Sought:
    incident = Incident(id="INC-7", title="orders fail", opened_at=AT - timedelta(minutes=20), services=services)
    return Sought(incident=incident, since=AT - timedelta(minutes=80), until=AT, at=AT, services=services)


def settings(cluster: Cluster, **more: Any) -> CollectorSettings:
    told = {"url": cluster.url, "token": cluster.token, "targets": ("shop",), "labels": LABELS, **more}
    return CollectorSettings(name="kubernetes", **told)


def fetched(given: CollectorSettings, *services: str) -> tuple[dict[str, Fetched], list[Problem]]:
    with opened(given, ()) as collector:
        found = list(collector.fetch(sought(*services), lambda _message: None))
    return {one.name: one for one in found if isinstance(one, Fetched)}, [
        one for one in found if isinstance(one, Problem)
    ]


def kubeconfig(place: Path, cluster: Cluster) -> Path:
    file = place / "kubeconfig"
    file.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "one",
        "clusters": [{"name": "one", "cluster": {"server": cluster.url}}],
        "users": [{"name": "me", "user": {"token": cluster.token}}],
        "contexts": [{"name": "one", "context": {"cluster": "one", "user": "me"}}],
    }))  # fmt: skip
    return file


def test_lists_and_logs_of_the_hurt_service_are_saved_under_the_names_of_the_capture_script(cluster: Cluster) -> None:
    files, _ = fetched(settings(cluster), "orders")
    assert set(files) == {
        f"pods-shop-{STAMP}.json", f"events-shop-{STAMP}.json", f"deployments-shop-{STAMP}.json", f"replicasets-shop-{STAMP}.json",
        f"nodes-{STAMP}.json", f"rollout-history-shop-{STAMP}.txt", "log-shop-orders-1-orders.log", "previous-shop-orders-1-orders-5.log",
    }  # fmt: skip
    assert files["previous-shop-orders-1-orders-5.log"].content == b"2026-03-04T10:57:00.000000000Z panic: no stock\n"
    assert (
        "kubectl logs -n shop orders-1 -c orders --timestamps --previous"
        in files["previous-shop-orders-1-orders-5.log"].command
    )
    since = [query for path, query in cluster.asked if path.endswith("/log") and "previous" not in query]
    assert since[0]["sinceTime"] == ["2026-03-04T09:40:00Z"]


def test_without_a_service_the_logs_are_those_of_pods_that_are_not_well(cluster: Cluster) -> None:
    files, _ = fetched(settings(cluster))
    assert {name for name in files if name.endswith(".log")} == {
        "log-shop-orders-1-orders.log",
        "previous-shop-orders-1-orders-5.log",
    }


def test_a_service_is_found_by_the_name_of_its_pods_too_and_one_that_has_none_is_told(cluster: Cluster) -> None:
    cluster.lists["/api/v1/namespaces/shop/pods"][1].append(_pod("basket-6c8868cb6d-qcv2t", "other", 0))
    cluster.logs["basket-6c8868cb6d-qcv2t", False] = "2026-03-04T10:57:00.000000000Z fine\n"
    files, problems = fetched(settings(cluster), "basket", "nosuch")
    assert [name for name in files if name.endswith(".log")] == ["log-shop-basket-6c8868cb6d-qcv2t-other.log"]
    assert [problem.reason for problem in problems if "no pod" in problem.reason] == ["no pod belongs to nosuch"]


def test_long_lists_come_in_pages(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afteraction.fetch.kubernetes.PAGE", 2)
    files, _ = fetched(settings(cluster), "orders")
    assert len(json.loads(files[f"events-shop-{STAMP}.json"].content)["items"]) == 5
    assert len([path for path, _ in cluster.asked if path.endswith("/events")]) == 3


def test_what_the_account_may_not_see_is_told_and_the_rest_is_kept(cluster: Cluster) -> None:
    cluster.refused = {"nodes", "events"}
    files, problems = fetched(settings(cluster), "orders")
    assert {problem.origin.file for problem in problems if "forbidden" in problem.reason} == {
        "kubernetes/nodes",
        "kubernetes/events",
    }
    assert f"pods-shop-{STAMP}.json" in files


def test_secrets_are_never_asked_for(cluster: Cluster) -> None:
    fetched(settings(cluster), "orders")
    assert not [path for path, _ in cluster.asked if "secrets" in path]


def test_a_kubeconfig_is_read_and_one_that_is_missing_is_told(cluster: Cluster, tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, cluster)
    files, _ = fetched(settings(cluster, url="", token="", kubeconfig=str(file)), "orders")
    assert f"pods-shop-{STAMP}.json" in files
    for given in ({"kubeconfig": str(tmp_path / "nowhere")}, {"kubeconfig": str(file), "context": "two"}):
        with pytest.raises(BadSettings, match="kubeconfig"):
            fetched(settings(cluster, url="", token="", **given))


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed (Debian: kubernetes-client)")
def test_every_file_is_what_kubectl_prints(cluster: Cluster, tmp_path: Path) -> None:
    files, _ = fetched(settings(cluster), "orders")
    config = kubeconfig(tmp_path, cluster)
    commands = {
        f"pods-shop-{STAMP}.json": "get pods -o json", f"events-shop-{STAMP}.json": "get events -o json",
        f"deployments-shop-{STAMP}.json": "get deployments -o json", f"rollout-history-shop-{STAMP}.txt": "rollout history deployments",
        "log-shop-orders-1-orders.log": "logs orders-1 -c orders --timestamps",
        "previous-shop-orders-1-orders-5.log": "logs orders-1 -c orders --timestamps --previous",
    }  # fmt: skip
    for name, command in commands.items():
        printed = subprocess.run(
            ["kubectl", f"--kubeconfig={config}", f"--cache-dir={tmp_path}/cache", "-n", "shop", *command.split()],
            stdout=subprocess.PIPE, check=True,
        ).stdout  # fmt: skip
        # kubectl before 1.21 prints a link that later ones leave out, and fields that later ones hide.
        printed = printed.replace(b'"resourceVersion": "",\n        "selfLink": ""', b'"resourceVersion": ""')
        ours = files[name].content
        if name.startswith("pods"):
            shown = json.loads(printed)["items"]
            for one in shown:
                one["metadata"].pop("managedFields", None)  # kubectl shows them before 1.21
            assert json.loads(ours)["items"] == shown
            continue
        assert ours == printed, name


def test_the_draft_reads_all_of_it(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERACTION_DATABASE_URL", f"sqlite:///{tmp_path}/record.db")
    monkeypatch.setenv("AFTERACTION_KUBERNETES_TOKEN", cluster.token)
    (tmp_path / "afteraction.toml").write_text(f'[collect.kubernetes]\nurl = "{cluster.url}"\nnamespaces = ["shop"]\n')
    run = CliRunner().invoke
    opened_at = "2026-03-04T10:40:00Z"
    assert (
        run(
            main, ["incident", "new", "Orders fail", "--id", "INC-7", "--service", "orders", "--at", opened_at]
        ).exit_code
        == 0
    )
    collected = run(main, ["collect", "--incident", "INC-7", "--json"])
    files = {one["name"]: one["source"] for one in json.loads(collected.stdout)}
    assert set(files.values()) == {"kubernetes", "text-log"}
    drafted = json.loads(run(main, ["draft", "--incident", "INC-7", "--json"]).stdout)
    warned = [event["text"] for event in drafted["events"] if event["kind"] == "warning"]
    assert any("BackOff on Pod/orders-1" in text for text in warned)
    assert "collected/kubernetes/" in drafted["document"]
    assert cluster.token not in collected.stdout + json.dumps(drafted)
