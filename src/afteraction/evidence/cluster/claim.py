"""The claim: what one rule says about one object; and the rule itself, with the text of its page in the docs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from afteraction.evidence.cluster.items import Cited, Cluster


class Depth(IntEnum):
    """How far from a cause a claim is: what was set wrong, what failed by it, what was felt of it."""

    CAUSE = 0
    FAILURE = 1
    SYMPTOM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One rule's word on one object.

    `ref` names the faulty object (`app/x`, `node/x`, `namespace/x`); `weight` 0..1 says how sure the rule is that this
    is wrong and matters; `hurts` are the refs that suffer from it; `cited` the lines that it rests on. `at` is the last
    time that it was seen; where the rule does not say, it is that of the events that are cited.
    """

    rule: str
    ref: str
    cause: str
    summary: str
    weight: float
    cited: tuple[Cited, ...]
    depth: Depth = Depth.CAUSE
    namespace: str = ""
    hurts: tuple[str, ...] = ()
    look_next: str = ""
    chronic: bool = False
    count: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: its id, what it says in a line, what it reads, which cause classes it gives, and its page."""

    id: str
    title: str
    reads: str
    causes: tuple[str, ...]
    page: str
    check: Callable[[Cluster], Iterable[Claim]]
