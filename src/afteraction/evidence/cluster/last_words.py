"""The last words of a container that fails: the last line of its log that complains is added to what is claimed of it.

In come a claim and the logs; out goes the claim, with the line cited when there is one. Only logs that belong to the
claim's app are read, and only their ends are kept.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from afteraction.evidence.cluster.claim import Claim, Depth
from afteraction.evidence.cluster.items import Cited, Cluster
from afteraction.model.log import LogFile
from afteraction.model.origin import Origin

_UNEXPLAINED = frozenset(
    (
        "crash_looping",
        "command_ends",
        "init_container_failed",
        "init_container_waiting",
        "job_failed",
        "container_restarted",
    )
)
"""Causes that say that a program failed and not why."""
_COMPLAINT = re.compile(
    r"\b(?:error|fatal|panic|critical|exception|failed|failure|refused|denied|undefined|could not|cannot|unable to|not found|no such|missing|invalid|unknown|timed? ?out)\b"
    r"|\w(?:Error|Exception)\b",
    re.IGNORECASE,
)
_TELLING = tuple(
    (cause, re.compile(pattern, re.IGNORECASE))
    for cause, pattern in (
        ("wrong_architecture", r"exec format error"),
        ("wrong_command", r"(?:executable file|command) not found|: not found$|no such file or directory.*(?:entrypoint|exec)"),
        ("permission_denied", r"permission denied|operation not permitted|EACCES"),
        ("port_conflict", r"address already in use|EADDRINUSE|port is already allocated"),
        ("disk_full", r"no space left on device|ENOSPC|disk (?:is )?full|disk quota exceeded"),
        ("read_only_file_system", r"read-only file system|EROFS"),
        ("dns_failure", r"no such host|could not resolve host|temporary failure in name resolution|name or service not known|EAI_AGAIN|ENOTFOUND"),
        ("wrong_credentials", r"access denied for user|password authentication failed|authentication failed|invalid (?:user ?name|password|credentials)|NOAUTH|WRONGPASS"),
        ("missing_environment", r"environment variable|env(?:ironment)? var\b.*(?:not set|missing|undefined|required)|must be set|is (?:not set|undefined|required)"),
        ("certificate", r"x509: certificate|certificate (?:has )?expired|certificate verify failed"),
        ("dependency_unreachable", r"connection refused|ECONNREFUSED|no route to host|network is unreachable|i/o timeout|connection timed out|ETIMEDOUT"),
    )
)  # fmt: skip
"""What a last complaint says of the cause in words that runtimes, C libraries and databases share."""
CAUSES = tuple(cause for cause, _ in _TELLING)
_END = 200
"""How many lines of the end are looked at: a stack trace and what led to it."""
_LARGEST = 256 * 1024 * 1024
"""Logs beyond this are the log engine's; a container that keeps failing writes little."""


def last_words(cluster: Cluster, claim: Claim, logs: Sequence[LogFile]) -> Claim:
    """Add the last complaint in the log of the claim's app, when the claim itself does not say why."""
    if claim.cause not in _UNEXPLAINED or not logs:
        return claim
    app = claim.ref.partition("/")[2]
    pods = [pod.name for pod in cluster.all("Pod") if cluster.app(pod) == app]
    for log in logs:
        if (log.service == app or any(name in log.name for name in pods)) and (log.size or 0) <= _LARGEST:
            cited = _complaint(log)
            if cited is not None:
                said = cited.text.strip()
                sure = next((cause for cause, pattern in _TELLING if pattern.search(said)), "")
                told = replace(
                    claim, summary=f"{claim.summary}; its log says: {said[:200]}", cited=(*claim.cited, cited)
                )
                return replace(told, cause=sure, weight=max(0.8, claim.weight), depth=Depth.CAUSE) if sure else told
    return claim


def _complaint(log: LogFile) -> Cited | None:
    end: deque[tuple[int, bytes]] = deque(maxlen=_END)
    with log.open() as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                end.append((number, line[:4096]))
    lines = [(number, line.decode("utf-8", "replace").rstrip()) for number, line in end]
    found = next(((number, line) for number, line in reversed(lines) if _complains(line)), None)
    if found is None and len(lines) <= 3:
        found = lines[-1] if lines else None
    if found is None:
        return None
    at, said = found
    return Cited(Origin(file=log.name, line=at, line_end=at), said)


def _complains(line: str) -> bool:
    return bool(_COMPLAINT.search(line)) or any(pattern.search(line) for _, pattern in _TELLING)
