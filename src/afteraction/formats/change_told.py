"""What a product tells of one change becomes an event; several records of one change (its states) become one event.

In come fields as text, read by whoever knows the product; out go events in the order of their times. The event stands at
the time at which the change began, since harm may begin before a rollout is done; how it ended stands in its status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from afteraction.formats.change_words import switched
from afteraction.formats.stamps import Stamp
from afteraction.model.event import Actor, ActorKind, Change, ChangeKind, Event, EventKind
from afteraction.model.origin import Origin

_REPOSITORY = re.compile(r"(?:/repos/[^/]+/|^(?:https?://|git@)[^/:]+[/:](?:[^/]+/)*?[^/]+/)(?P<name>[^/?#]+?)(?:\.git)?(?:/-/.*|/(?:releases?|pull|pulls|actions|deployments|commits?|tree|compare|issues|statuses)\b.*)?/?$")  # fmt: skip
_SHA = re.compile(r"[0-9a-f]{7,64}")
_ENDS = ("failed", "rolled back", "succeeded")
_REVERTS = re.compile(r"^\s*revert\b|\bthis reverts commit", re.IGNORECASE)
_BOT = re.compile(
    r"\[bot\]$|^(?:github-actions|gitlab-bot|argocd|flux|helm|renovate|dependabot|automated|system)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChange:
    """One record of a change. `key` is equal for records of one change; empty when the record stands alone."""

    stamp: Stamp
    origin: Origin
    kind: ChangeKind
    noun: str
    ref: str
    product: str = ""
    key: str = ""
    title: str = ""
    version: str = ""
    service: str = ""
    environment: str = ""
    actor: str = ""
    status: str = ""
    finished: Stamp | None = None
    before: str = ""
    after: str = ""


def repository_in(text: str) -> str:
    """Return the repository's name of an address of a code host or its API, else the text as it is."""
    found = _REPOSITORY.search(text)
    return found["name"] if found else text


def last_part(text: str) -> str:
    """Return the last part of an address, else the text as it is."""
    return text.rstrip("/").rpartition("/")[2] if text.startswith(("http://", "https://")) else text


def events_of(changes: Iterable[ToldChange], source: str) -> tuple[Event, ...]:
    """Make events of changes, one for all records of equal key; in order of time."""
    grouped: dict[object, list[ToldChange]] = {}
    for number, change in enumerate(changes):
        grouped.setdefault((change.product, change.key) if change.key else number, []).append(change)
    made = [_event(sorted(group, key=lambda c: c.stamp.at), source) for group in grouped.values()]
    return tuple(sorted(made, key=lambda event: (event.at, event.text)))


def _event(records: list[ToldChange], source: str) -> Event:
    first = _joined(records)
    title = first.title.split("\n", 1)[0].strip()
    change = Change(
        kind=first.kind,
        ref=first.ref,
        title=title,
        version=first.version,
        before=first.before,
        after=first.after,
        status=first.status,
        environment=first.environment,
    )
    return Event(
        at=first.stamp.at,
        precision=first.stamp.precision,
        zone=first.stamp.zone,
        kind=EventKind.CHANGE,
        text=_sentence(first, change),
        source=source,
        origin=first.origin,
        actor=Actor(name=first.actor, kind=ActorKind.TOOL if _BOT.search(first.actor) else ActorKind.UNKNOWN) if first.actor else None,
        service=first.service,
        detail=change,
        also=tuple(record.origin for record in records[1:]),
    )  # fmt: skip


def _joined(records: list[ToldChange]) -> ToldChange:
    """Return one record for all: the first time, the last state, and what any of them knows."""
    first, last = records[0], records[-1]
    ends = [record for record in records if record.status in _ENDS]
    ended = first.finished or (ends[0].stamp if ends and ends[0] is not first else None)
    failed = next((record.status for record in ends if record.status != "succeeded"), "")
    known = replace(
        first,
        status=failed or (ends[-1].status if ends else last.status),
        finished=ended,
        title=next((r.title for r in records if r.title), ""),
        service=next((r.service for r in records if r.service), ""),
        environment=next((r.environment for r in records if r.environment), ""),
        actor=next((r.actor for r in records if r.actor), ""),
        version=next((r.version for r in records if r.version), ""),
    )
    reverts = known.kind is ChangeKind.COMMIT and _REVERTS.search(known.title)
    return replace(known, kind=ChangeKind.ROLLBACK) if reverts else known


def _sentence(told: ToldChange, change: Change) -> str:
    if told.kind is ChangeKind.COMMIT or (told.kind is ChangeKind.ROLLBACK and _REVERTS.search(told.title)):
        return told.title.strip() or f"commit {told.ref[:12]}"
    if told.kind is ChangeKind.FLAG:
        return _flag(told, change)
    if told.kind is ChangeKind.CONFIG:
        return _setting(told, change)
    noun = "rollback" if told.kind is ChangeKind.ROLLBACK else told.noun
    of = f" of {told.service}" if told.service else ""
    what = change.version if change.version and not _SHA.fullmatch(change.version) else ""
    revision = told.ref.removeprefix(f"{told.service}.v") if told.service else told.ref
    number = f"(revision {revision})" if revision != told.ref else told.ref
    sha = told.ref[:8] if _SHA.fullmatch(told.ref) else number
    names = " ".join(dict.fromkeys(part for part in (what, sha) if part and part != told.service))
    to = f" to {told.environment}" if told.environment else ""
    took = _took(told)
    status = f" {told.status}{took}" if told.status else took
    said = f": {change.title}" if change.title and change.title != told.service and change.title not in names else ""
    return f"{noun}{of}{f' {names}' if names else ''}{to}{status}{said}"


def _setting(told: ToldChange, change: Change) -> str:
    """Word a change of settings: an object by what was done to it, a call or run by its name."""
    if told.noun == "object":
        return " ".join(part for part in (change.title, told.ref, change.after or "changed") if part)
    where = f" in {told.environment}" if told.environment else ""
    status = f" {told.status}" if told.status else ""
    said = f": {change.title}" if change.title and change.title != told.ref else ""
    return " ".join(part for part in (told.service, told.ref) if part) + where + status + said


def _took(told: ToldChange) -> str:
    """Say how long a change took where it is told; what took less than a minute says nothing worth reading."""
    if told.finished is None:
        return ""
    minutes = (told.finished.at - told.stamp.at).total_seconds() / 60
    return f" after {minutes:.0f} min" if 1 <= minutes < 24 * 60 else ""


def _flag(told: ToldChange, change: Change) -> str:
    place = f" in {told.environment}" if told.environment else ""
    if change.before and change.after:
        return f"flag {told.ref}{place} changed from {change.before} to {change.after}"
    turned = change.after or switched(change.title)
    if turned in {"on", "off"}:
        return f"flag {told.ref}{place} turned {turned}"
    said = f": {change.title}" if change.title and change.title != told.ref else ""
    return f"flag {told.ref}{place} changed{said}"
