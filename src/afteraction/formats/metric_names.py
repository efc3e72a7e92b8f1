"""Names of metrics and of what they measure: labels and column names come in, service, instance and metric come out.

Nothing here knows a service: labels are judged by their conventional keys, column names by the grid they form together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from afteraction.formats.pods import service_of_pod

_SERVICE_LABELS = ("service_name", "service.name", "app_kubernetes_io_name", "app", "application", "microservice",
                   "exported_service", "exported_job", "ServiceName")  # fmt: skip
_POD_LABELS = ("pod", "pod_name", "kubernetes_pod_name", "exported_pod", "PodName")
_WEAKER_LABELS = ("deployment", "workload", "service", "container", "job", "FunctionName", "LoadBalancer")
_INSTANCE_LABELS = (
    *_POD_LABELS,
    "instance",
    "host",
    "hostname",
    "node",
    "server",
    "InstanceId",
    "DBInstanceIdentifier",
)
_SELECTOR = re.compile(r"^([A-Za-z_:][\w:.]*)?\s*\{(.*)\}$", re.DOTALL)
_LABEL = re.compile(r'([A-Za-z_][\w.]*)\s*=\s*"((?:[^"\\]|\\.)*+)"')


def service_and_instance(labels: Mapping[str, str]) -> tuple[str, str]:
    """Return the service and the instance that a sample's labels name, each empty when they name none.

    A pod goes before `service` and `job`, which in a cluster often name whoever was scraped (a kubelet, an exporter).
    """
    instance = next((labels[key] for key in _INSTANCE_LABELS if labels.get(key)), "")
    if service := next((labels[key] for key in _SERVICE_LABELS if labels.get(key)), ""):
        return service, instance
    if pod := next((labels[key] for key in _POD_LABELS if labels.get(key)), ""):
        return service_of_pod(pod), pod
    return next((labels[key] for key in _WEAKER_LABELS if labels.get(key)), ""), instance


def parse_selector(name: str) -> tuple[str, dict[str, str]] | None:
    """Split `metric{label="value"}` into metric and labels; None when the name is not written so."""
    found = _SELECTOR.match(name.strip())
    if not found:
        return None
    labels = {key: re.sub(r"\\(.)", r"\1", value) for key, value in _LABEL.findall(found[2])}
    return (found[1] or labels.pop("__name__", ""), labels) if labels or found[1] else None


def split_grid(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Split column names such as `cart_cpu`, `cart_memory`, `ads_cpu` into service and metric.

    The names must form a grid: at least three services of which most have most of the metrics. Otherwise nothing is
    split, since a separator alone says nothing.
    """
    best: tuple[float, dict[str, tuple[str, str]]] = (0.0, {})
    for separator in "_.:|/- ":
        for last in (True, False):
            pairs = {name: _split(name, separator, last=last) for name in names if separator in name.strip(separator)}
            left, right = {pair[0] for pair in pairs.values()}, {pair[1] for pair in pairs.values()}
            if len(pairs) < 0.8 * len(names) or len(left) < 3 or len(right) < 2 or left & right:
                continue
            density = len(set(pairs.values())) / (len(left) * len(right))
            if density >= 0.6 and density > best[0]:
                best = (density, pairs)
    return best[1]


def split_edges(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Split column names such as `web_cart`, `cart_store` into caller and callee.

    That they are calls shows in one name standing on the left in one column and on the right in another. A name that
    could be split at several places is left whole (empty caller and callee).
    """
    for separator in ("->", "→", "_", "|", ":", "/"):
        parts = {name: [p.strip() for p in name.split(separator)] for name in names if separator in name}
        whole = {name: (p[0], p[1]) for name, p in parts.items() if len(p) == 2 and all(p)}
        if len(parts) < 0.9 * len(names) or len(whole) < 2:
            continue
        left, right = {a for a, _ in whole.values()}, {b for _, b in whole.values()}
        if left & right and len(whole) >= 0.5 * len(parts):
            return {name: whole.get(name, ("", "")) for name in names}
    return {}


def _split(name: str, separator: str, *, last: bool) -> tuple[str, str]:
    left, _, right = name.rpartition(separator) if last else name.partition(separator)
    return left, right
