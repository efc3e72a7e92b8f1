"""A script that saves what will vanish: what the person says of the cluster goes in, a POSIX shell script comes out.

Nothing is run here. The script only reads, goes on when a command fails, keeps every answer in a file whose name says
when it was taken, and notes beside the files which command made which (`usecases/freeze.py` reads that). How long each
thing lives stands beside it; what vanishes first is saved first.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from afteraction.errors import UsageError
from afteraction.usecases.freeze import CAPTURED


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanishing:
    """Something that can be saved now and not later: how long it lives, why, the file to save it to, the command."""

    what: str
    lives: str
    file: str
    command: str


_DURATION = re.compile(r"(\d+)([smhd])")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def vanishing(*, namespaces: Sequence[str] = (), since: str = "2h", prometheus: str = "") -> tuple[Vanishing, ...]:
    """Return what to save, what vanishes first first; without namespaces, of all of them.

    Lifetimes are the defaults of the products: Kubernetes API server `--event-ttl` 1 h; a container's previous log lives
    until its next restart, a deleted pod's is gone with it; Prometheus keeps 15 days.

    Raises:
        UsageError: when `since` is no duration such as 90m, or a namespace no name that Kubernetes knows.
    """
    seconds = _seconds(since)
    for name in namespaces:
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no name of a namespace: small letters, digits and hyphens")
    found = []
    for namespace in namespaces or ("",):
        where = f"-n {namespace}" if namespace else "-A"
        name = f"-{namespace}" if namespace else ""
        found += [
            Vanishing(what="events", lives="1 hour after they were seen", file=f"events{name}.yaml", command=f"kubectl get events {where} -o yaml"),
            Vanishing(what="pods and why they ended", lives="until the pod is replaced", file=f"pods{name}.yaml", command=f"kubectl get pods {where} -o yaml"),
            Vanishing(what="pods as described", lives="until the pod is replaced", file=f"describe-pods{name}.txt", command=f"kubectl describe pods {where}"),
            Vanishing(what="deployments and what changed them", lives="the last 10 rollouts", file=f"workloads{name}.yaml",
                      command=f"kubectl get deployments,statefulsets,daemonsets,replicasets,horizontalpodautoscalers {where} -o yaml"),
        ]  # fmt: skip
    found += [
        Vanishing(what="nodes", lives="until they are replaced", file="describe-nodes.txt", command="kubectl describe nodes"),
        Vanishing(what="use of the nodes", lives="1 minute", file="top-nodes.txt", command="kubectl top nodes"),
    ]  # fmt: skip
    if prometheus:
        query = f"--data-urlencode query=ALERTS --data-urlencode start=$((now - {seconds})) --data-urlencode end=$now --data-urlencode step=30"
        found.append(
            Vanishing(what="alerts of Prometheus", lives="15 days", file="alerts.json",
                      command=f"curl -fsSG {shlex.quote(prometheus.rstrip('/') + '/api/v1/query_range')} {query}")
        )  # fmt: skip
    return tuple(found)


def capture_script(wanted: Sequence[Vanishing], *, namespaces: Sequence[str] = (), since: str = "2h") -> str:
    """Return the script."""
    _seconds(since)
    steps = "".join(
        f"\n# {one.what}: lives {one.lives}\nsave {shlex.quote(one.file)} {shlex.quote(one.command)}\n"
        for one in wanted
    )
    return _SCRIPT.format(
        captured=CAPTURED,
        steps=steps,
        since=since,
        namespaces=" ".join(namespaces) or "''",
    )


def _seconds(text: str) -> int:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is no duration; give one such as 90m or 4h")
    return int(timedelta(**{_UNITS[found[2]]: int(found[1])}).total_seconds())


_SCRIPT = """#!/bin/sh
# Saves what will vanish. It only reads. Look through it, then run it at once: sh capture.sh [FOLDER]
# The folder then holds what you may give to `afteraction draft` and `afteraction material add`.
# Logs and manifests can hold secrets: the folder is for you alone.
umask 077
now=$(date -u +%s)
folder=${{1:-captured-$(date -u +%Y-%m-%dT%H-%M-%SZ)}}
mkdir -p "$folder" && cd "$folder" || exit 1

save() {{  # save FILE COMMAND: the time of capture comes into the file's name, before its ending
  at=$(date -u +%Y-%m-%dT%H-%M-%SZ)
  file="${{1%.*}}-$at.${{1##*.}}"
  if eval "$2" > "$file" 2> .error && [ -s "$file" ]; then
    printf '%s\\t%s\\t%s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$file" "$2" >> {captured}
    echo "saved $file" >&2
  else
    if [ ! -s "$file" ]; then rm -f "$file"; fi
    if [ -s .error ]; then touch .failed; echo "failed: $2: $(head -n 1 .error)" >&2; fi
  fi
  rm -f .error
}}
{steps}
# logs: the previous ones live until the next restart of the container, all until the pod is gone
for namespace in {namespaces}; do
  where=${{namespace:+-n $namespace}}
  kubectl get pods ${{where:--A}} -o \\
    'jsonpath={{range .items[*]}}{{range .status.containerStatuses[*]}}{{@.name}}{{" "}}{{@.restartCount}}{{" "}}{{end}}{{"|"}}{{.metadata.namespace}}{{" "}}{{.metadata.name}}{{"\\n"}}{{end}}' |
  while IFS='|' read -r containers pod; do
    set -- $pod
    space=$1 name=$2
    set -- $containers
    while [ $# -ge 2 ]; do
      if [ "$2" -gt 0 ]; then
        save "previous-$space-$name-$1.log" "kubectl logs -n $space $name -c $1 --previous --timestamps"
      fi
      save "log-$space-$name-$1.log" "kubectl logs -n $space $name -c $1 --since={since} --timestamps"
      shift 2
    done
  done
done
echo "all that was captured lies in $folder" >&2
if [ -e .failed ]; then rm -f .failed; exit 1; fi
"""
