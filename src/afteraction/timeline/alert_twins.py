"""Which alerts of two products tell of one thing: a monitor's alert and the page that it raised.

Events come in; out goes, for each key under which a pager knows a page, the key of the alert that raised it. A page is an
alert's when it was raised within the time in which alerts are passed on, names the alert and its service in its title or
labels, contradicts none of its labels, and nothing else could be meant on either side. In doubt there is no twin: two rows
that tell of one thing do less harm than one row that hides a second.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from afteraction.model.event import Alert, Event, EventKind

PASSED_ON = timedelta(minutes=3)
"""How long after an alert fired its page may be raised: Alertmanager waits half a minute for more of the group, pagers a
minute or two for an alert that may end by itself."""
AHEAD = timedelta(seconds=60)
"""How long before the alert, by another clock, its page may stand."""
_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"[a-z][A-Z]|\w[_.\- ]\w")
_GRADES = {"severity", "priority", "level", "urgency", "status", "state", "class"}
"""Labels by which products grade one thing differently."""
_SHORTEST = 4
_STORM = 300
"""Alerts within `AHEAD` and `PASSED_ON`, above which it is not tried to tell whose page is which."""


@dataclass(frozen=True, slots=True)
class _Firing:
    """An alert that fired, with the words that identify it and those in which it is told."""

    event: Event
    alert: Alert
    name: str
    service: str
    words: str


def twin_keys(events: Sequence[Event]) -> dict[str, str]:
    """Return the alert's key for each page's key; `events` in any order. O(n log n) for alerts that are spread in time."""
    firing = sorted(
        (_firing(event) for event in events if event.kind is EventKind.ALERT_FIRING and isinstance(event.detail, Alert) and event.detail.key),
        key=lambda f: (f.event.at, f.alert.key),
    )  # fmt: skip
    if len({f.event.source for f in firing}) < 2:
        return {}
    times = [f.event.at for f in firing]
    pages: dict[int, set[int]] = {}
    raised_by: dict[int, set[int]] = defaultdict(set)
    for number, alert in enumerate(firing):
        first, last = bisect_left(times, alert.event.at - AHEAD), bisect_left(times, alert.event.at + PASSED_ON)
        if last - first > _STORM:
            pages[number] = set()
            continue
        pages[number] = {other for other in range(first, last) if _tells_of(firing[other], alert)}
        for page in pages[number]:
            raised_by[page].add(number)
    found: dict[str, set[str]] = defaultdict(set)
    for page, alerts in raised_by.items():
        page_key = firing[page].alert.key
        keys = {firing[number].alert.key for number in alerts}
        others = {firing[other].alert.key for number in alerts for other in pages[number] if firing[other].event.source == firing[page].event.source}  # fmt: skip
        found[page_key] |= keys if others == {page_key} else {*keys, ""}
    return _settled({page: next(iter(keys)) for page, keys in found.items() if len(keys) == 1 and "" not in keys})


def _settled(keys: Mapping[str, str]) -> dict[str, str]:
    """Give each page the key of the alert at the end of its chain; of two that name each other one is the other's page."""
    plain = {page: key for page, key in keys.items() if keys.get(key) != page or page > key}
    found: dict[str, str] = {}
    for page, key in plain.items():
        passed = {page}
        while key in plain and key not in passed:
            passed.add(key)
            key = plain[key]  # noqa: PLW2901  the chain is followed to its end
        if key not in passed:
            found[page] = key
    return found


def _firing(event: Event) -> _Firing:
    alert = event.detail
    assert isinstance(alert, Alert)
    labels = " ".join(value for _, value in alert.labels)
    return _Firing(
        event=event,
        alert=alert,
        name=_spaced(alert.name),
        service=_spaced(event.service),
        words=_spaced(f"{alert.name} | {event.text} | {event.service} | {labels}"),
    )


def _spaced(text: str) -> str:
    """Return a text's words in small letters with a blank before, between and after them."""
    return f" {' '.join(_WORD.findall(text.lower()))} " if text else ""


def _tells_of(page: _Firing, alert: _Firing) -> bool:
    if page.event.source == alert.event.source or page.event.origin.file == alert.event.origin.file:
        return False
    if page.alert.key == alert.alert.key or len(alert.name.strip()) < _SHORTEST or alert.name not in page.words:
        return False
    if alert.service:
        if alert.service not in page.words:
            return False
    elif not _JOINED.search(alert.alert.name):
        return False
    known = {name.lower(): value for name, value in alert.alert.labels if name.lower() not in _GRADES}
    return all(known.get(name.lower(), value) == value for name, value in page.alert.labels)
