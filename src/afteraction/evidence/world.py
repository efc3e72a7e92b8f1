"""What every rule about the world shares: an outside cause with its points, the loud texts, and who suffers first.

In: the incident as seen. Out: values for the rules of outside causes. It judges nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from afteraction.evidence.seen import Seen, Text
from afteraction.model.finding import FindingKind, SuspectKind
from afteraction.model.origin import Origin


@dataclass(slots=True)
class Outside:
    """A cause outside of what people changed, with points (log-odds) and where the evidence stands."""

    name: str
    ref: str
    kind: SuspectKind
    service: str
    look_next: str
    points: float = 0.0
    pro: list[tuple[float, str, FindingKind, Origin]] = field(default_factory=list)

    def weigh(self, points: float, why: str, kind: FindingKind, origin: Origin) -> None:
        """Add a piece of evidence with its citation."""
        if not points:
            return
        self.points += points
        self.pro.append((points, why, kind, origin))


def loud(seen: Seen) -> list[tuple[float, Text]]:
    """Return the symptoms' texts with their weight beside the loudest, 0..1."""
    top = max((t.weight for t in seen.texts), default=0.0)
    return [(t.weight / top, t) for t in seen.texts[:60]] if top else []


def first_hurt(seen: Seen) -> str:
    """Return the service that is blamed most, else the one that an alert names; empty when nobody is."""
    return seen.blamed[0].service if seen.blamed else (seen.alerts[0].service if seen.alerts else "")
