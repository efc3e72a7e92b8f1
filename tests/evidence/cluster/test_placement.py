"""Rules on what keeps a pod from being made and placed: scheduling, volumes, quotas, policies of admission."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from afteraction.evidence.cluster import ClusterEvidence

Judge = Callable[..., ClusterEvidence]
Describe = Callable[..., str]
NODES = """
$ kubectl get nodes -o wide --show-labels
NAME   STATUS   ROLES           AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE    KERNEL-VERSION   CONTAINER-RUNTIME     LABELS
cp     Ready    control-plane   20d   v1.30.0   10.0.0.9      <none>        Debian 12   6.1.0            containerd://1.7.18   disk=hdd
w1     Ready    <none>          20d   v1.30.0   10.0.0.1      <none>        Debian 12   6.1.0            containerd://1.7.18   disk=hdd,zone=a
w2     Ready    <none>          20d   v1.30.0   10.0.0.2      <none>        Debian 12   6.1.0            containerd://1.7.18   disk=hdd,zone=b
"""


def top(found: ClusterEvidence) -> tuple[str, str]:
    return found.suspects[0].ref, found.suspects[0].cause_class


def refs(found: ClusterEvidence) -> set[tuple[str, str]]:
    return {(one.ref, one.cause_class) for one in found.suspects}


def pending(pod: Describe, message: str, **more: str) -> str:
    event = f"Warning  FailedScheduling  38s  default-scheduler  0/3 nodes are available: {message} preemption: 0/3 nodes are available."
    return pod(status="Pending", state="", ready=False, node="<none>", events=[event], **more)


def test_a_node_selector_that_no_node_has_is_named_with_the_label(judge: Judge, pod: Describe) -> None:
    found = judge(pending(pod, "3 node(s) didn't match Pod's node affinity/selector.", selectors="disk=ssd"), NODES)
    assert top(found) == ("app/aa", "node_selector_mismatch")
    assert "none of the 3 nodes has disk=ssd" in found.suspects[0].why


AFFINITY = """
apiVersion: v1
kind: Pod
metadata: {name: aa-7c9d4b8f5d-x2k4m, namespace: shop, labels: {app: aa}}
spec:
  containers: [{name: main, image: "repo/aa:1", resources: {requests: {cpu: "64", memory: 1Gi}}}]
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
        - matchExpressions: [{key: zone, operator: In, values: [c]}]
status:
  phase: Pending
  conditions:
  - {type: PodScheduled, status: "False", reason: Unschedulable, message: "0/3 nodes are available: %s"}
"""


def test_node_affinity_is_told_from_a_node_selector(judge: Judge) -> None:
    found = judge(AFFINITY % "3 node(s) didn't match Pod's node affinity/selector.", NODES)
    assert top(found) == ("app/aa", "node_affinity_mismatch")
    assert "zone In c" in found.suspects[0].why


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("3 Insufficient cpu.", "insufficient_cpu"),
        ("3 Insufficient memory.", "insufficient_memory"),
        ("3 Insufficient nvidia.com/gpu.", "insufficient_gpu"),
        ("3 node(s) didn't match pod anti-affinity rules.", "pod_anti_affinity_conflict"),
        ("3 node(s) didn't match pod affinity rules.", "pod_affinity_mismatch"),
        ("3 node(s) didn't match pod topology spread constraints.", "topology_spread_conflict"),
        ("2 node(s) had volume node affinity conflict.", "volume_node_conflict"),
        ("3 node(s) didn't have free ports for the requested pod ports.", "host_port_conflict"),
        (
            "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 node(s) had untolerated taint {dedicated: batch}.",
            "taint_not_tolerated",
        ),
        ("3 node(s) were unschedulable.", "node_cordoned"),
        ('persistentvolumeclaim "data" not found.', "missing_pvc"),
    ],
)
def test_every_reason_of_the_scheduler_has_its_cause_class(
    judge: Judge, pod: Describe, message: str, cause: str
) -> None:
    assert top(judge(pending(pod, message))) == ("app/aa", cause)


def test_a_scheduled_pod_is_no_finding_whatever_was_said_before(judge: Judge, pod: Describe) -> None:
    event = "Warning  FailedScheduling  9m  default-scheduler  0/3 nodes are available: 3 Insufficient cpu."
    assert judge(pod(events=[event, "Normal  Scheduled  8m  default-scheduler  Successfully assigned"])).findings == ()


def test_a_tainted_node_is_named_beside_the_app(judge: Judge, pod: Describe) -> None:
    node = """
    Name:               w1
    Roles:              <none>
    Labels:             zone=a
    Taints:             dedicated=batch:NoSchedule
    Unschedulable:      false
    Conditions:
      Type    Status  LastHeartbeatTime                 LastTransitionTime                Reason         Message
      ----    ------  -----------------                 ------------------                ------         -------
      Ready   True    Tue, 12 Aug 2025 05:45:20 +0200   Tue, 12 Aug 2025 05:40:20 +0200   KubeletReady   kubelet is posting ready status
    """
    found = judge(pending(pod, "1 node(s) had untolerated taint {dedicated: batch}."), node)
    assert {("app/aa", "taint_not_tolerated"), ("node/w1", "taint_not_tolerated")} <= refs(found)


def test_a_cordoned_node_is_the_suspect_when_pods_wait(judge: Judge, pod: Describe) -> None:
    nodes = "NAME   STATUS                     ROLES    AGE   VERSION\nw1     Ready,SchedulingDisabled   <none>   20d   v1.30.0\nw2     Ready                      <none>   20d   v1.30.0\n"
    found = judge(pending(pod, "1 node(s) were unschedulable, 1 Insufficient cpu."), nodes)
    assert ("node/w1", "node_cordoned") in refs(found)


def test_a_pending_pod_of_which_nobody_speaks_means_that_the_scheduler_is_down(judge: Judge, pod: Describe) -> None:
    silent = pod(status="Pending", state="", ready=False, node="<none>", conditions=False)
    assert ("app/kube-scheduler", "scheduler_unavailable") in refs(judge(silent))
    assert ("app/kube-scheduler", "scheduler_unavailable") not in refs(judge(pending(pod, "3 Insufficient cpu.")))


CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data, namespace: shop}}
spec:
  storageClassName: {name}
  accessModes: [{mode}]
  resources: {{requests: {{storage: {size}}}}}
status: {{phase: Pending}}
"""
VOLUME = """
$ kubectl get pv
NAME   CAPACITY   ACCESS MODES   RECLAIM POLICY   STATUS      CLAIM        STORAGECLASS   VOLUMEATTRIBUTESCLASS   REASON   AGE
vol    5Gi        RWO            Retain           {status}   {claim}   manual         <unset>                          5d
"""
CLASSES = """
$ kubectl get sc
NAME       PROVISIONER             RECLAIMPOLICY   VOLUMEBINDINGMODE      ALLOWVOLUMEEXPANSION   AGE
standard   rancher.io/local-path   Delete          WaitForFirstConsumer   false                  20d
"""
FREE = VOLUME.format(status="Available", claim="          ")


@pytest.mark.parametrize(
    ("claim", "volumes", "cause"),
    [
        (("fast", "ReadWriteOnce", "1Gi"), CLASSES, "storage_class_missing"),
        (("other", "ReadWriteOnce", "1Gi"), FREE, "storage_class_mismatch"),
        (("manual", "ReadWriteMany", "1Gi"), FREE, "access_mode_mismatch"),
        (("manual", "ReadWriteOnce", "20Gi"), FREE, "volume_too_small"),
        (
            ("manual", "ReadWriteOnce", "1Gi"),
            VOLUME.format(status="Bound    ", claim="shop/other"),
            "volume_bound_elsewhere",
        ),
    ],
)
def test_an_unbound_claim_is_compared_with_the_volumes(
    judge: Judge, claim: tuple[str, str, str], volumes: str, cause: str
) -> None:
    name, mode, size = claim
    found = judge(CLAIM.format(name=name, mode=mode, size=size), volumes)
    assert found.suspects[0].cause_class == cause


def test_the_app_that_uses_the_claim_is_the_suspect(judge: Judge, pod: Describe) -> None:
    volumes = "  store:\n    Type:       PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)\n    ClaimName:  data\n    ReadOnly:   false\n"
    waiting = pending(pod, "pod has unbound immediate PersistentVolumeClaims.", volumes=volumes)
    found = judge(waiting, CLAIM.format(name="fast", mode="ReadWriteOnce", size="1Gi"), CLASSES)
    assert top(found) == ("app/aa", "storage_class_missing")


def test_a_claim_that_waits_for_its_first_consumer_is_no_finding(judge: Judge) -> None:
    found = judge(
        """
        Name:          data
        Namespace:     shop
        StorageClass:  standard
        Status:        Pending
        Volume:
        Labels:        <none>
        Finalizers:    [kubernetes.io/pvc-protection]
        Used By:       <none>
        Events:
          Type    Reason                Age   From                         Message
          ----    ------                ----  ----                         -------
          Normal  WaitForFirstConsumer  9s    persistentvolume-controller  waiting for first consumer to be created before binding
        """,
        CLASSES,
    )
    assert found.findings == ()


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        (
            "FailedAttachVolume",
            'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) aa-1',
            "volume_attached_elsewhere",
        ),
        (
            "FailedMount",
            'MountVolume.SetUp failed for volume "v" : hostPath type check failed: /data is not a directory',
            "volume_path_missing",
        ),
        (
            "FailedMount",
            'MountVolume.SetUp failed for volume "v" : mount failed: exit status 32 access denied by server',
            "volume_permission_denied",
        ),
        (
            "FailedMount",
            'MountVolume.SetUp failed for volume "v" : mount.nfs: Connection timed out',
            "storage_unreachable",
        ),
    ],
)
def test_a_volume_that_cannot_be_mounted_is_told_by_why(
    judge: Judge, pod: Describe, reason: str, message: str, cause: str
) -> None:
    found = judge(
        pod(
            status="Pending",
            state="Waiting\n      Reason:       ContainerCreating",
            ready=False,
            events=[f"Warning  {reason}  9s  kubelet  {message}"],
        )
    )
    assert top(found) == ("app/aa", cause)


def refused(message: str) -> str:
    return (
        "LAST SEEN   TYPE      REASON         OBJECT                     MESSAGE\n"
        f'16s         Warning   FailedCreate   replicaset/aa-7c9d4b8f5d   Error creating: pods "aa-7c9d4b8f5d-zxc2v" is forbidden: {message}\n'
    )


def events(text: str) -> str:
    return "$ kubectl get events -n shop\n" + text


def test_a_used_up_quota_names_the_namespace_and_the_resource(judge: Judge) -> None:
    found = judge(
        events(
            refused(
                "exceeded quota: box, requested: requests.cpu=10m, used: requests.cpu=20m, limited: requests.cpu=20m"
            )
        )
    )
    assert top(found) == ("namespace/shop", "quota_exceeded")
    assert "requests.cpu: 10m wanted, 20m of 20m used" in found.suspects[0].why


def test_a_demand_of_a_quota_names_the_app_that_does_not_meet_it(judge: Judge) -> None:
    found = judge(events(refused("failed quota: box: must specify limits.cpu for: main")))
    assert top(found) == ("app/aa", "missing_resource_limits")
    assert ("namespace/shop", "missing_resource_limits") in refs(found)


def test_a_full_quota_is_found_by_its_numbers(judge: Judge) -> None:
    quota = """
    Name:            box
    Namespace:       shop
    Resource         Used  Hard
    --------         ----  ----
    pods             {used}     4
    requests.cpu     1     8
    """
    short = "$ kubectl get deploy -n shop\nNAME   READY   UP-TO-DATE   AVAILABLE   AGE\naa     1/3     1            1           5d\nbb     1/1     1            1           5d\n"
    assert top(judge(quota.format(used=4), short)) == ("namespace/shop", "quota_exceeded")
    assert ("namespace/shop", "quota_exceeded") not in refs(judge(quota.format(used=2), short))


def test_a_limit_range_names_app_and_namespace(judge: Judge) -> None:
    found = judge(events(refused("maximum memory usage per Container is 100Mi, but limit is 1Gi")))
    assert {("app/aa", "limit_range"), ("namespace/shop", "limit_range")} <= refs(found)


def test_a_pod_security_violation_is_named(judge: Judge) -> None:
    assert top(
        judge(
            events(
                refused(
                    'violates PodSecurity "restricted:latest": privileged (container "main" must not set privileged)'
                )
            )
        )
    ) == ("app/aa", "security_context")


def test_a_webhook_with_an_expired_certificate_is_told_from_one_that_does_not_answer(judge: Judge) -> None:
    expired = 'failed calling webhook "v.hook.io": failed to call webhook: Post "https://hook.sys.svc:443/v": tls: x509: certificate has expired'
    away = 'failed calling webhook "v.hook.io": failed to call webhook: Post "https://hook.sys.svc:443/v": dial tcp 10.1.1.1:443: connect: connection refused'
    assert top(judge(events(refused(expired)))) == ("app/hook", "certificate")
    assert top(judge(events(refused(away)))) == ("app/hook", "webhook_unavailable")


def test_a_forbidden_account_and_a_missing_namespace_are_named(judge: Judge) -> None:
    forbidden = 'Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:shop:bot" cannot list resource "pods" in API group "" in the namespace "shop"\n'
    assert judge(forbidden).suspects[0].cause_class == "permission_missing"
    application = 'Name:               argocd/aa\nProject:            default\nSync Status:        OutOfSync from HEAD (b882d15)\nHealth Status:      Missing\nPhase:              Failed\nMessage:            one or more objects failed to apply, reason: namespaces "shops" not found\n'
    found = judge(application, "$ kubectl get ns\nNAME   STATUS   AGE\nshop   Active   5d\nkube   Active   5d\n")
    assert top(found) == ("app/aa", "missing_namespace")
    assert "there is a namespace shop" in found.suspects[0].why


QUOTA = """
apiVersion: v1
kind: ResourceQuota
metadata: {name: box, namespace: shop}
spec: {hard: {limits.cpu: 100m}}
"""
LIMITED = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: aa, namespace: shop}}
spec:
  replicas: {replicas}
  template:
    metadata: {{labels: {{app: aa}}}}
    spec: {{containers: [{{name: main, image: "repo/aa:1", resources: {{limits: {{{limit}}}}}}}]}}
"""


def test_a_quota_is_compared_with_what_the_workloads_are_set_up_to_want(judge: Judge) -> None:
    assert top(judge(QUOTA, LIMITED.format(replicas=3, limit="cpu: 50m"))) == ("namespace/shop", "quota_exceeded")
    assert top(judge(QUOTA, LIMITED.format(replicas=3, limit="memory: 1Gi"))) == ("app/aa", "missing_resource_limits")
    assert judge(QUOTA, LIMITED.format(replicas=2, limit="cpu: 50m")).findings == ()
