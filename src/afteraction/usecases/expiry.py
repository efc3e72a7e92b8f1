"""Which material of an incident will vanish, when, and what of it is kept already.

An incident with its frozen material comes in, with the collectors that are set up; out comes a clock for each kind of material.
Lifetimes are the products' defaults or what the settings say (`keeps`): the API server of Kubernetes forgets an event after an
hour (`--event-ttl`), Prometheus a sample after 15 days (`--storage.tsdb.retention.time`), Slack shows 90 days without a paid plan.
Nobody is asked whether it is still there; a clock that says `gone` may be wrong in a cluster that keeps events longer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from afteraction.errors import NotInRecord
from afteraction.model.collecting import CollectorSettings
from afteraction.model.record import Incident, RawMaterial
from afteraction.ports.store import Transaction


class ExpiryState(StrEnum):
    """How it stands with one kind of material."""

    KEPT = "kept"
    """All of it, up to the end of the incident."""
    PARTLY_KEPT = "partly kept"
    """What was there when it was last captured; the incident went on."""
    NOT_KEPT = "not kept"
    VANISHING = "vanishing"
    """Not kept, and the first of it is gone by its clock."""
    GONE = "gone"
    """Not kept, and all of it is gone by its clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """The clock of one kind of material.

    `vanishes_from` is when the first of it that belongs to the incident vanishes, `gone_at` when the last does; None where no clock
    decides, or where the incident is still open. `kept_at` is when it was last captured.
    """

    what: str
    product: str
    lives: str
    vanishes_from: datetime | None
    gone_at: datetime | None
    kept_at: datetime | None
    state: ExpiryState
    save: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A kind of material: how long it lives (None: no clock decides, `lives` says what does), and the names of its files."""

    product: str
    what: str
    lives: str
    life: timedelta | None
    files: re.Pattern[str]


_KINDS = (
    _Kind(product="kubernetes", what="events of the cluster", lives="{} after they were seen", life=timedelta(hours=1),
          files=re.compile(r"(^|/)events\b[^/]*$|cluster-info", re.IGNORECASE)),
    _Kind(product="kubernetes", what="logs of the run before", lives="until the container restarts again", life=None,
          files=re.compile(r"(^|/)previous-[^/]*$")),
    _Kind(product="kubernetes", what="pods, their logs, why they ended", lives="until the pod is replaced", life=None,
          files=re.compile(r"(^|/)(log|pods|describe-pods)-[^/]*$")),
    _Kind(product="kubernetes", what="what changed deployments", lives="the last 10 rollouts", life=None,
          files=re.compile(r"(^|/)(rollout-history|replicasets|workloads)\b[^/]*$")),
    _Kind(product="alertmanager", what="alerts that resolved", lives="minutes after they resolve", life=timedelta(minutes=5),
          files=re.compile(r"alertmanager/")),
    _Kind(product="prometheus", what="metrics", lives="{}", life=timedelta(days=15), files=re.compile(r"prometheus/")),
    _Kind(product="loki", what="logs in Loki", lives="as long as its retention says", life=None, files=re.compile(r"loki/")),
    _Kind(product="slack", what="messages", lives="{} without a paid plan", life=timedelta(days=90), files=re.compile(r"slack/")),
    _Kind(product="pagerduty", what="log entries of pages", lives="as long as the account", life=None, files=re.compile(r"pagerduty/")),
    _Kind(product="github", what="deployments, releases, commits", lives="as long as the repository", life=None,
          files=re.compile(r"github/")),
    _Kind(product="gitlab", what="deployments, releases, commits", lives="as long as the project", life=None,
          files=re.compile(r"gitlab/")),
)  # fmt: skip


def expiries(
    record: Transaction, incident: str, *, at: datetime, collectors: Sequence[CollectorSettings] = ()
) -> tuple[Expiry, ...]:
    """Return the clocks of an incident's material, what vanishes first first.

    Kubernetes is always among it, since nothing vanishes faster; another product when it is set up or something of it is kept.

    Raises:
        NotInRecord: when the record holds no such incident.
    """
    known = record.incident(incident)
    if known is None:
        raise NotInRecord(f"the record holds no incident {incident}; `afteraction incident list` shows what there is")
    material = record.material(incident)
    set_up = {one.name: one for one in collectors}
    found = []
    for kind in _KINDS:
        kept = [one for one in material if kind.files.search(one.name)]
        if kept or kind.product in set_up or kind.product == "kubernetes":
            found.append(_clock(kind, known, kept, set_up.get(kind.product), at))
    return tuple(sorted(found, key=lambda one: (one.vanishes_from is None, one.vanishes_from or at)))


def _clock(
    kind: _Kind, incident: Incident, kept: Sequence[RawMaterial], set_up: CollectorSettings | None, at: datetime
) -> Expiry:
    life = (set_up.keeps if set_up else None) or kind.life
    lives = kind.lives.format(_worded(life)) if life else kind.lives
    if set_up and set_up.keeps and not kind.life:
        lives = _worded(set_up.keeps)
    ended = incident.closed_at
    kept_at = max((one.captured_at for one in kept), default=None)
    vanishes_from = incident.opened_at + life if life else None
    gone_at = ended + life if life and ended else None
    if kept_at is not None and (ended or at) <= kept_at:
        state = ExpiryState.KEPT
    elif kept_at is not None:
        state = ExpiryState.PARTLY_KEPT
    elif gone_at is not None and gone_at <= at:
        state = ExpiryState.GONE
    elif vanishes_from is not None and vanishes_from <= at:
        state = ExpiryState.VANISHING
    else:
        state = ExpiryState.NOT_KEPT
    save = f"afteraction collect --incident {incident.id} --only {kind.product}" if set_up else "afteraction capture"
    return Expiry(
        what=kind.what, product=kind.product, lives=lives, vanishes_from=vanishes_from, gone_at=gone_at, kept_at=kept_at,
        state=state, save=save,
    )  # fmt: skip


def _worded(life: timedelta) -> str:
    """Return a length of time in its largest whole unit."""
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count, rest = divmod(int(life.total_seconds()), seconds)
        if count and not rest:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{int(life.total_seconds())} seconds"
