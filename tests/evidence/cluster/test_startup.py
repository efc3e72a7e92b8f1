"""Rules on what keeps a container from starting or from staying: images, configuration, crashes, memory, probes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from afteraction.evidence.cluster import ClusterEvidence

Judge = Callable[..., ClusterEvidence]
Describe = Callable[..., str]
WAITING = "Waiting\n      Reason:       {}"


def causes(found: ClusterEvidence) -> set[str]:
    return {one.cause_class for one in found.suspects}


def top(found: ClusterEvidence) -> tuple[str, str]:
    return found.suspects[0].ref, found.suspects[0].cause_class


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ('failed to resolve reference "repo/aa:1.2": repo/aa:1.2: not found', "wrong_image"),
        (
            'rpc error: code = NotFound desc = failed to pull and unpack image "repo/aa:9": manifest unknown',
            "wrong_image",
        ),
        (
            'failed to do request: Head "https://repo/v2/": dial tcp: lookup repo on 10.96.0.10:53: no such host',
            "registry_dns_failure",
        ),
        (
            'failed to do request: Head "https://repo/v2/": dial tcp 10.1.1.1:443: connect: connection refused',
            "registry_unreachable",
        ),
        ("unexpected status from HEAD request: 401 Unauthorized", "missing_image_pull_secret"),
        ("failed to authorize: failed to fetch anonymous token: unauthorized", "missing_image_pull_secret"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "registry_certificate"),
        ("429 Too Many Requests - Server message: toomanyrequests", "registry_rate_limit"),
    ],
)
def test_a_failed_pull_is_told_apart_by_what_the_registry_answered(
    judge: Judge, pod: Describe, message: str, cause: str
) -> None:
    found = judge(
        pod(status="Pending", state=WAITING.format("ImagePullBackOff"), ready=False,
            events=[f'Warning  Failed  2m  kubelet  Failed to pull image "repo/aa:1.2": {message}'])
    )  # fmt: skip
    assert top(found) == ("app/aa", cause)
    assert "repo/aa:1.2" in found.suspects[0].why
    assert any("Failed to pull image" in line for line in found.findings[0].excerpt)


def test_a_pull_that_succeeded_later_is_no_finding(judge: Judge, pod: Describe) -> None:
    found = judge(
        pod(
            events=[
                'Warning  Failed  9m  kubelet  Failed to pull image "repo/aa:1.2": not found',
                "Normal  Pulled  1m  kubelet  Successfully pulled image",
            ]
        )
    )
    assert found.suspects == ()


def test_the_missing_secret_ranks_above_the_pod_that_is_not_ready(judge: Judge, pod: Describe) -> None:
    found = judge(
        pod(status="Pending", state=WAITING.format("CreateContainerConfigError"), ready=False,
            events=['Warning  Failed  5s (x7 over 60s)  kubelet  Error: secret "db-pass" not found']),
        """
        Name:              aa
        Namespace:         shop
        Selector:          app=aa
        Type:              ClusterIP
        IP:                10.96.5.5
        Port:              http  80/TCP
        TargetPort:        8080/TCP
        Endpoints:
        Session Affinity:  None
        Events:            <none>
        """,
    )  # fmt: skip
    assert top(found) == ("app/aa", "missing_secret")
    assert "db-pass" in found.suspects[0].why
    assert found.findings[0].rule == "K8S-CONFIG-MISSING"
    assert any("no_endpoints" in one.summary and one.weight < 0.3 for one in found.findings)


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ('Error: configmap "settings" not found', "missing_configmap"),
        ('MountVolume.SetUp failed for volume "cfg" : configmap "settings" not found', "missing_configmap"),
        ("Error: couldn't find key PASS in Secret shop/db", "missing_config_key"),
        (
            'MountVolume.SetUp failed for volume "cfg" : references non-existent config key: app.yaml',
            "missing_config_key",
        ),
    ],
)
def test_missing_configuration_is_named(judge: Judge, pod: Describe, message: str, cause: str) -> None:
    found = judge(
        pod(
            status="Pending",
            state=WAITING.format("ContainerCreating"),
            ready=False,
            events=[f"Warning  FailedMount  5s (x7 over 60s)  kubelet  {message}"],
        )
    )
    assert top(found) == ("app/aa", cause)


def test_a_missing_service_account_is_named_by_the_replica_set(judge: Judge) -> None:
    found = judge(
        """
        LAST SEEN   TYPE      REASON         OBJECT                     MESSAGE
        16s         Warning   FailedCreate   replicaset/aa-7c9d4b8f5d   Error creating: pods "aa-7c9d4b8f5d-" is forbidden: error looking up service account shop/runner: serviceaccount "runner" not found
        """
    )
    assert top(found) == ("app/aa", "missing_service_account")


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: aa, namespace: shop}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: aa}}}}
  template:
    metadata: {{labels: {{app: aa}}}}
    spec:
      containers:
      - name: main
        image: repo/aa:1
        envFrom:
        - secretRef: {{name: {secret}}}
        env:
        - name: LEVEL
          valueFrom: {{configMapKeyRef: {{name: settings, key: {key}}}}}
        - name: MODE
          valueFrom: {{configMapKeyRef: {{name: unknown, key: x, optional: true}}}}
"""
SECRETS = """
$ kubectl get secrets -n shop
NAME      TYPE     DATA   AGE
db-pass   Opaque   1      5d
"""
SETTINGS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {LEVEL: debug}
"""


def test_a_reference_to_a_secret_that_a_whole_list_lacks_is_found_by_comparing(judge: Judge) -> None:
    found = judge(DEPLOYMENT.format(secret="db-word", key="LEVEL"), SECRETS, SETTINGS)
    assert top(found) == ("app/aa", "missing_secret")


def test_a_key_that_a_config_map_lacks_is_found_by_comparing(judge: Judge) -> None:
    found = judge(DEPLOYMENT.format(secret="db-pass", key="LEVLE"), SECRETS, SETTINGS)
    assert top(found) == ("app/aa", "missing_config_key")


def test_references_that_exist_or_are_optional_or_unknown_are_no_finding(judge: Judge) -> None:
    assert judge(DEPLOYMENT.format(secret="db-pass", key="LEVEL"), SECRETS, SETTINGS).findings == ()
    assert judge(DEPLOYMENT.format(secret="db-word", key="LEVEL")).findings == ()


LAST = "    Last State:     Terminated\n      Reason:       {}\n      Exit Code:    {}\n"


def test_a_container_killed_for_memory_is_named_with_its_limit(judge: Judge, pod: Describe) -> None:
    found = judge(
        pod(state=WAITING.format("CrashLoopBackOff"), ready=False, restarts=6, last=LAST.format("OOMKilled", 137),
            container="    Limits:\n      memory:  64Mi\n")
    )  # fmt: skip
    assert top(found) == ("app/aa", "oom_killed")
    assert "64Mi" in found.suspects[0].why


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (1, "crash_looping"),
        (127, "wrong_command"),
        (126, "permission_denied"),
        (0, "command_ends"),
        (139, "crash_looping"),
    ],
)
def test_exit_codes_are_put_into_words(judge: Judge, pod: Describe, code: int, cause: str) -> None:
    found = judge(
        pod(state=WAITING.format("CrashLoopBackOff"), ready=False, restarts=4, last=LAST.format("Error", code))
    )
    assert top(found) == ("app/aa", cause)
    assert f"exit code {code}" in found.suspects[0].why


def test_a_command_that_is_not_in_the_image_is_a_cause(judge: Judge, pod: Describe) -> None:
    state = (
        WAITING.format("RunContainerError")
        + '\n      Message:      failed to create containerd task: exec: "strat": executable file not found in $PATH: unknown'
    )
    assert top(judge(pod(state=state, ready=False, restarts=3))) == ("app/aa", "wrong_command")


def test_a_completed_job_pod_is_no_finding(judge: Judge, pod: Describe) -> None:
    state = "Terminated\n      Reason:       Completed\n      Exit Code:    0"
    assert judge(pod("jj-x2k4m", status="Succeeded", state=state, ready=False)).findings == ()


def test_a_failing_init_container_and_a_waiting_one_are_told_apart(judge: Judge) -> None:
    heading = "NAME                  READY   STATUS                  RESTARTS      AGE\n"
    failing = judge(heading + "aa-7c9d4b8f5d-x2k4m   0/1     Init:CrashLoopBackOff   5 (20s ago)   4m\n")
    waiting = judge(heading + "aa-7c9d4b8f5d-x2k4m   0/1     Init:0/1                0             4m\n")
    assert top(failing) == ("app/aa", "init_container_failed")
    assert top(waiting)[1] == "init_container_waiting"


def test_an_old_crash_loop_ranks_below_a_fresh_one(judge: Judge) -> None:
    found = judge(
        """
        NAME                  READY   STATUS             RESTARTS          AGE
        aa-7c9d4b8f5d-x2k4m   0/1     CrashLoopBackOff   2121 (3m ago)     31d
        bb-7c9d4b8f5d-x2k4m   0/1     CrashLoopBackOff   4 (40s ago)       31d
        cc-7c9d4b8f5d-x2k4m   1/1     Running            0                 31d
        """
    )
    assert [one.ref for one in found.suspects] == ["app/bb", "app/aa"]


PROBE = "    Liveness:       {}\n"
UNHEALTHY = "Warning  Unhealthy  3s (x9 over 90s)  kubelet  Liveness probe failed: {}"


@pytest.mark.parametrize(
    ("probe", "message", "what"),
    [
        ("http-get http://:9999/live delay=5s timeout=1s period=10s #success=1 #failure=3", 'Get "http://10.244.1.18:9999/live": dial tcp 10.244.1.18:9999: connect: connection refused', "wrong_port"),
        ("http-get http://:8080/live delay=5s timeout=1s period=10s #success=1 #failure=3", 'Get "http://10.244.1.18:8080/live": net/http: HTTP/1.x transport connection broken: malformed HTTP response', "wrong_protocol"),
        ("http-get https://:8080/live delay=5s timeout=1s period=10s #success=1 #failure=3", 'Get "https://10.244.1.18:8080/live": http: server gave HTTP response to HTTPS client', "wrong_protocol"),
        ("http-get http://:8080/live delay=5s timeout=1s period=10s #success=1 #failure=3", "HTTP probe failed with statuscode: 404", "wrong_path"),
        ("http-get http://:8080/live delay=5s timeout=1s period=10s #success=1 #failure=3", 'Get "http://10.244.1.18:8080/live": context deadline exceeded (Client.Timeout exceeded while awaiting headers)', "timing"),
        ("http-get http://:8080/live delay=0s timeout=1s period=1s #success=1 #failure=1", 'Get "http://10.244.1.18:8080/live": dial tcp 10.244.1.18:8080: connect: connection refused', "timing"),
        ("http-get http://:8080/live delay=30s timeout=5s period=10s #success=1 #failure=3", "HTTP probe failed with statuscode: 500", "failing"),
    ],
)  # fmt: skip
def test_a_failing_probe_is_judged_by_port_protocol_path_and_timing(
    judge: Judge, pod: Describe, probe: str, message: str, what: str
) -> None:
    found = judge(pod(ready=False, restarts=5, container=PROBE.format(probe), events=[UNHEALTHY.format(message)]))
    assert top(found) == ("app/aa", f"liveness_probe_{what}")


def test_a_probe_that_passes_again_weighs_little(judge: Judge, pod: Describe) -> None:
    probe = "http-get http://:8080/live delay=5s timeout=1s period=10s #success=1 #failure=3"
    found = judge(
        pod(container=PROBE.format(probe), events=[UNHEALTHY.format("HTTP probe failed with statuscode: 404")])
    )
    assert found.suspects[0].score <= 0.3


def test_a_probe_on_an_undeclared_port_is_found_without_any_event(judge: Judge, pod: Describe) -> None:
    probe = "tcp-socket :7070 delay=5s timeout=1s period=10s #success=1 #failure=3"
    assert top(judge(pod(ready=False, container=PROBE.format(probe)))) == ("app/aa", "liveness_probe_wrong_port")


def test_an_eviction_names_the_resource(judge: Judge) -> None:
    found = judge(
        """
        Name:             aa-7c9d4b8f5d-x2k4m
        Namespace:        shop
        Node:             w1/10.0.0.1
        Status:           Failed
        Reason:           Evicted
        Message:          The node was low on resource: ephemeral-storage. Threshold quantity: 2126213140, available: 1884540Ki.
        Containers:
          main:
            Image:  repo/aa:1
        """
    )
    assert top(found) == ("app/aa", "evicted")
    assert "ephemeral-storage" in found.suspects[0].why


def test_healthy_pods_are_no_finding(judge: Judge, pod: Describe) -> None:
    probe = "http-get http://:8080/live delay=5s timeout=1s period=10s #success=1 #failure=3"
    assert judge(pod(container=PROBE.format(probe))).findings == ()
