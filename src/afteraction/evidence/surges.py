"""Demand that grew by itself: more requests at the entries before or with the symptoms.

In: the incident as seen and all series. Out: an outside cause with points and citations, or nothing. Growth that begins
below the hurt service (a retry storm, a fan-out) is no demand. Refuses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from afteraction.evidence.metrics.nature import nature_of
from afteraction.evidence.seen import Precursor, Seen
from afteraction.evidence.signals import Nature
from afteraction.evidence.weights import Weights
from afteraction.evidence.world import Outside, first_hurt, loud
from afteraction.model.finding import FindingKind, SuspectKind
from afteraction.model.series import Series


def surge(seen: Seen, series: Sequence[Series], worth: Weights) -> Outside | None:
    """Demand that grew before or with the symptoms, at a service whose callers (if any) grew as well."""
    if seen.onset is None:
        return None
    top = first_hurt(seen)
    grown: dict[str, Precursor] = {}
    for p in seen.precursors:
        what = nature_of(p.metric)
        if (
            what.nature is Nature.THROUGHPUT
            and p.before > 0
            and p.after > 1.5 * p.before
            and p.at <= seen.onset + 2 * p.step
        ):
            grown[p.service] = p
    below = seen.graph.below(top)
    path = [p for service, p in grown.items() if service == top or top in seen.graph.below(service)]
    if not path or any(c in grown and grown[c].at < min(p.at for p in path) - 2 * grown[c].step for c in below):
        return None
    measured = {s.service for s in series if nature_of(s.metric).nature is Nature.THROUGHPUT}
    callers = {c for c in seen.graph.above(top) if c in measured}
    p = max(path, key=lambda p: p.after / p.before)
    out = Outside(
        name="surge", ref="external/traffic", kind=SuspectKind.EXTERNAL, service=top,
        look_next="requests by client, route and region at the edge since the onset",
    )  # fmt: skip
    ratio = p.after / p.before
    out.weigh(
        min(2.5, worth.surge * ratio),
        f"{p.summary} ({ratio:.1f} times) before the symptoms",
        FindingKind.METRIC,
        p.citation,
    )
    if callers and not any(c in grown for c in callers):
        out.points += worth.surge_not_above
    entry = next((p for service, p in grown.items() if service != top and not seen.graph.callers.get(service)), None)
    if entry and top in seen.graph.below(entry.service):
        out.weigh(worth.surge_from_entry, f"it comes from outside: {entry.summary}", FindingKind.METRIC, entry.citation)
    for weight, text in loud(seen):
        if re.search(
            r"overload|surge|spike|too many requests|429|shedding|queue (is )?full|capacity", text.text, re.IGNORECASE
        ):
            out.weigh(
                worth.surge_said * weight, f"the logs speak of load: {text.text[:120]}", FindingKind.LOG, text.citation
            )
            break
    return out
