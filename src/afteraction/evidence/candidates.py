"""The changes that could be to blame: commits joined with their deploys, each with the time and place at which it acted.

In: events that are changes, and the names of services. Out: candidates without points. A commit that no deploy names
goes live with the next build of its service, which is found by the folder it touches. Refuses nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from afteraction.evidence.diffs import Delta, delta_of
from afteraction.model.event import Change, ChangeKind, Event, EventKind
from afteraction.model.origin import Origin


@dataclass(slots=True)
class Candidate:
    """A change with its effective time (seconds since the epoch), the service it went to, and its points."""

    ref: str
    kind: ChangeKind
    title: str
    service: str
    at: float
    delta: Delta
    origins: tuple[Origin, ...]
    paths: tuple[str, ...] = ()
    versions: frozenset[str] = frozenset()
    """What its deploys call themselves."""
    deployed: bool = False
    points: float = 0.0
    pro: list[tuple[float, str]] = field(default_factory=list)
    contra: list[tuple[float, str]] = field(default_factory=list)
    specific: float = 0.0
    ruled_out: str = ""

    def weigh(self, points: float, why: str, *, specific: bool = False) -> None:
        """Add a piece of evidence; `specific` marks what ties this change's content to these symptoms."""
        if not points:
            return
        self.points += points
        (self.pro if points > 0 else self.contra).append((points, why))
        if specific and points > 0:
            self.specific += points


def candidates_of(events: Iterable[Event], services: frozenset[str]) -> list[Candidate]:
    """Join commits with their deploys; a commit that was never deployed by name goes live with the next deploy."""
    changes = [(e, e.detail) for e in events if e.kind is EventKind.CHANGE and isinstance(e.detail, Change)]
    deploys = [(e, c) for e, c in changes if c.kind is ChangeKind.DEPLOY]
    commits = [(e, c) for e, c in changes if c.kind is ChangeKind.COMMIT]
    used: set[int] = set()
    out = []
    owners: dict[str, Counter[str]] = {}
    for event, commit in commits:
        own = [(i, d) for i, (d, c) in enumerate(deploys) if _same(c.ref, commit.ref)]
        used |= {i for i, _ in own}
        if own:
            first = min((d for _, d in own), key=lambda d: d.at)
            out.append(_candidate(event, commit, first.service or event.service, first.at.timestamp(), (event, first)))
            for path in commit.files:
                owners.setdefault(_area(path), Counter())[first.service] += 1
        else:
            out.append(_candidate(event, commit, event.service, event.at.timestamp(), (event,)))
    for i, (event, change) in enumerate(deploys):
        if i not in used:
            out.append(_candidate(event, change, event.service, event.at.timestamp(), (event, event)))
    for event, change in changes:
        if change.kind not in {ChangeKind.DEPLOY, ChangeKind.COMMIT}:
            out.append(_candidate(event, change, event.service, event.at.timestamp(), (event, event)))
    _place(out, deploys, owners, services)
    return out


def _candidate(event: Event, change: Change, service: str, at: float, events: tuple[Event, ...]) -> Candidate:
    return Candidate(
        ref=change.ref or change.version, kind=change.kind, title=change.title or event.text, service=service, at=at,
        delta=delta_of(change.files, change.diff, change.title or event.text), paths=change.files,
        origins=tuple(dict.fromkeys(e.origin for e in events)), deployed=len(events) > 1,
        versions=frozenset(
            e.detail.version for e in events if isinstance(e.detail, Change) and _tells(e.detail.version)
        ),
    )  # fmt: skip


def _tells(version: str) -> bool:
    """Whether a version is long enough that a text which holds it means it."""
    return len(version) >= 4 and any(c.isdigit() for c in version)


def _same(one: str, other: str) -> bool:
    return bool(one) and bool(other) and (one == other or (min(len(one), len(other)) >= 7 and
                                                           (one.startswith(other) or other.startswith(one))))  # fmt: skip


def _area(path: str) -> str:
    return "/".join(path.split("/")[:2])


def _place(
    found: list[Candidate],
    deploys: list[tuple[Event, Change]],
    owners: dict[str, Counter[str]],
    services: frozenset[str],
) -> None:
    """Find the service of commits that no deploy names: by the folder others of that service touch, or its name."""
    for candidate in found:
        if candidate.service or candidate.kind is not ChangeKind.COMMIT:
            continue
        counts: Counter[str] = Counter()
        for path in candidate.paths:
            area = _area(path)
            if area.count("/") and owners.get(area):
                counts.update(owners[area])
            else:
                counts.update(s for s in services if any(_names(part, s) for part in path.split("/")[:-1]))
        if counts:
            candidate.service = counts.most_common(1)[0][0]
        later = [e.at.timestamp() for e, _ in deploys if e.at.timestamp() >= candidate.at
                 and (not candidate.service or e.service == candidate.service)]  # fmt: skip
        if deploys:
            candidate.at = min(later) if later else math.inf


def _names(part: str, service: str) -> bool:
    one, other = re.sub(r"\W|_", "", part).lower(), re.sub(r"\W|_", "", service).lower()
    return len(one) >= 3 and (one == other or (len(one) >= 4 and one in other))
