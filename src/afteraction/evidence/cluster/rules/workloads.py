"""Rules on workloads: scaled to nothing, stuck rollouts, failed jobs, autoscalers, limits, ports that clash, certificates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from afteraction.evidence.cluster.claim import Claim, Depth, Rule
from afteraction.evidence.cluster.items import Cited, Cluster, Item, app_name, near
from afteraction.evidence.cluster.last_words import CAUSES as LAST_WORDS
from afteraction.evidence.cluster.pods import containers
from afteraction.evidence.cluster.quantities import parse_quantity
from afteraction.evidence.cluster.selectors import selects
from afteraction.evidence.cluster.shape import mapping
from afteraction.formats.stamps import parse_stamp

_EXPIRED = re.compile(
    r"x509: certificate (?P<why>has expired[^\"]*|signed by unknown authority|is valid for [^\"]*)|certificate (?:has )?expired|certificate is not yet valid",
    re.IGNORECASE,
)
_TINY_CPU = 0.05
"""Cores. Below a twentieth of a core the scheduler's 100 ms periods leave a program 5 ms: start-up alone takes minutes."""
_NEAR_LIMIT = 0.9
"""Share of a memory limit from which a kill is one allocation away."""


def _zero(cluster: Cluster) -> Iterator[Claim]:
    for kind in ("Deployment", "StatefulSet"):
        for item in cluster.all(kind):
            if item.get("spec.replicas") != 0:
                continue
            labels = item.get("spec.template.metadata.labels", {}) or item.get("spec.selector.matchLabels", {})
            served = [
                one
                for one in cluster.all("Service")
                if near(one.namespace, item.namespace)
                and (
                    (labels and one.get("spec.selector") and selects(one.get("spec.selector"), labels))
                    or one.name == item.name
                )
            ]
            peers = [one for one in cluster.all(kind) if one.get("spec.replicas")]
            needle = ["replicas:", "0"] if item.whole else ["0 desired"] if item.described else ["0/0"]
            yield Claim(
                rule="K8S-ZERO-REPLICAS", ref=f"app/{item.name}", cause="zero_replicas", weight=0.9 if served else 0.78 if peers else 0.7,
                summary=f"{item.name} is scaled to zero: nothing of it runs" + (f", and service {served[0].name} reaches nothing" if served else ""),
                cited=(item.cite(*needle),), namespace=item.namespace, look_next=f"kubectl scale {kind.lower()} {item.name} --replicas=1",
            )  # fmt: skip
    yield from _told_zero(cluster)


def _told_zero(cluster: Cluster) -> Iterator[Claim]:
    """Scaling to zero that only an event tells of: the workload was not seen, and nothing was scaled up instead."""
    for note in cluster.notes:
        found = re.search(r"Scaled down replica set (\S+)(?: from \d+)? to 0", note.message)
        if found is None or cluster.find("Deployment", note.name, note.namespace) is not None:
            continue
        if any(one.kind == note.kind and one.name == note.name and "Scaled up" in one.message for one in cluster.notes):
            continue
        yield Claim(
            rule="K8S-ZERO-REPLICAS", ref=f"app/{note.name}", cause="zero_replicas", weight=0.6, cited=(note.cited,),
            summary=f"{note.name} was scaled to zero", namespace=note.namespace,
        )  # fmt: skip


def _short(name: str, have: int | None, wanted: int | None, reason: str) -> str:
    """Say how many replicas are missing, or how the rollout ended where nothing counts them."""
    if have is None and wanted is None and reason == "ProgressDeadlineExceeded":
        return f"the rollout of {name} did not finish within its progress deadline"
    return f"{name} has {have if have is not None else 'too few'} of {wanted if wanted is not None else '?'} replicas available"


def _rollout(cluster: Cluster) -> Iterator[Claim]:
    for kind in ("Deployment", "StatefulSet", "ReplicaSet", "DaemonSet"):
        for item in cluster.all(kind):
            stuck = next(
                (
                    one
                    for one in item.get("status.conditions", ())
                    if one.get("reason") in {"ProgressDeadlineExceeded", "FailedCreate"}
                    or (one.get("type") == "Available" and one.get("status") == "False")
                ),
                None,
            )
            wanted, have = (
                item.get("spec.replicas", item.get("status.desiredNumberScheduled")),
                item.get("status.availableReplicas", item.get("status.readyReplicas", item.get("status.numberReady"))),
            )
            short = wanted and have is not None and have < wanted
            if not stuck and not short:
                continue
            paused = " (its rollout is paused)" if item.get("spec.paused") else ""
            yield Claim(
                rule="K8S-ROLLOUT", ref=f"app/{cluster.app(item)}", cause="replicas_unavailable", weight=0.3 if not paused else 0.6, depth=Depth.SYMPTOM,
                summary=_short(item.name, have, wanted, str(stuck.get("reason", "")) if stuck else "") + paused,
                cited=(item.cite(str(stuck.get("reason", ""))) if stuck else item.cite(*(["Replicas:"] if item.described and not item.whole else [item.name])),),
                namespace=item.namespace, look_next=f"kubectl describe {kind.lower()} {item.name}",
            )  # fmt: skip


def _job(cluster: Cluster) -> Iterator[Claim]:
    for job in cluster.all("Job"):
        failed = next(
            (
                one
                for one in job.get("status.conditions", ())
                if one.get("type") == "Failed" and one.get("status") == "True"
            ),
            None,
        )
        notes = cluster.notes_on(job, "BackoffLimitExceeded", "DeadlineExceeded")
        counts = job.get("status.podCounts", {})
        if (
            not failed
            and not notes
            and not (counts.get("failed") and not counts.get("active") and not counts.get("succeeded"))
        ):
            continue
        why = notes[0].reason if notes else str((failed or {}).get("reason", "")) or "its pods failed"
        yield Claim(
            rule="K8S-JOB", ref=f"app/{job.name}", cause="job_failed", weight=0.45, depth=Depth.FAILURE, namespace=job.namespace,
            summary=f"job {job.name} failed: {why}", cited=(notes[0].cited if notes else job.cite("ailed"),), look_next=f"kubectl logs job/{job.name}",
        )  # fmt: skip
    for job in cluster.all("CronJob"):
        if job.get("spec.suspend") is True:
            yield Claim(
                rule="K8S-JOB", ref=f"app/{job.name}", cause="cronjob_suspended", weight=0.5, cited=(job.cite("uspend"),),
                summary=f"cron job {job.name} is suspended", namespace=job.namespace,
            )  # fmt: skip


def _autoscaler(cluster: Cluster) -> Iterator[Claim]:
    for scaler in cluster.all("HorizontalPodAutoscaler"):
        target = scaler.get("spec.scaleTargetRef", {})
        name, kind = str(target.get("name", "")), str(target.get("kind", "Deployment"))
        proof = cluster.absent(kind, name, scaler.namespace) if name else None
        conditions = {str(one.get("type")): one for one in scaler.get("status.conditions", ())}
        said, cause, needle = "", "", ""
        blind = conditions.get("ScalingActive", {})
        stopped = conditions.get("AbleToScale", {})
        if proof is not None or "not found" in str(stopped.get("message", "")):
            said, cause, needle = f"its target {kind.lower()} {name} does not exist", "autoscaler_target_missing", name
        elif blind.get("status") == "False" and blind.get("reason") != "ScalingDisabled":
            said, cause, needle = (
                str(blind.get("message", "it gets no metrics")),
                "autoscaler_without_metrics",
                "ScalingActive",
            )
        elif "<unknown>" in str(scaler.get("status.targets", "")):
            said, cause, needle = (
                "it gets no metrics" + _without_requests(cluster, kind, name, scaler),
                "autoscaler_without_metrics",
                "<unknown>",
            )
        elif conditions.get("ScalingLimited", {}).get("reason") == "TooManyReplicas" or (
            scaler.get("status.currentReplicas")
            and scaler.get("status.currentReplicas") == scaler.get("spec.maxReplicas")
            and scaler.get("spec.maxReplicas") != scaler.get("spec.minReplicas")
        ):
            said, cause, needle = (
                f"it is at its maximum of {scaler.get('spec.maxReplicas')} replicas",
                "autoscaler_at_maximum",
                "axReplicas",
            )
        if said:
            yield Claim(
                rule="K8S-AUTOSCALER", ref=f"app/{name or scaler.name}", cause=cause, weight=0.7 if cause != "autoscaler_at_maximum" else 0.5,
                summary=f"autoscaler {scaler.name} does not scale {name}: {said[:200]}", cited=(scaler.cite(needle),), namespace=scaler.namespace,
                look_next=f"kubectl describe hpa {scaler.name}",
            )  # fmt: skip


def _without_requests(cluster: Cluster, kind: str, name: str, scaler: Item) -> str:
    item = cluster.find(kind, name, scaler.namespace)
    spec = item.get("spec.template.spec", {}) if item is not None else {}
    lacking = [
        one
        for one in containers(spec)
        if not ((one.get("resources") or {}).get("requests") or (one.get("resources") or {}).get("limits"))
    ]
    return f"; {name} sets no resource requests" if lacking and item is not None and item.described else ""


def _limits(cluster: Cluster) -> Iterator[Claim]:
    usage = {metric.name: metric for metric in cluster.all("PodMetrics")}
    done: set[tuple[str, str]] = set()
    for item, spec, _ in cluster.templates():
        app = cluster.app(item)
        for container in containers(spec):
            limits = mapping((container.get("resources") or {}).get("limits"))
            cpu, memory = parse_quantity(limits.get("cpu")), parse_quantity(limits.get("memory"))
            metric = usage.get(item.name)
            used = parse_quantity(metric.get("usage.cpu", "")) if metric is not None else None
            held = parse_quantity(metric.get("usage.memory", "")) if metric is not None else None
            alone = len(containers(spec)) == 1
            hot = bool(cpu and used is not None and alone and used >= _NEAR_LIMIT * cpu)
            if cpu is not None and (cpu < _TINY_CPU or hot) and (app, "cpu") not in done:
                done.add((app, "cpu"))
                yield Claim(
                    rule="K8S-CPU-LIMIT", ref=f"app/{app}", cause="cpu_limit_too_low", weight=0.75 if hot else 0.3, namespace=item.namespace,
                    summary=f"{app} may use {limits['cpu']} of a core" + (f" and uses {metric.get('usage.cpu')}: it is throttled" if hot and metric is not None else ", which is very little"),
                    cited=tuple(one for one in (item.cite("cpu:", limits["cpu"]), metric.cite(item.name) if hot and metric is not None else None) if one),
                    look_next=f"kubectl top pod {item.name}",
                )  # fmt: skip
            if (
                memory
                and held is not None
                and alone
                and held >= _NEAR_LIMIT * memory
                and metric is not None
                and (app, "memory") not in done
            ):
                done.add((app, "memory"))
                yield Claim(
                    rule="K8S-MEMORY-LIMIT", ref=f"app/{app}", cause="memory_near_limit", weight=0.6, namespace=item.namespace,
                    summary=f"{app} uses {metric.get('usage.memory')} of the {limits['memory']} that it may",
                    cited=(item.cite("memory:", limits["memory"]), metric.cite(item.name)),
                )  # fmt: skip


def _clash(cluster: Cluster) -> Iterator[Claim]:
    done: set[str] = set()
    for item, spec, _ in cluster.templates():
        ports = Counter(
            (int(port["containerPort"]), str(port.get("protocol") or "TCP"))
            for one in containers(spec)
            for port in one.get("ports") or ()
            if "containerPort" in port
        )
        twice = [port for (port, _), count in ports.items() if count > 1]
        app = cluster.app(item)
        if twice and len(containers(spec)) > 1 and app not in done:
            done.add(app)
            names = [
                str(one.get("name"))
                for one in containers(spec)
                if any(port.get("containerPort") == twice[0] for port in one.get("ports") or ())
            ]
            yield Claim(
                rule="K8S-PORT-CLASH", ref=f"app/{app}", cause="port_conflict", weight=0.84, namespace=item.namespace,
                summary=f"containers {' and '.join(names)} of {app} both want port {twice[0]}; they share one network",
                cited=(item.cite(str(twice[0])),), look_next=f"kubectl logs of both containers of {app}",
            )  # fmt: skip


def _certificates(cluster: Cluster) -> Iterator[Claim]:
    for item in cluster.all("Certificate"):
        bad = next(
            (
                one
                for one in item.get("status.conditions", ())
                if one.get("type") == "Ready" and one.get("status") != "True"
            ),
            None,
        )
        end = parse_stamp(str(item.get("status.notAfter", "")))
        seen = next((one.seen_at for one in item.seen if one.seen_at), None)
        expired = end is not None and isinstance(seen, datetime) and end.at <= seen
        if bad or expired:
            why = (
                f"it expired at {item.get('status.notAfter')}"
                if expired
                else str((bad or {}).get("message", "it is not ready"))
            )
            yield Claim(
                rule="K8S-CERTIFICATE", ref=f"certificate/{item.name}", cause="certificate", weight=0.85, namespace=item.namespace,
                summary=f"certificate {item.name} is not good: {why[:200]}", cited=(item.cite("otAfter" if expired else "Ready"),),
                look_next=f"kubectl describe certificate {item.name}",
            )  # fmt: skip
    done: set[str] = set()
    for kind, name, namespace, text, cited in _warnings(cluster):
        found = _EXPIRED.search(text)
        app = app_name(cluster, kind, name, namespace)
        ref = f"node/{name}" if kind == "Node" else f"app/{app}"
        if found is None or ref in done or "webhook" in text or "pull" in text:
            continue
        done.add(ref)
        yield Claim(
            rule="K8S-CERTIFICATE", ref=ref, cause="certificate", weight=0.82, namespace=namespace, cited=(cited,),
            summary=f"a certificate is not accepted at {name}: {found.group()[:160]}",
        )  # fmt: skip


def _warnings(cluster: Cluster) -> Iterator[tuple[str, str, str, str, Cited]]:
    for note in cluster.notes:
        if note.warning:
            yield note.kind, note.name, note.namespace, note.message, note.cited


def _application(cluster: Cluster) -> Iterator[Claim]:
    for item in cluster.all("Application"):
        phase, message = item.get("status.operationState.phase", ""), str(item.get("status.operationState.message", ""))
        if phase in {"Failed", "Error"} and "namespaces" not in message:
            yield Claim(
                rule="K8S-SYNC", ref=f"app/{item.name}", cause="sync_failed", weight=0.7, namespace=item.namespace,
                summary=f"the last sync of {item.name} failed: {message[:200]}", cited=(item.cite("Message"),),
            )  # fmt: skip


RULES = (
    Rule(
        id="K8S-ZERO-REPLICAS", title="A workload is scaled to zero", causes=("zero_replicas",),
        reads="replicas of Deployments and StatefulSets, events ScalingReplicaSet", page="Surer when a Service is meant for it.", check=_zero,
    ),
    Rule(
        id="K8S-ROLLOUT", title="A workload has too few replicas", causes=("replicas_unavailable",),
        reads="conditions and replica counts of workloads", page="A symptom; some other rule should say why.", check=_rollout,
    ),
    Rule(
        id="K8S-JOB", title="A job failed or a cron job is suspended", causes=("job_failed", "cronjob_suspended", *LAST_WORDS),
        reads="conditions, pod counts and events of Jobs", page="Why stands in the log of its pod.", check=_job,
    ),
    Rule(
        id="K8S-AUTOSCALER", title="An autoscaler does not scale",
        causes=("autoscaler_target_missing", "autoscaler_without_metrics", "autoscaler_at_maximum"),
        reads="targets, conditions and metrics of autoscalers; requests of what they scale", page="Computed.", check=_autoscaler,
    ),
    Rule(
        id="K8S-CPU-LIMIT", title="A CPU limit is too low", causes=("cpu_limit_too_low", "memory_near_limit"),
        reads="limits of pods and templates; kubectl top", page="Used beside allowed; a limit below 50m is said with little weight.", check=_limits,
    ),
    Rule(
        id="K8S-MEMORY-LIMIT", title="Memory is near its limit", causes=("memory_near_limit",), reads="as K8S-CPU-LIMIT",
        page="Reported by K8S-CPU-LIMIT.", check=lambda _: (),
    ),
    Rule(
        id="K8S-PORT-CLASH", title="Two containers of a pod want the same port", causes=("port_conflict",),
        reads="ports of pods and templates", page="Computed.", check=_clash,
    ),
    Rule(
        id="K8S-CERTIFICATE", title="A certificate has expired or is not accepted", causes=("certificate",),
        reads="Certificate objects, Warning events", page="Expiry is compared with the capture time.", check=_certificates,
    ),
    Rule(
        id="K8S-SYNC", title="A sync of the desired state failed", causes=("sync_failed",), reads="Argo CD applications",
        page="Quotes the reason.", check=_application,
    ),
)  # fmt: skip
