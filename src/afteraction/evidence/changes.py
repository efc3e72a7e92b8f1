"""Which change could have caused what is seen: points for and against each, never the newest by default.

In: events that are changes, and the incident as seen. Out: candidates with points (log-odds, natural) and the
sentences behind them. What speaks for a change is that what it does can do this (mechanism, words, stack frames,
values, a series that began to move when it went live), where it went, and only little that it was recent; what rules
it out is that it came later, cannot act at run time, or went elsewhere. Refuses nothing.
"""

from __future__ import annotations

import math

from afteraction.evidence.candidates import Candidate
from afteraction.evidence.diffs import restated
from afteraction.evidence.mechanisms import Mechanism
from afteraction.evidence.metrics.nature import nature_of
from afteraction.evidence.said import frequencies, literal_said, version_said, weigh_said
from afteraction.evidence.seen import Precursor, Seen
from afteraction.evidence.signals import Nature
from afteraction.evidence.symptoms import BY_NAME
from afteraction.evidence.weights import WEIGHTS, Weights
from afteraction.model.event import ChangeKind

_HEARD = 0.15
"""The share of the symptoms from which a class of them counts in full."""
_CALLS_MORE = frozenset(
    {
        Mechanism.WAIT_CHANGED,
        Mechanism.HANDLING_REMOVED,
        Mechanism.CALL_IN_LOOP,
        Mechanism.CACHE_CHANGED,
        Mechanism.NEW_QUERY,
        Mechanism.VALUE_CHANGED,
    }
)
"""What changes how often a service calls others."""


def weigh_changes(found: list[Candidate], seen: Seen, weights: Weights = WEIGHTS) -> list[Candidate]:
    """Give every candidate its points against what is seen; best first."""
    frequency = frequencies(found)
    any_deploy = any(c.deployed for c in found)
    for candidate in found:
        _weigh_time(candidate, seen, weights, any_deploy=any_deploy)
        if candidate.ruled_out:
            continue
        _weigh_place(candidate, seen, weights)
        _weigh_content(candidate, seen, weights)
        weigh_said(candidate, seen, weights, frequency, total=len(found))
        _weigh_precursors(candidate, seen, weights)
        _weigh_quiet(candidate, found, seen, weights)
    return sorted(found, key=lambda c: (bool(c.ruled_out), -c.points))


def _weigh_time(c: Candidate, seen: Seen, worth: Weights, *, any_deploy: bool) -> None:
    if math.isinf(c.at):
        c.ruled_out = "it was not deployed anywhere before the material ends"
    elif seen.onset is not None and c.at > seen.onset + max(seen.slack, 1.0):
        c.ruled_out = f"it went live {_span(c.at - seen.onset)} after the symptoms had begun"
    if c.ruled_out:
        c.weigh(worth.came_later, c.ruled_out)
        return
    if any_deploy and not c.deployed and c.kind is ChangeKind.COMMIT:
        c.weigh(worth.undeployed, "no deploy names it; it can only have gone out with another build")
    if seen.onset is not None:
        lag = max(0.0, seen.onset - c.at)
        c.weigh(worth.lag * math.log1p(lag / 900.0), f"{_span(lag)} lie between it and the symptoms")


def _weigh_place(c: Candidate, seen: Seen, worth: Weights) -> None:
    if not c.service or not seen.blamed:
        return
    share = seen.share(c.service)
    origin = seen.blamed[0].service
    if c.service == origin:
        c.weigh(worth.at_origin, f"it went to {c.service}, where the trouble starts")
    elif share >= 0.3:
        c.weigh(worth.among_first * share, f"it went to {c.service}, which is among the first to suffer")
    elif c.service in seen.graph.below(origin):
        c.weigh(worth.below_origin, f"it went to {c.service}, on which {origin} depends")
    elif grown := _calls_more(c, seen, origin):
        c.weigh(worth.calls_more, grown, specific=True)
    elif seen.hurt(c.service):
        c.weigh(worth.only_caller, f"{c.service} suffers only as a caller of {origin}")
    elif named := version_said(c, seen):
        c.weigh(worth.said_version, named, specific=True)
    elif not _acts_elsewhere(c, seen) and not literal_said(c.delta, seen):
        c.weigh(worth.nothing_wrong, f"it went to {c.service}, where nothing is wrong")


def _calls_more(c: Candidate, seen: Seen, origin: str) -> str:
    """Say that a caller calls the origin more often, where the change decides how often it calls; else nothing."""
    if not c.delta.mechanisms & _CALLS_MORE or origin not in seen.graph.below(c.service):
        return ""
    grown = {
        p.service: p
        for p in seen.precursors
        if 0 < 1.5 * p.before <= p.after and p.at >= c.at - p.step and nature_of(p.metric).nature is Nature.THROUGHPUT
    }
    # Seen at the caller's end, or at the origin while nobody calls the caller more often.
    p = grown.get(c.service) or (None if grown.keys() & seen.graph.above(origin) else grown.get(origin))
    return (
        f"it went to {c.service}, which calls {origin} {p.after / p.before:.1f} times as often ({p.metric})"
        if p
        else ""
    )


def _weigh_content(c: Candidate, seen: Seen, worth: Weights) -> None:
    mechanisms = c.delta.mechanisms
    if Mechanism.INERT in mechanisms:
        c.weigh(worth.inert, "it touches documentation, tests, tooling or looks only, nothing that runs")
        return
    best, name, how = 0.0, "", ""
    for label, share in seen.classes.items():
        fit = mechanisms & BY_NAME[label].causes
        if fit and share > best:
            best, name, how = share, label, min(fit).replace("_", " ")
    if best:
        c.weigh(
            (worth.fits + worth.fits_share * best) * min(1.0, best / _HEARD),
            f"its diff ({how}) is of the kind that causes {name.replace('-', ' ')}",
            specific=True,
        )
    elif c.delta.known:
        c.weigh(worth.fits_nothing, "nothing in its diff is of a kind that causes these symptoms")
    if restated(c.delta):
        c.weigh(worth.restructured, "it restates or moves code and keeps what it does")
    if _loosens(c):
        c.weigh(worth.loosened, "it only raises limits, and by little")
    if Mechanism.DEPENDENCY in mechanisms:
        c.weigh(worth.dependency, "it only moves versions of libraries")
    if Mechanism.BOUNDED in mechanisms and seen.classes.get("memory", 0) >= 0.2:
        c.weigh(worth.bounded, "what it keeps is bounded")


def _loosens(c: Candidate) -> bool:
    """Whether all that a change does is to raise numbers, none of them more than two and a half times."""
    raised = [v for v in c.delta.values if 0 < v.before < v.after <= 2.5 * v.before]
    return bool(raised) and len(raised) == len(c.delta.values) == c.delta.lines


def _weigh_precursors(c: Candidate, seen: Seen, worth: Weights) -> None:
    """A series that began to move when the change went live, well before or until the symptoms."""
    if seen.onset is None:
        return
    best, why = 0.0, ""
    for p in seen.precursors:
        early = seen.onset - p.at > 2 * p.step + seen.slack
        there = not c.service or p.service in {c.service, ""} or _reaches(c, p, seen)
        if not (early or p.ramp) or not there:
            continue
        distance, nature = p.at - c.at, nature_of(p.metric)
        if -2 * p.step <= distance:
            reach = max(3 * p.step, (0.1 if p.ramp else 0.05) * (seen.onset - c.at), 60.0)
            closeness = math.exp(-abs(distance) / reach)
            points = worth.moved_with_it * closeness * min(1.0, p.surprise / 3)
            if nature.nature is Nature.THROUGHPUT and not nature.outgoing:
                points *= worth.moved_traffic
            if not c.service:
                points *= worth.moved_anywhere
            if points > best:
                best, why = (
                    points,
                    f"{p.summary}, {_span(abs(distance))} {'after' if distance >= 0 else 'before'} it went live",
                )
        elif p.ramp:
            c.weigh(
                worth.moved_before_it, f"{p.metric} of {p.service} was already on its way {_span(-distance)} before it"
            )
            return
    if best > 0.3:
        c.weigh(best, why, specific=True)


def _acts_elsewhere(c: Candidate, seen: Seen) -> bool:
    """Whether a change of a schema went out through a job of its own, so that its place says nothing."""
    return Mechanism.SCHEMA_CHANGED in c.delta.mechanisms and c.service not in seen.heard


def _reaches(c: Candidate, p: Precursor, seen: Seen) -> bool:
    """Whether a change that acts elsewhere speaks of what a series measures there."""
    return _acts_elsewhere(c, seen) and any(
        len(name) > 3 and "_" in name and name.lower() in p.summary.lower() for name in c.delta.names
    )


def _weigh_quiet(c: Candidate, found: list[Candidate], seen: Seen, worth: Weights) -> None:
    """A climb on the change's own service that began only when a later change went live: until then nothing had moved."""
    for p in seen.precursors:
        if not p.ramp or p.service != c.service or p.at - c.at <= 3 * p.step:
            continue
        if any(o.service == c.service and o.at > c.at and abs(p.at - o.at) <= 2 * p.step for o in found):
            c.weigh(
                worth.quiet_until_later,
                f"{p.metric} stayed flat for {_span(p.at - c.at)} after it and climbed with a later change",
            )
            return


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
