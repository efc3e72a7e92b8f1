"""States of small clusters as people paste them: get, describe, -o yaml, -o json and events, one fault each, or none.

Each is the text of a file, the object that is at fault and the cause classes that would be right. Written before the
engine had run on any of them.
"""

from __future__ import annotations

CASES: dict[str, tuple[str, str, str]] = {}


def case(name: str, ref: str, causes: str, text: str) -> None:
    CASES[name] = (text.lstrip("\n"), ref, causes)


case(
    "pending-cpu",
    "app/ranker",
    "insufficient_cpu",
    """
$ kubectl get pods -n search
NAME                      READY   STATUS    RESTARTS   AGE
query-5f6d7c9b8-4kq2z     1/1     Running   0          3d2h
ranker-6b8f9d5c44-hj7wl   0/1     Pending   0          14m
$ kubectl -n search describe pod ranker-6b8f9d5c44-hj7wl
Name:             ranker-6b8f9d5c44-hj7wl
Namespace:        search
Priority:         0
Service Account:  default
Node:             <none>
Labels:           app=ranker
                  pod-template-hash=6b8f9d5c44
Status:           Pending
IP:
Controlled By:    ReplicaSet/ranker-6b8f9d5c44
Containers:
  ranker:
    Image:      registry.corp/ranker:2.4
    Port:       9000/TCP
    Requests:
      cpu:        32
      memory:     1Gi
    Environment:  <none>
    Mounts:       <none>
Conditions:
  Type           Status
  PodScheduled   False
QoS Class:                   Burstable
Node-Selectors:              <none>
Events:
  Type     Reason            Age                From               Message
  ----     ------            ----               ----               -------
  Warning  FailedScheduling  14m (x3 over 14m)  default-scheduler  0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.
""",
)
case(
    "crash-missing-env",
    "app/billing",
    "missing_environment crash_looping",
    """
kubectl get po -n pay
NAME                       READY   STATUS             RESTARTS        AGE
billing-7d4c5b6f9c-8xv2m   0/1     CrashLoopBackOff   7 (2m11s ago)   13m
vault-0                    1/1     Running            0               21d

kubectl logs -n pay billing-7d4c5b6f9c-8xv2m --previous
2026-05-04T10:11:02Z starting billing 3.1.0
Traceback (most recent call last):
  File "/app/main.py", line 8, in <module>
    KEY = os.environ["SIGNING_KEY"]
  File "<frozen os>", line 679, in __getitem__
KeyError: 'SIGNING_KEY'

kubectl describe pod -n pay billing-7d4c5b6f9c-8xv2m
Name:             billing-7d4c5b6f9c-8xv2m
Namespace:        pay
Node:             ip-10-0-3-7/10.0.3.7
Labels:           app=billing
                  pod-template-hash=7d4c5b6f9c
Status:           Running
Controlled By:    ReplicaSet/billing-7d4c5b6f9c
Containers:
  billing:
    Image:          registry.corp/billing:3.1.0
    Port:           8000/TCP
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       Error
      Exit Code:    1
      Started:      Mon, 04 May 2026 10:11:02 +0000
      Finished:     Mon, 04 May 2026 10:11:03 +0000
    Ready:          False
    Restart Count:  7
    Environment:    <none>
Conditions:
  Type              Status
  Ready             False
  ContainersReady   False
  PodScheduled      True
Events:
  Type     Reason   Age                 From     Message
  ----     ------   ----                ----     -------
  Warning  BackOff  2m (x50 over 12m)   kubelet  Back-off restarting failed container billing in pod billing-7d4c5b6f9c-8xv2m_pay(1c0a)
""",
)
case(
    "oom-json",
    "app/indexer",
    "oom_killed",
    """
{"apiVersion": "v1", "kind": "List", "items": [
 {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "indexer-59c7d8f6b5-qz4xt", "namespace": "search", "labels": {"app": "indexer"},
  "ownerReferences": [{"kind": "ReplicaSet", "name": "indexer-59c7d8f6b5"}], "creationTimestamp": "2026-05-04T08:00:00Z"},
  "spec": {"nodeName": "w2", "containers": [{"name": "indexer", "image": "registry.corp/indexer:9", "resources": {"limits": {"memory": "256Mi"}}}]},
  "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}, {"type": "PodScheduled", "status": "True"}],
   "containerStatuses": [{"name": "indexer", "ready": false, "restartCount": 9, "image": "registry.corp/indexer:9",
    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}},
    "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "startedAt": "2026-05-04T09:50:00Z", "finishedAt": "2026-05-04T09:51:10Z"}}}]}},
 {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "query-7b9-aaaaa", "namespace": "search", "labels": {"app": "query"}},
  "spec": {"nodeName": "w1", "containers": [{"name": "query", "image": "registry.corp/query:2"}]},
  "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
   "containerStatuses": [{"name": "query", "ready": true, "restartCount": 0, "state": {"running": {"startedAt": "2026-05-01T00:00:00Z"}}}]}}
]}
""",
)
case(
    "image-tag-events",
    "app/mailer",
    "wrong_image",
    """
NAMESPACE   LAST SEEN   TYPE      REASON    OBJECT                        MESSAGE
mail        3m12s       Normal    Pulling   pod/mailer-6d5f7b8c9d-w8r5t   Pulling image "registry.corp/mailer:v1.8.O"
mail        3m11s       Warning   Failed    pod/mailer-6d5f7b8c9d-w8r5t   Failed to pull image "registry.corp/mailer:v1.8.O": rpc error: code = NotFound desc = failed to pull and unpack image "registry.corp/mailer:v1.8.O": failed to resolve reference "registry.corp/mailer:v1.8.O": registry.corp/mailer:v1.8.O: not found
mail        3m11s       Warning   Failed    pod/mailer-6d5f7b8c9d-w8r5t   Error: ErrImagePull
mail        2m58s       Normal    BackOff   pod/mailer-6d5f7b8c9d-w8r5t   Back-off pulling image "registry.corp/mailer:v1.8.O"
mail        2m58s       Warning   Failed    pod/mailer-6d5f7b8c9d-w8r5t   Error: ImagePullBackOff
mail        10m         Normal    Scheduled pod/smtp-0                    Successfully assigned mail/smtp-0 to w3
""",
)
case(
    "probe-port-yaml",
    "app/catalog",
    "liveness_probe_wrong_port",
    """
apiVersion: v1
kind: Pod
metadata:
  name: catalog-85c6d7f4b9-lmn2p
  namespace: store
  labels:
    app: catalog
  ownerReferences:
  - kind: ReplicaSet
    name: catalog-85c6d7f4b9
spec:
  nodeName: w1
  containers:
  - name: web
    image: registry.corp/catalog:5
    ports:
    - containerPort: 8080
    livenessProbe:
      httpGet:
        path: /healthz
        port: 8081
      initialDelaySeconds: 5
      periodSeconds: 10
      failureThreshold: 3
status:
  phase: Running
  conditions:
  - type: Ready
    status: "False"
  containerStatuses:
  - name: web
    ready: false
    restartCount: 12
    state:
      running:
        startedAt: "2026-05-04T09:59:00Z"
    lastState:
      terminated:
        exitCode: 143
        reason: Error
---
apiVersion: v1
kind: Event
metadata:
  name: catalog.1
  namespace: store
type: Warning
reason: Unhealthy
count: 36
involvedObject:
  kind: Pod
  name: catalog-85c6d7f4b9-lmn2p
  namespace: store
message: 'Liveness probe failed: Get "http://10.244.1.9:8081/healthz": dial tcp 10.244.1.9:8081: connect: connection refused'
lastTimestamp: "2026-05-04T10:00:00Z"
""",
)
case(
    "probe-https",
    "app/portal",
    "readiness_probe_wrong_protocol",
    """
Name:             portal-6c8d9f7b5d-tt7rq
Namespace:        web
Node:             n4/10.0.0.4
Labels:           app=portal
                  pod-template-hash=6c8d9f7b5d
Status:           Running
Controlled By:    ReplicaSet/portal-6c8d9f7b5d
Containers:
  portal:
    Image:          registry.corp/portal:1
    Port:           8443/TCP
    State:          Running
      Started:      Mon, 04 May 2026 09:00:00 +0000
    Ready:          False
    Restart Count:  0
    Readiness:      http-get http://:8443/ready delay=0s timeout=1s period=10s #success=1 #failure=3
Conditions:
  Type              Status
  Ready             False
  PodScheduled      True
Events:
  Type     Reason     Age                  From     Message
  ----     ------     ----                 ----     -------
  Warning  Unhealthy  3s (x120 over 20m)   kubelet  Readiness probe failed: HTTP probe failed with statuscode: 400
  Warning  Unhealthy  13s                  kubelet  Readiness probe failed: Get "http://10.244.4.4:8443/ready": malformed HTTP response "Client sent an HTTP request to an HTTPS server."
""",
)
case(
    "missing-configmap",
    "app/gateway",
    "missing_configmap",
    """
❯ k get pods
NAME                       READY   STATUS                       RESTARTS   AGE
gateway-77c9d8b6f4-bb2xk   0/1     CreateContainerConfigError   0          6m
❯ k describe pod gateway-77c9d8b6f4-bb2xk | tail -8
Events:
  Type     Reason     Age                    From               Message
  ----     ------     ----                   ----               -------
  Normal   Scheduled  6m2s                   default-scheduler  Successfully assigned default/gateway-77c9d8b6f4-bb2xk to w2
  Normal   Pulled     51s (x25 over 6m1s)    kubelet            Container image "registry.corp/gateway:4" already present on machine
  Warning  Failed     51s (x25 over 6m1s)    kubelet            Error: configmap "gateway-routes" not found
""",
)
case(
    "missing-account",
    "app/exporter",
    "missing_service_account",
    """
$ kubectl -n obs get deploy,rs
NAME                       READY   UP-TO-DATE   AVAILABLE   AGE
deployment.apps/exporter   0/2     0            0           9m

NAME                                  DESIRED   CURRENT   READY   AGE
replicaset.apps/exporter-5d6b7c8f9d   2         0         0       9m
$ kubectl -n obs get events
LAST SEEN   TYPE      REASON              OBJECT                           MESSAGE
62s         Warning   FailedCreate        replicaset/exporter-5d6b7c8f9d   Error creating: pods "exporter-5d6b7c8f9d-" is forbidden: error looking up service account obs/exporter-sa: serviceaccount "exporter-sa" not found
9m          Normal    ScalingReplicaSet   deployment/exporter              Scaled up replica set exporter-5d6b7c8f9d to 2
""",
)
case(
    "quota",
    "namespace/team-a",
    "quota_exceeded",
    """
$ kubectl -n team-a get events --sort-by=.lastTimestamp
LAST SEEN   TYPE      REASON         OBJECT                         MESSAGE
4m          Normal    Scheduled      pod/api-6c5b9d7f8-x7xkq        Successfully assigned team-a/api-6c5b9d7f8-x7xkq to w5
33s         Warning   FailedCreate   replicaset/api-6c5b9d7f8       Error creating: pods "api-6c5b9d7f8-2m4nd" is forbidden: exceeded quota: compute, requested: limits.memory=2Gi, used: limits.memory=15Gi, limited: limits.memory=16Gi
$ kubectl -n team-a describe quota
Name:            compute
Namespace:       team-a
Resource         Used   Hard
--------         ----   ----
limits.cpu       7      20
limits.memory    15Gi   16Gi
pods             8      50
""",
)
case(
    "limit-range",
    "app/worker",
    "limit_range",
    """
LAST SEEN   TYPE      REASON         OBJECT                       MESSAGE
21s         Warning   FailedCreate   replicaset/worker-7f8b6c5d9  Error creating: pods "worker-7f8b6c5d9-kk9pl" is forbidden: maximum memory usage per Container is 1Gi, but limit is 4Gi
21s         Normal    ScalingReplicaSet   deployment/worker       Scaled up replica set worker-7f8b6c5d9 to 1
""",
)
case(
    "taint",
    "app/trainer",
    "taint_not_tolerated",
    """
Name:             trainer-0
Namespace:        ml
Node:             <none>
Labels:           app=trainer
                  statefulset.kubernetes.io/pod-name=trainer-0
Status:           Pending
Controlled By:    StatefulSet/trainer
Containers:
  main:
    Image:        registry.corp/trainer:7
Conditions:
  Type           Status
  PodScheduled   False
Node-Selectors:              <none>
Tolerations:                 node.kubernetes.io/not-ready:NoExecute op=Exists for 300s
Events:
  Type     Reason            Age   From               Message
  ----     ------            ----  ----               -------
  Warning  FailedScheduling  2m    default-scheduler  0/4 nodes are available: 4 node(s) had untolerated taint {dedicated: gpu}. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.
""",
)
case(
    "affinity-zone",
    "app/cache",
    "pod_anti_affinity_conflict",
    """
NAME      READY   STATUS    RESTARTS   AGE   IP           NODE     NOMINATED NODE   READINESS GATES
cache-0   1/1     Running   0          8d    10.244.1.3   w1       <none>           <none>
cache-1   1/1     Running   0          8d    10.244.2.3   w2       <none>           <none>
cache-2   0/1     Pending   0          31m   <none>       <none>   <none>           <none>

LAST SEEN   TYPE      REASON             OBJECT        MESSAGE
1m          Warning   FailedScheduling   pod/cache-2   0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.
""",
)
case(
    "claim-class",
    "app/ledger",
    "storage_class_missing",
    """
$ kubectl get pvc,pod -n bank
NAME                                  STATUS    VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   VOLUMEATTRIBUTESCLASS   AGE
persistentvolumeclaim/data-ledger-0   Pending                                      fast-ssd       <unset>                 17m

NAME           READY   STATUS    RESTARTS   AGE
pod/ledger-0   0/1     Pending   0          17m
$ kubectl describe pvc data-ledger-0 -n bank
Name:          data-ledger-0
Namespace:     bank
StorageClass:  fast-ssd
Status:        Pending
Volume:
Labels:        app=ledger
Capacity:
Access Modes:
VolumeMode:    Filesystem
Used By:       ledger-0
Events:
  Type     Reason              Age                  From                         Message
  ----     ------              ----                 ----                         -------
  Warning  ProvisioningFailed  12s (x70 over 17m)   persistentvolume-controller  storageclass.storage.k8s.io "fast-ssd" not found
""",
)
case(
    "claim-size",
    "app/mysql",
    "volume_too_small",
    """
NAME                        CAPACITY   ACCESS MODES   RECLAIM POLICY   STATUS      CLAIM   STORAGECLASS   REASON   AGE
persistentvolume/pv-local   5Gi        RWO            Retain           Available           manual                  2d

NAME                               STATUS    VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   AGE
persistentvolumeclaim/mysql-data   Pending                                      manual         40m
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: mysql-data
  namespace: default
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: manual
  resources:
    requests:
      storage: 20Gi
status:
  phase: Pending
---
apiVersion: v1
kind: Pod
metadata:
  name: mysql-6f7c8d9b5-p4p4p
  namespace: default
  labels: {app: mysql}
spec:
  containers: [{name: mysql, image: "mysql:8"}]
  volumes:
  - name: data
    persistentVolumeClaim: {claimName: mysql-data}
status:
  phase: Pending
  conditions:
  - {type: PodScheduled, status: "False", reason: Unschedulable, message: "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."}
""",
)
case(
    "selector-typo",
    "app/checkout",
    "service_selector_mismatch",
    """
$ kubectl get svc,ep,po -n shop --show-labels
NAME               TYPE        CLUSTER-IP     EXTERNAL-IP   PORT(S)   AGE   LABELS
service/checkout   ClusterIP   10.96.77.10    <none>        80/TCP    3h    app=checkout

NAME                 ENDPOINTS   AGE
endpoints/checkout   <none>      3h

NAME                           READY   STATUS    RESTARTS   AGE   LABELS
pod/checkout-668f7c5d9-5d5d5   1/1     Running   0          3h    app=checkout,pod-template-hash=668f7c5d9
$ kubectl describe svc checkout -n shop
Name:              checkout
Namespace:         shop
Labels:            app=checkout
Selector:          app=chekout
Type:              ClusterIP
IP:                10.96.77.10
Port:              http  80/TCP
TargetPort:        8080/TCP
Endpoints:         <none>
Session Affinity:  None
Events:            <none>
""",
)
case(
    "service-port-yaml",
    "app/quotes",
    "service_port_mismatch",
    """
apiVersion: v1
kind: Service
metadata: {name: quotes, namespace: fin}
spec:
  selector: {app: quotes}
  ports:
  - {name: http, port: 80, targetPort: 8000}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: quotes, namespace: fin}
spec:
  replicas: 1
  selector: {matchLabels: {app: quotes}}
  template:
    metadata: {labels: {app: quotes}}
    spec:
      containers:
      - name: quotes
        image: registry.corp/quotes:2
        ports: [{containerPort: 8080}]
status: {replicas: 1, readyReplicas: 1, availableReplicas: 1}
---
apiVersion: v1
kind: Pod
metadata: {name: quotes-5c6d7b8f9-zz9zz, namespace: fin, labels: {app: quotes}}
spec:
  nodeName: w1
  containers:
  - name: quotes
    image: registry.corp/quotes:2
    ports: [{containerPort: 8080}]
status:
  phase: Running
  conditions: [{type: Ready, status: "True"}]
  containerStatuses: [{name: quotes, ready: true, restartCount: 0, state: {running: {startedAt: "2026-05-01T00:00:00Z"}}}]
""",
)
case(
    "dns-pods",
    "app/coredns",
    "dns_failure",
    """
$ kubectl get pods -n kube-system -o wide
NAME                             READY   STATUS             RESTARTS         AGE    IP            NODE
coredns-5dd5756b68-7xk2d         0/1     CrashLoopBackOff   41 (3m ago)      3h     10.244.0.5    cp1
coredns-5dd5756b68-fm9zq         0/1     CrashLoopBackOff   41 (2m ago)      3h     10.244.0.6    cp1
etcd-cp1                         1/1     Running            0                60d    10.0.0.1      cp1
kube-apiserver-cp1               1/1     Running            0                60d    10.0.0.1      cp1
kube-proxy-4w5jx                 1/1     Running            0                60d    10.0.0.2      w1
$ kubectl logs -n kube-system coredns-5dd5756b68-7xk2d
plugin/forward: not an IP address or file: "/etc/resolv.confg"
$ kubectl get pods -n app
NAME                   READY   STATUS    RESTARTS   AGE
api-6b7c8d9f5-qqq22    0/1     Running   0          3h
""",
)
case(
    "ingress-backend",
    "ingress/web",
    "route_misconfigured",
    """
Name:             web
Labels:           <none>
Namespace:        front
Address:          203.0.113.10
Ingress Class:    nginx
Default backend:  <default>
Rules:
  Host              Path  Backends
  ----              ----  --------
  www.example.com
                    /     web-svc:80 (<error: endpoints "web-svc" not found>)
Annotations:        <none>
Events:             <none>

Name:              web
Namespace:         front
Labels:            app=web
Selector:          app=web
Type:              ClusterIP
IP:                10.96.3.3
Port:              http  80/TCP
TargetPort:        8080/TCP
Endpoints:         10.244.1.8:8080
Events:            <none>
""",
)
case(
    "network-policy",
    "app/db",
    "network_policy",
    """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-only-api, namespace: prod}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
  - from:
    - podSelector: {matchLabels: {app: api-server}}
    ports: [{port: 5432}]
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: prod, labels: {app: db}}
spec: {nodeName: w1, containers: [{name: pg, image: "postgres:16", ports: [{containerPort: 5432}]}]}
status: {phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: pg, ready: true, restartCount: 0, state: {running: {}}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: api-6d7c8b9f5-abcde, namespace: prod, labels: {app: api}}
spec: {nodeName: w1, containers: [{name: api, image: "registry.corp/api:1"}]}
status: {phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: api, ready: true, restartCount: 0, state: {running: {}}}]}
""",
)
case(
    "scaled-to-zero",
    "app/payments",
    "zero_replicas",
    """
NAME       READY   UP-TO-DATE   AVAILABLE   AGE
cart       2/2     2            2           90d
payments   0/0     0            0           90d
profile    1/1     1            1           90d

NAME       ENDPOINTS                           AGE
cart       10.244.1.4:8080,10.244.2.9:8080     90d
payments   <none>                              90d
profile    10.244.1.6:8080                     90d
""",
)
case(
    "node-not-ready",
    "node/ip-10-0-2-14",
    "kubelet_unavailable node_not_ready",
    """
$ kubectl get nodes
NAME           STATUS     ROLES    AGE   VERSION
ip-10-0-1-11   Ready      <none>   40d   v1.30.2
ip-10-0-2-14   NotReady   <none>   40d   v1.30.2
ip-10-0-3-9    Ready      <none>   40d   v1.30.2
$ kubectl describe node ip-10-0-2-14
Name:               ip-10-0-2-14
Roles:              <none>
Labels:             kubernetes.io/hostname=ip-10-0-2-14
Taints:             node.kubernetes.io/unreachable:NoExecute
                    node.kubernetes.io/unreachable:NoSchedule
Unschedulable:      false
Conditions:
  Type             Status    LastHeartbeatTime                 LastTransitionTime                Reason              Message
  ----             ------    -----------------                 ------------------                ------              -------
  MemoryPressure   Unknown   Mon, 04 May 2026 09:40:11 +0000   Mon, 04 May 2026 09:44:30 +0000   NodeStatusUnknown   Kubelet stopped posting node status.
  DiskPressure     Unknown   Mon, 04 May 2026 09:40:11 +0000   Mon, 04 May 2026 09:44:30 +0000   NodeStatusUnknown   Kubelet stopped posting node status.
  Ready            Unknown   Mon, 04 May 2026 09:40:11 +0000   Mon, 04 May 2026 09:44:30 +0000   NodeStatusUnknown   Kubelet stopped posting node status.
Events:
  Type    Reason        Age   From             Message
  ----    ------        ----  ----             -------
  Normal  NodeNotReady  15m   node-controller  Node ip-10-0-2-14 status is now: NodeNotReady
$ kubectl get pods -A -o wide
NAMESPACE   NAME                     READY   STATUS        RESTARTS   AGE   IP           NODE
shop        cart-5d6c7b8f9-11111     1/1     Terminating   0          4d    10.244.2.4   ip-10-0-2-14
shop        cart-5d6c7b8f9-22222     1/1     Running       0          10m   10.244.1.4   ip-10-0-1-11
""",
)
case(
    "cordoned",
    "node/w3",
    "node_cordoned",
    """
NAME   STATUS                     ROLES           AGE    VERSION
cp     Ready                      control-plane   200d   v1.29.4
w3     Ready,SchedulingDisabled   <none>          200d   v1.29.4

NAME                     READY   STATUS    RESTARTS   AGE
etl-7c8d9b6f5-ppp11      0/1     Pending   0          22m

LAST SEEN   TYPE      REASON             OBJECT                    MESSAGE
20s         Warning   FailedScheduling   pod/etl-7c8d9b6f5-ppp11   0/2 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 1 node(s) were unschedulable. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.
""",
)
case(
    "disk-pressure",
    "node/edge-2",
    "node_disk_pressure evicted",
    """
Name:               edge-2
Roles:              <none>
Taints:             node.kubernetes.io/disk-pressure:NoSchedule
Unschedulable:      false
Conditions:
  Type             Status  LastHeartbeatTime                 LastTransitionTime                Reason                       Message
  ----             ------  -----------------                 ------------------                ------                       -------
  MemoryPressure   False   Mon, 04 May 2026 10:00:00 +0000   Mon, 06 Apr 2026 10:00:00 +0000   KubeletHasSufficientMemory   kubelet has sufficient memory available
  DiskPressure     True    Mon, 04 May 2026 10:00:00 +0000   Mon, 04 May 2026 09:30:00 +0000   KubeletHasDiskPressure       kubelet has disk pressure
  PIDPressure      False   Mon, 04 May 2026 10:00:00 +0000   Mon, 06 Apr 2026 10:00:00 +0000   KubeletHasSufficientPID      kubelet has sufficient PID available
  Ready            True    Mon, 04 May 2026 10:00:00 +0000   Mon, 06 Apr 2026 10:00:00 +0000   KubeletReady                 kubelet is posting ready status
Events:
  Type     Reason                Age   From     Message
  ----     ------                ----  ----     -------
  Warning  EvictionThresholdMet  29m   kubelet  Attempting to reclaim ephemeral-storage
  Warning  FreeDiskSpaceFailed   9m    kubelet  Failed to garbage collect required amount of images. Attempted to free 3GiB, but only found 0 bytes eligible to free.

NAMESPACE   NAME                     READY   STATUS    RESTARTS   AGE
iot         bridge-66c7d8f9b-aaa11   0/1     Evicted   0          28m
iot         bridge-66c7d8f9b-bbb22   1/1     Running   0          27m
""",
)
case(
    "certificate",
    "certificate/api-tls",
    "certificate",
    """
$ kubectl describe certificate api-tls -n edge
Name:         api-tls
Namespace:    edge
Kind:         Certificate
Spec:
  Dns Names:
    api.example.com
  Secret Name:  api-tls
Status:
  Conditions:
    Last Transition Time:  2026-05-04T00:00:00Z
    Message:               Certificate expired on Mon, 04 May 2026 00:00:00 UTC
    Reason:                Expired
    Status:                False
    Type:                  Ready
  Not After:               2026-05-04T00:00:00Z
Events:
  Type     Reason  Age   From          Message
  ----     ------  ----  ----          -------
  Warning  Failed  10h   cert-manager  The certificate request has failed to complete and will be retried: Failed to wait for order resource "api-tls-1" to become ready: order is in "errored" state
""",
)
case(
    "secret-key",
    "app/report",
    "missing_config_key",
    """
NAME                      READY   STATUS                       RESTARTS   AGE
report-5b6c7d8f9-ttt99    0/1     CreateContainerConfigError   0          3m
Events:
  Type     Reason     Age                From               Message
  ----     ------     ----               ----               -------
  Normal   Scheduled  3m                 default-scheduler  Successfully assigned bi/report-5b6c7d8f9-ttt99 to w1
  Warning  Failed     9s (x14 over 3m)   kubelet            Error: couldn't find key DB_PASSWORD in Secret bi/report-db
""",
)
case(
    "init-crash",
    "app/forum",
    "init_container_failed dependency_unreachable",
    """
NAME                     READY   STATUS                  RESTARTS      AGE
forum-7b8c9d6f5-kkk22    0/1     Init:CrashLoopBackOff   6 (90s ago)   8m
forum-db-0               0/1     Pending                 0             8m
$ kubectl logs forum-7b8c9d6f5-kkk22 -c migrate
psycopg2.OperationalError: could not connect to server: Connection refused
        Is the server running on host "forum-db" (10.96.40.2) and accepting TCP/IP connections on port 5432?
""",
)
case(
    "pull-secret",
    "app/vision",
    "missing_image_pull_secret",
    """
Name:             vision-59d8c7b6f-uuu44
Namespace:        ai
Node:             gpu-1/10.0.9.1
Labels:           app=vision
Status:           Pending
Controlled By:    ReplicaSet/vision-59d8c7b6f
Containers:
  vision:
    Image:          private.corp:5000/vision:12
    State:          Waiting
      Reason:       ErrImagePull
    Ready:          False
    Restart Count:  0
Events:
  Type     Reason                           Age                From     Message
  ----     ------                           ----               ----     -------
  Warning  FailedToRetrieveImagePullSecret  20s (x4 over 1m)   kubelet  Unable to retrieve some image pull secrets (corp-registry); attempting to pull the image may not succeed.
  Warning  Failed                           19s (x3 over 1m)   kubelet  Failed to pull image "private.corp:5000/vision:12": failed to pull and unpack image "private.corp:5000/vision:12": failed to resolve reference "private.corp:5000/vision:12": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed
""",
)
case(
    "healthy-get",
    "",
    "",
    """
$ kubectl get pods,deploy,nodes -A
NAMESPACE   NAME                         READY   STATUS      RESTARTS       AGE
shop        pod/cart-6d7c8b9f5-abcde     1/1     Running     0              12d
shop        pod/web-5c6d7b8f9-fghij      2/2     Running     1 (9d ago)     12d
jobs        pod/report-28900-klmno       0/1     Completed   0              6h

NAMESPACE   NAME                   READY   UP-TO-DATE   AVAILABLE   AGE
shop        deployment.apps/cart   1/1     1            1           12d
shop        deployment.apps/web    1/1     1            1           12d

NAMESPACE   NAME      STATUS   ROLES           AGE   VERSION
            node/w1   Ready    <none>          60d   v1.30.1
            node/cp   Ready    control-plane   60d   v1.30.1
""",
)
case(
    "healthy-describe",
    "",
    "",
    """
Name:             cart-6d7c8b9f5-abcde
Namespace:        shop
Node:             w1/10.0.0.2
Labels:           app=cart
Status:           Running
Controlled By:    ReplicaSet/cart-6d7c8b9f5
Containers:
  cart:
    Image:          registry.corp/cart:3
    Port:           8080/TCP
    State:          Running
      Started:      Mon, 27 Apr 2026 09:00:00 +0000
    Ready:          True
    Restart Count:  0
    Liveness:       http-get http://:8080/healthz delay=5s timeout=1s period=10s #success=1 #failure=3
    Readiness:      tcp-socket :8080 delay=0s timeout=1s period=10s #success=1 #failure=3
Conditions:
  Type              Status
  Ready             True
  PodScheduled      True
Events:
  Type    Reason     Age   From               Message
  ----    ------     ----  ----               -------
  Normal  Scheduled  7d    default-scheduler  Successfully assigned shop/cart-6d7c8b9f5-abcde to w1
  Normal  Pulled     7d    kubelet            Successfully pulled image "registry.corp/cart:3" in 1.2s
  Normal  Started    7d    kubelet            Started container cart

Name:              cart
Namespace:         shop
Selector:          app=cart
Type:              ClusterIP
IP:                10.96.5.5
Port:              http  80/TCP
TargetPort:        8080/TCP
Endpoints:         10.244.1.5:8080
Events:            <none>
""",
)
case(
    "healthy-rollout",
    "",
    "",
    """
LAST SEEN   TYPE     REASON              OBJECT                       MESSAGE
4m          Normal   ScalingReplicaSet   deployment/web               Scaled up replica set web-7c8d9b6f5 to 1
4m          Normal   SuccessfulCreate    replicaset/web-7c8d9b6f5     Created pod: web-7c8d9b6f5-aaa11
4m          Normal   Scheduled           pod/web-7c8d9b6f5-aaa11      Successfully assigned shop/web-7c8d9b6f5-aaa11 to w1
4m          Normal   Pulling             pod/web-7c8d9b6f5-aaa11      Pulling image "registry.corp/web:9"
3m          Normal   Started             pod/web-7c8d9b6f5-aaa11      Started container web
3m          Normal   Killing             pod/web-5c6d7b8f9-old11      Stopping container web
3m          Normal   ScalingReplicaSet   deployment/web               Scaled down replica set web-5c6d7b8f9 to 0
""",
)
