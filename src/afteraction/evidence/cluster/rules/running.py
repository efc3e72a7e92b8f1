"""Rules on containers that start and do not stay: out of memory, crashing, wrong commands, init containers, eviction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from afteraction.evidence.cluster.claim import Claim, Depth, Rule
from afteraction.evidence.cluster.items import Cluster, Item, app_name
from afteraction.evidence.cluster.last_words import CAUSES as LAST_WORDS
from afteraction.evidence.cluster.pods import Run, containers, exit_words, is_chronic, is_ended, is_ready, runs
from afteraction.evidence.cluster.shape import mapping

_COMMAND = re.compile(
    r"executable file not found|no such file or directory|exec format error|exec: |permission denied", re.IGNORECASE
)
_START_FAILED = {"RunContainerError", "CreateContainerError", "ContainerCannotRun", "StartError", "PostStartHookError"}
_QUALIFIES = {"CrashLoopBackOff", "Error", *_START_FAILED}


def _limit(pod: Item, container: str, resource: str = "memory") -> str:
    for one in containers(pod.get("spec", {})):
        if not container or one.get("name") == container:
            return str(mapping((one.get("resources") or {}).get("limits")).get(resource, ""))
    return ""


def _oom(cluster: Cluster) -> Iterator[Claim]:
    seen: set[str] = set()
    for pod in cluster.all("Pod"):
        for run in runs(pod):
            killed = "OOMKilled" in {run.ended.get("reason"), run.ended_before.get("reason"), run.waiting}
            app = cluster.app(pod)
            if not killed or app in seen:
                continue
            seen.add(app)
            limit = _limit(pod, run.container)
            detail = f" at its limit of {limit}" if limit else ""
            times = f", restarted {run.restarts} times" if run.restarts else ""
            shown = [pod.cite("OOMKilled")] + ([pod.cite("memory:", limit)] if limit and pod.described else [])
            healthy = bool(is_ready(pod)) and run.restarts < 3
            yield Claim(
                rule="K8S-OOM", ref=f"app/{app}", cause="oom_killed", weight=0.6 if healthy else 0.92,
                summary=f"{app} was killed because it ran out of memory{detail}{times}",
                cited=tuple(dict.fromkeys(shown)), namespace=pod.namespace, chronic=is_chronic(pod),
                look_next=f"kubectl top pod {pod.name} --containers",
            )  # fmt: skip
    for note in cluster.notes:
        if note.reason in {"OOMKilling", "SystemOOM"} or "OOMKill" in f"{note.reason} {note.message}":
            ref = (
                f"node/{note.name}"
                if note.kind == "Node"
                else f"app/{app_name(cluster, note.kind, note.name, note.namespace)}"
            )
            if ref not in {f"app/{app}" for app in seen}:
                yield Claim(
                    rule="K8S-OOM", ref=ref, cause="oom_killed", weight=0.6, cited=(note.cited,),
                    summary=f"{ref.partition('/')[2]} ran out of memory: {note.message[:160]}", namespace=note.namespace,
                )  # fmt: skip


def _crash(cluster: Cluster) -> Iterator[Claim]:
    seen: set[str] = set()
    for pod in cluster.all("Pod"):
        if is_ended(pod):
            continue
        for run in runs(pod):
            app = cluster.app(pod)
            if app in seen or not _is_crashing(cluster, pod, run):
                continue
            seen.add(app)
            yield _crash_claim(cluster, pod, run, app)


def _is_crashing(cluster: Cluster, pod: Item, run: Run) -> bool:
    if run.waiting in _QUALIFIES or run.ended.get("reason") in _QUALIFIES:
        return True
    if run.ended and int(run.ended.get("exitCode") or 0) != 0:
        return True
    backed_off = any("restarting failed" in note.message for note in cluster.notes_on(pod, "BackOff"))
    return backed_off and run.ready is False and bool(run.ended_before)


def _crash_claim(cluster: Cluster, pod: Item, run: Run, app: str) -> Claim:
    words = exit_words(run)
    told = " ".join([run.message, str(run.ended.get("message", "")), str(run.ended_before.get("message", ""))])
    notes = [
        note for note in cluster.notes_on(pod, "Failed", "BackOff", "FailedPostStartHook") if "pull" not in note.message
    ]
    told += " ".join(note.message for note in notes if note.reason != "BackOff")
    code = (run.ended or run.ended_before).get("exitCode")
    cause = "crash_looping"
    if code == 127 or (_COMMAND.search(told) and "permission denied" not in told.lower()):
        cause = "wrong_command"
    elif code == 126 or "permission denied" in told.lower():
        cause = "permission_denied"
    elif code == 0:
        cause = "command_ends"
    elif run.init:
        cause = "init_container_failed"
    where = (
        f"init container {run.container}"
        if run.init and run.container
        else f"container {run.container}"
        if run.container
        else "its container"
    )
    state = run.waiting or str((run.ended or run.ended_before).get("reason", "")) or "failing"
    times = f", restarted {run.restarts} times" if run.restarts else ""
    said = _reason_in(told)
    command = _command(pod, run)
    summary = f"{app} keeps failing: {where} is in {state}{times}" + (f" ({words})" if words and words != state else "")
    summary += (
        f": {said}"
        if said
        else f", its command is {command}"
        if cause in {"wrong_command", "command_ends"} and command
        else ""
    )
    shown = [pod.cite(state)] + ([pod.cite("xit", code)] if code is not None and pod.described else [])
    shown += [note.cited for note in notes[:1]]
    sure = cause in {"wrong_command", "permission_denied"}
    return Claim(
        rule="K8S-INIT" if run.init else "K8S-CRASH", ref=f"app/{app}", cause=cause, weight=0.85 if sure else 0.62,
        summary=summary, cited=tuple(dict.fromkeys(shown)), depth=Depth.CAUSE if sure else Depth.FAILURE,
        namespace=pod.namespace, chronic=is_chronic(pod), look_next=f"kubectl logs {pod.name} --previous",
    )  # fmt: skip


def _command(pod: Item, run: Run) -> str:
    for path in ("spec.initContainers", "spec.containers"):
        for one in pod.get(path, ()):
            if one.get("name") == run.container and (one.get("command") or one.get("args")):
                return " ".join(str(part) for part in [*(one.get("command") or ()), *(one.get("args") or ())])[:120]
    return ""


def _reason_in(told: str) -> str:
    """The core of a runtime's long message: from `exec:`, `stat` or the last quoted cause on."""
    found = re.search(r"(exec: .*|stat \S+: .*|open \S+: permission denied.*|error mounting .*|chdir.*)", told)
    return found.group(1).strip()[:200].rstrip('"') if found else ""


def _init(cluster: Cluster) -> Iterator[Claim]:
    """Init containers that wait: the pod is neither failing nor starting."""
    seen: set[str] = set()
    for pod in cluster.all("Pod"):
        app = cluster.app(pod)
        shown = str(pod.get("status.printed", ""))
        waits = re.fullmatch(r"Init:\d+/\d+", shown)
        running = [run for run in runs(pod) if run.init and run.running]
        if app in seen or not (waits or running):
            continue
        seen.add(app)
        name = running[0].container if running else ""
        spec: Mapping[str, Any] = next(
            (one for one in pod.get("spec.initContainers", ()) if one.get("name") == name), {}
        )
        command = " ".join(str(part) for part in [*(spec.get("command") or ()), *(spec.get("args") or ())])[:160]
        summary = f"{app} has not started: init container {name} is still running" + (f": {command}" if command else "")
        yield Claim(
            rule="K8S-INIT-WAITS", ref=f"app/{app}", cause="init_container_waiting", weight=0.4, summary=summary,
            cited=(pod.cite(shown if waits else name),), depth=Depth.SYMPTOM, namespace=pod.namespace,
            look_next=f"kubectl logs {pod.name} -c {name}", chronic=is_chronic(pod),
        )  # fmt: skip


def _evicted(cluster: Cluster) -> Iterator[Claim]:
    seen: set[tuple[str, str]] = set()
    for pod in cluster.all("Pod"):
        notes = cluster.notes_on(pod, "Evicted", "Preempted", "Preempting", "TaintManagerEviction")
        if pod.get("status.reason") != "Evicted" and not notes:
            continue
        app = cluster.app(pod)
        message = str(pod.get("status.message", "")) or (notes[0].message if notes else "")
        if (app, "evicted") in seen:
            continue
        seen.add((app, "evicted"))
        resource = re.search(r"low on resource: ([\w-]+)|(\w+) usage exceeds|(ephemeral)", message)
        what = next((group for group in resource.groups() if group), "") if resource else ""
        shown = [note.cited for note in notes[:1]] or [pod.cite("Evicted")]
        yield Claim(
            rule="K8S-EVICTED", ref=f"app/{app}", cause="evicted", weight=0.7, cited=tuple(shown),
            summary=f"{app} was evicted" + (f": the node was low on {what}" if what else "") + (f" ({message[:160]})" if message else ""),
            depth=Depth.FAILURE, namespace=pod.namespace, look_next="kubectl describe node, section Conditions",
        )  # fmt: skip
    for note in cluster.notes:
        if note.reason in {"Evicted", "EvictionThresholdMet"} and not cluster.find(
            note.kind, note.name, note.namespace
        ):
            ref = (
                f"node/{note.name}"
                if note.kind == "Node"
                else f"app/{app_name(cluster, note.kind, note.name, note.namespace)}"
            )
            yield Claim(
                rule="K8S-EVICTED", ref=ref, cause="evicted", weight=0.65, cited=(note.cited,), depth=Depth.FAILURE,
                summary=f"{ref.partition('/')[2]}: {note.message[:200]}", namespace=note.namespace,
            )  # fmt: skip


def _not_ready(cluster: Cluster) -> Iterator[Claim]:
    seen: set[str] = set()
    for pod in cluster.all("Pod"):
        app = cluster.app(pod)
        phase = pod.get("status.phase")
        if app in seen or is_ended(pod) or is_ready(pod) is not False:
            continue
        seen.add(app)
        state = (
            str(pod.get("status.printed", ""))
            or next((run.waiting for run in runs(pod) if run.waiting), "")
            or phase
            or ""
        )
        yield Claim(
            rule="K8S-NOT-READY", ref=f"app/{app}", cause="pod_not_ready", weight=0.3, depth=Depth.SYMPTOM,
            summary=f"{app} is not ready (pod {pod.name}{', ' + state if state else ''})", namespace=pod.namespace,
            cited=(pod.cite(*(["Ready", "False"] if pod.described else [state])),), chronic=is_chronic(pod),
        )  # fmt: skip


def _unknown(cluster: Cluster) -> Iterator[Claim]:
    for pod in cluster.all("Pod"):
        if pod.get("status.phase") == "Unknown" or pod.get("metadata.deletionTimestamp"):
            app = cluster.app(pod)
            stuck = bool(pod.get("metadata.deletionTimestamp"))
            said = "is being deleted and is not gone" if stuck else "is in state Unknown: its node does not report"
            yield Claim(
                rule="K8S-POD-LOST", ref=f"app/{app}", cause="pod_terminating" if stuck else "pod_unknown", weight=0.3,
                summary=f"pod {pod.name} {said}", cited=(pod.cite("Terminating" if stuck else "Unknown"),),
                depth=Depth.SYMPTOM, namespace=pod.namespace, chronic=is_chronic(pod),
            )  # fmt: skip


def _restarted(cluster: Cluster) -> Iterator[Claim]:
    """Containers that run now and ended badly before: a weak sign, and the only one that a recovered pod leaves."""
    seen: set[str] = set()
    for pod in cluster.all("Pod"):
        for run in runs(pod):
            code = run.ended_before.get("exitCode")
            app = cluster.app(pod)
            if app in seen or not run.running or code in {None, 0} or run.ended_before.get("reason") == "OOMKilled":
                continue
            seen.add(app)
            ready = is_ready(pod) is not False
            yield Claim(
                rule="K8S-RESTARTED", ref=f"app/{app}", cause="container_restarted", weight=0.25 if ready else 0.5,
                summary=f"{app} was restarted {run.restarts} times; its container ended with {exit_words(run)}",
                cited=(pod.cite("xit", code),), depth=Depth.SYMPTOM if ready else Depth.FAILURE,
                namespace=pod.namespace, look_next=f"kubectl logs {pod.name} --previous",
            )  # fmt: skip


RULES = (
    Rule(
        id="K8S-OOM", title="A container ran out of memory", causes=("oom_killed",),
        reads="terminated states of reason OOMKilled, now or before; events OOMKilling and SystemOOM; memory limits",
        page="The limit is named beside it. A pod that is ready again after one or two kills weighs less.",
        check=_oom,
    ),
    Rule(
        id="K8S-CRASH", title="A container keeps failing",
        causes=tuple(dict.fromkeys(("crash_looping", "wrong_command", "permission_denied", "command_ends", "init_container_failed", *LAST_WORDS))),
        reads="waiting and terminated states, exit codes, events BackOff and Failed",
        page="Exit codes are put into words. A command that cannot be executed is a cause; a program that reports an "
        "error is a failure whose cause stands in its log: the last line there that complains is cited, and some such lines "
        "name the cause class.",
        check=_crash,
    ),
    Rule(
        id="K8S-INIT", title="An init container keeps failing",
        causes=tuple(dict.fromkeys(("init_container_failed", "wrong_command", "permission_denied", "command_ends", *LAST_WORDS))),
        reads="as K8S-CRASH, of init containers", page="Reported by K8S-CRASH.", check=lambda _: (),
    ),
    Rule(
        id="K8S-INIT-WAITS", title="An init container is still waiting", causes=("init_container_waiting", *LAST_WORDS),
        reads="states of init containers", page="Most often it waits for something else that is down.", check=_init,
    ),
    Rule(
        id="K8S-EVICTED", title="A pod was evicted", causes=("evicted",),
        reads="pod status of reason Evicted; events Evicted, Preempted, EvictionThresholdMet",
        page="Names the resource that the node ran low on.", check=_evicted,
    ),
    Rule(
        id="K8S-NOT-READY", title="A pod is not ready", causes=("pod_not_ready",),
        reads="condition Ready, column READY", page="A symptom: some other rule should say why.", check=_not_ready,
    ),
    Rule(
        id="K8S-POD-LOST", title="A pod is in state Unknown or does not go away", causes=("pod_unknown", "pod_terminating"),
        reads="pod phase, deletion time", page="A symptom of a node that does not report, or of a finalizer.", check=_unknown,
    ),
    Rule(
        id="K8S-RESTARTED", title="A running container ended badly before", causes=("container_restarted", *LAST_WORDS),
        reads="last state of containers", page="A weak sign.", check=_restarted,
    ),
)  # fmt: skip
