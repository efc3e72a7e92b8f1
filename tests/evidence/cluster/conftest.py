"""Text as kubectl prints it, made small: the shapes are real (kubectl 1.28 to 1.31), the names are made up."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

import pytest

from afteraction.evidence.cluster import RULES, ClusterEvidence, cluster_evidence
from afteraction.formats.kubectl import read_kubectl

CAUSES = {rule.id: rule.causes for rule in RULES}


@pytest.fixture
def judge() -> Callable[..., ClusterEvidence]:
    """Read texts, each as a file of its own, and judge them together."""

    def judged(*texts: str) -> ClusterEvidence:
        objects = []
        for number, text in enumerate(texts):
            objects += read_kubectl(textwrap.dedent(text).lstrip("\n"), f"{number}.txt").objects
        found = cluster_evidence(objects)
        for finding in found.findings:
            cause = finding.summary.rpartition("[")[2].rstrip("]")
            assert cause in CAUSES[finding.rule], f"{finding.rule} does not list the cause class {cause}"
        return found

    return judged


@pytest.fixture
def pod() -> Callable[..., str]:
    """A description of a pod, as `kubectl describe pod` prints it."""

    def described(
        name: str = "aa-7c9d4b8f5d-x2k4m", *, status: str = "Running", state: str = "Running", ready: bool = True, labels: str = "app=aa",
        container: str = "", node: str = "w1/10.0.0.1", extra: str = "", events: Sequence[str] = (), restarts: int = 0, last: str = "",
        selectors: str = "<none>", volumes: str = "", conditions: bool = True,
    ) -> str:  # fmt: skip
        head = textwrap.dedent(f"""\
            Name:             {name}
            Namespace:        shop
            Priority:         0
            Service Account:  default
            Node:             {node}
            Start Time:       Tue, 12 Aug 2025 05:45:20 +0200
            Labels:           {labels}
                              pod-template-hash=7c9d4b8f5d
            Annotations:      <none>
            Status:           {status}
            IP:               10.244.1.18
            IPs:
              IP:  10.244.1.18
            Controlled By:    ReplicaSet/{name.rsplit("-", 1)[0]}
            Containers:
              main:
                Container ID:   containerd://58906
                Image:          repo/aa:1.2
                Port:           8080/TCP
                Host Port:      0/TCP
            """)
        if extra:
            head = head.replace("Containers:\n", f"{extra}Containers:\n")
        body = container or ""
        body += f"    State:          {state}\n" if state else ""
        body += last
        body += f"    Ready:          {ready}\n    Restart Count:  {restarts}\n    Environment:    <none>\n    Mounts:         <none>\n"
        foot = (
            f"Conditions:\n  Type              Status\n  Ready             {ready} \n  PodScheduled      True \n"
            if conditions
            else ""
        )
        foot += f"Volumes:\n{volumes}" if volumes else ""
        foot += f"QoS Class:                   BestEffort\nNode-Selectors:              {selectors}\n"
        foot += "Tolerations:                 node.kubernetes.io/not-ready:NoExecute op=Exists for 300s\n"
        if events:
            foot += (
                "Events:\n  Type     Reason     Age   From     Message\n  ----     ------     ----  ----     -------\n"
            )
            foot += "".join(f"  {line}\n" for line in events)
        else:
            foot += "Events:  <none>\n"
        return head + body + foot

    return described
