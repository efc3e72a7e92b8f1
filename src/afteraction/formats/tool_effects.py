"""What an agent's tool does to a system: by the hints that its server gives, else by the verb in its name.

The hints are those of the Model Context Protocol (`readOnlyHint`, `destructiveHint`); a server that gives hints and does
not say read-only means, by the protocol's defaults, that the tool may change things. A name is weaker evidence: a reading
verb and no changing one is diagnostic, the reverse is state-changing, both or neither is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from afteraction.formats.command_table import VERBS_CHANGE, VERBS_READ
from afteraction.model.event import Effect

_READS = VERBS_READ | frozenset(
    [
        "find",
        "fetch",
        "analyze",
        "analyse",
        "inspect",
        "compare",
        "tail",
        "count",
        "summarize",
        "summarise",
        "browse",
        "grep",
        "trace",
        "lookup",
        "watch",
        "monitor",
        "retrieve",
        "load",
        "recall",
    ]
)
_CHANGES = (VERBS_CHANGE | frozenset(["write", "edit", "kill", "undo", "revert", "toggle", "taint", "uncordon", "annotate", "label", "install", "uninstall", "exec", "shutdown", "increase", "decrease", "insert", "drop", "pause", "resume", "suspend", "flush", "clear", "ack", "acknowledge", "silence", "merge", "commit", "insert", "truncate", "rollout"])) - {
    "run", "execute", "invoke", "send", "add", "release", "import", "move", "tag", "set", "exec"
}  # fmt: skip
_WEAK_CHANGES = frozenset({"set", "add", "send", "tag", "move"})
"""Words that are verbs at the start of a name only (`set_replicas`), and nouns elsewhere (`stateful_set_list`)."""


def effect_by_annotations(hints: Mapping[str, Any]) -> Effect:
    """Judge a tool by its annotations."""
    return Effect.DIAGNOSTIC if hints.get("readOnlyHint") is True else Effect.STATE_CHANGING


def effect_by_name(tool: str) -> Effect:
    """Judge a tool by the verbs in its name (`pods_list`, `restartService`, `k8s.rollback-deployment`)."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", tool[:200])
    words = [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]
    changes = bool(_CHANGES & set(words)) or (bool(words) and words[0] in _WEAK_CHANGES)
    reads = bool(_READS & set(words))
    if changes == reads:
        return Effect.UNKNOWN
    return Effect.STATE_CHANGING if changes else Effect.DIAGNOSTIC
