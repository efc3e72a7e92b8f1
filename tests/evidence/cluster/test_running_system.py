"""Rules on what runs and does not work together: services, ports, routes, policies, names, nodes, parts, workloads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from afteraction.evidence.cluster import ClusterEvidence

Judge = Callable[..., ClusterEvidence]
Describe = Callable[..., str]


def top(found: ClusterEvidence) -> tuple[str, str]:
    return found.suspects[0].ref, found.suspects[0].cause_class


def refs(found: ClusterEvidence) -> set[tuple[str, str]]:
    return {(one.ref, one.cause_class) for one in found.suspects}


SERVICE = """
Name:              aa
Namespace:         shop
Labels:            <none>
Annotations:       <none>
Selector:          {selector}
Type:              ClusterIP
IP Family Policy:  SingleStack
IP Families:       IPv4
IP:                10.96.5.5
IPs:               10.96.5.5
Port:              http  80/{protocol}
TargetPort:        {target}/{protocol}
Endpoints:         {endpoints}
Session Affinity:  None
Events:            <none>
"""


def service(
    selector: str = "app=aa", target: str = "8080", endpoints: str = "10.244.1.18:8080", protocol: str = "TCP"
) -> str:
    return SERVICE.format(selector=selector, target=target, endpoints=endpoints, protocol=protocol)


def test_a_service_that_selects_no_pod_is_named_with_the_label_that_differs(judge: Judge, pod: Describe) -> None:
    found = judge(service(selector="app=aa,version=v2", endpoints=""), pod(labels="app=aa,version=v1"))
    assert top(found) == ("app/aa", "service_selector_mismatch")
    assert "version=v2" in found.suspects[0].why
    assert "version=v1" in found.suspects[0].why


def test_a_service_that_selects_its_pod_is_no_finding(judge: Judge, pod: Describe) -> None:
    assert judge(service(), pod()).findings == ()


def test_a_service_that_sends_to_a_port_that_is_not_opened_is_named(judge: Judge, pod: Describe) -> None:
    assert top(judge(service(target="9999", endpoints="10.244.1.18:9999"), pod())) == (
        "app/aa",
        "service_port_mismatch",
    )
    assert top(judge(service(target="web"), pod())) == ("app/aa", "service_port_mismatch")
    assert top(judge(service(protocol="UDP"), pod())) == ("app/aa", "service_protocol_mismatch")


def test_empty_endpoints_of_pods_that_are_not_ready_are_a_symptom(judge: Judge, pod: Describe) -> None:
    found = judge(service(endpoints=""), pod(ready=False))
    assert ("app/aa", "no_endpoints") in refs(found)
    assert all(one.score <= 0.35 for one in found.suspects)


INGRESS = """
Name:             web
Labels:           <none>
Namespace:        shop
Address:
Ingress Class:    {name}
Default backend:  <default>
Rules:
  Host        Path  Backends
  ----        ----  --------
  a.example
              /   {backend} ({seen})
Annotations:  <none>
Events:       <none>
"""


def test_an_ingress_that_leads_nowhere_is_named(judge: Judge, pod: Describe) -> None:
    ways = INGRESS.format(name="nginx", backend="aa:81", seen="10.244.1.18:8080")
    assert "route_misconfigured" in {cause for _, cause in refs(judge(ways, service(), pod()))}
    gone = INGRESS.format(name="nginx", backend="ab:80", seen='<error: services "ab" not found>')
    assert top(judge(gone, service(), pod())) == ("ingress/web", "route_misconfigured")
    fine = INGRESS.format(name="nginx", backend="aa:80", seen="10.244.1.18:8080")
    assert judge(fine, service(), pod()).findings == ()


def test_an_ingress_class_that_does_not_exist_is_named(judge: Judge, pod: Describe) -> None:
    classes = "$ kubectl get ingressclass\nNAME    CONTROLLER             PARAMETERS   AGE\nnginx   k8s.io/ingress-nginx   <none>       20d\n"
    ways = INGRESS.format(name="nginy", backend="aa:80", seen="10.244.1.18:8080")
    assert ("ingress/web", "ingress_class_missing") in refs(judge(ways, classes, service(), pod()))


POLICY = """
Name:         p1
Namespace:    shop
Created on:   2025-08-12 05:45:20 +0200 CEST
Labels:       <none>
Annotations:  <none>
Spec:
  PodSelector:     {selector}
{body}
  Policy Types: {types}
"""
CLOSED = "  Allowing ingress traffic:\n    <none> (Selected pods are isolated for ingress connectivity)\n  Not affecting egress traffic"
MUTE = "  Not affecting ingress traffic\n  Allowing egress traffic:\n    <none> (Selected pods are isolated for egress connectivity)"
FROM = "  Allowing ingress traffic:\n    To Port: {port}/TCP\n    From:\n      PodSelector: app={app}\n  Not affecting egress traffic"
ALL = "<none> (Allowing the specific traffic to all pods in this namespace)"


def test_a_policy_that_lets_nothing_through_names_what_it_closes(judge: Judge, pod: Describe) -> None:
    assert top(judge(POLICY.format(selector="app=aa", body=CLOSED, types="Ingress"), pod())) == (
        "app/aa",
        "network_policy",
    )
    assert top(judge(POLICY.format(selector=ALL, body=MUTE, types="Egress"), pod())) == (
        "namespace/shop",
        "network_policy",
    )


def test_a_policy_whose_peers_do_not_exist_or_whose_port_is_not_opened_is_found_by_comparing(
    judge: Judge, pod: Describe
) -> None:
    others = pod("bb-7c9d4b8f5d-x2k4m", labels="app=bb")
    nobody = POLICY.format(selector="app=aa", body=FROM.format(port=8080, app="zz"), types="Ingress")
    port = POLICY.format(selector="app=aa", body=FROM.format(port=9090, app="bb"), types="Ingress")
    fine = POLICY.format(selector="app=aa", body=FROM.format(port=8080, app="bb"), types="Ingress")
    assert top(judge(nobody, pod(), others)) == ("app/aa", "network_policy")
    assert top(judge(port, pod(), others)) == ("app/aa", "network_policy")
    assert judge(fine, pod(), others).findings == ()


def test_a_name_server_without_pods_is_a_cause(judge: Judge) -> None:
    found = judge(
        "$ kubectl get deploy -n kube-system\nNAME      READY   UP-TO-DATE   AVAILABLE   AGE\ncoredns   0/0     0            0           20d\nother     1/1     1            1           20d\n"
    )
    assert ("app/coredns", "dns_failure") in refs(found) or top(found) == ("app/coredns", "zero_replicas")


def test_a_corefile_that_denies_names_is_a_cause(judge: Judge) -> None:
    corefile = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: coredns, namespace: kube-system}}\ndata:\n  Corefile: |\n    .:53 {{\n        {zone}\n        forward . /etc/resolv.conf\n    }}\n"
    assert top(
        judge(
            corefile.format(
                zone="template ANY ANY aa.local {\n            rcode NXDOMAIN\n        }\n        kubernetes cluster.local"
            )
        )
    ) == ("app/coredns", "dns_failure")
    assert judge(corefile.format(zone="kubernetes cluster.local in-addr.arpa")).findings == ()


DEPLOYED = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: aa, namespace: shop}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: aa}}}}
  template:
    metadata: {{labels: {{app: aa}}}}
    spec:
      containers:
      - {{name: main, image: "repo/aa:1", ports: [{{containerPort: 8080}}], env: [{{name: BB_ADDR, value: "{address}"}}]}}
"""
SERVICES = """
$ kubectl get svc -n shop
NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)    AGE
aa     ClusterIP   10.96.0.5    <none>        80/TCP     5d
bb     ClusterIP   10.96.0.6    <none>        7070/TCP   5d
"""


@pytest.mark.parametrize("address", ["bb:7071", "bc:7070", "http://bb:80/x", "bb.shop.svc.cluster.local:7" * 1 + "077"])
def test_an_address_where_nothing_is_is_found_by_comparing(judge: Judge, address: str) -> None:
    assert top(judge(DEPLOYED.format(replicas=1, address=address), SERVICES)) == ("app/aa", "service_address_mismatch")


@pytest.mark.parametrize("address", ["bb:7070", "http://bb.shop:7070", "example.org:443", "localhost:9"])
def test_an_address_that_is_right_or_outside_is_no_finding(judge: Judge, address: str) -> None:
    assert judge(DEPLOYED.format(replicas=1, address=address), SERVICES).findings == ()


def test_a_workload_scaled_to_zero_is_a_cause(judge: Judge) -> None:
    assert top(judge(DEPLOYED.format(replicas=0, address="bb:7070"), SERVICES)) == ("app/aa", "zero_replicas")
    table = "NAME   READY   UP-TO-DATE   AVAILABLE   AGE\naa     0/0     0            0           5d\nbb     1/1     1            1           5d\n"
    assert top(judge(table)) == ("app/aa", "zero_replicas")


def test_the_cause_in_a_called_app_ranks_above_the_caller_that_fails(judge: Judge) -> None:
    caller = DEPLOYED.format(replicas=1, address="bb:7070")
    pods = """
    NAME                  READY   STATUS             RESTARTS      AGE
    aa-7c9d4b8f5d-x2k4m   0/1     CrashLoopBackOff   4 (40s ago)   5m
    bb-7c9d4b8f5d-x2k4m   0/1     ImagePullBackOff   0             5m
    """
    found = judge(caller, SERVICES, pods)
    assert found.suspects[0].ref == "app/bb"
    assert found.suspects[1].score < 0.4


NODE = """
Name:               w1
Roles:              <none>
Labels:             zone=a
CreationTimestamp:  Tue, 12 Aug 2025 05:00:00 +0200
Taints:             <none>
Unschedulable:      false
Conditions:
  Type             Status    LastHeartbeatTime                 LastTransitionTime                Reason              Message
  ----             ------    -----------------                 ------------------                ------              -------
  DiskPressure     {disk}    Tue, 12 Aug 2025 05:45:20 +0200   Tue, 12 Aug 2025 05:40:20 +0200   KubeletHas          kubelet has it
  Ready            {ready}   Tue, 12 Aug 2025 05:45:20 +0200   Tue, 12 Aug 2025 05:40:20 +0200   KubeletReady        {message}
Capacity:
  cpu:  4
Allocatable:
  cpu:  4
Events:              <none>
"""


@pytest.mark.parametrize(
    ("disk", "ready", "message", "cause"),
    [
        ("False  ", "Unknown", "Kubelet stopped posting node status.", "kubelet_unavailable"),
        ("False  ", "False  ", "container runtime is down", "runtime_unavailable"),
        ("False  ", "False  ", "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized", "network_plugin"),
        ("True   ", "True   ", "kubelet is posting ready status", "node_disk_pressure"),
    ],
)  # fmt: skip
def test_a_sick_node_is_named_with_what_ails_it(judge: Judge, disk: str, ready: str, message: str, cause: str) -> None:
    assert top(judge(NODE.format(disk=disk, ready=ready, message=message))) == ("node/w1", cause)


def test_a_healthy_node_is_no_finding(judge: Judge) -> None:
    assert judge(NODE.format(disk="False  ", ready="True   ", message="kubelet is posting ready status")).findings == ()


def test_a_proxy_that_is_not_ready_names_its_node(judge: Judge) -> None:
    found = judge(
        """
        NAMESPACE     NAME               READY   STATUS             RESTARTS      AGE   IP         NODE   NOMINATED NODE   READINESS GATES
        kube-system   kube-proxy-x2k4m   0/1     CrashLoopBackOff   4 (40s ago)   1h    10.0.0.1   w1     <none>           <none>
        kube-system   kube-proxy-q7w2z   1/1     Running            0             1h    10.0.0.2   w2     <none>           <none>
        """
    )
    assert top(found) == ("node/w1", "proxy_unavailable")


def test_a_daemon_set_of_the_proxy_that_misses_nodes_is_named(judge: Judge) -> None:
    table = "$ kubectl get ds -n kube-system\nNAME         DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE\nkube-proxy   3         3         {ready}       3            {ready}           <none>          20d\n"
    assert top(judge(table.format(ready=2))) == ("app/kube-proxy", "proxy_unavailable")
    assert judge(table.format(ready=3)).findings == ()


def test_a_failing_sandbox_names_the_node_and_tells_runtime_from_network(judge: Judge, pod: Describe) -> None:
    event = "Warning  FailedCreatePodSandBox  9s  kubelet  Failed to create pod sandbox: {}"
    waiting = {"status": "Pending", "state": "Waiting\n      Reason:       ContainerCreating", "ready": False}
    plugin = 'rpc error: plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory'
    runtime = "rpc error: dial unix /run/containerd/containerd.sock: connect: connection refused"
    assert top(judge(pod(**waiting, events=[event.format(plugin)]))) == ("node/w1", "network_plugin")
    assert top(judge(pod(**waiting, events=[event.format(runtime)]))) == ("node/w1", "runtime_unavailable")


def test_two_containers_that_want_one_port_are_named(judge: Judge) -> None:
    text = (
        DEPLOYED.format(replicas=1, address="bb:7070")
        + '      - {name: side, image: "repo/side:1", ports: [{containerPort: 8080}]}\n'
    )
    assert top(judge(text, SERVICES)) == ("app/aa", "port_conflict")


def test_an_autoscaler_without_metrics_is_named(judge: Judge) -> None:
    table = "NAME   REFERENCE       TARGETS              MINPODS   MAXPODS   REPLICAS   AGE\naa     Deployment/aa   cpu: {now}/50%   1         5         1          5d\n"
    assert top(judge(table.format(now="<unknown>"))) == ("app/aa", "autoscaler_without_metrics")
    assert judge(table.format(now="20%      ")).findings == ()


def test_a_failed_job_and_a_suspended_cron_job_are_named(judge: Judge) -> None:
    assert top(
        judge("NAME   STATUS   COMPLETIONS   DURATION   AGE\njj     Failed   0/1           9m         9m\n")
    ) == ("app/jj", "job_failed")
    text = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cc, namespace: shop}\nspec: {schedule: '* * * * *', suspend: true}\n"
    assert top(judge(text)) == ("app/cc", "cronjob_suspended")


def test_an_expired_certificate_is_named(judge: Judge) -> None:
    table = "$ kubectl get certificate -n shop\nNAME   READY   SECRET   AGE\ntls    False   tls-s    5d\n"
    assert top(judge(table)) == ("certificate/tls", "certificate")


def test_injected_faults_of_a_mesh_are_named(judge: Judge) -> None:
    text = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: shop}\nspec:\n  hosts: [aa]\n  http:\n  - fault: {abort: {httpStatus: 500, percentage: {value: 100}}}\n    route: [{destination: {host: aa}}]\n"
    assert top(judge(text)) == ("app/aa", "injected_fault")


def test_use_near_the_limit_is_named(judge: Judge, pod: Describe) -> None:
    limits = "    Limits:\n      cpu:     200m\n      memory:  100Mi\n"
    usage = "NAME                  CPU(cores)   MEMORY(bytes)\naa-7c9d4b8f5d-x2k4m   {cpu}         {memory}\n"
    assert top(judge(pod(container=limits), usage.format(cpu="199m", memory="20Mi"))) == ("app/aa", "cpu_limit_too_low")
    assert top(judge(pod(container=limits), usage.format(cpu="20m ", memory="97Mi"))) == ("app/aa", "memory_near_limit")
    assert judge(pod(container=limits), usage.format(cpu="20m ", memory="20Mi")).findings == ()


def test_every_citation_stands_in_its_file(judge: Judge, pod: Describe) -> None:
    texts = [service(selector="app=aa,version=v2", endpoints=""), pod(labels="app=aa,version=v1", ready=False)]
    for finding in judge(*texts).findings:
        for origin, line in zip(finding.citations, finding.excerpt, strict=True):
            assert texts[int(origin.file[0])].lstrip("\n").splitlines()[(origin.line or 0) - 1].rstrip() == line


def test_a_policy_that_keeps_out_who_calls_the_app_is_found_by_the_addresses(judge: Judge, pod: Describe) -> None:
    caller = pod("bb-7c9d4b8f5d-x2k4m", labels="app=bb", container="    Command:\n      curl\n      http://aa:80/\n")
    other = pod("cc-7c9d4b8f5d-x2k4m", labels="app=cc")
    closed = POLICY.format(selector="app=aa", body=FROM.format(port=8080, app="cc"), types="Ingress")
    found = judge(closed, service(), pod(), caller, other)
    assert top(found) == ("app/aa", "network_policy")
    assert "keeps bb" in found.suspects[0].why
    assert (
        judge(
            POLICY.format(selector="app=aa", body=FROM.format(port=8080, app="bb"), types="Ingress"),
            service(),
            pod(),
            caller,
            other,
        ).findings
        == ()
    )


def test_a_service_of_another_name_is_counted_to_the_app_that_it_nearly_selects(judge: Judge, pod: Describe) -> None:
    found = judge(
        service(selector="app=aa,version=v2", endpoints="").replace(
            "Name:              aa", "Name:              front"
        ),
        pod(labels="app=aa,version=v1"),
    )
    assert top(found) == ("app/aa", "service_selector_mismatch")
