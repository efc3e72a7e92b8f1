"""What to look at next for a suspect: the command or query that would confirm or clear it.

In: a change, or the signal that speaks loudest against a service. Out: one line. Refuses nothing.
"""

from __future__ import annotations

import re

from afteraction.evidence.candidates import Candidate
from afteraction.evidence.signals import Nature, Signal
from afteraction.model.event import ChangeKind
from afteraction.model.finding import FindingKind

_GIT_REF = re.compile(r"[0-9a-f]{7,64}|v?\d+(?:\.\d+)+(?:[-+][\w.]+)?")
"""A commit or a tag, as opposed to a number or name by which a deploy tool knows its release."""


def history_of(c: Candidate) -> str:
    """Say where a change's own record is: the repository for a commit or release, the cluster for a workload."""
    if re.fullmatch(r"(?:deployment|statefulset|daemonset)s/[\w.-]+", c.ref):
        return f"kubectl rollout history {c.ref}"
    known_to_git = c.kind is ChangeKind.COMMIT or (c.kind is ChangeKind.DEPLOY and _GIT_REF.fullmatch(c.ref))
    return f"git show {c.ref}" if known_to_git else f"the history of {c.ref}"


def look_at(s: Signal) -> str:
    """What to look at next for a service, by what spoke against it."""
    if s.kind is FindingKind.TRACE:
        return f"the cited trace, and the slowest spans of {s.peer or s.service} since then"
    if s.kind is FindingKind.LOG:
        return f"the lines around {s.citations[0]}, and what {s.peer or s.service} did in the same request"
    if s.nature is Nature.SATURATION:
        return f"what runs in {s.service} (a profile, a heap dump), and what it was given to do since then"
    return f"{s.terms[0] if s.terms else 'the metric'} of {s.service} by instance and route, and its logs since then"
