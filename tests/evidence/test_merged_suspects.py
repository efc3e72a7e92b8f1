"""One thing that two parts of the engine accuse is one suspect with the evidence of both."""

from __future__ import annotations

import numpy as np

from afteraction.evidence.investigate import investigate
from afteraction.formats.kubectl import read_kubectl
from afteraction.model.finding import FindingKind, SuspectKind
from afteraction.model.origin import Origin
from afteraction.model.reading import Material
from afteraction.model.series import Series

PODS = """NAME                     READY   STATUS             RESTARTS   AGE
cart-6f5b7c9d8-x2jkp     0/1     CrashLoopBackOff   12         5m
web-6f5b7c9d8-b7rtn      1/1     Running            0          3d
"""


def errors(service: str, after: float) -> Series:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(0.5, 0.1, 60), rng.normal(after, 0.1, 30)]).clip(0)
    return Series(
        metric="http_errors_per_second", times=1_700_000_000 + 60.0 * np.arange(90), values=values,
        origin=Origin(file="m.json", record=service), service=service,
    )  # fmt: skip


def test_a_service_and_its_workload_are_one_suspect() -> None:
    objects = read_kubectl(f"$ kubectl get pods -n shop\n{PODS}", "pods.txt").objects
    answer = investigate(Material(series=(errors("cart", 40.0), errors("web", 0.5)), objects=objects))
    about = [s for s in answer.suspects if s.service == "cart" or "cart" in s.ref]
    assert [(s.kind, s.ref) for s in about] == [(SuspectKind.RESOURCE, "app/cart")]
    kinds = {f.kind for f in answer.findings if f.id in about[0].evidence}
    assert {FindingKind.METRIC, FindingKind.CLUSTER} <= kinds
    assert about[0].at is not None


def test_another_service_stays_a_suspect_of_its_own() -> None:
    objects = read_kubectl(f"$ kubectl get pods -n shop\n{PODS}", "pods.txt").objects
    answer = investigate(Material(series=(errors("cart", 0.5), errors("web", 40.0)), objects=objects))
    assert {"app/cart", "service/web"} <= {s.ref for s in answer.suspects}
