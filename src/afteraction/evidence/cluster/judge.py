"""Claims become findings and ranked suspects: causes before failures, failures before symptoms, each with its lines.

In come cluster objects, events and, if there are some, logs; out go findings (`k1`, `k2`, ... in order of weight) and
suspects that cite them. A claim that another one explains keeps its place in the record and loses weight. Refuses
nothing; nothing wrong yields nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from afteraction.evidence.cluster.claim import Claim, Depth
from afteraction.evidence.cluster.items import Cited, Cluster, Note, build_cluster
from afteraction.evidence.cluster.last_words import last_words
from afteraction.evidence.cluster.pods import runs
from afteraction.evidence.cluster.rules import RULES
from afteraction.evidence.cluster.rules.configuration import called_hosts, service_at
from afteraction.formats.kubectl import looks_like_kubectl, read_kubectl
from afteraction.formats.stamps import parse_stamp
from afteraction.model.cluster import ClusterObject
from afteraction.model.event import Call, Event, EventKind, Warned
from afteraction.model.finding import Finding, FindingKind, Suspect, SuspectKind
from afteraction.model.log import LogFile
from afteraction.model.origin import Origin, Precision

CHRONIC = 0.55
"""What is left of a claim's weight when the trouble is days old and so began before the incident did."""
EXPLAINED = 0.5
"""What is left of a failure's or symptom's weight when a cause elsewhere explains it."""
SYMPTOM_CEILING = 0.35
"""No suspect rests on symptoms alone with more than this."""
_OF_CONTAINERS = frozenset(("K8S-OOM", "K8S-CRASH", "K8S-INIT", "K8S-RESTARTED"))
FLOOR = 0.15
"""Suspects below this are left out; their findings stay."""


@dataclass(frozen=True, slots=True)
class ClusterEvidence:
    """What the state of a cluster says: findings in order of weight, and suspects that cite them."""

    findings: tuple[Finding, ...] = ()
    suspects: tuple[Suspect, ...] = ()


def cluster_evidence(
    objects: Sequence[ClusterObject], events: Sequence[Event] = (), logs: Sequence[LogFile] = ()
) -> ClusterEvidence:
    """Apply every rule to the merged cluster and rank what they claim."""
    cluster = build_cluster([*objects, *_printed_by_calls(events)], list(_notes_of(events)))
    claims = [claim for rule in RULES for claim in rule.check(cluster)]
    claims = [last_words(cluster, claim, logs) for claim in claims]
    return _present([(weight, _timed(cluster, claim)) for weight, claim in _weighed(cluster, _once(claims))])


def cluster_findings(objects: Sequence[ClusterObject], events: Sequence[Event] = ()) -> tuple[Finding, ...]:
    """Only the findings of `cluster_evidence`."""
    return cluster_evidence(objects, events).findings


def cluster_suspects(objects: Sequence[ClusterObject], events: Sequence[Event] = ()) -> tuple[Suspect, ...]:
    """Only the suspects of `cluster_evidence`."""
    return cluster_evidence(objects, events).suspects


def _printed_by_calls(events: Iterable[Event]) -> Iterable[ClusterObject]:
    """What kubectl printed in commands and tool calls that were recorded; the time of the call is the capture time."""
    for event in events:
        call = event.detail
        if not isinstance(call, Call) or not call.result:
            continue
        asked = f"{call.command.strip()}\n" if "kubectl" in call.command else ""
        if not asked and not looks_like_kubectl(call.result):
            continue
        known = event.at if event.precision is not Precision.UNKNOWN else None
        for found in read_kubectl(asked + call.result, event.origin.file, captured=known).objects:
            yield replace(found, origin=_within(found.origin, event.origin, 1 if asked else 0))


def _within(printed: Origin, call: Origin, asked: int) -> Origin:
    """Where a line of a call's output stands in the file: below the command, when each line was kept; else at the call."""
    if call.line is None or call.line_end is None or printed.line is None or call.line_end == call.line:
        return call
    first = min(call.line + printed.line - asked, call.line_end)
    return replace(
        call, line=first, line_end=min(call.line + (printed.line_end or printed.line) - asked, call.line_end)
    )


def _notes_of(events: Iterable[Event]) -> Iterable[Note]:
    """Warnings that came as events; the same ones that came as objects are told apart when the cluster is built."""
    for event in events:
        if event.kind is EventKind.WARNING and isinstance(event.detail, Warned) and "/" in event.detail.object_ref:
            kind, _, name = event.detail.object_ref.partition("/")
            message = event.text.partition(": ")[2] or event.text
            yield Note(
                kind=kind, name=name, namespace="", reason=event.detail.reason, message=message, warning=True,
                count=event.detail.count, cited=Cited(event.origin, event.text),
            )  # fmt: skip


def _once(claims: Iterable[Claim]) -> list[Claim]:
    """One claim for each cause of an object: the strongest, with the lines of all."""
    found: dict[tuple[str, str], Claim] = {}
    for claim in sorted(claims, key=lambda one: -one.weight):
        key = (claim.ref, claim.cause)
        held = found.get(key)
        if held is None:
            found[key] = claim
        else:
            cited = tuple(dict.fromkeys((*held.cited, *claim.cited)))[:6]
            found[key] = replace(held, cited=cited, hurts=tuple(dict.fromkeys((*held.hurts, *claim.hurts))))
    return list(found.values())


def _weighed(cluster: Cluster, claims: Sequence[Claim]) -> list[tuple[float, Claim]]:
    """Every claim with the weight that is left to it when the others are known."""
    explained = _explained(cluster, claims)
    caused = {claim.ref for claim in claims if claim.depth is Depth.CAUSE and claim.weight >= 0.5}
    weighed = []
    for claim in claims:
        weight = claim.weight
        if claim.chronic:
            weight *= CHRONIC
        if claim.depth is not Depth.CAUSE and (claim.ref in explained or claim.ref in caused):
            weight *= EXPLAINED
        weighed.append((round(weight, 3), claim))
    return sorted(weighed, key=lambda pair: (-pair[0], pair[1].depth, pair[1].ref, pair[1].cause))


def _explained(cluster: Cluster, claims: Sequence[Claim]) -> set[str]:
    """The refs whose trouble follows from a cause elsewhere: on their node, in their namespace, in what they call."""
    strong = [claim for claim in claims if claim.depth is Depth.CAUSE and claim.weight >= 0.5]
    hurt = {ref for claim in strong for ref in claim.hurts if ref != claim.ref}
    causes = {claim.ref for claim in strong}
    for app, called in _calls(cluster).items():
        if f"app/{app}" not in causes and any(f"app/{one}" in causes for one in called):
            hurt.add(f"app/{app}")
    return hurt


def _timed(cluster: Cluster, claim: Claim) -> Claim:
    """A claim without a time gets the latest one of the events that it cites, else of its app's last ended container."""
    if claim.at is not None:
        return claim
    cited = {one.origin for one in claim.cited}
    times = [note.at for note in cluster.notes if note.at is not None and note.cited.origin in cited]
    if not times and claim.ref.startswith("app/") and claim.rule in _OF_CONTAINERS:
        app = claim.ref.partition("/")[2]
        ended = [
            run.ended or run.ended_before for pod in cluster.all("Pod") if cluster.app(pod) == app for run in runs(pod)
        ]
        stamps = [parse_stamp(str(one.get("finishedAt", ""))) for one in ended]
        times = [stamp.at for stamp in stamps if stamp is not None]
    return replace(claim, at=max(times)) if times else claim


def _calls(cluster: Cluster) -> Mapping[str, set[str]]:
    """Who calls whom, by the addresses in the environment of pods and templates."""
    calls: dict[str, set[str]] = defaultdict(set)
    for item, spec, _ in cluster.templates():
        for host in called_hosts(spec):
            service = service_at(cluster, host, item.namespace)
            calls[cluster.app(item)].add(service.name if service is not None else host.partition(".")[0])
    return calls


def _present(weighed: Sequence[tuple[float, Claim]]) -> ClusterEvidence:
    findings: list[Finding] = []
    by_ref: dict[str, list[tuple[float, Claim, str]]] = defaultdict(list)
    for number, (weight, claim) in enumerate(weighed, 1):
        name = f"k{number}"
        kind, _, bare = claim.ref.partition("/")
        cited = [one for one in claim.cited if one.text or one.origin.line is not None]
        findings.append(
            Finding(
                id=name,
                kind=FindingKind.CLUSTER,
                summary=f"{claim.summary} [{claim.cause}]",
                rule=claim.rule,
                citations=tuple(one.origin for one in cited),
                excerpt=tuple(one.text for one in cited if one.text),
                service=bare if kind == "app" else "",
                weight=weight,
                count=claim.count,
                at=claim.at,
            )
        )
        by_ref[claim.ref].append((weight, claim, name))
    suspects = [_suspect(ref, group) for ref, group in by_ref.items()]
    ranked = sorted((one for one in suspects if one.score >= FLOOR), key=lambda one: (-one.score, one.ref))
    return ClusterEvidence(
        findings=tuple(findings), suspects=tuple(replace(one, rank=rank) for rank, one in enumerate(ranked, 1))
    )


def _suspect(ref: str, group: Sequence[tuple[float, Claim, str]]) -> Suspect:
    """One suspect for each object, led by its weightiest claim."""
    score, lead, _ = group[0]
    if lead.depth is Depth.SYMPTOM:
        score = min(score, SYMPTOM_CEILING)
    kind, _, name = ref.partition("/")
    service = name if kind == "app" else next((one.partition("/")[2] for one in lead.hurts), "")
    return Suspect(
        rank=0, kind=SuspectKind.HOST if kind == "node" else SuspectKind.RESOURCE, ref=ref, service=service,
        score=score, why=lead.summary, evidence=tuple(name for _, _, name in group), look_next=lead.look_next,
        cause_class=lead.cause, at=lead.at,
    )  # fmt: skip
