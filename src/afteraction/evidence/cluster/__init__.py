"""The state of a cluster as evidence: rules on objects and events, and the consistency between objects, computed."""

from __future__ import annotations

from afteraction.evidence.cluster.judge import ClusterEvidence, cluster_evidence, cluster_findings, cluster_suspects
from afteraction.evidence.cluster.rules import RULES

__all__ = ["RULES", "ClusterEvidence", "cluster_evidence", "cluster_findings", "cluster_suspects"]
