"""Rules on probes: a probe that fails, and whether its port, protocol, path or timing is what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from afteraction.evidence.cluster.claim import Claim, Depth, Rule
from afteraction.evidence.cluster.items import Cited, Cluster, Item, Note
from afteraction.evidence.cluster.pods import containers, is_ready, runs

_FAILED = re.compile(r"(?P<probe>Liveness|Readiness|Startup) probe (?:failed|errored)[^:]*:\s*(?P<said>.*)", re.DOTALL)
_FIELD = {"Liveness": "livenessProbe", "Readiness": "readinessProbe", "Startup": "startupProbe"}
_PROTOCOL = re.compile(
    r"malformed HTTP|HTTP/1\.x transport connection broken|HTTP response to HTTPS|first record does not look like a TLS"
    r"|does not implement the grpc health|unexpected EOF|: EOF$|http2|frame too large|rpc error: code = Unimplemented"
    r"|failed to connect service .* rpc error|statuscode: 400|connection reset by peer"
)
_TIMED_OUT = re.compile(r"deadline exceeded|timed? ?out|Client\.Timeout|timeout")
_REFUSED = re.compile(r"connection refused|connect: ")
_STATUS = re.compile(r"statuscode: (?P<code>\d+)")


def _how(probe: Mapping[str, Any]) -> str:
    return next((name for name in ("httpGet", "tcpSocket", "grpc", "exec") if name in probe), "")


def _port(probe: Mapping[str, Any]) -> int | str | None:
    handler = probe.get(_how(probe)) or {}
    return handler.get("port") if isinstance(handler, Mapping) else None


def _check(cluster: Cluster) -> Iterator[Claim]:
    done: set[tuple[str, str]] = set()
    for pod in cluster.all("Pod"):
        app = cluster.app(pod)
        for note in cluster.notes_on(pod, "Unhealthy", "ProbeError", "ProbeWarning"):
            found = _FAILED.search(note.message)
            if found is None or (app, found["probe"]) in done:
                continue
            done.add((app, found["probe"]))
            yield _failed(cluster, pod, note, found["probe"], found["said"].strip())
    yield from _computed(cluster, done)


def _failed(cluster: Cluster, pod: Item, note: Note, probe: str, said: str) -> Claim:
    app = cluster.app(pod)
    container, spec = _probe_spec(cluster, pod, probe)
    cause, why = _diagnose(container, spec, said, pod)
    wrong = f"{probe.lower()}_probe_{cause}" if cause != "failing" else f"{probe.lower()}_probe_failing"
    ready, restarts = is_ready(pod), max((run.restarts for run in runs(pod)), default=0)
    past = ready is not False and (probe != "Liveness" or restarts == 0)
    shown = [note.cited]
    if spec and pod.described:
        shown.append(pod.cite(*(["ort", _port(spec)] if pod.whole else [f"{probe}:"])))
    effect = (
        "it is restarted again and again"
        if probe == "Liveness"
        else "it gets no traffic"
        if probe == "Readiness"
        else "it is never started"
    )
    weight = 0.3 if past else 0.55 if cause == "failing" else 0.86
    short = said if len(said) < 160 else said[:160] + "…"
    return Claim(
        rule="K8S-PROBE", ref=f"app/{app}", cause=wrong, weight=weight, cited=tuple(dict.fromkeys(shown)),
        summary=f"the {probe.lower()} probe of {app} fails{why}, so {effect}: {short}",
        depth=Depth.FAILURE if cause == "failing" else Depth.CAUSE, namespace=pod.namespace, count=note.count,
        look_next=f"compare the {probe.lower()} probe with the port that the program opens",
    )  # fmt: skip


def _probe_spec(cluster: Cluster, pod: Item, probe: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    workload = cluster.workload(pod)
    for spec in (pod.get("spec", {}), workload.get("spec.template.spec", {}) if workload is not None else {}):
        for container in containers(spec):
            if container.get(_FIELD[probe]):
                return container, container[_FIELD[probe]]
    return {}, {}


def _diagnose(container: Mapping[str, Any], probe: Mapping[str, Any], said: str, pod: Item) -> tuple[str, str]:
    """What is wrong with a failing probe: wrong_port, wrong_protocol, wrong_path, timing, or just failing."""
    named = _unknown_port(container, probe)
    if named:
        return "wrong_port", f" (it asks port {_port(probe)}, the container opens {named})"
    other = _other_protocol(container, probe)
    if _PROTOCOL.search(said) or other:
        return "wrong_protocol", f" (it speaks {_spoken(probe) or 'the wrong protocol'}{other})"
    status = _STATUS.search(said)
    if status is not None and status["code"] in {"404", "401", "403", "405"}:
        path = (probe.get("httpGet") or {}).get("path", "")
        return (
            "wrong_path",
            f" (path {path} answers {status['code']})" if path else f" (the path answers {status['code']})",
        )
    if _TIMED_OUT.search(said) and not _REFUSED.search(said) and _is_hasty(probe):
        return "timing", f" (timeout {probe.get('timeoutSeconds', 1)} s)"
    if _is_early(container, probe, pod):
        delay, period = probe.get("initialDelaySeconds", 0), probe.get("periodSeconds", 10)
        return (
            "timing",
            f" (it begins after {delay} s and gives up after {probe.get('failureThreshold', 3)} tries every {period} s)",
        )
    return "failing", ""


def _unknown_port(container: Mapping[str, Any], probe: Mapping[str, Any]) -> str:
    """The ports that a container declares, in words, when the probe asks for another one."""
    wanted = _port(probe)
    ports = container.get("ports") or ()
    if wanted is None or not ports:
        return ""
    known = {int(port["containerPort"]) for port in ports if "containerPort" in port}
    names = {str(port["name"]) for port in ports if port.get("name")}
    number = int(wanted) if str(wanted).isdigit() else None
    if (number is not None and number in known) or (number is None and str(wanted) in names):
        return ""
    return ", ".join(str(port) for port in sorted(known))


def _other_protocol(container: Mapping[str, Any], probe: Mapping[str, Any]) -> str:
    """The other probes of the same container on the same port, when they speak another protocol."""
    for name in _FIELD.values():
        other = container.get(name)
        if (
            other
            and other is not probe
            and _port(other) == _port(probe)
            and {_how(other), _how(probe)} >= {"grpc", "httpGet"}
        ):
            return f", while its {name.removesuffix('Probe')} probe speaks {_spoken(other)}"
    return ""


def _spoken(probe: Mapping[str, Any]) -> str:
    how = _how(probe)
    if how == "httpGet":
        return str((probe.get("httpGet") or {}).get("scheme") or "HTTP")
    return {"tcpSocket": "TCP", "grpc": "gRPC", "exec": "a command"}.get(how, "")


def _is_hasty(probe: Mapping[str, Any]) -> bool:
    return int(probe.get("timeoutSeconds") or 1) <= 2


def _is_early(container: Mapping[str, Any], probe: Mapping[str, Any], pod: Item) -> bool:
    """Whether a liveness probe gives a program hardly any time to start: less than its own readiness probe waits for.

    Without a sibling to compare with, fewer than ten seconds in all on a container that never became ready.
    """
    if probe is not container.get("livenessProbe") or container.get("startupProbe"):
        return False
    allowed = int(probe.get("initialDelaySeconds") or 0) + int(probe.get("periodSeconds") or 10) * int(
        probe.get("failureThreshold") or 3
    )
    sibling = container.get("readinessProbe") or {}
    if sibling and allowed < int(sibling.get("initialDelaySeconds") or 0):
        return True
    return allowed < 10 and is_ready(pod) is False


def _computed(cluster: Cluster, done: set[tuple[str, str]]) -> Iterator[Claim]:
    """Probes that ask for a port that their container does not declare, though no event told of a failure."""
    for item, spec, _ in cluster.templates():
        app = cluster.app(item)
        for container in containers(spec):
            for probe, field in _FIELD.items():
                named = _unknown_port(container, container.get(field) or {})
                if not named or (app, probe) in done:
                    continue
                done.add((app, probe))
                pods = [pod for pod in cluster.all("Pod") if cluster.app(pod) == app]
                sick = any(is_ready(pod) is False or any(run.restarts for run in runs(pod)) for pod in pods)
                asked = _port(container[field])
                shown: list[Cited] = [item.cite(*([str(asked)] if item.whole else [f"{probe}:"]))]
                yield Claim(
                    rule="K8S-PROBE-PORT", ref=f"app/{app}", cause=f"{probe.lower()}_probe_wrong_port",
                    weight=0.8 if sick else 0.35, cited=tuple(shown), namespace=item.namespace,
                    summary=f"the {probe.lower()} probe of {app} asks port {asked}, but the container declares {named}",
                    look_next=f"correct the port of the {probe.lower()} probe",
                )  # fmt: skip


_CAUSES = tuple(
    f"{probe}_probe_{what}"
    for probe in ("liveness", "readiness", "startup")
    for what in ("wrong_port", "wrong_protocol", "wrong_path", "timing", "failing")
)
RULES = (
    Rule(
        id="K8S-PROBE", title="A probe fails", causes=_CAUSES,
        reads="events Unhealthy; probes, ports and sibling probes of the container; readiness and restarts",
        page="Port: the probe asks for a port that the container does not declare. Protocol: the answer is no HTTP, TLS or "
        "gRPC, or a sibling probe on the same port speaks another one. Path: the answer is 401, 403, 404 or 405. Timing: "
        "a timeout of at most two seconds runs out, or a liveness probe gives up before the readiness probe begins. A probe "
        "that failed once and passes now weighs little.",
        check=_check,
    ),
    Rule(
        id="K8S-PROBE-PORT", title="A probe asks for a port that the container does not declare", causes=_CAUSES[::5],
        reads="probes and ports of pods and templates", page="Computed; reported by K8S-PROBE.", check=lambda _: (),
    ),
)  # fmt: skip
