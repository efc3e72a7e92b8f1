"""What holds for all rules: the register, the order of causes and symptoms, and that no input makes a rule fall over."""

from __future__ import annotations

import copy
import io
import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.evidence.cluster import RULES, ClusterEvidence, cluster_evidence, cluster_findings, cluster_suspects
from afteraction.formats.kubectl import read_kubectl
from afteraction.model.cluster import ClusterObject
from afteraction.model.event import Call, Event, EventKind, Warned
from afteraction.model.log import LogFile, LogShape
from afteraction.model.origin import Origin, Precision

AT = datetime(2025, 8, 12, 6, 0, tzinfo=UTC)
TELLING: list[dict[str, Any]] = [
    {"kind": "Pod", "metadata": {"name": "aa-7c9d4b8f5d-x2k4m", "namespace": "shop", "labels": {"app": "aa"}},
     "spec": {"nodeName": "w1", "serviceAccountName": "bot", "dnsPolicy": "None", "dnsConfig": {"nameservers": ["1.1.1.1"]},
              "imagePullSecrets": [{"name": "pull"}], "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "c", "configMap": {"name": "cfg", "items": [{"key": "k"}]}}],
              "containers": [{"name": "main", "image": "repo/aa:1", "ports": [{"containerPort": 8080, "name": "web"}], "env": [{"name": "BB_ADDR", "value": "bb:1"}, {"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "p"}}}],
                              "resources": {"limits": {"cpu": "10m", "memory": "64Mi"}}, "livenessProbe": {"httpGet": {"port": 99, "path": "/"}, "periodSeconds": 1}}, {"name": "side", "ports": [{"containerPort": 8080}]}]},
     "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [{"name": "main", "ready": False, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}]}},
    {"kind": "Deployment", "metadata": {"name": "aa", "namespace": "shop"}, "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "aa"}}, "template": {"metadata": {"labels": {"app": "aa"}}, "spec": {"containers": [{"name": "main"}]}}}, "status": {"conditions": [{"type": "Available", "status": "False", "message": "x"}]}},
    {"kind": "Service", "metadata": {"name": "aa", "namespace": "shop"}, "spec": {"selector": {"app": "ab"}, "ports": [{"port": 80, "targetPort": "wob"}]}},
    {"kind": "Node", "metadata": {"name": "w1", "labels": {"zone": "a"}}, "spec": {"unschedulable": True, "taints": [{"key": "k", "effect": "NoSchedule"}]}, "status": {"conditions": [{"type": "Ready", "status": "False", "message": "Kubelet stopped posting node status."}], "allocatable": {"cpu": "4"}}},
    {"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop"}, "spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}, "status": {"phase": "Pending"}},
    {"kind": "PersistentVolume", "metadata": {"name": "vol"}, "spec": {"capacity": {"storage": "1Mi"}, "accessModes": ["ReadOnlyMany"], "claimRef": {"name": "x"}}},
    {"kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": "shop"}, "spec": {"podSelector": {"matchLabels": {"app": "aa"}}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "zz"}}}], "ports": [{"port": 1}]}]}},
    {"kind": "Ingress", "metadata": {"name": "i", "namespace": "shop"}, "spec": {"rules": [{"host": "h", "http": {"paths": [{"path": "/", "backend": {"service": {"name": "aa", "port": {"number": 81}}}}]}}], "tls": [{"secretName": "t"}]}},
    {"kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "shop"}, "status": {"hard": {"pods": "1"}, "used": {"pods": "1"}}},
    {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "h", "namespace": "shop"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "aa"}}, "status": {"targets": "<unknown>/50%"}},
    {"kind": "Job", "metadata": {"name": "j", "namespace": "shop"}, "status": {"conditions": [{"type": "Failed", "status": "True"}]}},
    {"kind": "DaemonSet", "metadata": {"name": "kube-proxy"}, "status": {"desiredNumberScheduled": 3, "numberReady": 1}},
    {"kind": "Event", "type": "Warning", "reason": "FailedScheduling", "message": "0/1 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {k: v}.", "involvedObject": {"kind": "Pod", "name": "bb-7c9d4b8f5d-x2k4m", "namespace": "shop"}, "count": 3},
    {"kind": "VirtualService", "metadata": {"name": "vs"}, "spec": {"hosts": ["aa"], "http": [{"fault": {"abort": {}}, "route": [{"destination": {"host": "aa"}}]}]}},
    {"kind": "Certificate", "metadata": {"name": "c"}, "status": {"notAfter": "2025-08-01T00:00:00Z", "conditions": [{"type": "Ready", "status": "False"}]}},
]  # fmt: skip
HOSTILE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({}), st.just([[]]), st.just(["x", 1]),
    st.just({"x": {"y": []}}), st.just([{"name": None}]), st.just("9" * 40), st.floats(),
)  # fmt: skip


def as_object(data: dict[str, Any]) -> ClusterObject:
    metadata = data.get("metadata")
    name = str(metadata.get("name", "")) if isinstance(metadata, dict) else "aa-7c9d4b8f5d-x2k4m"
    place = str(metadata.get("namespace", "")) if isinstance(metadata, dict) else ""
    return ClusterObject(
        kind=str(data.get("kind", "Pod")), name=name, namespace=place, data=data, complete=True, seen_at=AT, text=str(data),
        origin=Origin(file="f.json", line=1, line_end=1),
    )  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, part in value.items():
            found += paths(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            found += paths(part, (*path, number))
    return found


@st.composite
def damaged(draw: st.DrawFn) -> list[ClusterObject]:
    """Objects that make every rule speak, with some of their fields replaced by something that does not belong there."""
    objects = copy.deepcopy(TELLING)
    for _ in range(draw(st.integers(1, 5))):
        one = draw(st.sampled_from(objects))
        path = draw(st.sampled_from([path for path in paths(one) if path != ("kind",)]))
        place: Any = one
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = copy.deepcopy(draw(HOSTILE))
    return [as_object(one) for one in objects]


@settings(max_examples=200, deadline=None)
@given(damaged())
def test_no_field_of_an_object_makes_a_rule_fall_over(objects: list[ClusterObject]) -> None:
    for finding in cluster_evidence(objects).findings:
        assert finding.citations
        assert finding.summary


def test_the_telling_objects_make_most_rules_speak_and_order_does_not_matter() -> None:
    objects = [as_object(one) for one in TELLING]
    forth, back = cluster_evidence(objects), cluster_evidence(objects[::-1])
    assert {one.rule for one in forth.findings} == {one.rule for one in back.findings}
    assert len({one.rule for one in forth.findings}) > 15
    assert [one.ref for one in forth.suspects] == [one.ref for one in back.suspects]


def test_ids_are_unique_and_every_rule_says_what_it_reads_and_gives() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"K8S(?:-[A-Z]+)+", rule.id)
        assert rule.title
        assert rule.reads
        assert rule.page
        assert all(re.fullmatch(r"[a-z0-9_]+", cause) for cause in rule.causes)


def test_every_claim_is_of_a_registered_rule() -> None:
    found = cluster_evidence([as_object(one) for one in TELLING])
    known = {rule.id for rule in RULES}
    assert {one.rule for one in found.findings} <= known


def test_nothing_wrong_yields_nothing() -> None:
    assert cluster_evidence([]) == ClusterEvidence()


def test_findings_come_in_order_of_weight_and_suspects_cite_them() -> None:
    objects = [as_object(one) for one in TELLING]
    findings, suspects = cluster_findings(objects), cluster_suspects(objects)
    assert [one.weight for one in findings] == sorted((one.weight for one in findings), reverse=True)
    assert [one.id for one in findings] == [f"k{number}" for number in range(1, len(findings) + 1)]
    assert [one.rank for one in suspects] == list(range(1, len(suspects) + 1))
    ids = {one.id for one in findings}
    assert all(set(one.evidence) <= ids and one.evidence for one in suspects)


CRASHING = "NAME                  READY   STATUS             RESTARTS      AGE\naa-7c9d4b8f5d-x2k4m   0/1     CrashLoopBackOff   4 (40s ago)   5m\n"


def log_of(text: bytes) -> LogFile:
    return LogFile(name="aa.log", open=partial(io.BytesIO, text), shape=LogShape.PLAIN, service="aa")


def test_the_last_complaint_of_a_crashing_container_is_cited() -> None:
    objects = read_kubectl(CRASHING, "pods.txt").objects
    log = log_of(b"starting\nlistening on 8080\nbind: address already in use\nbye\n")
    found = cluster_evidence(objects, (), (log,))
    assert found.suspects[0].cause_class == "port_conflict"
    assert Origin(file="aa.log", line=3, line_end=3) in found.findings[0].citations


def test_a_log_without_complaints_adds_nothing() -> None:
    objects = read_kubectl(CRASHING, "pods.txt").objects
    log = log_of(b"starting\none\ntwo\nthree\nfour\n")
    assert cluster_evidence(objects, (), (log,)).suspects == cluster_evidence(objects).suspects


def test_warnings_that_came_only_as_events_are_judged() -> None:
    warning = Event(
        at=AT, precision=Precision.SECOND, kind=EventKind.WARNING, source="x", origin=Origin(file="e.json", line=4),
        text='Failed on Pod/aa-7c9d4b8f5d-x2k4m: Error: secret "db" not found',
        detail=Warned(object_ref="Pod/aa-7c9d4b8f5d-x2k4m", reason="Failed"),
    )  # fmt: skip
    found = cluster_evidence((), (warning,))
    assert (found.suspects[0].ref, found.suspects[0].cause_class) == ("app/aa", "missing_secret")
    assert found.findings[0].citations[0].line == 4


def test_what_kubectl_printed_in_a_recorded_command_is_judged_and_cited_below_the_command() -> None:
    call = Event(
        at=AT, precision=Precision.SECOND, kind=EventKind.COMMAND, source="terminal", text="kubectl get pods",
        origin=Origin(file="session.txt", line=10, line_end=12),
        detail=Call(tool="kubectl", command="kubectl get pods", result=CRASHING),
    )  # fmt: skip
    found = cluster_evidence((), (call,))
    assert found.suspects[0].ref == "app/aa"
    assert found.findings[0].citations[0].line == 12
