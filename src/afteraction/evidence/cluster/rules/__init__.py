"""All rules, in the order of the docs page: `RULES` is the register that everything else reads."""

from __future__ import annotations

from afteraction.evidence.cluster.claim import Rule
from afteraction.evidence.cluster.rules import (
    admission,
    configuration,
    images,
    network,
    nodes,
    probes,
    routing,
    running,
    scheduling,
    storage,
    workloads,
)

RULES: tuple[Rule, ...] = (
    *configuration.RULES,
    *images.RULES,
    *running.RULES,
    *probes.RULES,
    *scheduling.RULES,
    *storage.RULES,
    *admission.RULES,
    *routing.RULES,
    *network.RULES,
    *nodes.RULES,
    *workloads.RULES,
)
