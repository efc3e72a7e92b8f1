"""What is seen of an incident, put together once for the rules that weigh changes and outside causes against it.

In: signals, blamed services, alerts, precursors and the onset. Out: one value with the texts of the symptoms, the code
frames in them, who was hurt and in which order. It decides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from afteraction.evidence.blame import Blamed
from afteraction.evidence.callgraph import CallGraph
from afteraction.evidence.signals import Nature, Signal
from afteraction.evidence.symptoms import classes_of
from afteraction.model.event import Event
from afteraction.model.origin import Origin

_FRAME = re.compile(
    r"([\w.-]+\.(?:go|py|java|kt|js|jsx|ts|tsx|rb|rs|c|cc|cpp|cs|php|scala|ex|erl|swift|lua|pl|sql))\b(?::(\d+))?"
)
_CALLED = re.compile(r"\.?([A-Za-z_]\w{2,})\s*(?:\(|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Precursor:
    """A series of a service that moved before or with the symptoms: a step, or a ramp that went on until them.

    `at` in seconds since the epoch, `step` the sampling step around it; `before` and `after` are levels.
    """

    service: str
    metric: str
    at: float
    step: float
    before: float
    after: float
    ramp: bool
    surprise: float
    summary: str
    citation: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words of a symptom, of which service, how much they weigh, and where they stand."""

    text: str
    service: str
    weight: float
    citation: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The incident as seen. `onset` in seconds since the epoch (None: not known) with its half-width."""

    onset: float | None
    slack: float
    blamed: tuple[Blamed, ...]
    signals: tuple[Signal, ...]
    texts: tuple[Text, ...]
    alerts: tuple[Event, ...]
    precursors: tuple[Precursor, ...]
    graph: CallGraph
    services: frozenset[str]
    heard: frozenset[str] = frozenset()
    """The services that series or spans tell of. A migration's job is none: what it does shows elsewhere."""
    events: tuple[Event, ...] = ()
    felt: float | None = None
    """How surprisingly the entries suffered; None when no entry is known or measured."""
    told: bool = False
    """Whether somebody said that there is an incident: by a window or an alert."""
    classes: dict[str, float] = field(default_factory=dict)

    def share(self, service: str) -> float:
        """How much `service` is blamed beside the most blamed one, 0..1."""
        top = self.blamed[0].score if self.blamed else 0.0
        mine = next((b.score for b in self.blamed if b.service == service), 0.0)
        return mine / top if top else 0.0

    def hurt(self, service: str) -> bool:
        """Whether anything that users or callers feel was seen at `service`."""
        felt = {Nature.LATENCY, Nature.ERRORS, Nature.LOG, Nature.FLOW}
        return any(s.service == service and s.nature in felt and s.strength >= 1 for s in self.signals)


def texts_of(signals: tuple[Signal, ...], alerts: tuple[Event, ...], blamed: tuple[Blamed, ...]) -> tuple[Text, ...]:
    """Collect the words: what blamed services say weighs most, what others say about them a third."""
    top = blamed[0].score if blamed else 0.0
    score = {b.service: b.score / top for b in blamed} if top else {}
    out = []
    for signal in signals:
        weight = signal.strength * (0.3 + 0.7 * score.get(signal.service, 0.0))
        said = signal.excerpt or (signal.terms if signal.nature is not Nature.HOST else ())
        out += [Text(text=t, service=signal.service, weight=weight, citation=signal.citations[0]) for t in said]
    loudest = max((t.weight for t in out), default=1.0)
    for alert in alerts:
        out.append(Text(text=alert.text, service=alert.service, weight=loudest, citation=alert.origin))
        labels = getattr(alert.detail, "labels", ())
        out += [
            Text(text=value, service=alert.service, weight=loudest, citation=alert.origin)
            for key, value in labels
            if key in {"metric", "alertname", "reason", "description"}
        ]
    return tuple(sorted(out, key=lambda t: -t.weight))


def classify(texts: tuple[Text, ...]) -> dict[str, float]:
    """The symptom classes of the loudest texts."""
    return classes_of([(t.text, t.weight) for t in texts[:40]])


def frames_of(text: str) -> list[tuple[str, str]]:
    """Source files named in a text, with the identifier that stands before or after them (a function, mostly)."""
    out = []
    for found in _FRAME.finditer(text):
        before = re.findall(r"[A-Za-z_]\w{2,}", text[max(0, found.start() - 60) : found.start()])
        after = re.findall(r"[A-Za-z_]\w{2,}", text[found.end() : found.end() + 60])
        out.append((found[1], " ".join([*before[-1:], *after[:2]])))
    return out
